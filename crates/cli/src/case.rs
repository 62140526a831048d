//! From the command line to what is diagnosed: an address or a saved profile, with the options over it.

use std::time::{SystemTime, UNIX_EPOCH};

use mqttscope_diagnosis::{Case, DiagnosisOptions};
use mqttscope_model::address::{self, ParsedAddress};
use mqttscope_model::client_id::Placeholders;
use mqttscope_model::preset::provider_of;
use mqttscope_model::{
    CertificateSource, ClientCertificate, Endpoint, KeySource, Profile, ProfileId, Scheme, Secret,
    SecretName, SecretSlot, Secrets, TlsRoots, UserError,
};
use mqttscope_profiles::{Listing, Reader, UserFolders};
use rand::Rng as _;

use crate::arguments::{Diagnose, Wrong};

/// The Keep Alive for an address with `--full`, in seconds: an address says none, and two cycles of it are waited for.
const SHORT_KEEP_ALIVE: u16 = 10;

/// What is diagnosed.
pub(crate) fn case(wanted: &Diagnose) -> Result<Case, Wrong> {
    let (mut profile, mut secrets, reader) = match wanted.target.contains("://") {
        true => {
            let (profile, secrets) = of_address(wanted)?;
            (profile, Ok(secrets), None)
        }
        false => {
            let reader = reader(wanted)?;
            (find(&reader, &wanted.target)?, Ok(Secrets::default()), Some(reader))
        }
    };
    let given = apply(wanted, &mut profile)?;
    let presets = reader.as_ref().map(Reader::presets).unwrap_or_default();
    if let Some(reader) = &reader {
        secrets = stored(reader, &profile, &given);
    }
    if let Ok(secrets) = &mut secrets {
        secrets.0.extend(given.0);
    }
    for slot in secrets.iter().flat_map(|secrets| secrets.0.keys()) {
        profile.set_secret(slot, Some(SecretName::of(&profile.id, slot)));
    }
    let options = DiagnosisOptions {
        subscribe: wanted.full,
        stay: wanted.full,
        other_schemes: wanted.full,
        other_client_id: wanted.other_client_id,
    };
    let (placeholders, past) = (placeholders(), Vec::new());
    Ok(Case { profile, secrets, placeholders, presets, past, options })
}

/// A profile out of an address alone.
fn of_address(wanted: &Diagnose) -> Result<(Profile, Secrets), Wrong> {
    let parsed = address::parse(&wanted.target).map_err(Wrong::Address)?;
    let ParsedAddress { scheme, host, port, path, user_name, password } = parsed;
    let scheme = scheme.unwrap_or(Scheme::Mqtt);
    let id = ProfileId::new("command-line").ok_or_else(|| Wrong::Runtime(String::new()))?;
    let mut profile = Profile::new(id, format!("mqttscopecli{}", random(10)));
    profile.endpoint = Endpoint {
        scheme,
        host,
        port: port.unwrap_or(scheme.default_port()),
        path: path.unwrap_or_else(|| Endpoint::default().path),
    };
    // A name is required of a profile; nobody sees this one.
    profile.name = profile.endpoint.authority();
    profile.user_name = user_name.unwrap_or_default();
    if wanted.full {
        shorten_keep_alive(&mut profile);
    }
    let mut secrets = Secrets::default();
    if let Some(password) = password {
        secrets.insert(SecretSlot::Password, Secret::new(password));
    }
    Ok((profile, secrets))
}

/// Makes two keep-alive cycles short, unless the provider asks for longer ones.
fn shorten_keep_alive(profile: &mut Profile) {
    let usual = std::mem::replace(&mut profile.keep_alive, SHORT_KEEP_ALIVE);
    let breaches = provider_of(profile, &[]).map(|provider| provider.breaches(profile));
    if breaches.is_some_and(|found| found.iter().any(|breach| breach.field == "keep_alive")) {
        profile.keep_alive = usual;
    }
}

/// Puts the options over the profile, and gives the secrets among them.
fn apply(wanted: &Diagnose, profile: &mut Profile) -> Result<Secrets, Wrong> {
    let mut secrets = Secrets::default();
    if let Some(user) = &wanted.user {
        profile.user_name.clone_from(user);
    }
    if let Some(version) = wanted.version {
        profile.version = version;
    }
    if let Some(name) = &wanted.password_env {
        secrets.insert(SecretSlot::Password, variable(name, "--password-env")?);
    }
    let tls = &mut profile.tls;
    if let Some(file) = &wanted.ca {
        tls.roots = TlsRoots::ca_file(file);
    }
    if let Some(name) = &wanted.server_name {
        tls.server_name.clone_from(name);
    }
    if !wanted.alpn.is_empty() {
        tls.alpn.clone_from(&wanted.alpn);
    }
    if wanted.insecure {
        tls.verify = false;
    }
    if let (Some(cert), Some(key)) = (&wanted.cert, &wanted.key) {
        tls.client_certificate = Some(ClientCertificate::Pem {
            certificate: CertificateSource::File { path: cert.clone() },
            key: KeySource::File { path: key.clone() },
            passphrase: None,
        });
    }
    if let Some(name) = &wanted.key_password_env {
        secrets.insert(SecretSlot::KeyPassphrase, variable(name, "--key-password-env")?);
    }
    Ok(secrets)
}

fn variable(name: &str, option: &'static str) -> Result<Secret, Wrong> {
    match std::env::var_os(name).map(std::ffi::OsString::into_string) {
        None => Err(Wrong::VariableMissing(name.to_owned(), option)),
        Some(Ok(value)) if !value.is_empty() => Ok(Secret::new(value)),
        Some(_) => Err(Wrong::VariableUnusable(name.to_owned(), option)),
    }
}

fn reader(wanted: &Diagnose) -> Result<Reader, Wrong> {
    let folder = match &wanted.config {
        Some(folder) => folder.clone(),
        None => UserFolders::find().ok_or(Wrong::NoHome)?.config,
    };
    Ok(Reader::new(&folder))
}

/// The profile of this name or identifier.
fn find(reader: &Reader, wanted: &str) -> Result<Profile, Wrong> {
    let listing = reader.list().map_err(|error| Wrong::Profiles(error.to_string()))?;
    let is_wanted = |profile: &&Profile| profile.name == wanted || profile.id.as_str() == wanted;
    let found: Vec<_> = listing.profiles.iter().filter(is_wanted).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(Wrong::UnknownProfile { name: wanted.to_owned(), hint: hint(&listing, wanted) }),
        several => Err(Wrong::SeveralProfiles {
            name: wanted.to_owned(),
            ids: list(several.iter().map(|profile| profile.id.as_str())),
        }),
    }
}

/// What there is instead.
fn hint(listing: &Listing, wanted: &str) -> String {
    let mut hint = match listing.profiles.as_slice() {
        [] => "; there are no profiles".to_owned(),
        some => format!("; there are: {}", list(some.iter().map(|profile| profile.name.as_str()))),
    };
    if !listing.broken.is_empty() {
        let broken = listing
            .broken
            .iter()
            .map(|broken| format!("{} ({})", broken.file.display(), broken.reason));
        hint += &format!(". Files that could not be read: {}", list(broken));
    }
    if address::parse(wanted).is_ok() {
        hint += &format!(". An address begins with its scheme: mqtt://{wanted}");
    }
    hint
}

fn list(some: impl Iterator<Item = impl Into<String>>) -> String {
    some.map(Into::into).collect::<Vec<_>>().join(", ")
}

/// The stored values, but for those that were given: whoever gives a password need not unlock the keychain.
fn stored(reader: &Reader, profile: &Profile, given: &Secrets) -> Result<Secrets, UserError> {
    let mut rest = profile.clone();
    for slot in given.0.keys() {
        rest.set_secret(slot, None);
    }
    Ok(reader.secrets_of(&rest)?)
}

fn placeholders() -> Placeholders {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Placeholders {
        random: random(8),
        hostname: gethostname::gethostname().to_string_lossy().into_owned(),
        time: since.map_or(0, |since| since.as_secs()),
    }
}

fn random(length: usize) -> String {
    let letters = rand::rng().sample_iter(rand::distr::Alphanumeric);
    letters.take(length).map(char::from).collect()
}
