//! Two histories side by side: how long it takes to compare what is recorded, and to page it.
//!
//! Both have the same messages but for one in a thousand that the right one lacks and one in a thousand whose payload
//! differs there; the right ones come 2 ms later. The time goes from `sides_open` until all messages were compared and none
//! waits, through the command door. Pages of a hundred rows are asked for at places all over the rows, of all
//! kinds and of those that tell of a difference, and their rows are read from both files.
//!
//! `--messages <count>` takes so many on each side (900,000 unless said), `--quick` a tenth.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use acceptance::bench::{
    Arguments, Figure, Headless, Outcome, Report, percentile, plant, plant_topic, runtime,
};
use mqttscope_history::History;
use mqttscope_model::{Direction, Message, QoS};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Messages of the left side: fewer than the rows that a comparison keeps, so that all verdicts can be counted at the end.
const MESSAGES: u64 = 900_000;

/// One of so many is missing, and another one differs.
const ODD: u64 = 1_000;

/// When the first message was recorded, and the time between two, in microseconds.
const BEGIN_US: i64 = 1_750_000_000_000_000;
const APART_US: i64 = 100;

/// How much later the right side's come.
const BEHIND_US: i64 = 2_000;

/// Rows of a page, and pages that are asked for.
const ROWS: u32 = 100;
const PAGES: u64 = 400;

const ALL: [&str; 6] = ["same", "late", "different", "missing_left", "missing_right", "waiting"];
const ODD_ONES: [&str; 3] = ["different", "missing_left", "missing_right"];

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

pub(crate) fn bench() -> Outcome<()> {
    let arguments = Arguments::of_process();
    let messages = arguments.number("--messages", MESSAGES)?;
    let messages = if arguments.quick() { messages / 10 } else { messages };
    let mut report = Report::new("sides", &arguments);
    let folder = TempDir::with_prefix("mqttscope-sides-")?;
    runtime()?.block_on(async {
        let (left, right) = prepare(folder.path(), messages).await?;
        let app = Headless::start(folder.path()).await?;
        // The indexes are read before: that is the reopening's time.
        for profile in [&left, &right] {
            app.stored(profile, 1).await?;
        }
        compare(&app, (&left, &right), messages, &mut report).await?;
        app.stop().await;
        Outcome::Ok(())
    })?;
    report.print();
    report.write()
}

async fn compare(
    app: &Headless,
    (left, right): (&str, &str),
    messages: u64,
    report: &mut Report,
) -> Outcome<()> {
    let odd = messages.div_ceil(ODD);
    let both = 2 * messages - odd;
    let options = json!({ "filter": {}, "since_us": null, "late_ms": 500, "wait_ms": 5_000 });
    let pair = json!({ "left": left, "right": right });
    let begun = Instant::now();
    let opened = app.call("sides_open", json!({ "pair": pair, "options": options })).await?;
    let sides = &opened["sides"];
    let (state, first) = compared(app, sides, both, begun).await?;
    let took = begun.elapsed();
    let counts = &state["counts"];
    if counts["missing_right"] != odd || counts["different"] != odd || state["behind"] != 0 {
        return Err(format!("other verdicts than expected: {state}").into());
    }
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    report.add(Figure::ours(format!("{messages} and {} compared", messages - odd), ms(took), "ms"));
    let each = took.as_secs_f64() * 1e6 / both as f64;
    report.add(Figure::ours("a message", each, "µs"));
    report.add(Figure::ours("until the first were compared", ms(first), "ms"));
    for (what, kinds) in [("all kinds", &ALL[..]), ("those that differ", &ODD_ONES)] {
        let times = pages(app, sides, kinds).await?;
        let p99 = percentile(times.iter().copied(), 0.99);
        report.add(Figure::ours(format!("a page of {ROWS} rows of {what}, p99"), p99, "ms"));
    }
    app.call("sides_close", json!({ "sides": sides })).await.map(drop)
}

/// Waits until all were compared; the state then, and when the first were.
async fn compared(
    app: &Headless,
    sides: &Value,
    messages: u64,
    begun: Instant,
) -> Outcome<(Value, Duration)> {
    let mut events = app.engine().events();
    let mut first = None;
    loop {
        let state = app.call("sides_state", json!({ "sides": sides })).await?;
        if state["compared"] != 0 {
            first.get_or_insert_with(|| begun.elapsed());
        }
        if state["compared"] == messages && state["counts"]["waiting"] == 0 {
            return Ok((state, first.unwrap_or_default()));
        }
        let more = tokio::time::timeout(Duration::from_secs(60), events.next()).await;
        more.map_err(|_| format!("nothing goes on: {state}"))?;
    }
}

/// Milliseconds of pages all over the rows of some kinds.
async fn pages(app: &Headless, sides: &Value, kinds: &[&str]) -> Outcome<Vec<f64>> {
    let ask = async |from: Value| {
        let args = json!({ "sides": sides, "kinds": kinds, "from": from, "count": ROWS });
        app.call("sides_page", args).await
    };
    let total = ask(json!({ "kind": "end" })).await?["total"].as_u64().unwrap_or_default();
    let mut times = Vec::new();
    for page in 0..PAGES {
        // A step that meets the whole length in no order.
        let place = page * 7_919 % PAGES * total / PAGES;
        let begun = Instant::now();
        let answer = ask(json!({ "kind": "place", "place": place })).await?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        let rows = answer["rows"].as_array().map_or(0, Vec::len) as u64;
        if rows != u64::from(ROWS).min(total - place) {
            return Err(format!("{rows} rows at {place} of {total}").into());
        }
    }
    Ok(times)
}

/// Two profiles in a folder, each with its history.
async fn prepare(folder: &Path, messages: u64) -> Outcome<(String, String)> {
    let app = Headless::start(folder).await?;
    // Nothing listens there, and nobody connects.
    let left = app.profile(1, "#", 0, |_| ()).await?;
    let right = app.profile(1, "#", 0, |_| ()).await?;
    let files = [(app.file(&left), Side::Left), (app.file(&right), Side::Right)];
    app.stop().await;
    for (file, side) in files {
        let history = History::open(&file, SystemTime::now)?.history;
        fill(&history, messages, side).await?;
        history.close()?;
    }
    Ok((left, right))
}

async fn fill(history: &History, messages: u64, side: Side) -> Outcome<()> {
    let mut hold = history.hold();
    let (mut topic, mut payload, mut last) = (Vec::new(), Vec::new(), None);
    for number in 0..messages {
        if side == Side::Right && number % ODD == 0 {
            continue;
        }
        hold.wait_for(|hold| !*hold).await?;
        plant_topic(number, &mut topic);
        plant(number, &mut payload);
        if side == Side::Right && number % ODD == ODD / 2 {
            payload.push(b' ');
        }
        let behind = if side == Side::Right { BEHIND_US } else { 0 };
        last = Some(history.append(Message {
            time_us: BEGIN_US + i64::try_from(number)? * APART_US + behind,
            direction: Direction::Received,
            topic: String::from_utf8(topic.clone())?,
            qos: QoS::AtMostOnce,
            retain: false,
            dup: false,
            payload: payload.clone(),
            properties: Vec::new(),
        })?);
    }
    if let Some(last) = last {
        history.committed().wait_for(|committed| *committed >= last.0).await?;
    }
    Ok(())
}
