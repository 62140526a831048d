//! Proves that bookmarks stay with their messages, over restarts and into files of an older format.

use mqttscope_history::{HistoryError, MAX_NOTE};
use mqttscope_model::{Bookmark, MessageId};

use crate::common::{open, place, received, settle};

const NOW_US: i64 = 1_795_225_800_000_000;

fn bookmark(id: u64, note: &str) -> Bookmark {
    Bookmark { id: MessageId(id), note: note.to_owned(), made_us: NOW_US }
}

#[test]
fn a_bookmark_is_set_changed_found_and_removed() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..100 {
        history.append(received("t", "x")).unwrap();
    }
    // Not committed yet, perhaps: it is waited for.
    history.set_bookmark(MessageId(100), "last").unwrap();
    history.set_bookmark(MessageId(7), "").unwrap();
    history.set_bookmark(MessageId(40), "a <b>note</b> with ünïcode").unwrap();
    history.set_bookmark(MessageId(7), "now with words").unwrap();
    let all = [
        bookmark(7, "now with words"),
        bookmark(40, "a <b>note</b> with ünïcode"),
        bookmark(100, "last"),
    ];
    assert_eq!(history.bookmarks(), all);
    let next = |id| history.next_bookmark(MessageId(id)).map(|found| found.id.0);
    let previous = |id| history.previous_bookmark(MessageId(id)).map(|found| found.id.0);
    assert_eq!(
        [0, 7, 39, 40, 100, u64::MAX].map(next),
        [Some(7), Some(40), Some(40), Some(100), None, None]
    );
    assert_eq!([0, 7, 8, 40, 1_000].map(previous), [None, None, Some(7), Some(7), Some(100)]);
    assert!(history.remove_bookmark(MessageId(40)).unwrap());
    assert!(!history.remove_bookmark(MessageId(40)).unwrap());
    history.close().unwrap();
    let history = open(&path);
    assert_eq!(history.bookmarks(), [all[0].clone(), all[2].clone()]);
    history.clear().unwrap();
    assert_eq!(history.bookmarks(), []);
}

#[test]
fn what_cannot_be_marked_is_refused() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(received("t", "x")).unwrap();
    let unknown = history.set_bookmark(MessageId(2), "").unwrap_err();
    assert!(matches!(unknown, HistoryError::NotFound(MessageId(2))));
    let long = history.set_bookmark(MessageId(1), &"ä".repeat(MAX_NOTE + 1)).unwrap_err();
    assert!(matches!(long, HistoryError::NoteTooLong { .. }));
    history.set_bookmark(MessageId(1), &"ä".repeat(MAX_NOTE)).unwrap();
    history.close().unwrap();
    assert!(matches!(history.set_bookmark(MessageId(1), ""), Err(HistoryError::Closed)));
}

/// A file as the first format had it.
fn write_format_1(path: &std::path::Path) {
    let file = rusqlite::Connection::open(path).unwrap();
    file.execute_batch(
        "PRAGMA page_size=8192; PRAGMA journal_mode=WAL;
         CREATE TABLE topic(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
         CREATE TABLE message(id INTEGER PRIMARY KEY, ts INTEGER NOT NULL,
           topic_id INTEGER NOT NULL, flags INTEGER NOT NULL, payload BLOB NOT NULL, props BLOB) STRICT;
         CREATE TABLE outcome(id INTEGER PRIMARY KEY, state TEXT NOT NULL, reason INTEGER, code TEXT) STRICT;
         CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
         CREATE VIEW message_v AS
           SELECT m.*, t.name AS topic FROM message m JOIN topic t ON t.id = m.topic_id;
         INSERT INTO counter VALUES ('first_id', 1);
         INSERT INTO topic VALUES (1, 'a/b');
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
           INSERT INTO message SELECT i, 1000 + i, 1, 0, zeroblob(1000), NULL FROM n;
         PRAGMA user_version=1;",
    )
    .unwrap();
}

#[test]
fn a_file_of_the_first_format_is_taken_over_with_all_it_holds() {
    let (_folder, path) = place();
    write_format_1(&path);
    let history = open(&path);
    assert_eq!(history.stats().messages, 2_000);
    history.set_bookmark(MessageId(5), "old").unwrap();
    assert_eq!(history.append(received("new", "x")).unwrap(), MessageId(2_001));
    settle(&history);
    // Its free space is given back too, at the price of a rewrite.
    history.set_retention(super::retention::at_most(10)).unwrap();
    crate::common::wait_until("few are left", || history.stats().messages == 10);
    let upkeep = history.compact().unwrap();
    let progress = upkeep.progress();
    crate::common::wait_until("it is done", || {
        progress.borrow().state == mqttscope_history::UpkeepState::Done
    });
    assert!(progress.borrow().done > 1_000_000);
    let usage = history.usage();
    assert!(usage.file_bytes < 200_000, "{usage:?}");
    assert_eq!(history.bookmarks().len(), 1);
    history.close().unwrap();
    let history = open(&path);
    let ids: Vec<u64> = history.page(0, 100).unwrap().rows.iter().map(|row| row.id.0).collect();
    assert_eq!(ids, [5, 1_993, 1_994, 1_995, 1_996, 1_997, 1_998, 1_999, 2_000, 2_001]);
}

#[test]
fn a_first_format_that_is_not_one_is_left_as_it_was() {
    let (_folder, path) = place();
    write_format_1(&path);
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch(
        "DROP VIEW message_v; ALTER TABLE message DROP COLUMN props; PRAGMA journal_mode=DELETE",
    )
    .unwrap();
    drop(file);
    let before = std::fs::read(&path).unwrap();
    let aside = crate::common::try_open(&path).unwrap().set_aside.expect("it was set aside");
    assert_eq!(std::fs::read(aside).unwrap(), before);
}
