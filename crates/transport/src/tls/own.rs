//! Our own answer to a request for a certificate.
//!
//! rustls asks for it as soon as the request comes, which is before the broker's own certificate is judged. So whether it was
//! given is remembered: a chain that is then rejected must end the handshake at once, or ours would go out to a stranger.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mqttscope_model::CertificateFacts;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

use super::certificate;

/// The most authorities that are remembered; some brokers name a whole system's.
const AUTHORITIES: usize = 256;

/// Our certificate, where there is one, and what the broker asked for.
#[derive(Debug)]
pub(super) struct OwnCertificate {
    key: Option<Arc<CertifiedKey>>,
    asked: AtomicBool,
    given: AtomicBool,
    /// The broker is a stranger: nothing is given any more.
    closed: AtomicBool,
    authorities: Mutex<Vec<String>>,
}

impl OwnCertificate {
    pub(super) fn new(key: Option<Arc<CertifiedKey>>) -> Self {
        let flag = || AtomicBool::new(false);
        let (asked, given, closed) = (flag(), flag(), flag());
        Self { key, asked, given, closed, authorities: Mutex::default() }
    }

    /// Whether the broker asked for a certificate.
    pub(super) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether the handshake holds ours, to be sent at its end.
    pub(super) fn was_given(&self) -> bool {
        self.given.load(Ordering::Relaxed)
    }

    /// Gives nothing from now on.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// The authorities that the broker named.
    pub(super) fn authorities(&self) -> Vec<String> {
        self.authorities.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What ours says of itself.
    pub(super) fn facts(&self) -> Option<CertificateFacts> {
        self.key.as_ref()?.cert.first().map(certificate::facts)
    }
}

impl ResolvesClientCert for OwnCertificate {
    fn resolve(
        &self,
        root_hint_subjects: &[&[u8]],
        sigschemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        let named = root_hint_subjects.iter().take(AUTHORITIES);
        *self.authorities.lock().unwrap_or_else(PoisonError::into_inner) =
            named.map(|name| certificate::distinguished_name(name)).collect();
        if self.closed.load(Ordering::Relaxed) {
            return None;
        }
        // Without a scheme in common the library sends none either.
        let key = self.key.as_ref().filter(|key| key.key.choose_scheme(sigschemes).is_some())?;
        self.given.store(true, Ordering::Relaxed);
        Some(Arc::clone(key))
    }

    fn has_certs(&self) -> bool {
        self.key.is_some()
    }
}
