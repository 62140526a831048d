//! What the provider of a profile's broker demands, as fixes.
//!
//! Providers close or refuse without a word of what they dislike, but they document it. Their rules are the model's; here
//! each field that a rule can speak of gets the fix that meets it. A rule of a field that is not known here is a hint to look at it.

use mqttscope_model::preset::{Must, Rule, provider_of};
use mqttscope_model::{ProtocolVersion, Scheme};
use serde_json::{Value, json};

use super::Fixes;
use crate::{Fix, FixCode};

impl Fixes<'_> {
    /// The values that the provider's rules allow for a field, without those that depend on more than the scheme.
    fn allowed(&self, field: &str, scheme: Scheme) -> Vec<Value> {
        let Some(preset) = provider_of(self.profile, &[]) else { return Vec::new() };
        let holds = |rule: &&Rule| match &rule.when {
            None => true,
            Some(when) => {
                when.field == "endpoint.scheme"
                    && when.and.is_empty()
                    && when.one_of.contains(&json!(scheme))
            }
        };
        let rules = preset.rules.iter().filter(|rule| rule.field == field).filter(holds);
        let values = rules.filter_map(|rule| match &rule.must {
            Must::BeOneOf(values) => Some(values),
            _ => None,
        });
        values.flatten().cloned().collect()
    }

    /// The ports that the provider allows for a scheme; empty where none is known.
    pub(crate) fn provider_ports(&self, scheme: Scheme) -> Vec<u16> {
        let ports = self.allowed("endpoint.port", scheme);
        ports.iter().filter_map(Value::as_u64).filter_map(|port| port.try_into().ok()).collect()
    }

    /// The provider's scheme with its port, its port, or its path, where the profile has another.
    pub(crate) fn provider_way(&self) -> Option<Fix> {
        let endpoint = &self.profile.endpoint;
        let now = endpoint.scheme;
        let schemes = self.allowed("endpoint.scheme", now);
        if !schemes.is_empty() && !schemes.contains(&json!(now)) {
            // WebSocket stays WebSocket where the provider has it.
            let fits = |scheme: &&Scheme| schemes.contains(&json!(scheme));
            let alike = |scheme: &&Scheme| scheme.is_websocket() == now.is_websocket();
            let scheme = Scheme::ALL.iter().filter(fits).find(alike);
            let scheme = *scheme.or_else(|| Scheme::ALL.iter().find(fits))?;
            return self.use_scheme_on(scheme, self.usual_port(scheme));
        }
        let ports = self.provider_ports(now);
        if !ports.is_empty() && !ports.contains(&endpoint.port) {
            return self.use_port();
        }
        let path = self.allowed("endpoint.path", now);
        let path = path.first().and_then(Value::as_str).filter(|_| now.is_websocket())?;
        self.use_path(path)
    }

    /// A fix for each rule of the provider that the profile breaks, in the order of its rules.
    pub(crate) fn by_provider(&self) -> Vec<Option<Fix>> {
        let Some(preset) = provider_of(self.profile, &[]) else { return Vec::new() };
        let breaches = preset.breaches(self.profile);
        breaches.iter().map(|breach| self.meeting(&breach.field)).collect()
    }

    fn meeting(&self, field: &str) -> Option<Fix> {
        match field {
            "endpoint.scheme" | "endpoint.port" | "endpoint.path" => self.provider_way(),
            "version" => self.use_version(ProtocolVersion::V311),
            "will" => self.without_will(),
            "will.retain" => self.without_will_retain(),
            "will.qos" => self.use_will_qos(1),
            "user_name" | "password" => self.field(FixCode::CheckCredentials, field),
            "tls.alpn" => self.use_alpn(),
            "tls.client_certificate" => self.field(FixCode::ChooseClientCertificate, field),
            "tls.server_name" => {
                self.use_server_name(std::slice::from_ref(&self.profile.endpoint.host))
            }
            "tls.min_version" => self.allow_tls_versions(),
            "tls.roots.kind" => self.choose_ca(),
            _ => match field.strip_prefix("subscriptions.") {
                Some(place) => self.without_subscription_at(place),
                None => self.field(FixCode::MendField, field),
            },
        }
    }

    /// `0.qos`: the subscription that a rule speaks of.
    fn without_subscription_at(&self, place: &str) -> Option<Fix> {
        let at: usize = place.split('.').next()?.parse().ok()?;
        self.without_subscription(&self.profile.subscriptions.get(at)?.filter)
    }
}
