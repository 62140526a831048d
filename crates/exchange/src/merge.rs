//! Two profiles held against each other: where they differ, and what comes of both.
//!
//! Both are done on the written form, so that a field that is added to profiles is compared and merged without
//! anybody thinking of it. Merging never changes what a person set here; what belongs together (an
//! address, the way to trust a broker, a user name with its password) is taken whole or not at all, because half of one
//! and half of another would connect to something that nobody meant.

use mqttscope_model::{Profile, SecretSlot, Secrets};
use serde_json::Value;

use crate::slots::slot_path;

/// Fields that are taken whole, and only where they are empty here.
const WHOLE: [&str; 5] = ["endpoint", "proxy", "will", "authentication", "reconnect"];
/// Fields that stay what they are here.
const STAY: [&str; 5] = ["id", "name", "follows_local_broker", "verify", "require_subprotocol"];

/// The profile without the names of its secrets.
pub(crate) fn without_secrets(profile: &Profile) -> Profile {
    let mut plain = profile.clone();
    for (slot, _) in profile.secrets() {
        plain.set_secret(&slot, None);
    }
    plain
}

/// The paths of the fields in which `found` differs from `here`, in the order of the names. A secret that does not come
/// with the import is no difference; one that comes is, unless the same value is `stored` here.
pub(crate) fn differences(
    here: &Profile,
    stored: Option<&Secrets>,
    found: &Profile,
    secrets: &Secrets,
) -> Vec<String> {
    let mut paths = Vec::new();
    compare(&written(&without_secrets(here)), &written(found), String::new(), &mut paths);
    for (slot, value) in &secrets.0 {
        if stored.and_then(|stored| stored.get(slot)) != Some(value) {
            paths.push(slot_path(slot));
        }
    }
    paths.sort();
    paths.dedup();
    paths.retain(|path| path != "id");
    paths
}

fn compare(here: &Value, found: &Value, path: String, paths: &mut Vec<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (here, found) {
        (Value::Object(here), Value::Object(found)) if here.keys().eq(found.keys()) => {
            for (key, value) in here {
                compare(value, found.get(key).unwrap_or(&Value::Null), below(key), paths);
            }
        }
        (Value::Array(here), Value::Array(found)) if here.len() == found.len() => {
            for (index, (here, found)) in here.iter().zip(found).enumerate() {
                compare(here, found, below(&index.to_string()), paths);
            }
        }
        _ if here != found => paths.push(path),
        _ => {}
    }
}

/// What is here, with what it leaves empty or at its default filled in, and subscriptions joined. The names of
/// secrets stay; which secrets are filled in is [`filled_secrets`].
pub(crate) fn merged(here: &Profile, found: &Profile) -> Profile {
    let fresh = Profile::new(here.id.clone(), String::new());
    let value = merge("", written(here), written(found), &written(&fresh));
    let Ok(mut merged) = serde_json::from_value::<Profile>(value) else { return here.clone() };
    // One without the other is no login.
    if !here.user_name.is_empty() || here.password.is_some() {
        merged.user_name.clone_from(&here.user_name);
    }
    merged.subscriptions.clone_from(&here.subscriptions);
    for subscription in &found.subscriptions {
        if here.subscriptions.iter().all(|own| own.filter != subscription.filter) {
            merged.subscriptions.push(subscription.clone());
        }
    }
    merged
}

fn merge(key: &str, here: Value, found: Value, default: &Value) -> Value {
    let is_empty = here == *default
        || match &here {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            // An address without a host is none.
            Value::Object(object) if key == "endpoint" => object.get("host") == Some(&"".into()),
            _ => false,
        };
    if STAY.contains(&key) {
        return here;
    }
    match (here, found, default) {
        (Value::Object(here), Value::Object(mut found), Value::Object(default))
            if !WHOLE.contains(&key)
                && here.keys().eq(default.keys())
                && here.keys().eq(found.keys()) =>
        {
            let each = here.into_iter().map(|(key, value)| {
                let other = found.remove(&key).unwrap_or_default();
                let value = merge(&key, value, other, default.get(&key).unwrap_or(&Value::Null));
                (key, value)
            });
            Value::Object(each.collect())
        }
        (_, found, _) if is_empty => found,
        (here, ..) => here,
    }
}

/// Of the secrets that come with `found`, those that the merged profile has a place for, does not have yet, and
/// that belong to what stands around that place.
pub(crate) fn filled_secrets(merged: &Profile, found: &Profile, secrets: &Secrets) -> Secrets {
    let named: Vec<SecretSlot> = merged.secrets().into_iter().map(|(slot, _)| slot).collect();
    let plain = without_secrets(merged);
    let fits = |slot: &SecretSlot| !named.contains(slot) && is_same_place(slot, &plain, found);
    let kept = secrets.0.iter().filter(|(slot, _)| fits(slot));
    Secrets(kept.map(|(slot, value)| (slot.clone(), value.clone())).collect())
}

/// The names of secrets here that stay when `found` takes the profile's place: those that the import does not bring and
/// that would go to the same broker in the same way. Any other would tell a password to somebody new.
pub(crate) fn kept_secrets(here: &Profile, found: &Profile, secrets: &Secrets) -> Vec<SecretSlot> {
    let plain = without_secrets(here);
    let slots = here.secrets().into_iter().map(|(slot, _)| slot);
    slots.filter(|slot| secrets.get(slot).is_none() && is_same_place(slot, &plain, found)).collect()
}

/// Whether a secret means the same in both profiles, which name none.
fn is_same_place(slot: &SecretSlot, one: &Profile, other: &Profile) -> bool {
    let has_place = |profile: &Profile| profile.clone().set_secret(slot, None);
    let is_same_broker = one.endpoint == other.endpoint
        && one.tls.verify == other.tls.verify
        && one.tls.roots == other.tls.roots;
    let is_same = match slot {
        SecretSlot::Password => is_same_broker && one.user_name == other.user_name,
        SecretSlot::PrivateKey | SecretSlot::Pkcs12 | SecretSlot::KeyPassphrase => {
            one.tls.client_certificate == other.tls.client_certificate
        }
        SecretSlot::ProxyPassword => one.proxy == other.proxy,
        SecretSlot::AuthenticationData => {
            is_same_broker && one.authentication == other.authentication
        }
        SecretSlot::Header(_) => is_same_broker,
    };
    is_same && has_place(one) && has_place(other)
}

fn written(profile: &Profile) -> Value {
    serde_json::to_value(profile).unwrap_or_default()
}
