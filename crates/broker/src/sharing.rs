//! Shared subscriptions: who of a group gets the next message. The library asks, and shares nothing
//! by itself.
//!
//! The member that has waited longest is served, so that a group shares evenly even when one
//! message reaches it through two filters, where a plain turn counter would always give the same
//! filter to the same member. The price is one entry for each member that was ever served.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use rmqtt::context::ServerContext;
use rmqtt::subscribe::SharedSubscription;
use rmqtt::types::{
    ClientId, Id, IsOnline, NodeId, SharedGroup, SubscriptionIdentifier, SubscriptionOptions,
    TopicName,
};

/// More entries than this are forgotten at once; members are then served in any order once.
const REMEMBERED: usize = 10_000;

/// See the module.
#[derive(Default)]
pub(crate) struct LongestWaiting {
    turns: Mutex<Turns>,
}

#[derive(Default)]
struct Turns {
    now: u64,
    served: HashMap<(SharedGroup, ClientId), u64>,
}

impl Turns {
    /// The index of the member to serve. Members that are offline are served only when all are:
    /// their session keeps the message for them.
    fn choose(
        &mut self,
        group: &SharedGroup,
        members: &[(ClientId, IsOnline)],
    ) -> Option<(usize, IsOnline)> {
        let longest = members.iter().enumerate().min_by_key(|(_, (client, online))| {
            (!online, self.served.get(&(group.clone(), client.clone())).copied().unwrap_or(0))
        });
        let (index, (client, online)) = longest?;
        if self.served.len() >= REMEMBERED {
            self.served.clear();
        }
        self.now += 1;
        self.served.insert((group.clone(), client.clone()), self.now);
        Some((index, *online))
    }
}

#[async_trait]
impl SharedSubscription for LongestWaiting {
    fn is_supported(&self) -> bool {
        true
    }

    async fn choice(
        &self,
        _scx: &ServerContext,
        group: &SharedGroup,
        _publisher: &Id,
        _topic: &TopicName,
        members: &[(
            NodeId,
            ClientId,
            SubscriptionOptions,
            Option<Vec<SubscriptionIdentifier>>,
            Option<IsOnline>,
        )],
    ) -> Option<(usize, IsOnline)> {
        let members: Vec<_> = members
            .iter()
            .map(|(_, client, _, _, online)| (client.clone(), online.unwrap_or(true)))
            .collect();
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).choose(group, &members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Vec<(ClientId, IsOnline)> {
        let member = |name: &str| match name.strip_suffix('-') {
            Some(offline) => (offline.into(), false),
            None => (name.into(), true),
        };
        text.split(' ').map(member).collect()
    }

    fn check(rounds: &[&str], expect: &[usize]) {
        let mut turns = Turns::default();
        let group = SharedGroup::from_static("g");
        let chosen: Vec<_> =
            rounds.iter().filter_map(|m| turns.choose(&group, &members(m))).collect();
        assert_eq!(chosen.iter().map(|(index, _)| *index).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn members_take_turns() {
        check(&["a b c"; 6], &[0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn a_member_that_joins_is_served_next() {
        check(&["a b", "a b", "a b c", "a b c"], &[0, 1, 2, 0]);
    }

    #[test]
    fn offline_members_are_passed_over_while_one_is_online() {
        check(&["a- b c", "a- b c", "a- b c", "a- b-"], &[1, 2, 1, 0]);
    }
}
