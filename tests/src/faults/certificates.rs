//! Certificates that are right, and such that are wrong in one way.
//!
//! `rcgen` makes what it can; what it rightly refuses to make (RSA 1024, X.509 version 1, encrypted keys) openssl does.

use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;

/// A folder with an authority, which signs what is asked for.
pub struct Lab {
    folder: TempDir,
    authority: Issuer,
}

/// An authority of a [`Lab`].
pub struct Issuer {
    signer: CertifiedIssuer<'static, KeyPair>,
    /// Its own certificate and key.
    pub files: Files,
}

/// A certificate (or a chain of them) and its key, as PEM files.
#[derive(Clone, Debug)]
pub struct Files {
    /// The certificate.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Files {
    /// The certificate's path as text.
    pub fn certificate(&self) -> String {
        self.certificate.display().to_string()
    }

    /// The key's path as text.
    pub fn key(&self) -> String {
        self.key.display().to_string()
    }
}

impl Default for Lab {
    fn default() -> Self {
        Self::new()
    }
}

impl Lab {
    /// A folder with an authority.
    pub fn new() -> Self {
        let folder = TempDir::with_prefix("mqttscope-lab-").expect("a folder for certificates");
        let authority = authority(folder.path(), "Plant authority", None, |_| ());
        Self { folder, authority }
    }

    /// The authority.
    pub fn authority(&self) -> &Issuer {
        &self.authority
    }

    /// Another authority: signed by ours, or by itself.
    pub fn another_authority(&self, name: &str, signed: bool) -> Issuer {
        self.authority_by(name, signed.then_some(&self.authority), |_| ())
    }

    /// Another authority, changed by `edit` before `above` signs it, or it itself.
    pub fn authority_by(
        &self,
        name: &str,
        above: Option<&Issuer>,
        edit: impl FnOnce(&mut CertificateParams),
    ) -> Issuer {
        authority(self.folder.path(), name, above, edit)
    }

    /// A server's certificate for localhost and 127.0.0.1, signed by the authority.
    pub fn server(&self) -> Files {
        self.server_by(&self.authority, |_| ())
    }

    /// A server's certificate, changed by `edit` before `issuer` signs it.
    pub fn server_by(&self, issuer: &Issuer, edit: impl FnOnce(&mut CertificateParams)) -> Files {
        let purpose = ExtendedKeyUsagePurpose::ServerAuth;
        let mut params = leaf("localhost", &["localhost", "127.0.0.1"], purpose);
        edit(&mut params);
        self.sign("server", params, issuer)
    }

    /// A client's certificate, changed by `edit` before `issuer` signs it.
    pub fn client_by(&self, issuer: &Issuer, edit: impl FnOnce(&mut CertificateParams)) -> Files {
        let mut params = leaf("device 7", &[], ExtendedKeyUsagePurpose::ClientAuth);
        edit(&mut params);
        self.sign("client", params, issuer)
    }

    /// A certificate for localhost that signs itself, changed by `edit` before.
    pub fn self_signed(&self, edit: impl FnOnce(&mut CertificateParams)) -> Files {
        let purpose = ExtendedKeyUsagePurpose::ServerAuth;
        let mut params = leaf("localhost", &["localhost", "127.0.0.1"], purpose);
        edit(&mut params);
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.self_signed(&key).expect("it signs itself");
        write(self.folder.path(), "self", &certificate.pem(), &key)
    }

    /// A file in the folder.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file can be written");
        path
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs openssl in the folder with `words`, which are separated by spaces.
    pub fn openssl(&self, words: &str) {
        let output = Command::new("openssl")
            .args(words.split(' '))
            .current_dir(self.folder.path())
            .output()
            .expect("openssl can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn sign(&self, name: &str, params: CertificateParams, issuer: &Issuer) -> Files {
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &*issuer.signer).expect("the authority signs");
        write(self.folder.path(), name, &certificate.pem(), &key)
    }
}

fn leaf(common: &str, names: &[&str], purpose: ExtendedKeyUsagePurpose) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("the names are valid");
    params.distinguished_name.push(DnType::CommonName, common);
    params.extended_key_usages = vec![purpose];
    params.use_authority_key_identifier_extension = true;
    params
}

/// An authority that signs itself, or is signed by `above`.
fn authority(
    folder: &Path,
    name: &str,
    above: Option<&Issuer>,
    edit: impl FnOnce(&mut CertificateParams),
) -> Issuer {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    edit(&mut params);
    let key = KeyPair::generate().expect("a key can be made");
    let signer = match above {
        Some(above) => CertifiedIssuer::signed_by(params, key, &*above.signer),
        None => CertifiedIssuer::self_signed(params, key),
    };
    let signer = signer.expect("the authority is signed");
    let files = write(folder, "authority", &signer.pem(), signer.key());
    Issuer { signer, files }
}

/// Writes both under a name that is not taken.
fn write(folder: &Path, name: &str, certificate: &str, key: &KeyPair) -> Files {
    let free = |number: &usize| !folder.join(format!("{name}{number}.pem")).exists();
    let number = (1..).find(free).expect("numbers do not end");
    let files = Files {
        certificate: folder.join(format!("{name}{number}.pem")),
        key: folder.join(format!("{name}{number}.key")),
    };
    std::fs::write(&files.certificate, certificate).expect("a certificate can be written");
    std::fs::write(&files.key, key.serialize_pem()).expect("a key can be written");
    files
}
