//! A client that publishes at QoS 1 and at a pace, and knows what the broker has acknowledged.

use std::io::{self, BufReader, BufWriter, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::broker::packet;
use super::{Outcome, stamp};

/// Messages that may wait for their PUBACK.
const WINDOW: u64 = 10_000;

/// How often it looks at the clock.
const BEAT: Duration = Duration::from_millis(1);

/// How long the broker may take for the last PUBACK.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that publishes in a thread of its own until it is told to stop.
#[derive(Debug)]
pub struct Publisher {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<io::Result<Acknowledged>>,
}

/// What the broker has.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledged {
    /// Messages 0 up to this one were published, and the broker acknowledged each.
    pub messages: u64,
    /// How long it published.
    pub took: Duration,
}

impl Publisher {
    /// Begins to publish payloads of [`stamp`] with 64 bytes, `pace` in a second.
    ///
    /// # Errors
    /// Nobody accepts the connection.
    pub fn start(port: u16, topic: &'static str, pace: u64) -> io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = std::thread::spawn(move || publish(stream, topic, pace, &told));
        Ok(Self { stop, thread })
    }

    /// Ends it, and waits until the broker has acknowledged everything.
    ///
    /// # Errors
    /// The broker ended the connection, or did not acknowledge everything in time.
    pub fn stop(self) -> Outcome<Acknowledged> {
        self.stop.store(true, Ordering::Release);
        Ok(self.thread.join().map_err(|_| "the publisher panicked")??)
    }
}

fn publish(
    stream: TcpStream,
    topic: &str,
    pace: u64,
    stop: &AtomicBool,
) -> io::Result<Acknowledged> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = BufWriter::with_capacity(64 * 1024, stream);
    // MQTT 3.1.1, Clean Session, no Keep Alive, a Client Identifier of the broker's choice.
    writer.write_all(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00")?;
    writer.flush()?;
    let (_, connack) = packet(&mut reader)?;
    if connack.get(1) != Some(&0) {
        return Err(io::Error::other("the broker refuses the publisher"));
    }
    let acknowledged = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&acknowledged);
    let counter = std::thread::spawn(move || count(reader, &counted));
    let (begun, mut sent, mut payload) = (Instant::now(), 0, Vec::new());
    while !stop.load(Ordering::Acquire) {
        let due = (begun.elapsed().as_secs_f64() * pace as f64) as u64;
        let room = acknowledged.load(Ordering::Acquire) + WINDOW;
        while sent < due.min(room) {
            stamp(sent, 64, &mut payload);
            let remaining = 4 + topic.len() + payload.len();
            writer.write_all(&[0x32, u8::try_from(remaining).map_err(io::Error::other)?])?;
            let length = u16::try_from(topic.len()).map_err(io::Error::other)?;
            writer.write_all(&length.to_be_bytes())?;
            writer.write_all(topic.as_bytes())?;
            writer.write_all(&identifier(sent).to_be_bytes())?;
            writer.write_all(&payload)?;
            sent += 1;
        }
        writer.flush()?;
        if counter.is_finished() {
            return Err(io::Error::other("the broker ended the publisher's connection"));
        }
        std::thread::sleep(BEAT);
    }
    let took = begun.elapsed();
    let waiting = Instant::now();
    while acknowledged.load(Ordering::Acquire) < sent {
        if counter.is_finished() || waiting.elapsed() > PATIENCE {
            return Err(io::Error::other("the broker did not acknowledge everything"));
        }
        std::thread::sleep(BEAT);
    }
    // DISCONNECT; the broker closes, which ends the counter.
    writer.write_all(&[0xe0, 0])?;
    writer.flush()?;
    counter.join().map_err(|_| io::Error::other("the publisher's reader panicked"))?;
    Ok(Acknowledged { messages: sent, took })
}

/// Packet Identifiers go round, without 0.
fn identifier(number: u64) -> u16 {
    u16::try_from(number % 65_535).unwrap_or_default() + 1
}

/// Counts PUBACKs, which come in the order of their messages ([MQTT-4.6.0-2]), until the connection ends.
fn count(mut reader: BufReader<TcpStream>, acknowledged: &AtomicU64) {
    while let Ok((kind, body)) = packet(&mut reader) {
        let expected = identifier(acknowledged.load(Ordering::Acquire)).to_be_bytes();
        if kind == 0x40 && body.get(..2) == Some(&expected) {
            acknowledged.fetch_add(1, Ordering::AcqRel);
        }
    }
}
