//! Measures views over a large history. Run it in release:
//! `cargo run --release -p mqttscope-history --example views [messages] [folder]`.
//!
//! 160 bytes of JSON a message on 10,000 topics. For each filter: until the first rows can be shown, until all is
//! looked at, and the slowest of a thousand pages anywhere in the result.

use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use mqttscope_history::{History, View, ViewProgress};
use mqttscope_model::{Comparison, Direction, Message, PayloadTest, QoS, ViewFilter};
use tokio::runtime::Runtime;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let messages: u64 = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("mqttscope-views-{}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let history = History::open(&folder.join("history.sqlite"), SystemTime::now)?.history;
    fill(&history, &runtime, messages)?;
    let text = |text: &str, case_sensitive| {
        payload(PayloadTest::Text { text: text.to_owned(), case_sensitive })
    };
    let regex =
        PayloadTest::Regex { pattern: r"\btemp.:4[0-9]\.9".to_owned(), case_sensitive: true };
    let json = PayloadTest::Json {
        path: "$.temp".to_owned(),
        comparison: Comparison::Greater,
        value: "49".to_owned(),
    };
    let topics = vec!["plant/+/line/7/#".to_owned()];
    let cases = [
        ("topic", ViewFilter { topics, ..ViewFilter::default() }),
        ("retained", ViewFilter { retain: Some(true), ..ViewFilter::default() }),
        ("text, common", text("ok", true)),
        ("text, rare", text("needle", true)),
        ("text, any case", text("NEEDLE", false)),
        ("regex", payload(regex)),
        ("JSON", payload(json)),
    ];
    println!(
        "{:16} {:>9} {:>12} {:>10} {:>12}",
        "filter", "found", "first rows", "all", "page p99"
    );
    for (name, filter) in cases {
        measure(&history, &runtime, name, &filter)?;
    }
    drop(history);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn payload(test: PayloadTest) -> ViewFilter {
    ViewFilter { payload: vec![test], ..ViewFilter::default() }
}

fn fill(history: &History, runtime: &Runtime, messages: u64) -> Outcome<()> {
    let mut hold = history.hold();
    for number in 0..messages {
        if *hold.borrow_and_update() {
            runtime.block_on(hold.wait_for(|high| !high))?;
        }
        let topic = number % 10_000;
        let rare = if number % 100_000 == 17 { "needle" } else { "nothing" };
        let body = format!(
            r#"{{"n":{number},"temp":{}.{},"state":"ok","note":"{rare}""#,
            number % 50,
            number % 10
        );
        history.append(Message {
            time_us: i64::try_from(number)? * 100,
            direction: Direction::Received,
            topic: format!("plant/{}/line/{}/temperature", topic % 100, topic / 100),
            qos: QoS::AtMostOnce,
            retain: number % 1_000 == 0,
            dup: false,
            payload: format!("{body:159}}}").into_bytes(),
            properties: Vec::new(),
        })?;
    }
    runtime.block_on(history.committed().wait_for(|last| *last >= messages))?;
    Ok(())
}

fn measure(history: &History, runtime: &Runtime, name: &str, filter: &ViewFilter) -> Outcome<()> {
    let began = Instant::now();
    let view = history.view(filter)?;
    let until = |what: fn(&ViewProgress) -> bool| -> Outcome<Duration> {
        runtime.block_on(view.progress().wait_for(what))?;
        Ok(began.elapsed())
    };
    until(|told| told.found > 0 || told.complete)?;
    view.page(view.len().saturating_sub(50), 50)?;
    let first = began.elapsed();
    let all = until(|told| told.complete)?;
    let slowest = pages(&view)?;
    println!("{name:16} {:>9} {first:>12.1?} {all:>10.1?} {slowest:>12.2?}", view.len());
    Ok(())
}

/// The 99th percentile of a thousand pages of 100 rows, spread over the view.
fn pages(view: &View) -> Outcome<Duration> {
    let total = view.len();
    let mut took = Vec::new();
    for number in 0..1_000_u64 {
        let first = number.wrapping_mul(2_654_435_761) % total.max(1);
        let began = Instant::now();
        view.page(first, 100)?;
        took.push(began.elapsed());
    }
    took.sort();
    Ok(took.get(990).copied().unwrap_or_default())
}
