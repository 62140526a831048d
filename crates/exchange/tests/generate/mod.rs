//! Any profile at all: every field, every variant, with texts that formats stumble over. The parts are boxed: all of
//! them on the stack are too much for a test's thread.

use mqttscope_model::properties::MAX_VARIABLE_INTEGER;
use mqttscope_model::*;
use proptest::prelude::*;

/// Texts as people and programs write them, and as they should not.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-zA-Z0-9 _./-]{1,12}",
        "\\PC{0,12}",
        any::<String>().prop_map(|text| text.chars().take(12).collect()),
        prop::sample::select(vec![
            "yes",
            "no",
            "on",
            "null",
            "~",
            "1e3",
            "0x1F",
            "1_000",
            "- a",
            "a: b",
            "#",
            "a #b",
            "'",
            "\"",
            "\\",
            "&a",
            "*a",
            "!!str",
            "---",
            "...",
            "<<",
            "{{random}}",
            "%",
            "@",
            "`",
            "\t",
            " a ",
            "a\nb",
            "a\r\nb\n",
            "\u{feff}x",
            "\u{85}",
            "\u{2028}",
            "\u{0}",
            "\u{7f}",
            "=1",
            "2001-01-01",
            ".inf",
            "|",
            ">",
            "[",
            "{",
            "?",
            "1:30",
            "007",
            "😀",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ])
        .prop_map(str::to_owned),
    ]
}

pub fn id() -> impl Strategy<Value = ProfileId> {
    "[a-zA-Z0-9-]{1,64}".prop_map(|text| ProfileId::new(text).unwrap())
}

fn typed() -> impl Strategy<Value = TypedBytes> {
    let format = prop::sample::select(vec![
        ByteFormat::Text,
        ByteFormat::Json,
        ByteFormat::Hex,
        ByteFormat::Base64,
    ]);
    (format, text()).prop_map(|(format, text)| TypedBytes { format, text })
}

fn qos() -> impl Strategy<Value = QoS> {
    prop::sample::select(vec![QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce])
}

fn user_properties() -> impl Strategy<Value = Vec<UserProperty>> {
    let one = (text(), text()).prop_map(|(name, value)| UserProperty { name, value });
    prop::collection::vec(one, 0..4)
}

pub fn colour() -> impl Strategy<Value = Option<Colour>> {
    prop::option::of(prop::sample::select(vec![Colour::Red, Colour::Teal, Colour::Grey]))
}

fn endpoint() -> BoxedStrategy<Endpoint> {
    (prop::sample::select(Scheme::ALL.to_vec()), text(), any::<u16>(), text())
        .prop_map(|(scheme, host, port, path)| Endpoint { scheme, host, port, path })
        .boxed()
}

fn properties() -> BoxedStrategy<ConnectProperties> {
    let numbers = (any::<Option<u16>>(), any::<Option<u32>>(), any::<Option<u16>>());
    (numbers, any::<Option<bool>>(), any::<Option<bool>>(), user_properties())
        .prop_map(|((receive, size, alias), response, problem, user_properties)| {
            ConnectProperties {
                receive_maximum: receive,
                maximum_packet_size: size,
                topic_alias_maximum: alias,
                request_response_information: response,
                request_problem_information: problem,
                user_properties,
            }
        })
        .boxed()
}

fn authentication() -> BoxedStrategy<Option<Authentication>> {
    let hash = prop::sample::select(vec![ScramHash::Sha1, ScramHash::Sha256, ScramHash::Sha512]);
    prop::option::of(prop_oneof![
        hash.prop_map(|hash| Authentication::Scram { hash }),
        text().prop_map(|name| Authentication::Other { name, data: None }),
    ])
    .boxed()
}

fn proxy() -> BoxedStrategy<Proxy> {
    let server = || {
        (text(), any::<u16>(), text()).prop_map(|(host, port, user_name)| ProxyServer {
            host,
            port,
            user_name,
            password: None,
        })
    };
    prop_oneof![
        Just(Proxy::None),
        Just(Proxy::System),
        server().prop_map(|server| Proxy::Http { server }),
        server().prop_map(|server| Proxy::Socks5 { server }),
    ]
    .boxed()
}

fn roots() -> BoxedStrategy<TlsRoots> {
    prop_oneof![
        Just(TlsRoots::System),
        prop::collection::vec(text(), 0..3).prop_map(|paths| TlsRoots::CaFiles { paths }),
        text().prop_map(|pem| TlsRoots::CaPem { pem }),
        prop::collection::vec(text(), 0..3).prop_map(|sha256| TlsRoots::Pinned { sha256 }),
    ]
    .boxed()
}

fn client_certificate() -> BoxedStrategy<Option<ClientCertificate>> {
    let certificate = prop_oneof![
        text().prop_map(|path| CertificateSource::File { path }),
        text().prop_map(|pem| CertificateSource::Text { pem }),
    ];
    let key = prop_oneof![
        text().prop_map(|path| KeySource::File { path }),
        Just(KeySource::Stored { secret: None }),
    ];
    let archive = prop_oneof![
        text().prop_map(|path| ArchiveSource::File { path }),
        Just(ArchiveSource::Stored { secret: None }),
    ];
    prop::option::of(prop_oneof![
        (certificate, key).prop_map(|(certificate, key)| ClientCertificate::Pem {
            certificate,
            key,
            passphrase: None
        }),
        archive.prop_map(|archive| ClientCertificate::Pkcs12 { archive, passphrase: None }),
    ])
    .boxed()
}

fn tls() -> BoxedStrategy<TlsSettings> {
    let version = || prop::sample::select(vec![TlsVersion::V12, TlsVersion::V13]);
    let rest = (text(), prop::collection::vec(text(), 0..3), any::<bool>(), text());
    (roots(), client_certificate(), rest, version(), version())
        .prop_map(
            |(roots, client_certificate, (server_name, alpn, verify, key_log_file), low, high)| {
                TlsSettings {
                    roots,
                    client_certificate,
                    server_name,
                    alpn,
                    verify,
                    min_version: low,
                    max_version: high,
                    key_log_file,
                }
            },
        )
        .boxed()
}

fn websocket() -> BoxedStrategy<WebSocketSettings> {
    let value = prop_oneof![
        text().prop_map(|text| HeaderValue::Text { text }),
        Just(HeaderValue::Stored { secret: None }),
    ];
    let header = (text(), value).prop_map(|(name, value)| Header { name, value });
    (prop::collection::vec(header, 0..3), prop::collection::vec(text(), 0..3), any::<bool>())
        .prop_map(|(headers, subprotocols, require_subprotocol)| WebSocketSettings {
            headers,
            subprotocols,
            require_subprotocol,
        })
        .boxed()
}

fn will() -> BoxedStrategy<Option<Will>> {
    let payload = prop_oneof![
        typed().prop_map(|typed| WillPayload::Typed { typed }),
        text().prop_map(|path| WillPayload::File { path }),
    ];
    let some = || prop::option::of(text());
    let numbers = (any::<Option<u32>>(), any::<Option<bool>>(), any::<Option<u32>>());
    let properties = (numbers, some(), some(), prop::option::of(typed()), user_properties())
        .prop_map(|(numbers, content_type, response_topic, correlation_data, user_properties)| {
            WillProperties {
                delay_interval: numbers.0,
                payload_is_utf8: numbers.1,
                message_expiry: numbers.2,
                content_type,
                response_topic,
                correlation_data,
                user_properties,
            }
        });
    prop::option::of((text(), payload, qos(), any::<bool>(), properties).prop_map(
        |(topic, payload, qos, retain, properties)| Will {
            topic,
            payload,
            qos,
            retain,
            properties,
        },
    ))
    .boxed()
}

fn reconnect() -> BoxedStrategy<Reconnect> {
    (any::<bool>(), any::<u32>(), any::<u32>(), any::<u8>(), any::<Option<u32>>())
        .prop_map(|(enabled, first_delay_ms, max_delay_ms, jitter_percent, max_attempts)| {
            Reconnect { enabled, first_delay_ms, max_delay_ms, jitter_percent, max_attempts }
        })
        .boxed()
}

fn subscription() -> BoxedStrategy<Subscription> {
    let handling = prop::sample::select(vec![
        RetainHandling::Send,
        RetainHandling::SendIfNew,
        RetainHandling::DoNotSend,
    ]);
    let identifier = prop::option::of(1..=MAX_VARIABLE_INTEGER);
    let asked = (text(), qos(), text(), colour(), any::<[bool; 3]>());
    (asked, handling, identifier, user_properties())
        .prop_map(|(asked, retain_handling, identifier, user_properties)| {
            let (filter, qos, name, colour, [enabled, no_local, retain_as_published]) = asked;
            Subscription {
                name,
                colour,
                enabled,
                no_local,
                retain_as_published,
                retain_handling,
                identifier,
                user_properties,
                ..Subscription::new(filter, qos)
            }
        })
        .boxed()
}

fn reply_rule() -> BoxedStrategy<ReplyRule> {
    let texts = (text(), text(), text(), text(), text(), text());
    (texts, qos(), qos(), any::<[bool; 2]>(), user_properties())
        .prop_map(|(texts, qos, reply_qos, [enabled, retain], user_properties)| {
            let (id, name, filter, topic, payload, content_type) = texts;
            ReplyRule {
                id,
                name,
                enabled,
                filter,
                qos,
                topic,
                payload,
                reply_qos,
                retain,
                content_type,
                user_properties,
            }
        })
        .boxed()
}

/// A profile that names no secret.
pub fn profile() -> BoxedStrategy<Profile> {
    let family = prop::sample::select(vec![
        AddressFamily::Any,
        AddressFamily::PreferIpv4,
        AddressFamily::OnlyIpv6,
    ]);
    let version = prop::sample::select(vec![
        ProtocolVersion::V31,
        ProtocolVersion::V311,
        ProtocolVersion::V5,
    ]);
    let preset = prop::option::of("[a-z-]{1,10}".prop_map(PresetId));
    let head = (id(), text(), colour(), preset, endpoint(), any::<bool>(), text(), text());
    let times = (version, any::<u16>(), any::<u16>(), any::<bool>(), any::<u32>());
    let ways = (family, proxy(), tls(), websocket());
    let limit = || prop::option::of(any::<u64>());
    let retention = (limit(), limit(), limit()).prop_map(|(max_bytes, max_messages, max_age_s)| {
        Retention { max_bytes, max_messages, max_age_s }
    });
    let replies = prop::collection::vec(reply_rule(), 0..3);
    let subscriptions = prop::collection::vec(subscription(), 0..4);
    let tail = (will(), subscriptions, retention, any::<bool>(), replies);
    (head, times, properties(), authentication(), reconnect(), ways, tail)
        .prop_map(|(head, times, connect_properties, authentication, reconnect, ways, tail)| {
            let (id, name, colour, preset, endpoint, follows_local_broker, client_id, user_name) =
                head;
            let (version, keep_alive, connect_timeout, clean_start, session_expiry) = times;
            let (address_family, proxy, tls, websocket) = ways;
            Profile {
                id,
                name,
                colour,
                preset,
                endpoint,
                follows_local_broker,
                client_id,
                user_name,
                password: None,
                version,
                keep_alive,
                connect_timeout,
                clean_start,
                session_expiry,
                connect_properties,
                authentication,
                reconnect,
                address_family,
                proxy,
                tls,
                websocket,
                will: tail.0,
                subscriptions: tail.1,
                retention: tail.2,
                automatic_topic_alias: tail.3,
                replies: tail.4,
            }
        })
        .boxed()
}
