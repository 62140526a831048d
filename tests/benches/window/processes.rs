//! The processes that live in a home: the application and WebKit's own.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use acceptance::Home;

/// Clock ticks per second in `/proc`: 100 on every Linux that there is.
const TICKS: u64 = 100;

/// The CPU time that was used so far, by the process's name.
pub(crate) fn cpu(home: &Home) -> BTreeMap<String, Duration> {
    let mut used = BTreeMap::new();
    for process in all(home) {
        *used.entry(process.name).or_default() += process.cpu;
    }
    used
}

/// How long ago the process of this name began.
pub(crate) fn age(home: &Home, name: &str) -> Option<Duration> {
    let process = all(home).into_iter().find(|process| process.name == name)?;
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split(' ').next()?.parse().ok()?;
    Some(Duration::from_secs_f64(uptime).saturating_sub(process.began))
}

struct Process {
    name: String,
    cpu: Duration,
    /// After the machine's start.
    began: Duration,
}

fn all(home: &Home) -> Vec<Process> {
    let mark = format!("XDG_CONFIG_HOME={}/", home.path().display()).into_bytes();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
            environment.windows(mark.len()).any(|part| part == mark)
        })
        .filter_map(|entry| read(&fs::read_to_string(entry.path().join("stat")).ok()?))
        .collect()
}

/// Reads `/proc/<id>/stat`: the name in brackets, then fields by their place.
fn read(stat: &str) -> Option<Process> {
    let (head, fields) = stat.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    let time = |ticks: u64| Duration::from_millis(ticks * 1000 / TICKS);
    Some(Process { name, cpu: time(ticks(11)? + ticks(12)?), began: time(ticks(19)?) })
}
