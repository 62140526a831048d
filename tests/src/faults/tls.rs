//! Certificates of brokers that are not accepted, each by a real broker that shows it.

use mqttscope_model::{Profile, Scheme, TlsRoots};
use rcgen::date_time_ymd;

use super::certificates::{Files, Lab};
use super::lab::Served;
use super::{Cure, Fault, named, rows};

rows![
    the_authority_is_unknown,
    the_authority_is_unknown_and_shown,
    another_authority_is_trusted,
    an_authority_of_the_same_name_has_another_key,
    it_signs_itself,
    it_signs_itself_and_another_of_its_name_is_trusted,
    it_signs_itself_and_is_given_as_its_own_authority,
    an_authority_is_used_as_the_server,
    the_intermediate_is_not_sent,
    it_is_for_another_name,
    it_is_for_a_name_and_the_address_is_used,
    it_is_for_all_hosts_of_another_domain,
    it_is_for_clients,
    it_names_no_host,
    it_is_of_version_1,
    it_has_expired,
    it_is_not_valid_yet,
    its_intermediate_has_expired,
    its_key_is_of_1024_bits,
    its_authoritys_key_is_of_1024_bits,
    it_is_signed_with_sha_1,
    another_certificate_is_pinned,
];

/// A broker that shows `files`.
pub(super) fn broker(files: &Files, more: &[String]) -> Served {
    let mut lines =
        vec![format!("certfile {}", files.certificate()), format!("keyfile {}", files.key())];
    lines.extend_from_slice(more);
    Served::mosquitto("", &lines)
}

/// Trusts the lab's authority.
pub(super) fn trusting(lab: &Lab) -> impl FnOnce(&mut Profile) + use<> {
    let authority = lab.authority().files.certificate();
    move |profile| profile.tls.roots = TlsRoots::ca_file(authority)
}

/// A broker that shows `files`, whose profile trusts the lab's authority.
fn shown(lab: Lab, files: &Files, cause: &'static str, fix: &'static str) -> Fault {
    let broker = broker(files, &[]);
    Fault::new(named(Scheme::Mqtts, "localhost", broker.port()), "tls", cause, fix)
        .with(trusting(&lab))
        .keep(broker)
        .keep(lab)
}

/// An authority that this machine does not know; the broker sends its own certificate alone, as most do.
pub async fn the_authority_is_unknown() -> Fault {
    let lab = Lab::new();
    let files = lab.server();
    shown(lab, &files, "tls.unknown_ca", "trust_certificate")
        .with(|profile| profile.tls.roots = TlsRoots::System)
        .cure(Cure::Connects)
        .or("tls.intermediate_missing")
        .words(UNKNOWN)
}

/// What OpenSSL and Node.js say where the issuer is not known: it is the truth for each fault of that kind.
const UNKNOWN: &[&str] =
    &["unable to get local issuer", "unable to verify the first", "self-signed certificate in"];

/// The same, and the broker sends the authority's certificate too.
pub async fn the_authority_is_unknown_and_shown() -> Fault {
    let lab = Lab::new();
    let files = with_chain(&lab, lab.server(), &lab.authority().files);
    shown(lab, &files, "tls.unknown_ca", "trust_certificate")
        .with(|profile| profile.tls.roots = TlsRoots::System)
        .cure(Cure::Connects)
        .words(UNKNOWN)
}

/// The profile trusts an authority, but not the one that signed.
pub async fn another_authority_is_trusted() -> Fault {
    let lab = Lab::new();
    let other = lab.another_authority("Office authority", false).files.certificate();
    let files = with_chain(&lab, lab.server(), &lab.authority().files);
    shown(lab, &files, "tls.unknown_ca", "trust_certificate")
        .with(|profile| profile.tls.roots = TlsRoots::ca_file(other))
        .cure(Cure::Connects)
        .words(UNKNOWN)
}

/// The authority was made anew under its old name, and the profile has the old one.
pub async fn an_authority_of_the_same_name_has_another_key() -> Fault {
    let lab = Lab::new();
    let old = lab.another_authority("Plant authority", false).files.certificate();
    let files = lab.server();
    shown(lab, &files, "tls.issuer_key_differs", "trust_certificate")
        .with(|profile| profile.tls.roots = TlsRoots::ca_file(old))
        .cure(Cure::Connects)
        .words(&["signature"])
}

/// A certificate that signs itself, as made for a first try.
pub async fn it_signs_itself() -> Fault {
    let lab = Lab::new();
    let files = lab.self_signed(|params| {
        params.distinguished_name.push(rcgen::DnType::CommonName, "First try");
    });
    shown(lab, &files, "tls.self_signed", "trust_certificate")
        .with(|profile| profile.tls.roots = TlsRoots::System)
        .cure(Cure::Connects)
        .words(&["self-signed", "self signed"])
}

/// The same, and something of its name with a key of another kind is trusted: Debian's package ssl-cert puts a certificate
/// of the machine's own name among the system's authorities.
pub async fn it_signs_itself_and_another_of_its_name_is_trusted() -> Fault {
    let lab = Lab::new();
    lab.openssl("req -x509 -newkey rsa:2048 -nodes -keyout old.key -out old.pem -days 30 -subj /CN=localhost");
    let files = lab.self_signed(|_| ());
    let other = lab.path("old.pem").display().to_string();
    shown(lab, &files, "tls.self_signed", "trust_certificate")
        .with(|profile| profile.tls.roots = TlsRoots::ca_file(other))
        .cure(Cure::Connects)
        .words(&["self-signed", "self signed"])
}

/// As most tutorials have it: `openssl req -x509`, and the same file as the authority.
pub async fn it_signs_itself_and_is_given_as_its_own_authority() -> Fault {
    let lab = Lab::new();
    lab.openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout own.key -out own.pem -days 30 -subj /CN=localhost \
         -addext subjectAltName=DNS:localhost",
    );
    let files = Files { certificate: lab.path("own.pem"), key: lab.path("own.key") };
    let own = files.certificate();
    shown(lab, &files, "tls.ca_as_server", "trust_certificate")
        .with(|profile| profile.tls.roots = TlsRoots::ca_file(own))
        .cure(Cure::Connects)
}

/// The authority's own certificate serves.
pub async fn an_authority_is_used_as_the_server() -> Fault {
    let lab = Lab::new();
    let files = lab.authority().files.clone();
    shown(lab, &files, "tls.ca_as_server", "trust_certificate").cure(Cure::Connects)
}

/// The authority signed an intermediate, which signed the server; the broker does not send the intermediate.
pub async fn the_intermediate_is_not_sent() -> Fault {
    let lab = Lab::new();
    let intermediate = lab.another_authority("Plant authority, line 3", true);
    let files = lab.server_by(&intermediate, |_| ());
    shown(lab, &files, "tls.intermediate_missing", "trust_certificate")
        .cure(Cure::Connects)
        .or("tls.unknown_ca")
        .words(UNKNOWN)
}

/// The certificate is for another name than the one in the address.
pub async fn it_is_for_another_name() -> Fault {
    let lab = Lab::new();
    let files = lab.server_by(lab.authority(), |params| {
        params.subject_alt_names = names(&["broker.plant.example"]);
    });
    shown(lab, &files, "tls.wrong_name", "use_server_name").cure(Cure::Connects).words(MISMATCH)
}

/// The certificate is for localhost, and the profile has 127.0.0.1.
pub async fn it_is_for_a_name_and_the_address_is_used() -> Fault {
    let lab = Lab::new();
    let files = lab.server_by(lab.authority(), |params| {
        params.subject_alt_names = names(&["localhost"]);
    });
    shown(lab, &files, "tls.wrong_name", "use_server_name")
        .with(|profile| profile.endpoint.host = "127.0.0.1".to_owned())
        .cure(Cure::Connects)
        .words(MISMATCH)
}

/// A wildcard, out of which no server name can be made.
pub async fn it_is_for_all_hosts_of_another_domain() -> Fault {
    let lab = Lab::new();
    let files = lab.server_by(lab.authority(), |params| {
        params.subject_alt_names = names(&["*.plant.example"]);
    });
    shown(lab, &files, "tls.wrong_name", "trust_certificate").cure(Cure::Connects).words(MISMATCH)
}

/// A client's certificate serves.
pub async fn it_is_for_clients() -> Fault {
    let lab = Lab::new();
    let files = lab.server_by(lab.authority(), |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    });
    shown(lab, &files, "tls.certificate_invalid", "trust_certificate")
        .cure(Cure::Connects)
        .words(&["purpose"])
}

const MISMATCH: &[&str] = &["does not match", "mismatch", "altnames"];

/// The name is in the common name alone, as certificates had it before 2000.
pub async fn it_names_no_host() -> Fault {
    let lab = Lab::new();
    let files = lab.server_by(lab.authority(), |params| params.subject_alt_names.clear());
    shown(lab, &files, "tls.certificate_without_names", "trust_certificate")
        .cure(Cure::Connects)
        .words(&["does not match", "altnames"])
}

/// openssl without extensions makes version 1.
pub async fn it_is_of_version_1() -> Fault {
    let lab = Lab::new();
    let files = by_openssl(&lab, "genrsa -out own.key 2048", "");
    shown(lab, &files, "tls.certificate_version", "trust_certificate").cure(Cure::Connects)
}

/// It was valid until the end of 2024.
pub async fn it_has_expired() -> Fault {
    let lab = Lab::new();
    let files = lab.server_by(lab.authority(), |params| {
        params.not_before = date_time_ymd(2023, 1, 1);
        params.not_after = date_time_ymd(2024, 12, 31);
    });
    shown(lab, &files, "tls.certificate_expired", "renew_certificate").words(&["expired"])
}

/// It will be valid from 2090 on.
pub async fn it_is_not_valid_yet() -> Fault {
    let lab = Lab::new();
    let files = lab.server_by(lab.authority(), |params| {
        params.not_before = date_time_ymd(2090, 1, 1);
        params.not_after = date_time_ymd(2095, 1, 1);
    });
    shown(lab, &files, "tls.certificate_not_yet_valid", "set_clock").words(&["not yet valid"])
}

/// The certificate is good, and the intermediate that signed it was valid until the end of 2024.
pub async fn its_intermediate_has_expired() -> Fault {
    let lab = Lab::new();
    let intermediate =
        lab.authority_by("Plant authority, line 3", Some(lab.authority()), |params| {
            params.not_before = date_time_ymd(2023, 1, 1);
            params.not_after = date_time_ymd(2024, 12, 31);
        });
    let files = with_chain(&lab, lab.server_by(&intermediate, |_| ()), &intermediate.files);
    shown(lab, &files, "tls.certificate_expired", "renew_certificate").words(&["expired"])
}

/// The authority is as old as that: it signs, and nobody verifies.
pub async fn its_authoritys_key_is_of_1024_bits() -> Fault {
    let lab = Lab::new();
    lab.write("names", "subjectAltName=DNS:localhost\n");
    lab.openssl("genrsa -out old.key 1024");
    lab.openssl("req -x509 -new -key old.key -out old.pem -days 30 -subj /CN=Old");
    let old = Files { certificate: lab.path("old.pem"), key: lab.path("old.key") };
    let files = signed_by_openssl(&lab, &old, "genrsa -out own.key 2048", " -extfile names");
    let authority = old.certificate();
    shown(lab, &files, "tls.certificate_weak", "trust_certificate")
        .with(|profile| profile.tls.roots = TlsRoots::ca_file(authority))
        .cure(Cure::Connects)
        .words(&["too weak", "too small", "key too"])
}

/// A signature that nobody accepts since 2017.
pub async fn it_is_signed_with_sha_1() -> Fault {
    let lab = Lab::new();
    lab.write("names", "subjectAltName=DNS:localhost\n");
    let files = by_openssl(&lab, "genrsa -out own.key 2048", " -sha1 -extfile names");
    by_an_old_broker(lab, &files, "tls.certificate_invalid", "trust_certificate")
        .cure(Cure::Connects)
        .words(&["too weak", "digest", "sha1"])
}

/// A key that today's libraries do not verify with.
pub async fn its_key_is_of_1024_bits() -> Fault {
    let lab = Lab::new();
    lab.write("names", "subjectAltName=DNS:localhost\n");
    let files = by_openssl(&lab, "genrsa -out own.key 1024", " -extfile names");
    by_an_old_broker(lab, &files, "tls.certificate_weak", "reissue_certificate").words(&[
        "too weak",
        "too small",
        "key too",
    ])
}

/// A broker whose TLS library takes what is too weak for others.
fn by_an_old_broker(lab: Lab, files: &Files, cause: &'static str, fix: &'static str) -> Fault {
    let lines = [format!("certfile {}", files.certificate()), format!("keyfile {}", files.key())];
    let broker = Served::mosquitto("CipherString = DEFAULT:@SECLEVEL=0", &lines);
    Fault::new(named(Scheme::Mqtts, "localhost", broker.port()), "tls", cause, fix)
        .with(trusting(&lab))
        .keep(broker)
        .keep(lab)
}

/// The broker's certificate was renewed, and the profile has the old one's fingerprint.
pub async fn another_certificate_is_pinned() -> Fault {
    let lab = Lab::new();
    let files = lab.server();
    shown(lab, &files, "tls.not_pinned", "trust_certificate")
        .with(|profile| profile.tls.roots = TlsRoots::Pinned { sha256: vec!["0".repeat(64)] })
        .cure(Cure::Connects)
}

fn names(names: &[&str]) -> Vec<rcgen::SanType> {
    let name = |name: &&str| (*name).try_into().expect("the name is valid");
    names.iter().map(name).map(rcgen::SanType::DnsName).collect()
}

/// The certificate followed by `above`'s in one file.
fn with_chain(lab: &Lab, files: Files, above: &Files) -> Files {
    let read = |path| std::fs::read_to_string(path).expect("a certificate can be read");
    let chain = read(&files.certificate) + &read(&above.certificate);
    Files { certificate: lab.write("chain.pem", &chain), ..files }
}

/// A key as `generate` makes it, whose certificate the authority signs through openssl.
fn by_openssl(lab: &Lab, generate: &str, more: &str) -> Files {
    signed_by_openssl(lab, &lab.authority().files, generate, more)
}

fn signed_by_openssl(lab: &Lab, authority: &Files, generate: &str, more: &str) -> Files {
    let (ca, ca_key) = (authority.certificate(), authority.key());
    lab.openssl(generate);
    lab.openssl("req -new -key own.key -subj /CN=localhost -out own.csr");
    lab.openssl(&format!(
        "x509 -req -in own.csr -CA {ca} -CAkey {ca_key} -CAcreateserial -days 30 -out own.pem{more}"
    ));
    Files { certificate: lab.path("own.pem"), key: lab.path("own.key") }
}
