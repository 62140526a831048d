//! A trail shows each message that its filter lets through once, oldest first, with all that it holds.

use mqttscope_history::{FilterError, HistoryError, Trail};
use mqttscope_model::{Message, MessageId, PayloadTest, ViewFilter};

use crate::common::{open, place, received, settle};

fn topics(filter: &str) -> ViewFilter {
    ViewFilter { topics: vec![filter.to_owned()], ..ViewFilter::default() }
}

fn holding(text: &str) -> ViewFilter {
    let test = PayloadTest::Text { text: text.to_owned(), case_sensitive: true };
    ViewFilter { payload: vec![test], ..ViewFilter::default() }
}

/// Goes to the end and gives the ids of what is shown.
fn rest(trail: &mut Trail) -> Vec<u64> {
    let mut ids = Vec::new();
    while trail.step(|content| ids.push(content.id.0)).unwrap() {}
    ids
}

#[test]
fn what_was_there_and_what_comes_is_shown_once_in_order() {
    let (_folder, path) = place();
    let history = open(&path);
    let append = |number: u64| {
        let topic = if number.is_multiple_of(3) { "plant/a" } else { "plant/b" };
        history.append(received(topic, number.to_string())).unwrap();
    };
    (1..=70_000).for_each(append);
    settle(&history);
    let mut trail = history.trail(&topics("plant/a")).unwrap();
    let before = trail.progress();
    assert_eq!((before.found, before.remaining, before.complete), (0, 70_000, false));
    assert_eq!(trail.reached(), MessageId(0));
    let thirds =
        |from: u64, until: u64| (from..=until).filter(|id| id % 3 == 0).collect::<Vec<_>>();
    assert_eq!(rest(&mut trail), thirds(1, 70_000));
    assert_eq!((trail.reached(), trail.ahead()), (MessageId(70_000), 0));
    let there = trail.progress();
    assert_eq!(
        (there.found, there.scanned, there.remaining, there.complete),
        (23_333, 70_000, 0, true)
    );
    assert_eq!(rest(&mut trail), [0; 0]);
    (70_001..=70_010).for_each(append);
    settle(&history);
    assert_eq!(rest(&mut trail), thirds(70_001, 70_010));
}

#[test]
fn how_much_is_ahead_is_known_after_the_first_step() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..10_000_u32 {
        history.append(received(&format!("t/{}", number % 2), "")).unwrap();
    }
    settle(&history);
    let mut trail = history.trail(&topics("t/1")).unwrap();
    let mut shown = 0;
    assert!(trail.step(|_| shown += 1).unwrap());
    assert_eq!((shown, trail.ahead()), (2_048, 5_000 - 2_048));
}

#[test]
fn a_message_is_shown_with_its_payload_and_properties_whatever_its_size() {
    let (_folder, path) = place();
    let history = open(&path);
    let large = vec![7; 20 << 20];
    let properties = vec![0x01, 0x01];
    let with = Message { properties: properties.clone(), time_us: 5_000, ..received("t", "x") };
    history.append(received("t", "")).unwrap();
    history.append(with).unwrap();
    history.append(received("t", large.clone())).unwrap();
    history.append(received("t", "last")).unwrap();
    settle(&history);
    let mut trail = history.trail(&ViewFilter::default()).unwrap();
    let (mut seen, mut steps) = (Vec::new(), 0);
    while trail
        .step(|content| {
            let whole = (content.payload.to_vec(), content.properties.to_vec());
            seen.push((content.id.0, content.time_us, content.topic.to_string(), whole));
        })
        .unwrap()
    {
        steps += 1;
    }
    let expect = [
        (1, 1_000, "t".to_owned(), (Vec::new(), Vec::new())),
        (2, 5_000, "t".to_owned(), (b"x".to_vec(), properties)),
        (3, 5_000, "t".to_owned(), (large, Vec::new())),
        (4, 5_000, "t".to_owned(), (b"last".to_vec(), Vec::new())),
    ];
    assert!(seen == expect);
    assert_eq!(steps, 3, "the large one by itself");
}

#[test]
fn a_filter_on_payloads_shows_what_passes() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..5_000 {
        history.append(received("t", format!("n={number};"))).unwrap();
    }
    settle(&history);
    let mut trail = history.trail(&holding("n=42;")).unwrap();
    assert_eq!(rest(&mut trail), [43]);
    assert_eq!(trail.progress().found, 1);
    let invalid = history.trail(&topics("a/#/b")).unwrap_err();
    assert!(matches!(invalid, FilterError::TopicFilter { .. }));
}

#[test]
fn what_is_cleared_is_not_shown_and_what_comes_after_is() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..5_000 {
        history.append(received("t", "old")).unwrap();
    }
    settle(&history);
    let mut trail = history.trail(&ViewFilter::default()).unwrap();
    let mut shown = Vec::new();
    trail.step(|content| shown.push(content.id.0)).unwrap();
    assert_eq!(shown.len(), 2_048);
    history.clear().unwrap();
    history.append(received("t", "new")).unwrap();
    settle(&history);
    assert_eq!(rest(&mut trail), [5_001]);
    let progress = trail.progress();
    assert!(progress.complete);
    assert_eq!((trail.reached(), trail.ahead()), (MessageId(5_001), 0));
    history.append(received("t", "newer")).unwrap();
    settle(&history);
    history.close().unwrap();
    assert!(matches!(trail.step(|_| {}), Err(HistoryError::Closed)));
}

#[test]
fn rows_are_given_in_the_order_of_their_ids_without_those_that_are_gone() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 1..=9 {
        history.append(received("t", number.to_string())).unwrap();
    }
    settle(&history);
    let rows = history.rows_by_id(&[7, 3, 4, 99, 1].map(MessageId)).unwrap();
    let told: Vec<_> =
        rows.iter().map(|row| (row.index, row.id.0, row.preview.as_slice())).collect();
    assert_eq!(told, [(0, 7, &b"7"[..]), (1, 3, b"3"), (2, 4, b"4"), (4, 1, b"1")]);
}
