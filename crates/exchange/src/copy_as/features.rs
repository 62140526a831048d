//! What a profile uses beyond an address, a user name and subscriptions, which not every program can express.

use mqttscope_model::{
    AddressFamily, ArchiveSource, Authentication, CertificateSource, ClientCertificate,
    ConnectProperties, KeySource, Profile, ProtocolVersion, Proxy, RetainHandling, Subscription,
    TlsRoots, TlsSettings, TlsVersion, WebSocketSettings, WillPayload, WillProperties,
};

/// A part of a profile that some programs cannot express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Feature {
    Version31,
    Version3,
    WebSocket,
    WebSocketHeaders,
    Subprotocols,
    SystemRoots,
    SeveralCaFiles,
    CaPem,
    Pinned,
    NoVerification,
    CertificateFiles,
    CertificateText,
    StoredKey,
    KeyPassphrase,
    Pkcs12,
    StoredPkcs12,
    ServerName,
    Alpn,
    TlsVersions,
    KeyLog,
    Proxy,
    AddressFamily,
    ConnectProperties,
    Authentication,
    WillProperties,
    WillFile,
    WillBinary,
    NoLocal,
    RetainAsPublished,
    RetainHandling,
    /// Subscription Identifier and User Properties of SUBSCRIBE.
    SubscribeProperties,
    /// Options that are not the same for all subscriptions.
    OptionsDiffer,
    AutomaticTopicAlias,
    Replies,
}

/// A feature in use, where it stands in the profile, and its value.
pub(super) struct Used {
    pub(super) feature: Feature,
    pub(super) field: &'static str,
    pub(super) value: String,
}

/// Everything that a profile uses; nothing of what its scheme or version leaves unused.
pub(super) fn used(profile: &Profile) -> Vec<Used> {
    let mut found = Vec::new();
    let mut add = |is_used: bool, feature, field, value: &str| {
        if is_used {
            found.push(Used { feature, field, value: value.to_owned() });
        }
    };
    let Profile { endpoint, version, will, .. } = profile;
    let v5 = *version == ProtocolVersion::V5;
    add(*version == ProtocolVersion::V31, Feature::Version31, "version", "3.1");
    add(!v5, Feature::Version3, "version", "3");
    add(profile.address_family != AddressFamily::Any, Feature::AddressFamily, "address_family", "");
    add(profile.proxy != Proxy::None, Feature::Proxy, "proxy", "");
    if endpoint.scheme.is_websocket() {
        let defaults = WebSocketSettings::default();
        let WebSocketSettings { headers, subprotocols, require_subprotocol } = &profile.websocket;
        add(true, Feature::WebSocket, "endpoint.scheme", endpoint.scheme.as_str());
        add(!headers.is_empty(), Feature::WebSocketHeaders, "websocket.headers", "");
        let own = *subprotocols != defaults.subprotocols || !require_subprotocol;
        add(own, Feature::Subprotocols, "websocket.subprotocols", &subprotocols.join(", "));
    }
    if endpoint.scheme.is_tls() {
        tls(&profile.tls, &mut add);
    }
    if v5 {
        let has = profile.connect_properties != ConnectProperties::default();
        add(has, Feature::ConnectProperties, "connect_properties", "");
        let method = profile.authentication.as_ref().map(|wanted| match wanted {
            Authentication::Scram { hash } => hash.method(),
            Authentication::Other { name, .. } => name,
        });
        add(method.is_some(), Feature::Authentication, "authentication", method.unwrap_or(""));
        subscriptions(&profile.subscriptions, &mut add);
        let alias = profile.automatic_topic_alias;
        add(alias, Feature::AutomaticTopicAlias, "automatic_topic_alias", "");
    }
    let rules = profile.replies.iter().filter(|rule| rule.enabled).count();
    add(rules > 0, Feature::Replies, "replies", &rules.to_string());
    if let Some(will) = will {
        let has = v5 && will.properties != WillProperties::default();
        add(has, Feature::WillProperties, "will.properties", "");
        match &will.payload {
            WillPayload::File { path } => add(true, Feature::WillFile, "will.payload", path),
            WillPayload::Typed { typed } => {
                let text = typed.bytes().map(String::from_utf8);
                add(!matches!(text, Ok(Ok(_))), Feature::WillBinary, "will.payload", "");
            }
        }
    }
    found
}

/// What is asked of the broker besides filter and QoS. Names and colours are for this application alone.
fn subscriptions(wanted: &[Subscription], add: &mut impl FnMut(bool, Feature, &'static str, &str)) {
    let mut one = |feature, field, has: &dyn Fn(&Subscription) -> bool| {
        let with = wanted.iter().filter(|one| has(one)).map(|one| one.filter.as_str());
        let filters = with.collect::<Vec<_>>().join(", ");
        add(!filters.is_empty(), feature, field, &filters);
    };
    one(Feature::NoLocal, "subscriptions.no_local", &|one| one.no_local);
    one(Feature::RetainAsPublished, "subscriptions.retain_as_published", &|one| {
        one.retain_as_published
    });
    one(Feature::RetainHandling, "subscriptions.retain_handling", &|one| {
        one.retain_handling != RetainHandling::Send
    });
    one(Feature::SubscribeProperties, "subscriptions.identifier", &|one| one.identifier.is_some());
    one(Feature::SubscribeProperties, "subscriptions.user_properties", &|one| {
        !one.user_properties.is_empty()
    });
    add(!are_alike(wanted), Feature::OptionsDiffer, "subscriptions", "");
}

/// Whether all subscriptions ask for the same but for filter and QoS.
pub(super) fn are_alike(wanted: &[Subscription]) -> bool {
    let asked = |one: &Subscription| {
        (
            one.no_local,
            one.retain_as_published,
            one.retain_handling,
            one.identifier,
            one.user_properties.clone(),
        )
    };
    wanted.windows(2).all(|pair| match pair {
        [one, other] => asked(one) == asked(other),
        _ => true,
    })
}

fn tls(tls: &TlsSettings, add: &mut impl FnMut(bool, Feature, &'static str, &str)) {
    if tls.verify {
        match &tls.roots {
            TlsRoots::System => add(true, Feature::SystemRoots, "tls.roots", "system"),
            TlsRoots::CaFiles { paths } => {
                add(paths.len() > 1, Feature::SeveralCaFiles, "tls.roots.paths", &paths.join(", "));
            }
            TlsRoots::CaPem { .. } => add(true, Feature::CaPem, "tls.roots.pem", ""),
            TlsRoots::Pinned { sha256 } => {
                add(true, Feature::Pinned, "tls.roots.sha256", &sha256.join(", "));
            }
        }
    } else {
        add(true, Feature::NoVerification, "tls.verify", "false");
    }
    let field = "tls.client_certificate";
    match &tls.client_certificate {
        Some(ClientCertificate::Pem { certificate, key, passphrase }) => {
            let is_text = matches!(certificate, CertificateSource::Text { .. });
            add(!is_text, Feature::CertificateFiles, field, "");
            add(is_text, Feature::CertificateText, field, "");
            add(matches!(key, KeySource::Stored { .. }), Feature::StoredKey, field, "");
            add(passphrase.is_some(), Feature::KeyPassphrase, field, "");
        }
        Some(ClientCertificate::Pkcs12 { archive, .. }) => match archive {
            ArchiveSource::File { path } => add(true, Feature::Pkcs12, field, path),
            ArchiveSource::Stored { .. } => add(true, Feature::StoredPkcs12, field, ""),
        },
        None => {}
    }
    add(!tls.server_name.is_empty(), Feature::ServerName, "tls.server_name", &tls.server_name);
    add(!tls.alpn.is_empty(), Feature::Alpn, "tls.alpn", &tls.alpn.join(", "));
    let own = (tls.min_version, tls.max_version) != (TlsVersion::V12, TlsVersion::V13);
    add(own, Feature::TlsVersions, "tls.min_version", "");
    let logs = !tls.key_log_file.is_empty();
    add(logs, Feature::KeyLog, "tls.key_log_file", &tls.key_log_file);
}
