//! A broker that speaks just enough MQTT to flood one subscriber as fast as it reads.

use std::io::{self, BufWriter, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::{MESSAGES, PAYLOAD};

/// How many QoS 1 messages may wait for their PUBACK. Wide, because clients that leave Nagle's
/// algorithm on answer a narrow window once in 40 ms, and that would be all that is measured.
const WINDOW: u64 = 30_000;

/// The Topic Name of every message.
pub(crate) const TOPIC: &str = "bench/receive";

/// A listening broker that serves one subscriber.
pub(crate) struct Broker {
    port: u16,
    thread: JoinHandle<io::Result<Sent>>,
}

/// What the broker did.
pub(crate) struct Sent {
    /// From the first PUBLISH until the last was written and, at QoS 1, acknowledged.
    pub(crate) took: Duration,
}

impl Broker {
    pub(crate) fn listen(qos: u8) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let thread = std::thread::spawn(move || serve(listener.accept()?.0, qos));
        Ok(Self { port, thread })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn finish(self) -> io::Result<Sent> {
        self.thread.join().map_err(|_| io::Error::other("the fake broker panicked"))?
    }
}

fn serve(stream: TcpStream, qos: u8) -> io::Result<Sent> {
    stream.set_nodelay(true)?;
    let mut reader = stream.try_clone()?;
    let mut writer = BufWriter::with_capacity(64 * 1024, stream);

    let (_, connect) = packet(&mut reader)?;
    // Protocol name (2 + 4 bytes), then the level: 5 has properties in its answers.
    let five = connect.get(6) == Some(&5);
    writer.write_all(if five { &[0x20, 3, 0, 0, 0] } else { &[0x20, 2, 0, 0] })?;
    writer.flush()?;
    let (_, subscribe) = packet(&mut reader)?;
    let identifier = [subscribe[0], subscribe[1]];
    writer.write_all(&[0x90, if five { 4 } else { 3 }])?;
    writer.write_all(&identifier)?;
    if five {
        writer.write_all(&[0])?;
    }
    writer.write_all(&[qos])?;
    writer.flush()?;

    let acknowledged = Arc::new((Mutex::new(0), Condvar::new()));
    let answers = {
        let acknowledged = Arc::clone(&acknowledged);
        let pings = writer.get_ref().try_clone()?;
        std::thread::spawn(move || answer(reader, pings, &acknowledged))
    };
    let start = Instant::now();
    flood(&mut writer, qos, five, &acknowledged)?;
    let took = start.elapsed();
    // The subscriber ends the connection when it has everything.
    answers.join().map_err(|_| io::Error::other("the fake broker's reader panicked"))?;
    Ok(Sent { took })
}

fn flood(
    writer: &mut impl Write,
    qos: u8,
    five: bool,
    acknowledged: &(Mutex<u64>, Condvar),
) -> io::Result<()> {
    let remaining = 2 + TOPIC.len() + 2 * usize::from(qos > 0) + usize::from(five) + PAYLOAD;
    let mut payload = [b'.'; PAYLOAD];
    for number in 0..MESSAGES {
        if qos > 0 && number % 256 == 0 {
            writer.flush()?;
            wait(acknowledged, number.saturating_sub(WINDOW));
        }
        writer
            .write_all(&[0x30 | (qos << 1), u8::try_from(remaining).map_err(io::Error::other)?])?;
        writer.write_all(&u16::try_from(TOPIC.len()).map_err(io::Error::other)?.to_be_bytes())?;
        writer.write_all(TOPIC.as_bytes())?;
        if qos > 0 {
            let identifier = u16::try_from(number % 65_535 + 1).map_err(io::Error::other)?;
            writer.write_all(&identifier.to_be_bytes())?;
        }
        if five {
            writer.write_all(&[0])?;
        }
        payload[..8].copy_from_slice(format!("{number:08}").as_bytes());
        writer.write_all(&payload)?;
    }
    writer.flush()?;
    if qos > 0 {
        wait(acknowledged, MESSAGES);
    }
    Ok(())
}

fn wait((count, more): &(Mutex<u64>, Condvar), wanted: u64) {
    let count = count.lock().expect("no holder of this lock panics");
    drop(more.wait_while(count, |count| *count < wanted).expect("no holder of this lock panics"));
}

/// Counts PUBACKs and answers pings until the subscriber goes away.
fn answer(reader: TcpStream, mut pings: TcpStream, (count, more): &(Mutex<u64>, Condvar)) {
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
