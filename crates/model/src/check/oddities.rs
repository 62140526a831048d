//! What is allowed and probably not meant: warnings, never refusals.
//!
//! Installations differ (mqtts on 8084 is right for some), so nothing here hinders a connection.
//! The rules of providers come from their own documentation and are tied to their domain names.

use super::{Found, ProblemCode, host};
use crate::endpoint::DEFAULT_PATH;
use crate::{Profile, ProtocolVersion, QoS, Scheme};

pub(super) fn check(found: &mut Found, profile: &Profile) {
    let endpoint = &profile.endpoint;
    let usual = usual_schemes(endpoint.port);
    if !usual.is_empty() && !usual.contains(&endpoint.scheme) {
        let names: Vec<_> = usual.iter().map(|scheme| scheme.as_str()).collect();
        found.warn("endpoint.port", ProblemCode::SchemePortMismatch, names.join(", "), "");
    }
    if endpoint.scheme.is_websocket() && endpoint.path == "/" {
        found.warn("endpoint.path", ProblemCode::UnusualPath, DEFAULT_PATH, "");
    }
    let has_credentials = !profile.user_name.is_empty() || profile.password.is_some();
    let is_local = profile.follows_local_broker || host::is_loopback(&endpoint.host);
    if has_credentials && !endpoint.scheme.is_tls() && !endpoint.host.is_empty() && !is_local {
        found.warn("endpoint.scheme", ProblemCode::CredentialsInClear, "", "MQTT 5.0, 5.4");
    }
    if endpoint.scheme.is_tls() && !profile.tls.verify {
        found.warn("tls.verify", ProblemCode::VerificationOff, "", "");
    }
    let expires_at_once = profile.session_expiry == 0 && profile.version == ProtocolVersion::V5;
    if !profile.clean_start && expires_at_once {
        found.warn("session_expiry", ProblemCode::SessionNotKept, "", "MQTT 5.0, 3.1.2.11.2");
    }
    if let Some(provider) = provider_of(&endpoint.host) {
        check_provider(found, profile, provider);
    }
}

/// The schemes that brokers speak on a well-known port; empty where the port says nothing.
fn usual_schemes(port: u16) -> &'static [Scheme] {
    match port {
        1883 => &[Scheme::Mqtt],
        8883 => &[Scheme::Mqtts],
        80 | 8083 => &[Scheme::Ws],
        // 443: ALPN tells MQTT from HTTPS at AWS IoT. 8084: EMQX has wss there, Mosquitto's
        // public test broker mqtts.
        443 | 8084 => &[Scheme::Wss, Scheme::Mqtts],
        _ => &[],
    }
}

/// A provider whose rules are known.
struct Provider {
    name: &'static str,
    /// Host names end in one of these.
    domains: &'static [&'static str],
    needs_user_name: bool,
    takes_broad_filters: bool,
    takes_qos2: bool,
}

const PROVIDERS: &[Provider] = &[
    Provider {
        name: "AWS IoT Core",
        domains: &[".amazonaws.com", ".amazonaws.com.cn"],
        needs_user_name: false,
        takes_broad_filters: false,
        takes_qos2: false,
    },
    Provider {
        name: "Azure IoT Hub",
        domains: &[".azure-devices.net", ".azure-devices.cn"],
        needs_user_name: true,
        takes_broad_filters: false,
        takes_qos2: false,
    },
    Provider {
        name: "EMQX Cloud Serverless",
        domains: &[".emqxsl.com", ".emqxsl.cn"],
        needs_user_name: true,
        takes_broad_filters: true,
        takes_qos2: true,
    },
    Provider {
        name: "HiveMQ Cloud",
        domains: &[".hivemq.cloud"],
        needs_user_name: true,
        takes_broad_filters: true,
        takes_qos2: true,
    },
];

fn provider_of(host: &str) -> Option<&'static Provider> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    PROVIDERS.iter().find(|provider| provider.domains.iter().any(|domain| host.ends_with(domain)))
}

fn check_provider(found: &mut Found, profile: &Profile, provider: &Provider) {
    if !profile.endpoint.scheme.is_tls() {
        found.warn("endpoint.scheme", ProblemCode::ProviderNeedsTls, provider.name, "");
    }
    if provider.needs_user_name && profile.user_name.is_empty() {
        found.warn("user_name", ProblemCode::ProviderNeedsUserName, provider.name, "");
    }
    for (index, subscription) in profile.subscriptions.iter().enumerate() {
        if !provider.takes_broad_filters
            && matches!(subscription.filter.as_str(), "#" | "+/#" | "/#" | "$SYS/#")
        {
            let field = format!("subscriptions.{index}.filter");
            found.warn(&field, ProblemCode::BroadFilter, provider.name, "");
        }
        if !provider.takes_qos2 && subscription.qos == QoS::ExactlyOnce {
            let field = format!("subscriptions.{index}.qos");
            found.warn(&field, ProblemCode::ProviderHasNoQos2, provider.name, "");
        }
    }
    let will_is_qos2 = profile.will.as_ref().is_some_and(|will| will.qos == QoS::ExactlyOnce);
    if !provider.takes_qos2 && will_is_qos2 {
        found.warn("will.qos", ProblemCode::ProviderHasNoQos2, provider.name, "");
    }
}
