//! Evidence to judge, built in a line or two.

use mqttscope_model::{
    Account, Attempt, BrokerAnswer, CertificateFacts, ConnectStage, Endpoint, ErrorCode, Facts,
    LastSent, MqttFacts, PastConnection, Profile, ProfileId, QoS, ReasonCode, Scheme, SentPacket,
    StageRecord, StageVerdict, StreamEnd, TlsFacts, TlsTrust, UserError, WebSocketFacts,
};

use crate::{Diagnosis, diagnose};

/// 2026-11-21 10:00 UTC.
pub(super) const NOW_S: i64 = 1_795_255_200;

/// A profile and the account of an attempt that failed.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) profile: Profile,
    pub(super) account: Account,
}

/// An attempt that ended with `code` in `stage`, over a scheme on its usual port.
pub(super) fn given(scheme: Scheme, stage: ConnectStage, code: ErrorCode) -> Given {
    let id = ProfileId::new("p").unwrap();
    let mut profile = Profile::new(id, "device-7".to_owned());
    profile.endpoint = Endpoint {
        scheme,
        host: "broker.example".to_owned(),
        port: scheme.default_port(),
        path: "/mqtt".to_owned(),
    };
    let record = StageRecord {
        stage,
        verdict: StageVerdict::Failed,
        began_us: 0,
        took_us: 1,
        evidence: "what was seen".to_owned(),
    };
    let error = UserError::new(code, "It went wrong.");
    let attempt = Attempt { number: 1, stages: vec![record], error: Some(error) };
    let facts = Facts::default();
    let account = Account { attempt, began_ms: NOW_S * 1000, facts, past: Vec::new() };
    Given { profile, account }
}

impl Given {
    pub(super) fn profile(mut self, edit: impl FnOnce(&mut Profile)) -> Self {
        edit(&mut self.profile);
        self
    }

    pub(super) fn at(mut self, host: &str, port: u16) -> Self {
        self.profile.endpoint.host = host.to_owned();
        self.profile.endpoint.port = port;
        self
    }

    pub(super) fn path(mut self, path: &str) -> Self {
        self.profile.endpoint.path = path.to_owned();
        self
    }

    pub(super) fn facts(mut self, edit: impl FnOnce(&mut Facts)) -> Self {
        edit(&mut self.account.facts);
        self
    }

    pub(super) fn detail(mut self, name: &str, value: &str) -> Self {
        if let Some(error) = &mut self.account.attempt.error {
            error.details.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    pub(super) fn tls(self, edit: impl FnOnce(&mut TlsFacts)) -> Self {
        self.facts(|facts| edit(facts.tls.get_or_insert_default()))
    }

    /// The chain that the broker showed, and who judged it.
    pub(super) fn chain(self, trust: TlsTrust, chain: &[CertificateFacts]) -> Self {
        self.tls(|tls| {
            tls.trust = trust;
            tls.chain = chain.to_vec();
            tls.expected_name = "broker.example".to_owned();
            tls.server_name = Some("broker.example".to_owned());
        })
    }

    pub(super) fn first_bytes(self, bytes: &[u8], spoken: Option<&str>) -> Self {
        self.facts(|facts| {
            facts.first_bytes = Some(mqttscope_model::FirstBytes {
                bytes: mqttscope_model::Bytes(bytes.to_vec()),
                spoken: spoken.map(str::to_owned),
            });
        })
    }

    pub(super) fn speaks(self, scheme: Scheme) -> Self {
        self.facts(|facts| {
            facts.other_schemes = Scheme::ALL
                .into_iter()
                .map(|one| mqttscope_model::SchemeTry {
                    scheme: one,
                    speaks: one == scheme,
                    seen: String::new(),
                })
                .collect();
        })
    }

    /// What was seen of another scheme that is not spoken.
    pub(super) fn tried(self, scheme: Scheme, seen: &str) -> Self {
        self.facts(|facts| {
            let seen = seen.to_owned();
            facts.other_schemes.push(mqttscope_model::SchemeTry { scheme, speaks: false, seen });
        })
    }

    pub(super) fn http(self, status: u16, headers: &[(&str, &str)]) -> Self {
        let named = |(name, value): &(&str, &str)| mqttscope_model::Named {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        self.facts(|facts| {
            facts.websocket = Some(WebSocketFacts {
                status: Some(status),
                offered: "mqtt".to_owned(),
                headers: headers.iter().map(named).collect(),
                ..WebSocketFacts::default()
            });
        })
    }

    pub(super) fn mqtt(self, edit: impl FnOnce(&mut MqttFacts)) -> Self {
        let version = self.profile.version;
        let client_id = self.profile.client_id.clone();
        self.facts(|facts| {
            edit(facts.mqtt.get_or_insert(MqttFacts {
                version,
                client_id,
                with_user_name: false,
                with_password: false,
                connack: None,
                offer: None,
                disconnect: None,
                end: None,
            }));
        })
    }

    pub(super) fn connack(self, code: u8) -> Self {
        self.mqtt(|mqtt| mqtt.connack = Some(answer(code)))
    }

    pub(super) fn end(self, end: StreamEnd) -> Self {
        self.mqtt(|mqtt| mqtt.end = Some(end))
    }

    pub(super) fn past(mut self, past: Vec<PastConnection>) -> Self {
        self.account.past = past;
        self
    }

    pub(super) fn stands(mut self) -> Self {
        self.account.attempt.error = None;
        for record in &mut self.account.attempt.stages {
            record.verdict = StageVerdict::Passed;
        }
        self
    }

    pub(super) fn judged(&self) -> Diagnosis {
        diagnose(&self.profile, &self.account)
    }
}

/// What a CONNACK or DISCONNECT of 5.0 says.
pub(super) fn answer(code: u8) -> BrokerAnswer {
    let reason = ReasonCode(code);
    let name = reason.name().map_or_else(|| format!("0x{code:02X}"), str::to_owned);
    BrokerAnswer {
        reason,
        reason_name: name,
        reason_string: None,
        server_reference: None,
        properties: Vec::new(),
    }
}

/// A certificate of `subject`, issued by `issuer`, valid this year.
pub(super) fn certificate(subject: &str, issuer: &str) -> CertificateFacts {
    CertificateFacts {
        subject: format!("CN={subject}"),
        issuer: format!("CN={issuer}"),
        names: vec![subject.to_owned()],
        version: 3,
        not_before_s: NOW_S - 100 * 86_400,
        not_after_s: NOW_S + 100 * 86_400,
        key: "RSA".to_owned(),
        key_bits: 2048,
        sha256: "AB:CD".to_owned(),
        self_issued: subject == issuer,
        ..CertificateFacts::default()
    }
}

/// A connection that lasted so long and ended without a word.
pub(super) fn lost(lasted_ms: u64) -> PastConnection {
    PastConnection {
        connected_ms: NOW_S * 1000,
        lasted_ms,
        error: UserError::new(ErrorCode::MqttConnectionLost, "lost"),
        end: StreamEnd::Closed,
        keep_alive: 60,
        last_sent: None,
    }
}

/// The same, right after a packet that was not answered.
pub(super) fn lost_after(packet: SentPacket, lasted_ms: u64) -> PastConnection {
    let last_sent = Some(LastSent {
        packet,
        topic: "plant/7".to_owned(),
        qos: QoS::AtLeastOnce,
        retain: false,
        before_end_ms: 20,
        answered: false,
    });
    PastConnection { last_sent, ..lost(lasted_ms) }
}
