//! Proves that a file that is no history is kept under another name and a new one begun, and that
//! a file that must not be touched is not.

use std::path::Path;

use mqttscope_history::{HistoryError, Opened};
use mqttscope_model::{ErrorCode, MessageId};

use crate::common::{open, place, received, settle, try_open, wait_until};

const STAMP: &str = ".damaged-20261121T015000Z";

/// A closed history with messages that fill a few hundred pages.
fn fill(path: &Path) {
    let history = open(path);
    for n in 0..20_000_u32 {
        history.append(received(&format!("t/{}", n % 100), vec![b'x'; 100])).unwrap();
    }
    history.close().unwrap();
}

/// Opens a file that must be set aside as it is, and records in the new one.
#[track_caller]
fn check_set_aside(path: &Path) {
    let damaged = std::fs::read(path).unwrap();
    let Opened { history, set_aside } = try_open(path).unwrap();
    let aside = set_aside.expect("it was set aside");
    assert_eq!(aside.as_os_str().to_str(), Some(format!("{}{STAMP}", path.display()).as_str()));
    assert_eq!(std::fs::read(&aside).unwrap(), damaged);
    assert_eq!(history.stats().messages, 0);
    assert_eq!(history.append(received("t", "new")).unwrap(), MessageId(1));
    settle(&history);
    history.close().unwrap();
    assert_eq!(open(path).stats().messages, 1);
}

#[test]
fn a_file_that_is_no_database_is_set_aside() {
    let (_folder, path) = place();
    std::fs::write(&path, "this is no database, and longer than the header of one".repeat(50))
        .unwrap();
    check_set_aside(&path);
}

#[test]
fn a_history_with_a_garbage_header_is_set_aside() {
    let (_folder, path) = place();
    fill(&path);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..100].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    check_set_aside(&path);
}

#[test]
fn a_truncated_history_is_set_aside() {
    let (_folder, path) = place();
    fill(&path);
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 1_000_000);
    std::fs::write(&path, &bytes[..bytes.len() / 2 + 1234]).unwrap();
    check_set_aside(&path);
}

/// A closed history with a page of garbage among those of its messages.
fn fill_and_spoil(path: &Path) {
    fill(path);
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2 / 8192 * 8192;
    bytes[middle..middle + 8192].fill(0xA5);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_page_of_garbage_is_told_where_it_is_met_and_the_rest_stays_until_the_file_is_opened_anew() {
    let (_folder, path) = place();
    fill_and_spoil(&path);
    let history = open(&path);
    assert_eq!(history.page(19_900, 100).unwrap().rows.len(), 100);
    let error = history.page(0, 20_000).unwrap_err();
    assert!(matches!(error, HistoryError::Damaged { .. }), "{error}");
    assert!(error.to_user_error().hint.contains("anew"));
    // Recording goes on meanwhile, and what is recorded can be read.
    let id = history.append(received("t", "new")).unwrap();
    settle(&history);
    assert_eq!(history.payload(id).unwrap(), b"new");
    assert_eq!(history.page(0, 10).unwrap().rows.len(), 10);
    history.close().unwrap();
    check_set_aside(&path);
}

#[test]
fn a_page_of_garbage_that_nobody_met_is_found_when_all_rows_are_read() {
    let (_folder, path) = place();
    fill_and_spoil(&path);
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute("DELETE FROM index_block", []).unwrap();
    drop(file);
    check_set_aside(&path);
}

#[test]
fn a_file_that_turns_out_to_be_damaged_stops_visibly_and_is_set_aside_next_time() {
    let (_folder, path) = place();
    fill(&path);
    let file = rusqlite::Connection::open(&path).unwrap();
    let triggers = rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;
    file.set_db_config(triggers, false).unwrap();
    // The blocks of the index still say that all is well.
    assert_eq!(file.execute("DELETE FROM topic WHERE id = 7", []).unwrap(), 1);
    drop(file);
    let history = open(&path);
    wait_until("it is told", || history.fault().borrow().is_some());
    let fault = history.fault().borrow().clone().unwrap();
    assert!(fault.message.contains("damaged") && fault.hint.contains("anew"), "{fault:?}");
    wait_until("nothing is taken any more", || {
        matches!(history.append(received("t", "x")), Err(HistoryError::Closed))
    });
    assert!(matches!(history.close(), Err(HistoryError::NotFlushed { .. })));
    drop(history);
    check_set_aside(&path);
}

#[test]
fn a_database_of_something_else_is_set_aside() {
    let (_folder, path) = place();
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch("CREATE TABLE bookmark(url TEXT); INSERT INTO bookmark VALUES ('a')")
        .unwrap();
    drop(file);
    check_set_aside(&path);
}

#[test]
fn a_history_with_other_tables_than_its_format_says_is_set_aside() {
    let (_folder, path) = place();
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch("CREATE TABLE message(id INTEGER PRIMARY KEY); PRAGMA user_version=1")
        .unwrap();
    drop(file);
    check_set_aside(&path);
}

#[test]
fn a_history_with_impossible_rows_is_set_aside() {
    let changes = [
        "UPDATE message SET flags = 6 WHERE id = 3",
        "UPDATE message SET topic_id = 999 WHERE id = 3",
        "UPDATE message SET id = -3 WHERE id = 3",
        "DELETE FROM topic WHERE id = 1",
        "DELETE FROM counter",
    ];
    for change in changes {
        let (_folder, path) = place();
        let history = open(&path);
        for n in 0..10 {
            history.append(received(&format!("t/{n}"), "x")).unwrap();
        }
        history.close().unwrap();
        let file = rusqlite::Connection::open(&path).unwrap();
        assert_eq!(file.execute(change, []).unwrap(), 1, "{change}");
        drop(file);
        check_set_aside(&path);
    }
}

#[test]
fn the_log_of_a_damaged_history_goes_with_it() {
    let (_folder, path) = place();
    std::fs::write(&path, vec![0xA5; 20_000]).unwrap();
    let log = path.with_file_name("one.sqlite-wal");
    std::fs::write(&log, "its log").unwrap();
    check_set_aside(&path);
    let aside = path.with_file_name(format!("one.sqlite{STAMP}-wal"));
    assert_eq!(std::fs::read(aside).unwrap(), b"its log");
}

#[test]
fn a_second_damaged_file_gets_a_name_of_its_own() {
    let (_folder, path) = place();
    for name in [format!("one.sqlite{STAMP}"), format!("one.sqlite{STAMP}-2")] {
        std::fs::write(&path, vec![0xA5; 5_000]).unwrap();
        let opened = try_open(&path).unwrap();
        assert_eq!(opened.set_aside, Some(path.with_file_name(name)));
    }
}

#[test]
fn an_empty_file_is_a_new_history() {
    let (_folder, path) = place();
    std::fs::write(&path, "").unwrap();
    assert_eq!(open(&path).stats().messages, 0);
}

#[test]
fn rows_that_another_program_deleted_leave_no_gap_in_the_places() {
    let (_folder, path) = place();
    let history = open(&path);
    for n in 0..10 {
        history.append(received("t", format!("{n}"))).unwrap();
    }
    history.close().unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute("DELETE FROM message WHERE id IN (1, 4, 5, 10)", []).unwrap();
    drop(file);
    let history = open(&path);
    let page = history.page(1, 10).unwrap();
    let seen: Vec<_> = page.rows.iter().map(|row| (row.index, row.id.0)).collect();
    assert_eq!(page.total, 6);
    assert_eq!(seen, [(1, 3), (2, 6), (3, 7), (4, 8), (5, 9)]);
}

#[test]
fn a_history_of_a_newer_program_is_reported_and_not_touched() {
    let (_folder, path) = place();
    fill(&path);
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch("PRAGMA user_version=4").unwrap();
    drop(file);
    let before = std::fs::read(&path).unwrap();
    let error = try_open(&path).unwrap_err();
    assert!(matches!(error, HistoryError::Newer { version: 4, .. }), "{error}");
    let shown = error.to_user_error();
    assert_eq!(shown.code, ErrorCode::HistoryFailed);
    assert_eq!(shown.details["version"], "4");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_history_that_is_open_cannot_be_opened_again_until_it_is_closed() {
    let (_folder, path) = place();
    let history = open(&path);
    assert!(matches!(try_open(&path), Err(HistoryError::InUse { .. })));
    history.close().unwrap();
    open(&path);
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_cannot_be_written_gives_an_error_with_its_name() {
    // Not even root can make a file here.
    let error = try_open(Path::new("/proc/self/mqttscope/one.sqlite")).unwrap_err();
    assert!(matches!(error, HistoryError::NotWritable { .. }), "{error}");
    let shown = error.to_user_error();
    assert!(shown.details["path"].starts_with("/proc/self"), "{shown:?}");
    assert!(!shown.hint.is_empty());
}

#[test]
fn a_folder_in_the_place_of_the_file_gives_an_error_and_stays() {
    let (_folder, path) = place();
    std::fs::create_dir(&path).unwrap();
    let error = try_open(&path).unwrap_err();
    assert!(matches!(error, HistoryError::NotOpened { .. }), "{error}");
    assert!(path.is_dir());
}
