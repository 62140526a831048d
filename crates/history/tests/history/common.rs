//! What the tests of the history share: messages and waiting with a limit.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use mqttscope_history::{History, HistoryError, Opened};
use mqttscope_model::{Direction, Message, QoS};

/// Longer than anything here takes on a busy machine.
pub const LONG: Duration = Duration::from_secs(60);

/// A folder with the path of a history in it.
pub fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.sqlite");
    (folder, path)
}

/// A history that nothing was wrong with.
pub fn open(path: &Path) -> History {
    let Opened { history, set_aside } = try_open(path).unwrap();
    assert_eq!(set_aside, None);
    history
}

/// A history, or what is wrong with it; the clock shows 2026-11-21 01:50 UTC.
pub fn try_open(path: &Path) -> Result<Opened, HistoryError> {
    History::open(path, || SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_225_800))
}

/// A received QoS 0 message.
pub fn received(topic: &str, payload: impl Into<Vec<u8>>) -> Message {
    Message {
        time_us: 1_000,
        direction: Direction::Received,
        topic: topic.to_owned(),
        qos: QoS::AtMostOnce,
        retain: false,
        dup: false,
        payload: payload.into(),
        properties: Vec::new(),
    }
}

/// A sent QoS 1 message.
pub fn sent(topic: &str, payload: impl Into<Vec<u8>>) -> Message {
    Message { direction: Direction::Sent, qos: QoS::AtLeastOnce, ..received(topic, payload) }
}

/// Waits for a condition that another thread brings about.
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < LONG, "waited too long until {what}");
        std::thread::yield_now();
    }
}

/// Waits until all that was appended is committed.
#[track_caller]
pub fn settle(history: &History) {
    let (last, committed) = (history.last_given().0, history.committed());
    wait_until("all is committed", || *committed.borrow() >= last);
}

/// Records numbered messages and says how far they are committed, until the process is killed.
pub fn record_for_ever(history: &History, topic: impl Fn(u64) -> String) -> ! {
    let committed = history.committed();
    let mut told = 0;
    loop {
        let next = history.last_given().0 + 1;
        history.append(received(&topic(next), next.to_be_bytes())).unwrap();
        let now = *committed.borrow();
        if now > told {
            told = now;
            println!("\ncommitted {told}");
        }
        if history.pressure().is_high() {
            std::thread::yield_now();
        }
    }
}
