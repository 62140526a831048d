//! One probe from the first CONNECT to the clean-up.
//!
//! The table grows line by line and every change is seen through a watch. Whoever cancels gets the table as it is then; the
//! clean-up still happens, for at most [`CLEANING`], because a retained message would outlive the wish. Whoever drops a [`Run`]
//! ends it without that.

use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::client_id::Placeholders;
use mqttscope_model::{
    Authentication, Capability, CapabilityRow, ErrorCode, ProbeId, ProbeOptions, ProbeReport,
    Profile, ProtocolVersion, Secrets, UserError,
};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::broker::{Broker, Refusal};
use crate::finding::{Finding, Trouble};
use crate::link::QUIET;
use crate::questions::{self, Spoken, ask, echo, speak, versions};

/// How long the clean-up after a cancelled probe may take.
const CLEANING: Duration = Duration::from_secs(5);

/// Where brokers tell what they are, by custom.
const BROKER: &str = "$SYS/broker/version";

/// What is probed.
#[derive(Clone, Debug)]
pub struct Case {
    /// The probe's name.
    pub id: ProbeId,
    /// Whose broker.
    pub profile: Profile,
    /// The values of its secrets, or why they cannot be had.
    pub secrets: Result<Secrets, UserError>,
    /// What the Client Identifier's placeholders stand for.
    pub placeholders: Placeholders,
    /// What may be done.
    pub options: ProbeOptions,
    /// Milliseconds since the Unix epoch.
    pub began_ms: i64,
}

/// A probe under way, or over. Dropping it ends it.
#[derive(Debug)]
pub struct Run {
    report: watch::Receiver<ProbeReport>,
    cancel: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Run {
    /// Begins. It must be called within a Tokio runtime.
    pub fn start(case: Case) -> Self {
        let (table, report) = watch::channel(first_report(&case));
        let cancel = Arc::new(Notify::new());
        let task = tokio::spawn(run(case, Table(table), Arc::clone(&cancel)));
        Self { report, cancel, task }
    }

    /// The table as it grows; nothing changes once it is [`finished`](ProbeReport::finished).
    pub fn report(&self) -> watch::Receiver<ProbeReport> {
        self.report.clone()
    }

    /// Ends it wherever it is. What it left at the broker is still removed.
    pub fn cancel(&self) {
        self.cancel.notify_one();
    }

    /// Waits until it is over.
    pub async fn over(&self) -> ProbeReport {
        let mut report = self.report.clone();
        let over = report.wait_for(|report| report.finished).await;
        over.map_or_else(|_ended| self.report.borrow().clone(), |over| over.clone())
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn first_report(case: &Case) -> ProbeReport {
    let Case { id, profile, options, began_ms, .. } = case;
    ProbeReport {
        id: id.clone(),
        profile: profile.id.clone(),
        name: profile.name.clone(),
        address: profile.endpoint.to_string(),
        broker: None,
        began_ms: *began_ms,
        options: options.clone(),
        finished: false,
        cancelled: false,
        trying: None,
        rows: Vec::new(),
        left_behind: Vec::new(),
        left_sessions: Vec::new(),
        error: None,
    }
}

async fn run(case: Case, table: Table, cancel: Arc<Notify>) {
    let secrets = match prepared(&case) {
        Ok(secrets) => secrets,
        Err(error) => return table.finish(&case.options, Some(error), None),
    };
    let Case { profile, placeholders, options, .. } = &case;
    let mut broker = Broker::new(profile, &secrets, placeholders, options, rand::random());
    let ended = tokio::select! {
        biased;
        () = cancel.notified() => None,
        ended = course(&mut broker, options, &table) => Some(ended),
    };
    let cancelled = ended.is_none();
    if cancelled {
        table.0.send_modify(|report| report.cancelled = true);
    }
    table.0.send_modify(|report| report.trying = None);
    let _what_is_left_is_told = timeout(CLEANING, broker.clean_up()).await;
    let error = ended.and_then(Result::err);
    table.finish(options, error, Some(&broker));
}

/// The secrets, where there is nothing that a probe cannot do.
fn prepared(case: &Case) -> Result<Secrets, UserError> {
    let secrets = case.secrets.clone()?;
    let answers = matches!(case.profile.authentication, Some(Authentication::Scram { .. }));
    if answers && case.profile.version == ProtocolVersion::V5 {
        let message = "A probe cannot authenticate with SCRAM.";
        return Err(UserError::new(ErrorCode::MqttAuthenticationUnsupported, message)
            .hint("Use a profile that sends user name and password in CONNECT."));
    }
    Ok(secrets)
}

/// All questions; an error ends them early.
async fn course(
    broker: &mut Broker,
    options: &ProbeOptions,
    table: &Table,
) -> Result<(), UserError> {
    let chosen = |capability: &Capability| options.capabilities.contains(capability);
    settle_version(broker, options, table).await?;
    if let Ok(Some(name)) = timeout(Duration::from_secs(3), broker_name(broker)).await {
        table.0.send_modify(|report| report.broker = Some(name));
    }
    let wants_messages = options.capabilities.iter().any(|one| questions::needs_messages(*one));
    let no_echo = match wants_messages {
        true => echo(broker).await.map_err(to_user_error)?,
        false => None,
    };
    let is_version = |capability| versions().iter().any(|(version, _)| *version == capability);
    for capability in Capability::ALL {
        // What versions it speaks was asked first.
        if is_version(capability) {
            continue;
        }
        if !chosen(&capability) {
            table.add(capability, Finding::skipped(""), Duration::ZERO);
            continue;
        }
        table.trying(capability);
        let since = Instant::now();
        let found = if questions::needs_5(capability) && !broker.speaks_5 {
            Ok(Finding::no("only MQTT 5.0 has it, and the broker does not speak 5.0"))
        } else if let Some(why) = no_echo.as_ref().filter(|_| questions::needs_messages(capability))
        {
            Ok(Finding::unknown(format!(
                "not even a plain message below the prefix came back: {why}"
            )))
        } else {
            let limit = questions::limit(capability);
            timeout(limit, ask(capability, broker)).await.unwrap_or_else(|_late| {
                Ok(Finding::unknown(format!("not done within {} s", limit.as_secs())))
            })
        };
        let (finding, stop) = match found {
            Ok(finding) => (finding, None),
            Err(Trouble::Stop(error)) => (Finding::unknown(error.message.clone()), Some(error)),
            Err(trouble) => (Finding::unknown(trouble.to_string()), None),
        };
        table.add(capability, finding, since.elapsed());
        if let Some(error) = stop {
            return Err(*error);
        }
    }
    Ok(())
}

/// Asks for the versions, and takes the newest that works for all other questions.
async fn settle_version(
    broker: &mut Broker,
    options: &ProbeOptions,
    table: &Table,
) -> Result<(), UserError> {
    let mut best = None;
    let mut last = None;
    let mut untried = Vec::new();
    for (capability, version) in versions() {
        if !options.capabilities.contains(&capability) {
            table.add(capability, Finding::skipped(""), Duration::ZERO);
            untried.push(version);
            continue;
        }
        table.trying(capability);
        let since = Instant::now();
        match speak(version, broker).await {
            Ok(Spoken { finding, connack, refusal }) => {
                table.add(capability, finding, since.elapsed());
                best = connack.map(|connack| (version, connack)).or(best);
                last = refusal.or(last);
            }
            Err(trouble) => {
                let finding = Finding::unknown(trouble.to_string());
                table.add(capability, finding, since.elapsed());
                return Err(to_user_error(trouble));
            }
        }
    }
    // Those that nobody asked for are tried as far as the other questions need one, the newest first.
    for version in untried.into_iter().rev() {
        let newer = best.as_ref().is_none_or(|_| version == ProtocolVersion::V5);
        if !newer {
            break;
        }
        let spoken = speak(version, broker).await.map_err(to_user_error)?;
        best = spoken.connack.map(|connack| (version, connack)).or(best);
        last = spoken.refusal.or(last);
    }
    let Some((version, connack)) = best else {
        return Err(no_connection(last));
    };
    broker.version = version;
    broker.speaks_5 = version == ProtocolVersion::V5;
    broker.announced = connack;
    Ok(())
}

/// What the broker says that it is, where it does.
async fn broker_name(broker: &mut Broker) -> Option<String> {
    let mut link = broker.link().await.ok()?;
    let told = async {
        link.subscribe(&[BROKER], 0, None).await?;
        link.message(QUIET).await
    };
    let told = told.await.ok().flatten();
    link.leave().await;
    let text = String::from_utf8(told?.payload).ok()?;
    let text: String = text.trim().chars().take(100).collect();
    (!text.is_empty()).then_some(text)
}

fn no_connection(refusal: Option<Refusal>) -> UserError {
    match refusal {
        Some(Refusal::Unreachable(error)) => error,
        Some(Refusal::Credentials(words)) => {
            UserError::new(ErrorCode::MqttNotAuthorised, format!("The broker refuses: {words}."))
                .detail("reason", words)
        }
        Some(refusal) => {
            let words = refusal.to_string();
            UserError::new(ErrorCode::MqttRefused, format!("No connection could be made: {words}."))
                .detail("reason", words)
        }
        None => UserError::new(ErrorCode::MqttRefused, "No connection could be made."),
    }
}

fn to_user_error(trouble: Trouble) -> UserError {
    match trouble {
        Trouble::Stop(error) => *error,
        other => UserError::new(ErrorCode::MqttConnectionLost, other.to_string()),
    }
}

/// The table that grows.
struct Table(watch::Sender<ProbeReport>);

impl Table {
    fn trying(&self, capability: Capability) {
        self.0.send_modify(|report| report.trying = Some(capability));
    }

    fn add(&self, capability: Capability, finding: Finding, took: Duration) {
        let Finding { verdict, value, announced, evidence } = finding;
        let took_ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
        let row = CapabilityRow { capability, verdict, value, announced, evidence, took_ms };
        self.0.send_modify(|report| {
            report.rows.push(row);
            report.rows.sort_by_key(|row| row.capability);
        });
    }

    /// Fills in what was not reached, and ends it.
    fn finish(&self, options: &ProbeOptions, error: Option<UserError>, broker: Option<&Broker>) {
        let found: Vec<_> = self.0.borrow().rows.iter().map(|row| row.capability).collect();
        for capability in Capability::ALL {
            if !found.contains(&capability) {
                let chosen = options.capabilities.contains(&capability);
                let finding = match (chosen, &error) {
                    (true, Some(_)) => Finding::unknown("not reached"),
                    (true, None) => Finding::skipped("cancelled"),
                    (false, _) => Finding::skipped(""),
                };
                self.add(capability, finding, Duration::ZERO);
            }
        }
        self.0.send_modify(|report| {
            report.trying = None;
            if let Some(broker) = broker {
                report.left_behind = broker.litter.retained.iter().cloned().collect();
                report.left_sessions = broker.litter.sessions.iter().cloned().collect();
            }
            report.error = error;
            report.finished = true;
        });
    }
}
