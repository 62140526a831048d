//! What is imported keeps its times and its order; what cannot be read is told with its place and changes nothing.

use std::io::Cursor;

use mqttscope_history::{Job, MAX_BOOKMARKS, MAX_NOTE, TransferError};
use mqttscope_model::{Message, MessageId, TransferStage};

use crate::common::{open, place, received, settle};
use crate::transfer::{NOW_US, all, import};

fn line(time_us: i64, payload: &str) -> String {
    format!(r#"{{"time_us":{time_us},"direction":"received","topic":"t","payload":"{payload}"}}"#)
}

#[test]
fn lines_by_hand_out_of_order_are_brought_into_order() {
    let (_folder, path) = place();
    let history = open(&path);
    let by_hand = r#"{"time":"1970-01-01T00:00:00.000002Z","direction":"sent","topic":"t","payload":"2","more":[]}"#;
    let text =
        format!("\u{feff}{}\r\n\n{by_hand}\n{}\n{}", line(3, "3"), line(1, "1"), line(3, "4"));
    assert_eq!(import(&history, &text).unwrap(), 4);
    let found: Vec<_> = all(&history)
        .into_iter()
        .map(|(message, _)| (message.time_us, String::from_utf8(message.payload).unwrap()))
        .collect();
    let expect = [(1, "1"), (2, "2"), (3, "3"), (3, "4")].map(|(us, text)| (us, text.to_owned()));
    assert_eq!(found, expect);
}

#[track_caller]
fn check_fault(text: &str, line: u64, column: u64, reason: &str) {
    let (_folder, path) = place();
    let history = open(&path);
    match import(&history, text).unwrap_err() {
        TransferError::Line { line: found, column: at, reason: why } => {
            assert_eq!((found, at), (line, column), "{why}");
            assert!(why.contains(reason), "{why}");
        }
        other => panic!("{other}"),
    }
    assert_eq!(history.last_given(), MessageId(0), "nothing was brought in");
}

#[test]
fn a_fault_has_its_place_and_nothing_is_brought_in() {
    let good = line(1, "x");
    check_fault(&format!("{good}\n{{\"time_us\":1,}}"), 2, 14, "trailing comma");
    check_fault(&format!("{good}\n\n{good} x"), 3, good.len() as u64 + 2, "trailing characters");
    check_fault(&format!("{good}\nnull"), 2, 4, "invalid type");
    check_fault(r#"{"direction":"sent","topic":"t","payload":""}"#, 1, 0, "time_us is missing");
    check_fault(r#"{"time_us":1,"topic":"t","payload":""}"#, 1, 0, "direction is missing");
    check_fault(r#"{"time_us":1,"direction":"sent","topic":"t"}"#, 1, 0, "payload is missing");
    let bad = r#"{"time_us":1,"direction":"sent","topic":"t","payload_base64":"?"}"#;
    check_fault(bad, 1, 0, "payload_base64");
    check_fault(r#"{"format":"other","version":1}"#, 1, 0, "other");
    let deep = format!(r#"{{"more":{}"#, "[".repeat(200_000));
    check_fault(&deep, 1, deep.len() as u64, "EOF");
}

#[test]
fn a_newer_version_is_refused_by_its_number() {
    let (_folder, path) = place();
    let header = r#"{"format":"mqttscope.messages","version":2}"#;
    let error = import(&open(&path), &format!("{header}\n{}", line(1, "x"))).unwrap_err();
    assert!(matches!(error, TransferError::Version { line: 1, version: 2 }), "{error}");
}

#[test]
fn times_are_never_changed_so_older_messages_are_refused() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(Message { time_us: 500, ..received("t", "mine") }).unwrap();
    settle(&history);
    let error = import(&history, &format!("{}\n{}", line(600, "b"), line(499, "a"))).unwrap_err();
    assert!(matches!(error, TransferError::OutOfTime { time_us: 499, .. }), "{error}");
    assert_eq!(history.stats().messages, 1);
    assert_eq!(import(&history, &line(500, "later")).unwrap(), 1);
    let future = import(&history, &line(NOW_US + 90_000_000_000, "x")).unwrap_err();
    assert!(matches!(future, TransferError::OutOfTime { line: 1, .. }), "{future}");

    history.clear().unwrap();
    assert_eq!(import(&history, &line(7, "old")).unwrap(), 1, "an empty history has no last time");
    assert_eq!(all(&history)[0].0.time_us, 7);
}

#[test]
fn an_import_is_watched_and_cancelled_before_it_begins() {
    let (_folder, path) = place();
    let history = open(&path);
    let job = Job::new();
    job.cancel();
    let text = line(1, "x");
    let error = history.import_lines(Cursor::new(&text), NOW_US, &job).unwrap_err();
    assert!(matches!(error, TransferError::Cancelled));
    assert_eq!(history.last_given(), MessageId(0));
    let job = Job::new();
    history.import_lines(Cursor::new(&text), NOW_US, &job).unwrap();
    let told = *job.progress().borrow();
    assert_eq!((told.stage, told.messages), (TransferStage::Moving, 1));
    assert_eq!((told.done, told.total), (text.len() as u64, text.len() as u64));
}

#[test]
fn more_bookmarks_than_a_history_takes_are_refused_before_anything_is_brought_in() {
    let marked = line(1, "x").replace('{', r#"{"note":"","#) + "\n";
    check_fault(
        &marked.replace("\"\"", &format!("\"{}\"", "ä".repeat(MAX_NOTE + 1))),
        1,
        0,
        "note",
    );
    let (_folder, path) = place();
    let history = open(&path);
    let error = import(&history, &marked.repeat(MAX_BOOKMARKS + 1)).unwrap_err();
    assert!(error.to_string().contains("bookmarks"), "{error}");
    assert_eq!(history.last_given(), MessageId(0));
}
