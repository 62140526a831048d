//! A broker that speaks just enough MQTT to flood one subscriber, as fast as it reads or at a pace.

use std::io::{self, BufWriter, Read, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::usage::thread_cpu;

/// How many QoS 1 messages may wait for their PUBACK. Wide, because clients that leave Nagle's
/// algorithm on answer a narrow window once in 40 ms, and that would be all that is measured.
const WINDOW: u64 = 30_000;

/// How often a broker with a pace looks at the clock.
const BEAT: Duration = Duration::from_millis(1);

/// Writes something of the message with this number, in place of what is there.
pub type Writer = Box<dyn FnMut(u64, &mut Vec<u8>) + Send>;

/// What the broker sends.
pub struct Flood {
    /// How many messages.
    pub messages: u64,
    /// Their QoS: 0 or 1.
    pub qos: u8,
    /// Messages a second; none sends as fast as it is read.
    pub pace: Option<u64>,
    /// Writes the topic of a message.
    pub topic: Writer,
    /// Writes the payload of a message.
    pub payload: Writer,
}

/// A listening broker that serves one subscriber.
#[derive(Debug)]
pub struct Broker {
    port: u16,
    thread: JoinHandle<io::Result<Sent>>,
}

/// What the broker did.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// From the first PUBLISH until the last was written and, at QoS 1, acknowledged.
    pub took: Duration,
    /// CPU time of its thread meanwhile, where it is told.
    pub cpu: Option<Duration>,
    /// The longest that it had to wait until the connection took more.
    pub longest_wait: Duration,
}

impl Broker {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// There is none.
    pub fn listen(flood: Flood) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let thread = std::thread::spawn(move || serve(listener.accept()?.0, flood));
        Ok(Self { port, thread })
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until the subscriber has everything and went away.
    ///
    /// # Errors
    /// The subscriber went away too early.
    pub fn finish(self) -> io::Result<Sent> {
        self.thread.join().map_err(|_| io::Error::other("the fake broker panicked"))?
    }
}

/// The connection as its two writers share it: an answer to a ping never comes into the middle of a packet.
#[derive(Clone)]
struct Shared(Arc<Mutex<TcpStream>>);

impl io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // All of it while the lock is held.
        self.0.lock().expect("no holder of this lock panics").write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A connection that sends.
struct Out {
    writer: BufWriter<Shared>,
    five: bool,
    flood: Flood,
    topic: Vec<u8>,
    payload: Vec<u8>,
    longest_wait: Duration,
}

fn serve(stream: TcpStream, flood: Flood) -> io::Result<Sent> {
    stream.set_nodelay(true)?;
    let mut reader = stream.try_clone()?;
    let shared = Shared(Arc::new(Mutex::new(stream)));
    let mut writer = BufWriter::with_capacity(64 * 1024, shared.clone());
    let five = greet(&mut reader, &mut writer, flood.qos)?;
    let acknowledged = Arc::new((Mutex::new(0), Condvar::new()));
    let answers = {
        let acknowledged = Arc::clone(&acknowledged);
        std::thread::spawn(move || answer(reader, shared, &acknowledged))
    };
    let (topic, payload, longest_wait) = (Vec::new(), Vec::new(), Duration::ZERO);
    let mut out = Out { writer, five, flood, topic, payload, longest_wait };
    let (start, cpu) = (Instant::now(), thread_cpu());
    out.send_all(start, &acknowledged)?;
    let took = start.elapsed();
    let cpu = cpu.zip(thread_cpu()).map(|(from, to)| to - from);
    // The subscriber ends the connection when it has everything.
    answers.join().map_err(|_| io::Error::other("the fake broker's reader panicked"))?;
    Ok(Sent { took, cpu, longest_wait: out.longest_wait })
}

/// CONNECT and the first SUBSCRIBE with their answers; whether it is MQTT 5.
fn greet(reader: &mut impl Read, writer: &mut impl io::Write, qos: u8) -> io::Result<bool> {
    let (_, connect) = packet(reader)?;
    // Protocol name (2 + 4 bytes), then the level: 5 has properties in its answers.
    let five = connect.get(6) == Some(&5);
    writer.write_all(if five { &[0x20, 3, 0, 0, 0] } else { &[0x20, 2, 0, 0] })?;
    writer.flush()?;
    let (_, subscribe) = packet(reader)?;
    let identifier = [subscribe[0], subscribe[1]];
    writer.write_all(&[0x90, if five { 4 } else { 3 }])?;
    writer.write_all(&identifier)?;
    if five {
        writer.write_all(&[0])?;
    }
    writer.write_all(&[qos])?;
    writer.flush()?;
    Ok(five)
}

impl Out {
    fn send_all(&mut self, start: Instant, acknowledged: &(Mutex<u64>, Condvar)) -> io::Result<()> {
        let (messages, qos, pace) = (self.flood.messages, self.flood.qos, self.flood.pace);
        let mut due = if pace.is_none() { messages } else { 0 };
        for number in 0..messages {
            while number >= due {
                self.flush()?;
                let next = start.elapsed() + BEAT;
                std::thread::sleep(BEAT);
                let beats = next.max(start.elapsed()).as_secs_f64();
                due = (beats * pace.unwrap_or_default() as f64) as u64;
            }
            if qos > 0 && number % 256 == 0 {
                self.flush()?;
                wait(acknowledged, number.saturating_sub(WINDOW));
            }
            self.publish(number)?;
        }
        self.flush()?;
        if qos > 0 {
            wait(acknowledged, messages);
        }
        Ok(())
    }

    fn publish(&mut self, number: u64) -> io::Result<()> {
        (self.flood.topic)(number, &mut self.topic);
        (self.flood.payload)(number, &mut self.payload);
        let qos = self.flood.qos;
        let properties = usize::from(self.five);
        let identifier = 2 * usize::from(qos > 0);
        let remaining = 2 + self.topic.len() + identifier + properties + self.payload.len();
        if self.writer.buffer().len() + remaining + 5 > self.writer.capacity() {
            self.flush()?;
        }
        let mut header = [0x30 | (qos << 1), 0, 0, 0, 0];
        let mut used = 1;
        let mut left = remaining;
        loop {
            let byte = u8::try_from(left & 0x7f).map_err(io::Error::other)?;
            left >>= 7;
            header[used] = byte | if left > 0 { 0x80 } else { 0 };
            used += 1;
            if left == 0 {
                break;
            }
        }
        self.writer.write_all(&header[..used])?;
        let length = u16::try_from(self.topic.len()).map_err(io::Error::other)?;
        self.writer.write_all(&length.to_be_bytes())?;
        self.writer.write_all(&self.topic)?;
        if qos > 0 {
            let identifier = u16::try_from(number % 65_535 + 1).map_err(io::Error::other)?;
            self.writer.write_all(&identifier.to_be_bytes())?;
        }
        if self.five {
            self.writer.write_all(&[0])?;
        }
        self.writer.write_all(&self.payload)
    }

    fn flush(&mut self) -> io::Result<()> {
        let begun = Instant::now();
        self.writer.flush()?;
        self.longest_wait = self.longest_wait.max(begun.elapsed());
        Ok(())
    }
}

fn wait((count, more): &(Mutex<u64>, Condvar), wanted: u64) {
    let count = count.lock().expect("no holder of this lock panics");
    drop(more.wait_while(count, |count| *count < wanted).expect("no holder of this lock panics"));
}

/// Counts PUBACKs and answers pings until the subscriber goes away.
fn answer(reader: TcpStream, mut pings: Shared, (count, more): &(Mutex<u64>, Condvar)) {
    let mut reader = io::BufReader::with_capacity(64 * 1024, reader);
    while let Ok((kind, _)) = packet(&mut reader) {
        match kind >> 4 {
            4 => {
                *count.lock().expect("no holder of this lock panics") += 1;
                more.notify_one();
            }
            12 if pings.write_all(&[0xd0, 0]).is_ok() => {}
            12 | 14 => break,
            _ => {}
        }
    }
    // A subscriber that left early must not leave the flood waiting for ever.
    *count.lock().expect("no holder of this lock panics") = u64::MAX;
    more.notify_all();
}

/// One Control Packet: its first byte and what follows the fixed header.
pub(super) fn packet(reader: &mut impl Read) -> io::Result<(u8, Vec<u8>)> {
    let mut byte = [0];
    reader.read_exact(&mut byte)?;
    let kind = byte[0];
    let (mut length, mut shift) = (0, 0);
    loop {
        reader.read_exact(&mut byte)?;
        length |= usize::from(byte[0] & 0x7f) << shift;
        if byte[0] & 0x80 == 0 {
            break;
        }
        shift += 7;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((kind, body))
}
