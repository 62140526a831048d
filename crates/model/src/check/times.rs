//! Timeouts and the delays between attempts.

use super::found::Found;
use super::{MAX_CONNECT_TIMEOUT, MAX_DELAY_MS, MIN_DELAY_MS, ProblemCode};
use crate::Profile;

pub(super) fn check(found: &mut Found, profile: &Profile) {
    found.range("connect_timeout", profile.connect_timeout, 1, MAX_CONNECT_TIMEOUT, "");
    let reconnect = &profile.reconnect;
    if !reconnect.enabled {
        return;
    }
    let (first, max) = (reconnect.first_delay_ms, reconnect.max_delay_ms);
    found.range("reconnect.first_delay_ms", first, MIN_DELAY_MS, MAX_DELAY_MS, "");
    found.range("reconnect.max_delay_ms", max, MIN_DELAY_MS, MAX_DELAY_MS, "");
    if max < first {
        found.error("reconnect.max_delay_ms", ProblemCode::BelowFirstDelay, first, "");
    }
    found.range("reconnect.jitter_percent", reconnect.jitter_percent, 0, 100, "");
    if let Some(attempts) = reconnect.max_attempts {
        found.range("reconnect.max_attempts", attempts, 1, u32::MAX, "");
    }
}
