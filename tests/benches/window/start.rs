//! From the start of the process to the first rows, with an empty history and with a long one.
//!
//! With an empty history the first thing to read in the list is that there is nothing; that counts as its rows. The
//! driver lets nobody look before its session is there, which is about when the page is: what is there at the first
//! look counts from that look, so the figure is an upper bound, and the same one for both.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use acceptance::bench::{Arguments, Figure, Outcome, Report, median};
use acceptance::{Home, Window};
use serde_json::json;

use super::{home, processes};

/// Messages of the long history.
const LONG: u64 = 1_000_000;

/// How often each is started.
const ROUNDS: usize = 9;

/// First rows of the long history may take so many times those of the empty one.
const LIMIT: f64 = 1.1;

/// Resolves once something with this `data-testid` is drawn: how many frames were looked at, and when.
const WATCH: &str = "const [id, done] = arguments
    const drawn = new MessageChannel()
    let looks = 0
    drawn.port1.onmessage = () => done([looks, Date.now()])
    const look = () => {
      looks += 1
      if (document.querySelector(`[data-testid=${id}]`)) drawn.port2.postMessage(0)
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)";

/// Starts both in turn.
pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> Outcome<()> {
    let (part, rounds) = if arguments.quick() { (10, 3) } else { (1, ROUNDS) };
    let (empty, _) = home::with_profile(1).await?;
    let long = home::with_history(LONG / part).await?;
    let (mut of_empty, mut of_long) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        eprintln!("start, round {round} of {rounds}");
        of_empty.push(start(&empty, "messages-empty").await?);
        of_long.push(start(&long, "message-row").await?);
    }
    let (first, then) = (median(of_empty.iter().copied()), median(of_long.iter().copied()));
    let what = format!("first rows of {} messages", LONG / part);
    let figure =
        |what: &str, value, rounds| Figure::ours(what, value, "ms").with("rounds", json!(rounds));
    report.add(figure("first rows of an empty history", first, of_empty));
    report.add(figure(&what, then, of_long));
    let ratio = Figure::ours(format!("{what}, by those of none"), then / first, "times");
    report.add(ratio.at_most(LIMIT));
    Ok(())
}

/// Milliseconds from the start of the process until something with this `data-testid` was drawn.
async fn start(home: &Home, id: &str) -> Outcome<f64> {
    let window = Window::open_as_shipped(home).await;
    let answer = window.client().execute_async(WATCH, vec![id.into()]).await?;
    let drawn = Duration::from_millis(answer[1].as_u64().ok_or("a time is expected")?);
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let age = processes::age(home, "mqttscope").ok_or("the application's process is not there")?;
    let took = drawn.saturating_sub(now.saturating_sub(age));
    eprintln!("  {id}: {took:?} after the start, in look {}", answer[0]);
    window.quit(home).await;
    Ok(took.as_secs_f64() * 1000.0)
}
