//! Frames and latency while the list follows.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use acceptance::bench::{Arguments, Figure, Outcome, Report, percentile};
use acceptance::{Home, Window, wait};
use serde_json::{Value, json};

use super::broker::{Broker, Sent};
use super::{home, probe, processes};

/// Rows that are there before anything is measured: the idle window is one with a full list.
const BEFORE: u64 = 1_000;

/// How long the window is left alone between two measurements.
const REST: Duration = Duration::from_secs(2);

/// Frames per second against the idle window's.
const FRAMES: f64 = 0.8;

/// The 99th percentile of the gaps between frames, in milliseconds.
const GAP_MS: f64 = 50.0;

/// From the broker to the screen at one rate: median and 99th percentile, in milliseconds.
const LATENCY_MS: (u64, f64, f64) = (1_000, 60.0, 120.0);

/// From the broker to the screen for the last message, in milliseconds.
const LAST_MS: f64 = 250.0;

/// Measures the idle window, then each rate in the same window.
pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> Outcome<()> {
    let seconds = arguments.number("--seconds", if arguments.quick() { 5 } else { 30 })?;
    let rates = match arguments.number("--rate", 0)? {
        0 => vec![1_000, 10_000, 50_000],
        rate => vec![rate],
    };
    let broker = Broker::listen()?;
    let (home, profile) = home::with_profile(broker.port()).await?;
    let window = Window::open_as_shipped(&home).await;
    window.find("messages").await;
    invoke(&window, "session_connect", json!({ "profile": profile })).await?;
    tokio::task::block_in_place(|| broker.send(BEFORE, Some(BEFORE)))?;
    stored(&window, &profile, BEFORE).await?;

    tokio::time::sleep(REST).await;
    eprintln!("nothing comes for {seconds} s");
    let idle = run(&home, &window, || {
        std::thread::sleep(Duration::from_secs(seconds));
        Ok(None)
    })
    .await?;
    let rate = Figure::ours("frames per second, idle", idle.notes.rate(), "1/s");
    report.add(rate.with("cpu", json!(idle.cpu)));
    report.add(Figure::ours("frame gap p99, idle", idle.notes.gap(), "ms"));
    for rate in rates {
        tokio::time::sleep(REST).await;
        eprintln!("{rate} messages/s for {seconds} s");
        let run = run(&home, &window, || broker.send(rate * seconds, Some(rate)).map(Some)).await?;
        let sent = run.sent.as_ref().ok_or("messages were sent")?;
        let total = sent.first + sent.at_us.len() as u64;
        let missing = total - stored(&window, &profile, total).await?.min(total);
        tell(report, rate, &idle, &run, sent);
        let lost = Figure::ours(format!("not stored, {rate}/s"), missing as f64, "messages");
        report.add(lost.exactly(0.0));
    }
    window.quit(&home).await;
    Ok(())
}

fn tell(report: &mut Report, rate: u64, idle: &Run, run: &Run, sent: &Sent) {
    let figure = |what: &str, value, unit| Figure::ours(format!("{what}, {rate}/s"), value, unit);
    let reached = sent.at_us.len() as f64 / sent.took.as_secs_f64();
    report.add(figure("messages sent", reached, "1/s"));
    let frames = figure("frames per second", run.notes.rate(), "1/s");
    report.add(frames.with("cpu", json!(run.cpu)));
    let share = run.notes.rate() / idle.notes.rate();
    report.add(figure("frames by the idle window's", share, "times").at_least(FRAMES));
    report.add(figure("frame gap p99", run.notes.gap(), "ms").at_most(GAP_MS));
    let latencies = run.notes.latencies(sent);
    let median = percentile(latencies.iter().copied(), 0.5);
    let most = percentile(latencies, 0.99);
    let (p50, p99) = (
        figure("publish to visible p50", median, "ms"),
        figure("publish to visible p99", most, "ms"),
    );
    let asked = rate == LATENCY_MS.0;
    report.add(if asked { p50.at_most(LATENCY_MS.1) } else { p50 });
    report.add(if asked { p99.at_most(LATENCY_MS.2) } else { p99 });
    let last = run.notes.last(sent).unwrap_or(f64::INFINITY);
    report.add(figure("last message visible after", last, "ms").at_most(LAST_MS));
}

/// What was measured in one stretch of time.
pub(crate) struct Run {
    pub(crate) notes: probe::Notes,
    pub(crate) sent: Option<Sent>,
    /// CPU time over time, by the process's name: 1 is a whole core.
    pub(crate) cpu: BTreeMap<String, f64>,
}

async fn run(
    home: &Home,
    window: &Window,
    work: impl FnOnce() -> Outcome<Option<Sent>>,
) -> Outcome<Run> {
    probe::begin(window).await;
    let (begin, before) = (Instant::now(), processes::cpu(home));
    let sent = tokio::task::block_in_place(work)?;
    let (took, mut cpu) = (begin.elapsed(), processes::cpu(home));
    for (name, used) in &mut cpu {
        *used -= before.get(name).copied().unwrap_or_default();
    }
    let share = |used: Duration| used.as_secs_f64() / took.as_secs_f64();
    let mut cpu: BTreeMap<String, f64> =
        cpu.into_iter().map(|(name, used)| (name, share(used))).collect();
    if let Some(sent) = &sent {
        cpu.insert("the fake broker".to_owned(), share(sent.cpu));
        let last = sent.first + sent.at_us.len() as u64 - 1;
        wait::until("the last message to be seen", async || match probe::newest(window).await {
            Some(newest) if newest >= last => Ok(()),
            newest => Err(format!("{newest:?} of {last}")),
        })
        .await;
    }
    // What was posted in the last frame is noted a moment later.
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(Run { notes: probe::end(window).await?, sent, cpu })
}

/// Waits until `count` messages are stored, or no more come; gives how many there are.
async fn stored(window: &Window, profile: &str, count: u64) -> Outcome<u64> {
    let mut before = 0;
    loop {
        let stats = invoke(window, "history_stats", json!({ "profile": profile })).await?;
        let messages = stats["messages"].as_u64().ok_or("a history counts its messages")?;
        if messages >= count || (messages == before && messages > 0) {
            return Ok(messages);
        }
        before = messages;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Calls a command of the engine from the page, as the page itself does.
async fn invoke(window: &Window, name: &str, args: Value) -> Outcome<Value> {
    let script = "const [name, args, done] = arguments;
        window.__TAURI_INTERNALS__.invoke('engine', { name, args })
          .then((value) => done({ value }), (error) => done({ error }))";
    let answer = window.client().execute_async(script, vec![name.into(), args]).await?;
    match answer.get("error") {
        Some(error) => Err(format!("{name}: {error}").into()),
        None => Ok(answer["value"].clone()),
    }
}
