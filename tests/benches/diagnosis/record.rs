//! The work of a record, repeated outside of a connection.

use std::error::Error;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{Account, Attempt, CertificateFacts, ConnectStage, Facts};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::sync::watch;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Repeats what was done for an account, and gives the time that it took.
///
/// The chain is read once; each stage begins and ends with a change that a watcher is told of. At the end of each stage of the
/// dial all facts are copied, although the first stages have few of them; those of MQTT are written in place.
pub(crate) fn repeat(account: &Account) -> Result<Duration, Box<dyn Error>> {
    let chain = account.facts.tls.as_ref().map(|tls| tls.chain.as_slice()).unwrap_or_default();
    let chain = chain.iter().map(|link| CertificateDer::from_pem_slice(link.pem.as_bytes()));
    let chain = chain.collect::<Result<Vec<_>, _>>()?;
    let begin = Instant::now();
    for der in &chain {
        std::hint::black_box(read(der)?);
    }
    let (out, watched) = watch::channel(None::<Account>);
    out.send_replace(Some(Account {
        attempt: Attempt { number: account.attempt.number, stages: Vec::new(), error: None },
        began_ms: account.began_ms,
        facts: Facts::default(),
        past: account.past.clone(),
    }));
    for record in &account.attempt.stages {
        out.send_modify(|account| {
            account.iter_mut().for_each(|account| account.attempt.stages.push(record.clone()));
        });
        let facts = (record.stage != ConnectStage::Mqtt).then(|| account.facts.clone());
        out.send_modify(|account| {
            if let (Some(account), Some(facts)) = (account, facts) {
                account.facts = facts;
            }
        });
    }
    let took = begin.elapsed();
    drop(watched);
    Ok(took)
}

/// What is kept of a certificate.
fn read(der: &[u8]) -> Result<CertificateFacts, Box<dyn Error>> {
    let (_, certificate) = X509Certificate::from_der(der)?;
    let names = certificate.subject_alternative_name()?;
    let names = names.map(|names| names.value.general_names.iter().map(ToString::to_string));
    let digest = ring::digest::digest(&ring::digest::SHA256, der);
    let digits: Vec<String> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    let lines = STANDARD.encode(der);
    Ok(CertificateFacts {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        names: names.into_iter().flatten().collect(),
        serial: certificate.raw_serial_as_string(),
        not_before_s: certificate.validity().not_before.timestamp(),
        not_after_s: certificate.validity().not_after.timestamp(),
        key_bits: u32::try_from(certificate.public_key().parsed()?.key_size())?,
        signature: certificate.signature_algorithm.algorithm.to_string(),
        sha256: digits.join(":"),
        self_issued: certificate.subject() == certificate.issuer(),
        is_ca: certificate.is_ca(),
        pem: format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"),
        ..CertificateFacts::default()
    })
}
