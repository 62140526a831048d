//! The rules for a subscription that is to be made: what is checked before SUBSCRIBE is sent, and what goes into one.
//!
//! As with the properties of a message, a broker ends the connection over a breach. What CONNACK forbids is kept here
//! too, so that nobody has to find out what a broker makes of it.

use mqttscope_model::check::{ProblemCode, Weight, check_subscription};
use mqttscope_model::{ConnackInfo, ProtocolVersion, ReasonCode, Subscription, topic};

use crate::error::Forbidden;
use crate::{SessionError, sizes};

/// Filters in one SUBSCRIBE or UNSUBSCRIBE: some brokers in the cloud take no more.
const FILTERS: usize = 8;

/// What the protocol allows. What this version does not know of is not sent, so it is not judged.
///
/// # Errors
/// `topic.filter_invalid`, `subscribe.no_local_shared`, `subscribe.option_invalid`.
pub fn check(wanted: &Subscription, version: ProtocolVersion) -> Result<(), SessionError> {
    let filter = || wanted.filter.clone();
    topic::check_filter(&wanted.filter)
        .map_err(|error| SessionError::TopicFilter { filter: filter(), error })?;
    let problems = check_subscription(wanted, version);
    match problems.into_iter().find(|problem| problem.weight == Weight::Error) {
        Some(problem) if problem.code == ProblemCode::NoLocalShared => {
            Err(SessionError::NoLocalShared(filter()))
        }
        Some(problem) => {
            Err(SessionError::SubscriptionOption { filter: filter(), field: problem.field })
        }
        None => Ok(()),
    }
}

/// What the broker's CONNACK allows (MQTT 5.0, section 3.2.2.3): before MQTT 5 everything, because it says nothing.
///
/// # Errors
/// `subscribe.wildcards_refused`, `subscribe.shared_refused`, `subscribe.identifiers_refused`, `mqtt.packet_too_large`.
pub(crate) fn permit(
    wanted: &Subscription,
    version: ProtocolVersion,
    connack: &ConnackInfo,
) -> Result<(), SessionError> {
    let filter = || wanted.filter.clone();
    if let Some(what) = forbidden(wanted, connack) {
        return Err(SessionError::Forbidden { filter: filter(), what });
    }
    let size = sizes::subscribe(std::slice::from_ref(wanted), version);
    let (limit, whose) = sizes::limit(connack);
    match size > limit {
        true => Err(SessionError::FilterTooLarge { filter: filter(), size, limit, whose }),
        false => Ok(()),
    }
}

/// Whether the broker takes an UNSUBSCRIBE for a filter.
///
/// # Errors
/// `mqtt.packet_too_large`.
pub(crate) fn permit_end(
    filter: &String,
    version: ProtocolVersion,
    connack: &ConnackInfo,
) -> Result<(), SessionError> {
    let size = sizes::unsubscribe(std::slice::from_ref(filter), version);
    let (limit, whose) = sizes::limit(connack);
    match size > limit {
        true => Err(SessionError::FilterTooLarge { filter: filter.clone(), size, limit, whose }),
        false => Ok(()),
    }
}

fn forbidden(wanted: &Subscription, connack: &ConnackInfo) -> Option<Forbidden> {
    let cases = [
        (connack.wildcard_available, wanted.filter.contains(['+', '#']), Forbidden::Wildcards),
        (connack.shared_available, wanted.filter.starts_with("$share/"), Forbidden::Shared),
        (
            connack.subscription_identifiers_available,
            wanted.identifier.is_some(),
            Forbidden::Identifiers,
        ),
    ];
    let found = cases.into_iter().find(|(available, used, _)| *used && *available == Some(false));
    found.map(|(.., forbidden)| forbidden)
}

/// Why a saved subscription is not even asked for, as the code with which the broker would refuse it.
pub(crate) fn refusal(
    wanted: &Subscription,
    version: ProtocolVersion,
    connack: &ConnackInfo,
) -> Option<ReasonCode> {
    /// Protocol Error.
    const BREACH: ReasonCode = ReasonCode(0x82);
    /// Packet too large.
    const TOO_LARGE: ReasonCode = ReasonCode(0x95);
    if check(wanted, version).is_err() {
        return Some(BREACH);
    }
    match permit(wanted, version, connack) {
        Ok(()) => None,
        Err(SessionError::Forbidden { what, .. }) => Some(what.reason()),
        Err(_) => Some(TOO_LARGE),
    }
}

/// The SUBSCRIBE packets for these, in their order: filters of one packet share Subscription Identifier and User
/// Properties (section 3.8.2.1). None is larger than the broker takes, unless one filter alone makes it so.
pub(crate) fn packets<'a>(
    wanted: &'a [Subscription],
    version: ProtocolVersion,
    connack: &ConnackInfo,
) -> Vec<&'a [Subscription]> {
    let v5 = version == ProtocolVersion::V5;
    let shares = |one: &Subscription, other: &Subscription| {
        let said = |of: &Subscription| (of.identifier, of.user_properties.clone());
        !v5 || said(one) == said(other)
    };
    let (limit, _) = sizes::limit(connack);
    let fits = |part: &[Subscription]| sizes::subscribe(part, version) <= limit;
    wanted.chunk_by(shares).flat_map(|shared| parts(shared, fits)).collect()
}

/// The same for UNSUBSCRIBE.
pub(crate) fn endings<'a>(
    filters: &'a [String],
    version: ProtocolVersion,
    connack: &ConnackInfo,
) -> Vec<&'a [String]> {
    let (limit, _) = sizes::limit(connack);
    parts(filters, |part| sizes::unsubscribe(part, version) <= limit)
}

/// Cuts a list into parts of at most [`FILTERS`] that fit; what does not fit alone is a part of its own.
fn parts<T>(mut all: &[T], fits: impl Fn(&[T]) -> bool) -> Vec<&[T]> {
    let mut parts = Vec::new();
    while !all.is_empty() {
        let most = all.len().min(FILTERS);
        let fitting = (2..=most).rev().find(|len| all.get(..*len).is_some_and(&fits));
        let (part, rest) = all.split_at(fitting.unwrap_or(1));
        parts.push(part);
        all = rest;
    }
    parts
}

#[cfg(test)]
mod tests {
    use mqttscope_model::{QoS, UserProperty};

    use super::*;

    const V5: ProtocolVersion = ProtocolVersion::V5;

    fn wanted(filter: &str) -> Subscription {
        Subscription::new(filter, QoS::AtMostOnce)
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        let shared = Subscription { no_local: true, ..wanted("$share/g/a") };
        let refused = SessionError::NoLocalShared("$share/g/a".to_owned());
        assert_eq!(check(&shared, V5), Err(refused));
        assert_eq!(check(&shared, ProtocolVersion::V311), Ok(()), "it is not sent there");
        for identifier in [0, 268_435_456] {
            let numbered = Subscription { identifier: Some(identifier), ..wanted("a") };
            let field = "identifier".to_owned();
            let refused = SessionError::SubscriptionOption { filter: "a".to_owned(), field };
            assert_eq!(check(&numbered, V5), Err(refused));
        }
        let property = UserProperty { name: "\0".to_owned(), value: String::new() };
        let named = Subscription { user_properties: vec![property], ..wanted("a") };
        assert!(matches!(check(&named, V5), Err(SessionError::SubscriptionOption { .. })));
    }

    #[test]
    fn what_connack_forbids_is_not_asked_for() {
        let connack = ConnackInfo {
            wildcard_available: Some(false),
            shared_available: Some(false),
            subscription_identifiers_available: Some(false),
            ..ConnackInfo::default()
        };
        let numbered = Subscription { identifier: Some(1), ..wanted("a") };
        let cases = [
            (wanted("a/#"), Some(Forbidden::Wildcards)),
            (wanted("+/a"), Some(Forbidden::Wildcards)),
            (wanted("$share/g/a"), Some(Forbidden::Shared)),
            (numbered, Some(Forbidden::Identifiers)),
            (wanted("a"), None),
        ];
        for (one, expected) in cases {
            assert_eq!(forbidden(&one, &connack), expected, "{}", one.filter);
            assert_eq!(forbidden(&one, &ConnackInfo::default()), None);
        }
    }

    #[test]
    fn only_what_shares_identifier_and_user_properties_goes_into_one_packet() {
        let numbered = |filter: &str| Subscription { identifier: Some(7), ..wanted(filter) };
        let mut all: Vec<_> = (0..10).map(|number| wanted(&number.to_string())).collect();
        all.extend([numbered("x"), numbered("y"), wanted("z")]);
        let sizes = |version| -> Vec<usize> {
            let packets = packets(&all, version, &ConnackInfo::default());
            packets.into_iter().map(<[Subscription]>::len).collect()
        };
        assert_eq!(sizes(V5), [8, 2, 2, 1]);
        assert_eq!(sizes(ProtocolVersion::V311), [8, 5]);
        assert_eq!(packets(&all, V5, &ConnackInfo::default()).concat(), all);
    }

    #[test]
    fn no_packet_is_larger_than_the_broker_takes() {
        // Each filter of two bytes takes five of a SUBSCRIBE and four of an UNSUBSCRIBE, beside five others.
        let all: Vec<_> = (10..30).map(|number| wanted(&number.to_string())).collect();
        let filters: Vec<_> = all.iter().map(|wanted| wanted.filter.clone()).collect();
        for (maximum, in_one, ended_in_one) in [(10, 1, 1), (20, 3, 3), (21, 3, 4), (1_000, 8, 8)] {
            let connack = ConnackInfo { maximum_packet_size: Some(maximum), ..Default::default() };
            let made = packets(&all, V5, &connack);
            assert_eq!((made[0].len(), made.concat()), (in_one, all.clone()), "{maximum}");
            let ended = endings(&filters, V5, &connack);
            assert_eq!((ended[0].len(), ended.concat()), (ended_in_one, filters.clone()));
            assert_eq!(permit(&all[0], V5, &connack), Ok(()));
        }
        let connack = ConnackInfo { maximum_packet_size: Some(9), ..Default::default() };
        let size = 10;
        let refused = |filter: &str, size| {
            let (filter, whose) = (filter.to_owned(), crate::error::Limit::Broker);
            Err(SessionError::FilterTooLarge { filter, size, limit: 9, whose })
        };
        assert_eq!(permit(&all[0], V5, &connack), refused("10", size));
        assert_eq!(refusal(&all[0], V5, &connack), Some(ReasonCode(0x95)));
        assert_eq!(permit_end(&filters[0], V5, &connack), Ok(()));
        assert_eq!(permit_end(&"abc".to_owned(), V5, &connack), refused("abc", 10));
    }
}
