//! The course of a diagnosis, from the settings to the goodbye.

use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::{SessionSnapshot, SessionState, StageVerdict};
use mqttscope_session::{Session, SessionMemory};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use super::growing::Growing;
use super::recorder::Forgetful;
use super::{Case, certificate, probing, staying, subscribing};
use crate::{Diagnosis, Verdict, diagnose};

/// How long a connection is looked at where nothing further is asked for: some brokers say yes and close at once.
const GLANCE: Duration = Duration::from_millis(250);

/// The whole of it.
pub(super) async fn run(case: Case, mut growing: Growing, cancel: Arc<Notify>) {
    let mut session = None;
    let cancelled = tokio::select! {
        () = go(&case, &mut growing, &mut session) => false,
        () = cancel.notified() => true,
    };
    if !cancelled {
        growing.leave();
    }
    if let Some(session) = session {
        session.disconnect().await;
    }
    growing.end(StageVerdict::Cancelled, "");
    growing.leave();
    let diagnosis = match growing.account() {
        // What was found before the user's wish is known nevertheless.
        Some(account) if !cancelled || account.attempt.error.is_some() => {
            diagnose(&case.profile, &account)
        }
        account => Diagnosis {
            verdict: Verdict::Cancelled,
            stage: account.and_then(|account| Some(account.attempt.stages.last()?.stage)),
            causes: Vec::new(),
            fixes: Vec::new(),
        },
    };
    growing.judge(diagnosis);
}

/// The stages. The session stays with the caller, who ends it however this ends.
async fn go(case: &Case, growing: &mut Growing, kept: &mut Option<Session>) {
    let options = match case.connecting() {
        Ok(options) => options,
        Err(error) => return growing.never_began(&error),
    };
    let recorder = Arc::new(Forgetful::new());
    growing.problems(certificate::problems(case).await);
    let longer = case.options.subscribe || case.options.stay || case.options.other_schemes;
    let session = kept.insert(Session::open(options, recorder, SessionMemory::default()));
    growing.follow(session.account());
    let mut snapshot = session.snapshot();
    growing.meanwhile(settled(&mut snapshot)).await;
    if is_connected(&snapshot) && !case.options.subscribe && !case.options.stay {
        _ = growing.meanwhile(timeout(GLANCE, ended(&mut snapshot))).await;
    }
    if case.options.subscribe && is_connected(&snapshot) {
        let wanted = &case.profile.subscriptions;
        subscribing::subscribe(wanted, session, &mut snapshot, growing).await;
    }
    if case.options.stay && is_connected(&snapshot) {
        staying::stay(session.account(), &mut snapshot, growing).await;
    }
    if longer {
        probe(case, growing).await;
    }
}

/// What is asked beside the attempt, where it is not known already.
async fn probe(case: &Case, growing: &mut Growing) {
    let (Some(account), Ok(secrets)) = (growing.account(), &case.secrets) else { return };
    // What keeps it from being dialled is the attempt's own cause.
    let Ok(options) = probing::dial_options(&case.profile, secrets).await else { return };
    if let Some(raced) = &account.facts.tcp
        && let Some(facts) = growing.meanwhile(probing::every_address(&options, raced)).await
    {
        growing.every_address(facts);
    }
    if case.options.other_schemes && probing::scheme_is_open(&account) {
        let tries = growing.meanwhile(probing::other_schemes(&options)).await;
        growing.other_schemes(tries);
    }
    if case.options.other_schemes && probing::port_is_closed(&account) {
        let raced = account.facts.tcp.clone().unwrap_or_default();
        let ports = probing::usual_ports(&options);
        let facts = growing.meanwhile(probing::other_ports(&options, raced, ports)).await;
        growing.every_address(facts);
    }
}

/// Waits until the attempt has come to its end, either way.
async fn settled(snapshot: &mut watch::Receiver<SessionSnapshot>) {
    let over = |snapshot: &SessionSnapshot| {
        matches!(
            snapshot.state,
            SessionState::Connected { .. }
                | SessionState::Failed { .. }
                | SessionState::Waiting { .. }
        )
    };
    let _its_task_may_be_gone = snapshot.wait_for(over).await;
}

/// Waits until the connection is gone.
pub(super) async fn ended(snapshot: &mut watch::Receiver<SessionSnapshot>) {
    let gone =
        |snapshot: &SessionSnapshot| !matches!(snapshot.state, SessionState::Connected { .. });
    let _its_task_may_be_gone = snapshot.wait_for(gone).await;
}

fn is_connected(snapshot: &watch::Receiver<SessionSnapshot>) -> bool {
    matches!(snapshot.borrow().state, SessionState::Connected { .. })
}
