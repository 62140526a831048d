//! A view holds exactly the messages that its filter lets through, whenever they come.

use mqttscope_history::{FilterError, View, ViewProgress};
use mqttscope_model::{Comparison, Message, MessageId, PayloadTest, QoS, ViewFilter, topic};
use proptest::prelude::*;

use crate::common::{open, place, received, settle, wait_until};

fn message(topic: &str, payload: &str, qos: QoS) -> Message {
    Message { qos, ..received(topic, payload) }
}

fn topics(filters: &[&str]) -> ViewFilter {
    let topics = filters.iter().map(|filter| (*filter).to_owned()).collect();
    ViewFilter { topics, ..ViewFilter::default() }
}

fn holding(text: &str) -> ViewFilter {
    let test = PayloadTest::Text { text: text.to_owned(), case_sensitive: true };
    ViewFilter { payload: vec![test], ..ViewFilter::default() }
}

#[track_caller]
fn until(view: &View, mut what: impl FnMut(&ViewProgress) -> bool) -> ViewProgress {
    let progress = view.progress();
    wait_until("the view got there", || what(&progress.borrow()));
    progress.borrow().clone()
}

fn ids(view: &View) -> Vec<u64> {
    let page = view.page(0, u32::MAX).unwrap();
    assert_eq!(page.total, page.rows.len() as u64);
    page.rows.iter().map(|row| row.id.0).collect()
}

#[test]
fn old_and_new_messages_are_found_once_each_and_in_order() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..50_000 {
        let topic = if number % 3 == 0 { "plant/a" } else { "plant/b" };
        history.append(message(topic, &number.to_string(), QoS::AtMostOnce)).unwrap();
    }
    let view = history.view(&topics(&["plant/a"])).unwrap();
    // Some of these are committed before the view begins, some after: it must not matter.
    for number in 50_000..80_000 {
        let topic = if number % 3 == 0 { "plant/a" } else { "plant/b" };
        history.append(message(topic, &number.to_string(), QoS::AtMostOnce)).unwrap();
    }
    settle(&history);
    let expect: Vec<u64> = (0..80_000).filter(|number| number % 3 == 0).map(|n| n + 1).collect();
    until(&view, |told| told.complete && told.found == expect.len() as u64);
    assert_eq!(ids(&view), expect);
    let page = view.page(10, 2).unwrap();
    let places: Vec<_> = page.rows.iter().map(|row| (row.index, row.id.0)).collect();
    assert_eq!(places, [(10, 31), (11, 34)]);
    assert_eq!((view.place(MessageId(31)), view.place(MessageId(32))), (10, 11));
    assert_eq!(view.place(MessageId(u64::MAX)), expect.len() as u64);
}

#[test]
fn payloads_are_searched_from_the_newest_and_followed() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..40_000 {
        let payload = format!(r#"{{"n":{number},"temp":{}}}"#, number % 50);
        history.append(message("t", &payload, QoS::AtMostOnce)).unwrap();
    }
    settle(&history);
    let test = PayloadTest::Json {
        path: "$.temp".to_owned(),
        comparison: Comparison::Greater,
        value: "48".to_owned(),
    };
    let hot = ViewFilter { payload: vec![test], ..ViewFilter::default() };
    let view = history.view(&hot).unwrap();
    let first = until(&view, |told| told.found > 0);
    let newest = view.page(first.found - 1, 1).unwrap().rows.remove(0);
    assert_eq!(newest.id.0, 40_000, "the newest match comes first: {first:?}");
    let done = until(&view, |told| told.complete);
    assert_eq!((done.found, done.scanned, done.remaining), (800, 40_000, 0));
    history.append(message("t", r#"{"temp": 49}"#, QoS::AtMostOnce)).unwrap();
    history.append(message("t", r#"{"temp": 4}"#, QoS::AtMostOnce)).unwrap();
    until(&view, |told| told.found == 801);
    assert_eq!(ids(&view).last(), Some(&40_001));
}

#[test]
fn what_is_cleared_leaves_the_view_and_what_comes_then_is_followed() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..1_000 {
        history.append(message("t", &format!("x{number}"), QoS::AtMostOnce)).unwrap();
    }
    settle(&history);
    let view = history.view(&holding("x")).unwrap();
    until(&view, |told| told.found == 1_000);
    history.clear().unwrap();
    until(&view, |told| told.found == 0);
    history.append(message("t", "x again", QoS::AtMostOnce)).unwrap();
    until(&view, |told| told.found == 1);
    assert_eq!(ids(&view), [1_001]);
}

#[test]
fn a_view_ends_with_its_history_and_with_its_owner() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..30_000 {
        history.append(message("t", &number.to_string(), QoS::AtMostOnce)).unwrap();
    }
    let dropped = history.view(&holding("7")).unwrap();
    drop(dropped);
    let view = history.view(&holding("7")).unwrap();
    let progress = view.progress();
    history.close().unwrap();
    wait_until("the search ends", || progress.has_changed().is_err());
    assert!(view.page(0, 1).is_err());
}

#[test]
fn a_condition_that_is_none_is_refused_before_anything_is_searched() {
    let (_folder, path) = place();
    let history = open(&path);
    let pattern = PayloadTest::Regex { pattern: "(".to_owned(), case_sensitive: true };
    let filter = ViewFilter { payload: vec![pattern], ..ViewFilter::default() };
    assert!(matches!(history.view(&filter), Err(FilterError::Regex { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_view_is_what_a_look_at_every_message_gives(
        rows in prop::collection::vec((0_usize..4, 0_u8..3, "[ab]{0,3}"), 0..300),
        border in 0_usize..300,
        with in prop::collection::vec(prop::sample::select(vec!["a/+", "a/#", "b", "#"]), 0..2),
        qos in prop::collection::vec(0_u8..3, 0..2),
        text in "[ab]{0,2}",
    ) {
        let names = ["a", "a/x", "a/x/y", "b"];
        let level = |qos: u8| match qos {
            0 => QoS::AtMostOnce,
            1 => QoS::AtLeastOnce,
            _ => QoS::ExactlyOnce,
        };
        let filter = ViewFilter {
            qos: qos.into_iter().map(level).collect(),
            payload: holding(&text).payload,
            ..topics(&with)
        };
        let expect: Vec<u64> = rows
            .iter()
            .zip(1..)
            .filter(|((name, qos, payload), _)| {
                (with.is_empty() || with.iter().any(|one| topic::matches(one, names[*name])))
                    && (filter.qos.is_empty() || filter.qos.contains(&level(*qos)))
                    && payload.contains(&text)
            })
            .map(|(_, id)| id)
            .collect();
        let (_folder, path) = place();
        let history = open(&path);
        let add = |rows: &[(usize, u8, String)]| {
            for (name, qos, payload) in rows {
                history.append(message(names[*name], payload, level(*qos))).unwrap();
            }
        };
        let (before, after) = rows.split_at(border.min(rows.len()));
        add(before);
        settle(&history);
        let view = history.view(&filter).unwrap();
        add(after);
        let all = rows.len() as u64;
        until(&view, |told| told.complete && told.scanned == all);
        let found = ids(&view);
        prop_assert_eq!(found, expect);
    }
}
