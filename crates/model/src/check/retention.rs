//! The limits of the history.

use super::found::Found;
use crate::Profile;
use crate::retention::{
    MIN_MAX_AGE_S, MIN_MAX_BYTES, MOST_MAX_AGE_S, MOST_MAX_BYTES, MOST_MAX_MESSAGES,
};

pub(super) fn check(found: &mut Found, profile: &Profile) {
    let limits = &profile.retention;
    if let Some(bytes) = limits.max_bytes {
        found.range("retention.max_bytes", bytes, MIN_MAX_BYTES, MOST_MAX_BYTES, "");
    }
    if let Some(messages) = limits.max_messages {
        found.range("retention.max_messages", messages, 1, MOST_MAX_MESSAGES, "");
    }
    if let Some(seconds) = limits.max_age_s {
        found.range("retention.max_age_s", seconds, MIN_MAX_AGE_S, MOST_MAX_AGE_S, "");
    }
}
