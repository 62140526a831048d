//! What only several connections show: takeover, drops after the same silence, a close after each packet of a kind.
//!
//! One loss is bad luck; the same loss twice or thrice has a reason. The limits are guesses that were tried on real brokers: too
//! tight ones name nothing, too wide ones blame a flaky network. Where two reasons fit, both are named.

use mqttscope_model::{ErrorCode, LastSent, PastConnection, SentPacket, StreamEnd};

use super::{Case, Found, lost};
use crate::{CauseCode as C, Fix, FixCode as F};

/// A rival that always comes back ends a connection within this time.
const SOON_MS: u64 = 10_000;
/// Within this time even the shortest timeout of a proxy has not run out, so it is a rival.
const AT_ONCE_MS: u64 = 2_000;
/// A broker that dislikes a packet closes within this time.
const AFTER_PACKET_MS: u64 = 2_000;
/// How many losses of the same length are no chance.
const REGULAR: usize = 3;
/// How far they may differ, in percent.
const SPREAD_PERCENT: u64 = 15;

/// The patterns in earlier connections, the likeliest first.
pub(super) fn patterns(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let rival = is_rival(case);
    found.extend(after_packet(case));
    let regular = regular_drops(case);
    let at_once = case.account.past.last().is_some_and(|last| last.lasted_ms < AT_ONCE_MS);
    match regular {
        Some(regular) if rival && !at_once && found.is_empty() => {
            found.push(regular);
            found.push(taken_over(case));
        }
        Some(regular) if !rival && found.is_empty() => found.push(regular),
        _ if rival => {
            let alone = found.is_empty() && last_code(case) != Some(ErrorCode::MqttTakenOver);
            found.push(taken_over(case));
            // A broker that ends each connection for a reason of its own looks the same.
            found.extend(alone.then(|| lost::connection_lost(case)));
        }
        _ => {}
    }
    if found.is_empty() && last_code(case) == Some(ErrorCode::MqttKeepAliveTimedOut) {
        found.push(ping_unanswered(case));
    }
    found
}

fn last_code(case: &Case<'_>) -> Option<ErrorCode> {
    case.account.past.last().map(|last| last.error.code)
}

/// The last connections, newest first, as long as they are of the same kind.
fn tail<'a>(
    case: &'a Case<'_>,
    same: impl Fn(&PastConnection) -> bool + 'a,
) -> impl Iterator<Item = &'a PastConnection> {
    case.account.past.iter().rev().take_while(move |past| same(past))
}

/// Without a word of the broker, and not by our wish.
fn is_silent_end(past: &PastConnection) -> bool {
    matches!(past.error.code, ErrorCode::MqttConnectionLost | ErrorCode::MqttClosed)
        && matches!(past.end, StreamEnd::Closed | StreamEnd::Reset)
}

/// Another client with our identifier: the broker says so, or closes soon after CONNACK again and again.
fn is_rival(case: &Case<'_>) -> bool {
    let told = |past: &PastConnection| past.error.code == ErrorCode::MqttTakenOver;
    if case.account.past.last().is_some_and(told) {
        return true;
    }
    tail(case, |past| is_silent_end(past) && past.lasted_ms < SOON_MS).count() >= 2
}

/// Another client uses the identifier.
pub(super) fn taken_over(case: &Case<'_>) -> Found {
    let sent = case.facts.mqtt.as_ref().map(|mqtt| mqtt.client_id.clone());
    let sent = sent.unwrap_or_else(|| case.profile.client_id.clone());
    case.found(C::TakenOver)
        .with("client_id", sent)
        .with("times", case.account.past.len())
        .fix(case.fixes.use_other_client_id())
        .fix(case.fixes.advice(F::EndOtherClient))
}

/// A packet that was sent last and got no answer before the end.
fn disliked(past: &PastConnection) -> Option<&LastSent> {
    let sent = past.last_sent.as_ref()?;
    let soon = !sent.answered && sent.before_end_ms < AFTER_PACKET_MS;
    (soon && is_silent_end(past)).then_some(sent)
}

/// The broker closed right after a PUBLISH or SUBSCRIBE, as 3.1.1 leaves it no other way (`[MQTT-3.3.5-2]`).
fn after_packet(case: &Case<'_>) -> Option<Found> {
    let sent = case.account.past.last().and_then(disliked)?;
    let code = match sent.packet {
        SentPacket::Publish => C::ClosedAfterPublish,
        SentPacket::Subscribe => C::ClosedAfterSubscribe,
    };
    let found = case
        .found(code)
        .with("topic", &sent.topic)
        .with("qos", u8::from(sent.qos))
        .with("retain", u8::from(sent.retain));
    let without = case.fixes.without_subscription(&sent.topic);
    Some(
        found
            .fix(without.filter(|_| sent.packet == SentPacket::Subscribe))
            .fix(case.fixes.advice(F::AskForPermission))
            .fix(case.fixes.advice(F::ReadBrokerLog)),
    )
}

/// How long a connection was silent before it ended: since CONNACK, or since the last packet that a person sent.
fn silence_ms(past: &PastConnection) -> u64 {
    let silence = past
        .last_sent
        .as_ref()
        .map_or(past.lasted_ms, |sent| past.lasted_ms.min(sent.before_end_ms));
    // No connection lasts for a century; what says so must not overflow a product.
    silence.min(100 * 365 * 86_400_000)
}

/// Drops again and again after the same time. A connection may have been kept by pings for some cycles, so whole
/// multiples of the shortest count as the same.
pub(super) fn regular_drops(case: &Case<'_>) -> Option<Found> {
    let timed_out = |past: &PastConnection| {
        is_silent_end(past) || past.error.code == ErrorCode::MqttKeepAliveTimedOut
    };
    let last: Vec<&PastConnection> = tail(case, timed_out).take(REGULAR).collect();
    let silences: Vec<u64> = last.iter().map(|past| silence_ms(past)).collect();
    let shortest = silences.iter().copied().min().filter(|shortest| *shortest >= 500)?;
    let same = |silence: &u64| {
        let times = (silence + shortest / 2) / shortest;
        silence.abs_diff(times * shortest) * 100 <= shortest * SPREAD_PERCENT && times <= 4
    };
    if silences.len() < REGULAR || !silences.iter().all(same) {
        return None;
    }
    let keep_alive = last.first().map(|past| past.keep_alive).unwrap_or_default();
    // Where a ping got no answer, the way was gone before it was sent.
    let pinged = last.iter().any(|past| past.error.code == ErrorCode::MqttKeepAliveTimedOut);
    let silence = if pinged && keep_alive > 0 {
        shortest.min(u64::from(keep_alive) * 1000)
    } else {
        shortest
    };
    let shorter = case.fixes.use_keep_alive(silence, keep_alive);
    Some(
        case.found(C::RegularDrops)
            .with("seconds", shortest.div_ceil(1000))
            .with("keep_alive", keep_alive)
            .fix(shorter)
            // Pings that are frequent enough already cannot be what is missing: something limits the time itself.
            .fix(case.fixes.advice(F::ReadBrokerLog))
            .fix(case.fixes.advice(F::ConfigureGateway)),
    )
}

/// A ping without its answer.
pub(super) fn ping_unanswered(case: &Case<'_>) -> Found {
    case.found(C::PingUnanswered)
        .with("keep_alive", keep_alive(case))
        .fix(case.fixes.advice(F::ReadBrokerLog))
        .fix(case.fixes.advice(F::CheckNetwork))
        .fix(shorter_keep_alive(case))
}

/// The Keep Alive that was in force last.
fn keep_alive(case: &Case<'_>) -> u16 {
    let offer = case.facts.mqtt.as_ref().and_then(|mqtt| mqtt.offer.as_ref());
    let past = case.account.past.last().map(|last| last.keep_alive);
    past.or(offer.map(|offer| offer.keep_alive)).unwrap_or(case.profile.keep_alive)
}

/// A Keep Alive below the one in force.
pub(super) fn shorter_keep_alive(case: &Case<'_>) -> Option<Fix> {
    let now = keep_alive(case);
    let silence_ms = if now == 0 { 60_000 } else { u64::from(now) * 1000 };
    case.fixes.use_keep_alive(silence_ms, now)
}
