//! A subscription that nobody looks at: ten minutes at 20,000 messages a second, with room for 200 MB.
//!
//! A broker in this process sends messages of 160 bytes on 10,000 topics at that pace; the headless engine, a child, stores them
//! under a limit of bytes. Once a second its memory and its file with the log are looked at from outside. At the end
//! the file is read with SQLite alone: what came must be what is kept and what the limit removed, by its own count.
//!
//! `--minutes <n>` makes the night shorter; `--quick` takes 20 s with a tenth of the room.

use std::path::Path;
use std::time::{Duration, Instant};

use acceptance::bench::{
    Arguments, Broker, Child, Figure, Flood, Headless, Outcome, Report, median, memory, plant,
    plant_topic, removed, rows, runtime, say,
};
use serde_json::{Value, json};

/// The argument that makes this executable the subscriber.
const SUBSCRIBER: &str = "--subscriber";

const PACE: u64 = 20_000;
const MINUTES: f64 = 10.0;
const QUOTA: u64 = 200_000_000;

/// What the issue allows: growth of the memory in the second half, and of the file beyond its quota.
const GROWTH: f64 = 5.0;
const BEYOND: f64 = 10.0;

/// How often memory and file are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// A tenth of all looks makes one value at each end of the second half.
const PART: usize = 10;

/// One look.
struct Look {
    at_s: f64,
    rss: u64,
    pss: Option<u64>,
    file: u64,
}

pub(crate) fn bench() -> Outcome<()> {
    let arguments = Arguments::of_process();
    if let Some(rest) = arguments.after(SUBSCRIBER) {
        return receive(rest);
    }
    let quick = arguments.quick();
    let minutes: f64 = arguments.number("--minutes", if quick { 1.0 / 3.0 } else { MINUTES })?;
    let quota = if quick { QUOTA / 10 } else { QUOTA };
    let messages = (minutes * 60.0) as u64 * PACE;
    let mut report = Report::new("overnight", &arguments);
    let broker = Broker::listen(Flood {
        messages,
        qos: 0,
        pace: Some(PACE),
        topic: Box::new(plant_topic),
        payload: Box::new(plant),
    })?;
    let words = [broker.port().to_string(), messages.to_string(), quota.to_string()];
    let mut child = Child::again(&[SUBSCRIBER, &words[0], &words[1], &words[2]])?;
    let folder = child.told()?["folder"].as_str().ok_or("a folder is told")?.to_owned();
    let file = child.told()?["file"].as_str().ok_or("a file is told")?.to_owned();
    let id = child.id();
    let (done, over) = std::sync::mpsc::channel();
    let watching = {
        let file = file.clone();
        std::thread::spawn(move || watch(id, Path::new(&file), &over))
    };
    let end = child.told()?;
    _ = done.send(());
    let looks = watching.join().map_err(|_| "the watch panicked")?;
    child.finish()?;
    let sent = broker.finish()?;
    let paced = messages as f64 / sent.took.as_secs_f64();
    report.add(Figure::ours("paced", paced, "1/s").at_least(0.99 * PACE as f64));
    report.add(
        Figure::ours("minutes", sent.took.as_secs_f64() / 60.0, "min").at_least(minutes * 0.99),
    );
    memory_figures(&mut report, &looks);
    file_figures(&mut report, &looks, quota);
    count(&mut report, Path::new(&file), messages, &end)?;
    std::fs::remove_dir_all(folder)?;
    let shown: Vec<Value> =
        looks.iter().map(|look| json!([look.at_s, look.rss, look.pss, look.file])).collect();
    report.attach("looks", json!({ "columns": ["s", "rss", "pss", "file"], "rows": shown }));
    report.print();
    report.write()
}

/// Looks once a second until it is over.
fn watch(process: u32, file: &Path, over: &std::sync::mpsc::Receiver<()>) -> Vec<Look> {
    let (begun, mut looks) = (Instant::now(), Vec::new());
    while over.recv_timeout(LOOK).is_err() {
        let Some(memory) = memory(process) else { continue };
        let bytes = |suffix: &str| {
            let mut path = file.as_os_str().to_owned();
            path.push(suffix);
            std::fs::metadata(path).map_or(0, |known| known.len())
        };
        looks.push(Look {
            at_s: begun.elapsed().as_secs_f64(),
            rss: memory.rss,
            pss: memory.pss,
            file: bytes("") + bytes("-wal"),
        });
    }
    looks
}

fn memory_figures(report: &mut Report, looks: &[Look]) {
    let half = &looks[looks.len() / 2..];
    let part = (looks.len() / PART).clamp(1, half.len().max(1));
    type Of = fn(&Look) -> Option<u64>;
    let kinds: [(&str, Of); 2] = [("RSS", |look| Some(look.rss)), ("PSS", |look| look.pss)];
    for (name, of) in kinds {
        let middle = |looks: &[Look]| median(looks.iter().filter_map(of).map(|b| b as f64));
        let (from, to) = (middle(&half[..part]), middle(&half[half.len() - part..]));
        if from > 0.0 {
            let growth = (to / from - 1.0) * 100.0;
            let what = format!("growth of {name} in the second half");
            let figure = Figure::ours(what, growth, "%").at_most(GROWTH);
            report.add(figure.with("from_bytes", from).with("to_bytes", to));
        }
    }
    let most = looks.iter().map(|look| look.rss).max().unwrap_or_default();
    report.add(Figure::ours("most memory", most as f64 / 1e6, "MB"));
}

fn file_figures(report: &mut Report, looks: &[Look], quota: u64) {
    let most = looks.iter().map(|look| look.file).max().unwrap_or_default();
    let part = most as f64 / quota as f64 * 100.0;
    let figure = Figure::ours("largest file with its log, of the quota", part, "%");
    report.add(figure.at_most(100.0 + BEYOND).with("bytes", most).with("quota", quota));
    let reached = looks.iter().find(|look| look.file as f64 > 0.9 * quota as f64);
    if let Some(look) = reached {
        report.add(Figure::ours("nine tenths of the quota reached after", look.at_s, "s"));
    }
}

/// What came, what is kept, and what went.
fn count(report: &mut Report, file: &Path, messages: u64, end: &Value) -> Outcome<()> {
    let (kept, went) = (rows(file)?, removed(file)?);
    let stored = end["stored"].as_u64().unwrap_or_default();
    report.add(Figure::ours("lost", messages as f64 - stored as f64, "messages").exactly(0.0));
    report.add(Figure::ours("kept", kept as f64, "messages"));
    let counted = Figure::ours("removed by the limit, by its count", went as f64, "messages");
    report.add(counted.exactly(stored as f64 - kept as f64));
    let held = end["held_back_ms"].as_f64().unwrap_or_default();
    report.add(Figure::ours("reading held back in all", held, "ms"));
    Ok(())
}

/// Stores everything that comes under a limit of bytes.
fn receive(arguments: &[String]) -> Outcome<()> {
    let [port, messages, quota] = arguments else {
        return Err("port, messages and quota expected".into());
    };
    let (port, messages): (u16, u64) = (port.parse()?, messages.parse()?);
    let quota: u64 = quota.parse()?;
    // Whoever measures looks at the file after this process has ended, and removes the folder.
    let folder = tempfile::tempdir()?.keep();
    say(&json!({ "folder": folder }))?;
    runtime()?.block_on(async {
        let app = Headless::start(&folder).await?;
        let limit = |profile: &mut Value| profile["retention"] = json!({ "max_bytes": quota });
        let profile = app.profile(port, "#", 0, limit).await?;
        say(&json!({ "file": app.file(&profile) }))?;
        app.connect(&profile).await?;
        // Ids are dense, so the last one counts what was stored, kept or not. The session's own count is told
        // a moment later.
        let stored = loop {
            let last = app.stats(&profile).await?["last_id"].as_u64().unwrap_or_default();
            if last >= messages {
                break last;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        let session = app.call("sessions_list", json!({})).await?[0].clone();
        let traffic = &session["traffic"];
        let end = json!({
            "stored": stored, "held_back_ms": traffic["held_back_ms"],
        });
        app.call("session_disconnect", json!({ "profile": profile })).await?;
        app.stop().await;
        say(&end)
    })
}
