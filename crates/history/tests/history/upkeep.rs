//! Proves that clearing a view and compacting take exactly what they should, while recording goes on.

use mqttscope_history::UpkeepState;
use mqttscope_model::{MessageId, Removed};

use crate::common::{open, place, received, settle, wait_until};
use crate::retention::{check_whole, finish, ids, view_ids, view_of};

#[test]
fn a_view_that_is_cleared_takes_exactly_its_messages_while_recording_goes_on() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..30_000 {
        let topic = if number % 3 == 0 { "a/x" } else { "b/x" };
        history.append(received(topic, "x")).unwrap();
    }
    settle(&history);
    history.set_bookmark(MessageId(1), "").unwrap();
    let (view, other) = (view_of(&history, "a/#"), view_of(&history, "b/#"));
    let upkeep = history.clear_view(&view).unwrap();
    for _ in 0..1_000 {
        history.append(received("a/x", "later")).unwrap();
    }
    assert_eq!(finish(&upkeep), 10_000);
    settle(&history);
    wait_until("the view sees it", || view.len() == 1_000);
    assert_eq!(view_ids(&view), (30_001..=31_000).collect::<Vec<_>>());
    assert_eq!(other.len(), 20_000);
    assert_eq!(history.bookmarks(), []);
    assert_eq!(*history.removed().borrow(), Removed::default(), "a person did it, not a limit");
    let left = ids(&history);
    assert_eq!(left.len(), 21_000);
    history.close().unwrap();
    check_whole(&path);
    assert_eq!(ids(&open(&path)), left);
}

#[test]
fn compaction_gives_free_space_back_and_loses_nothing_that_comes_meanwhile() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..20_000 {
        let topic = if number % 10 == 0 { "keep" } else { "drop" };
        history.append(received(topic, vec![7; 1_000])).unwrap();
    }
    settle(&history);
    finish(&history.clear_view(&view_of(&history, "drop")).unwrap());
    let before = history.usage();
    assert!(before.free_bytes > 15_000_000 || before.log_bytes > 0, "{before:?}");
    let upkeep = history.compact().unwrap();
    for _ in 0..2_000 {
        history.append(received("new", vec![8; 1_000])).unwrap();
    }
    assert!(finish(&upkeep) > 10_000_000);
    settle(&history);
    let after = history.usage();
    assert!(after.file_bytes < 8_000_000, "{after:?}");
    assert_eq!(history.stats().messages, 4_000);
    assert_eq!(history.payload(MessageId(20_001)).unwrap(), [8; 1_000]);
    history.close().unwrap();
    check_whole(&path);
}

#[test]
fn upkeep_can_be_cancelled_and_ends_with_its_history() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..30_000 {
        history.append(received("t", vec![7; 100])).unwrap();
    }
    settle(&history);
    let view = view_of(&history, "t");
    let upkeep = history.clear_view(&view).unwrap();
    upkeep.cancel();
    let progress = upkeep.progress();
    wait_until("it ends", || progress.borrow().state != UpkeepState::Running);
    let told = progress.borrow().clone();
    wait_until("index and count agree", || history.stats().messages == 30_000 - told.done);
    drop(view);
    let compact = history.compact().unwrap();
    history.close().unwrap();
    wait_until("it ends", || compact.progress().borrow().state != UpkeepState::Running);
    assert_eq!(open(&path).stats().messages, 30_000 - told.done);
}
