//! The subscriptions that are made on connect, and the rules that answer requests.
//!
//! One that is switched off is judged like the others, since its row is in sight and one click switches it on. What
//! only MQTT 5.0 has is kept with 3.1 and 3.1.1 and not sent, so there it is only told of, never judged.

use std::collections::BTreeSet;

use super::connecting::not_sent;
use super::found::Found;
use super::{Problem, ProblemCode, Weight};
use crate::properties::MAX_VARIABLE_INTEGER;
use crate::{Profile, ProtocolVersion, ReplyRule, RetainHandling, Subscription, topic};

pub(super) fn check(found: &mut Found, profile: &Profile) {
    let version = profile.version;
    if profile.automatic_topic_alias && version != ProtocolVersion::V5 {
        not_sent(found, "automatic_topic_alias");
    }
    let mut seen = BTreeSet::new();
    for (index, subscription) in profile.subscriptions.iter().enumerate() {
        let place = format!("subscriptions.{index}");
        check_filter(found, &format!("{place}.filter"), &subscription.filter);
        if !seen.insert(&subscription.filter) {
            let field = format!("{place}.filter");
            found.error(&field, ProblemCode::Repeated, "", "MQTT-3.8.4-3");
        }
        check_options(found, &place, subscription, version);
    }
    check_replies(found, profile);
}

/// What is wrong with one subscription by itself, with fields as they are called in it: `filter`, `identifier`.
///
/// For whoever makes a subscription that is no part of a profile yet.
pub fn check_subscription(subscription: &Subscription, version: ProtocolVersion) -> Vec<Problem> {
    let mut found = Found(Vec::new());
    check_filter(&mut found, "s.filter", &subscription.filter);
    check_options(&mut found, "s", subscription, version);
    for problem in &mut found.0 {
        problem.field = problem.field.trim_start_matches("s.").to_owned();
    }
    found.0.sort_by_key(|problem| problem.weight == Weight::Warning);
    found.0
}

fn check_filter(found: &mut Found, field: &str, filter: &str) {
    match topic::check_filter(filter) {
        Err(error) => found.topic(field, error),
        Ok(()) => found.string(field, filter),
    }
}

fn check_options(found: &mut Found, place: &str, wanted: &Subscription, version: ProtocolVersion) {
    if version != ProtocolVersion::V5 {
        for (name, is_set) in [
            ("no_local", wanted.no_local),
            ("retain_as_published", wanted.retain_as_published),
            ("retain_handling", wanted.retain_handling != RetainHandling::Send),
            ("identifier", wanted.identifier.is_some()),
            ("user_properties", !wanted.user_properties.is_empty()),
        ] {
            if is_set {
                not_sent(found, &format!("{place}.{name}"));
            }
        }
        return;
    }
    if wanted.no_local && wanted.filter.starts_with("$share/") {
        let field = format!("{place}.no_local");
        found.error(&field, ProblemCode::NoLocalShared, "", "MQTT-3.8.3-4");
    }
    if let Some(identifier) = wanted.identifier {
        let (field, source) = (format!("{place}.identifier"), "MQTT 5.0, 3.8.2.1.2");
        found.range(&field, identifier, 1, MAX_VARIABLE_INTEGER, source);
    }
    found.user_properties(&format!("{place}.user_properties"), &wanted.user_properties);
}

fn check_replies(found: &mut Found, profile: &Profile) {
    let mut seen = BTreeSet::new();
    for (index, rule) in profile.replies.iter().enumerate() {
        let place = format!("replies.{index}");
        if !seen.insert(&rule.id) {
            found.error(&format!("{place}.id"), ProblemCode::Repeated, "", "");
        }
        check_filter(found, &format!("{place}.filter"), &rule.filter);
        check_reply_topic(found, &format!("{place}.topic"), rule, profile.version);
        if profile.version == ProtocolVersion::V5 {
            found.string(&format!("{place}.content_type"), &rule.content_type);
            found.user_properties(&format!("{place}.user_properties"), &rule.user_properties);
            continue;
        }
        for (name, is_set) in [
            ("content_type", !rule.content_type.is_empty()),
            ("user_properties", !rule.user_properties.is_empty()),
        ] {
            if is_set {
                not_sent(found, &format!("{place}.{name}"));
            }
        }
    }
}

/// Where a rule's reply goes. A template's value is only known when a request is there, so it counts as a plain word.
fn check_reply_topic(found: &mut Found, field: &str, rule: &ReplyRule, version: ProtocolVersion) {
    if rule.topic.is_empty() {
        if version != ProtocolVersion::V5 {
            found.warn(field, ProblemCode::ReplyNeedsTopic, "", "MQTT 5.0, 3.3.2.3.5");
        }
        return;
    }
    let sample = filled(&rule.topic);
    match topic::check_name(&sample) {
        Err(error) => found.topic(field, error),
        Ok(()) => found.string(field, &sample),
    }
    let is_template = sample != rule.topic;
    if !is_template && topic::matches(&rule.filter, &rule.topic) {
        found.warn(field, ProblemCode::ReplyToItself, "", "");
    }
}

/// A template with a plain word in the place of all that stands in double braces.
fn filled(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((_, behind)) = after.split_once("}}") else { break };
        text.push_str(before);
        text.push('x');
        rest = behind;
    }
    text.push_str(rest);
    text
}
