//! Measures views over a large history. Run it in release:
//! `cargo run --release -p mqttscope-history --example views [messages] [folder]`.
//!
//! 160 bytes of JSON a message on 10,000 topics. For each filter: until the first rows can be shown, until all is
//! looked at, and the slowest of a thousand pages anywhere in the result.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use mqttscope_history::{History, Job, View, ViewProgress};
use mqttscope_model::{
    Comparison, Direction, ExportRequest, Message, PayloadTest, QoS, ViewFilter,
};
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
    beside_ripgrep(&history, &runtime, &folder)?;
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

/// The same searches by `rg`, where it is installed, over the same messages as JSON Lines; in turn, the median of five.
fn beside_ripgrep(history: &History, runtime: &Runtime, folder: &Path) -> Outcome<()> {
    let file = folder.join("messages.jsonl");
    let began = Instant::now();
    let done = history.export_file(&ExportRequest::default(), &file, &Job::new())?;
    println!(
        "\nexport: {} messages, {} bytes in {:.1?}",
        done.messages,
        done.bytes,
        began.elapsed()
    );
    let text =
        |text: &str, case_sensitive| PayloadTest::Text { text: text.to_owned(), case_sensitive };
    let pattern = r"\btemp.{1,2}:4[0-9]\.9";
    let regex = PayloadTest::Regex { pattern: pattern.to_owned(), case_sensitive: true };
    let cases: [(&str, PayloadTest, &[&str]); 4] = [
        ("text, rare", text("needle", true), &["-c", "-F", "needle"]),
        ("text, common", text("ok", true), &["-c", "-F", "ok"]),
        ("text, any case", text("NEEDLE", false), &["-c", "-i", "-F", "NEEDLE"]),
        ("regex", regex, &["-c", pattern]),
    ];
    println!("{:16} {:>10} {:>10} {:>7}", "search", "ours", "rg", "ratio");
    for (name, test, arguments) in cases {
        let filter = payload(test);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            let began = Instant::now();
            let view = history.view(&filter)?;
            runtime.block_on(view.progress().wait_for(|told| told.complete))?;
            ours.push(began.elapsed());
            let began = Instant::now();
            let Ok(ran) = Command::new("rg").args(arguments).arg(&file).output() else {
                println!("rg is not installed");
                return Ok(());
            };
            theirs.push(began.elapsed());
            let counted: u64 = String::from_utf8(ran.stdout)?.trim().parse()?;
            if counted != view.len() {
                return Err(format!("{name}: rg found {counted}, we {}", view.len()).into());
            }
        }
        let median = |times: &mut Vec<Duration>| {
            times.sort();
            times.get(2).copied().unwrap_or_default()
        };
        let (ours, theirs) = (median(&mut ours), median(&mut theirs));
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        println!("{name:16} {ours:>10.1?} {theirs:>10.1?} {ratio:>7.2}");
    }
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
