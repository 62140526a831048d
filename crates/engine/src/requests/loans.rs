//! Subscriptions that are made for a time only: for requests that wait and for rules that answer.
//!
//! They are not saved in the profile, and one is only made where no granted subscription of the session brings the same
//! already. The last who needs one ends it, unless the profile has come to have it meanwhile. The session knows no difference between these and
//! others, so it makes them again after a lost connection; a new session is told of them by [`Loans::renew`].

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

impl Loans {
    /// Sees to it that messages come as `wanted` says. `saved` are the subscriptions of the profile.
    ///
    /// # Errors
    /// `request.subscription_refused` where the broker refuses, and those of [`Session::subscribe`].
    pub(crate) async fn borrow(
        &self,
        session: &Session,
        saved: &[Subscription],
        wanted: Subscription,
        borrower: Borrower,
    ) -> Result<(), UserError> {
        let mut loans = self.0.lock().await;
        if let Some(filter) = covering(session, &wanted.filter) {
            if let Some(loan) = loans.get_mut(&filter) {
                loan.borrowers.insert(borrower);
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
        if let Err(error) = granted {
            // What failed in the middle may be there all the same.
            _ = session.unsubscribe(vec![filter]).await;
            return Err(error);
        }
        let new = || Loan { wanted, borrowers: BTreeSet::new() };
        loans.entry(filter).or_insert_with(new).borrowers.insert(borrower);
        Ok(())
    }

    /// Gives back what was borrowed; ends what nobody needs any more. Without a session there is nothing to end.
    pub(crate) async fn give_back(
        &self,
        session: Option<&Session>,
        saved: &[Subscription],
        borrower: &Borrower,
    ) {
        let mut loans = self.0.lock().await;
        for loan in loans.values_mut() {
            loan.borrowers.remove(borrower);
        }
        let mut over = Vec::new();
        loans.retain(|filter, loan| {
            let needed = !loan.borrowers.is_empty();
            if !needed && !saved.iter().any(|saved| saved.enabled && saved.filter == *filter) {
                over.push(filter.clone());
            }
            needed
        });
        if let Some(session) = session
            && !over.is_empty()
            && let Err(error) = session.unsubscribe(over).await
        {
            tracing::debug!(%error, "a subscription that was made for a time stays until the session ends");
        }
    }

    /// A new session began: it makes what is still needed.
    pub(crate) async fn renew(&self, session: &Session) {
        let loans = self.0.lock().await;
        let wanted: Vec<_> = loans.values().map(|loan| loan.wanted.clone()).collect();
        if !wanted.is_empty()
            && let Err(error) = session.subscribe(wanted).await
        {
            tracing::debug!(%error, "what is waited for may not come");
        }
    }
}

/// The filter of a granted subscription through which everything comes that would come through `filter`.
fn covering(session: &Session, filter: &str) -> Option<String> {
    let snapshot = session.snapshot();
    let snapshot = snapshot.borrow();
    let granted = |state: &&SubscriptionState| matches!(state.answer, FilterState::Granted { .. });
    let mut all = snapshot.subscriptions.iter().filter(granted);
    all.find(|state| covers(&state.wanted.filter, filter)).map(|state| state.wanted.filter.clone())
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
