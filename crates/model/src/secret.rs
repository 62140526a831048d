//! Passwords and passphrases: a type that cannot be printed or serialised by accident, and their places in a profile.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

use crate::ProfileId;

/// A secret value. It can be read in from the window, and out only by [`Secret::expose`];
/// `Debug` masks it and there is no `Display` and no `Serialize`.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
#[ts(as = "String")]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value in clear: for the wire and the keychain, nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The name under which the keychain holds a secret; this is all that a profile file says of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct SecretName(String);

impl SecretName {
    /// The name of the secret in a place of a profile.
    pub fn of(profile: &ProfileId, slot: &SecretSlot) -> Self {
        Self(format!("{profile}/{slot}"))
    }

    /// The name of a profile's password.
    pub fn password_of(profile: &ProfileId) -> Self {
        Self::of(profile, &SecretSlot::Password)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A place in a profile where a secret is needed. Written as text: `password`, `header:authorization`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretSlot {
    /// The Password of CONNECT, or of a SCRAM exchange.
    Password,
    /// The private key of the client certificate, as PEM.
    PrivateKey,
    /// The PKCS#12 archive, as Base64.
    Pkcs12,
    /// The passphrase of the private key or the archive.
    KeyPassphrase,
    /// The proxy's password.
    ProxyPassword,
    /// The Authentication Data of CONNECT, as Base64.
    AuthenticationData,
    /// The value of the WebSocket header with this name, in lower case.
    Header(String),
}

/// What begins the text of [`SecretSlot::Header`].
const HEADER: &str = "header:";

impl SecretSlot {
    /// The slot of a header, whatever case its name is written in.
    pub fn header(name: &str) -> Self {
        Self::Header(name.trim().to_ascii_lowercase())
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "password" => Self::Password,
            "private_key" => Self::PrivateKey,
            "pkcs12" => Self::Pkcs12,
            "key_passphrase" => Self::KeyPassphrase,
            "proxy_password" => Self::ProxyPassword,
            "authentication_data" => Self::AuthenticationData,
            _ => Self::header(text.strip_prefix(HEADER)?),
        })
    }
}

impl std::fmt::Display for SecretSlot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Password => "password",
            Self::PrivateKey => "private_key",
            Self::Pkcs12 => "pkcs12",
            Self::KeyPassphrase => "key_passphrase",
            Self::ProxyPassword => "proxy_password",
            Self::AuthenticationData => "authentication_data",
            Self::Header(name) => return write!(f, "{HEADER}{name}"),
        })
    }
}

impl Serialize for SecretSlot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SecretSlot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no place for a secret"))
    }
}

/// The TypeScript shape of [`SecretSlot`].
#[derive(TS)]
#[ts(rename = "SecretSlot")]
#[ts(
    type = "\"password\" | \"private_key\" | \"pkcs12\" | \"key_passphrase\" | \"proxy_password\" | \"authentication_data\" | `header:${string}`"
)]
#[expect(dead_code, reason = "only its TypeScript is used")]
struct Written(String);

impl TS for SecretSlot {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn name(cfg: &ts_rs::Config) -> String {
        Written::name(cfg)
    }
    fn inline(cfg: &ts_rs::Config) -> String {
        Written::inline(cfg)
    }
    fn decl(cfg: &ts_rs::Config) -> String {
        Written::decl(cfg)
    }
    fn decl_concrete(cfg: &ts_rs::Config) -> String {
        Written::decl_concrete(cfg)
    }
    fn output_path() -> Option<std::path::PathBuf> {
        Written::output_path()
    }
}

/// What happens to one secret when its profile is saved; a slot that is not named stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct SecretEdit {
    /// Which.
    pub slot: SecretSlot,
    /// The new value; none removes it.
    pub value: Option<Secret>,
}

/// The values of a profile's secrets, on their way to the wire or to an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets(pub BTreeMap<SecretSlot, Secret>);

impl Secrets {
    /// The value in a slot.
    pub fn get(&self, slot: &SecretSlot) -> Option<&Secret> {
        self.0.get(slot)
    }

    /// Puts a value into a slot.
    pub fn insert(&mut self, slot: SecretSlot, value: Secret) {
        self.0.insert(slot, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_never_holds_the_value() {
        assert_eq!(format!("{:?}", Some(Secret::new("hunter2"))), "Some(Secret(***))");
        let mut secrets = Secrets::default();
        secrets.insert(SecretSlot::Password, Secret::new("hunter2"));
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }

    #[test]
    fn slots_are_read_as_they_are_written() {
        let slots = [
            SecretSlot::Password,
            SecretSlot::PrivateKey,
            SecretSlot::Pkcs12,
            SecretSlot::KeyPassphrase,
            SecretSlot::ProxyPassword,
            SecretSlot::AuthenticationData,
            SecretSlot::header("Authorization"),
        ];
        for slot in slots {
            assert_eq!(SecretSlot::parse(&slot.to_string()), Some(slot));
        }
        assert_eq!(SecretSlot::parse("pass"), None);
    }
}
