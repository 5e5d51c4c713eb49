//! Frames that are lent, and answered while they are.

use std::ops::ControlFlow;

use bytes::Bytes;
use influx_framing::{DelimiterCodec, Frame};
use influx_transport::framed::{FrameReader, FrameWriter};
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::{Connect, Delivery, Error, ErrorKind, Listen, Phase};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, duplex, split};

use crate::frames::{codec, ms, wire};
use crate::support::{run, run_paused};

/// Long answers to short requests.
const ANSWER: usize = 1000;
const MARK: usize = 4000;

/// Answers each request with its first byte, many times. Returns how much waited at most.
async fn serve(stream: impl AsyncRead + AsyncWrite) -> Result<usize, Error> {
    let (input, output) = split(stream);
    let mut requests = FrameReader::new(input, DelimiterCodec::new(b'\n'));
    let mut answers = FrameWriter::new(output, codec()).with_high_water(MARK);
    let (mut waiting, mut most) = (0, 0);
    while requests
        .try_next_each(|request| {
            let answer = [request.into_complete().unwrap_or_default()[0]; ANSWER];
            waiting += 4 + answer.len();
            most = most.max(waiting);
            answers.try_feed(answer)
        })
        .await?
    {
        answers.flush().await?;
        waiting = 0;
    }
    answers.close().await?;
    Ok(most)
}

#[test]
fn requests_that_come_together_are_answered_without_filling_the_writer() {
    run(async {
        let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let connector = TcpConnector::from(listener.local_addr());
        let server = tokio::spawn(async move { serve(listener.accept().await.0).await });
        let (input, output) = split(connector.connect().await.unwrap());
        let requests = (b'a'..=b'z').cycle().take(5000);
        let mut wanted = requests.clone();
        let ask = async {
            let mut writer = FrameWriter::new(output, DelimiterCodec::new(b'\n'));
            for request in requests {
                writer.feed([request]).await.unwrap();
            }
            writer.close().await.unwrap();
        };
        let check = async {
            let mut reader = FrameReader::new(input, codec());
            let mut visit = |answer: Frame<&[u8]>| {
                let answer = answer.into_complete().unwrap();
                assert_eq!(answer, [wanted.next().unwrap(); ANSWER]);
            };
            while reader.next_each(&mut visit).await.unwrap() {}
            assert_eq!(wanted.next(), None);
        };
        tokio::join!(ask, check);
        let most = server.await.unwrap().unwrap();
        assert!(most >= MARK, "requests came together");
        assert!(most < MARK + 4 + ANSWER, "{most} bytes waited");
    });
}

#[test]
fn a_peer_that_reads_no_answer_is_asked_for_no_more_requests() {
    run_paused(async {
        let (mut peer, stream) = duplex(1000);
        let server = tokio::spawn(serve(stream));
        let flood = async { while peer.write_all(b"x\n").await.is_ok() {} };
        assert!(tokio::time::timeout(ms(1), flood).await.is_err(), "the peer is held up");
        drop(peer);
        assert!(server.await.unwrap().unwrap_err().is_closed());
    });
}

/// The error of a visitor of our own.
#[derive(Debug)]
enum Fault {
    Visitor,
    Reader(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Reader(error)
    }
}

#[test]
fn after_an_error_of_the_visitor_the_next_frame_is_lent() {
    run_paused(async {
        let mut reader = FrameReader::new(&b"one\nbad\ntwo\nthr"[..], DelimiterCodec::new(b'\n'));
        let mut lent = Vec::new();
        let mut visit = |frame: Frame<&[u8]>| {
            let bytes = frame.into_complete().unwrap();
            if bytes == b"bad" {
                return Err(Fault::Visitor);
            }
            lent.push(Bytes::copy_from_slice(bytes));
            Ok(ControlFlow::Continue(()))
        };
        let failed = reader.try_next_each(&mut visit).await;
        assert!(matches!(failed, Err(Fault::Visitor)), "{failed:?}");
        assert!(reader.try_next_each(&mut visit).await.unwrap());
        let Err(Fault::Reader(error)) = reader.try_next_each(&mut visit).await else {
            panic!("the last frame is cut off")
        };
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Closed, Phase::Receive));
        assert_eq!(lent, ["one", "two"]);
    });
}

#[test]
fn a_writer_takes_frames_up_to_its_mark() {
    run_paused(async {
        let mut writer = FrameWriter::new(Vec::new(), codec()).with_high_water(12);
        let too_long = writer.try_feed(vec![0; 1025]).unwrap_err();
        assert_eq!(too_long.kind(), ErrorKind::TooLarge { what: "frame", limit: 1024 });
        assert!(writer.try_feed("123").unwrap().is_continue());
        assert!(writer.try_feed("1").unwrap().is_break());
        let error = writer.try_feed("refused").unwrap_err();
        assert_eq!((error.phase(), error.delivery()), (Phase::Send, Delivery::NotSent));
        assert!(error.to_string().contains("flush before"), "{error}");
        assert!(writer.get_ref().is_empty(), "nothing is written unasked");
        writer.flush().await.unwrap();
        assert_eq!(*writer.get_ref(), [wire("123"), wire("1")].concat());
        assert!(writer.try_feed("goes on").unwrap().is_continue());
    });
}

#[test]
fn a_writer_without_room_takes_one_frame_at_a_time() {
    run_paused(async {
        let mut writer = FrameWriter::new(Vec::new(), codec()).with_high_water(0);
        for message in ["", "22"] {
            assert!(writer.try_feed(message).unwrap().is_break());
            writer.try_feed("refused").unwrap_err();
            writer.flush().await.unwrap();
        }
        assert_eq!(*writer.get_ref(), [wire(""), wire("22")].concat());
    });
}
