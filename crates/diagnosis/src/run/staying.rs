//! The stage Staying: two keep-alive cycles with their pings.

use std::time::Duration;

use mqttscope_model::{
    Account, ConnectStage, SessionSnapshot, SessionState, StageVerdict, StayingFacts,
};
use tokio::sync::watch;
use tokio::time::timeout;

use super::course::ended;
use super::growing::Growing;

/// How many pings are waited for.
const PINGS: usize = 2;

/// What two cycles may take beyond twice the Keep Alive: a ping goes out late, its answer takes its time.
const GRACE: Duration = Duration::from_secs(2);

/// Stays connected. Nothing is done where Keep Alive is 0, because then nobody is ever asked whether he is still there.
pub(super) async fn stay(
    mut account: watch::Receiver<Option<Account>>,
    snapshot: &mut watch::Receiver<SessionSnapshot>,
    growing: &mut Growing,
) {
    let keep_alive = match &snapshot.borrow().state {
        SessionState::Connected { connack, .. } => connack.keep_alive,
        _ => return,
    };
    if keep_alive == 0 {
        return;
    }
    growing.begin(ConnectStage::Staying);
    // Traffic may make pings needless, so their number alone does not end it.
    let longest = 2 * Duration::from_secs(keep_alive.into()) + GRACE;
    let before = pings(account.borrow().as_ref()).len();
    let staying = async {
        tokio::select! {
            () = ended(snapshot) => false,
            answered = account.wait_for(|account| pings(account.as_ref()).len() >= before + PINGS) => answered.is_ok(),
        }
    };
    let stayed = growing.meanwhile(timeout(longest, staying)).await.unwrap_or(true);
    let now = growing.account();
    let seen = pings(now.as_ref()).get(before..).unwrap_or_default().to_vec();
    match (stayed, now.and_then(|account| account.attempt.error)) {
        (true, _) => growing.end(StageVerdict::Passed, passed(keep_alive, &seen)),
        (false, error) => {
            let evidence = error.and_then(|error| error.details.get("evidence").cloned());
            growing.end(StageVerdict::Failed, evidence.unwrap_or_default());
        }
    }
}

fn pings(account: Option<&Account>) -> &[u64] {
    let staying = account.and_then(|account| account.facts.staying.as_ref());
    staying.map_or(&[], |StayingFacts { pings_us, .. }| pings_us)
}

fn passed(keep_alive: u16, pings: &[u64]) -> String {
    let kept = format!("Keep Alive {keep_alive} s");
    match pings {
        [] => kept,
        pings => {
            let times: Vec<_> =
                pings.iter().map(|us| format!("{}.{:01} ms", us / 1000, us % 1000 / 100)).collect();
            format!("{kept}, PINGRESP after {}", times.join(" and "))
        }
    }
}
