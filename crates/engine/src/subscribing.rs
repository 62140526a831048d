//! The commands that change a profile's subscriptions: in its file, and in its session where there is one.
//!
//! What is refused changes neither. What the broker refuses stays in the profile, because a person wanted it there; the
//! row tells the broker's answer.

use mqttscope_model::{
    FilterState, Profile, ProfileId, Subscription, SubscriptionState, UserError,
};
use mqttscope_session::check_subscription;

use crate::Engine;
use crate::events::Subject;

impl Engine {
    pub(crate) async fn session_subscribe(
        &self,
        id: ProfileId,
        subscriptions: Vec<Subscription>,
        instead_of: Option<String>,
    ) -> Result<Vec<SubscriptionState>, UserError> {
        let mut profile = self.profiles.get(&id)?;
        for wanted in &subscriptions {
            check_subscription(wanted, profile.version)?;
        }
        let session = self.sessions.get(&id);
        if let Some(session) = &session {
            session.permits(&subscriptions)?;
        }
        put(&mut profile, &subscriptions, instead_of.as_deref());
        self.save_subscriptions(&profile)?;
        match session {
            Some(session) => session.subscribe_instead(subscriptions, instead_of).await,
            None => Ok(subscriptions.into_iter().map(waiting).collect()),
        }
    }

    pub(crate) async fn session_unsubscribe(
        &self,
        id: ProfileId,
        filters: Vec<String>,
    ) -> Result<(), UserError> {
        let mut profile = self.profiles.get(&id)?;
        profile.subscriptions.retain(|known| !filters.contains(&known.filter));
        self.save_subscriptions(&profile)?;
        match self.sessions.get(&id) {
            Some(session) => session.unsubscribe(filters).await,
            None => Ok(()),
        }
    }

    fn save_subscriptions(&self, profile: &Profile) -> Result<(), UserError> {
        self.profiles.save(profile)?;
        self.listeners.mark(&Subject::Profiles);
        self.listeners.mark(&Subject::Session(profile.id.clone()));
        Ok(())
    }
}

/// Puts subscriptions into a profile. Each keeps the place of the one with its filter; the first takes the place of
/// `instead_of`.
fn put(profile: &mut Profile, subscriptions: &[Subscription], instead_of: Option<&str>) {
    let saved = &mut profile.subscriptions;
    if let (Some(old), Some(first)) = (instead_of, subscriptions.first())
        && old != first.filter
        && let Some(at) = saved.iter().position(|known| known.filter == old)
    {
        if saved.iter().any(|known| known.filter == first.filter) {
            saved.remove(at);
        } else if let Some(known) = saved.get_mut(at) {
            known.clone_from(first);
        }
    }
    for wanted in subscriptions {
        match saved.iter_mut().find(|known| known.filter == wanted.filter) {
            Some(known) => known.clone_from(wanted),
            None => saved.push(wanted.clone()),
        }
    }
}

/// A subscription without a session.
pub(crate) fn waiting(subscription: Subscription) -> SubscriptionState {
    let answer = if subscription.enabled { FilterState::Waiting } else { FilterState::Off };
    SubscriptionState::new(subscription, answer)
}

#[cfg(test)]
mod tests {
    use mqttscope_model::QoS;

    use super::*;

    fn wanted(filter: &str) -> Subscription {
        Subscription::new(filter, QoS::AtMostOnce)
    }

    fn after(wanted: &[Subscription], instead_of: Option<&str>) -> Vec<String> {
        let mut profile = Profile::new(ProfileId::new("p").unwrap(), "p".to_owned());
        profile.subscriptions = ["a", "b", "c"].map(self::wanted).to_vec();
        put(&mut profile, wanted, instead_of);
        profile.subscriptions.into_iter().map(|known| known.filter).collect()
    }

    #[test]
    fn an_edit_keeps_its_place_and_no_filter_comes_twice() {
        assert_eq!(after(&[wanted("b")], None), ["a", "b", "c"]);
        assert_eq!(after(&[wanted("x")], Some("b")), ["a", "x", "c"]);
        assert_eq!(after(&[wanted("b")], Some("b")), ["a", "b", "c"]);
        assert_eq!(after(&[wanted("c")], Some("a")), ["b", "c"]);
        assert_eq!(after(&[wanted("x")], Some("gone")), ["a", "b", "c", "x"]);
        assert_eq!(after(&[wanted("x"), wanted("y")], Some("a")), ["x", "b", "c", "y"]);
    }
}
