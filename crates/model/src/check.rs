//! What is wrong with a profile, field by field, with the limit and where it comes from.
//!
//! A pure function of the profile, run at every key press, so it neither reads files nor looks up
//! names: whether a certificate file is there is found out on connect. Fields that a scheme or a
//! switch leaves unused are not judged, or an error would hide in a part of the form that is not
//! shown.

mod connecting;
mod endpoint;
mod found;
pub(crate) mod host;
mod identity;
mod network;
mod oddities;
mod retention;
mod secrets;
mod subscriptions;
mod times;
mod tls;
mod tls_oddities;
mod websocket;
mod will;

pub use subscriptions::check_subscription;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::preset::{Preset, Words, provider_of};
use crate::{Profile, SecretEdit};
use found::Found;

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
    /// The provider demands something else, for the problem's `reason`.
    ProviderRule = "provider_rule",
    /// The text does not follow its format; `limit` names it: `json`, `hex`, `base64`, `pem` (certificates),
    /// `pem_key`, `sha256`.
    NotInFormat = "not_in_format",
    /// Warning: the field is sent with the version of MQTT in `limit` only.
    NotSent = "not_sent",
    /// It needs MQTT 5.0.
    NeedsVersion5 = "needs_version5",
    /// Warning: something stands in `{{` and `}}` that is none of `limit` and goes out as it stands.
    UnknownPlaceholder = "unknown_placeholder",
    /// Warning: the payload is said to be UTF-8 and is not.
    NotUtf8 = "not_utf8",
    /// Warning: the session ends `limit` seconds after the connection, and the Will's delay with it.
    DelayBeyondSession = "delay_beyond_session",
    /// The text holds a character that a name in HTTP cannot have, or WebSocket's subprotocols.
    NotToken = "not_token",
    /// The text holds a character that a header's value cannot have: CR, LF, NUL and the like.
    InvalidHeaderValue = "invalid_header_value",
    /// The WebSocket handshake makes this header itself.
    ForbiddenHeader = "forbidden_header",
    /// The user name for an HTTP proxy holds a colon.
    HasColon = "has_colon",
    /// A private key stands where only certificates belong, and would lie in the profile's file in clear.
    PrivateKeyInText = "private_key_in_text",
    /// The highest version of TLS is below the lowest one, which is `limit`.
    BelowMinVersion = "below_min_version",
    /// Warning: whoever reads the key log can decrypt the connection.
    KeyLogOn = "key_log_on",
    /// Our own certificate is valid no longer; `limit` is the last moment. Found out on connect, since it needs the file.
    OwnCertificateExpired = "own_certificate_expired",
    /// Our own certificate is not valid yet; `limit` is the first moment. Found out on connect, since it needs the file.
    OwnCertificateNotYetValid = "own_certificate_not_yet_valid",
    /// The host is followed by a path, which has a field of its own.
    HasPath = "has_path",
    /// A user name stands before the host and has a field of its own.
    HasUserName = "has_user_name",
    /// Warning: the host is none of the chosen preset's, which end in `limit`.
    OtherHost = "other_host",
    /// Warning: without Keep Alive nobody notices that the connection is dead.
    KeepAliveOff = "keep_alive_off",
    /// Warning: routers may forget a connection that is silent for more than `limit` seconds.
    KeepAliveLong = "keep_alive_long",
    /// Warning: the Client Identifier is another one at each connection, so the kept session is never found again.
    ClientIdChanges = "client_id_changes",
    /// Warning: this secret would cross the network in clear.
    SecretInClear = "secret_in_clear",
    /// Warning: the scheme has no TLS, so something that is set for it is not used; `limit` names it: `client_certificate`, `alpn`.
    TlsNotUsed = "tls_not_used",
    /// Warning: an IP address is not sent as SNI, and few certificates name one.
    ServerNameIsAddress = "server_name_is_address",
    /// Warning: another name than the host, which is `limit`, is sent and looked for in the certificate.
    ServerNameDiffers = "server_name_differs",
    /// Warning: the host is an IP address, which certificates of public authorities seldom name.
    AddressNeedsName = "address_needs_name",
    /// Warning: certificates are pinned and verification is off, so nobody compares them.
    PinNotChecked = "pin_not_checked",
    /// Warning: the private key is encrypted and no passphrase is given.
    KeyEncrypted = "key_encrypted",
    /// No Local with a shared subscription.
    NoLocalShared = "no_local_shared",
    /// Warning: this version has no Response Topic, so a rule without a topic of its own answers nothing.
    ReplyNeedsTopic = "reply_needs_topic",
    /// Warning: the rule's reply matches the filter on which its requests come.
    ReplyToItself = "reply_to_itself",
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

/// The longest header of the WebSocket request in bytes; ours, since servers commonly take 8 KiB for all of them.
pub const MAX_HEADER: usize = 8_000;
/// The longest private key or archive in bytes of its text; ours.
pub const MAX_SECRET: usize = 1_000_000;

const STRINGS: &str = "MQTT-1.5.4";
const BINARY: &str = "MQTT-1.5.6";

/// Everything that is wrong with `profile`, in the order of its fields; errors before warnings.
///
/// A profile without a problem of [`Weight::Error`] can be resolved into connect options.
pub fn check(profile: &Profile) -> Vec<Problem> {
    check_with(profile, &[])
}

/// [`check`] for a person who has presets of their own: the profile may name one of `own`.
pub fn check_with(profile: &Profile, own: &[Preset]) -> Vec<Problem> {
    let mut found = Found(Vec::new());
    check_name(&mut found, profile);
    endpoint::check(&mut found, profile);
    identity::check(&mut found, profile);
    times::check(&mut found, profile);
    retention::check(&mut found, profile);
    connecting::check(&mut found, profile);
    network::check(&mut found, &profile.proxy);
    if profile.endpoint.scheme.is_tls() {
        tls::check(&mut found, &profile.tls);
    }
    if profile.endpoint.scheme.is_websocket() {
        websocket::check(&mut found, &profile.websocket);
    }
    will::check(&mut found, profile);
    subscriptions::check(&mut found, profile);
    let provider = provider_of(profile, own);
    let breaches = provider.map(|preset| preset.breaches(profile)).unwrap_or_default();
    let mut odd = Found(Vec::new());
    oddities::check(&mut odd, profile, provider, own);
    odd.0.retain(|problem| breaches.iter().all(|breach| breach.field != problem.field));
    found.0.append(&mut odd.0);
    for breach in breaches {
        let general = provider.map_or("", |preset| preset.source.as_str());
        let source = if breach.source.is_empty() { general } else { &breach.source };
        found.provider(breach.field, breach.weight, breach.reason, source);
    }
    found.0.sort_by_key(|problem| problem.weight == Weight::Warning);
    found.0
}

/// What is wrong with a new secret of `profile`. The problem never quotes it.
pub fn check_secret(profile: &Profile, edit: &SecretEdit) -> Option<Problem> {
    let mut found = Found(Vec::new());
    if let Some(value) = &edit.value {
        secrets::check(&mut found, profile, &edit.slot, value.expose());
    }
    found.0.into_iter().next()
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

#[cfg(test)]
mod tests;
