//! Subscriptions that are made for a time only: for requests that wait and for rules that answer.
//!
//! They are not saved in the profile, and one is only made where no granted subscription of the session brings the same
//! already. The last who needs one ends it, unless the profile has come to have it meanwhile. The session knows no difference
//! between these and others, so it makes them again after a lost connection; a new session is told of them by
//! [`Loans::renew`]. The price: a broker that keeps the session of a client that was killed keeps them too.

use std::collections::{BTreeMap, BTreeSet};

use mqttscope_model::{
    ErrorCode, FilterState, RequestId, Subscription, SubscriptionState, UserError,
};
use mqttscope_session::Session;

use super::covers::covers;

/// Who needs a subscription.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Borrower {
    /// A request that waits.
    Request(RequestId),
    /// The rules that answer.
    Rules,
}

#[derive(Debug)]
struct Loan {
    wanted: Subscription,
    borrowers: BTreeSet<Borrower>,
}

/// The subscriptions of a profile's session that are there for a time only, by filter.
#[derive(Debug, Default)]
pub(crate) struct Loans(tokio::sync::Mutex<BTreeMap<String, Loan>>);

/// What a borrower wants no more is given back; what was there is told by the session and by the profile.
#[derive(Clone, Copy)]
pub(crate) struct There<'a> {
    /// The session, where there is one.
    pub(crate) session: Option<&'a Session>,
    /// The subscriptions of the profile.
    pub(crate) saved: &'a [Subscription],
}

impl Loans {
    /// Sees to it that messages come as `wanted` says, and as that says only: what the borrower had before is given back,
    /// and ended where nobody else needs it. Tells which filters failed, and why.
    pub(crate) async fn settle(
        &self,
        there: There<'_>,
        wanted: Vec<Subscription>,
        borrower: &Borrower,
    ) -> Vec<(String, UserError)> {
        let mut loans = self.0.lock().await;
        for (filter, loan) in loans.iter_mut() {
            if !wanted.iter().any(|wanted| wanted.filter == *filter) {
                loan.borrowers.remove(borrower);
            }
        }
        let mut failed = Vec::new();
        if let Some(session) = there.session {
            for wanted in wanted {
                let filter = wanted.filter.clone();
                if let Err(error) = borrow(&mut loans, session, there.saved, wanted, borrower).await
                {
                    failed.push((filter, error));
                }
            }
        }
        let over: Vec<String> = loans
            .iter()
            .filter(|(_, loan)| loan.borrowers.is_empty())
            .map(|(filter, _)| filter.clone())
            .collect();
        for filter in over {
            loans.remove(&filter);
            if let Some(session) = there.session {
                end(session, there.saved, filter).await;
            }
        }
        failed
    }

    /// A new session began: it makes what requests still need. Rules settle what they need themselves.
    pub(crate) async fn renew(&self, session: &Session) {
        let mut loans = self.0.lock().await;
        loans.retain(|_, loan| {
            loan.borrowers.remove(&Borrower::Rules);
            !loan.borrowers.is_empty()
        });
        let wanted: Vec<_> = loans.values().map(|loan| loan.wanted.clone()).collect();
        if !wanted.is_empty()
            && let Err(error) = session.subscribe(wanted).await
        {
            tracing::debug!(%error, "what is waited for may not come");
        }
    }
}

async fn borrow(
    loans: &mut BTreeMap<String, Loan>,
    session: &Session,
    saved: &[Subscription],
    wanted: Subscription,
    borrower: &Borrower,
) -> Result<(), UserError> {
    let leaves = |filter: &str| loans.get(filter).is_some_and(|loan| loan.borrowers.is_empty());
    if let Some(filter) = covering(session, &wanted.filter, leaves) {
        if let Some(loan) = loans.get_mut(&filter) {
            loan.borrowers.insert(borrower.clone());
        }
        return Ok(());
    }
    let filter = wanted.filter.clone();
    let own = saved.iter().find(|saved| saved.enabled && saved.filter == filter);
    let answer = session.subscribe(vec![own.cloned().unwrap_or_else(|| wanted.clone())]).await;
    let granted = answer.and_then(|states| refusal(states).map_or(Ok(()), Err));
    if own.is_some() {
        return granted;
    }
    if granted.is_err() && !loans.contains_key(&filter) {
        // What failed in the middle may be there all the same.
        end(session, saved, filter).await;
        return granted;
    }
    let new = || Loan { wanted, borrowers: BTreeSet::new() };
    loans.entry(filter).or_insert_with(new).borrowers.insert(borrower.clone());
    granted
}

/// Ends a subscription that was made for a time. One that the profile has stays as the profile has it.
async fn end(session: &Session, saved: &[Subscription], filter: String) {
    let ended = match saved.iter().find(|saved| saved.filter == filter) {
        Some(saved) if saved.enabled => Ok(()),
        Some(off) => session.subscribe(vec![off.clone()]).await.map(drop),
        None => session.unsubscribe(vec![filter]).await,
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a subscription that was made for a time stays until the session ends");
    }
}

/// The filter of a granted subscription through which everything comes that would come through `filter`.
fn covering(session: &Session, filter: &str, leaves: impl Fn(&str) -> bool) -> Option<String> {
    let snapshot = session.snapshot();
    let snapshot = snapshot.borrow();
    let covers = |state: &&SubscriptionState| {
        let wide = &state.wanted.filter;
        matches!(state.answer, FilterState::Granted { .. })
            && !state.wanted.no_local
            && !leaves(wide)
            && covers(wide, filter)
    };
    snapshot.subscriptions.iter().find(covers).map(|state| state.wanted.filter.clone())
}

/// Whether a granted subscription of the session brings what would come through `filter`.
pub(crate) fn is_covered(session: &Session, filter: &str) -> bool {
    covering(session, filter, |_| false).is_some()
}

/// The broker's no, where it said so.
fn refusal(states: Vec<SubscriptionState>) -> Option<UserError> {
    states.into_iter().find_map(|state| {
        let FilterState::Refused { reason } = state.answer else { return None };
        let filter = &state.wanted.filter;
        let error = UserError::new(
            ErrorCode::RequestSubscriptionRefused,
            format!("The broker refuses the subscription to {filter}: {reason}."),
        );
        let said = state.reason_string.unwrap_or_default();
        Some(
            error
                .hint("Check that this client may subscribe to it.")
                .detail("filter", filter)
                .detail("reason", reason)
                .detail("said", said),
        )
    })
}
