//! The thread comes to its verdicts whatever the clock says, and ends with its histories.

use std::path::Path;
use std::time::SystemTime;

use mqttscope_history::History;
use mqttscope_model::{Direction, Message as Stored, QoS, ViewFilter};
use tempfile::TempDir;

use super::*;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);

const HOUR: i64 = 3_600_000_000;

struct Two {
    left: History,
    right: History,
    _folder: TempDir,
}

impl Two {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| open(&folder.path().join(name));
        Self { left: open("left.sqlite"), right: open("right.sqlite"), _folder: folder }
    }

    fn compare(&self) -> Comparison {
        let trail = |history: &History| history.trail(&ViewFilter::default()).unwrap();
        let patience = Patience { late_us: 10_000, wait_us: 50_000 };
        Comparison::begin(trail(&self.left), trail(&self.right), patience, true, || ()).unwrap()
    }
}

fn open(path: &Path) -> History {
    History::open(path, SystemTime::now).unwrap().history
}

fn append(history: &History, time_us: i64, payload: &str) {
    let message = Stored {
        time_us,
        direction: Direction::Received,
        topic: "t".to_owned(),
        qos: QoS::AtMostOnce,
        retain: false,
        dup: false,
        payload: payload.into(),
        properties: Vec::new(),
    };
    history.append(message).unwrap();
}

fn until(comparison: &Comparison, is: impl Fn(&SidesState) -> bool) -> SidesState {
    let began = Instant::now();
    loop {
        let state = comparison.state();
        if is(&state) {
            return state;
        }
        assert!(began.elapsed() < LONG, "waited too long: {state:?}");
        std::thread::yield_now();
    }
}

fn decided(comparison: &Comparison, compared: u64) -> SidesState {
    until(comparison, |state| state.compared == compared && state.counts.waiting == 0)
}

#[test]
fn a_long_past_of_one_side_is_missing_on_the_other() {
    let two = Two::new();
    (0..10_000).for_each(|number| append(&two.left, number, "x"));
    let comparison = two.compare();
    assert_eq!(decided(&comparison, 10_000).counts.missing_right, 10_000);
}

#[test]
fn verdicts_fall_soon_after_the_clock_was_set_back() {
    let two = Two::new();
    let now = Clock::new().now_us();
    append(&two.left, now + HOUR, "before");
    append(&two.right, now + HOUR, "before");
    let comparison = two.compare();
    assert_eq!(decided(&comparison, 2).counts.same, 1);
    // The histories give these the time of the one before.
    append(&two.left, now, "after");
    append(&two.right, now, "after");
    append(&two.left, now, "only here");
    let counts = decided(&comparison, 5).counts;
    assert_eq!((counts.same, counts.missing_right), (2, 1));
}

#[test]
fn a_message_that_was_stamped_in_the_future_is_not_waited_for_until_then() {
    let two = Two::new();
    let comparison = two.compare();
    let now = Clock::new().now_us();
    append(&two.right, now + HOUR, "x");
    assert_eq!(decided(&comparison, 1).counts.missing_left, 1);
    append(&two.left, now, "y");
    assert_eq!(decided(&comparison, 2).counts.missing_right, 1);
}

#[test]
fn what_was_decided_stays_when_both_histories_are_closed() {
    let two = Two::new();
    append(&two.left, 1, "x");
    append(&two.right, 1, "x");
    let comparison = two.compare();
    decided(&comparison, 2);
    two.left.close().unwrap();
    two.right.close().unwrap();
    let state = comparison.state();
    assert_eq!((state.counts.same, state.counts.waiting, state.fault), (1, 0, None));
    drop(comparison);
}
