//! Tests of programs that talk to Riemann, without a Riemann.

use bytes::Bytes;
use influx_framing::LengthCodec;
use influx_transport::framed::{FramedSender, FramedTransport};
use influx_transport::memory::MemoryTransport;
use influx_transport::tcp::TcpConnector;
use influx_transport::tls::TlsConnector;
use influx_transport::udp::UdpTransport;
use influx_transport::{BoxTransport, Transport};

use crate::client::Client;
use crate::message::{Event, Msg};
use crate::support::{event, refusal, run_paused, transport_error};

fn message(events: Vec<Event>) -> Bytes {
    Msg { events, ..Msg::default() }.to_bytes()
}

fn answer(ok: bool, error: Option<&str>, events: Vec<Event>) -> Bytes {
    let error = error.map(str::to_owned);
    Msg { ok: Some(ok), error, events, ..Msg::default() }.to_bytes()
}

#[test]
fn messages_are_recorded_and_answers_are_what_the_test_says() {
    run_paused(async {
        let yes = answer(true, None, vec![]);
        let found = answer(true, None, vec![event("found")]);
        let no = answer(false, Some("it is full"), vec![]);
        let client = Client::new(MemoryTransport::new([Ok(yes), Ok(found), Ok(no)]));
        let transport = client.transport();
        transport.connect().await.unwrap();
        client.events(vec![event("a"), event("b")]).await.unwrap();
        assert_eq!(client.query("true").await.unwrap(), [event("found")]);
        assert_eq!(refusal(client.events(vec![event("c")]).await), "it is full");
        transport.disconnect().await.unwrap();
        // Messages, not events; connecting and disconnecting takes none of them away.
        let sent = transport.take_requests();
        assert_eq!(sent.len(), 3);
        assert_eq!(sent[0], message(vec![event("a"), event("b")]));
        assert_eq!(sent[2], message(vec![event("c")]));
        // They are handed out once.
        assert!(transport.take_requests().is_empty());
    });
}

#[test]
fn a_request_that_the_test_did_not_foresee_fails() {
    run_paused(async {
        let client = Client::new(MemoryTransport::new([]));
        assert!(transport_error(client.events(vec![event("a")]).await).is_closed());
        assert_eq!(client.transport().take_requests(), [message(vec![event("a")])]);
    });
}

#[test]
#[should_panic(expected = "1 scripted answers of a MemoryTransport were not used")]
fn an_answer_for_which_nobody_asked_fails_the_test() {
    drop(Client::new(MemoryTransport::new([Ok(answer(true, None, vec![]))])));
}

/// Can a query be sent over it?
fn answers<T: Transport<Request = Bytes, Response = Bytes>>() {}

/// Is it for events only?
fn does_not_answer<T: Transport<Request = Bytes, Response = ()>>() {}

/// The compiler checks this: a type without one of the three methods is not a transport, and a
/// query over a datagram does not compile.
#[test]
fn the_type_of_a_transport_says_what_it_can() {
    answers::<FramedTransport<TcpConnector, LengthCodec>>();
    answers::<FramedTransport<TlsConnector<TcpConnector>, LengthCodec>>();
    answers::<MemoryTransport<Bytes, Bytes>>();
    answers::<BoxTransport<Bytes, Bytes>>();
    does_not_answer::<UdpTransport>();
    does_not_answer::<FramedSender<TcpConnector, LengthCodec>>();
}
