//! Certificate files put into a profile, so that an export works on another machine.
//!
//! Only certificates enter the profile, block by block: a PEM file that holds a private key beside its certificate is
//! common, and copying it whole would write the key in clear. A private key and an archive become secrets,
//! which leave only encrypted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{
    ArchiveSource, CertificateSource, ClientCertificate, KeySource, Profile, Secret, SecretSlot,
    Secrets, TlsRoots,
};

use crate::found::{Note, NoteCode};

/// Reads a file whole; none where it cannot be.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// Puts what the profile's certificate files hold into the profile, and what its key files hold into `secrets` where
/// there are any to be written. What cannot be embedded stays a path and is noted.
pub(crate) fn embed(
    profile: &mut Profile,
    mut secrets: Option<&mut Secrets>,
    read: ReadFile<'_>,
    notes: &mut Vec<Note>,
) {
    let mut stays = |field: &str, path: &str, code| {
        notes.push(Note { field: field.to_owned(), value: path.to_owned(), code });
    };
    if let TlsRoots::CaFiles { paths } = &profile.tls.roots {
        let read: Result<Vec<String>, &String> =
            paths.iter().map(|path| certificates(read, path).ok_or(path)).collect();
        match read {
            Ok(pem) => profile.tls.roots = TlsRoots::CaPem { pem: pem.concat() },
            Err(path) => stays("tls.roots", path, NoteCode::FileNotEmbedded),
        }
    }
    match &mut profile.tls.client_certificate {
        Some(ClientCertificate::Pem { certificate, key, .. }) => {
            if let CertificateSource::File { path } = certificate {
                match certificates(read, path) {
                    Some(pem) => *certificate = CertificateSource::Text { pem },
                    None => {
                        stays("tls.client_certificate.certificate", path, NoteCode::FileNotEmbedded)
                    }
                }
            }
            if let KeySource::File { path } = key {
                let field = "tls.client_certificate.key";
                match (secrets.as_deref_mut(), private_key(read, path)) {
                    (None, _) => stays(field, path, NoteCode::KeyNeedsPassphrase),
                    (_, None) => stays(field, path, NoteCode::FileNotEmbedded),
                    (Some(secrets), Some(pem)) => {
                        secrets.insert(SecretSlot::PrivateKey, Secret::new(pem));
                        *key = KeySource::Stored { secret: None };
                    }
                }
            }
        }
        Some(ClientCertificate::Pkcs12 { archive, .. }) => {
            if let ArchiveSource::File { path } = archive {
                let field = "tls.client_certificate.archive";
                match (secrets, read(path)) {
                    (None, _) => stays(field, path, NoteCode::KeyNeedsPassphrase),
                    (_, None) => stays(field, path, NoteCode::FileNotEmbedded),
                    (Some(secrets), Some(bytes)) => {
                        secrets.insert(SecretSlot::Pkcs12, Secret::new(STANDARD.encode(bytes)));
                        *archive = ArchiveSource::Stored { secret: None };
                    }
                }
            }
        }
        None => {}
    }
}

fn certificates(read: ReadFile<'_>, path: &str) -> Option<String> {
    blocks(read, path, |label| label.ends_with("CERTIFICATE"))
}

fn private_key(read: ReadFile<'_>, path: &str) -> Option<String> {
    blocks(read, path, |label| label.ends_with("PRIVATE KEY"))
}

/// The PEM blocks (RFC 7468) of a file whose label is wanted; none where there is none.
fn blocks(read: ReadFile<'_>, path: &str, wanted: impl Fn(&str) -> bool) -> Option<String> {
    let bytes = read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut found = String::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        let label = |begin: &str| {
            line.strip_prefix(begin)
                .and_then(|rest| rest.strip_suffix("-----"))
                .is_some_and(&wanted)
        };
        inside |= label("-----BEGIN ");
        if inside {
            found.push_str(line);
            found.push('\n');
        }
        inside &= !label("-----END ");
    }
    (!found.is_empty() && !inside).then_some(found)
}

#[cfg(test)]
mod tests {
    use mqttscope_model::ProfileId;

    use super::*;

    const BOTH: &str = "Bag\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n\
        -----BEGIN EC PRIVATE KEY-----\nBBBB\n-----END EC PRIVATE KEY-----\n";

    fn profile() -> Profile {
        let mut profile = Profile::new(ProfileId::new("a").unwrap(), String::new());
        profile.tls.roots = TlsRoots::ca_file("both.pem");
        profile.tls.client_certificate = Some(ClientCertificate::pem_files("both.pem", "both.pem"));
        profile
    }

    fn read(path: &str) -> Option<Vec<u8>> {
        (path == "both.pem").then(|| BOTH.as_bytes().to_vec())
    }

    #[test]
    fn a_key_beside_a_certificate_never_enters_the_profile() {
        let (mut profile, mut secrets, mut notes) = (profile(), Secrets::default(), Vec::new());
        embed(&mut profile, Some(&mut secrets), &read, &mut notes);
        assert_eq!(notes, []);
        let json = serde_json::to_string(&profile).unwrap();
        assert!(json.contains("AAAA") && !json.contains("BBBB"), "{json}");
        let key = secrets.get(&SecretSlot::PrivateKey).unwrap().expose();
        assert!(key.contains("BBBB") && !key.contains("AAAA"));
    }

    #[test]
    fn without_a_passphrase_a_key_stays_a_path_and_is_noted() {
        let (mut profile, mut notes) = (profile(), Vec::new());
        embed(&mut profile, None, &read, &mut notes);
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[0].code, NoteCode::KeyNeedsPassphrase);
        assert_eq!(notes[0].value, "both.pem");
    }

    #[test]
    fn what_cannot_be_read_stays_a_path_and_is_noted() {
        let (before, mut secrets, mut notes) = (profile(), Secrets::default(), Vec::new());
        let mut after = before.clone();
        embed(&mut after, Some(&mut secrets), &|_| None, &mut notes);
        assert_eq!(after, before);
        assert_eq!(notes.len(), 3);
        embed(&mut after, Some(&mut secrets), &|_| Some(b"\x30\x82\xff".to_vec()), &mut notes);
        assert_eq!((after, secrets), (before, Secrets::default()));
    }
}
