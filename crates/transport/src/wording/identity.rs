//! The words for what is wrong with keys, passphrases, pins and versions of TLS, before a byte is sent.

use mqttscope_model::ErrorCode;

use super::{Wording, words};
use crate::error::DialCause;

pub(super) fn identity(cause: &DialCause) -> Option<Wording> {
    use DialCause as C;
    use ErrorCode as E;
    Some(match cause {
        C::KeyEncrypted { path } => words(
            E::TlsKeyEncrypted,
            format!("The private key in {path} is encrypted with a passphrase, and none is given."),
            "Give its passphrase in the profile's TLS settings.",
        ),
        C::PassphraseWrong { path } => words(
            E::TlsPassphraseWrong,
            format!("The passphrase does not open {path}."),
            "Give the passphrase that the key or archive was encrypted with.",
        ),
        C::EncryptionUnsupported { path, reason } => words(
            E::TlsEncryptionUnsupported,
            format!("{path} is encrypted in a way that is not supported: {reason}."),
            "Convert it, for example with openssl pkcs8 -topk8 -v2 aes-256-cbc, or export the archive anew.",
        ),
        C::ArchiveInvalid { path, reason } => words(
            E::TlsArchiveInvalid,
            format!("The PKCS#12 archive {path} cannot be used: {reason}."),
            "Choose a .p12 or .pfx file that holds a private key with its certificate; it may be damaged.",
        ),
        C::KeyMismatch { certificate, key } => words(
            E::TlsKeyMismatch,
            format!(
                "The private key in {key} does not belong to the certificate in {certificate}."
            ),
            "Choose the key that the certificate was requested with; in the certificate's file the client's own comes first.",
        ),
        C::VersionsInvalid => words(
            E::TlsVersionsInvalid,
            "The lowest version of TLS is above the highest.",
            "Choose a lowest version that is not above the highest.",
        ),
        C::PinInvalid { pin } if pin.is_empty() => words(
            E::TlsPinInvalid,
            "No fingerprint of a certificate is given, so none could be accepted.",
            "Give at least one; openssl x509 -noout -fingerprint -sha256 shows it.",
        ),
        C::PinInvalid { pin } => words(
            E::TlsPinInvalid,
            format!("\"{pin}\" is no SHA-256 fingerprint."),
            "A fingerprint has 64 hexadecimal digits; openssl x509 -noout -fingerprint -sha256 shows it.",
        ),
        C::KeyLogUnusable { path, reason } => words(
            E::TlsKeyLogUnusable,
            format!("The key log file {path} cannot be opened: {reason}."),
            "Choose a file in a folder that you may write to, or leave the field empty.",
        ),
        _ => return None,
    })
}
