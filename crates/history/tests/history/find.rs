//! Finding goes from match to match within a view, in both directions, and says where all of them are.

use mqttscope_history::{History, Job, TransferError, View};
use mqttscope_model::{FindRequest, FoundAt, Message, MessageId, PayloadTest, Towards, ViewFilter};

use crate::common::{open, place, received, settle, wait_until};

fn request(text: &str, topics: bool) -> FindRequest {
    FindRequest { test: PayloadTest::Text { text: text.to_owned(), case_sensitive: true }, topics }
}

/// Every second message on `plant/a`, the others on `plant/b`; the payload is the number.
fn filled(count: u64) -> (tempfile::TempDir, History) {
    let (folder, path) = place();
    let history = open(&path);
    for number in 1..=count {
        let topic = if number % 2 == 0 { "plant/a" } else { "plant/b" };
        let time_us = i64::try_from(number).unwrap() * 1_000;
        history.append(Message { time_us, ..received(topic, format!("<{number}>")) }).unwrap();
    }
    settle(&history);
    (folder, history)
}

fn view_of(history: &History, topic: &str) -> View {
    let filter = ViewFilter { topics: vec![topic.to_owned()], ..ViewFilter::default() };
    let view = history.view(&filter).unwrap();
    wait_until("the view is complete", || view.progress().borrow().complete);
    view
}

fn at(id: u64, place: u64) -> Option<FoundAt> {
    Some(FoundAt { id: MessageId(id), place })
}

#[test]
fn matches_are_walked_in_both_directions_within_the_view() {
    let (_folder, history) = filled(30_000);
    let view = view_of(&history, "plant/a");
    let find = view.find(&request("98>", false)).unwrap();
    let job = Job::new();
    let next =
        |from: Option<u64>, towards| find.next(&view, from.map(MessageId), towards, &job).unwrap();
    for round in ["while it searches", "when it is complete"] {
        assert_eq!(next(None, Towards::Older), at(29_998, 14_998), "{round}");
        assert_eq!(next(Some(29_998), Towards::Older), at(29_898, 14_948), "{round}");
        assert_eq!(next(None, Towards::Newer), at(98, 48), "{round}");
        assert_eq!(next(Some(98), Towards::Newer), at(198, 98), "{round}");
        assert_eq!(next(Some(20_000), Towards::Newer), at(20_098, 10_048), "{round}");
        assert_eq!(next(Some(98), Towards::Older), None, "{round}");
        assert_eq!(next(Some(29_998), Towards::Newer), None, "{round}");
        assert_eq!(next(Some(u64::MAX), Towards::Newer), None, "{round}");
        assert_eq!(next(Some(0), Towards::Older), None, "{round}");
        wait_until("the search is complete", || find.progress().borrow().complete);
    }
    assert_eq!(find.len(), 300);
    assert_eq!((find.number(MessageId(198)), find.number(MessageId(199))), (Some(1), None));
    assert_eq!(view.len(), 15_000, "the view stays as it is");

    history.append(received("plant/a", "a new 98>")).unwrap();
    wait_until("the new match is followed", || find.len() == 301 && view.len() == 15_001);
    assert_eq!(next(Some(29_998), Towards::Newer), at(30_001, 15_000));
}

#[test]
fn topics_are_searched_where_that_is_wanted() {
    let (_folder, history) = filled(1_000);
    let all = history.view(&ViewFilter::default()).unwrap();
    wait_until("the view is complete", || all.progress().borrow().complete);
    for (topics, expect) in [(true, 500), (false, 0)] {
        let find = all.find(&request("t/b", topics)).unwrap();
        wait_until("the search is complete", || find.progress().borrow().complete);
        assert_eq!(find.len(), expect);
    }
    let find = all.find(&request("7", true)).unwrap();
    wait_until("the search is complete", || find.progress().borrow().complete);
    assert_eq!(find.len(), 271);
}

#[test]
fn marks_say_where_on_the_scrollbar_matches_are() {
    let (_folder, history) = filled(10_000);
    let view = view_of(&history, "plant/a");
    // 5002, 5012, .. 5998 and so on: those whose number begins with 50 to 59 and has four digits.
    let test = PayloadTest::Regex { pattern: r"<5\d{3}>".to_owned(), case_sensitive: true };
    let find = view.find(&FindRequest { test, topics: false }).unwrap();
    wait_until("the search is complete", || find.progress().borrow().complete);
    let marks = find.marks(&view, 10);
    assert_eq!(marks.counts, [0, 0, 0, 0, 1, 499, 0, 0, 0, 0], "5000 is the last of its part");
    assert_eq!((marks.found, marks.total, marks.complete), (500, 5_000, true));
    assert_eq!(find.marks(&view, 0).counts, [0; 0]);
}

#[test]
fn a_time_leads_to_a_place_in_the_view() {
    let (_folder, history) = filled(100);
    let view = view_of(&history, "plant/a");
    let places = [i64::MIN, 2_000, 3_000, 100_000, 100_001_000].map(|us| view.index_at(us));
    assert_eq!(places, [0, 0, 1, 49, 50]);
}

#[test]
fn looking_from_a_place_can_be_cancelled_and_wrong_needles_are_refused() {
    let (_folder, history) = filled(50_000);
    let view = view_of(&history, "plant/a");
    let find = view.find(&request("not there", false)).unwrap();
    let job = Job::new();
    job.cancel();
    // Where the whole was searched meanwhile there is nothing left to cancel.
    match find.next(&view, Some(MessageId(1)), Towards::Newer, &job) {
        Err(TransferError::Cancelled) => {}
        Ok(None) => assert!(find.progress().borrow().complete),
        other => panic!("{other:?}"),
    }
    let test = PayloadTest::Regex { pattern: "(".to_owned(), case_sensitive: true };
    assert!(view.find(&FindRequest { test, topics: true }).is_err());
}
