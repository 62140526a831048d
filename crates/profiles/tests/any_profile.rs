//! Proves that a profile with any values in its fields comes back from its file as it was.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what is not as expected ends a test, in its helpers as well"
)]

use mqttscope_model::{
    AddressFamily, Authentication, ClientCertificate, Colour, Header, HeaderValue, KeySource,
    Profile, ProfileId, ProtocolVersion, Proxy, ProxyServer, QoS, Scheme, ScramHash, SecretName,
    SecretSlot, Subscription, TlsRoots, TlsVersion, TypedBytes, UserProperty, Will, WillPayload,
    WillProperties,
};
use mqttscope_profiles::ProfileStore;
use proptest::prelude::*;
use tempfile::TempDir;

fn id(text: &str) -> ProfileId {
    ProfileId::new(text).unwrap()
}

fn open() -> (TempDir, ProfileStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(folder.path()).unwrap();
    (folder, store)
}

fn header(name: &str, value: HeaderValue) -> Header {
    Header { name: name.to_owned(), value }
}

fn any_profile() -> impl Strategy<Value = Profile> {
    let text = "[\\PC\\n\\x00\"\\\\]{0,20}";
    let qos = (0u8..3).prop_map(|qos| QoS::try_from(qos).unwrap());
    let way = (0usize..4, text, any::<u16>(), text, any::<bool>());
    let who = (text, text, text, any::<bool>(), 0usize..3);
    let times = (any::<[u16; 2]>(), any::<[u32; 3]>(), any::<Option<u32>>(), any::<u8>());
    let tls = (0usize..3, text, prop::collection::vec(text, 0..3), any::<[bool; 3]>(), 0usize..4);
    let will = (text, prop::collection::vec(any::<u8>(), 0..40), qos.clone(), any::<[bool; 2]>());
    let subscriptions = prop::collection::vec((text, qos), 0..4);
    let rest =
        (any::<[Option<u16>; 2]>(), any::<[Option<u32>; 2]>(), any::<Option<bool>>(), 0usize..4);
    (way, who, times, tls, will, subscriptions, rest).prop_map(
        |(way, who, times, tls, will, subs, rest)| {
            let mut p = Profile::new(id("p1"), who.0);
            (p.endpoint.scheme, p.endpoint.host) = (Scheme::ALL[way.0], way.1.clone());
            (p.endpoint.port, p.endpoint.path, p.follows_local_broker) = (way.2, way.3, way.4);
            (p.name, p.user_name) = (who.1, who.2);
            p.password = who.3.then(|| SecretName::password_of(&id("p1")));
            p.version = [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5][who.4];
            [p.keep_alive, p.connect_timeout] = times.0;
            [p.session_expiry, p.reconnect.first_delay_ms, p.reconnect.max_delay_ms] = times.1;
            (p.reconnect.max_attempts, p.reconnect.jitter_percent) = (times.2, times.3);
            p.tls.client_certificate = [
                None,
                Some(ClientCertificate::pem_files(tls.1.clone(), tls.1.clone())),
                Some(ClientCertificate::Pem {
                    certificate: mqttscope_model::CertificateSource::Text { pem: tls.1.clone() },
                    key: KeySource::Stored {
                        secret: Some(SecretName::of(&id("p1"), &SecretSlot::PrivateKey)),
                    },
                    passphrase: None,
                }),
            ][tls.0]
                .clone();
            (p.tls.server_name, p.tls.alpn) = (tls.1.clone(), tls.2.clone());
            [p.tls.verify, p.clean_start, p.reconnect.enabled] = tls.3;
            p.tls.roots = [
                TlsRoots::System,
                TlsRoots::ca_file(tls.1.clone()),
                TlsRoots::CaPem { pem: tls.1.clone() },
                TlsRoots::Pinned { sha256: tls.2 },
            ][tls.4]
                .clone();
            (p.tls.min_version, p.tls.key_log_file) = (TlsVersion::V13, tls.1.clone());
            let [has_will, retain] = will.3;
            let typed = TypedBytes::of_bytes(&will.1);
            p.will = has_will.then(|| Will {
                topic: will.0.clone(),
                payload: WillPayload::Typed { typed: typed.clone() },
                qos: will.2,
                retain,
                properties: WillProperties {
                    delay_interval: rest.1[0],
                    payload_is_utf8: rest.2,
                    correlation_data: retain.then_some(typed),
                    ..WillProperties::default()
                },
            });
            p.subscriptions =
                subs.into_iter().map(|(filter, qos)| Subscription::new(filter, qos)).collect();
            [p.connect_properties.receive_maximum, p.connect_properties.topic_alias_maximum] =
                rest.0;
            p.connect_properties.maximum_packet_size = rest.1[1];
            p.connect_properties.request_response_information = rest.2;
            let pair = UserProperty { name: will.0, value: way.1.clone() };
            p.connect_properties.user_properties = vec![pair; rest.3];
            let server = ProxyServer {
                host: way.1,
                port: way.2,
                user_name: String::new(),
                password: Some(SecretName::of(&id("p1"), &SecretSlot::ProxyPassword)),
            };
            let socks = Proxy::Socks5 { server: server.clone() };
            p.proxy = [Proxy::None, Proxy::System, Proxy::Http { server }, socks][rest.3].clone();
            p.colour = Some([Colour::Red, Colour::Teal, Colour::Grey, Colour::Blue][rest.3]);
            p.address_family = AddressFamily::OnlyIpv6;
            p.authentication = [
                None,
                Some(Authentication::Scram { hash: ScramHash::Sha256 }),
                Some(Authentication::Other { name: "x".to_owned(), data: None }),
            ][tls.0]
                .clone();
            p.websocket.headers =
                vec![header("A", HeaderValue::Text { text: tls.1 }); usize::from(retain)];
            p
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_profile_survives_its_file(saved in any_profile()) {
        let (_folder, store) = open();
        store.save(&saved).unwrap();
        prop_assert_eq!(store.get(&saved.id).unwrap(), saved);
    }
}
