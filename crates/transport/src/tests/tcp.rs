//! Names and TCP.

use std::net::SocketAddr;
use std::time::Duration;

use mqttscope_model::{AddressOutcome, ConnectStage, Endpoint, ErrorCode, Scheme, TcpFacts};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::support::{LONG, drain, fail, options, serve, succeed, tls_options};
use crate::{DialEvent, DialOptions, StageLimits, dial};

/// A port on which nothing listens: bound, and let go again.
async fn closed_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// A port that answers no SYN: its queue is full and nobody accepts.
struct BlackHole {
    address: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

async fn black_hole() -> BlackHole {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        queued.push(stream.unwrap());
        assert!(queued.len() < 64, "the queue is never full");
    }
    BlackHole { address, _listener: listener, _queued: queued }
}

#[tokio::test]
async fn an_unknown_name_is_told_from_a_broken_network() {
    let mut options = options(Scheme::Mqtt, "127.0.0.1:1883".parse().unwrap());
    options.endpoint.host = "no-such-host.invalid".to_owned();
    let error = dial(&options, &mut |_| {}).await.unwrap_err();
    assert_eq!(error.stage, ConnectStage::Name);
    // A machine without a name server gives the second.
    let code = error.to_user_error().code;
    assert!(matches!(code, ErrorCode::NameNotFound | ErrorCode::NameLookupFailed), "{error:?}");
    assert!(error.evidence().contains("no-such-host.invalid"));
    let name = error.facts().name.as_ref().unwrap();
    assert_eq!((name.name.as_str(), name.addresses.len()), ("no-such-host.invalid", 0));
    assert!(error.facts().tcp.is_none());
}

#[tokio::test]
async fn a_name_is_looked_up_and_its_addresses_are_evidence() {
    let server = serve(drain).await;
    let mut options = options(Scheme::Mqtt, server.address);
    options.endpoint.host = "localhost".to_owned();
    let mut events = Vec::new();
    let dialled = dial(&options, &mut |event| events.push(event)).await.unwrap();
    assert_eq!(dialled.address, server.address);
    assert_eq!(events[0], DialEvent::Started(ConnectStage::Name));
    let DialEvent::Passed { stage: ConnectStage::Name, evidence, .. } = &events[1] else {
        panic!("{events:?}");
    };
    assert!(evidence.contains("localhost is ") && evidence.contains("127.0.0.1"), "{evidence}");
    assert_eq!(events[2], DialEvent::Started(ConnectStage::Tcp));
    assert_eq!(events.len(), 4);
}

#[tokio::test]
async fn a_closed_port_is_refused() {
    let address = closed_port().await;
    let options = options(Scheme::Mqtt, address);
    let error = fail(&options, ConnectStage::Tcp, ErrorCode::TcpRefused).await;
    assert_eq!(error.details["host"], "127.0.0.1");
    assert_eq!(error.details["port"], address.port().to_string());
    assert_eq!(error.details["evidence"], format!("{address} refused"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn dropped_packets_time_out_at_tcp() {
    let hole = black_hole().await;
    let limits = StageLimits { tcp: Duration::from_millis(100), ..StageLimits::each(LONG) };
    let options = DialOptions { limits, ..options(Scheme::Mqtt, hole.address) };
    let error = fail(&options, ConnectStage::Tcp, ErrorCode::TcpTimedOut).await;
    assert_eq!(error.details["evidence"], format!("{} timed out", hole.address));
    let error = dial(&options, &mut |_| {}).await.unwrap_err();
    let [one] = &error.facts().tcp.as_ref().unwrap().tries[..] else { panic!("{error:?}") };
    assert_eq!(one.outcome, AddressOutcome::TimedOut);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_silent_address_does_not_keep_the_next_one_waiting() {
    let hole = black_hole().await;
    let server = serve(drain).await;
    let addresses = [hole.address, closed_port().await, server.address];
    let mut facts = TcpFacts::default();
    let connected = crate::tcp::connect(&addresses, LONG, &mut facts);
    let (_, address, evidence) = timeout(LONG / 4, connected).await.unwrap().unwrap();
    assert_eq!(address, server.address);
    assert!(evidence.contains("answered") && evidence.contains("refused"), "{evidence}");
    let outcomes: Vec<_> = facts.tries.iter().map(|one| one.outcome).collect();
    use AddressOutcome::{Connected, NotNeeded, Refused};
    assert_eq!(outcomes, [NotNeeded, Refused, Connected]);
    assert!(facts.tries[0].took_us >= 250_000, "{facts:?}");
}

/// Dials in a task, waits for `stage` and the connection behind it, drops the dial: the server must
/// see the connection end although the dial's own limits lie far ahead.
async fn cancel_in(stage: ConnectStage, options: impl AsyncFnOnce(SocketAddr) -> DialOptions) {
    let (ended, mut ends) = mpsc::unbounded_channel();
    let server = serve(move |stream| {
        let ended = ended.clone();
        async move {
            drain(stream).await;
            ended.send(()).unwrap();
        }
    })
    .await;
    let options = options(server.address).await;
    let (reached, mut stages) = mpsc::unbounded_channel();
    let mut on_event = |event| {
        if event == DialEvent::Started(stage) {
            reached.send(()).unwrap();
        }
    };
    tokio::select! {
        result = dial(&options, &mut on_event) => panic!("the server is silent, yet: {result:?}"),
        reached = stages.recv() => assert_eq!(reached, Some(())),
    }
    timeout(LONG / 4, ends.recv()).await.expect("the connection ends with the dial").unwrap();
}

#[tokio::test]
async fn dropping_the_dial_ends_the_tls_handshake_at_once() {
    let pki = super::support::Pki::new();
    cancel_in(ConnectStage::Tls, async |address| {
        tls_options(Scheme::Mqtts, address, &pki.settings()).await
    })
    .await;
}

#[tokio::test]
async fn dropping_the_dial_ends_the_websocket_handshake_at_once() {
    cancel_in(ConnectStage::WebSocket, async |address| options(Scheme::Ws, address)).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn dropping_the_dial_ends_the_tcp_stage_at_once() {
    let hole = black_hole().await;
    let options = options(Scheme::Mqtt, hole.address);
    let dialling = async { dial(&options, &mut |_| {}).await };
    timeout(Duration::from_millis(100), dialling).await.unwrap_err();
    // Had the attempt gone on, it would be accepted now and never closed.
    let BlackHole { _listener: listener, _queued: queued, .. } = hole;
    drop(queued);
    while let Ok(Ok((mut stream, _))) = timeout(Duration::from_millis(200), listener.accept()).await
    {
        let end = timeout(LONG / 4, stream.read(&mut [0; 16])).await.unwrap();
        assert!(matches!(end, Ok(0) | Err(_)));
    }
}

#[tokio::test]
async fn nagles_delay_is_off_and_bytes_pass_both_ways() {
    use tokio::io::AsyncWriteExt;
    let server = serve(|stream| async move {
        let (mut read, mut write) = stream.into_split();
        let _ended = tokio::io::copy(&mut read, &mut write).await;
    })
    .await;
    let mut facts = TcpFacts::default();
    let (tcp, ..) = crate::tcp::connect(&[server.address], LONG, &mut facts).await.unwrap();
    assert!(tcp.nodelay().unwrap());
    drop(tcp);
    let mut stream = succeed(&options(Scheme::Mqtt, server.address)).await.stream;
    stream.write_all(b"ping").await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"ping");
}

#[test]
fn a_dial_can_be_moved_between_threads() {
    fn assert_send<T: Send>(_: T) {}
    let endpoint = Endpoint::default();
    let limits = StageLimits::default();
    let address = (std::net::Ipv4Addr::LOCALHOST, 1).into();
    let options = DialOptions { endpoint, limits, ..options(Scheme::Mqtt, address) };
    let mut on_event = |_| {};
    assert_send(dial(&options, &mut on_event));
}
