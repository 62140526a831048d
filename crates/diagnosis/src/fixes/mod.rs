//! What can be done, as changes of the profile where one click can do it.
//!
//! Each builder answers nothing where its change would change nothing: a fix that is offered does something. Which
//! fix goes with which cause, and in what order, is for the rules to say.

mod certificate;
mod identity;
mod place;
mod provider;

use std::collections::BTreeMap;

use mqttscope_model::{Account, Profile, Scheme};
use serde_json::{Value, json};

use crate::words::{filled, fixes as words};
use crate::{Change, Fix, FixCode};

pub(crate) use certificate::{is_aws, is_weak};
pub(crate) use place::{Place, place_of};

/// The path that most brokers serve WebSocket on.
pub(crate) const USUAL_PATH: &str = "/mqtt";

/// Builds fixes for a profile and an account of it.
pub(crate) struct Fixes<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) account: &'a Account,
    /// The profile as JSON, which paths are looked up in.
    fields: Value,
}

impl<'a> Fixes<'a> {
    pub(crate) fn new(profile: &'a Profile, account: &'a Account) -> Self {
        let fields = serde_json::to_value(profile).unwrap_or_default();
        Self { profile, account, fields }
    }

    /// Something that only a person can do.
    pub(crate) fn advice(&self, code: FixCode) -> Option<Fix> {
        Some(self.build(code, &[], Vec::new(), None))
    }

    /// Something that a person does in a field of the profile.
    pub(crate) fn field(&self, code: FixCode, field: &str) -> Option<Fix> {
        Some(self.build(code, &[("field", field)], Vec::new(), Some(field)))
    }

    /// The port is to be opened, on the way or at the broker.
    pub(crate) fn about_port(&self, code: FixCode) -> Option<Fix> {
        let port = self.profile.endpoint.port.to_string();
        Some(self.build(code, &[("port", &port)], Vec::new(), None))
    }

    /// The name is to be looked at.
    pub(crate) fn check_name(&self) -> Option<Fix> {
        let host = self.profile.endpoint.host.as_str();
        Some(self.build(FixCode::CheckName, &[("host", host)], Vec::new(), Some("endpoint.host")))
    }

    /// Changes of fields; none where all of them have these values already.
    pub(crate) fn set(
        &self,
        code: FixCode,
        details: &[(&str, &str)],
        after: &[(&str, Value)],
    ) -> Option<Fix> {
        let mut changes: Vec<Change> =
            after.iter().filter_map(|(field, after)| self.change(field, after.clone())).collect();
        if changes.is_empty() {
            return None;
        }
        let moves = changes.iter().any(|change| change.field.starts_with("endpoint."));
        // A profile that follows the local broker would be led back there.
        if moves && self.profile.follows_local_broker {
            changes.extend(self.change("follows_local_broker", json!(false)));
        }
        Some(self.build(code, details, changes, None))
    }

    fn change(&self, field: &str, after: Value) -> Option<Change> {
        let before = field.split('.').try_fold(&self.fields, |value, name| value.get(name))?;
        (*before != after).then(|| Change {
            field: field.to_owned(),
            before: before.clone(),
            after,
        })
    }

    fn build(
        &self,
        code: FixCode,
        details: &[(&str, &str)],
        changes: Vec<Change>,
        field: Option<&str>,
    ) -> Fix {
        let details: BTreeMap<String, String> =
            details.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let template =
            words::by_hand(code).filter(|_| changes.is_empty()).unwrap_or_else(|| words::fix(code));
        let message = filled(template, &details);
        Fix { code, message, details, changes, field: field.map(str::to_owned) }
    }

    /// The port that brokers, or this provider, listen on with a scheme.
    pub(crate) fn usual_port(&self, scheme: Scheme) -> u16 {
        self.provider_ports(scheme).first().copied().unwrap_or_else(|| scheme.default_port())
    }

    /// The usual port of the profile's scheme, where it has another.
    pub(crate) fn use_port(&self) -> Option<Fix> {
        let scheme = self.profile.endpoint.scheme;
        if self.provider_ports(scheme).contains(&self.profile.endpoint.port) {
            return None;
        }
        self.use_port_of(scheme)
    }

    /// The usual port, or the word that this is not the broker's.
    pub(crate) fn use_any_port(&self) -> Option<Fix> {
        self.use_port().or_else(|| self.field(FixCode::UsePort, "endpoint.port"))
    }

    fn use_port_of(&self, scheme: Scheme) -> Option<Fix> {
        let port = self.usual_port(scheme);
        let details = [("port", port.to_string()), ("scheme", scheme.as_str().to_owned())];
        let details = details.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.set(FixCode::UsePort, &details, &[("endpoint.port", json!(port))])
    }

    /// Another scheme on the same port, which was seen or is likely to speak it.
    pub(crate) fn use_scheme(&self, scheme: Scheme) -> Option<Fix> {
        self.use_scheme_on(scheme, self.profile.endpoint.port)
    }

    /// Another scheme on a port.
    pub(crate) fn use_scheme_on(&self, scheme: Scheme, port: u16) -> Option<Fix> {
        let shown = port.to_string();
        let mut after = vec![("endpoint.scheme", json!(scheme)), ("endpoint.port", json!(port))];
        if scheme.is_websocket() && self.profile.endpoint.path.is_empty() {
            after.push(("endpoint.path", json!(USUAL_PATH)));
        }
        self.set(FixCode::UseScheme, &[("scheme", scheme.as_str()), ("port", &shown)], &after)
    }

    /// The paths that brokers use, the usual one first.
    pub(crate) fn usual_paths(&self) -> Vec<Option<Fix>> {
        let path = self.profile.endpoint.path.split('?').next().unwrap_or_default();
        let usual = [USUAL_PATH, "/", "/ws"].into_iter().filter(|usual| *usual != path);
        // One guess is help; three are a list to try, so the third is left to the person.
        usual.take(2).map(|path| self.use_path(path)).collect()
    }

    /// Another path.
    pub(crate) fn use_path(&self, path: &str) -> Option<Fix> {
        self.set(FixCode::UsePath, &[("path", path)], &[("endpoint.path", json!(path))])
    }

    /// More time for an attempt.
    pub(crate) fn allow_more_time(&self) -> Option<Fix> {
        let now = self.profile.connect_timeout;
        let longer = [30, 60, 120].into_iter().find(|seconds| *seconds > now)?;
        let shown = longer.to_string();
        self.set(
            FixCode::AllowMoreTime,
            &[("seconds", &shown)],
            &[("connect_timeout", json!(longer))],
        )
    }

    /// Every address family.
    pub(crate) fn use_any_family(&self) -> Option<Fix> {
        self.set(FixCode::UseAnyFamily, &[], &[("address_family", json!("any"))])
    }

    /// No proxy.
    pub(crate) fn without_proxy(&self) -> Option<Fix> {
        self.set(FixCode::WithoutProxy, &[], &[("proxy", json!({ "kind": "none" }))])
    }

    /// The probe of the other schemes, where it was not made yet.
    pub(crate) fn try_other_schemes(&self) -> Option<Fix> {
        if self.account.facts.other_schemes.is_empty() {
            return self.advice(FixCode::TryOtherSchemes);
        }
        None
    }
}
