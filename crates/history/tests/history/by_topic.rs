//! Proves that the message before on the same topic is found however far it lies, that completing finds the topics in use and
//! no others, and that both stay quick with many.

use std::time::Duration;

use mqttscope_history::{History, HistoryError};
use mqttscope_model::{MessageId, Retention};

use crate::common::{open, place, received, sent, settle, wait_until};

fn completed(history: &History, typed: &str, limit: usize) -> Vec<(String, u64)> {
    let found = history.complete_topics(typed, limit);
    found.into_iter().map(|found| (found.topic.to_string(), found.messages)).collect()
}

#[test]
fn the_message_before_on_the_same_topic_is_found_in_either_direction() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(received("a", "1")).unwrap();
    history.append(sent("b", "2")).unwrap();
    history.append(received("once", "3")).unwrap();
    for _ in 0..140_000 {
        history.append(received("noise", "")).unwrap();
    }
    let far = history.append(sent("a", "4")).unwrap();
    let near = history.append(received("a", "5")).unwrap();
    settle(&history);
    let previous = |id| history.previous_on_topic(id).unwrap();
    assert_eq!(previous(near), Some(far));
    assert_eq!(previous(far), Some(MessageId(1)), "two blocks of the index lie between");
    assert_eq!(previous(MessageId(1)), None);
    assert_eq!(previous(MessageId(2)), None);
    assert_eq!(previous(MessageId(3)), None);
    assert_eq!(previous(MessageId(4)), None);
    assert_eq!(previous(MessageId(5)), Some(MessageId(4)));
    let unknown = history.previous_on_topic(MessageId(far.0 + 2)).unwrap_err();
    assert!(matches!(unknown, HistoryError::NotFound(_)));
    history.set_retention(Retention { max_messages: Some(2), ..Retention::EVERYTHING }).unwrap();
    wait_until("the first is gone", || history.stats().messages == 2);
    assert_eq!(previous(far), None);
    assert_eq!(history.stats().removed, *history.removed().borrow());
}

#[test]
fn topics_in_use_are_completed_from_their_beginning_first() {
    let (_folder, path) = place();
    let history = open(&path);
    for topic in ["plant/b", "Plant/a", "the/plant", "office", "plant/b"] {
        history.append(received(topic, "")).unwrap();
    }
    settle(&history);
    let all = [("Plant/a", 1), ("plant/b", 2), ("the/plant", 1)].map(|(t, n)| (t.to_owned(), n));
    assert_eq!(completed(&history, "pLAnT", 10), all);
    assert_eq!(completed(&history, "plant", 1), all[..1]);
    assert_eq!(completed(&history, "plant", 0), []);
    assert_eq!(completed(&history, "", 10).len(), 4);
    assert_eq!(completed(&history, "nowhere", 10), []);
    history.clear().unwrap();
    assert_eq!(completed(&history, "", 10), []);
}

#[test]
fn a_topic_without_messages_is_not_offered() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(received("old", "")).unwrap();
    history.append(received("new", "")).unwrap();
    settle(&history);
    history.set_retention(Retention { max_messages: Some(1), ..Retention::EVERYTHING }).unwrap();
    wait_until("the first is gone", || history.stats().messages == 1);
    assert_eq!(completed(&history, "", 10), [("new".to_owned(), 1)]);
}

#[test]
fn a_place_is_that_of_the_first_message_that_is_not_before() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..10 {
        history.append(received("t", "")).unwrap();
    }
    settle(&history);
    history.set_retention(Retention { max_messages: Some(5), ..Retention::EVERYTHING }).unwrap();
    wait_until("five are gone", || history.stats().messages == 5);
    let places = [0, 1, 6, 7, 10, 11, u64::MAX].map(|id| history.place(MessageId(id)));
    assert_eq!(places, [0, 0, 0, 1, 4, 5, 5]);
}

#[test]
fn many_topics_are_completed_quickly_while_they_come() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..100_000 {
        history.append(received(&format!("made/up/{number}"), "")).unwrap();
    }
    settle(&history);
    let began = std::time::Instant::now();
    for typed in ["made/up/99", "UP/99", "", "9999", "nowhere"] {
        history.complete_topics(typed, 50);
    }
    // 50 ms each where it is optimised; this is not.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let newest: Vec<_> = completed(&history, "made/up/9999", 50);
    assert!(newest.contains(&("made/up/99999".to_owned(), 1)), "{newest:?}");
}
