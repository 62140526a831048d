//! What the tests share: a scripted broker, mosquitto, a recorder in memory, and a session to look at.

pub mod mosquitto;
pub mod recorder;
pub mod scram;
pub mod scripted;

use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::client_id::Placeholders;
use mqttscope_model::{
    ByteFormat, Bytes, Endpoint, ErrorCode, FilterState, MessageId, Profile, ProfileId,
    ProtocolVersion, Publish, QoS, Scheme, Secret, SecretSlot, Secrets, SessionSnapshot,
    SessionState, Subscription, SubscriptionState, TypedBytes, UserError, WillPayload,
};
use mqttscope_session::{Options, Session, SessionMemory};
use recorder::Memory;

/// How long anything may take before a test fails.
pub const LONG: Duration = Duration::from_secs(20);

/// How long nothing must come for it to count as nothing.
pub const SHORT: Duration = Duration::from_millis(200);

pub const VERSIONS: [ProtocolVersion; 3] =
    [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5];

/// A profile for a broker on this machine.
pub fn profile(port: u16, version: ProtocolVersion) -> Profile {
    let mut profile = Profile::new(ProfileId::new("test").unwrap(), "client".to_owned());
    profile.endpoint = Endpoint {
        scheme: Scheme::Mqtt,
        host: "127.0.0.1".to_owned(),
        port,
        path: "/mqtt".to_owned(),
    };
    profile.version = version;
    profile.reconnect.first_delay_ms = 20;
    profile.reconnect.max_delay_ms = 20;
    profile.reconnect.jitter_percent = 0;
    profile
}

/// What stands for placeholders in these tests.
pub fn placeholders() -> Placeholders {
    Placeholders {
        random: "r4nd0m88".to_owned(),
        hostname: "bench".to_owned(),
        time: 1_700_000_000,
    }
}

pub fn resolve(profile: &Profile, secrets: &Secrets) -> Result<Options, UserError> {
    Options::resolve(profile, secrets, &placeholders())
}

pub fn password_of(password: &str) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.insert(SecretSlot::Password, Secret::new(password));
    secrets
}

/// A session with its recorder.
pub struct Running {
    pub session: Session,
    pub recorder: Arc<Memory>,
}

pub fn open(profile: &Profile) -> Running {
    open_with(profile, Memory::committing(), SessionMemory::default())
}

pub fn open_with(profile: &Profile, recorder: Arc<Memory>, memory: SessionMemory) -> Running {
    open_with_secrets(profile, &Secrets::default(), recorder, memory)
}

/// A session with a password.
pub fn open_with_password(profile: &Profile, password: &str) -> Running {
    open_with_secrets(profile, &password_of(password), Memory::committing(), Default::default())
}

pub fn open_with_secrets(
    profile: &Profile,
    secrets: &Secrets,
    recorder: Arc<Memory>,
    memory: SessionMemory,
) -> Running {
    let options = resolve(profile, secrets).unwrap();
    let session = Session::open(options, recorder.clone(), memory);
    Running { session, recorder }
}

impl Running {
    /// Waits for a snapshot that fits.
    pub async fn until(&self, fits: impl FnMut(&SessionSnapshot) -> bool) -> SessionSnapshot {
        let mut snapshot = self.session.snapshot();
        let found = tokio::time::timeout(LONG, snapshot.wait_for(fits)).await;
        match found {
            Ok(found) => found.unwrap().clone(),
            Err(_) => panic!("it is still {:#?}", self.session.snapshot().borrow()),
        }
    }

    pub async fn connected(&self) -> SessionSnapshot {
        self.until(|snapshot| matches!(snapshot.state, SessionState::Connected { .. })).await
    }

    /// Waits until the broker has granted every subscription, and there is one.
    pub async fn granted(&self) -> SessionSnapshot {
        let granted = |s: &SubscriptionState| matches!(s.answer, FilterState::Granted { .. });
        self.until(|s| !s.subscriptions.is_empty() && s.subscriptions.iter().all(granted)).await
    }

    pub async fn failed(&self) -> UserError {
        let snapshot = self.until(|s| matches!(s.state, SessionState::Failed { .. })).await;
        match snapshot.state {
            SessionState::Failed { error } => error,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the session is going to try again, and gives the cause.
    pub async fn waiting(&self) -> UserError {
        let snapshot = self.until(|s| matches!(s.state, SessionState::Waiting { .. })).await;
        match snapshot.state {
            SessionState::Waiting { error, .. } => error,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the connection is over, whatever follows, and gives the cause.
    pub async fn failed_or_waiting(&self) -> UserError {
        let over = |s: &SessionSnapshot| {
            matches!(s.state, SessionState::Waiting { .. } | SessionState::Failed { .. })
        };
        match self.until(over).await.state {
            SessionState::Waiting { error, .. } | SessionState::Failed { error } => error,
            other => panic!("{other:?}"),
        }
    }

    /// Publishes a message that is recorded, and gives its number.
    pub async fn publish(&self, message: Publish) -> MessageId {
        self.session.publish(message).await.unwrap().unwrap()
    }

    pub async fn subscribe(&self, filter: &str, qos: QoS) {
        let wanted = vec![subscription(filter, qos)];
        self.session.subscribe(wanted).await.unwrap();
    }
}

pub fn subscription(filter: &str, qos: QoS) -> Subscription {
    Subscription::new(filter, qos)
}

pub fn publish(topic: &str, payload: &[u8], qos: QoS) -> Publish {
    let payload = Bytes(payload.to_vec());
    Publish { topic: topic.to_owned(), payload, qos, retain: false, properties: Vec::new() }
}

/// A Will Message's payload as it is typed.
pub fn typed(format: ByteFormat, text: &str) -> WillPayload {
    WillPayload::Typed { typed: TypedBytes { format, text: text.to_owned() } }
}

pub fn assert_code(error: &UserError, code: ErrorCode) {
    assert_eq!(error.code, code, "{error:#?}");
}
