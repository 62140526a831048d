//! A broker that speaks just enough MQTT 3.1.1 to send to one subscriber at a fixed pace.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use acceptance::bench::{Outcome, thread_cpu};

/// Bytes of each payload; the first ten are the message's number.
const PAYLOAD: usize = 64;

/// Topics that the messages take in turn.
const TOPICS: u64 = 16;

/// A pace finer than this a sleeping thread does not keep.
const TICK: Duration = Duration::from_millis(1);

/// A listening broker that serves one subscriber.
pub(crate) struct Broker {
    port: u16,
    wanted: Sender<Wanted>,
    sent: Receiver<io::Result<Sent>>,
}

struct Wanted {
    count: u64,
    /// Messages per second; none is as fast as the subscriber reads.
    rate: Option<u64>,
}

/// What was sent for one wish.
pub(crate) struct Sent {
    /// The number of the first message.
    pub(crate) first: u64,
    /// When each message was handed to the operating system, in microseconds since the Unix epoch.
    pub(crate) at_us: Vec<u64>,
    /// From the first to the last.
    pub(crate) took: Duration,
    /// What it cost this broker.
    pub(crate) cpu: Duration,
}

impl Broker {
    pub(crate) fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let (wanted, wishes) = channel();
        let (told, sent) = channel();
        std::thread::spawn(move || serve(&listener, &wishes, &told));
        Ok(Self { port, wanted, sent })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Sends `count` messages at `rate` per second, once there is a subscriber. Blocks until they are sent.
    pub(crate) fn send(&self, count: u64, rate: Option<u64>) -> Outcome<Sent> {
        self.wanted.send(Wanted { count, rate })?;
        Ok(self.sent.recv()??)
    }
}

fn serve(listener: &TcpListener, wishes: &Receiver<Wanted>, told: &Sender<io::Result<Sent>>) {
    let stream = match listener.accept().and_then(|(stream, _)| greet(stream)) {
        Ok(stream) => stream,
        Err(error) => {
            _ = told.send(Err(error));
            return;
        }
    };
    let mut writer = match stream.try_clone() {
        Ok(writer) => writer,
        Err(error) => {
            _ = told.send(Err(error));
            return;
        }
    };
    std::thread::spawn(move || answer(stream));
    let mut number = 0;
    for Wanted { count, rate } in wishes {
        let sent = send(&mut writer, number, count, rate);
        number += count;
        if told.send(sent).is_err() {
            return;
        }
    }
}

fn greet(mut stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    packet(&mut stream)?;
    stream.write_all(&[0x20, 2, 0, 0])?;
    let (_, subscribe) = packet(&mut stream)?;
    stream.write_all(&[0x90, 3, subscribe[0], subscribe[1], 0])?;
    Ok(stream)
}

/// Answers pings until the subscriber goes away.
fn answer(mut stream: TcpStream) {
    let Ok(mut writer) = stream.try_clone() else { return };
    while let Ok((kind, _)) = packet(&mut stream) {
        if kind >> 4 == 14 || (kind >> 4 == 12 && writer.write_all(&[0xd0, 0]).is_err()) {
            return;
        }
    }
}

fn send(writer: &mut TcpStream, first: u64, count: u64, rate: Option<u64>) -> io::Result<Sent> {
    let before = thread_cpu();
    let begin = Instant::now();
    let mut at_us = Vec::with_capacity(usize::try_from(count).map_err(io::Error::other)?);
    let (mut done, mut packets) = (0, Vec::new());
    while done < count {
        let due = rate.map_or(done + 500, |rate| {
            // A whole message is due at the end of its share of a second, the first one at once.
            u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX) * rate / 1_000_000 + 1
        });
        let due = due.min(count);
        let now = now_us();
        for number in done..due {
            publish(&mut packets, first + number)?;
            at_us.push(now);
        }
        writer.write_all(&packets)?;
        packets.clear();
        done = due;
        if rate.is_some() && done < count {
            std::thread::sleep(TICK);
        }
    }
    let cpu = before.zip(thread_cpu()).map(|(before, now)| now - before);
    Ok(Sent { first, at_us, took: begin.elapsed(), cpu: cpu.unwrap_or_default() })
}

fn publish(into: &mut Vec<u8>, number: u64) -> io::Result<()> {
    let topic = format!("bench/window/{:02}/temperature", number % TOPICS);
    let length = 2 + topic.len() + PAYLOAD;
    into.push(0x30);
    into.push(u8::try_from(length).map_err(io::Error::other)?);
    into.extend(u16::try_from(topic.len()).map_err(io::Error::other)?.to_be_bytes());
    into.extend(topic.as_bytes());
    let begin = into.len();
    write!(into, "{number:010} {{\"temp\":{}.5,\"unit\":\"C\"}}", number % 40)?;
    into.resize(begin + PAYLOAD, b'.');
    Ok(())
}

/// Microseconds since the Unix epoch, which the page's clock counts from too.
fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// One Control Packet: its first byte and what follows the fixed header.
fn packet(reader: &mut impl Read) -> io::Result<(u8, Vec<u8>)> {
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
