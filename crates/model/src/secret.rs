//! Passwords and passphrases: a type that cannot be printed or serialised by accident.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct SecretName(String);

impl SecretName {
    /// The name of a profile's password.
    pub fn password_of(profile: &crate::ProfileId) -> Self {
        Self(format!("{}/password", profile.as_str()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_never_holds_the_value() {
        assert_eq!(format!("{:?}", Some(Secret::new("hunter2"))), "Some(Secret(***))");
    }
}
