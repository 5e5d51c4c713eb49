//! Frames over streams that the program owns.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use influx_framing::{AnyCodec, DelimiterCodec, Frame};
use influx_transport::framed::{FrameReader, FrameWriter};
use influx_transport::{Delivery, Error, ErrorKind, Phase};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf, duplex};

use crate::frames::{codec, wire};
use crate::support::run_paused;

fn any(framing: &str) -> AnyCodec {
    framing.parse::<AnyCodec>().unwrap()
}

/// A stream that gives these pieces, each to one read, with a pause before each; and takes one byte
/// a write, with a pause before each.
struct Pieces {
    reads: VecDeque<io::Result<Vec<u8>>>,
    written: Vec<u8>,
    paused: bool,
}

impl Pieces {
    fn new(reads: impl IntoIterator<Item = io::Result<Vec<u8>>>) -> Self {
        Self { reads: reads.into_iter().collect(), written: Vec::new(), paused: false }
    }

    /// Is pending at every other poll.
    fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.paused = !self.paused;
        if !self.paused {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.poll_pause(cx).is_pending() {
            return Poll::Pending;
        }
        if let Some(piece) = self.reads.pop_front() {
            buffer.put_slice(&piece?);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.poll_pause(cx).is_pending() {
            return Poll::Pending;
        }
        self.written.extend_from_slice(&data[..1]);
        Poll::Ready(Ok(1))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Polls a future once and drops it.
async fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let poll = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await;
    match poll {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// All frames, then how it ended, which must be how it stays.
async fn read_all(
    reader: &mut FrameReader<Pieces, AnyCodec>,
) -> (Vec<Frame>, Option<(ErrorKind, Phase)>) {
    let mut frames = Vec::new();
    loop {
        match poll_once(reader.next()).await {
            None => {}
            Some(Ok(Some(frame))) => frames.push(frame),
            Some(Ok(None)) => {
                assert_eq!(reader.next().await.unwrap(), None);
                return (frames, None);
            }
            Some(Err(error)) => {
                let end = (error.kind(), error.phase());
                for again in [reader.next().await, reader.next_buffered()] {
                    let again = again.unwrap_err();
                    assert_eq!((again.kind(), again.phase()), end);
                }
                return (frames, Some(end));
            }
        }
    }
}

/// The same by lent frames, with a limit on the frames of a call.
async fn lend_all(
    reader: &mut FrameReader<Pieces, AnyCodec>,
    most: usize,
) -> (Vec<Frame>, Option<(ErrorKind, Phase)>) {
    let mut frames = Vec::new();
    loop {
        let before = frames.len();
        let lent = poll_once(reader.try_next_each(|frame| {
            let bytes =
                frame.into_complete().expect("no codec here goes on after an oversize frame");
            frames.push(Frame::Complete(Bytes::copy_from_slice(bytes)));
            let stop = frames.len() - before == most;
            Ok::<_, Error>(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        }));
        match lent.await {
            Some(Ok(true)) => assert!((1..=most).contains(&(frames.len() - before))),
            _ if frames.len() > before => panic!("lent without saying so"),
            None => {}
            Some(Ok(false)) => return (frames, None),
            Some(Err(error)) => {
                let again = reader.next_each(|_| panic!("a frame after an error")).await;
                assert_eq!(again.unwrap_err().kind(), error.kind());
                return (frames, Some((error.kind(), error.phase())));
            }
        }
    }
}

/// The input gives these frames and this end, in whatever two pieces it comes, and byte by byte.
async fn check(framing: &str, input: &[u8], frames: &[&'static str], end: Option<ErrorKind>) {
    let frames: Vec<_> =
        frames.iter().map(|text| Frame::Complete(Bytes::from_static(text.as_bytes()))).collect();
    let end = end.map(|kind| (kind, Phase::Receive));
    let cuts = (1..input.len()).map(|cut| vec![input[..cut].to_vec(), input[cut..].to_vec()]);
    let bytes = input.iter().map(|byte| vec![*byte]).collect();
    for pieces in cuts.chain([bytes]) {
        let reader = || FrameReader::new(Pieces::new(pieces.iter().cloned().map(Ok)), any(framing));
        let expected = (frames.clone(), end);
        assert_eq!(read_all(&mut reader()).await, expected, "{framing}: {pieces:?}");
        for most in [1, 2, usize::MAX] {
            let found = lend_all(&mut reader(), most).await;
            assert_eq!(found, expected, "{framing}, {most} lent at a time: {pieces:?}");
        }
    }
}

#[test]
fn frames_are_the_same_whatever_the_cuts() {
    run_paused(async {
        let closed = Some(ErrorKind::Closed);
        check("line", b"one\ntwo\n\n", &["one", "two", ""], None).await;
        check("line", b"one\ntw", &["one"], closed).await;
        check("delim:0x414241", b"oneABAtwoABA", &["one", "two"], None).await;
        check("len:u16be", b"\0\x03one\0\0\0\x03two", &["one", "", "two"], None).await;
        check("len:u16be", b"\0\x03one\0", &["one"], closed).await;
        check("eof", b"the message", &["the message"], None).await;
        let too_large = Some(ErrorKind::TooLarge { what: "frame", limit: 3 });
        check("line,max=3", b"one\nthree\ntwo\n", &["one"], too_large).await;
        let broken = [&b"\x01a"[..], &[0xff; 11]].concat();
        check("varint", &broken, &["a"], Some(ErrorKind::Protocol)).await;
    });
}

#[test]
fn an_input_that_breaks_off_gives_its_whole_frames_first() {
    run_paused(async {
        let reset = Err(io::ErrorKind::ConnectionReset.into());
        let stream = Pieces::new([Ok(b"one\ntwo\nthr".to_vec()), reset, Ok(b"ee\n".to_vec())]);
        let mut reader = FrameReader::new(stream, any("line"));
        let (frames, end) = read_all(&mut reader).await;
        assert_eq!(frames, ["one", "two"].map(|text| Frame::Complete(text.into())));
        assert_eq!(end, Some((ErrorKind::Closed, Phase::Receive)));
    });
}

#[test]
fn a_frame_that_is_cut_off_is_what_remains() {
    run_paused(async {
        let mut reader = FrameReader::new(&b"one\nla"[..], any("line"));
        reader.next().await.unwrap();
        assert!(reader.next().await.unwrap_err().is_closed());
        assert_eq!(reader.into_parts().2, "la");
    });
}

#[test]
fn all_frames_of_a_read_are_handed_out_before_the_next_read() {
    run_paused(async {
        let (mut peer, stream) = duplex(1024);
        let mut reader = FrameReader::new(stream, DelimiterCodec::new(b'\n'));
        assert_eq!(reader.next_buffered().unwrap(), None, "nothing was read");
        peer.write_all(b"one\ntwo\nthr").await.unwrap();
        assert_eq!(reader.next().await.unwrap(), Some(Frame::Complete("one".into())));
        peer.write_all(b"ee\n").await.unwrap();
        assert_eq!(reader.next_buffered().unwrap(), Some(Frame::Complete("two".into())));
        assert_eq!(reader.next_buffered().unwrap(), None);
        assert_eq!(reader.next().await.unwrap(), Some(Frame::Complete("three".into())));
        peer.write_all(b"rest").await.unwrap();
        assert!(tokio::time::timeout(crate::frames::ms(1), reader.next()).await.is_err());
        let (mut stream, _, rest) = reader.into_parts();
        assert_eq!(rest, b"rest"[..]);
        peer.write_all(b"more").await.unwrap();
        assert_eq!(stream.read_u32().await.unwrap(), u32::from_be_bytes(*b"more"));
    });
}

#[test]
fn frames_longer_than_any_read_are_whole() {
    run_paused(async {
        let lengths = [200_000, 1, 300_000, 0, 65_536];
        let (peer, stream) = duplex(100_000);
        let send = async move {
            let mut writer = FrameWriter::new(peer, DelimiterCodec::new(b'\n'));
            for length in lengths {
                writer.feed(vec![b'x'; length]).await.unwrap();
            }
            writer.close().await.unwrap();
        };
        let receive = async move {
            let mut reader = FrameReader::new(stream, DelimiterCodec::new(b'\n'));
            let mut found = Vec::new();
            while let Some(frame) = reader.next().await.unwrap() {
                found.push(frame.into_complete().unwrap().len());
            }
            found
        };
        assert_eq!(tokio::join!(send, receive).1, lengths);
    });
}

/// Has as much to say as is asked for, in lines, and notes how much that was at most.
struct Flood(usize);

impl AsyncRead for Flood {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0 = self.0.max(buffer.remaining());
        buffer.initialize_unfilled().fill(b'\n');
        buffer.advance(buffer.remaining());
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_peer_with_endless_words_does_not_make_reads_endless() {
    run_paused(async {
        let mut reader = FrameReader::new(Flood(0), any("line"));
        for _ in 0..100 {
            assert!(reader.next_each(|_| ()).await.unwrap());
        }
        // A buffer that grows may have room for twice as much as was asked for.
        let most = reader.get_ref().0;
        assert!((64 * 1024..=128 * 1024).contains(&most), "{most}");
    });
}

#[test]
fn dropped_futures_of_a_writer_lose_and_repeat_nothing() {
    run_paused(async {
        let mut writer = FrameWriter::new(Pieces::new([]), codec()).with_high_water(7);
        for message in ["1", "22", "333"] {
            while poll_once(writer.feed(message)).await.is_none() {}
        }
        while poll_once(writer.flush()).await.is_none() {}
        assert_eq!(writer.get_ref().written, [wire("1"), wire("22"), wire("333")].concat());
    });
}

#[test]
fn a_writer_writes_when_it_is_told_or_above_its_mark() {
    run_paused(async {
        let mut writer = FrameWriter::new(Vec::new(), codec()).with_high_water(12);
        let mut fed = BytesMut::new();
        for (message, written) in [("123", 0), ("1234", 0), ("1", 15), ("12345", 15), ("1", 29)] {
            writer.feed(message).await.unwrap();
            fed.extend_from_slice(&wire(message));
            assert_eq!(writer.get_ref(), &fed[..written], "after {message}");
        }
        writer.flush().await.unwrap();
        assert_eq!(*writer.get_ref(), fed);
        writer.feed("unwritten").await.unwrap();
        assert_eq!(writer.into_parts().2, wire("unwritten"));
    });
}

#[test]
fn a_frame_that_the_codec_refuses_harms_no_other() {
    run_paused(async {
        let mut writer = FrameWriter::new(Vec::new(), codec());
        writer.feed("1").await.unwrap();
        let error = writer.feed(vec![0; 1025]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge { what: "frame", limit: 1024 });
        assert_eq!((error.phase(), error.delivery()), (Phase::Send, Delivery::NotSent));
        assert_eq!(error.to_string(), "the frame for the peer exceeds the limit of 1024 bytes");
        writer.send("2").await.unwrap();
        assert_eq!(*writer.get_ref(), [wire("1"), wire("2")].concat());
    });
}

#[test]
fn a_peer_that_takes_no_more_is_reported() {
    run_paused(async {
        let (peer, stream) = duplex(8);
        let mut writer = FrameWriter::new(stream, codec());
        writer.send("1").await.unwrap();
        drop(peer);
        for _ in 0..2 {
            let error = writer.send("2").await.unwrap_err();
            assert_eq!((error.kind(), error.phase()), (ErrorKind::Closed, Phase::Send));
        }
        let (_peer, stream) = duplex(8);
        let mut writer = FrameWriter::new(stream, codec());
        let stuck = tokio::time::timeout(crate::frames::ms(1), writer.send("12345")).await;
        assert!(stuck.is_err());
        assert_eq!(writer.into_parts().2, b"5"[..], "bytes that the peer did not take are kept");
    });
}

#[test]
fn closing_sends_what_waits_and_leaves_the_other_direction_open() {
    run_paused(async {
        let (mut peer, stream) = duplex(64);
        let (input, output) = tokio::io::split(stream);
        let mut reader = FrameReader::new(input, codec());
        let mut writer = FrameWriter::new(output, codec());
        writer.feed("1").await.unwrap();
        writer.close().await.unwrap();
        let mut sent = Vec::new();
        peer.read_to_end(&mut sent).await.unwrap();
        assert_eq!(sent, wire("1"));
        peer.write_all(&wire("one")).await.unwrap();
        assert_eq!(reader.next().await.unwrap(), Some(Frame::Complete("one".into())));
    });
}
