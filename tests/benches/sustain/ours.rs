//! Our engine under a steady stream, watched from outside.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use acceptance::bench::{
    Figure, Headless, Outcome, Report, Sent, each, own_cpu, percentile, runtime, say, stamped,
};
use serde_json::{Value, json};

use super::{FULL_MS, PAYLOAD, common, number};

/// The argument that makes this executable the subscriber.
pub(crate) const ARGUMENT: &str = "--subscriber";

/// How often the history is asked how far it is.
const LOOK: Duration = Duration::from_millis(2);

/// How long nothing may come before it is over.
const PATIENCE: Duration = Duration::from_secs(10);

/// Messages that wait for the disk when reading stops, and when it goes on: the history's rule, in its README.
const FULL: usize = 6_400;
const FREE: usize = 3_200;

/// What was seen at one moment.
struct Look {
    at_us: i64,
    /// The last message that was on the disk.
    stored: usize,
}

/// Receives at whatever pace comes, and says what it found as one line of JSON.
pub(crate) fn receive(arguments: &[String]) -> Outcome<()> {
    let [port, messages] = arguments else { return Err("port and messages expected".into()) };
    let (port, messages): (u16, u64) = (port.parse()?, messages.parse()?);
    let folder = tempfile::tempdir()?;
    let (file, cpu, looks, session) = runtime()?.block_on(async {
        let app = Headless::start(folder.path()).await?;
        let profile = app.profile(port, "bench/sustain", 0, |_| ()).await?;
        let before = own_cpu();
        app.connect(&profile).await?;
        let looks = watch(&app, &profile, messages).await?;
        let cpu = before.zip(own_cpu()).map(|(from, to)| (to - from).as_secs_f64());
        let session = app.call("sessions_list", json!({})).await?[0].clone();
        app.call("session_disconnect", json!({ "profile": profile })).await?;
        let file = app.file(&profile);
        app.stop().await;
        Outcome::Ok((file, cpu, looks, session))
    })?;
    let mut found = read(&file, messages, &looks)?;
    found["cpu_s"] = json!(cpu);
    found["held_back_ms"] = session["traffic"]["held_back_ms"].clone();
    say(&found)
}

/// Looks until all is stored, or nothing comes any more.
async fn watch(app: &Headless, profile: &str, messages: u64) -> Outcome<Vec<Look>> {
    let mut looks: Vec<Look> = Vec::new();
    let mut beat = tokio::time::interval(LOOK);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut since = Instant::now();
    loop {
        beat.tick().await;
        let stats = app.stats(profile).await?;
        // After the answer, so that a wait is never told too short.
        let at_us = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?;
        let stored = usize::try_from(stats["last_id"].as_u64().unwrap_or_default())?;
        if looks.last().is_none_or(|last| last.stored < stored) {
            since = Instant::now();
        }
        looks.push(Look { at_us, stored });
        if stored as u64 >= messages || since.elapsed() > PATIENCE {
            return Ok(looks);
        }
    }
}

/// Holds the file against what was sent, and against what was seen.
fn read(file: &Path, messages: u64, looks: &[Look]) -> Outcome<Value> {
    let (mut read_us, mut sent_us) = (Vec::new(), Vec::new());
    let (mut expected, mut out_of_order) = (0, 0_u64);
    each(file, |kept| {
        let (number, sent) = stamped(kept.payload).ok_or("a payload that nobody sent")?;
        if number != expected || kept.payload.len() != PAYLOAD {
            out_of_order += 1;
        }
        expected = number + 1;
        read_us.push(kept.time_us);
        sent_us.push(sent);
        Ok(())
    })?;
    let (waits, whole) = waits(looks, &read_us, &sent_us);
    let full = full(looks, &read_us);
    Ok(json!({
        "lost": messages - (read_us.len() as u64).min(messages),
        "out_of_order": out_of_order,
        "wait_p50_ms": percentile(waits.iter().copied(), 0.5),
        "wait_p99_ms": percentile(waits.iter().copied(), 0.99),
        "wait_most_ms": percentile(waits.iter().copied(), 1.0),
        "whole_p50_ms": percentile(whole.iter().copied(), 0.5),
        "whole_p99_ms": percentile(whole.iter().copied(), 0.99),
        "full_ms": full.longest_us as f64 / 1e3,
        "full_times": full.times,
        "queue_most": full.most,
        "blind_ms": blind(looks),
    }))
}

/// The longest time between two looks, in milliseconds: what is shorter may not have been seen.
fn blind(looks: &[Look]) -> f64 {
    let steps = looks.windows(2).map(|pair| pair[1].at_us - pair[0].at_us);
    steps.max().unwrap_or_default() as f64 / 1e3
}

/// Milliseconds from the socket, and from the broker, to the disk: of the first message of each look, which has
/// waited longest.
fn waits(looks: &[Look], read_us: &[i64], sent_us: &[i64]) -> (Vec<f64>, Vec<f64>) {
    let (mut waits, mut whole) = (Vec::new(), Vec::new());
    let mut before = 0;
    for look in looks {
        // Ids begin at 1, so the first that is new has the index `before`.
        if look.stored > before {
            let ms = |since: Option<&i64>| since.map(|since| (look.at_us - since) as f64 / 1e3);
            waits.extend(ms(read_us.get(before)));
            whole.extend(ms(sent_us.get(before)));
            before = look.stored;
        }
    }
    (waits, whole)
}

/// How long the queue was full.
struct Full {
    longest_us: i64,
    times: u64,
    most: usize,
}

fn full(looks: &[Look], read_us: &[i64]) -> Full {
    let mut full = Full { longest_us: 0, times: 0, most: 0 };
    let mut since = None;
    for look in looks {
        let read = read_us.partition_point(|time| *time <= look.at_us);
        let waiting = read.saturating_sub(look.stored);
        full.most = full.most.max(waiting);
        match since {
            None if waiting > FULL => {
                since = Some(look.at_us);
                full.times += 1;
            }
            Some(_) if waiting <= FREE => since = None,
            _ => {}
        }
        full.longest_us = full.longest_us.max(since.map_or(0, |since| look.at_us - since));
    }
    full
}

/// Puts what the child said into the report.
pub(crate) fn figures(
    report: &mut Report,
    messages: u64,
    pace: u64,
    sent: Sent,
    run: &Value,
) -> Outcome<()> {
    common(report, "mqttscope", messages, pace, sent, run["cpu_s"].as_f64());
    let add = |what: &str, name: &str, unit| -> Outcome<Figure> {
        Ok(Figure::ours(what, number(run, name)?, unit))
    };
    let lost = add("lost", "lost", "messages")?.exactly(0.0);
    let order = add("out of order", "out_of_order", "messages")?.exactly(0.0);
    let full = add("longest time that the queue was full", "full_ms", "ms")?.at_most(FULL_MS);
    let full = full.with("times", run["full_times"].clone());
    let rest = [
        add("reading held back in all, by its own account", "held_back_ms", "ms")?,
        add("most messages that waited for the disk", "queue_most", "messages")?,
        add("socket to disk, p50", "wait_p50_ms", "ms")?,
        add("socket to disk, p99", "wait_p99_ms", "ms")?,
        add("socket to disk, most", "wait_most_ms", "ms")?,
        add("broker to disk, p50", "whole_p50_ms", "ms")?,
        add("broker to disk, p99", "whole_p99_ms", "ms")?,
        add("longest time without a look", "blind_ms", "ms")?,
    ];
    [lost, order, full].into_iter().chain(rest).for_each(|figure| report.add(figure));
    Ok(())
}
