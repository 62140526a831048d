//! Measures the store: appending, paging, reopening. Run it in release:
//! `cargo run --release -p mqttscope-history --example ingest [messages] [folder]`.
//!
//! The CPU time is that of the whole process from the first append to the last commit: making each
//! message (two allocations), the queue, SQLite and the kernel's part of writing the file. The appender
//! stops while the pressure is high, as a session does.

use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use mqttscope_history::History;
use mqttscope_model::{Direction, Message, QoS};

type Outcome<T> = Result<T, Box<dyn Error>>;

const PAYLOAD: usize = 64;
const PAGE: u32 = 100;
const PAGES: u64 = 1_000;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let messages: u64 = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("mqttscope-ingest-{}", std::process::id()));
    let path = folder.join("history.sqlite");
    println!("{messages} messages of {PAYLOAD} bytes on 1,000 topics");
    for (name, qos) in [("QoS 0", QoS::AtMostOnce), ("QoS 1", QoS::AtLeastOnce)] {
        let history = open(&path)?;
        ingest(&history, name, qos, messages)?;
        page(&history)?;
        history.close()?;
        reopen(&path)?;
        clear(&path)?;
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn open(path: &std::path::Path) -> Outcome<History> {
    Ok(History::open(path, SystemTime::now)?.history)
}

fn ingest(history: &History, name: &str, qos: QoS, messages: u64) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (mut hold, mut committed) = (history.hold(), history.committed());
    let first = history.last_given().0;
    let mut held = 0_u32;
    let (began, cpu) = (Instant::now(), cpu_time());
    for number in 0..messages {
        if *hold.borrow_and_update() {
            held += 1;
            runtime.block_on(hold.wait_for(|high| !high))?;
        }
        history.append(Message {
            time_us: i64::try_from(number)? * 3,
            direction: Direction::Received,
            topic: format!("plant/line/{}/temperature", number % 1_000),
            qos,
            retain: false,
            dup: false,
            payload: vec![b'x'; PAYLOAD],
            properties: Vec::new(),
        })?;
    }
    runtime.block_on(committed.wait_for(|last| *last == first + messages))?;
    let (took, cpu) = (began.elapsed(), cpu.zip(cpu_time()).map(|(from, to)| to - from));
    let each = |time: Duration| time.as_secs_f64() * 1e6 / messages as f64;
    let cpu = cpu.map_or_else(|| "unknown".to_owned(), |cpu| format!("{:.2} µs", each(cpu)));
    let rate = messages as f64 / took.as_secs_f64();
    let commits = *history.revision().borrow();
    println!(
        "{name}: append {rate:.0}/s, CPU {cpu} a message, {commits} commits, held {held} times"
    );
    Ok(())
}

fn page(history: &History) -> Outcome<()> {
    let total = history.stats().messages;
    let began = Instant::now();
    for number in 0..PAGES {
        // Scattered over the whole history.
        let first = number * 7_919 * u64::from(PAGE) % total;
        history.page(first, PAGE)?;
    }
    let each = began.elapsed().as_secs_f64() * 1e3 / PAGES as f64;
    println!("  page of {PAGE} rows: {each:.3} ms");
    Ok(())
}

fn reopen(path: &std::path::Path) -> Outcome<()> {
    let began = Instant::now();
    let history = open(path)?;
    let took = began.elapsed().as_secs_f64();
    let stats = history.stats();
    println!("  reopen: {took:.3} s for {} MB", stats.bytes_on_disk / 1_000_000);
    Ok(history.close()?)
}

fn clear(path: &std::path::Path) -> Outcome<()> {
    let history = open(path)?;
    let began = Instant::now();
    let cleared = history.clear()?;
    let took = began.elapsed().as_secs_f64();
    println!("  clear: {took:.3} s, {} MB given back", cleared.bytes / 1_000_000);
    Ok(history.close()?)
}

/// CPU time of this process, where `/proc` tells it (in hundredths of a second).
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}
