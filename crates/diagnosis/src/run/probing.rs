//! What is asked beside the attempt: how each address does, and what else the port may speak.
//!
//! Neither shows who asks. The other schemes are tried only where the broker's answer leaves the question open:
//! one that answered CONNECT speaks what it was asked in. Where nobody listens on the port, the usual ones of the
//! other schemes are knocked at instead.

use std::time::Duration;

use mqttscope_model::{
    Account, AddressOutcome, AddressTry, ConnectStage, ErrorCode, Facts, Profile, Scheme,
    SchemeTry, Secrets, StageVerdict, TcpFacts, TlsSettings,
};
use mqttscope_transport::{
    DialError, DialOptions, Hello, ProxyOptions, StageLimits, TlsOptions, WebSocketOptions,
    try_every_address, try_scheme,
};

/// A CONNECT of MQTT 3.1.1, which nearly every broker knows: an empty Client Identifier, Clean Session, a Keep Alive of 10 s.
const CONNECT: &[u8] = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x00";
const DISCONNECT: &[u8] = b"\xe0\x00";
const HELLO: Hello<'static> =
    Hello { greeting: CONNECT, farewell: DISCONNECT, answers: is_connack };

/// A CONNACK, of whatever version and with whatever answer.
fn is_connack(bytes: &[u8]) -> bool {
    matches!(bytes, [0x20, length, 0 | 1, _, ..] if *length >= 2)
}

/// The dial of a profile, for probes. Files of TLS that cannot be read are left out: they are the attempt's to tell.
pub(super) async fn dial_options(
    profile: &Profile,
    secrets: &Secrets,
) -> Result<DialOptions, DialError> {
    let Profile { endpoint, proxy, version, .. } = profile;
    Ok(DialOptions {
        endpoint: endpoint.clone(),
        tls: tls_options(profile, secrets).await,
        proxy: ProxyOptions::read(proxy, endpoint, secrets)?,
        address_family: profile.address_family,
        websocket: WebSocketOptions::plain(version.websocket_subprotocol()),
        limits: StageLimits::each(Duration::from_secs(profile.connect_timeout.into())),
    })
}

/// The profile's TLS, with the scheme that it has; none where a file of it cannot be used. No key is logged.
pub(super) async fn tls_options(profile: &Profile, secrets: &Secrets) -> Option<TlsOptions> {
    if !profile.endpoint.scheme.is_tls() {
        return None;
    }
    let settings = TlsSettings { key_log_file: String::new(), ..profile.tls.clone() };
    TlsOptions::read(&settings, &profile.endpoint.host, secrets).await.ok()
}

/// Whether the scheme may be what is wrong: bytes were exchanged, and none that came shows that it is right.
pub(super) fn scheme_is_open(account: &Account) -> bool {
    let Facts { tls, mqtt, .. } = &account.facts;
    let failed = account.attempt.stages.iter().find(|s| s.verdict == StageVerdict::Failed);
    match failed.map(|record| record.stage) {
        Some(ConnectStage::Tls) => tls
            .as_ref()
            .is_none_or(|tls| tls.version.is_none() && tls.chain.is_empty() && tls.alert.is_none()),
        Some(ConnectStage::WebSocket) => true,
        Some(ConnectStage::Mqtt) => mqtt.as_ref().is_none_or(|mqtt| mqtt.connack.is_none()),
        _ => false,
    }
}

/// Whether the host is there and nobody listens on the port. What a proxy refuses says nothing of the broker's host.
pub(super) fn port_is_closed(account: &Account) -> bool {
    let error = account.attempt.error.as_ref();
    error.is_some_and(|error| error.code == ErrorCode::TcpRefused) && account.facts.proxy.is_none()
}

/// Connects to `ports` of the host and closes at once: what became of each, behind what the race met.
pub(super) async fn other_ports(
    options: &DialOptions,
    raced: TcpFacts,
    ports: impl Iterator<Item = u16>,
) -> TcpFacts {
    let mut facts = raced;
    for port in ports {
        let mut options = options.clone();
        options.endpoint.port = port;
        facts.tries.extend(try_every_address(&options).await);
    }
    facts
}

/// The usual ports of all schemes but the profile's own.
pub(super) fn usual_ports(options: &DialOptions) -> impl Iterator<Item = u16> {
    let own = options.endpoint.port;
    Scheme::ALL.into_iter().map(Scheme::default_port).filter(move |port| *port != own)
}

/// Tries the three other schemes on the same port, at the same time.
pub(super) async fn other_schemes(options: &DialOptions) -> Vec<SchemeTry> {
    let own = options.endpoint.scheme;
    let mut others = Scheme::ALL.into_iter().filter(|scheme| *scheme != own);
    let mut next = || others.next().map(|scheme| try_scheme(options, scheme, &HELLO));
    let (Some(first), Some(second), Some(third)) = (next(), next(), next()) else {
        return Vec::new();
    };
    let (first, second, third) = tokio::join!(first, second, third);
    let mut tries = vec![first, second, third];
    settle_silent_tls(own, &mut tries);
    tries
}

/// A broker that wants a client certificate lets the handshake of TLS pass and then closes without a word, which
/// a stranger cannot get behind. Where nothing else is spoken on a port that was tried in clear, TLS that passed is
/// what it speaks: the same scheme with TLS is the smallest step.
fn settle_silent_tls(own: Scheme, tries: &mut [SchemeTry]) {
    let twin = match own {
        Scheme::Mqtt => Scheme::Mqtts,
        Scheme::Ws => Scheme::Wss,
        Scheme::Mqtts | Scheme::Wss => return,
    };
    if tries.iter().any(|tried| tried.speaks) {
        return;
    }
    if let Some(tried) = tries.iter_mut().find(|tried| tried.scheme == twin) {
        // The transport's evidence of a handshake that passed begins with the version.
        let passed = tried.seen.starts_with("TLSv1.");
        let silent = ["client certificate asked for", "closed without", "no answer in time"];
        tried.speaks = passed && silent.iter().any(|words| tried.seen.contains(words));
    }
}

/// Tries the addresses that the race left out, where there are any. None where all are known.
pub(super) async fn every_address(options: &DialOptions, raced: &TcpFacts) -> Option<TcpFacts> {
    if raced.tries.iter().all(|tried| tried.outcome != AddressOutcome::NotNeeded) {
        return None;
    }
    let found = try_every_address(options).await;
    let known = |tried: &AddressTry| {
        let same = found.iter().find(|other| other.address == tried.address);
        // What the attempt itself met counts more than what a later look gives.
        match tried.outcome {
            AddressOutcome::NotNeeded => same.unwrap_or(tried).clone(),
            _ => tried.clone(),
        }
    };
    Some(TcpFacts { tries: raced.tries.iter().map(known).collect() })
}

#[cfg(test)]
mod tests {
    use mqttscope_model::ProfileId;

    use super::*;

    #[test]
    fn a_connack_is_told_from_other_bytes() {
        assert!(is_connack(&[0x20, 2, 0, 5]));
        assert!(is_connack(&[0x20, 3, 0, 0x84, 0]));
        assert!(!is_connack(&[0x20, 2, 0]));
        assert!(!is_connack(b"HTTP/1.1"));
        assert!(!is_connack(b"  ab"));
    }

    #[test]
    fn a_port_that_closes_behind_its_handshake_speaks_tls() {
        let tried = |scheme, seen: &str| SchemeTry { scheme, speaks: false, seen: seen.to_owned() };
        let check = |own, seen: &str, expect: bool| {
            let mut tries = [tried(Scheme::Mqtts, seen), tried(Scheme::Ws, "end of stream")];
            settle_silent_tls(own, &mut tries);
            assert_eq!((tries[0].speaks, tries[1].speaks), (expect, false), "{seen}");
        };
        check(Scheme::Mqtt, "TLSv1.3, TLS13_AES_128; closed without an answer", true);
        check(Scheme::Mqtt, "TLSv1.3, client certificate asked for, none sent; alert", true);
        check(Scheme::Mqtt, "TLSv1.2, ECDHE; HTTP: HTTP/1.1 400 Bad Request", false);
        check(Scheme::Mqtt, "Connection reset by peer; closed without an answer", false);
        check(Scheme::Wss, "TLSv1.3, TLS13_AES_128; closed without an answer", false);
    }

    #[tokio::test]
    async fn open_ports_are_told_from_closed_ones() {
        let open = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let [open_port, closed_port] =
            [&open, &closed].map(|socket| socket.local_addr().unwrap().port());
        drop(closed);
        let mut profile = Profile::new(ProfileId::new("p").unwrap(), String::new());
        profile.endpoint.host = "127.0.0.1".to_owned();
        let options = dial_options(&profile, &Secrets::default()).await.unwrap();
        let ports = [closed_port, open_port].into_iter();
        let facts = other_ports(&options, TcpFacts::default(), ports).await;
        let met: Vec<_> = facts.tries.into_iter().map(|one| (one.address, one.outcome)).collect();
        let expect = [
            (format!("127.0.0.1:{closed_port}"), AddressOutcome::Refused),
            (format!("127.0.0.1:{open_port}"), AddressOutcome::Connected),
        ];
        assert_eq!(met, expect);
        assert_eq!(usual_ports(&options).collect::<Vec<_>>(), [8883, 8083, 8084]);
    }

    #[test]
    fn the_greeting_is_one_whole_packet() {
        assert_eq!(usize::from(CONNECT[1]), CONNECT.len() - 2);
    }
}
