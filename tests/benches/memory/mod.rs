//! What the engine's memory grows by while it stores messages.
//!
//! A broker in this process sends messages of 160 bytes on 10,000 topics; the headless engine, a child for each size, stores
//! them. Its growth is the resident memory when all is stored and it has come to rest, less that before it connected, with
//! its history open. Nothing is taken off for what the allocator keeps for later: a person who looks at the process sees it
//! too. The child runs twice for each size, once as it is and once with glibc told to give free memory back at once, so
//! that both can be told apart.
//!
//! `--quick` takes 100,000 messages. `--topics` stores 10,000,000 messages, each on a topic of its own, instead.

use std::time::Duration;

use acceptance::bench::{
    Arguments, Broker, Child, Figure, Flood, Headless, Memory, Outcome, Report, Writer, memory,
    plant, plant_topic, runtime, say,
};
use serde_json::{Value, json};

/// The argument that makes this executable the subscriber.
const SUBSCRIBER: &str = "--subscriber";

/// Different topics of one run with `--topics`.
const DISTINCT: u64 = 10_000_000;

/// Messages, and the megabytes that the issue allows for them.
const SIZES: [(u64, f64); 2] = [(1_000_000, 100.0), (5_000_000, 250.0)];

/// The memory is at rest where it changed by less than this over a second.
const REST: u64 = 256 * 1024;

/// How often the child looks at what it takes.
const LOOK: Duration = Duration::from_millis(100);

const MEGABYTE: f64 = 1e6;

pub(crate) fn bench() -> Outcome<()> {
    let arguments = Arguments::of_process();
    if let Some(rest) = arguments.after(SUBSCRIBER) {
        return receive(rest);
    }
    if arguments.has("--topics") {
        return topics(&arguments);
    }
    let mut report = Report::new("memory", &arguments);
    for (messages, limit) in SIZES {
        let messages = if arguments.quick() { messages / 10 } else { messages };
        let name = format!("growth at {messages} messages of 160 bytes on 10,000 topics");
        for trims in [false, true] {
            eprintln!("{messages} messages{}", if trims { ", allocator trimmed" } else { "" });
            let run = run(messages, trims, Box::new(plant_topic))?;
            let name = if trims { format!("{name}, allocator trimmed") } else { name.clone() };
            let figure = Figure::ours(name, grown(&run)?, "MB").at_most(limit);
            report.add(figure.with("run", run));
        }
    }
    report.print();
    report.write()
}

/// What ten million topics take, once.
fn topics(arguments: &Arguments) -> Outcome<()> {
    let mut report = Report::new("memory-topics", arguments);
    let messages = if arguments.quick() { DISTINCT / 100 } else { DISTINCT };
    let name = |number: u64, topic: &mut Vec<u8>| {
        use std::io::Write as _;
        topic.clear();
        _ = write!(topic, "site/{:03}/device/{number:08}/state", number % 1_000);
    };
    let run = run(messages, false, Box::new(name))?;
    let what = format!("growth at {messages} messages, each on a topic of its own");
    report.add(Figure::ours(what, grown(&run)?, "MB"));
    let most = run["most"]["rss"].as_f64().unwrap_or_default() / MEGABYTE;
    report.add(Figure::ours("the most that it took meanwhile", most, "MB"));
    let disk = run["bytes_on_disk"].as_f64().unwrap_or_default() / MEGABYTE;
    report.add(Figure::ours("on the disk", disk, "MB"));
    report.add(Figure::ours("took", run["took_s"].as_f64().unwrap_or_default(), "s"));
    report.attach("run", run);
    report.print();
    report.write()
}

/// Starts a child, floods it, and gives what it said.
fn run(messages: u64, trims: bool, topic: Writer) -> Outcome<Value> {
    let flood = Flood { messages, qos: 0, pace: None, topic, payload: Box::new(plant) };
    let broker = Broker::listen(flood)?;
    let mut command = acceptance::bench::this_again()?;
    command.args([SUBSCRIBER, &broker.port().to_string(), &messages.to_string()]);
    if trims {
        command.env("MALLOC_TRIM_THRESHOLD_", "0").env("MALLOC_ARENA_MAX", "1");
    }
    let mut child = Child::start(&mut command)?;
    let mut said = child.told()?;
    let sent = broker.finish()?;
    said["took_s"] = json!(sent.took.as_secs_f64());
    child.finish()?;
    Ok(said)
}

fn grown(run: &Value) -> Outcome<f64> {
    let rss = |name: &str| run[name]["rss"].as_f64().ok_or("the system tells no memory");
    Ok((rss("after")? - rss("before")?) / MEGABYTE)
}

/// Stores everything and says what the process took before, at most, and after.
fn receive(arguments: &[String]) -> Outcome<()> {
    let [port, messages] = arguments else { return Err("port and messages expected".into()) };
    let (port, messages): (u16, u64) = (port.parse()?, messages.parse()?);
    let folder = tempfile::tempdir()?;
    runtime()?.block_on(async {
        let app = Headless::start(folder.path()).await?;
        let profile = app.profile(port, "#", 0, |_| ()).await?;
        // Opens the history.
        app.stats(&profile).await?;
        let before = at_rest().await?;
        app.connect(&profile).await?;
        let most = {
            let stored = app.stored(&profile, messages);
            tokio::pin!(stored);
            let mut most = before;
            loop {
                match tokio::time::timeout(LOOK, &mut stored).await {
                    Ok(stored) => break stored.map(|()| most)?,
                    Err(_) if own()?.rss > most.rss => most = own()?,
                    Err(_) => {}
                }
            }
        };
        let after = at_rest().await?;
        let stats = app.stats(&profile).await?;
        app.call("session_disconnect", json!({ "profile": profile })).await?;
        say(&json!({
            "before": shown(before), "most": shown(most), "after": shown(after),
            "bytes_on_disk": stats["bytes_on_disk"], "messages": stats["messages"],
        }))?;
        app.stop().await;
        Ok(())
    })
}

fn own() -> Outcome<Memory> {
    Ok(memory(std::process::id()).ok_or("the system tells no memory")?)
}

/// The memory once it changes no more.
async fn at_rest() -> Outcome<Memory> {
    let mut last = own()?;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = own()?;
        if now.rss.abs_diff(last.rss) < REST {
            return Ok(now);
        }
        last = now;
    }
}

fn shown(Memory { rss, pss }: Memory) -> Value {
    json!({ "rss": rss, "pss": pss })
}
