//! What processes take, as the operating system counts it.
//!
//! Linux tells everything under `/proc`. Elsewhere memory comes from `ps`, CPU time from `getrusage`, and what nobody tells
//! is none: a figure that is missing is better than one that is guessed.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Resident.
    pub rss: u64,
    /// Resident, with pages that are shared counted by their part; none where that is not told.
    pub pss: Option<u64>,
}

/// The memory of a process, where it is told.
pub fn memory(process: u32) -> Option<Memory> {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"));
    if let Ok(text) = rollup {
        return Some(Memory { rss: kilobytes(&text, "Rss:")?, pss: kilobytes(&text, "Pss:") });
    }
    let told = Command::new("ps").args(["-o", "rss=", "-p", &process.to_string()]).output().ok()?;
    let rss: u64 = String::from_utf8(told.stdout).ok()?.trim().parse().ok()?;
    Some(Memory { rss: rss * 1024, pss: None })
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(number * 1024)
}

/// CPU time of this process, user and system together.
#[cfg(unix)]
pub fn own_cpu() -> Option<Duration> {
    cpu(nix::sys::resource::UsageWho::RUSAGE_SELF)
}

/// CPU time of the children of this process that have ended.
#[cfg(unix)]
pub fn children_cpu() -> Option<Duration> {
    cpu(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)
}

#[cfg(unix)]
fn cpu(who: nix::sys::resource::UsageWho) -> Option<Duration> {
    let usage = nix::sys::resource::getrusage(who).ok()?;
    let micros = |time: nix::sys::time::TimeVal| {
        u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap_or_default()
    };
    Some(Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time())))
}

/// CPU time of this process: not told here.
#[cfg(not(unix))]
pub fn own_cpu() -> Option<Duration> {
    None
}

/// CPU time of the children that have ended: not told here.
#[cfg(not(unix))]
pub fn children_cpu() -> Option<Duration> {
    None
}

/// CPU time of the calling thread, where it is told.
pub fn thread_cpu() -> Option<Duration> {
    on_core("/proc/thread-self/schedstat")
}

/// CPU time of this process's threads by their names, those of one name together. Threads that have
/// ended are not in it. Empty where it is not told.
pub fn threads() -> BTreeMap<String, Duration> {
    let mut all = BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let file = |name: &str| task.path().join(name);
        let Ok(name) = std::fs::read_to_string(file("comm")) else { continue };
        let Some(time) = on_core(&file("schedstat").to_string_lossy()) else { continue };
        *all.entry(name.trim().to_owned()).or_default() += time;
    }
    all
}

/// The first number of a `schedstat`: nanoseconds on a core.
fn on_core(path: &str) -> Option<Duration> {
    let text = std::fs::read_to_string(path).ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
