//! Faults on the way to a broker, each made for real on 127.0.0.1, with what a diagnosis must say of it.
//!
//! The tests hold the application against this catalogue, and the bench holds other clients beside it, so a fault is
//! data and not a test: a profile, servers that are wrong in one way, and the expected stage, cause and first fix.
//! The price is that a fault which needs an action of its own (publish, wait for a second loss) must say so as data too.

pub mod certificates;
pub mod codes;
pub mod front;
pub mod handshake;
pub mod http;
pub mod lab;
pub mod mqtt;
pub mod proxy;
pub mod session;
pub mod settings;
pub mod tcp;
pub mod tls;

use std::any::Any;
use std::pin::Pin;

use mqttscope_model::{Endpoint, Profile, ProfileId, Publish, Scheme, SecretSlot};
use serde_json::{Value, json};

use crate::{App, wait};

/// A fault that is there now, and ends when this is dropped.
pub struct Fault {
    /// What a person has set. Without automatic reconnect, unless losses are waited for.
    pub profile: Profile,
    /// Secrets of the profile, in clear.
    pub secrets: Vec<(SecretSlot, String)>,
    /// Where a diagnosis must say that it failed ([`mqttscope_model::ConnectStage`] as text).
    pub stage: &'static str,
    /// The code of the cause that must be said first.
    pub cause: &'static str,
    /// The code of a second cause that the evidence fits as well. Either may come first, and both must be named with
    /// what would tell them apart.
    pub or: Option<&'static str>,
    /// The code of the fix that must be offered first.
    pub fix: &'static str,
    /// What comes of the first fix.
    pub cure: Cure,
    /// Words in lower case: another client names the cause where it says one of them. None where other clients do not
    /// have what the fault is about, or accept what is wrong.
    pub words: &'static [&'static str],
    /// A longer diagnosis finds it, with these `DiagnosisOptions`; an attempt to connect does not.
    pub options: Option<Value>,
    /// How many connections must be made and lost before it can be known.
    pub losses: usize,
    /// Sent as soon as the first connection is there.
    pub publish: Option<Publish>,
    /// The servers, their files, the other clients.
    pub keep: Vec<Box<dyn Any + Send + Sync>>,
}

/// What comes of applying a first fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cure {
    /// It changes the profile, which must then connect.
    Connects,
    /// It changes the profile; that it connects cannot be shown on this machine (a registered port for example).
    Changes,
    /// Only a person can do it.
    Person,
}

/// A fault of the catalogue by its name, not yet made.
#[derive(Clone, Copy)]
pub struct Row {
    /// What is wrong, as an identifier.
    pub name: &'static str,
    /// Makes it.
    pub make: fn() -> Pin<Box<dyn Future<Output = Fault> + Send>>,
}

/// Puts functions that make faults into a module's `ROWS`.
macro_rules! rows {
    ($($name:ident),+ $(,)?) => {
        /// The faults of this module.
        pub const ROWS: &[crate::faults::Row] = &[$(crate::faults::Row {
            name: stringify!($name),
            make: || Box::pin($name()),
        }),+];
    };
}
pub(crate) use rows;

/// The whole catalogue.
pub fn catalogue() -> Vec<Row> {
    [
        settings::ROWS,
        tcp::ROWS,
        proxy::ROWS,
        tls::ROWS,
        handshake::ROWS,
        http::ROWS,
        mqtt::ROWS,
        codes::ROWS,
        session::ROWS,
    ]
    .concat()
}

impl Fault {
    /// A fault behind `endpoint`, which fails in `stage` because of `cause`. The first fix is a person's until
    /// [`Self::mended_by`] says another.
    pub fn new(
        endpoint: Endpoint,
        stage: &'static str,
        cause: &'static str,
        fix: &'static str,
    ) -> Self {
        let id = ProfileId::new("fault").expect("letters make an identifier");
        let mut profile = Profile::new(id, "mqttscope-fault".to_owned());
        profile.endpoint = endpoint;
        profile.reconnect.enabled = false;
        Self {
            profile,
            secrets: Vec::new(),
            stage,
            cause,
            or: None,
            fix,
            cure: Cure::Person,
            words: &[],
            options: None,
            losses: 0,
            publish: None,
            keep: Vec::new(),
        }
    }

    /// Changes the profile.
    #[must_use]
    pub fn with(mut self, edit: impl FnOnce(&mut Profile)) -> Self {
        edit(&mut self.profile);
        self
    }

    /// Gives a secret.
    #[must_use]
    pub fn secret(mut self, slot: SecretSlot, value: &str) -> Self {
        self.secrets.push((slot, value.to_owned()));
        self
    }

    /// Says what comes of the first fix.
    #[must_use]
    pub fn cure(mut self, cure: Cure) -> Self {
        self.cure = cure;
        self
    }

    /// Says that the evidence fits another cause as well.
    #[must_use]
    pub fn or(mut self, cause: &'static str) -> Self {
        self.or = Some(cause);
        self
    }

    /// The words, in lower case, by one of which another client would name the cause.
    #[must_use]
    pub fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    /// Keeps a server as long as the fault.
    #[must_use]
    pub fn keep(mut self, server: impl Any + Send + Sync) -> Self {
        self.keep.push(Box::new(server));
        self
    }

    /// Waits for so many lost connections, with automatic reconnect.
    #[must_use]
    pub fn losses(mut self, losses: usize) -> Self {
        self.losses = losses;
        self.profile.reconnect.enabled = true;
        self.profile.reconnect.first_delay_ms = 100;
        self.profile.reconnect.max_delay_ms = 100;
        self
    }
}

/// An address of 127.0.0.1.
pub fn at(scheme: Scheme, port: u16) -> Endpoint {
    named(scheme, "127.0.0.1", port)
}

/// An address by a name.
pub fn named(scheme: Scheme, host: &str, port: u16) -> Endpoint {
    Endpoint { scheme, host: host.to_owned(), port, path: "/mqtt".to_owned() }
}

/// Saves the fault's profile and meets the fault; gives the profile as saved and the report of it.
pub async fn meet(app: &App, fault: &Fault) -> (Profile, Value) {
    let profile = app
        .profile(fault.profile.endpoint.clone(), fault.profile.version, |new| {
            *new = Profile { id: new.id.clone(), name: new.name.clone(), ..fault.profile.clone() };
        })
        .await;
    let secrets: Vec<(SecretSlot, &str)> =
        fault.secrets.iter().map(|(slot, value)| (slot.clone(), value.as_str())).collect();
    let profile = app.save(&profile, &secrets).await;
    let report = match &fault.options {
        Some(options) => diagnose(app, &profile, options).await,
        None => connect(app, fault, &profile).await,
    };
    (profile, report)
}

/// The report of an attempt to connect, as the window gets it.
async fn connect(app: &App, fault: &Fault, profile: &Profile) -> Value {
    let name = json!({ "profile": profile.id });
    app.call("session_connect", name.clone()).await;
    if let Some(publish) = &fault.publish {
        app.wait_for_state(profile, "connected").await;
        let arguments = json!({ "profile": profile.id, "publish": publish });
        // The connection may be lost before this is answered; that is what is looked for.
        _ = app.try_call("session_publish", arguments).await;
    }
    wait::until("a report of the failure", async || {
        let report = app.call("session_report", name.clone()).await;
        let lost = report["account"]["past"].as_array().map_or(0, Vec::len);
        if report["diagnosis"]["verdict"] == "failed" && lost >= fault.losses {
            Ok(report)
        } else {
            Err(format!("{report}; {}", app.session(profile).await))
        }
    })
    .await
}

/// The report of a diagnosis that a person asked for.
async fn diagnose(app: &App, profile: &Profile, options: &Value) -> Value {
    let arguments = json!({ "profile": profile, "secrets": [], "options": options });
    let diagnosis = app.call("diagnosis_start", arguments).await;
    wait::until("the diagnosis to end", async || {
        let report = app.call("diagnosis_report", json!({ "diagnosis": diagnosis })).await;
        if report["diagnosis"].is_null() { Err(report.to_string()) } else { Ok(report) }
    })
    .await
}

/// Meets a fault and holds the report against what must be said: stage, cause and first fix, no cause `unknown`, no
/// secret. Where the first fix changes the profile it is applied, and then the broker must be reached.
pub async fn check(name: &str, fault: Fault) {
    let app = App::start().await;
    let (profile, report) = meet(&app, &fault).await;
    let said = &report["diagnosis"];
    let place = format!("{name}: {report:#}");
    for (_, secret) in &fault.secrets {
        assert!(!report.to_string().contains(secret.as_str()), "a secret is told; {place}");
    }
    assert_eq!(said["verdict"], "failed", "{place}");
    let causes = said["causes"].as_array().expect("causes are a list");
    assert_eq!(said["stage"], fault.stage, "{place}");
    match fault.or {
        None => assert_eq!(causes[0]["code"], fault.cause, "{place}"),
        Some(other) => {
            let both = |cause: &&Value| cause["code"] == fault.cause || cause["code"] == other;
            let named: Vec<&Value> = causes.iter().take(2).filter(both).collect();
            assert_eq!(named.len(), 2, "both {} and {other}; {place}", fault.cause);
            assert!(named.iter().all(|cause| cause["told_apart"] != ""), "{place}");
        }
    }
    assert!(causes.iter().all(|cause| cause["code"] != "unknown"), "{place}");
    assert_eq!(said["fixes"][0]["code"], fault.fix, "{place}");
    let changes = said["fixes"][0]["changes"].as_array().expect("changes are a list");
    assert_eq!(changes.is_empty(), fault.cure == Cure::Person, "{place}");
    if fault.cure != Cure::Person {
        let arguments = json!({ "profile": profile, "fix": said["fixes"][0] });
        let mended = app.call("fix_apply", arguments).await;
        let mended: Profile = serde_json::from_value(mended).expect("a profile");
        assert_ne!(mended, profile, "{place}");
        if fault.cure == Cure::Connects {
            let mended = app.save(&mended, &[]).await;
            app.connect(&mended).await;
        }
    }
    app.stop().await;
}
