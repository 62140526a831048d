//! The rules for a subscription that is to be made: what is checked before SUBSCRIBE is sent, and what goes into one.
//!
//! As with the properties of a message, a broker ends the connection over a breach. What CONNACK forbids is kept here
//! too, so that nobody has to find out what a broker makes of it.

use mqttscope_model::check::{ProblemCode, Weight, check_subscription};
use mqttscope_model::{ConnackInfo, ProtocolVersion, ReasonCode, Subscription, topic};

use crate::SessionError;
use crate::error::Forbidden;

/// Filters in one SUBSCRIBE or UNSUBSCRIBE: some brokers in the cloud take no more.
pub(crate) const FILTERS: usize = 8;

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

/// What the broker's CONNACK forbids (MQTT 5.0, section 3.2.2.3). Nothing before MQTT 5, where it says nothing.
pub(crate) fn forbidden(wanted: &Subscription, connack: &ConnackInfo) -> Option<Forbidden> {
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
    match check(wanted, version) {
        Err(_) => Some(BREACH),
        Ok(()) => forbidden(wanted, connack).map(Forbidden::reason),
    }
}

/// The SUBSCRIBE packets for these, in their order: filters of one packet share Subscription Identifier and User
/// Properties (section 3.8.2.1).
pub(crate) fn packets(wanted: &[Subscription], version: ProtocolVersion) -> Vec<&[Subscription]> {
    let v5 = version == ProtocolVersion::V5;
    let shares = |one: &Subscription, other: &Subscription| {
        let said = |of: &Subscription| (of.identifier, of.user_properties.clone());
        !v5 || said(one) == said(other)
    };
    wanted.chunk_by(shares).flat_map(|shared| shared.chunks(FILTERS)).collect()
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
            packets(&all, version).into_iter().map(<[Subscription]>::len).collect()
        };
        assert_eq!(sizes(V5), [8, 2, 2, 1]);
        assert_eq!(sizes(ProtocolVersion::V311), [8, 5]);
        assert_eq!(packets(&all, V5).concat(), all);
    }
}
