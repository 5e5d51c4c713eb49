//! Speaks in frames over TCP, from the command line.
//!
//! The framing says where a message begins or ends on the socket, as `delim:0x17` or `len:u32be`;
//! `influx_framing::AnyCodec` has the whole grammar. On standard input and output a message is a
//! line, unless a second framing says otherwise.

use std::collections::VecDeque;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;

use bytes::{Bytes, BytesMut};
use influx_framing::{AnyCodec, Encoder};
use influx_transport::{
    Connect, Endpoint, FrameReader, FramedSender, FramedTransport, Listen, TcpConnector,
    TcpListener, Transport,
};
use tokio::io::{AsyncRead, AsyncWriteExt, Stdin, Stdout, sink, stdin, stdout};
use tokio::sync::mpsc;

const USAGE: &str = "usage: frames COMMAND FRAMING ADDRESS [FRAMING of standard input and output]
  send    connects and sends the messages of standard input
  serve   listens and sends them to the peer that connects
  ask     connects, sends them as requests and prints the answer to each
  listen  listens and prints what the peers send, until standard input ends
Who listens prints `listening on ADDRESS` first; port 0 stands for any free one.";

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Input<R> = FrameReader<R, AnyCodec>;

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    eprint!("frames: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprint!(": {error}");
        cause = error.source();
    }
    eprintln!();
    ExitCode::FAILURE
}

async fn run() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (command, framing, address, console) = match arguments[..] {
        [command, framing, address] => (command, framing, address, "line"),
        [command, framing, address, console] => (command, framing, address, console),
        _ => return Err(USAGE.into()),
    };
    let codec = framing.parse::<AnyCodec>()?;
    let address: SocketAddr = address.parse()?;
    let console = console.parse::<AnyCodec>()?;
    let input = Input::new(stdin(), console.clone());
    let mut output = Output { stdout: stdout(), codec: console };
    match command {
        "send" => send(TcpConnector::from(address), codec, input).await,
        "serve" => send(Accepted(output.bind(address).await?), codec, input).await,
        "ask" => ask(TcpConnector::from(address), codec, input, output).await,
        "listen" => listen(output.bind(address).await?, &codec, output).await,
        _ => Err(USAGE.into()),
    }
}

/// How many messages may be under way. Those that wait go out in one write.
const WINDOW: usize = 256;

async fn send(connector: impl Connect, codec: AnyCodec, mut input: Input<Stdin>) -> Result {
    let sender = FramedSender::new(connector, codec);
    let mut receipts = VecDeque::new();
    while let Some(message) = next(&mut input).await? {
        receipts.push_back(sender.enqueue(message).await);
        if receipts.len() > WINDOW
            && let Some(oldest) = receipts.pop_front()
        {
            oldest.await?;
        }
    }
    for receipt in receipts {
        receipt.await?;
    }
    Ok(sender.disconnect().await?)
}

async fn ask(
    connector: impl Connect,
    codec: AnyCodec,
    mut input: Input<Stdin>,
    mut output: Output,
) -> Result {
    let transport = FramedTransport::new(connector, codec);
    let mut answers = VecDeque::new();
    while let Some(request) = next(&mut input).await? {
        let transport = transport.clone();
        answers.push_back(tokio::spawn(async move { transport.send(request).await }));
        if answers.len() > WINDOW
            && let Some(oldest) = answers.pop_front()
        {
            output.print(&oldest.await??).await?;
        }
    }
    for answer in answers {
        output.print(&answer.await??).await?;
    }
    Ok(transport.disconnect().await?)
}

/// Ends with an error if a peer sends what is no frame, or goes away in the middle of one.
async fn listen(listener: TcpListener, codec: &AnyCodec, mut output: Output) -> Result {
    let (sender, mut messages) = mpsc::channel(WINDOW);
    let mut stdin = stdin();
    let mut sink = sink();
    let end = tokio::io::copy(&mut stdin, &mut sink);
    tokio::pin!(end);
    loop {
        tokio::select! {
            (stream, _) = listener.accept() => {
                tokio::spawn(receive(Input::new(stream, codec.clone()), sender.clone()));
            }
            Some(message) = messages.recv() => output.print(&message?).await?,
            ended = &mut end => return Ok(ended.map(drop)?),
        }
    }
}

async fn receive<R: AsyncRead + Unpin>(mut input: Input<R>, messages: mpsc::Sender<Result<Bytes>>) {
    while let Some(message) = next(&mut input).await.transpose() {
        let failed = message.is_err();
        if messages.send(message).await.is_err() || failed {
            return;
        }
    }
}

/// The next message, but for those that the framing says to leave out; `None` at the end.
async fn next<R: AsyncRead + Unpin>(input: &mut Input<R>) -> Result<Option<Bytes>> {
    while let Some(frame) = input.next().await? {
        if let Some(message) = frame.into_complete() {
            return Ok(Some(message));
        }
    }
    Ok(None)
}

/// Messages on standard output.
struct Output {
    stdout: Stdout,
    codec: AnyCodec,
}

impl Output {
    async fn bind(&mut self, address: SocketAddr) -> Result<TcpListener> {
        let listener = TcpListener::bind(address).await?;
        self.print(format!("listening on {}", listener.local_addr()).as_bytes()).await?;
        Ok(listener)
    }

    async fn print(&mut self, message: &[u8]) -> Result {
        let mut bytes = BytesMut::new();
        self.codec.encode(message, &mut bytes)?;
        self.stdout.write_all(&bytes).await?;
        // Whoever reads must not wait for a full buffer.
        Ok(self.stdout.flush().await?)
    }
}

/// Takes the next peer that connects where others dial: who sends need not be who calls.
struct Accepted(TcpListener);

impl Connect for Accepted {
    type Stream = <TcpListener as Listen>::Stream;

    async fn connect(&self) -> std::result::Result<Self::Stream, influx_transport::Error> {
        Ok(self.0.accept().await.0)
    }

    fn endpoint(&self) -> &Endpoint {
        self.0.endpoint()
    }
}
