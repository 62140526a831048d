//! From the start of a process to the first rows of a history.
//!
//! The engine, a child of this bench, starts in a folder in which a history of some size lies, and asks for what a window
//! asks first: the profiles and the hundred newest rows. The time goes from before the
//! process is started until its answer is read here. The sizes take turns, and medians of the rounds are compared, because
//! the machine is shared. The files are in the operating system's cache, as after a restart of the application.
//!
//! `--quick` takes a tenth of the messages and three rounds.

use std::path::Path;
use std::time::{Instant, SystemTime};

use acceptance::bench::{
    Arguments, Child, Figure, Headless, Outcome, Report, fill, median, runtime, say,
};
use mqttscope_history::History;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The argument that makes this executable the application.
const APPLICATION: &str = "--application";

/// Sizes of the histories.
const SIZES: [u64; 3] = [0, 1_000_000, 5_000_000];

/// Rows that a window asks for.
const ROWS: u32 = 100;

/// How often each is started.
const ROUNDS: usize = 31;

/// First rows after so many messages may take so many times those of an empty history.
const LIMIT: (u64, f64) = (1_000_000, 1.1);

pub(crate) fn bench() -> Outcome<()> {
    let arguments = Arguments::of_process();
    if let Some(rest) = arguments.after(APPLICATION) {
        let folder = rest.first().ok_or("a folder expected")?;
        return open(Path::new(folder));
    }
    let mut report = Report::new("reopen", &arguments);
    let (part, rounds) = if arguments.quick() { (10, 3) } else { (1, ROUNDS) };
    let mut places = Vec::new();
    for size in SIZES {
        eprintln!("a history of {} messages", size / part);
        places.push((size, prepare(size / part)?, Vec::new(), Vec::new()));
    }
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for (size, folder, whole, inside) in &mut places {
            let begun = Instant::now();
            let mut child = Child::again(&[APPLICATION, &folder.path().to_string_lossy()])?;
            let said = child.told()?;
            whole.push(begun.elapsed().as_secs_f64() * 1e3);
            inside.push(said["inside_ms"].as_f64().ok_or("the time inside is missing")?);
            let rows = said["rows"].as_u64();
            if rows != Some(u64::from(ROWS).min(*size / part)) {
                return Err(format!("{rows:?} rows of {size} messages").into());
            }
            child.finish()?;
        }
    }
    let mut empty = None;
    for (size, _, whole, inside) in places {
        let (first, size) = (median(whole.iter().copied()), size / part);
        let ratio = first / *empty.get_or_insert(first);
        let what = format!("first rows of {size} messages");
        let inside = median(inside);
        let rounds = json!(whole);
        let figure = Figure::ours(&what, first, "ms").with("of_which_in_the_engine_ms", inside);
        report.add(figure.with("rounds", rounds));
        if size > 0 {
            let figure = Figure::ours(format!("{what}, by those of none"), ratio, "times");
            let asked = size * part == LIMIT.0;
            report.add(if asked { figure.at_most(LIMIT.1) } else { figure });
        }
    }
    report.print();
    report.write()
}

/// A folder with a profile and a history.
fn prepare(messages: u64) -> Outcome<TempDir> {
    let folder = TempDir::with_prefix("mqttscope-reopen-")?;
    runtime()?.block_on(async {
        let app = Headless::start(folder.path()).await?;
        // Nothing listens there, and nobody connects.
        let profile = app.profile(1, "#", 0, |_| ()).await?;
        let file = app.file(&profile);
        app.stop().await;
        let history = History::open(&file, SystemTime::now)?.history;
        fill(&history, 0..messages).await?;
        history.close()?;
        Ok(folder)
    })
}

/// What is counted of an answer.
#[derive(Deserialize)]
struct Page {
    rows: Vec<IgnoredAny>,
}

/// Starts as a window's engine does, and says how many rows it has.
fn open(folder: &Path) -> Outcome<()> {
    let begun = Instant::now();
    runtime()?.block_on(async {
        let app = Headless::start(folder).await?;
        let list = app.call("profiles_list", json!({})).await?;
        let profile = list["profiles"][0]["id"].as_str().ok_or("there is a profile")?;
        let answer = app.newest_as_sent(profile, ROWS).await?;
        let inside = begun.elapsed().as_secs_f64() * 1e3;
        let Page { rows } = serde_json::from_str(&answer)?;
        say(&json!({ "rows": rows.len(), "inside_ms": inside }) as &Value)?;
        app.stop().await;
        Ok(())
    })
}
