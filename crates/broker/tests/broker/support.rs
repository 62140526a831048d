//! What the tests share: a broker on free ports, and mosquitto's clients.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use mqttscope_broker::{LocalBroker, Ports};
use mqttscope_model::BrokerState;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// The versions of MQTT as mosquitto's clients name them.
pub const VERSIONS: [&str; 3] = ["mqttv31", "mqttv311", "mqttv5"];

/// Ports that the system chooses.
pub const ANY: Ports = Ports { mqtt: 0, ws: 0 };

pub fn executable() -> PathBuf {
    env!("CARGO_BIN_EXE_mqttscope-local-broker").into()
}

pub fn broker() -> LocalBroker {
    LocalBroker::new(executable(), [] as [&str; 0])
}

pub async fn running() -> (LocalBroker, Ports) {
    let broker = broker();
    let ports = broker.start(ANY).await.unwrap();
    (broker, ports)
}

/// Lets nothing in a test take for ever.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(30), future).await.unwrap_or_else(|_| panic!("waited for {what}"))
}

/// Waits until the broker's state is as wanted, and answers with what was found in it.
pub async fn state<T>(broker: &LocalBroker, find: impl Fn(&BrokerState) -> Option<T>) -> T {
    let mut states = broker.state();
    let state = soon("a state", states.wait_for(|state| find(state).is_some())).await.unwrap();
    find(&state).unwrap()
}

/// The ids of the connected clients.
pub fn ids(state: &BrokerState) -> Vec<&str> {
    match state {
        BrokerState::Running { clients, .. } => {
            clients.iter().map(|client| client.client_id.as_str()).collect()
        }
        _ => Vec::new(),
    }
}

/// `mosquitto_sub`, subscribed. Dropping it kills it.
pub struct Subscriber {
    _child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// Messages that came before the SUBACK.
    early: VecDeque<String>,
}

impl Subscriber {
    /// Subscribes; messages are told as `format` says.
    pub async fn new(port: u16, format: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new("stdbuf")
            .args(["-oL", "mosquitto_sub", "-d", "-h", "127.0.0.1", "-p", &port.to_string()])
            .args(["-F", &format!("message: {format}")])
            .args(arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut subscriber = Self { _child: child, lines, early: VecDeque::new() };
        loop {
            let line = subscriber.line().await;
            if line.starts_with("Subscribed ") {
                return subscriber;
            }
            subscriber.early.extend(message(&line));
        }
    }

    /// The next message.
    pub async fn message(&mut self) -> String {
        if let Some(early) = self.early.pop_front() {
            return early;
        }
        loop {
            if let Some(message) = message(&self.line().await) {
                return message;
            }
        }
    }

    pub async fn messages(&mut self, count: usize) -> Vec<String> {
        let mut messages = Vec::new();
        while messages.len() < count {
            messages.push(self.message().await);
        }
        messages
    }

    async fn line(&mut self) -> String {
        let line = soon("mosquitto_sub", self.lines.next_line()).await.unwrap();
        line.expect("mosquitto_sub goes on")
    }
}

fn message(line: &str) -> Option<String> {
    line.strip_prefix("message: ").map(str::to_owned)
}

/// `mosquitto_pub`, with what it reads from its standard input, until it is done.
pub async fn publish_from(input: &[u8], port: u16, arguments: &[&str]) {
    let mut child = Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &port.to_string()])
        .args(arguments)
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input).await.unwrap();
    drop(stdin);
    assert!(soon("mosquitto_pub", child.wait()).await.unwrap().success());
}

/// `mosquitto_pub`, until it is done.
pub async fn publish(port: u16, arguments: &[&str]) {
    publish_from(b"", port, arguments).await;
}

/// A CONNECT of 3.1.1 with Clean Session.
pub fn connect(id: &str) -> Vec<u8> {
    let length = u8::try_from(id.len()).unwrap();
    let mut packet = vec![0x10, 12 + length];
    packet.extend(b"\0\x04MQTT\x04\x02\0\0\0");
    packet.push(length);
    packet.extend(id.as_bytes());
    packet
}

/// The CONNACK to it.
pub const CONNACK: [u8; 4] = [0x20, 2, 0, 0];
