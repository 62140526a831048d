//! The files that a profile names, so that somebody with a disk can say which of them are not there.

use mqttscope_model::{
    ArchiveSource, CertificateSource, ClientCertificate, KeySource, Profile, TlsRoots, WillPayload,
};

/// Each file that a profile reads: its field and its path. Empty paths are left out.
pub fn paths(profile: &Profile) -> Vec<(&'static str, &str)> {
    let mut found = Vec::new();
    if let TlsRoots::CaFiles { paths } = &profile.tls.roots {
        found.extend(paths.iter().map(|path| ("tls.roots", path.as_str())));
    }
    match &profile.tls.client_certificate {
        Some(ClientCertificate::Pem { certificate, key, .. }) => {
            if let CertificateSource::File { path } = certificate {
                found.push(("tls.client_certificate.certificate", path));
            }
            if let KeySource::File { path } = key {
                found.push(("tls.client_certificate.key", path));
            }
        }
        Some(ClientCertificate::Pkcs12 { archive: ArchiveSource::File { path }, .. }) => {
            found.push(("tls.client_certificate.archive", path));
        }
        _ => {}
    }
    if let Some(will) = &profile.will
        && let WillPayload::File { path } = &will.payload
    {
        found.push(("will.payload", path));
    }
    found.retain(|(_, path)| !path.is_empty());
    found
}
