//! Proves that the limits of a history hold while it is recorded, remove the oldest and nothing else, count what they
//! remove, and that index, file, views and bookmarks agree whatever happens in whatever order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mqttscope_history::{History, Upkeep, UpkeepState, View};
use mqttscope_model::{Message, MessageId, Removed, Retention, ViewFilter};
use proptest::prelude::*;

use crate::common::{open, place, received, sent, settle, wait_until};

pub fn at_most(messages: u64) -> Retention {
    Retention { max_messages: Some(messages), ..Retention::EVERYTHING }
}

fn bytes(most: u64) -> Retention {
    Retention { max_bytes: Some(most), ..Retention::EVERYTHING }
}

pub fn ids(history: &History) -> Vec<u64> {
    history.page(0, u32::MAX).unwrap().rows.iter().map(|row| row.id.0).collect()
}

fn view_of(history: &History, topic: &str) -> View {
    let filter = ViewFilter { topics: vec![topic.to_owned()], ..ViewFilter::default() };
    let view = history.view(&filter).unwrap();
    wait_until("the view is complete", || view.progress().borrow().complete);
    view
}

fn view_ids(view: &View) -> Vec<u64> {
    view.page(0, u32::MAX).unwrap().rows.iter().map(|row| row.id.0).collect()
}

fn finish(upkeep: &Upkeep) -> u64 {
    let progress = upkeep.progress();
    wait_until("the work ends", || progress.borrow().state != UpkeepState::Running);
    let told = progress.borrow().clone();
    assert_eq!(told.state, UpkeepState::Done);
    told.done
}

fn counted(path: &Path, table: &str) -> u64 {
    let file = rusqlite::Connection::open(path).unwrap();
    let sql = format!("SELECT count(*) FROM {table}");
    file.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned()
}

fn check_whole(path: &Path) {
    let file = rusqlite::Connection::open(path).unwrap();
    let told: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(told, "ok");
}

#[test]
fn nothing_goes_before_somebody_sets_a_limit() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..5_000 {
        history.append(received("t", "x")).unwrap();
    }
    settle(&history);
    assert_eq!(*history.removed().borrow(), Removed::default());
    assert_eq!(history.stats().messages, 5_000);
}

#[test]
fn a_limit_of_messages_keeps_the_newest_and_counts_the_others() {
    let (_folder, path) = place();
    let history = open(&path);
    history.set_retention(at_most(1_000)).unwrap();
    for number in 0..12_000_u64 {
        history.append(received(&format!("t/{}", number % 5), number.to_be_bytes())).unwrap();
    }
    settle(&history);
    wait_until("the oldest are gone", || history.stats().messages == 1_000);
    let expect: Vec<u64> = (11_001..=12_000).collect();
    assert_eq!(ids(&history), expect);
    let removed = *history.removed().borrow();
    assert_eq!((removed.messages, removed.bytes), (11_000, 88_000));
    assert_eq!(removed.since_us, Some(1_795_225_800_000_000));
    let usage = history.usage();
    assert_eq!((usage.messages, usage.payload_bytes), (1_000, 8_000));
    history.close().unwrap();
    assert_eq!(counted(&path, "message"), 1_000);
    let history = open(&path);
    assert_eq!(ids(&history), expect);
    assert_eq!(*history.removed().borrow(), removed);
}

#[test]
fn ids_go_on_where_the_limits_took_all() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..100 {
        history.append(received("t", "x")).unwrap();
    }
    settle(&history);
    history.set_retention(at_most(0)).unwrap();
    wait_until("all are gone", || history.stats().messages == 0);
    history.close().unwrap();
    let history = open(&path);
    assert_eq!(history.append(received("t", "x")).unwrap(), MessageId(101));
}

#[test]
fn the_file_stays_within_its_limit_while_much_more_is_recorded() {
    const LIMIT: u64 = 24 << 20;
    let (_folder, path) = place();
    let history = open(&path);
    history.set_retention(bytes(LIMIT)).unwrap();
    let mut largest = 0;
    for number in 0..120_000_u64 {
        history.append(received(&format!("t/{}", number % 100), vec![7; 1_000])).unwrap();
        if number % 500 == 0 {
            wait_until("there is room", || !history.pressure().is_high());
            largest = largest.max(history.usage().file_bytes);
        }
    }
    settle(&history);
    let stats = history.stats();
    assert!(largest <= LIMIT + LIMIT / 10, "{largest}");
    assert_eq!(stats.last_id, Some(MessageId(120_000)));
    assert!(stats.messages > 15_000, "the room is used: {stats:?}");
    assert_eq!(history.removed().borrow().messages + stats.messages, 120_000);
    history.close().unwrap();
    check_whole(&path);
}

#[test]
fn a_lower_limit_gives_space_back_to_the_disk() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..20_000 {
        history.append(received("t", vec![7; 1_000])).unwrap();
    }
    settle(&history);
    assert!(history.usage().file_bytes + history.usage().log_bytes > 20_000_000);
    history.set_retention(bytes(8 << 20)).unwrap();
    wait_until("the file is small", || {
        let usage = history.usage();
        usage.file_bytes - usage.free_bytes < 9 << 20 && usage.free_bytes < 1 << 20
    });
    history.close().unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() < 9 << 20);
    assert!(open(&path).stats().messages > 5_000);
}

#[test]
fn memory_of_what_went_is_given_back_and_topics_lose_their_numbers() {
    let (_folder, path) = place();
    let history = open(&path);
    history.set_retention(at_most(100)).unwrap();
    for number in 0..20_000 {
        history.append(received(&format!("once/{number}"), "x")).unwrap();
    }
    settle(&history);
    wait_until("old topics are gone", || counted(&path, "topic") <= 100);
    assert_eq!(history.page(0, 1).unwrap().rows[0].topic.as_ref(), "once/19900");
    // The numbers of old topics are given to new ones, and views are not fooled by it.
    let view = view_of(&history, "once/+");
    let other = view_of(&history, "again/+");
    for number in 0..200 {
        history.append(received(&format!("again/{number}"), "x")).unwrap();
    }
    settle(&history);
    wait_until("the new ones are seen", || other.len() == 100 && view.is_empty());
    let file = rusqlite::Connection::open(&path).unwrap();
    let highest: i64 = file.query_row("SELECT max(id) FROM topic", [], |row| row.get(0)).unwrap();
    assert!(highest < 20_000, "{highest}");
    history.close().unwrap();
    let history = open(&path);
    assert_eq!(history.page(0, 1).unwrap().rows[0].topic.as_ref(), "again/100");
}

#[test]
fn outcomes_go_with_their_messages_and_late_ones_are_ignored() {
    let (_folder, path) = place();
    let history = open(&path);
    history.set_retention(at_most(10)).unwrap();
    for _ in 0..500 {
        let id = history.append(sent("t", "x")).unwrap();
        history.set_outcome(id, mqttscope_model::Outcome::Sent);
    }
    settle(&history);
    wait_until("the oldest are gone", || history.stats().messages == 10);
    history.set_outcome(MessageId(3), mqttscope_model::Outcome::Sent);
    history.set_outcome(MessageId(500), mqttscope_model::Outcome::Sent);
    history.close().unwrap();
    assert_eq!(counted(&path, "outcome"), 10);
}

#[test]
fn bookmarked_messages_are_spared_up_to_an_eighth() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..1_000 {
        history.append(received("t", "x")).unwrap();
    }
    for id in [3, 5, 8, 13] {
        history.set_bookmark(MessageId(id), "keep").unwrap();
    }
    history.set_retention(at_most(16)).unwrap();
    wait_until("the others are gone", || history.stats().messages == 16);
    let mut expect = vec![8, 13];
    expect.extend(987..=1_000);
    assert_eq!(ids(&history), expect);
    let marked: Vec<u64> = history.bookmarks().iter().map(|mark| mark.id.0).collect();
    assert_eq!(marked, [8, 13]);
    history.close().unwrap();
    assert_eq!(counted(&path, "bookmark"), 2);
}

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

#[test]
fn two_handles_see_the_same_limits_and_bookmarks() {
    let (_folder, path) = place();
    let one = open(&path);
    let other = one.clone();
    for _ in 0..100 {
        one.append(received("t", "x")).unwrap();
    }
    other.set_bookmark(MessageId(90), "seen by both").unwrap();
    one.set_retention(at_most(50)).unwrap();
    wait_until("the oldest are gone", || other.stats().messages == 50);
    other.set_retention(at_most(20)).unwrap();
    wait_until("the last word counts", || one.stats().messages == 20);
    assert_eq!(one.bookmark(MessageId(90)).unwrap().note, "seen by both");
    assert_eq!(*one.removed().borrow(), *other.removed().borrow());
}

/// One step of a random history.
#[derive(Clone, Debug)]
enum Step {
    Append(Vec<u8>),
    Retain(u64),
    ClearView(u8),
    ClearAll,
    Bookmark(usize),
    Unbookmark(usize),
    Compact,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::collection::vec(0_u8..4, 1..60).prop_map(Step::Append),
        3 => (0_u64..80).prop_map(Step::Retain),
        2 => (0_u8..4).prop_map(Step::ClearView),
        1 => Just(Step::ClearAll),
        3 => any::<usize>().prop_map(Step::Bookmark),
        1 => any::<usize>().prop_map(Step::Unbookmark),
        1 => Just(Step::Compact),
        1 => Just(Step::Reopen),
    ]
}

/// What a history should be: the topics of its messages, and which are marked.
#[derive(Default)]
struct Expected {
    messages: BTreeMap<u64, u8>,
    marked: BTreeSet<u64>,
    most: Option<u64>,
}

impl Expected {
    fn retain(&mut self) {
        let Some(most) = self.most else { return };
        let spared: BTreeSet<u64> =
            self.marked.iter().rev().take(most as usize / 8).copied().collect();
        let mut excess = (self.messages.len() as u64).saturating_sub(most);
        self.messages.retain(|id, _| {
            let goes = excess > 0 && !spared.contains(id);
            excess -= u64::from(goes);
            !goes
        });
        self.marked.retain(|id| self.messages.contains_key(id));
    }
}

fn check(history: &History, view: &View, expected: &Expected) {
    settle(history);
    let wanted: Vec<u64> = expected.messages.keys().copied().collect();
    wait_until("index and file have it", || ids(history) == wanted);
    let of_view = expected.messages.iter().filter(|(_, topic)| **topic == 1);
    let of_view: Vec<u64> = of_view.map(|(id, _)| *id).collect();
    wait_until("the view has it", || {
        view.progress().borrow().complete && view_ids(view) == of_view
    });
    let marked: Vec<u64> = history.bookmarks().iter().map(|mark| mark.id.0).collect();
    assert_eq!(marked, expected.marked.iter().copied().collect::<Vec<_>>());
    for (row, (id, topic)) in history.page(0, u32::MAX).unwrap().rows.iter().zip(&expected.messages)
    {
        assert_eq!((row.id.0, row.topic.as_ref()), (*id, format!("t/{topic}").as_str()));
        assert_eq!(history.message(row.id).unwrap().index, row.index);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn index_file_views_and_bookmarks_agree_after_anything(
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let (_folder, path) = place();
        let mut history = open(&path);
        let mut view = view_of(&history, "t/1");
        let mut expected = Expected::default();
        for step in steps {
            match step {
                Step::Append(topics) => for topic in topics {
                    let message: Message = received(&format!("t/{topic}"), vec![7; 300]);
                    let id = history.append(message).unwrap();
                    expected.messages.insert(id.0, topic);
                },
                Step::Retain(most) => {
                    expected.most = Some(most);
                    history.set_retention(at_most(most)).unwrap();
                }
                Step::ClearView(topic) => {
                    check(&history, &view, &expected);
                    let cleared = view_of(&history, &format!("t/{topic}"));
                    finish(&history.clear_view(&cleared).unwrap());
                    expected.messages.retain(|_, of| *of != topic);
                    expected.marked.retain(|id| expected.messages.contains_key(id));
                }
                Step::ClearAll => {
                    history.clear().unwrap();
                    expected.messages.clear();
                    expected.marked.clear();
                }
                Step::Bookmark(at) => if !expected.messages.is_empty() {
                    let at = at % expected.messages.len();
                    let id = *expected.messages.keys().nth(at).unwrap();
                    history.set_bookmark(MessageId(id), "note").unwrap();
                    expected.marked.insert(id);
                },
                Step::Unbookmark(at) => if let Some(id) = expected.marked.iter().nth(at % 5).copied() {
                    history.remove_bookmark(MessageId(id)).unwrap();
                    expected.marked.remove(&id);
                },
                Step::Compact => drop(finish(&history.compact().unwrap())),
                Step::Reopen => {
                    drop(view);
                    history.close().unwrap();
                    drop(history);
                    history = open(&path);
                    view = view_of(&history, "t/1");
                    if let Some(most) = expected.most {
                        history.set_retention(at_most(most)).unwrap();
                    }
                }
            }
            expected.retain();
            check(&history, &view, &expected);
        }
        drop(view);
        history.close().unwrap();
        check_whole(&path);
        prop_assert_eq!(counted(&path, "bookmark"), expected.marked.len() as u64);
    }
}
