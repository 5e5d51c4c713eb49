//! Speaks in frames over TCP, from the command line.
//!
//! The framing says where a message begins or ends on the socket, as `delim:0x17` or `len:u32be`;
//! `influx_transport::framing::AnyCodec` has the whole grammar. On standard input and output a
//! message is a line, unless a second framing says otherwise.

use std::collections::VecDeque;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;

use bytes::Bytes;
use influx_transport::framed::{FrameReader, FrameWriter, FramedSender, FramedTransport};
use influx_transport::framing::AnyCodec;
use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::tls::{TlsIdentity, TlsListener, TlsServerOptions};
use influx_transport::{Connect, Endpoint, Listen, Transport};
use tokio::io::{AsyncRead, Stdin, Stdout, sink, stdin, stdout};
use tokio::sync::mpsc;

const USAGE: &str = "usage: frames COMMAND FRAMING ADDRESS [FRAMING of standard input and output]
  send    connects and sends the messages of standard input
  serve   listens and sends them to the peer that connects
  ask     connects, sends them as requests and prints the answer to each
  listen  listens and prints the messages of all peers, until standard input ends
  listen-tls  the same over TLS; the files of the certificates and the key follow the ADDRESS
A listener prints `listening on ADDRESS` first; port 0 stands for any free port.";

/// Messages that may be under way. Waiting ones go out in one write.
const WINDOW: usize = 256;

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Input<R> = FrameReader<R, AnyCodec>;
type Output = FrameWriter<Stdout, AnyCodec>;

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    eprintln!("frames: {error}");
    ExitCode::FAILURE
}

async fn run() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, framing, address, console) = match &arguments[..] {
        [command, framing, address] => (command, framing, address, "line"),
        [command, framing, address, _, _] if command == "listen-tls" => {
            (command, framing, address, "line")
        }
        [command, framing, address, console] => (command, framing, address, &console[..]),
        _ => return Err(USAGE.into()),
    };
    let codec = framing.parse::<AnyCodec>()?;
    let address: SocketAddr = address.parse()?;
    let console = console.parse::<AnyCodec>()?;
    let input = Input::new(stdin(), console.clone());
    let mut output = Output::new(stdout(), console);
    match &command[..] {
        "send" => send(TcpConnector::from(address), codec, input).await,
        "serve" => send(Accepted(bind(address, &mut output).await?), codec, input).await,
        "ask" => ask(TcpConnector::from(address), codec, input, output).await,
        "listen" => listen(bind(address, &mut output).await?, &codec, output).await,
        "listen-tls" => {
            let [.., certificates, key] = &arguments[..] else { return Err(USAGE.into()) };
            let identity = TlsIdentity::from_files(certificates, key)?;
            let listener = bind(address, &mut output).await?;
            let listener = TlsListener::new(listener, TlsServerOptions::new(identity))?;
            listen(listener, &codec, output).await
        }
        _ => Err(USAGE.into()),
    }
}

async fn send(connector: impl Connect, codec: AnyCodec, mut input: Input<Stdin>) -> Result {
    let sender = FramedSender::new(connector, codec);
    let mut outcomes = VecDeque::new();
    while let Some(message) = next(&mut input).await? {
        outcomes.push_back(sender.enqueue(message).await);
        if outcomes.len() > WINDOW
            && let Some(oldest) = outcomes.pop_front()
        {
            oldest.await?;
        }
    }
    for outcome in outcomes {
        outcome.await?;
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
            output.send(&oldest.await??).await?;
        }
    }
    for answer in answers {
        output.send(&answer.await??).await?;
    }
    Ok(transport.disconnect().await?)
}

/// Ends with an error if a peer sends something that is not a frame, or leaves inside one.
async fn listen(listener: impl Listen, codec: &AnyCodec, mut output: Output) -> Result {
    let (sender, mut messages) = mpsc::channel(WINDOW);
    let (mut stdin, mut sink) = (stdin(), sink());
    let end = tokio::io::copy(&mut stdin, &mut sink);
    tokio::pin!(end);
    loop {
        tokio::select! {
            (stream, _) = listener.accept() => {
                let (mut input, sender) = (Input::new(stream, codec.clone()), sender.clone());
                tokio::spawn(async move {
                    while let Some(message) = next(&mut input).await.transpose() {
                        let failed = message.is_err();
                        if sender.send(message).await.is_err() || failed {
                            return;
                        }
                    }
                });
            }
            Some(message) = messages.recv() => {
                let message = message?;
                // syslog-ng counts a line feed as the end of its messages, which a line has anyway.
                output.send(message.strip_suffix(b"\n").unwrap_or(&message)).await?;
            }
            ended = &mut end => return Ok(ended.map(drop)?),
        }
    }
}

/// The next message, without the frames that the framing says to leave out.
async fn next<R: AsyncRead + Unpin>(input: &mut Input<R>) -> Result<Option<Bytes>> {
    while let Some(frame) = input.next().await? {
        if let Some(message) = frame.into_complete() {
            return Ok(Some(message));
        }
    }
    Ok(None)
}

async fn bind(address: SocketAddr, output: &mut Output) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
    output.send(&format!("listening on {}", listener.local_addr())).await?;
    Ok(listener)
}

/// Accepts the peer instead of connecting to it.
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
