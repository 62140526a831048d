//! Measures how long it takes until the newest rows are there: of an empty history, of one that was closed, and of
//! one whose program was killed. Run it in release:
//! `cargo run --release -p mqttscope-history --example reopen [messages] [folder]`.
//!
//! Payloads have 160 bytes and topics are 10,000. The histories are opened in turn, so that the load of the machine
//! is the same for all; told is the median. A kill is a copy of the files while they are open.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use mqttscope_history::History;
use mqttscope_model::{Direction, Message, QoS};

type Outcome<T> = Result<T, Box<dyn Error>>;

const ROUNDS: usize = 15;
const PAGE: u32 = 100;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let messages: u64 = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("mqttscope-reopen-{}", std::process::id()));
    let (empty, closed, killed) =
        (folder.join("empty.sqlite"), folder.join("closed.sqlite"), folder.join("killed.sqlite"));
    History::open(&empty, SystemTime::now)?.history.close()?;
    let history = History::open(&closed, SystemTime::now)?.history;
    fill(&history, messages)?;
    copy(&closed, &killed)?;
    let began = Instant::now();
    history.close()?;
    println!("{messages} messages; close {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    let mut times: [Vec<Times>; 3] = Default::default();
    let again = folder.join("again.sqlite");
    for _ in 0..ROUNDS {
        // What is opened after a kill is closed well; the next round needs it killed.
        copy(&killed, &again)?;
        for (path, times) in [&empty, &closed, &again].into_iter().zip(&mut times) {
            times.push(first_rows(path)?);
        }
    }
    let mut base = None;
    for (name, times) in ["empty", "closed", "killed"].into_iter().zip(times) {
        let rows = median(times.iter().map(|times| times.rows));
        let base = *base.get_or_insert(rows);
        println!(
            "{name}: open {:.2} ms, first rows {:.2} ms ({:.2} of empty), all known {:.2} ms",
            median(times.iter().map(|times| times.open)),
            rows,
            rows / base,
            median(times.iter().map(|times| times.all)),
        );
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// What took how long since the open was asked for.
struct Times {
    open: Duration,
    rows: Duration,
    all: Duration,
}

fn first_rows(path: &Path) -> Outcome<Times> {
    let began = Instant::now();
    let history = History::open(path, SystemTime::now)?.history;
    let open = began.elapsed();
    let total = history.stats().messages;
    let page = history.page(total.saturating_sub(PAGE.into()), PAGE)?;
    let rows = began.elapsed();
    assert_eq!(page.rows.len() as u64, total.min(PAGE.into()));
    history.page(0, PAGE)?;
    history.complete_topics("", 1);
    let all = began.elapsed();
    history.close()?;
    Ok(Times { open, rows, all })
}

fn median(times: impl Iterator<Item = Duration>) -> f64 {
    let mut times: Vec<f64> = times.map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    for suffix in ["", "-wal"] {
        let beside = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        match std::fs::copy(beside(from), beside(to)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn fill(history: &History, messages: u64) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (mut hold, mut committed) = (history.hold(), history.committed());
    for number in 0..messages {
        if *hold.borrow_and_update() {
            runtime.block_on(hold.wait_for(|high| !high))?;
        }
        history.append(Message {
            time_us: i64::try_from(number)? * 50,
            direction: Direction::Received,
            topic: format!("plant/line/{}/temperature", number % 10_000),
            qos: QoS::AtMostOnce,
            retain: false,
            dup: false,
            payload: vec![b'x'; 160],
            properties: Vec::new(),
        })?;
    }
    runtime.block_on(committed.wait_for(|last| *last == messages))?;
    Ok(())
}
