//! The broker's process. Everything of the library that is set or replaced is here.
//!
//! The process ends when its standard input does: that is the stop command, and what the system
//! does to the pipe when the application is killed. A plain thread waits for it, so that it works
//! whatever state the runtime is in.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::num::NonZeroU16;
use std::process::ExitCode;
use std::time::Duration;

use rmqtt::context::ServerContext;
use rmqtt::net::{Builder, Listener};
use rmqtt::server::MqttServer;
use tokio::io::AsyncWriteExt;

use crate::clients::{Clients, Origins};
use crate::ports::bind_next_free;
use crate::retained::Retained;
use crate::routes::Routes;
use crate::sharing::LongestWaiting;
use crate::wire::Report;
use crate::{ARGUMENT, BrokerError, Ports, websocket};

/// The largest Remaining Length that the protocol can say. [MQTT 5.0, 1.5.5]
const LARGEST_PACKET: u32 = 268_435_455;

/// How many messages may wait for one client. The library has no backpressure from a slow
/// subscriber to a fast publisher: beyond this it drops.
const LONGEST_QUEUE: usize = 1_000_000;

/// How long a client may take nothing while something is sent to it. A client that holds back
/// because its disk is full must outlast it; the library's 10 s cut it off.
const SEND_LIMIT: Duration = Duration::from_secs(600);

/// Whether these arguments ask for the broker instead of the application.
pub fn is_broker_process(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> bool {
    arguments.into_iter().any(|argument| argument.as_ref() == ARGUMENT)
}

/// Is the broker until standard input ends. Reads the ports from the process's own arguments;
/// writes [reports](crate::LocalBroker) to standard output, one JSON object a line.
pub fn run_broker_process() -> ExitCode {
    std::thread::spawn(|| {
        wait_for_end(io::stdin());
        std::process::exit(0)
    });
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let report = Report::Failed(BrokerError::Runtime(error).to_user_error());
            println!("{}", serde_json::json!(report));
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(async {
        let Err(error) = serve().await;
        tell(&Report::Failed(error.to_user_error())).await;
    });
    ExitCode::FAILURE
}

fn wait_for_end(mut input: impl Read) {
    let mut ignored = [0; 64];
    loop {
        match input.read(&mut ignored) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Serves until something breaks.
async fn serve() -> Result<std::convert::Infallible, BrokerError> {
    let preferred = preferred_ports(std::env::args_os()).ok_or(BrokerError::Arguments)?;
    let listener = bind_next_free(preferred.mqtt, |address| {
        let listener = settings().laddr(address).bind().and_then(Listener::tcp);
        listener.map_err(|error| error.downcast::<io::Error>().unwrap_or_else(io::Error::other))
    })
    .await?;
    let address = listener.local_addr().map_err(|error| BrokerError::Library(error.to_string()))?;
    let front = bind_next_free(preferred.ws, websocket::bind).await?;

    // Refusing connections while the machine is busy is for servers; here it would be a riddle.
    let broker = ServerContext::new().busy_check_enable(false).build().await;
    *broker.extends.router_mut().await = Box::new(Routes::new(broker.clone()));
    *broker.extends.retain_mut().await = Box::new(Retained::default());
    *broker.extends.shared_subscription_mut().await = Box::new(LongestWaiting::default());
    let origins = Origins::default();
    let mut clients = Clients::watch(broker.clone(), origins.clone()).await;
    let server = MqttServer::new(broker).listener_by_id(listener, address.port()).build();

    let ws = front.local_addr().map_err(|source| BrokerError::Listen { port: 0, source })?.port();
    tell(&Report::Listening(Ports { mqtt: address.port(), ws })).await;
    let report_clients = async {
        loop {
            tell(&Report::Clients(clients.next().await)).await;
        }
    };
    tokio::select! {
        // Not `start`, which ends the process on an error without a word to us.
        ended = server.run() => Err(BrokerError::Library(match ended {
            Ok(()) => "it returned".to_owned(),
            Err(error) => error.to_string(),
        })),
        never = websocket::serve(front, address, origins) => match never {},
        () = report_clients => Err(BrokerError::Library("the reports ended".to_owned())),
    }
}

/// The listener's settings; each differs from the library's own for a reason.
fn settings() -> Builder {
    Builder::new()
        .name("local")
        .allow_anonymous(true)
        // Without this each acknowledgement waits for Nagle's timer: 362 messages a second.
        .nodelay(true)
        // Started again at once, it must get its port back while old connections are in
        // TIME_WAIT. On Windows the option means another thing, and is not needed.
        .reuseaddr((!cfg!(windows)).then_some(true))
        .max_packet_size(LARGEST_PACKET)
        .max_mqueue_len(LONGEST_QUEUE)
        .max_topic_aliases(u16::MAX)
        // 16 by default, and a 3.1.1 client that sends more QoS 2 at once is cut off.
        .max_inflight(NonZeroU16::MAX)
        .send_timeout(SEND_LIMIT)
        // Nothing is sent again on a living connection. [MQTT-4.4.0-1]
        .message_retry_interval(Duration::ZERO)
        // Messages wait for an absent session as long as that lives, not five minutes.
        .message_expiry_interval(Duration::ZERO)
        // For 3.1 and 3.1.1, which cannot say how long: as long as the broker runs.
        .session_expiry_interval(Duration::from_secs(u64::from(u32::MAX)))
}

/// The two numbers after the hidden argument.
fn preferred_ports(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Option<Ports> {
    let mut arguments = arguments.into_iter().skip_while(|a| a.as_ref() != ARGUMENT).skip(1);
    let mut port = || arguments.next()?.as_ref().to_str()?.parse().ok();
    Some(Ports { mqtt: port()?, ws: port()? })
}

/// Writes a report. When nobody reads any more there is nobody to tell that to; the end of
/// standard input comes at the same time.
async fn tell(report: &Report) {
    if let Ok(mut line) = serde_json::to_vec(report) {
        line.push(b'\n');
        let mut output = tokio::io::stdout();
        let _ = output.write_all(&line).await;
        let _ = output.flush().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hidden_argument_makes_a_broker() {
        assert!(is_broker_process(["app", "--local-broker", "1883", "8083"]));
        assert!(!is_broker_process(["app", "--local-brokers"]));
        assert!(!is_broker_process(["app"]));
    }

    #[test]
    fn the_ports_follow_the_hidden_argument() {
        let ports = |text: &str| preferred_ports(text.split(' '));
        assert_eq!(ports("app --local-broker 1 2"), Some(Ports { mqtt: 1, ws: 2 }));
        assert_eq!(ports("app x --local-broker 0 65535"), Some(Ports { mqtt: 0, ws: 65_535 }));
        assert_eq!(ports("app --local-broker 1"), None);
        assert_eq!(ports("app --local-broker 1 65536"), None);
        assert_eq!(ports("app 1 2"), None);
    }
}
