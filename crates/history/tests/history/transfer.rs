//! What is exported comes back as it was, field by field; what cannot be written or read leaves nothing behind.

use std::io::Cursor;

use mqttscope_history::{History, Job, TransferError};
use mqttscope_model::properties::{self, Property};
use mqttscope_model::{
    Bytes, Direction, ErrorCode, ExportRequest, Message, MessageId, Outcome, QoS, ReasonCode,
};
use proptest::prelude::*;

use crate::common::{open, place, received, sent, settle, wait_until};

/// 2030: later than all messages here.
pub const NOW_US: i64 = 1_893_456_000_000_000;

pub fn export(history: &History, request: &ExportRequest) -> String {
    let mut out = Vec::new();
    let done = history.export_to(request, &mut out, &Job::new()).unwrap();
    assert_eq!(done.bytes, out.len() as u64);
    String::from_utf8(out).unwrap()
}

pub fn lines(history: &History) -> String {
    export(history, &ExportRequest::default())
}

pub fn import(history: &History, text: &str) -> Result<u64, TransferError> {
    let done = history.import_lines(Cursor::new(text), NOW_US, &Job::new())?;
    Ok(done.messages)
}

pub type All = (Message, Option<Outcome>);

pub fn all(history: &History) -> Vec<All> {
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

pub fn append(history: &History, messages: &[All]) {
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
    history.set_bookmark(MessageId(2), "why \"this\"").unwrap();
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
        r#""note":"why \"this\"","payload_base64":"/wA="}"#,
        "\n",
    );
    assert_eq!(lines(&history), expect);
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
fn bookmarks_and_their_notes_come_back() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..5 {
        history.append(received("t", "x")).unwrap();
    }
    settle(&history);
    for (id, note) in [(2, ""), (4, "ä \"quoted\"\nline"), (5, "five")] {
        history.set_bookmark(MessageId(id), note).unwrap();
    }
    let exported = lines(&history);
    let (_folder, path) = place();
    let other = open(&path);
    // Its numbers are others.
    other.append(received("before", "")).unwrap();
    assert_eq!(import(&other, &exported).unwrap(), 5);
    let marks: Vec<_> = other.bookmarks().into_iter().map(|mark| (mark.id.0, mark.note)).collect();
    let expect = [(3, ""), (5, "ä \"quoted\"\nline"), (6, "five")];
    assert_eq!(marks, expect.map(|(id, note)| (id, note.to_owned())));
    other.close().unwrap();
    assert_eq!(open(&path).bookmarks().len(), 3);
}
