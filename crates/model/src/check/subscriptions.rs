//! The subscriptions that are made on connect.

use std::collections::BTreeSet;

use super::ProblemCode;
use super::found::Found;
use crate::{Profile, topic};

pub(super) fn check(found: &mut Found, profile: &Profile) {
    let mut seen = BTreeSet::new();
    for (index, subscription) in profile.subscriptions.iter().enumerate() {
        let field = format!("subscriptions.{index}.filter");
        match topic::check_filter(&subscription.filter) {
            Err(error) => found.topic(&field, error),
            Ok(()) => found.string(&field, &subscription.filter),
        }
        if !seen.insert(&subscription.filter) {
            found.error(&field, ProblemCode::Repeated, "", "MQTT-3.8.4-3");
        }
    }
}
