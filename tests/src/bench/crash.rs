//! An application that is killed again and again while a broker sends, and what is left of its history.
//!
//! The victim is a headless engine in a process of its own, whose session outlives its connection (Clean Start
//! off). It is killed without warning at a random moment of its life: while it opens its file, while it connects,
//! while it stores. All the time a publisher goes on, so the broker keeps what the victim has not acknowledged. At
//! the end one victim may live until the last message has come, and the file is read with SQLite alone: each message that
//! the broker acknowledged to the publisher must be in it, and one that is in it twice must bear DUP the second time.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Child, Headless, Outcome, Publisher, each, runtime, say, stamped, verdict};
use crate::Mosquitto;
use crate::mosquitto::{Logged, Setup};

/// The topic of all messages.
const TOPIC: &str = "bench/crash";

/// How often a victim tells how far it is.
const TELL: Duration = Duration::from_millis(25);

/// Rows that a window asks for first.
const ROWS: u32 = 100;

/// How long nothing may come at the end before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is done to the victim.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How often it is killed.
    pub kills: u32,
    /// The longest that it lives.
    pub life: Duration,
    /// Messages in a second.
    pub pace: u64,
    /// The protocol's version, as a profile names it.
    pub version: &'static str,
    /// Where the random moments begin: the same number gives the same moments.
    pub seed: u64,
}

/// What was left.
#[derive(Clone, Debug, Default)]
pub struct Remains {
    /// Messages that the broker acknowledged to the publisher.
    pub published: u64,
    /// Messages a second that the publisher managed.
    pub pace: f64,
    /// Rows in the history.
    pub stored: u64,
    /// Acknowledged messages that are not in the history.
    pub lost: u64,
    /// Rows whose message is in the history already.
    pub duplicates: u64,
    /// Of those, rows without DUP.
    pub unmarked_duplicates: u64,
    /// Messages that came for the first time after a later one.
    pub out_of_order: u64,
    /// Histories that were set aside as damaged.
    pub damaged: u64,
    /// What SQLite says of the file at the end.
    pub verdict: String,
    /// Kills before the victim had opened its history.
    pub before_open: u64,
    /// Kills after that and before it was connected.
    pub before_connected: u64,
    /// Milliseconds from the victim's start to the newest rows.
    pub opened_ms: Vec<f64>,
    /// Milliseconds from the victim's start to its connection.
    pub connected_ms: Vec<f64>,
}

/// Lives as the victim in a folder, for the broker at a port, until it is killed.
///
/// # Errors
/// The engine's.
pub fn victim(folder: &Path, port: u16, version: &str) -> Outcome<()> {
    let begun = Instant::now();
    let since = || begun.elapsed().as_secs_f64() * 1e3;
    runtime()?.block_on(async {
        let app = Headless::start(folder).await?;
        let profile = own_profile(&app, port, version).await?;
        let stats = app.stats(&profile).await?;
        newest(&app, &profile).await?;
        say(&json!({ "opened_ms": since(), "set_aside": stats["set_aside"] }))?;
        app.connect(&profile).await?;
        let mut connected = false;
        loop {
            tokio::time::sleep(TELL).await;
            if !connected {
                let sessions = app.call("sessions_list", json!({})).await?;
                connected = sessions[0]["state"]["state"] == "connected";
                if connected {
                    say(&json!({ "connected_ms": since() }))?;
                }
            }
            let stats = app.stats(&profile).await?;
            let last = newest(&app, &profile).await?;
            say(&json!({ "messages": stats["messages"], "last": last }))?;
        }
    })
}

/// The victim's profile, saved by the first of them.
async fn own_profile(app: &Headless, port: u16, version: &str) -> Outcome<String> {
    let list = app.call("profiles_list", json!({})).await?;
    if let Some(id) = list["profiles"][0]["id"].as_str() {
        return Ok(id.to_owned());
    }
    app.profile(port, TOPIC, 1, |profile| {
        profile["version"] = json!(version);
        profile["client_id"] = json!("victim");
        profile["clean_start"] = json!(false);
        profile["session_expiry"] = json!(3_600);
        // What is in flight at a kill comes again; without this it may be all that the publisher is ahead.
        profile["connect_properties"]["receive_maximum"] = json!(1_000);
    })
    .await
}

/// The number in the newest message.
async fn newest(app: &Headless, profile: &str) -> Outcome<Option<u64>> {
    let rows = app.newest(profile, ROWS).await?;
    let preview = rows.last().and_then(|row| row["preview"].as_str());
    Ok(preview.and_then(|preview| stamped(preview.as_bytes())).map(|(number, _)| number))
}

/// Follows the plan; `start` starts a victim in a folder for a port.
///
/// # Errors
/// Something could not be started, or a victim ended by itself.
pub fn run(plan: &Plan, start: impl Fn(&Path, u16) -> Outcome<Child>) -> Outcome<Remains> {
    let broker = Mosquitto::with(&Setup {
        lines: [
            "max_queued_messages 0",
            "max_inflight_messages 1000",
            "set_tcp_nodelay true",
            "sys_interval 0",
        ]
        .map(str::to_owned)
        .into(),
        logged: Logged::Errors,
        ..Setup::default()
    });
    let port = broker.port(mqttscope_model::Scheme::Mqtt);
    let folder = tempfile::TempDir::with_prefix("mqttscope-crash-")?;
    let mut remains = Remains::default();
    // The first connection makes the session; nothing is published before it stands.
    let mut first = start(folder.path(), port)?;
    while first.told()?.get("connected_ms").is_none() {}
    // SUBACK came when a message comes.
    let publisher = Publisher::start(port, TOPIC, plan.pace)?;
    while first.told()?["last"].is_null() {}
    remains.add(first.kill()?)?;
    let mut moments = Moments(plan.seed);
    for _ in 1..plan.kills {
        let victim = start(folder.path(), port)?;
        std::thread::sleep(moments.next(plan.life));
        remains.add(victim.kill()?)?;
    }
    let acknowledged = publisher.stop()?;
    remains.published = acknowledged.messages;
    remains.pace = acknowledged.messages as f64 / acknowledged.took.as_secs_f64();
    let last = start(folder.path(), port)?;
    remains.drain(last)?;
    remains.read(&history_in(folder.path())?)?;
    Ok(remains)
}

/// Random lengths of time (SplitMix64).
struct Moments(u64);

impl Moments {
    fn next(&mut self, longest: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        longest.mul_f64((mixed >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

fn history_in(folder: &Path) -> Outcome<std::path::PathBuf> {
    let mut files = std::fs::read_dir(folder.join("data").join("history"))?.flatten();
    let is_history =
        |file: &std::fs::DirEntry| file.path().extension().is_some_and(|e| e == "sqlite");
    Ok(files.find(is_history).ok_or("the victims left no history")?.path())
}

impl Remains {
    /// Takes note of what a victim said before it was killed.
    fn add(&mut self, said: Vec<Value>) -> Outcome<()> {
        let time = |name: &str| said.iter().find_map(|line| line[name].as_f64());
        match (time("opened_ms"), time("connected_ms")) {
            (None, _) => self.before_open += 1,
            (Some(_), None) => self.before_connected += 1,
            (Some(_), Some(_)) => {}
        }
        self.opened_ms.extend(time("opened_ms"));
        self.connected_ms.extend(time("connected_ms"));
        self.damaged += said.iter().filter(|line| line["set_aside"].is_string()).count() as u64;
        Ok(())
    }

    /// Lets the last victim live until the last message has come, or none comes any more.
    fn drain(&mut self, mut victim: Child) -> Outcome<()> {
        let wanted = self.published.checked_sub(1);
        let (mut said, mut before, mut since) = (Vec::new(), Value::Null, Instant::now());
        loop {
            let line = victim.told()?;
            let messages = line["messages"].clone();
            let there = messages.is_u64() && line["last"].as_u64() == wanted;
            if messages.is_u64() && messages != before {
                (before, since) = (messages, Instant::now());
            }
            said.push(line);
            if there || since.elapsed() > PATIENCE {
                break;
            }
        }
        victim.kill()?;
        self.add(said)
    }

    /// Holds the file against what was published.
    fn read(&mut self, file: &Path) -> Outcome<()> {
        self.verdict = verdict(file)?;
        let mut seen: HashSet<u64> = HashSet::new();
        let mut expected = 0;
        each(file, |kept| {
            let (number, _) = stamped(kept.payload).ok_or("a payload that nobody published")?;
            self.stored += 1;
            if !seen.insert(number) {
                self.duplicates += 1;
                self.unmarked_duplicates += u64::from(!kept.dup);
            } else {
                self.out_of_order += u64::from(number < expected);
                expected = expected.max(number + 1);
            }
            Ok(())
        })?;
        self.lost = (0..self.published).filter(|number| !seen.contains(number)).count() as u64;
        Ok(())
    }

    /// Whether nothing is lost, damaged, or there twice without DUP.
    pub fn is_whole(&self) -> bool {
        self.lost == 0 && self.unmarked_duplicates == 0 && self.damaged == 0 && self.verdict == "ok"
    }
}
