//! Measures what the limits of a history cost: appending with and without them, and a steady rate at the limit. Run it in
//! release: `cargo run --release -p mqttscope-history --example retention [seconds] [folder]`.
//!
//! Payloads have 160 bytes, topics are 10,000, the limit is 50 MB. CPU is that of the whole process, as in `ingest`. At
//! the steady rate, 20,000 messages a second, the longest time from an append to its commit is told, which is no
//! shorter than the longest transaction, and the largest size of file and log.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use mqttscope_history::History;
use mqttscope_model::{Direction, Message, QoS, Retention};

type Outcome<T> = Result<T, Box<dyn Error>>;

const LIMIT: u64 = 50_000_000;
const MESSAGES: u64 = 1_000_000;
const RATE: u64 = 20_000;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let seconds: u64 = arguments.next().map_or(Ok(20), |text| text.parse())?;
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("mqttscope-retention-{}", std::process::id()));
    let limit = Retention { max_bytes: Some(LIMIT), ..Retention::EVERYTHING };
    for (name, limits) in [("without", Retention::EVERYTHING), ("with", limit)] {
        let history = open(&folder, name)?;
        history.set_retention(limits)?;
        // To the limit first, which is not measured.
        append(&history, 400_000)?;
        let (began, cpu) = (Instant::now(), cpu_time());
        append(&history, MESSAGES)?;
        let rate = MESSAGES as f64 / began.elapsed().as_secs_f64();
        let cpu = cpu.zip(cpu_time()).map(|(from, to)| (to - from).as_secs_f64() * 1e6);
        let cpu = cpu.map_or_else(String::new, |us| format!("{:.2} µs", us / MESSAGES as f64));
        println!("{name} a limit: {rate:.0}/s, CPU {cpu} a message");
        if limits.max_bytes.is_some() {
            steady(&history, seconds)?;
        }
        history.close()?;
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn open(folder: &Path, name: &str) -> Outcome<History> {
    Ok(History::open(&folder.join(name), SystemTime::now)?.history)
}

fn message(number: u64) -> Outcome<Message> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Message {
        time_us: i64::try_from(since.as_micros())?,
        direction: Direction::Received,
        topic: format!("plant/line/{}/temperature", number % 10_000),
        qos: QoS::AtMostOnce,
        retain: false,
        dup: false,
        payload: vec![b'x'; 160],
        properties: Vec::new(),
    })
}

fn append(history: &History, count: u64) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (mut hold, mut committed) = (history.hold(), history.committed());
    for number in 0..count {
        if *hold.borrow_and_update() {
            runtime.block_on(hold.wait_for(|high| !high))?;
        }
        history.append(message(number)?)?;
    }
    let last = history.last_given().0;
    runtime.block_on(committed.wait_for(|id| *id >= last))?;
    Ok(())
}

fn steady(history: &History, seconds: u64) -> Outcome<()> {
    let committed = history.committed();
    let tick = Duration::from_millis(1);
    let (began, mut sent) = (Instant::now(), 0_u64);
    // The oldest message that is not known to be on disk, and since when.
    let mut waiting = None::<(u64, Instant)>;
    let (mut longest, mut file, mut log) = (Duration::ZERO, 0, 0);
    while began.elapsed() < Duration::from_secs(seconds) {
        let due = (began.elapsed().as_micros() as u64 * RATE).div_ceil(1_000_000);
        while sent < due {
            let id = history.append(message(sent)?)?.0;
            waiting.get_or_insert((id, Instant::now()));
            sent += 1;
        }
        if let Some((id, since)) = waiting
            && *committed.borrow() >= id
        {
            longest = longest.max(since.elapsed());
            waiting = None;
        }
        if sent.is_multiple_of(10) {
            let usage = history.usage();
            (file, log) = (usage.file_bytes.max(file), usage.log_bytes.max(log));
        }
        std::thread::sleep(tick);
    }
    let removed = history.stats().removed.messages;
    println!(
        "  {RATE}/s for {seconds} s: longest until committed {:.1} ms, file at most {:.1} MB \
         and log {:.1} MB of {:.0} MB, {removed} removed",
        longest.as_secs_f64() * 1e3,
        file as f64 / 1e6,
        log as f64 / 1e6,
        LIMIT as f64 / 1e6
    );
    Ok(())
}

/// CPU time of this process, where `/proc` tells it (in hundredths of a second).
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}
