//! TLS alerts by their names.

use std::io;

use rustls::{AlertDescription, Error};

/// The library's error within an error of the stream.
pub(super) fn tls_error(error: &io::Error) -> Option<&Error> {
    let inner = error.get_ref()?;
    if let Some(error) = inner.downcast_ref::<Error>() {
        return Some(error);
    }
    tls_error(inner.downcast_ref::<io::Error>()?)
}

/// The alert that the broker sent, where that is the error.
pub(super) fn received(error: &Error) -> Option<String> {
    match error {
        Error::AlertReceived(alert) => Some(name(*alert)),
        _ => None,
    }
}

/// Its name in RFC 8446, section 6, or where that has it no more, in RFC 5246, section 7.2.
fn name(alert: AlertDescription) -> String {
    use AlertDescription as Alert;
    let name = match alert {
        Alert::CloseNotify => "close_notify",
        Alert::UnexpectedMessage => "unexpected_message",
        Alert::BadRecordMac => "bad_record_mac",
        Alert::DecryptionFailed => "decryption_failed",
        Alert::RecordOverflow => "record_overflow",
        Alert::DecompressionFailure => "decompression_failure",
        Alert::HandshakeFailure => "handshake_failure",
        Alert::NoCertificate => "no_certificate",
        Alert::BadCertificate => "bad_certificate",
        Alert::UnsupportedCertificate => "unsupported_certificate",
        Alert::CertificateRevoked => "certificate_revoked",
        Alert::CertificateExpired => "certificate_expired",
        Alert::CertificateUnknown => "certificate_unknown",
        Alert::IllegalParameter => "illegal_parameter",
        Alert::UnknownCA => "unknown_ca",
        Alert::AccessDenied => "access_denied",
        Alert::DecodeError => "decode_error",
        Alert::DecryptError => "decrypt_error",
        Alert::ExportRestriction => "export_restriction",
        Alert::ProtocolVersion => "protocol_version",
        Alert::InsufficientSecurity => "insufficient_security",
        Alert::InternalError => "internal_error",
        Alert::InappropriateFallback => "inappropriate_fallback",
        Alert::UserCanceled => "user_canceled",
        Alert::NoRenegotiation => "no_renegotiation",
        Alert::MissingExtension => "missing_extension",
        Alert::UnsupportedExtension => "unsupported_extension",
        Alert::CertificateUnobtainable => "certificate_unobtainable",
        Alert::UnrecognisedName => "unrecognized_name",
        Alert::BadCertificateStatusResponse => "bad_certificate_status_response",
        Alert::BadCertificateHashValue => "bad_certificate_hash_value",
        Alert::UnknownPSKIdentity => "unknown_psk_identity",
        Alert::CertificateRequired => "certificate_required",
        Alert::NoApplicationProtocol => "no_application_protocol",
        Alert::EncryptedClientHelloRequired => "ech_required",
        other => return u8::from(other).to_string(),
    };
    name.to_owned()
}
