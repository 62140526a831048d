//! Where certificates and keys come from: a file, the profile, the keychain.

use mqttscope_model::{Secret, SecretName, SecretSlot, Secrets};
use tokio::io::AsyncReadExt;

use crate::error::DialCause;

/// The largest file that is read, in bytes; a bundle of all public authorities has a quarter of a megabyte.
const MAX_FILE: u64 = 16 << 20;

/// Bytes, and what they are called when they are wrong.
pub(super) struct Source {
    pub(super) bytes: Vec<u8>,
    /// A file's path, or a place in words.
    pub(super) shown: String,
}

impl Source {
    pub(super) async fn file(path: &str) -> Result<Self, DialCause> {
        let unreadable =
            |reason: String| DialCause::FileUnreadable { path: path.to_owned(), reason };
        let file = tokio::fs::File::open(path).await;
        let file = file.map_err(|error| unreadable(error.to_string()))?;
        let mut bytes = Vec::new();
        let read = file.take(MAX_FILE + 1).read_to_end(&mut bytes).await;
        let count = read.map_err(|error| unreadable(error.to_string()))?;
        if u64::try_from(count).is_ok_and(|count| count > MAX_FILE) {
            return Err(unreadable("it has more than 16 MiB".to_owned()));
        }
        Ok(Self { bytes, shown: path.to_owned() })
    }

    pub(super) fn text(pem: &str) -> Self {
        Self { bytes: pem.as_bytes().to_vec(), shown: "the pasted text".to_owned() }
    }

    pub(super) fn stored(slot: &SecretSlot, secrets: &Secrets) -> Result<Self, DialCause> {
        let value = secrets.get(slot);
        let value = value.ok_or(DialCause::SecretMissing { slot: slot.to_string() })?;
        let shown = match slot {
            SecretSlot::Pkcs12 => "the stored archive",
            _ => "the stored key",
        };
        Ok(Self { bytes: value.expose().as_bytes().to_vec(), shown: shown.to_owned() })
    }
}

/// The passphrase of a key or archive, where the profile has one.
pub(super) fn passphrase(
    named: Option<&SecretName>,
    secrets: &Secrets,
) -> Result<Option<Secret>, DialCause> {
    let slot = SecretSlot::KeyPassphrase;
    match (named, secrets.get(&slot)) {
        (_, Some(value)) => Ok(Some(value.clone())),
        (Some(_), None) => Err(DialCause::SecretMissing { slot: slot.to_string() }),
        (None, None) => Ok(None),
    }
}
