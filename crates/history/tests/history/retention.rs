//! Proves that the limits of a history hold while it is recorded, remove the oldest and nothing else, and count what they remove.

use std::path::Path;

use mqttscope_history::{History, Upkeep, UpkeepState, View};
use mqttscope_model::{MessageId, Removed, Retention, ViewFilter};

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

pub fn view_of(history: &History, topic: &str) -> View {
    let filter = ViewFilter { topics: vec![topic.to_owned()], ..ViewFilter::default() };
    let view = history.view(&filter).unwrap();
    wait_until("the view is complete", || view.progress().borrow().complete);
    view
}

pub fn view_ids(view: &View) -> Vec<u64> {
    view.page(0, u32::MAX).unwrap().rows.iter().map(|row| row.id.0).collect()
}

pub fn finish(upkeep: &Upkeep) -> u64 {
    let progress = upkeep.progress();
    wait_until("the work ends", || progress.borrow().state != UpkeepState::Running);
    let told = progress.borrow().clone();
    assert_eq!(told.state, UpkeepState::Done);
    told.done
}

pub fn counted(path: &Path, table: &str) -> u64 {
    let file = rusqlite::Connection::open(path).unwrap();
    let sql = format!("SELECT count(*) FROM {table}");
    file.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned()
}

pub fn check_whole(path: &Path) {
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
    let (mut file, mut log) = (0, 0);
    for number in 0..120_000_u64 {
        history.append(received(&format!("t/{}", number % 100), vec![7; 1_000])).unwrap();
        if number % 500 == 0 {
            wait_until("there is room", || !history.pressure().is_high());
            let usage = history.usage();
            (file, log) = (usage.file_bytes.max(file), usage.log_bytes.max(log));
        }
    }
    settle(&history);
    let stats = history.stats();
    assert!(file <= LIMIT + LIMIT / 10, "{file}");
    // A sixteenth, and what a transaction or two of 2,000 such messages write beyond it.
    assert!(log <= LIMIT / 16 + (9 << 20), "{log}");
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
