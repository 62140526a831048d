//! What DISCONNECT may say (MQTT 5.0, section 3.14), checked before it is sent: a person who mistypes keeps the connection.

use mqttscope_model::{
    ConnackInfo, DisconnectOptions, ProtocolVersion, ReasonCode, UserProperty, topic,
};

use crate::SessionError;
use crate::error::Limit;

/// The codes that a client may send (table 3-10).
const OF_CLIENTS: [u8; 14] =
    [0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99];

/// The rule that a DISCONNECT breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisconnectRule {
    /// The code is a server's, or none.
    #[error("a client does not send {0} (MQTT 5.0, table 3-10)")]
    NotAClients(ReasonCode),
    /// The session was to end with its connection from the beginning.
    #[error("the Session Expiry Interval was 0 in CONNECT and stays so (MQTT 5.0, 3.14.2.2.2)")]
    ExpiryWasZero,
    /// A string is too long or holds U+0000.
    #[error("the Reason String is too long or holds U+0000 [MQTT-1.5.4-2]")]
    ReasonString,
    /// A string is too long or holds U+0000.
    #[error("a User Property is too long or holds U+0000 [MQTT-1.5.4-2]")]
    UserProperties,
}

impl DisconnectRule {
    /// The field of [`DisconnectOptions`] that breaks it.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::NotAClients(_) => "reason",
            Self::ExpiryWasZero => "session_expiry",
            Self::ReasonString => "reason_string",
            Self::UserProperties => "user_properties",
        }
    }
}

/// Whether a DISCONNECT may say this on a connection whose CONNECT had this Session Expiry Interval.
pub(crate) fn check(
    wanted: &DisconnectOptions,
    version: ProtocolVersion,
    session_expiry: u32,
    connack: Option<&ConnackInfo>,
) -> Result<(), SessionError> {
    if *wanted == DisconnectOptions::default() {
        return Ok(());
    }
    if version != ProtocolVersion::V5 {
        return Err(SessionError::DisconnectNeeds5(version));
    }
    let sendable = |text: &str| text.len() <= topic::MAX_BYTES && !text.contains('\0');
    let sends = |property: &UserProperty| sendable(&property.name) && sendable(&property.value);
    let breach = if !OF_CLIENTS.contains(&wanted.reason.0) {
        Some(DisconnectRule::NotAClients(wanted.reason))
    } else if session_expiry == 0 && wanted.session_expiry.is_some_and(|seconds| seconds > 0) {
        Some(DisconnectRule::ExpiryWasZero)
    } else if !sendable(&wanted.reason_string) {
        Some(DisconnectRule::ReasonString)
    } else if !wanted.user_properties.iter().all(sends) {
        Some(DisconnectRule::UserProperties)
    } else {
        None
    };
    if let Some(rule) = breach {
        return Err(SessionError::Disconnect(rule));
    }
    let (size, limit) = (size(wanted), connack.and_then(|said| said.maximum_packet_size));
    match limit.map(u64::from) {
        Some(limit) if size > limit => {
            Err(SessionError::TooLarge { size, limit, whose: Limit::Broker })
        }
        _ => Ok(()),
    }
}

/// The most bytes that it takes: lengths count with all four of theirs.
fn size(wanted: &DisconnectOptions) -> u64 {
    let property = |property: &UserProperty| 5 + property.name.len() + property.value.len();
    let reason = if wanted.reason_string.is_empty() { 0 } else { 3 + wanted.reason_string.len() };
    let expiry = wanted.session_expiry.map_or(0, |_| 5);
    let list: usize = wanted.user_properties.iter().map(property).sum();
    (5 + 1 + 4 + reason + expiry + list) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(reason: u8) -> DisconnectOptions {
        DisconnectOptions { reason: ReasonCode(reason), ..DisconnectOptions::default() }
    }

    fn of_5(wanted: &DisconnectOptions, session_expiry: u32) -> Result<(), SessionError> {
        check(wanted, ProtocolVersion::V5, session_expiry, None)
    }

    #[test]
    fn only_the_codes_of_a_client_are_sent() {
        let sent: Vec<_> = (0..=255).filter(|code| of_5(&with(*code), 0).is_ok()).collect();
        let listed =
            [0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99];
        assert_eq!(sent, listed);
    }

    #[test]
    fn a_session_that_ended_with_its_connection_is_not_prolonged() {
        let with = |seconds| DisconnectOptions { session_expiry: Some(seconds), ..with(0) };
        assert_eq!(of_5(&with(0), 0), Ok(()));
        let refused = Err(SessionError::Disconnect(DisconnectRule::ExpiryWasZero));
        assert_eq!(of_5(&with(1), 0), refused);
        assert_eq!(of_5(&with(u32::MAX), 1), Ok(()));
    }

    #[test]
    fn before_mqtt_5_it_says_nothing() {
        for version in [ProtocolVersion::V31, ProtocolVersion::V311] {
            assert_eq!(check(&with(0), version, 0, None), Ok(()));
            let refused = Err(SessionError::DisconnectNeeds5(version));
            assert_eq!(check(&with(4), version, 0, None), refused);
        }
    }

    #[test]
    fn strings_and_the_brokers_packet_size_are_kept_to() {
        let words = |text: String| DisconnectOptions { reason_string: text, ..with(0) };
        let refused = Err(SessionError::Disconnect(DisconnectRule::ReasonString));
        assert_eq!(of_5(&words("\0".to_owned()), 0), refused);
        let property = UserProperty { name: "x".repeat(65_536), value: String::new() };
        let named = DisconnectOptions { user_properties: vec![property], ..with(0) };
        let refused = Err(SessionError::Disconnect(DisconnectRule::UserProperties));
        assert_eq!(of_5(&named, 0), refused);
        let small = ConnackInfo { maximum_packet_size: Some(50), ..ConnackInfo::default() };
        let large = words("x".repeat(50));
        let refused = check(&large, ProtocolVersion::V5, 0, Some(&small));
        assert!(matches!(refused, Err(SessionError::TooLarge { limit: 50, .. })));
    }
}
