//! The rules of a subscription's options and of the rules that answer requests.

use super::*;
use crate::check::check_subscription;
use crate::{ReplyRule, RetainHandling, UserProperty};

fn one(profile: &mut Profile, filter: &str, change: impl FnOnce(&mut Subscription)) {
    subscribe(profile, &[filter]);
    change(&mut profile.subscriptions[0]);
}

fn everything(subscription: &mut Subscription) {
    subscription.no_local = true;
    subscription.retain_as_published = true;
    subscription.retain_handling = RetainHandling::DoNotSend;
    subscription.identifier = Some(7);
    subscription.user_properties.push(property("a", "b"));
}

fn property(name: &str, value: &str) -> UserProperty {
    UserProperty { name: name.to_owned(), value: value.to_owned() }
}

fn rule(id: &str, filter: &str, topic: &str) -> ReplyRule {
    ReplyRule {
        id: id.to_owned(),
        name: String::new(),
        enabled: true,
        filter: filter.to_owned(),
        qos: QoS::AtMostOnce,
        topic: topic.to_owned(),
        payload: "{{payload}}".to_owned(),
        reply_qos: QoS::AtMostOnce,
        retain: false,
        content_type: String::new(),
        user_properties: Vec::new(),
    }
}

#[test]
fn a_subscription_may_use_all_options_of_mqtt_5() {
    expect(|p| one(p, "a/#", everything), &[]);
}

#[test]
fn a_subscription_identifier_is_1_to_268435455() {
    for good in [1, 268_435_455] {
        expect(|p| one(p, "a", |s| s.identifier = Some(good)), &[]);
    }
    for bad in [0, 268_435_456, u32::MAX] {
        let found = ["subscriptions.0.identifier out_of_range 1..268435455"];
        expect(|p| one(p, "a", |s| s.identifier = Some(bad)), &found);
    }
}

#[test]
fn no_local_does_not_go_with_a_shared_subscription() {
    let found = ["subscriptions.0.no_local no_local_shared"];
    expect(|p| one(p, "$share/g/a", |s| s.no_local = true), &found);
    expect(|p| one(p, "$shared/a", |s| s.no_local = true), &[]);
}

#[test]
fn a_share_name_is_neither_empty_nor_holds_a_wildcard() {
    for filter in ["$share/", "$share/g", "$share//a", "$share/+/a", "$share/g#/a", "$share/g/"] {
        let found = ["subscriptions.0.filter share_incomplete $share/group/filter"];
        expect(|p| subscribe(p, &[filter]), &found);
    }
    // A `/` ends the name; what follows is the filter.
    expect(|p| subscribe(p, &["$share/g//a"]), &[]);
}

#[test]
fn the_same_filter_twice_is_one_subscription_for_the_broker() {
    let found = ["subscriptions.2.filter repeated"];
    expect(|p| subscribe(p, &["a", "$share/g/a", "a"]), &found);
    let off = |p: &mut Profile| {
        subscribe(p, &["a", "a"]);
        p.subscriptions[1].enabled = false;
    };
    expect(off, &["subscriptions.1.filter repeated"]);
}

#[test]
fn user_properties_of_a_subscription_follow_the_rules_of_strings() {
    let long = "x".repeat(65_536);
    let found = [
        "subscriptions.0.user_properties.0.value too_long 65535",
        "subscriptions.0.user_properties.1.name null_character",
    ];
    let properties = vec![property("a", &long), property("b\0", "")];
    expect(|p| one(p, "a", |s| s.user_properties = properties), &found);
}

#[test]
fn what_older_versions_do_not_have_is_only_told_of() {
    for version in [ProtocolVersion::V311, ProtocolVersion::V31] {
        let change = |p: &mut Profile| {
            p.version = version;
            p.automatic_topic_alias = true;
            one(p, "$share/g/a", everything);
            p.subscriptions[0].identifier = Some(0);
        };
        let found = [
            "~automatic_topic_alias not_sent 5.0",
            "~subscriptions.0.no_local not_sent 5.0",
            "~subscriptions.0.retain_as_published not_sent 5.0",
            "~subscriptions.0.retain_handling not_sent 5.0",
            "~subscriptions.0.identifier not_sent 5.0",
            "~subscriptions.0.user_properties not_sent 5.0",
        ];
        expect(change, &found);
    }
    expect(|p| p.automatic_topic_alias = true, &[]);
}

#[test]
fn a_subscription_by_itself_is_judged_by_the_same_rules() {
    let mut subscription = Subscription::new("$share/g/a+", QoS::AtLeastOnce);
    subscription.no_local = true;
    subscription.identifier = Some(0);
    let found: Vec<_> = check_subscription(&subscription, ProtocolVersion::V5)
        .into_iter()
        .map(|problem| (problem.field, problem.code))
        .collect();
    let expected = [
        ("filter".to_owned(), ProblemCode::PlusNotAlone),
        ("no_local".to_owned(), ProblemCode::NoLocalShared),
        ("identifier".to_owned(), ProblemCode::OutOfRange),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_rule_that_answers_needs_a_filter_and_a_topic_that_can_be_published_to() {
    let replies = |rules: &[(&str, &str, &str)]| {
        let rules: Vec<_> = rules.iter().map(|(id, on, to)| rule(id, on, to)).collect();
        move |p: &mut Profile| p.replies = rules
    };
    expect(replies(&[("1", "ask/#", ""), ("2", "$share/g/ask/+", "answer/{{topic.2}}")]), &[]);
    expect(replies(&[("1", "ask/#/x", "")]), &["replies.0.filter hash_not_last"]);
    expect(replies(&[("1", "ask/#", "answer/#")]), &["replies.0.topic wildcard"]);
    expect(replies(&[("1", "a", ""), ("1", "b", "")]), &["replies.1.id repeated"]);
    expect(replies(&[("1", "ask/#", "ask/answer")]), &["~replies.0.topic reply_to_itself"]);
    // What the request brings can be anything.
    expect(replies(&[("1", "ask/#", "ask/{{payload}}")]), &[]);
}

#[test]
fn a_rule_that_answers_has_fewer_means_in_3_1_1() {
    let change = |p: &mut Profile| {
        p.version = ProtocolVersion::V311;
        let mut with_type = rule("2", "ask", "answer");
        with_type.content_type = "application/json".to_owned();
        with_type.user_properties.push(property("a", "b"));
        p.replies = vec![rule("1", "ask", ""), with_type];
    };
    let found = [
        "~replies.0.topic reply_needs_topic",
        "~replies.1.content_type not_sent 5.0",
        "~replies.1.user_properties not_sent 5.0",
    ];
    expect(change, &found);
}
