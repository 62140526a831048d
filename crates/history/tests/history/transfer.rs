//! What is exported comes back as it was, field by field; what cannot be written or read leaves nothing behind.

use std::io::Cursor;
use std::path::Path;

use mqttscope_history::{History, Job, TransferError};
use mqttscope_model::properties::{self, Property};
use mqttscope_model::{
    Bytes, Direction, ErrorCode, MessageFormat, ExportRequest, Formulas, Message, MessageId,
    Outcome, PayloadTest, QoS, ReasonCode, TransferStage, UserError, ViewFilter,
};
use proptest::prelude::*;

use crate::common::{open, place, received, sent, settle, wait_until};

/// 2030: later than all messages here.
const NOW_US: i64 = 1_893_456_000_000_000;

fn export(history: &History, request: &ExportRequest) -> String {
    let mut out = Vec::new();
    let done = history.export_to(request, &mut out, &Job::new()).unwrap();
    assert_eq!(done.bytes, out.len() as u64);
    String::from_utf8(out).unwrap()
}

fn lines(history: &History) -> String {
    export(history, &ExportRequest::default())
}

fn import(history: &History, text: &str) -> Result<u64, TransferError> {
    let done = history.import_lines(Cursor::new(text), NOW_US, &Job::new())?;
    Ok(done.messages)
}

type All = (Message, Option<Outcome>);

fn all(history: &History) -> Vec<All> {
    let page = history.page(0, u32::MAX).unwrap();
    let whole = |row: mqttscope_history::Row| {
        let stored = history.message(row.id).unwrap();
        let message = Message {
            time_us: row.time_us,
            direction: row.direction,
            topic: row.topic.to_string(),
            qos: row.qos,
            retain: row.retain,
            dup: row.dup,
            payload: history.payload(row.id).unwrap(),
            properties: stored.properties,
        };
        (message, row.outcome)
    };
    page.rows.into_iter().map(whole).collect()
}

fn append(history: &History, messages: &[All]) {
    for (message, outcome) in messages {
        let id = history.append(message.clone()).unwrap();
        if let Some(outcome) = outcome {
            history.set_outcome(id, outcome.clone());
        }
    }
    settle(history);
    // Outcomes are committed with their message or after it, in their order.
    let Some((_, wanted)) = messages.last() else { return };
    wait_until("the last outcome is there", || {
        let rows = history.page(messages.len() as u64 - 1, 1).unwrap().rows;
        rows.first().is_some_and(|row| row.outcome == *wanted)
    });
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,30}", any::<String>(), Just("=1+1\"\r\n,'".to_owned())]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![prop::collection::vec(any::<u8>(), 0..60), text().prop_map(String::into_bytes)]
}

fn encoded() -> impl Strategy<Value = Vec<u8>> {
    let property = prop_oneof![
        any::<u8>().prop_map(Property::PayloadFormatIndicator),
        any::<u32>().prop_map(Property::MessageExpiryInterval),
        text().prop_map(Property::ContentType),
        bytes().prop_map(|bytes| Property::CorrelationData(Bytes(bytes))),
        (text(), text()).prop_map(|(name, value)| Property::UserProperty(name, value)),
    ];
    let list = prop::collection::vec(property, 0..5).prop_map(|list| properties::encode(&list));
    // Some that no list gives.
    prop_oneof![4 => list, 1 => bytes()]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Sent),
        any::<u8>().prop_map(|reason| Outcome::Acknowledged { reason: ReasonCode(reason) }),
        any::<u8>().prop_map(|reason| Outcome::Completed { reason: ReasonCode(reason) }),
        any::<u8>().prop_map(|reason| Outcome::Refused { reason: ReasonCode(reason) }),
        prop::sample::select(ErrorCode::ALL).prop_map(|code| Outcome::Failed { code }),
    ]
}

fn message() -> impl Strategy<Value = All> {
    let flags = (0..3_u8, any::<bool>(), any::<bool>());
    (text(), bytes(), encoded(), flags, prop::option::of(outcome())).prop_map(
        |(topic, payload, properties, (qos, retain, dup), outcome)| {
            let direction = if outcome.is_some() { Direction::Sent } else { Direction::Received };
            let qos = QoS::try_from(qos).unwrap();
            let time_us = 0;
            let message =
                Message { time_us, direction, topic, qos, retain, dup, payload, properties };
            (message, outcome)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn an_import_of_an_export_gives_the_same_messages(
        messages in prop::collection::vec((message(), 0..3_000_000_i64), 0..12),
        begin in prop_oneof![Just(i64::MIN), Just(0), -10_000_000..1_795_225_800_000_000_i64],
    ) {
        let (_folder, path) = place();
        let history = open(&path);
        let mut time_us = begin;
        let messages: Vec<All> = messages.into_iter().map(|((message, outcome), later)| {
            time_us += later;
            (Message { time_us, ..message }, outcome)
        }).collect();
        append(&history, &messages);
        let exported = lines(&history);
        let (_other_folder, other_path) = place();
        let other = open(&other_path);
        prop_assert_eq!(import(&other, &exported).unwrap(), messages.len() as u64);
        other.close().unwrap();
        drop(other);
        let again = open(&other_path);
        prop_assert_eq!(all(&again), messages);
        prop_assert_eq!(lines(&again), exported, "ids begin at 1 in both");
    }

    #[test]
    fn no_line_makes_an_import_panic(line in any::<String>()) {
        let (_folder, path) = place();
        let history = open(&path);
        if import(&history, &line).is_err() {
            prop_assert_eq!(history.last_given(), MessageId(0));
        }
    }
}

#[test]
fn a_line_says_all_in_plain_json() {
    let (_folder, path) = place();
    let history = open(&path);
    let list = [
        Property::UserProperty("a".to_owned(), "1".to_owned()),
        Property::UserProperty("a".to_owned(), "2".to_owned()),
    ];
    let one = Message {
        time_us: 1_795_225_800_000_001,
        retain: true,
        properties: properties::encode(&list),
        ..sent("plant/ä", "{\"t\":1}")
    };
    let two = Message { time_us: 1_795_225_800_000_002, ..received("b", [0xff, 0]) };
    append(&history, &[(one, Some(Outcome::Acknowledged { reason: ReasonCode(16) })), (two, None)]);
    let expect = concat!(
        r#"{"format":"mqttscope.messages","version":1}"#,
        "\n",
        r#"{"id":1,"time":"2026-11-21T01:50:00.000001Z","time_us":1795225800000001,"#,
        r#""direction":"sent","topic":"plant/ä","qos":1,"retain":true,"dup":false,"#,
        r#""properties":[{"name":"user_property","value":["a","1"]},"#,
        r#"{"name":"user_property","value":["a","2"]}],"#,
        r#""outcome":{"state":"acknowledged","reason":16},"payload":"{\"t\":1}"}"#,
        "\n",
        r#"{"id":2,"time":"2026-11-21T01:50:00.000002Z","time_us":1795225800000002,"#,
        r#""direction":"received","topic":"b","qos":0,"retain":false,"dup":false,"#,
        r#""payload_base64":"/wA="}"#,
        "\n",
    );
    assert_eq!(lines(&history), expect);
}

#[test]
fn csv_is_quoted_and_guarded_and_begins_with_a_mark() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(received("a,b", "=1+1\r\n\"x\"")).unwrap();
    history.append(received("t", "-12.5")).unwrap();
    history.append(received("t", [0xff])).unwrap();
    settle(&history);
    let formulas = Formulas::Guarded;
    let format = MessageFormat::Csv { byte_order_mark: true, formulas };
    let text = export(&history, &ExportRequest { format, ..ExportRequest::default() });
    let rows = "id,time,time_us,direction,topic,qos,retain,dup,outcome,outcome_detail,properties,size,payload_encoding,payload\r\n\
        1,1970-01-01T00:00:00.001000Z,1000,received,\"a,b\",0,false,false,,,,9,utf-8,\"'=1+1\r\n\"\"x\"\"\"\r\n\
        2,1970-01-01T00:00:00.001000Z,1000,received,t,0,false,false,,,,5,utf-8,-12.5\r\n\
        3,1970-01-01T00:00:00.001000Z,1000,received,t,0,false,false,,,,1,base64,/w==\r\n";
    assert_eq!(text, format!("\u{feff}{rows}"));
}

#[test]
fn only_what_the_filter_lets_through_up_to_the_last_is_exported() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..20_000 {
        let topic = if number % 2 == 0 { "a" } else { "b" };
        history.append(received(topic, format!("n{}", number % 100))).unwrap();
    }
    settle(&history);
    let test = PayloadTest::Text { text: "n4".to_owned(), case_sensitive: true };
    let filter =
        ViewFilter { topics: vec!["a".to_owned()], payload: vec![test], ..ViewFilter::default() };
    let request =
        ExportRequest { filter, last: Some(MessageId(10_000)), ..ExportRequest::default() };
    let mut out = Vec::new();
    let job = Job::new();
    let done = history.export_to(&request, &mut out, &job).unwrap();
    // 4, 40, 42, 44, 46, 48 in each hundred.
    assert_eq!(done.messages, 600);
    let told = *job.progress().borrow();
    assert_eq!((told.done, told.total, told.messages), (10_000, 10_000, 600));
    assert_eq!(String::from_utf8(out).unwrap().lines().count(), 601);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_is_whole_or_not_there() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(received("t", "x")).unwrap();
    settle(&history);
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("out.jsonl");
    let cancelled = Job::new();
    cancelled.cancel();
    let request = ExportRequest::default();
    let error = history.export_file(&request, &place, &cancelled).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert_eq!(names(folder.path()), [""; 0]);

    std::fs::write(&place, "before").unwrap();
    std::fs::write(folder.path().join("out.jsonl.part"), "another's").unwrap();
    history.export_file(&request, &place, &Job::new()).unwrap();
    assert_eq!(std::fs::read_to_string(&place).unwrap(), lines(&history));
    assert_eq!(names(folder.path()).len(), 2, "the other's part is left alone");

    let nowhere = folder.path().join("none").join("out");
    let error = history.export_file(&request, &nowhere, &Job::new()).unwrap_err();
    assert!(matches!(error, TransferError::NotWritten { .. }), "{error}");
    let own = history.export_file(&request, &path, &Job::new()).unwrap_err();
    assert!(matches!(own, TransferError::OwnFile { .. }), "{own}");
    assert_eq!(history.stats().messages, 1);
}

/// A disk with room for a few bytes.
struct Small(usize);

impl std::io::Write for Small {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_as_one() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(received("t", vec![b'x'; 100_000])).unwrap();
    settle(&history);
    let csv = MessageFormat::Csv { byte_order_mark: false, formulas: Formulas::Guarded };
    for format in [MessageFormat::JsonLines, csv] {
        let request = ExportRequest { format, ..ExportRequest::default() };
        let error = history.export_to(&request, &mut Small(5_000), &Job::new()).unwrap_err();
        assert!(matches!(error, TransferError::NoRoom { .. }), "{format:?}: {error}");
        assert_eq!(UserError::from(error).code, ErrorCode::ExportDiskFull);
    }
}

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
fn what_waits_for_an_answer_comes_back_as_lost() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(sent("t", "x")).unwrap();
    settle(&history);
    let exported = lines(&history);
    assert!(exported.contains(r#""outcome":{"state":"pending"}"#), "{exported}");
    let (_folder, path) = place();
    let other = open(&path);
    import(&other, &exported).unwrap();
    other.close().unwrap();
    drop(other);
    let lost = Some(Outcome::Failed { code: ErrorCode::RequestLost });
    assert_eq!(all(&open(&path))[0].1, lost);
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
