//! What the tests share: a broker on free ports, and mosquitto's clients.

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

/// `mosquitto_sub`, subscribed.
pub struct Subscriber {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
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
        let mut subscriber = Self { child, lines };
        subscriber.line("Subscribed ").await;
        subscriber
    }

    /// The next message.
    pub async fn message(&mut self) -> String {
        self.line("message: ").await
    }

    pub async fn messages(&mut self, count: usize) -> Vec<String> {
        let mut messages = Vec::new();
        while messages.len() < count {
            messages.push(self.message().await);
        }
        messages
    }

    /// Waits until the connection has ended, whichever way.
    pub async fn disconnected(mut self) {
        self.line("Client ").await;
        let _ = self.child.start_kill();
    }

    /// The rest of the next line that begins so.
    async fn line(&mut self, beginning: &str) -> String {
        loop {
            let line = soon(beginning, self.lines.next_line()).await.unwrap();
            let line = line.unwrap_or_else(|| panic!("mosquitto_sub ended before {beginning}"));
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.to_owned();
            }
        }
    }
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
