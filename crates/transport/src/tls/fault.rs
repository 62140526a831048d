//! From what rustls met to the true cause.
//!
//! rustls says what it saw on its level: a content type, an alert, an end of file. What a person must know
//! is one level up, and needs the first bytes, the chain and whether the broker asked for a certificate.

use std::io;

use mqttscope_model::{CertificateCheck, CertificateFacts};
use rustls::pki_types::CertificateDer;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

use super::TlsOptions;
use super::alert::{self, tls_error};
use super::certificate::{day_of, day_of_seconds, facts, is_weak};
use super::hello;
use super::options::Trust;
use crate::Spoken;
use crate::error::DialCause;
use crate::evidence::{Failure, Record};

/// What is known of a handshake that failed.
pub(super) struct Handshake<'a> {
    pub(super) options: &'a TlsOptions,
    /// What the broker showed.
    pub(super) chain: &'a [CertificateDer<'static>],
    /// Whether that was accepted.
    pub(super) chain_accepted: bool,
    /// Whether it asked for a client certificate.
    pub(super) asked: bool,
    pub(super) first_bytes: Vec<u8>,
}

/// The failure where the handshake ran out of time.
pub(super) fn timed_out(record: &Record) -> Failure {
    let bytes = record.bytes();
    let failure = match Spoken::recognise(&bytes) {
        None => {
            return Failure::new(DialCause::TlsTimedOut)
                .evidence("no answer to the TLS ClientHello");
        }
        Some(Spoken::Tls) => Failure::new(DialCause::TlsTimedOut),
        spoken => Failure::new(DialCause::TlsNotSpoken { spoken }),
    };
    failure.first_bytes(&bytes)
}

/// The failure behind an error of a stream whose handshake had passed, where TLS is to blame.
pub(crate) fn late_failure(error: &io::Error, options: &TlsOptions) -> Option<Failure> {
    let error = tls_error(error)?;
    // Only a broker that had asked judges a client certificate after the handshake.
    let handshake = Handshake {
        options,
        chain: &[],
        chain_accepted: true,
        asked: true,
        first_bytes: Vec::new(),
    };
    let mut failure = Failure::new(handshake.cause(error)).evidence(error.to_string());
    failure.seen.late_alert = alert::received(error);
    Some(failure)
}

/// Which check a chain failed that was rejected for `cause`.
pub(super) fn check(cause: &DialCause) -> CertificateCheck {
    match cause {
        DialCause::UnknownIssuer | DialCause::SelfSigned => CertificateCheck::Issuer,
        DialCause::WrongName { .. } | DialCause::NoNames { .. } => CertificateCheck::Name,
        DialCause::Expired { .. } | DialCause::NotYetValid { .. } => CertificateCheck::Dates,
        DialCause::WeakKey | DialCause::IssuerKeyDiffers | DialCause::KeyNotProven => {
            CertificateCheck::Signature
        }
        DialCause::OldCertificateVersion => CertificateCheck::Version,
        DialCause::CaAsServer => CertificateCheck::Purpose,
        DialCause::NotPinned { .. } => CertificateCheck::Pin,
        _ => CertificateCheck::Other,
    }
}

impl Handshake<'_> {
    /// The failure where the chain was rejected, however the handshake went on.
    pub(super) fn rejected(&self, rejection: &Error) -> Failure {
        self.shown(Failure::new(self.cause(rejection)).evidence(rejection.to_string()))
    }

    pub(super) fn failure(&self, error: &io::Error) -> Failure {
        let failure = match tls_error(error) {
            Some(error) => Failure::new(self.cause(error)).evidence(error.to_string()),
            None => Failure::new(self.ended(error)).evidence(error.to_string()),
        };
        self.shown(failure)
    }

    /// Adds what the other side showed: its certificate, or bytes of another protocol.
    fn shown(&self, failure: Failure) -> Failure {
        if Spoken::recognise(&self.first_bytes) != Some(Spoken::Tls) {
            return failure.first_bytes(&self.first_bytes);
        }
        match self.chain.first() {
            Some(leaf) => with_certificate(failure, &facts(leaf), self.chain.len()),
            None => failure,
        }
    }

    /// The socket ended before TLS could say a word about it.
    fn ended(&self, error: &io::Error) -> DialCause {
        let is_end = matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
        );
        match Spoken::recognise(&self.first_bytes) {
            _ if !is_end => DialCause::TlsFailed { reason: error.to_string() },
            Some(Spoken::Tls) if self.asked && self.options.client.is_none() => {
                DialCause::ClientCertificateRequired
            }
            Some(Spoken::Tls) => DialCause::TlsClosed,
            spoken => DialCause::TlsNotSpoken { spoken },
        }
    }

    fn cause(&self, error: &Error) -> DialCause {
        match error {
            Error::InvalidCertificate(error) => self.certificate_cause(error),
            Error::AlertReceived(alert) => self.alert_cause(*alert),
            Error::InvalidMessage(
                InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
            ) => DialCause::TlsNotSpoken { spoken: Spoken::recognise(&self.first_bytes) },
            Error::InvalidMessage(_) | Error::PeerSentOversizedRecord
                if Spoken::recognise(&self.first_bytes) != Some(Spoken::Tls) =>
            {
                DialCause::TlsNotSpoken { spoken: Spoken::recognise(&self.first_bytes) }
            }
            Error::PeerIncompatible(
                rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13
                | rustls::PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            ) => self.version_refused(),
            Error::PeerIncompatible(
                rustls::PeerIncompatible::NoCipherSuitesInCommon
                | rustls::PeerIncompatible::NoKxGroupsInCommon
                | rustls::PeerIncompatible::NoSignatureSchemesInCommon,
            ) => DialCause::NoCommonCipher,
            other => DialCause::TlsFailed { reason: other.to_string() },
        }
    }

    fn version_refused(&self) -> DialCause {
        DialCause::VersionRefused { offered: self.options.shown_versions() }
    }

    fn alert_cause(&self, alert: AlertDescription) -> DialCause {
        use AlertDescription as Alert;
        match alert {
            Alert::ProtocolVersion => self.version_refused(),
            Alert::InsufficientSecurity => DialCause::NoCommonCipher,
            // Instead of a ServerHello it is the answer to what was offered (RFC 8446, section 4.1.1).
            Alert::HandshakeFailure if !self.asked && hello::read(&self.first_bytes).is_none() => {
                DialCause::NoCommonCipher
            }
            Alert::CertificateRequired => DialCause::ClientCertificateRequired,
            Alert::UnrecognisedName => {
                DialCause::ServerNameRefused { name: self.options.shown_name() }
            }
            Alert::NoApplicationProtocol => DialCause::AlpnRefused,
            // TLS 1.2 has no alert of its own for a missing certificate (RFC 5246, section 7.4.6).
            Alert::HandshakeFailure | Alert::BadCertificate | Alert::NoCertificate
                if self.asked && self.options.client.is_none() =>
            {
                DialCause::ClientCertificateRequired
            }
            Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::AccessDenied
            | Alert::DecryptError
                if self.options.client.is_some() =>
            {
                DialCause::ClientCertificateRejected { alert: format!("{alert:?}") }
            }
            other => {
                DialCause::TlsFailed { reason: format!("the broker sent the alert {other:?}") }
            }
        }
    }

    fn certificate_cause(&self, error: &CertificateError) -> DialCause {
        let leaf = self.chain.first().map(facts).unwrap_or_default();
        let (from, until) = dates(&leaf);
        match error {
            CertificateError::ApplicationVerificationFailure => {
                DialCause::NotPinned { sha256: leaf.sha256 }
            }
            CertificateError::UnknownIssuer if leaf.self_issued => DialCause::SelfSigned,
            CertificateError::UnknownIssuer => DialCause::UnknownIssuer,
            CertificateError::Expired => DialCause::Expired { until },
            CertificateError::ExpiredContext { not_after, .. } => {
                DialCause::Expired { until: day_of(*not_after) }
            }
            CertificateError::NotValidYet => DialCause::NotYetValid { from },
            CertificateError::NotValidYetContext { not_before, .. } => {
                DialCause::NotYetValid { from: day_of(*not_before) }
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                let name = self.options.shown_name();
                if leaf.names.is_empty() {
                    DialCause::NoNames { name }
                } else {
                    DialCause::WrongName { name, names: leaf.names }
                }
            }
            CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                self.signature_cause()
            }
            CertificateError::Other(other) => match other.0.downcast_ref::<webpki::Error>() {
                Some(webpki::Error::CaUsedAsEndEntity) => DialCause::CaAsServer,
                Some(webpki::Error::UnsupportedCertVersion) => DialCause::OldCertificateVersion,
                _ if matches!(leaf.version, 1 | 2) => DialCause::OldCertificateVersion,
                _ => DialCause::CertificateInvalid { reason: other.to_string() },
            },
            other => DialCause::CertificateInvalid { reason: other.to_string() },
        }
    }

    /// A signature that does not fit stands for several things that differ for a person. What signs itself meets it where
    /// something else of its name is trusted: Debian's package ssl-cert puts such a certificate among the system's.
    fn signature_cause(&self) -> DialCause {
        let chain: Vec<CertificateFacts> = self.chain.iter().map(facts).collect();
        let weak_roots: &[String] = match &self.options.trust {
            Trust::Roots { weak, .. } => weak,
            Trust::Pinned(_) | Trust::Anyone => &[],
        };
        let too_small =
            |facts: &CertificateFacts| is_weak(facts) || weak_roots.contains(&facts.issuer);
        if chain.iter().any(too_small) {
            DialCause::WeakKey
        } else if self.chain_accepted {
            DialCause::KeyNotProven
        } else if chain.first().is_some_and(|leaf| leaf.self_issued) {
            DialCause::SelfSigned
        } else {
            DialCause::IssuerKeyDiffers
        }
    }
}

/// From when and until when a certificate is valid; empty for one that cannot be read.
fn dates(certificate: &CertificateFacts) -> (String, String) {
    match certificate.version {
        0 => (String::new(), String::new()),
        _ => (day_of_seconds(certificate.not_before_s), day_of_seconds(certificate.not_after_s)),
    }
}

/// Adds what the broker's certificate says of itself.
fn with_certificate(failure: Failure, leaf: &CertificateFacts, length: usize) -> Failure {
    let names = leaf.names.join(", ");
    let (from, until) = dates(leaf);
    let mut failure = failure
        .detail("certificate_subject", &leaf.subject)
        .detail("certificate_issuer", &leaf.issuer)
        .detail("certificate_names", &names)
        .detail("certificate_not_before", &from)
        .detail("certificate_not_after", &until)
        .detail("certificate_sha256", &leaf.sha256)
        .detail("certificate_chain_length", length);
    if leaf.key == "RSA" {
        failure = failure.detail("certificate_rsa_bits", leaf.key_bits);
    }
    let shown = format!(
        "; certificate of {} for {names}, by {}, {from} to {until}",
        leaf.subject, leaf.issuer
    );
    failure.seen.evidence.push_str(&shown);
    failure
}
