//! Proves that what is stored of the index agrees with the rows whatever happened to the file, that a file is opened
//! without reading all of it, and that it is not believed where another program changed the rows.

use std::path::{Path, PathBuf};

use mqttscope_history::{History, UpkeepState};
use mqttscope_model::{Direction, Message, MessageId, Retention, ViewFilter};
use proptest::prelude::*;

use crate::common::{open, place, received, sent, settle, wait_until};
use crate::retention::at_most;

/// More time than one block of the index can hold.
const FAR_US: i64 = 60 * 86_400 * 1_000_000;

/// What every row shows.
type Shown = Vec<(u64, String, i64, i64, u64)>;

/// The rows as any SQLite tool reads them.
fn rows_of_file(path: &Path) -> Shown {
    let file = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT id, topic, ts, flags, length(payload) FROM message_v ORDER BY id";
    let mut statement = file.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        let (id, length): (i64, i64) = (row.get(0)?, row.get(4)?);
        Ok((id as u64, row.get(1)?, row.get(2)?, row.get(3)?, length as u64))
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

fn rows_of_history(history: &History) -> Shown {
    let rows = history.page(0, u32::MAX).unwrap().rows;
    let flags = |row: &mqttscope_history::Row| {
        i64::from(row.direction == Direction::Sent)
            | i64::from(u8::from(row.qos)) << 1
            | i64::from(row.retain) << 3
            | i64::from(row.dup) << 4
    };
    rows.iter()
        .map(|row| (row.id.0, row.topic.to_string(), row.time_us, flags(row), row.size))
        .collect()
}

/// What a killed process leaves: the files as they are now.
fn killed(path: &Path, folder: &Path) -> PathBuf {
    let copy = folder.join("killed.sqlite");
    for suffix in ["", "-wal"] {
        let beside = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        // Without a log there is nothing that was not in the file.
        let _copied = std::fs::copy(beside(path), beside(&copy));
    }
    copy
}

/// How many blocks are stored.
fn blocks(path: &Path) -> i64 {
    let file = rusqlite::Connection::open(path).unwrap();
    file.query_row("SELECT count(*) FROM index_block", [], |row| row.get(0)).unwrap()
}

/// Opens what a file holds and compares all that the index tells with the rows.
#[track_caller]
fn check_agrees(path: &Path) -> History {
    let expect = rows_of_file(path);
    let history = open(path);
    let stats = history.stats();
    let newest = history.page((expect.len() as u64).saturating_sub(10), 10).unwrap();
    let newest: Vec<u64> = newest.rows.iter().map(|row| row.id.0).collect();
    let ids: Vec<u64> = expect.iter().map(|row| row.0).collect();
    assert_eq!(newest, ids[ids.len().saturating_sub(10)..]);
    assert_eq!(rows_of_history(&history), expect);
    assert_eq!(history.stats(), stats, "as it was told at first");
    assert_eq!(stats.messages, expect.len() as u64);
    assert_eq!(stats.sent, expect.iter().map(|row| (row.3 & 1) as u64).sum::<u64>());
    assert_eq!((stats.received, stats.last_id.map(|id| id.0)), {
        (stats.messages - stats.sent, ids.last().copied())
    });
    let bytes: u64 = expect.iter().map(|row| row.4).sum();
    assert_eq!(history.usage().payload_bytes, bytes);
    for (at, row) in expect.iter().enumerate().step_by(1 + expect.len() / 50) {
        assert_eq!(history.place(MessageId(row.0)), at as u64);
        let first = expect.partition_point(|other| other.2 / 1_000 < row.2 / 1_000);
        let found = history.index_at(row.2 / 1_000 * 1_000);
        assert!(found.abs_diff(first as u64) <= 1, "{found} {first}");
        let on_topic = expect[..at].iter().rev().find(|other| other.1 == row.1);
        let previous = history.previous_on_topic(MessageId(row.0)).unwrap();
        assert_eq!(previous.map(|id| id.0), on_topic.map(|other| other.0));
    }
    for found in history.complete_topics("", 1_000) {
        let count = expect.iter().filter(|row| row.1 == *found.topic).count() as u64;
        assert_eq!(found.messages, count, "{found:?}");
    }
    history
}

#[derive(Clone, Debug)]
enum Step {
    /// Topics and how long after the one before.
    Append(Vec<(u8, bool, bool)>),
    Retain(u64),
    ClearView(u8),
    ClearAll,
    Bookmark(usize),
    Compact,
    Close,
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    let message = (0_u8..6, prop::bool::weighted(0.05), any::<bool>());
    prop_oneof![
        6 => prop::collection::vec(message, 1..60).prop_map(Step::Append),
        2 => (0_u64..150).prop_map(Step::Retain),
        2 => (0_u8..6).prop_map(Step::ClearView),
        1 => Just(Step::ClearAll),
        1 => any::<usize>().prop_map(Step::Bookmark),
        1 => Just(Step::Compact),
        3 => Just(Step::Close),
        3 => Just(Step::Kill),
    ]
}

fn clear_view(history: &History, topic: u8) {
    let filter = ViewFilter { topics: vec![format!("t/{topic}")], ..ViewFilter::default() };
    let view = history.view(&filter).unwrap();
    wait_until("the view is complete", || view.progress().borrow().complete);
    let progress = history.clear_view(&view).unwrap().progress();
    wait_until("it is cleared", || progress.borrow().state == UpkeepState::Done);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_stored_index_agrees_with_the_rows_after_anything(
        steps in prop::collection::vec(step(), 1..20),
    ) {
        let (mut folder, mut path) = place();
        let mut history = open(&path);
        let mut time_us = 0;
        for step in steps {
            match step {
                Step::Append(messages) => {
                    for (topic, far, is_sent) in messages {
                        time_us += if far { FAR_US } else { 1_000 };
                        let topic = format!("t/{topic}");
                        let message = if is_sent { sent(&topic, topic.clone()) } else { received(&topic, "x") };
                        history.append(Message { time_us, ..message }).unwrap();
                    }
                    settle(&history);
                }
                Step::Retain(most) => {
                    history.set_retention(at_most(most)).unwrap();
                    wait_until("the others are gone", || history.stats().messages <= most);
                    history.set_retention(Retention::EVERYTHING).unwrap();
                }
                Step::ClearView(topic) => clear_view(&history, topic),
                Step::ClearAll => drop(history.clear().unwrap()),
                Step::Bookmark(at) => {
                    let rows = history.page(0, u32::MAX).unwrap().rows;
                    if let Some(row) = rows.get(at % rows.len().max(1)) {
                        history.set_bookmark(row.id, "note").unwrap();
                    }
                }
                Step::Compact => {
                    let progress = history.compact().unwrap().progress();
                    wait_until("it is done", || progress.borrow().state == UpkeepState::Done);
                }
                Step::Close => {
                    history.close().unwrap();
                    prop_assert_eq!(blocks(&path) > 0, history.stats().messages > 0);
                    drop(history);
                    history = check_agrees(&path);
                }
                Step::Kill => {
                    let other = tempfile::tempdir().unwrap();
                    path = killed(&path, other.path());
                    drop(history);
                    folder = other;
                    history = check_agrees(&path);
                }
            }
        }
        history.close().unwrap();
        drop(history);
        let file = rusqlite::Connection::open(&path).unwrap();
        let told: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        prop_assert_eq!(told, "ok");
        drop(check_agrees(&path));
        drop(folder);
    }
}

#[test]
fn full_blocks_are_stored_while_recording_goes_on_and_go_with_their_first_row() {
    let (folder, path) = place();
    let history = open(&path);
    for number in 0..140_000_u32 {
        history.append(received(&format!("t/{}", number % 100), number.to_be_bytes())).unwrap();
    }
    settle(&history);
    history.append(received("t/1", "one more")).unwrap();
    settle(&history);
    assert_eq!(blocks(&path), 2);
    let copy = killed(&path, folder.path());
    check_agrees(&copy).close().unwrap();
    assert_eq!(blocks(&copy), 3, "the rest is stored when it is closed");
    history.set_retention(at_most(100_000)).unwrap();
    wait_until("the oldest are gone", || history.stats().messages == 100_000);
    assert_eq!(blocks(&path), 1);
    history.close().unwrap();
    assert_eq!(blocks(&path), 3);
    check_agrees(&path);
}

/// Bytes that this thread has asked the system for.
#[cfg(target_os = "linux")]
fn bytes_read() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/io").unwrap();
    told.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn the_newest_rows_are_there_without_reading_the_others() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..100_000_u32 {
        history.append(received(&format!("t/{}", number % 5_000), vec![7; 100])).unwrap();
    }
    history.close().unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() > 10_000_000);
    let before = bytes_read();
    let history = open(&path);
    assert_eq!(history.stats().messages, 100_000);
    assert_eq!(history.place(MessageId(u64::MAX)), 100_000);
    history.page(99_900, 100).unwrap();
    let read = bytes_read() - before;
    assert!(read < 600_000, "{read} bytes were read");
}

#[test]
fn what_another_program_changed_is_read_from_the_rows() {
    let changes = [
        "DELETE FROM message WHERE id BETWEEN 10 AND 20",
        "DELETE FROM message WHERE id IN (1, 100)",
        "UPDATE message SET flags = 1 WHERE id = 50",
        "UPDATE message SET payload = zeroblob(500) WHERE id = 50",
        "UPDATE message SET topic_id = 2 WHERE topic_id = 1",
        "UPDATE message SET id = 1000 WHERE id = 50",
        "UPDATE topic SET name = 'renamed' WHERE id = 1",
        "INSERT INTO message VALUES (30, 1000, 1, 0, x'00', NULL)",
        "INSERT INTO message VALUES (101, 1000, 1, 0, x'00', NULL)",
        "INSERT OR REPLACE INTO message VALUES (60, 1000, 1, 1, x'0000', NULL)",
    ];
    for change in changes {
        let (_folder, path) = place();
        let history = open(&path);
        for number in 0..100 {
            history.append(received(&format!("t/{}", number % 3), "x")).unwrap();
        }
        history.close().unwrap();
        drop(history);
        let file = rusqlite::Connection::open(&path).unwrap();
        if change.contains("(30,") {
            file.execute("DELETE FROM message WHERE id = 30", []).unwrap();
            drop(file);
            open(&path).close().unwrap();
            assert_eq!(blocks(&path), 1);
            rusqlite::Connection::open(&path).unwrap().execute(change, []).unwrap();
        } else {
            file.execute(change, []).unwrap();
            drop(file);
        }
        drop(check_agrees(&path));
    }
}

#[test]
fn another_program_may_change_rows_while_the_history_is_open() {
    let (folder, path) = place();
    let history = open(&path);
    for _ in 0..100 {
        history.append(received("t", "x")).unwrap();
    }
    settle(&history);
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute("DELETE FROM message WHERE id = 50", []).unwrap();
    drop(file);
    history.append(received("t", "x")).unwrap();
    history.close().unwrap();
    assert_eq!(blocks(&path), 0, "what the memory holds is not what the file holds");
    drop(check_agrees(&path));
    drop(folder);
}

#[test]
fn blocks_that_are_not_what_was_stored_are_not_used() {
    let changes = [
        "UPDATE index_block SET columns = zeroblob(length(columns))",
        "UPDATE index_block SET columns = x''",
        "UPDATE index_block SET count = count + 1",
        "UPDATE index_block SET first_id = first_id - 1",
        "UPDATE index_block SET last_id = -1",
        "UPDATE index_block SET first_us = first_us + 1000000",
        "DELETE FROM index_block WHERE first_id = 1",
        "INSERT INTO index_block SELECT 5, last_id, count, first_us, sent, payload_bytes, sum, columns
           FROM index_block LIMIT 1",
    ];
    for change in changes {
        let (_folder, path) = place();
        let history = open(&path);
        for number in 0..100 {
            let time_us = if number < 50 { 1_000 } else { FAR_US };
            history.append(Message { time_us, ..received(&format!("t/{number}"), "x") }).unwrap();
        }
        history.close().unwrap();
        drop(history);
        assert_eq!(blocks(&path), 2);
        let file = rusqlite::Connection::open(&path).unwrap();
        file.execute(change, []).unwrap();
        drop(file);
        let expect = rows_of_file(&path);
        let history = open(&path);
        assert_eq!(rows_of_history(&history), expect, "{change}");
        history.close().unwrap();
        drop(history);
        drop(check_agrees(&path));
    }
}
