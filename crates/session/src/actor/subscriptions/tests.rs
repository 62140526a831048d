//! The list of subscriptions through changes, losses and answers.

use super::*;

const GRANTED: FilterState = FilterState::Granted { granted: QoS::AtLeastOnce };

fn wanted(filter: &str) -> Subscription {
    Subscription::new(filter, QoS::AtLeastOnce)
}

fn granted(filters: &[&str]) -> Subscriptions {
    let wanted: Vec<_> = filters.iter().map(|filter| wanted(filter)).collect();
    let mut subscriptions = Subscriptions::new(&wanted);
    answer(&mut subscriptions, &wanted);
    subscriptions
}

fn answer(subscriptions: &mut Subscriptions, made: &[Subscription]) {
    let token = subscriptions.asked(made);
    for made in made {
        subscriptions.answered(token, &made.filter, Some((GRANTED, None)));
    }
}

fn filters(subscriptions: &Subscriptions) -> Vec<String> {
    subscriptions.states().into_iter().map(|state| state.wanted.filter).collect()
}

fn nothing_forbidden(_: &Subscription) -> Option<ReasonCode> {
    None
}

#[test]
fn a_broker_that_lost_the_session_is_asked_for_all_again() {
    let mut subscriptions = granted(&["a", "b"]);
    subscriptions.lost();
    assert_eq!(subscriptions.states()[0].answer, FilterState::Waiting);
    assert_eq!(subscriptions.due(false, nothing_forbidden), [wanted("a"), wanted("b")]);
}

#[test]
fn a_broker_that_kept_the_session_is_asked_for_what_is_new_or_changed_only() {
    let mut subscriptions = granted(&["a", "b", "d"]);
    subscriptions.lost();
    let changed = Subscription { retain_as_published: true, ..wanted("d") };
    subscriptions.add(&[wanted("c"), changed.clone()], None);
    subscriptions.remove(&["b".to_owned()], false);
    assert_eq!(subscriptions.due(true, nothing_forbidden), [changed, wanted("c")]);
    assert_eq!(subscriptions.due_ends(true), ["b"]);
    assert_eq!(subscriptions.states()[0].answer, GRANTED);
}

#[test]
fn an_answer_to_an_older_request_changes_nothing() {
    let mut subscriptions = Subscriptions::new(&[wanted("a")]);
    let old = subscriptions.asked(&[wanted("a")]);
    let new = subscriptions.asked(&[wanted("a")]);
    subscriptions.answered(old, "a", None);
    assert_eq!(subscriptions.states()[0].answer, FilterState::Pending);
    subscriptions.answered(new, "a", Some((GRANTED, Some("yes".to_owned()))));
    assert_eq!(subscriptions.states()[0].answer, GRANTED);
    assert_eq!(subscriptions.states()[0].reason_string.as_deref(), Some("yes"));
}

#[test]
fn one_that_is_switched_off_is_ended_remembered_and_not_made() {
    let mut subscriptions = granted(&["a", "b"]);
    let off = Subscription { enabled: false, ..wanted("a") };
    let changes = subscriptions.add(std::slice::from_ref(&off), None);
    assert_eq!(changes, Changes { make: Vec::new(), end: vec!["a".to_owned()] });
    assert_eq!(subscriptions.states()[0].answer, FilterState::Off);
    subscriptions.lost();
    assert_eq!(subscriptions.due(false, nothing_forbidden), [wanted("b")]);
    assert_eq!(subscriptions.add(&[off], None), Changes::default());
    let changes = subscriptions.add(&[wanted("a")], None);
    assert_eq!(changes.make, [wanted("a")]);
    assert_eq!(filters(&subscriptions), ["a", "b"]);
}

#[test]
fn another_filter_keeps_the_place_and_the_old_one_is_ended() {
    let mut subscriptions = granted(&["a", "b", "c"]);
    let changes = subscriptions.add(&[wanted("x")], Some("b"));
    assert_eq!(changes, Changes { make: vec![wanted("x")], end: vec!["b".to_owned()] });
    assert_eq!(filters(&subscriptions), ["a", "x", "c"]);
    let changes = subscriptions.add(&[wanted("c")], Some("a"));
    assert_eq!(changes, Changes { make: vec![wanted("c")], end: vec!["a".to_owned()] });
    assert_eq!(filters(&subscriptions), ["x", "c"], "one that was there already is the one");
}

#[test]
fn another_name_or_colour_is_our_own_business() {
    let mut subscriptions = granted(&["a"]);
    let named = Subscription { name: "mine".to_owned(), ..wanted("a") };
    assert_eq!(subscriptions.add(std::slice::from_ref(&named), None), Changes::default());
    assert_eq!(subscriptions.states()[0].wanted, named);
    assert_eq!(subscriptions.states()[0].answer, GRANTED);
    let changes = subscriptions.add(std::slice::from_ref(&named), None);
    assert_eq!(changes.make, [named], "asked for once more, it is asked for once more");
}

#[test]
fn what_connack_forbids_is_refused_without_asking() {
    let mut subscriptions = Subscriptions::new(&[wanted("a/#"), wanted("b")]);
    let reason = ReasonCode(0xa2);
    let refusal = |one: &Subscription| one.filter.contains('#').then_some(reason);
    assert_eq!(subscriptions.due(false, refusal), [wanted("b")]);
    assert_eq!(subscriptions.states()[0].answer, FilterState::Refused { reason });
    assert_eq!(subscriptions.due(false, nothing_forbidden).len(), 2, "another broker may allow it");
}

#[test]
fn messages_count_for_what_they_came_through() {
    let mut subscriptions = granted(&["a/#", "a/+", "b", "#"]);
    let numbered = Subscription { identifier: Some(7), ..wanted("a/+") };
    let changes = subscriptions.add(&[numbered], None);
    answer(&mut subscriptions, &changes.make);
    for _ in 0..3 {
        subscriptions.count("a/x", Some(&[]));
    }
    subscriptions.count("a/x", Some(&[7]));
    subscriptions.count("$SYS/x", Some(&[]));
    subscriptions.count("b", None);
    let mut shown = subscriptions.states();
    assert!(subscriptions.tick(&mut shown));
    let counts: Vec<_> = shown.iter().map(|state| state.received).collect();
    assert_eq!(counts, [3, 1, 1, 4]);
    assert_eq!(shown[0].received_per_second, 3);
    assert!(!subscriptions.tick(&mut shown), "nothing came since");
}
