//! What was seen, as lines of text: the facts that the one line of a stage has no room for.
//!
//! Only what a person would ask for next; the JSON document has all of it.

use mqttscope_model::{
    AddressOutcome, BrokerAnswer, CertificateFacts, Facts, FilterState, FirstBytes, MqttFacts,
    Named, StreamEnd, SubscribeFacts, TcpFacts, TlsFacts, WebSocketFacts,
};

/// Lines of a web server's body that are shown.
const BODY_LINES: usize = 5;

/// The facts as lines, each beginning with what it is about.
pub(crate) fn lines(facts: &Facts) -> Vec<String> {
    let mut lines = Lines(Vec::new());
    if let Some(tcp) = &facts.tcp {
        lines.tcp(tcp);
    }
    if let Some(proxy) = &facts.proxy {
        lines.add("proxy", &format!("{} {} {}", proxy.kind, proxy.address, proxy.answer));
    }
    if let Some(tls) = &facts.tls {
        lines.tls(tls);
    }
    if let Some(websocket) = &facts.websocket {
        lines.websocket(websocket);
    }
    if let Some(first) = &facts.first_bytes {
        lines.first_bytes(first);
    }
    if let Some(mqtt) = &facts.mqtt {
        lines.mqtt(mqtt);
    }
    if let Some(subscribe) = &facts.subscribe {
        lines.subscribe(subscribe);
    }
    for tried in &facts.other_schemes {
        let speaks = if tried.speaks { "yes" } else { "no" };
        lines.add("this port", &format!("{} {speaks}: {}", tried.scheme.as_str(), tried.seen));
    }
    lines.0
}

struct Lines(Vec<String>);

impl Lines {
    fn add(&mut self, about: &str, text: &str) {
        self.0.push(format!("{about:<13} {}", text.trim()));
    }

    fn some(&mut self, about: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.add(about, text);
        }
    }

    /// One address is told by its stage.
    fn tcp(&mut self, tcp: &TcpFacts) {
        for tried in tcp.tries.iter().filter(|_| tcp.tries.len() > 1) {
            let outcome = match tried.outcome {
                AddressOutcome::Connected => "connected",
                AddressOutcome::Refused => "refused",
                AddressOutcome::TimedOut => "timed out",
                AddressOutcome::Unreachable => "unreachable",
                AddressOutcome::Reset => "reset",
                AddressOutcome::Failed => "failed",
                AddressOutcome::NotNeeded => "not needed",
            };
            self.add("address", &format!("{} {outcome}", tried.address));
        }
    }

    fn tls(&mut self, tls: &TlsFacts) {
        let agreed: Vec<_> = [&tls.version, &tls.cipher].into_iter().flatten().cloned().collect();
        self.some("TLS", Some(&agreed.join(", ")));
        self.add("server name", tls.server_name.as_deref().unwrap_or("none is sent"));
        if !tls.offered_alpn.is_empty() {
            let chosen = tls.alpn.as_deref().unwrap_or("none");
            self.add("ALPN", &format!("offered {}; chosen {chosen}", tls.offered_alpn.join(", ")));
        }
        for (number, certificate) in (1..).zip(&tls.chain) {
            self.certificate(&format!("certificate {number}"), certificate);
        }
        self.some("rejected", tls.rejected.as_ref().map(|rejected| rejected.reason.as_str()));
        if tls.client_certificate_asked {
            let authorities = match tls.client_authorities.as_slice() {
                [] => "by any authority".to_owned(),
                some => format!("by {}", some.join("; ")),
            };
            self.add("asks for", &format!("a client certificate {authorities}"));
        }
        if let Some(own) = &tls.client_certificate {
            self.certificate("our own", own);
        }
        self.some("alert", tls.alert.as_deref());
    }

    fn certificate(&mut self, about: &str, certificate: &CertificateFacts) {
        let CertificateFacts { subject, issuer, names, key, key_bits, sha256, .. } = certificate;
        self.add(about, subject);
        self.add("", &format!("issued by {issuer}"));
        if !names.is_empty() {
            self.add("", &format!("for {}", names.join(", ")));
        }
        let dates = (day(certificate.not_before_s), day(certificate.not_after_s));
        self.add("", &format!("from {} until {}; {key}, {key_bits} bits", dates.0, dates.1));
        self.add("", &format!("SHA-256 {sha256}"));
    }

    fn websocket(&mut self, websocket: &WebSocketFacts) {
        let Some(status) = websocket.status else { return };
        self.add("HTTP", &format!("{status} {}", websocket.status_text));
        for Named { name, value } in &websocket.headers {
            self.add("", &format!("{name}: {value}"));
        }
        let body = websocket.body.lines().filter(|line| !line.trim().is_empty());
        for line in body.take(BODY_LINES) {
            self.add("body", line);
        }
    }

    fn first_bytes(&mut self, first: &FirstBytes) {
        let FirstBytes { bytes, spoken } = first;
        let spoken = spoken.as_ref().map_or_else(String::new, |spoken| format!("{spoken}: "));
        self.add("first bytes", &format!("{spoken}{}", bytes.0.escape_ascii()));
    }

    fn mqtt(&mut self, mqtt: &MqttFacts) {
        let sent = match (mqtt.with_user_name, mqtt.with_password) {
            (true, true) => "with user name and password",
            (true, false) => "with a user name",
            (false, true) => "with a password",
            (false, false) => "without a user name",
        };
        let MqttFacts { version, client_id, .. } = mqtt;
        self.add("CONNECT", &format!("MQTT {version}, client identifier {client_id:?}, {sent}"));
        for (about, answer) in [("CONNACK", &mqtt.connack), ("DISCONNECT", &mqtt.disconnect)] {
            if let Some(BrokerAnswer { reason, reason_name, properties, .. }) = answer {
                self.add(about, &format!("0x{:02X} {reason_name}", reason.0));
                for Named { name, value } in properties {
                    self.add("", &format!("{name}: {value}"));
                }
            }
        }
        self.some("the end", mqtt.end.and_then(ended));
    }

    fn subscribe(&mut self, subscribe: &SubscribeFacts) {
        for state in &subscribe.answers {
            let answer = match &state.answer {
                FilterState::Granted { granted } => format!("granted, QoS {}", u8::from(*granted)),
                FilterState::Refused { reason } => format!("refused, {reason}"),
                FilterState::Waiting | FilterState::Pending => "not answered".to_owned(),
                FilterState::Off => "switched off".to_owned(),
            };
            self.add("subscription", &format!("{}: {answer}", state.wanted.filter));
        }
    }
}

fn ended(end: StreamEnd) -> Option<&'static str> {
    Some(match end {
        StreamEnd::Closed => "the broker closed the connection",
        StreamEnd::Reset => "the connection was reset",
        StreamEnd::TimedOut => "nothing came in time",
        StreamEnd::Foreign => "what came was not MQTT",
        StreamEnd::Tls => "TLS ended it",
        StreamEnd::Failed => "the socket failed",
        StreamEnd::Ours => return None,
    })
}

fn day(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds);
    time.map_or_else(|_| seconds.to_string(), |time| time.strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use mqttscope_model::{Bytes, CertificateCheck, CertificateRejection};

    use super::*;

    #[test]
    fn a_rejected_certificate_is_shown_with_its_fingerprint() {
        let certificate = CertificateFacts {
            subject: "CN=broker".to_owned(),
            issuer: "CN=Plant CA".to_owned(),
            names: vec!["broker.example".to_owned()],
            not_before_s: 1_700_000_000,
            not_after_s: 1_800_000_000,
            key: "RSA".to_owned(),
            key_bits: 2048,
            sha256: "AB:CD".to_owned(),
            ..CertificateFacts::default()
        };
        let rejected = CertificateRejection {
            check: CertificateCheck::Issuer,
            reason: "UnknownIssuer".to_owned(),
        };
        let tls = TlsFacts {
            version: Some("TLSv1.3".to_owned()),
            chain: vec![certificate],
            rejected: Some(rejected),
            client_certificate_asked: true,
            ..TlsFacts::default()
        };
        let first = FirstBytes { bytes: Bytes(b"\x15\x03".to_vec()), spoken: None };
        let facts = Facts { tls: Some(tls), first_bytes: Some(first), ..Facts::default() };
        assert_eq!(
            lines(&facts),
            [
                "TLS           TLSv1.3",
                "server name   none is sent",
                "certificate 1 CN=broker",
                "              issued by CN=Plant CA",
                "              for broker.example",
                "              from 2023-11-14 until 2027-01-15; RSA, 2048 bits",
                "              SHA-256 AB:CD",
                "rejected      UnknownIssuer",
                "asks for      a client certificate by any authority",
                "first bytes   \\x15\\x03",
            ]
        );
    }

    #[test]
    fn nothing_seen_is_nothing_said() {
        assert!(lines(&Facts::default()).is_empty());
    }
}
