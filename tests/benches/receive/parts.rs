//! Parts of ours by themselves, so that it can be told where the time goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use acceptance::bench::{Outcome, own_cpu, runtime, say};
use mqttscope_model::client_id::Placeholders;
use mqttscope_model::{
    Endpoint, Message, MessageId, Profile, ProfileId, ProtocolVersion, QoS, Scheme, Secrets,
    Subscription, UserError,
};
use mqttscope_session::{Options, Recorder, Session, SessionMemory};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};

use super::TOPIC;

/// The argument that makes this executable a part.
pub(crate) const ARGUMENT: &str = "--part";

/// What reads only the socket.
pub(crate) const SOCKET: &str = "socket";

/// Bytes read at once, as much as the session's library does.
const BUFFER: usize = 64 * 1024;

/// Receives everything and keeps nothing; says the CPU time as one line of JSON.
pub(crate) fn receive(arguments: &[String]) -> Outcome<()> {
    let [part, port, qos, messages] = arguments else {
        return Err("part, port, QoS and messages expected".into());
    };
    let (port, qos, messages): (u16, u8, u64) = (port.parse()?, qos.parse()?, messages.parse()?);
    runtime()?.block_on(async {
        let before = own_cpu().ok_or("the system tells no CPU time")?;
        if part == SOCKET {
            // In a task, as the session's.
            tokio::spawn(socket(port, qos, messages)).await??;
        } else {
            session(port, qos, messages, part).await?;
        }
        let cpu = own_cpu().ok_or("the system tells no CPU time")? - before;
        say(&json!({ "cpu_us": cpu.as_micros() }))
    })
}

/// Reads the socket and finds where packets begin; at QoS 1 it answers what a read brought with one write.
async fn socket(port: u16, qos: u8, messages: u64) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    // MQTT 3.1.1, Clean Session, no Keep Alive.
    stream.write_all(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00").await?;
    let remaining = u8::try_from(TOPIC.len() + 5).map_err(std::io::Error::other)?;
    let mut subscribe = vec![0x82, remaining, 0, 1, 0, remaining - 5];
    subscribe.extend_from_slice(TOPIC.as_bytes());
    subscribe.push(qos);
    stream.write_all(&subscribe).await?;
    let (mut buffer, mut kept, mut seen) = (vec![0; BUFFER], 0, 0);
    let mut answers = Vec::new();
    while seen < messages {
        let came = stream.read(&mut buffer[kept..]).await?;
        if came == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let all = &buffer[..kept + came];
        let mut at = 0;
        // All packets here are shorter than 128 bytes, so their length is one byte.
        while let Some(&[kind, length]) = all.get(at..at + 2) {
            let Some(body) = all.get(at + 2..at + 2 + usize::from(length)) else { break };
            if kind >> 4 == 3 {
                seen += 1;
                if qos > 0 {
                    let identifier = 2 + TOPIC.len();
                    answers.extend_from_slice(&[0x40, 2]);
                    answers.extend_from_slice(&body[identifier..identifier + 2]);
                }
            }
            at += 2 + body.len();
        }
        let end = all.len();
        buffer.copy_within(at..end, 0);
        kept = end - at;
        if !answers.is_empty() {
            stream.write_all(&answers).await?;
            answers.clear();
        }
    }
    stream.write_all(&[0xe0, 0]).await
}

/// Takes everything and keeps nothing.
struct Nowhere {
    left: AtomicU64,
    over: Notify,
    committed: watch::Sender<u64>,
    hold: watch::Sender<bool>,
}

impl Recorder for Nowhere {
    fn record(&self, message: Message) -> Result<Option<MessageId>, UserError> {
        std::hint::black_box(message);
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.over.notify_one();
        }
        Ok(None)
    }

    fn outcome(&self, _: MessageId, _: mqttscope_model::Outcome) {}

    fn committed(&self) -> watch::Receiver<u64> {
        self.committed.subscribe()
    }

    fn hold(&self) -> watch::Receiver<bool> {
        self.hold.subscribe()
    }
}

/// A whole session whose recorder keeps nothing.
async fn session(port: u16, qos: u8, messages: u64, version: &str) -> Outcome<()> {
    let endpoint =
        Endpoint { scheme: Scheme::Mqtt, host: "127.0.0.1".into(), port, path: String::new() };
    let mut profile = Profile::new(ProfileId::new("bench").ok_or("an id")?, "bench".into());
    profile.endpoint = endpoint;
    profile.version = match version {
        "5.0" => ProtocolVersion::V5,
        _ => ProtocolVersion::V311,
    };
    let qos = if qos == 0 { QoS::AtMostOnce } else { QoS::AtLeastOnce };
    profile.subscriptions = vec![Subscription::new(TOPIC, qos)];
    let placeholders = Placeholders { random: "bench".into(), hostname: "bench".into(), time: 0 };
    let options = Options::resolve(&profile, &Secrets::default(), &placeholders)?;
    let recorder = Arc::new(Nowhere {
        left: AtomicU64::new(messages),
        over: Notify::new(),
        committed: watch::Sender::new(0),
        hold: watch::Sender::new(false),
    });
    let session = Session::open(options, Arc::clone(&recorder) as _, SessionMemory::default());
    recorder.over.notified().await;
    session.disconnect().await;
    Ok(())
}
