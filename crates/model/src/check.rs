//! What is wrong with a profile, field by field, with the limit and where it comes from.
//!
//! A pure function of the profile, run at every key press, so it neither reads files nor looks up
//! names: whether a certificate file is there is found out on connect. Fields that a scheme or a
//! switch leaves unused are not judged, or an error would hide in a part of the form that is not
//! shown.

pub(crate) mod host;
mod oddities;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::preset::Words;
use crate::topic::{self, TopicError};
use crate::{
    CertificateSource, ClientCertificate, KeySource, Profile, ProtocolVersion, SecretEdit,
    SecretSlot, TlsRoots, TlsSettings, WillPayload,
};
use host::HostFault;

/// How much a problem weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The profile cannot be used for a connection.
    Error,
    /// It can, but probably not as meant.
    Warning,
}

/// Something wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Problem {
    /// The field's path in the profile: `endpoint.host`, `will.topic`, `subscriptions.2.filter`.
    pub field: String,
    /// Whether it hinders a connection.
    pub weight: Weight,
    /// What is wrong; the window's catalogues have a wording for each.
    pub code: ProblemCode,
    /// The limit that the wording names (`1..65535`, `23`); empty where there is none.
    pub limit: String,
    /// Where the limit comes from: `MQTT-3.1.3-5`, `RFC 6335`; empty where it is ours.
    pub source: String,
    /// A provider's reason, with [`ProblemCode::ProviderRule`].
    pub reason: Option<Words>,
}

macro_rules! problem_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal,)+) => {
        /// What can be wrong with a field. Words are never renamed or used for something else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        pub enum ProblemCode {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $variant,)+
        }

        impl ProblemCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

problem_codes! {
    /// The field must not be empty.
    Required = "required",
    /// Longer than `limit` (characters for `name`, bytes of UTF-8 elsewhere).
    TooLong = "too_long",
    /// A number outside of `limit`, written `1..65535`.
    OutOfRange = "out_of_range",
    /// The text holds U+0000.
    NullCharacter = "null_character",
    /// Warning: the text holds a control character, for which a broker may close the connection.
    ControlCharacter = "control_character",
    /// The field holds white space.
    HasSpace = "has_space",
    /// The host begins with a scheme (`mqtt://`), which has a field of its own.
    HasScheme = "has_scheme",
    /// The host ends in a port, which has a field of its own.
    HasPort = "has_port",
    /// The IPv6 address stands in brackets.
    HasBrackets = "has_brackets",
    /// The host name has characters beyond ASCII; `limit` is its form in ASCII where there is one.
    NotAscii = "not_ascii",
    /// The text is neither a host name nor an IP address.
    InvalidHost = "invalid_host",
    /// The path does not begin with `/`.
    MissingSlash = "missing_slash",
    /// The path holds a character that a request line cannot carry.
    InvalidPath = "invalid_path",
    /// Empty Client Identifier although the broker shall keep the session (5.0: a warning).
    NeedsCleanStart = "needs_clean_start",
    /// A password without a user name, which 3.1 and 3.1.1 do not have.
    PasswordWithoutUserName = "password_without_user_name",
    /// The largest delay is below the first one, which is `limit`.
    BelowFirstDelay = "below_first_delay",
    /// A Topic Name holds `+` or `#`.
    Wildcard = "wildcard",
    /// `+` stands beside another character of its level.
    PlusNotAlone = "plus_not_alone",
    /// `#` stands beside another character, or not at the end.
    HashNotLast = "hash_not_last",
    /// `$share/` without a group, or without a filter after it.
    ShareIncomplete = "share_incomplete",
    /// The same value stands further up.
    Repeated = "repeated",
    /// Warning: brokers speak another scheme on this port; `limit` names the usual ones.
    SchemePortMismatch = "scheme_port_mismatch",
    /// Warning: the path is `/`; brokers usually serve `limit`.
    UnusualPath = "unusual_path",
    /// Warning: user name or password would cross the network in clear.
    CredentialsInClear = "credentials_in_clear",
    /// Warning: anybody can pass for the broker.
    VerificationOff = "verification_off",
    /// Warning: Clean Start is off, yet a Session Expiry Interval of 0 ends the session at once.
    SessionNotKept = "session_not_kept",
    /// Warning: the provider named in `limit` refuses or closes for this Topic Filter.
    BroadFilter = "broad_filter",
    /// Warning: the provider named in `limit` takes connections with TLS only.
    ProviderNeedsTls = "provider_needs_tls",
    /// Warning: the provider named in `limit` asks for user name and password always.
    ProviderNeedsUserName = "provider_needs_user_name",
    /// Warning: the provider named in `limit` has no QoS 2.
    ProviderHasNoQos2 = "provider_has_no_qos2",
    /// The provider named in `limit` demands something else, for the problem's `reason`.
    ProviderRule = "provider_rule",
    /// The text does not follow its format; `limit` names it: `json`, `hex`, `base64`.
    NotInFormat = "not_in_format",
}

/// The longest profile name in characters; ours, so that it fits a list.
pub const MAX_NAME: usize = 100;
/// The longest string or binary field of a Control Packet in bytes (MQTT 5.0, section 1.5.4).
pub const MAX_FIELD: usize = 65_535;
/// The longest Client Identifier of MQTT 3.1 in characters (MQTT 3.1, section 3.1).
pub const MAX_CLIENT_ID_31: usize = 23;
/// The longest connect timeout in seconds; ours.
pub const MAX_CONNECT_TIMEOUT: u16 = 600;
/// The shortest reconnect delay in milliseconds; ours, so that no broker is hammered.
pub const MIN_DELAY_MS: u32 = 100;
/// The longest reconnect delay in milliseconds: one hour; ours.
pub const MAX_DELAY_MS: u32 = 3_600_000;

const STRINGS: &str = "MQTT-1.5.4";

/// Everything that is wrong with `profile`, in the order of its fields; errors before warnings.
///
/// A profile without a problem of [`Weight::Error`] can be resolved into connect options.
pub fn check(profile: &Profile) -> Vec<Problem> {
    let mut found = Found(Vec::new());
    check_name(&mut found, profile);
    check_endpoint(&mut found, profile);
    check_identity(&mut found, profile);
    check_times(&mut found, profile);
    if profile.endpoint.scheme.is_tls() {
        check_tls(&mut found, &profile.tls);
    }
    check_will(&mut found, profile);
    check_subscriptions(&mut found, profile);
    oddities::check(&mut found, profile);
    found.0.sort_by_key(|problem| problem.weight == Weight::Warning);
    found.0
}

/// What is wrong with a new secret. A password is binary data, so only its length counts.
pub fn check_secret(edit: &SecretEdit) -> Option<Problem> {
    let mut found = Found(Vec::new());
    if let (SecretSlot::Password, Some(value)) = (&edit.slot, &edit.value) {
        found.longer("password", value.expose().len(), MAX_FIELD, "MQTT-1.5.6");
    }
    found.0.pop()
}

/// The problems so far.
struct Found(Vec<Problem>);

impl Found {
    fn error(&mut self, field: &str, code: ProblemCode, limit: impl ToString, source: &str) {
        self.add(field, Weight::Error, code, &limit.to_string(), source);
    }

    fn warn(&mut self, field: &str, code: ProblemCode, limit: impl ToString, source: &str) {
        self.add(field, Weight::Warning, code, &limit.to_string(), source);
    }

    fn add(&mut self, field: &str, weight: Weight, code: ProblemCode, limit: &str, source: &str) {
        let (field, limit, source) = (field.to_owned(), limit.to_owned(), source.to_owned());
        self.0.push(Problem { field, weight, code, limit, source, reason: None });
    }

    fn longer(&mut self, field: &str, length: usize, limit: usize, source: &str) {
        if length > limit {
            self.error(field, ProblemCode::TooLong, limit, source);
        }
    }

    /// The rules of a UTF-8 Encoded String (MQTT 5.0, section 1.5.4).
    fn string(&mut self, field: &str, text: &str) {
        self.longer(field, text.len(), MAX_FIELD, STRINGS);
        if text.contains('\0') {
            self.error(field, ProblemCode::NullCharacter, "", "MQTT-1.5.4-2");
        } else if text.contains(char::is_control) {
            self.warn(field, ProblemCode::ControlCharacter, "", STRINGS);
        }
    }

    fn required_path(&mut self, field: &str, path: &str) {
        if path.trim().is_empty() {
            self.error(field, ProblemCode::Required, "", "");
        } else if path.contains('\0') {
            self.error(field, ProblemCode::NullCharacter, "", "");
        }
    }

    fn range<T: PartialOrd + ToString>(
        &mut self,
        field: &str,
        value: T,
        low: T,
        high: T,
        source: &str,
    ) {
        if value < low || value > high {
            let limit = format!("{}..{}", low.to_string(), high.to_string());
            self.error(field, ProblemCode::OutOfRange, limit, source);
        }
    }

    fn topic(&mut self, field: &str, error: TopicError) {
        let (code, limit, source) = match error {
            TopicError::Empty => (ProblemCode::Required, "", "MQTT-4.7.3-1"),
            TopicError::TooLong(_) => (ProblemCode::TooLong, "65535", "MQTT-4.7.3-3"),
            TopicError::Null => (ProblemCode::NullCharacter, "", "MQTT-4.7.3-2"),
            TopicError::WildcardInName(_) => (ProblemCode::Wildcard, "", "MQTT-3.3.2-2"),
            TopicError::PlusNotAlone => (ProblemCode::PlusNotAlone, "", "MQTT-4.7.1-2"),
            TopicError::HashNotLast => (ProblemCode::HashNotLast, "", "MQTT-4.7.1-1"),
            TopicError::ShareIncomplete => {
                (ProblemCode::ShareIncomplete, "$share/group/filter", "MQTT-4.8.2-1")
            }
        };
        self.error(field, code, limit, source);
    }
}

fn check_name(found: &mut Found, profile: &Profile) {
    if profile.name.trim().is_empty() {
        found.error("name", ProblemCode::Required, "", "");
    }
    found.longer("name", profile.name.chars().count(), MAX_NAME, "");
    if profile.name.contains(char::is_control) {
        found.error("name", ProblemCode::ControlCharacter, "", "");
    }
}

fn check_endpoint(found: &mut Found, profile: &Profile) {
    let endpoint = &profile.endpoint;
    if let Err(fault) = host::check(&endpoint.host) {
        add_host_fault(found, "endpoint.host", &endpoint.host, fault);
    }
    found.range("endpoint.port", endpoint.port, 1, u16::MAX, "RFC 6335");
    if !endpoint.scheme.is_websocket() {
        return;
    }
    let path = "endpoint.path";
    let not_in_a_request = |c: char| !c.is_ascii_graphic() || "#\"<>\\^`{|}".contains(c);
    if !endpoint.path.starts_with('/') {
        found.error(path, ProblemCode::MissingSlash, crate::endpoint::DEFAULT_PATH, "RFC 6455");
    } else if endpoint.path.contains(char::is_whitespace) {
        found.error(path, ProblemCode::HasSpace, "", "RFC 3986");
    } else if endpoint.path.contains(not_in_a_request) {
        found.error(path, ProblemCode::InvalidPath, "", "RFC 3986");
    }
    // Servers commonly take request lines of 8,000 bytes (RFC 9112, section 3).
    found.longer(path, endpoint.path.len(), 8_000, "RFC 9112");
}

fn add_host_fault(found: &mut Found, field: &str, host: &str, fault: HostFault) {
    let name = "RFC 1123";
    match fault {
        HostFault::Empty => found.error(field, ProblemCode::Required, "", ""),
        HostFault::Scheme => found.error(field, ProblemCode::HasScheme, "", ""),
        HostFault::Brackets => found.error(field, ProblemCode::HasBrackets, "", "RFC 4291"),
        HostFault::Port => found.error(field, ProblemCode::HasPort, "", ""),
        HostFault::Space => found.error(field, ProblemCode::HasSpace, "", name),
        HostFault::NotAscii => {
            let ascii = host::to_ascii(host).unwrap_or_default();
            found.error(field, ProblemCode::NotAscii, ascii, "RFC 5891");
        }
        HostFault::TooLong => {
            found.error(field, ProblemCode::TooLong, host::MAX_NAME, "RFC 1035");
        }
        HostFault::Invalid => found.error(field, ProblemCode::InvalidHost, "", name),
    }
}

fn check_identity(found: &mut Found, profile: &Profile) {
    let (field, id, version) = ("client_id", &profile.client_id, profile.version);
    match version {
        ProtocolVersion::V31 => {
            if id.is_empty() {
                found.error(field, ProblemCode::Required, "1..23", "MQTT 3.1, 3.1");
            } else if id.chars().count() > MAX_CLIENT_ID_31 {
                found.error(field, ProblemCode::TooLong, MAX_CLIENT_ID_31, "MQTT 3.1, 3.1");
            }
        }
        ProtocolVersion::V311 if id.is_empty() && !profile.clean_start => {
            found.error(field, ProblemCode::NeedsCleanStart, "", "MQTT-3.1.3-7");
        }
        ProtocolVersion::V5 if id.is_empty() && !profile.clean_start => {
            found.warn(field, ProblemCode::NeedsCleanStart, "", "MQTT-3.1.3-6");
        }
        ProtocolVersion::V311 | ProtocolVersion::V5 => {}
    }
    found.string(field, id);
    found.string("user_name", &profile.user_name);
    let user_name_is_missing = profile.password.is_some() && profile.user_name.is_empty();
    if user_name_is_missing && version != ProtocolVersion::V5 {
        found.error("password", ProblemCode::PasswordWithoutUserName, "", "MQTT-3.1.2-22");
    }
}

fn check_times(found: &mut Found, profile: &Profile) {
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

fn check_tls(found: &mut Found, tls: &TlsSettings) {
    if let TlsRoots::CaFiles { paths } = &tls.roots
        && tls.verify
    {
        for (index, path) in paths.iter().enumerate() {
            found.required_path(&format!("tls.roots.paths.{index}"), path);
        }
    }
    if let Some(ClientCertificate::Pem { certificate, key, .. }) = &tls.client_certificate {
        if let CertificateSource::File { path } = certificate {
            found.required_path("tls.client_certificate.certificate", path);
        }
        if let KeySource::File { path } = key {
            found.required_path("tls.client_certificate.key", path);
        }
    }
    if !tls.server_name.is_empty()
        && let Err(fault) = host::check(&tls.server_name)
    {
        add_host_fault(found, "tls.server_name", &tls.server_name, fault);
    }
    let mut seen = BTreeSet::new();
    for (index, name) in tls.alpn.iter().enumerate() {
        let field = format!("tls.alpn.{index}");
        if name.is_empty() {
            found.error(&field, ProblemCode::Required, "1..255", "RFC 7301");
        }
        found.longer(&field, name.len(), 255, "RFC 7301");
        if !seen.insert(name) {
            found.error(&field, ProblemCode::Repeated, "", "RFC 7301");
        }
    }
}

fn check_will(found: &mut Found, profile: &Profile) {
    let Some(will) = &profile.will else { return };
    match topic::check_name(&will.topic) {
        Err(error) => found.topic("will.topic", error),
        Ok(()) => found.string("will.topic", &will.topic),
    }
    if let WillPayload::Typed { typed } = &will.payload {
        match typed.bytes() {
            Ok(bytes) => found.longer("will.payload", bytes.len(), MAX_FIELD, "MQTT-1.5.6"),
            Err(error) => found.error("will.payload", ProblemCode::NotInFormat, error.format(), ""),
        }
    }
}

fn check_subscriptions(found: &mut Found, profile: &Profile) {
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

#[cfg(test)]
mod tests;
