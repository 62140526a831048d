//! The broker under question: connections to it, what its CONNACK said, and what must be cleaned up.
//!
//! Two things end a whole probe early. Three connections in a row that are refused for user name, password or permission: a
//! broker that bans after failures must not lock its user out. And three in a row that could not be dialled: there is nothing
//! to ask. A connection that works sets both back.

use std::collections::BTreeSet;
use std::time::Duration;

use mqttscope_model::client_id::{self, Placeholders};
use mqttscope_model::{
    ErrorCode, ProbeOptions, Profile, ProtocolVersion, ReasonCode, SecretSlot, Secrets, UserError,
};
use mqttscope_session::Options;
use mqttscope_transport::{DialOptions, dial};

use crate::finding::Trouble;
use crate::link::{ANSWER, Gone, Link, NotConnected, QUIET, told};
use crate::names::Names;
use crate::packet::{Connect, Credentials, Publish, Will};
use crate::property::Properties;

/// How many failures of one kind in a row end the probe.
const FAILURES: u32 = 3;

/// A connection to be made.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) version: ProtocolVersion,
    pub(crate) connect: Connect,
}

/// Why an attempt came to nothing, for a question that expects just that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// CONNACK said no, in words of its version.
    Said(String),
    /// The same, for user name, password or permission.
    Credentials(String),
    /// There was no CONNACK.
    Gone(Gone),
    /// It could not be dialled.
    Unreachable(UserError),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Said(words) | Self::Credentials(words) => write!(f, "CONNACK {words}"),
            Self::Gone(gone) => write!(f, "{gone}"),
            Self::Unreachable(error) => f.write_str(&error.message),
        }
    }
}

/// What was left at the broker and is to be removed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Litter {
    pub(crate) retained: BTreeSet<String>,
    pub(crate) sessions: BTreeSet<String>,
}

pub(crate) struct Broker {
    profile: Profile,
    secrets: Secrets,
    placeholders: Placeholders,
    credentials: Credentials,
    pub(crate) names: Names,
    pub(crate) largest_packet: u32,
    /// The newest version that works, once that is known.
    pub(crate) version: ProtocolVersion,
    /// What CONNACK said with that version.
    pub(crate) announced: Properties,
    pub(crate) speaks_5: bool,
    pub(crate) litter: Litter,
    refused_in_a_row: u32,
    unreachable_in_a_row: u32,
}

impl Broker {
    /// The profile's broker. Nothing is sent yet.
    pub(crate) fn new(
        profile: &Profile,
        secrets: &Secrets,
        placeholders: &Placeholders,
        options: &ProbeOptions,
        random: u32,
    ) -> Self {
        let own_id = client_id::expand(&profile.client_id, placeholders);
        let profile = Profile {
            // Not sent; what is sent is built from the names.
            client_id: String::new(),
            clean_start: true,
            authentication: None,
            will: None,
            subscriptions: Vec::new(),
            ..profile.clone()
        };
        Self {
            credentials: Credentials {
                user: (!profile.user_name.is_empty()).then(|| profile.user_name.clone()),
                password: secrets.get(&SecretSlot::Password).cloned(),
            },
            names: Names::new(&options.prefix, &own_id, random),
            largest_packet: options.largest_packet.clamp(1024, 268_435_455),
            version: profile.version,
            announced: Properties::default(),
            speaks_5: false,
            litter: Litter::default(),
            refused_in_a_row: 0,
            unreachable_in_a_row: 0,
            profile,
            secrets: secrets.clone(),
            placeholders: placeholders.clone(),
        }
    }

    /// An attempt with a fresh Client Identifier that leaves nothing behind.
    pub(crate) fn fresh(&mut self, version: ProtocolVersion) -> Attempt {
        let client_id = self.names.client();
        let connect = Connect { client_id, clean: true, session_expiry: 0, will: None };
        Attempt { version, connect }
    }

    /// An attempt for a session that outlives its connection; it is removed when the probe cleans up.
    pub(crate) fn kept(&mut self, client_id: &str, clean: bool, session_expiry: u32) -> Attempt {
        self.litter.sessions.insert(client_id.to_owned());
        let v5 = self.version == ProtocolVersion::V5;
        // Before 5.0 a session is kept exactly where it is not clean [MQTT-3.1.2-6 of 3.1.1].
        let clean = clean && v5;
        let client_id = client_id.to_owned();
        let connect = Connect { client_id, clean, session_expiry, will: None };
        Attempt { version: self.version, connect }
    }

    /// The same with a Will Message that is to come `delay` seconds after the connection broke.
    pub(crate) fn with_will(&mut self, topic: String, delay: u32) -> Attempt {
        let client_id = self.names.client();
        let mut attempt = self.kept(&client_id, true, 60);
        attempt.connect.will = Some(Will { topic, delay });
        attempt
    }

    /// Connects; a refusal is an answer.
    ///
    /// # Errors
    /// [`Trouble::Stop`] where too many attempts in a row have failed.
    pub(crate) async fn attempt(
        &mut self,
        attempt: &Attempt,
    ) -> Result<Result<Link, Refusal>, Trouble> {
        let refusal = match self.dialled(attempt).await {
            Ok(link) => {
                self.refused_in_a_row = 0;
                self.unreachable_in_a_row = 0;
                return Ok(Ok(link));
            }
            Err(refusal) => refusal,
        };
        match &refusal {
            Refusal::Credentials(words) => {
                self.refused_in_a_row += 1;
                if self.refused_in_a_row >= FAILURES {
                    return Err(Trouble::Stop(Box::new(refused(words))));
                }
            }
            Refusal::Unreachable(error) => {
                self.unreachable_in_a_row += 1;
                if self.unreachable_in_a_row >= FAILURES {
                    return Err(Trouble::Stop(Box::new(error.clone())));
                }
            }
            Refusal::Said(_) | Refusal::Gone(_) => self.refused_in_a_row = 0,
        }
        Ok(Err(refusal))
    }

    /// Connects where a refusal leaves nothing to ask.
    pub(crate) async fn connected(&mut self, attempt: &Attempt) -> Result<Link, Trouble> {
        let link = self.attempt(attempt).await?;
        link.map_err(|refusal| Trouble::NotConnected(refusal.to_string()))
    }

    /// A connection of the newest version that works, with a fresh Client Identifier.
    pub(crate) async fn link(&mut self) -> Result<Link, Trouble> {
        let attempt = self.fresh(self.version);
        self.connected(&attempt).await
    }

    /// A wanted QoS, or the highest that the broker announces.
    pub(crate) fn qos(&self, wanted: u8) -> u8 {
        wanted.min(self.announced.maximum_qos().unwrap_or(2))
    }

    async fn dialled(&self, attempt: &Attempt) -> Result<Link, Refusal> {
        let Attempt { version, connect } = attempt;
        let options = self.dial_options(*version).await.map_err(Refusal::Unreachable)?;
        let dialled = dial(&options, &mut |_| ()).await;
        let stream = dialled.map_err(|error| Refusal::Unreachable(error.to_user_error()))?.stream;
        let limit = Duration::from_secs(self.profile.connect_timeout.clamp(1, 10).into());
        let opened = Link::open(stream, *version, connect, &self.credentials, limit).await;
        opened.map_err(|error| match error {
            NotConnected::Refused { reason, reason_string } => {
                let words = format!("{}{}", in_words(*version, reason), told(&reason_string));
                let credentials = match version {
                    ProtocolVersion::V5 => matches!(reason, 0x86 | 0x87 | 0x8A | 0x8C),
                    _ => matches!(reason, 4 | 5),
                };
                if credentials { Refusal::Credentials(words) } else { Refusal::Said(words) }
            }
            NotConnected::Gone(gone) => Refusal::Gone(gone),
        })
    }

    async fn dial_options(&self, version: ProtocolVersion) -> Result<DialOptions, UserError> {
        let profile = Profile { version, ..self.profile.clone() };
        let options = Options::resolve(&profile, &self.secrets, &self.placeholders)?;
        options.dial_options().await.map_err(|error| error.to_user_error())
    }

    /// Removes a retained message and looks whether it is gone.
    pub(crate) async fn remove_retained(&mut self, topic: &str) -> Result<bool, Trouble> {
        let mut link = self.link().await?;
        let empty = Publish {
            topic: topic.to_owned(),
            retain: true,
            qos: self.qos(1),
            ..Publish::default()
        };
        link.publish(&empty, ANSWER).await?;
        link.subscribe(&[topic], 0, None).await?;
        link.ping().await?;
        let gone = loop {
            match link.message(QUIET).await? {
                Some(message) if message.retain && !message.payload.is_empty() => break false,
                Some(_) => {}
                None => break true,
            }
        };
        link.leave().await;
        if gone {
            self.litter.retained.remove(topic);
        }
        Ok(gone)
    }

    /// Ends a session that the broker keeps.
    pub(crate) async fn remove_session(&mut self, client_id: &str) -> Result<(), Trouble> {
        let mut attempt = self.fresh(self.version);
        attempt.connect.client_id = client_id.to_owned();
        let link = self.connected(&attempt).await?;
        link.leave().await;
        self.litter.sessions.remove(client_id);
        Ok(())
    }

    /// Removes whatever is still there; what cannot be removed stays in [`Self::litter`]. A broker that has refused three times
    /// in a row is not asked again.
    pub(crate) async fn clean_up(&mut self) {
        if self.refused_in_a_row >= FAILURES || self.unreachable_in_a_row >= FAILURES {
            return;
        }
        let Litter { retained, sessions } = self.litter.clone();
        for topic in retained {
            if matches!(self.remove_retained(&topic).await, Err(Trouble::Stop(_))) {
                return;
            }
        }
        for client_id in sessions {
            if matches!(self.remove_session(&client_id).await, Err(Trouble::Stop(_))) {
                return;
            }
        }
    }
}

/// A CONNACK's code in the words of its version.
fn in_words(version: ProtocolVersion, reason: u8) -> String {
    if version == ProtocolVersion::V5 {
        return ReasonCode(reason).to_string();
    }
    let name = match reason {
        1 => "unacceptable protocol version",
        2 => "identifier rejected",
        3 => "server unavailable",
        4 => "bad user name or password",
        5 => "not authorized",
        _ => return format!("0x{reason:02X}"),
    };
    format!("{name} (0x{reason:02X})")
}

fn refused(words: &str) -> UserError {
    let message = format!("The broker refused three connections in a row: {words}.");
    UserError::new(ErrorCode::MqttNotAuthorised, message)
        .hint("The probe ended so that the broker does not ban you. Check user name, password and permissions.")
        .detail("reason", words)
}
