//! Faults of the profile and of the files that it names: they must be known before a byte is sent.

use mqttscope_model::{
    ArchiveSource, CertificateSource, ClientCertificate, KeySource, Profile, Scheme, SecretSlot,
    TlsRoots,
};

use super::certificates::{Files, Lab};
use super::handshake::right;
use super::tls::trusting;
use super::{Fault, named, rows};

rows![
    the_key_does_not_match,
    the_key_is_encrypted,
    the_passphrase_is_wrong,
    the_archive_is_encrypted,
    the_archives_passphrase_is_wrong,
    the_authoritys_file_is_not_there,
    the_authoritys_file_holds_something_else,
    the_clients_certificate_file_is_not_there,
    the_clients_key_file_holds_something_else,
];

/// A broker that wants a client certificate, and a profile that has one of its authority; `edit` makes it wrong.
fn asking(
    cause: &'static str,
    fix: &'static str,
    edit: impl FnOnce(&Lab, &Files, &mut Profile),
) -> Fault {
    let lab = Lab::new();
    let broker = right(&lab, &["require_certificate true"]);
    let own = lab.client_by(lab.authority(), |_| ());
    Fault::new(named(Scheme::Mqtts, "localhost", broker.port()), "settings", cause, fix)
        .with(trusting(&lab))
        .with(|profile| {
            let (certificate, key) = (own.certificate(), own.key());
            profile.tls.client_certificate = Some(ClientCertificate::pem_files(certificate, key));
        })
        .with(|profile| edit(&lab, &own, profile))
        .keep(broker)
        .keep(lab)
}

fn pem(certificate: String, key: String) -> Option<ClientCertificate> {
    Some(ClientCertificate::Pem {
        certificate: CertificateSource::File { path: certificate },
        key: KeySource::File { path: key },
        passphrase: None,
    })
}

fn archive(lab: &Lab, own: &Files) -> Option<ClientCertificate> {
    let (certificate, key) = (own.certificate(), own.key());
    let output = format!("-out own.p12 -passout pass:{RIGHT}");
    lab.openssl(&format!("pkcs12 -export -in {certificate} -inkey {key} {output}"));
    let archive = ArchiveSource::File { path: lab.path("own.p12").display().to_string() };
    Some(ClientCertificate::Pkcs12 { archive, passphrase: None })
}

fn encrypted(lab: &Lab, own: &Files) -> Option<ClientCertificate> {
    let key = own.key();
    lab.openssl(&format!("pkcs8 -topk8 -in {key} -out encrypted.key -passout pass:{RIGHT}"));
    pem(own.certificate(), lab.path("encrypted.key").display().to_string())
}

const RIGHT: &str = "right-passphrase";
const WRONG: &str = "wrong-passphrase";

/// The key is another certificate's.
pub async fn the_key_does_not_match() -> Fault {
    asking("tls.key_mismatch", "choose_file", |lab, own, profile| {
        let other = lab.client_by(lab.authority(), |_| ());
        profile.tls.client_certificate = pem(own.certificate(), other.key());
    })
    .words(&["mismatch", "do not match", "does not match"])
}

/// The key is encrypted, and no passphrase is given.
pub async fn the_key_is_encrypted() -> Fault {
    asking("tls.key_encrypted", "give_passphrase", |lab, own, profile| {
        profile.tls.client_certificate = encrypted(lab, own);
    })
    .words(&["passphrase", "pass phrase", "interrupted or cancelled", "bad decrypt"])
}

/// The passphrase is another one.
pub async fn the_passphrase_is_wrong() -> Fault {
    asking("tls.passphrase_wrong", "give_passphrase", |lab, own, profile| {
        profile.tls.client_certificate = encrypted(lab, own);
    })
    .secret(SecretSlot::KeyPassphrase, WRONG)
    .words(&["passphrase", "pass phrase", "bad decrypt", "password"])
}

/// An archive without its passphrase.
pub async fn the_archive_is_encrypted() -> Fault {
    asking("tls.key_encrypted", "give_passphrase", |lab, own, profile| {
        profile.tls.client_certificate = archive(lab, own);
    })
}

/// An archive with another passphrase.
pub async fn the_archives_passphrase_is_wrong() -> Fault {
    asking("tls.passphrase_wrong", "give_passphrase", |lab, own, profile| {
        profile.tls.client_certificate = archive(lab, own);
    })
    .secret(SecretSlot::KeyPassphrase, WRONG)
}

/// The authority's file was moved.
pub async fn the_authoritys_file_is_not_there() -> Fault {
    asking("settings.file_unusable", "choose_file", |lab, _, profile| {
        profile.tls.roots = TlsRoots::ca_file(lab.path("moved.pem").display().to_string());
    })
    .words(&["no such file", "enoent", "ca certificate"])
}

/// The authority's file is a text.
pub async fn the_authoritys_file_holds_something_else() -> Fault {
    asking("settings.file_unusable", "choose_file", |lab, _, profile| {
        let file = lab.write("text.pem", "This is no certificate.\n");
        profile.tls.roots = TlsRoots::ca_file(file.display().to_string());
    })
    .words(&["no certificate", "ca certificate", "no start line"])
}

/// Our own certificate's file was moved.
pub async fn the_clients_certificate_file_is_not_there() -> Fault {
    asking("settings.file_unusable", "choose_file", |lab, own, profile| {
        let moved = lab.path("moved.pem").display().to_string();
        profile.tls.client_certificate = pem(moved, own.key());
    })
    .words(&["no such file", "enoent", "client certificate"])
}

/// Our own key's file is a certificate.
pub async fn the_clients_key_file_holds_something_else() -> Fault {
    asking("settings.file_unusable", "choose_file", |_, own, profile| {
        profile.tls.client_certificate = pem(own.certificate(), own.certificate());
    })
    .words(&["client key file", "no start line", "no private key"])
}
