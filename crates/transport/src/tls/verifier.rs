//! Our own judge of certificates.
//!
//! It wraps what rustls has, to remember what happened: the chain that the broker showed is what a failed handshake must be
//! explained with. A pin and "do not verify" leave out the
//! chain, the dates and the name, and nothing else: the broker must still prove that it holds the
//! certificate's key, so that a pinned or recorded certificate is the one that was talked to.
//!
//! A chain that is rejected does not end the handshake here. The rejection is noted, and the handshake goes on to be looked at:
//! what else was agreed on belongs to the report, and a second connection might meet another broker. Whoever shakes hands must
//! ask for the rejection before it lets a byte pass. The price is that rustls believes in the connection until then.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, PeerMisbehaved, SignatureScheme};

use super::TlsOptions;
use super::certificate::{self, Fingerprint};
use super::options::Trust;
use super::own::OwnCertificate;

/// The judge of one handshake.
#[derive(Debug)]
pub(super) struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    own: Arc<OwnCertificate>,
    seen: Mutex<Vec<CertificateDer<'static>>>,
    accepted: AtomicBool,
    rejection: Mutex<Option<Error>>,
}

impl Verifier {
    pub(super) fn new(options: &TlsOptions, own: &Arc<OwnCertificate>) -> Self {
        Self {
            trust: options.trust.clone(),
            provider: Arc::clone(&options.provider),
            own: Arc::clone(own),
            seen: Mutex::default(),
            accepted: AtomicBool::new(false),
            rejection: Mutex::default(),
        }
    }

    /// Why the chain was rejected: the handshake must not become a connection then, even if it ends well.
    pub(super) fn rejection(&self) -> Option<Error> {
        self.rejection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the chain was accepted: what failed afterwards was not the chain.
    pub(super) fn has_accepted(&self) -> bool {
        self.accepted.load(Ordering::Relaxed)
    }

    /// The chain that the broker showed, its own certificate first; empty where it showed none.
    pub(super) fn seen(&self) -> Vec<CertificateDer<'static>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<(), Error> {
        match &self.trust {
            Trust::Roots { judge, .. } => judge
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .map(|_assertion| ()),
            Trust::Pinned(pins) if pins.contains(&Fingerprint::of(end_entity)) => Ok(()),
            Trust::Pinned(_) => Err(CertificateError::ApplicationVerificationFailure.into()),
            Trust::Anyone => Ok(()),
        }
    }

    /// Whether nothing but the key counts: the chain was not asked about, or was rejected and is only looked at.
    fn only_the_key_counts(&self) -> bool {
        !matches!(self.trust, Trust::Roots { .. }) || !self.has_accepted()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) =
            chain.map(|certificate| certificate.clone().into_owned()).collect();
        match self.judge(end_entity, intermediates, server_name, ocsp_response, now) {
            Ok(()) => self.accepted.store(true, Ordering::Relaxed),
            Err(error) => {
                self.own.close();
                *self.rejection.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(error.clone());
                // The library would send our certificate at the end of the handshake.
                if self.own.was_given() {
                    return Err(error);
                }
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        if self.only_the_key_counts() {
            verify_tls12_with_key(message, &key_of(cert)?, dss, algorithms)
        } else {
            verify_tls12_signature(message, cert, dss, algorithms)
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        if self.only_the_key_counts() {
            verify_tls13_signature_with_raw_key(message, &key_of(cert)?, dss, algorithms)
        } else {
            verify_tls13_signature(message, cert, dss, algorithms)
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// The key of a certificate that nothing else is wanted of: the library reads X.509 version 3 only, and a pinned one may be older.
fn key_of<'a>(cert: &'a CertificateDer<'_>) -> Result<SubjectPublicKeyInfoDer<'a>, Error> {
    certificate::public_key(cert).ok_or_else(|| CertificateError::BadEncoding.into())
}

/// What the library does for TLS 1.3 only: a scheme may stand for several algorithms before it (RFC 5246, section 7.4.1.4.1).
fn verify_tls12_with_key(
    message: &[u8],
    key: &SubjectPublicKeyInfoDer<'_>,
    dss: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let entity = webpki::RawPublicKeyEntity::try_from(key)
        .map_err(|_| Error::from(CertificateError::BadEncoding))?;
    let (_, possible) = algorithms
        .mapping
        .iter()
        .find(|(scheme, _)| *scheme == dss.scheme)
        .ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
    let proven = possible
        .iter()
        .any(|algorithm| entity.verify_signature(*algorithm, message, dss.signature()).is_ok());
    if proven {
        Ok(HandshakeSignatureValid::assertion())
    } else {
        Err(CertificateError::BadSignature.into())
    }
}
