//! What pages and rows give is the same, whatever lies in the file and wherever.

use std::time::SystemTime;

use mqttscope_model::properties::{self, Property};
use mqttscope_model::{
    Comparison, Direction, FindRequest, Message, PayloadTest, QoS, UserPropertyTest, ViewFilter,
};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::History;

/// A payload, properties.
type Content = (String, Vec<Property>);

/// Bytes that a page has room for in one row; around it rows begin to continue on other pages.
const BORDER: usize = 8192 - 35;

fn payload() -> impl Strategy<Value = String> {
    let word = select(vec![
        "needle",
        "Needle",
        "NEEDL",
        "e",
        "nee",
        "\u{1}\u{2}",
        "ſtraße",
        "\u{212a}",
        "\\",
        "{\"t\":1}",
    ]);
    let words = prop::collection::vec(word, 0..6).prop_map(|words| words.concat());
    let length = prop_oneof![
        20 => 0_usize..100,
        1 => BORDER - 40..BORDER + 10,
        1 => 9_000_usize..30_000,
    ];
    (words, length, any::<bool>()).prop_map(|(words, length, ahead)| {
        let rest = ".".repeat(length.saturating_sub(words.len()));
        if ahead { words + &rest } else { rest + &words }
    })
}

fn content() -> impl Strategy<Value = Content> {
    let value = (select(vec!["needle", "plant", ""]), 0_usize..30, 0_usize..60);
    let property = value.prop_map(|(value, times, long)| {
        let times = if long == 0 { times * 200 } else { times % 3 };
        Property::UserProperty("site".to_owned(), value.repeat(times))
    });
    (payload(), prop::option::of(property).prop_map(|one| one.into_iter().collect()))
}

fn filters() -> Vec<(ViewFilter, Option<FindRequest>)> {
    let all = ViewFilter::default;
    let text =
        |text: &str, case_sensitive| PayloadTest::Text { text: text.to_owned(), case_sensitive };
    let of = |test: PayloadTest| (ViewFilter { payload: vec![test], ..all() }, None);
    let regex =
        |pattern: &str| PayloadTest::Regex { pattern: pattern.to_owned(), case_sensitive: true };
    let json = PayloadTest::Json {
        path: "$.t".to_owned(),
        comparison: Comparison::Exists,
        value: String::new(),
    };
    let site = UserPropertyTest { name: "site".to_owned(), value: "plant".to_owned() };
    let topics = vec!["b/#".to_owned()];
    let find = |test, topics| FindRequest { test, topics };
    vec![
        of(text("needle", true)),
        of(text("e", true)),
        of(text("", true)),
        of(text("\u{1}", true)),
        of(text("NEEDLE", false)),
        of(text("STRASSE", false)),
        of(text("straße", false)),
        of(text("k", false)),
        of(regex("^nee")),
        of(regex(r"\bneedle$")),
        of(regex(r"e\z")),
        of(json),
        (ViewFilter { user_properties: vec![site], payload: vec![text("e", true)], ..all() }, None),
        (ViewFilter { topics: topics.clone(), payload: vec![text("needle", true)], ..all() }, None),
        (all(), Some(find(text("needle", true), false))),
        (all(), Some(find(text("b/2", true), true))),
        (
            ViewFilter { topics, payload: vec![text("e", true)], ..all() },
            Some(find(text("needle", true), true)),
        ),
    ]
}

fn fill(history: &History, rows: &[Content], from: usize) {
    for (number, (payload, properties)) in rows.iter().enumerate() {
        let number = from + number;
        let message = Message {
            time_us: 1_000,
            direction: Direction::Received,
            topic: format!("{}/{}", if number.is_multiple_of(3) { "b" } else { "a" }, number % 5),
            qos: QoS::AtMostOnce,
            retain: false,
            dup: false,
            payload: payload.clone().into_bytes(),
            properties: properties::encode(properties),
        };
        history.append(message).unwrap();
    }
    let (mut committed, last) = (history.committed(), history.last_given().0);
    let waiting = tokio::runtime::Builder::new_current_thread().build().unwrap();
    waiting.block_on(committed.wait_for(|id| *id >= last)).unwrap();
}

/// What the filter lets through by one way and the other, of all rows and of every second.
fn both(shared: &Shared, filter: &Compiled, last: u64) -> Vec<(Vec<u64>, Vec<u64>)> {
    let every = |step: usize| -> Vec<Candidate> {
        let topic = |id| shared.index().find(MessageId(id)).map(|found| found.topic);
        let needle = filter.needle.as_ref();
        let in_topic =
            |id| needle.zip(topic(id)).is_some_and(|(needle, topic)| needle.is_in_topic(&topic));
        (1..=last).step_by(step).map(|id| Candidate { id, in_topic: in_topic(id) }).collect()
    };
    let (all, some) = (every(1), every(2));
    let mut wanted = vec![Wanted::These(&all), Wanted::These(&some), Wanted::These(&[])];
    if filter.needle.as_ref().is_none_or(|needle| !needle.topics) {
        wanted.extend([Wanted::All(1..last + 1), Wanted::All(last / 3..last / 2)]);
    }
    let ways = wanted.iter().map(|wanted| {
        let read = shared.readers.read(|connection| {
            let leaves = || Leaves::of(connection).unwrap().expect("SQLite has the table of pages");
            let direct = shared.readers.direct();
            let directly = by_pages(connection, leaves(), direct.as_deref(), filter, wanted)?;
            let by_pages = by_pages(connection, leaves(), None, filter, wanted)?;
            assert_eq!(directly, by_pages);
            Ok((by_pages, by_rows(connection, filter, &wanted.all())?))
        });
        read.unwrap()
    });
    ways.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pages_give_what_rows_give(
        rows in prop::collection::vec(content(), 0..400),
        later in prop::collection::vec(content(), 0..60),
        deleted in prop::collection::vec((1_i64..400, 0_i64..80), 0..4),
        checkpoint in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("h");
        let history = History::open(&path, SystemTime::now).unwrap().history;
        fill(&history, &rows, 0);
        let other = Connection::open(&path).unwrap();
        if checkpoint {
            other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        }
        for (first, count) in deleted {
            let range = [first, first + count];
            other.execute("DELETE FROM message WHERE id BETWEEN ?1 AND ?2", range).unwrap();
        }
        fill(&history, &later, rows.len());
        for (filter, find) in filters() {
            let compiled = match &find {
                Some(request) => Compiled::finding(&filter, request).unwrap(),
                None => Compiled::new(&filter).unwrap(),
            };
            for (pages, rows) in both(history.shared(), &compiled, history.last_given().0) {
                prop_assert_eq!(pages, rows, "{:?} {:?}", filter, find);
            }
        }
        drop(other);
        history.close().unwrap();
    }
}

#[test]
fn rows_of_a_table_that_another_program_made_are_read_as_rows() {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join("h")).unwrap();
    connection
        .execute_batch("CREATE TABLE message(payload BLOB, id INTEGER PRIMARY KEY, props BLOB)")
        .unwrap();
    connection.execute("INSERT INTO message VALUES (x'6e', 1, NULL)", []).unwrap();
    assert!(Leaves::of(&connection).unwrap().is_none());
}

#[test]
fn a_search_while_messages_come_and_go_finds_those_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(&folder.path().join("h"), SystemTime::now).unwrap().history;
    let rows: Vec<Content> =
        (0..20_000).map(|n| (format!("needle {n} {}", ".".repeat(n % 300)), Vec::new())).collect();
    fill(&history, &rows, 0);
    let limits = mqttscope_model::Retention { max_messages: Some(30_000), ..Default::default() };
    history.set_retention(limits).unwrap();
    let test = PayloadTest::Text { text: "needle".to_owned(), case_sensitive: true };
    let filter = ViewFilter { payload: vec![test], ..ViewFilter::default() };
    std::thread::scope(|scope| {
        let feeding = scope.spawn(|| (0..4).for_each(|_| fill(&history, &rows, 0)));
        let mut compiled = Compiled::new(&filter).unwrap();
        let shared = history.shared();
        while !feeding.is_finished() {
            let (first, last) = shared.bounds();
            let mut before = shared.index().slice(0, u32::MAX);
            // The index may have grown since.
            before.retain(|row| row.id <= last);
            let found = matches(shared, &mut compiled, first.0..last.0 + 1).unwrap();
            let found: std::collections::BTreeSet<u64> = found.into_iter().collect();
            // What left the file leaves the index a moment later.
            for row in before.iter().filter(|row| !found.contains(&row.id.0)) {
                let began = std::time::Instant::now();
                while shared.index().position(row.id).is_some() {
                    assert!(began.elapsed().as_secs() < 60, "{:?} was not found", row.id);
                    std::thread::yield_now();
                }
            }
        }
    });
    history.close().unwrap();
}
