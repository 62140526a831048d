//! Starting, stopping, failing, and ending with the application.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::time::Duration;

use mqttscope_broker::{LocalBroker, Ports};
use mqttscope_model::{BrokerState, ErrorCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::support::{ANY, CONNACK, Subscriber, broker, connect, executable, running, soon, state};

#[tokio::test]
async fn the_states_follow_start_and_stop() {
    let broker = broker();
    let mut states = broker.state();
    assert_eq!(*states.borrow_and_update(), BrokerState::Stopped);

    let starting = broker.start(ANY);
    let first = async {
        states.changed().await.unwrap();
        states.borrow_and_update().clone()
    };
    let (ports, first) = tokio::join!(starting, first);
    let ports = ports.unwrap();
    assert_eq!(first, BrokerState::Starting);
    assert_ne!(ports.mqtt, ports.ws);
    let (mqtt_port, ws_port) = (ports.mqtt, ports.ws);
    let running = BrokerState::Running { mqtt_port, ws_port, clients: Vec::new() };
    assert_eq!(*states.borrow_and_update(), running);

    broker.stop().await;
    assert_eq!(*states.borrow_and_update(), BrokerState::Stopped);
}

#[tokio::test]
async fn starting_twice_answers_with_the_same_ports() {
    let broker = broker();
    let (first, second) = tokio::join!(broker.start(ANY), broker.start(ANY));
    assert_eq!(first, second);
    assert_eq!(first, broker.start(Ports { mqtt: 1, ws: 2 }).await);
}

#[tokio::test]
async fn a_port_that_is_taken_is_passed_over() {
    for address in [Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST] {
        let other = TcpListener::bind((address, 0)).unwrap();
        let taken = other.local_addr().unwrap().port();
        let broker = broker();
        let ports = broker.start(Ports { mqtt: taken, ws: taken }).await.unwrap();
        assert!(ports.mqtt > taken && ports.ws > ports.mqtt, "{taken} {ports:?}");
        Subscriber::new(ports.mqtt, "%p", &["-t", "x"]).await;
    }
}

#[tokio::test]
async fn stopping_ends_the_clients_and_the_same_port_serves_again() {
    let (broker, ports) = running().await;
    let mut client = TcpStream::connect(("127.0.0.1", ports.mqtt)).await.unwrap();
    client.write_all(&connect("old")).await.unwrap();
    let mut connack = [0; 4];
    soon("CONNACK", client.read_exact(&mut connack)).await.unwrap();
    assert_eq!(connack, CONNACK);

    broker.stop().await;
    assert!(matches!(soon("the end", client.read(&mut connack)).await, Ok(0) | Err(_)));
    assert!(TcpStream::connect(("127.0.0.1", ports.mqtt)).await.is_err());

    assert_eq!(broker.start(ports).await.unwrap(), ports);
    Subscriber::new(ports.mqtt, "%p", &["-t", "x"]).await;
}

#[tokio::test]
async fn dropping_the_handle_ends_the_process() {
    let (broker, ports) = running().await;
    drop(broker);
    closed(ports.mqtt).await;
}

#[tokio::test]
async fn the_process_ends_when_the_application_is_killed() {
    let mut application =
        Command::new(executable()).args(["0", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(application.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    let BrokerState::Running { mqtt_port, ws_port, .. } = serde_json::from_str(&line).unwrap()
    else {
        panic!("{line}")
    };
    TcpStream::connect(("127.0.0.1", mqtt_port)).await.unwrap();

    application.kill().unwrap();
    application.wait().unwrap();
    closed(mqtt_port).await;
    closed(ws_port).await;
}

#[test]
fn the_process_ends_with_its_standard_input() {
    let mut process = Command::new(executable())
        .args(["--local-broker", "0", "0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(process.stdin.take());
    assert!(process.wait().unwrap().success());
    let mut rest = String::new();
    process.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("failed"), "{rest}");
}

#[tokio::test]
async fn no_free_port_is_told_by_its_code() {
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 65_535));
    let error = broker().start(Ports { mqtt: 65_535, ws: 0 }).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BrokerNoPort, "{error:?} {other:?}");
    assert_eq!(error.details["last_port"], "65535");
}

#[tokio::test]
async fn an_executable_that_is_not_there_is_named() {
    let broker = LocalBroker::new("/nowhere/mqttscope".into(), [] as [&str; 0]);
    let error = broker.start(ANY).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BrokerFailed);
    assert_eq!(error.details["path"], "/nowhere/mqttscope");
    assert_eq!(*broker.state().borrow(), BrokerState::Failed { error });

    broker.stop().await;
    assert_eq!(*broker.state().borrow(), BrokerState::Stopped);
}

/// A process that is not ours but says the same.
fn script(text: &str) -> LocalBroker {
    LocalBroker::new("/bin/sh".into(), ["-c", text])
}

const LISTENING: &str = r#"echo '{"listening":{"mqtt_port":1,"ws_port":2}}';"#;

#[tokio::test]
async fn a_process_that_ends_by_itself_leaves_its_last_words() {
    let broker = script("echo 'what went wrong' >&2; exit 7");
    let error = broker.start(ANY).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BrokerFailed);
    assert!(error.details["status"].contains('7'), "{error:?}");
    assert_eq!(error.details["evidence"], "what went wrong\n");

    let broker = script(&format!("{LISTENING} echo 'and then' >&2"));
    broker.start(ANY).await.unwrap();
    let error = state(&broker, |state| match state {
        BrokerState::Failed { error } => Some(error.clone()),
        _ => None,
    })
    .await;
    assert_eq!(error.details["evidence"], "and then\n");
}

#[tokio::test]
async fn a_process_that_does_not_end_when_asked_is_killed() {
    let broker = script(&format!("{LISTENING} exec sleep 1000"));
    broker.start(ANY).await.unwrap();
    soon("the end", broker.stop()).await;
    assert_eq!(*broker.state().borrow(), BrokerState::Stopped);
}

/// Waits until nobody listens there.
async fn closed(port: u16) {
    let refused = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    soon("the port to close", refused).await;
}
