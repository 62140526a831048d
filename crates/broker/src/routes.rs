//! Who gets a message: the library's router, mended for `$` inside a topic.
//!
//! The library takes a level that begins with `$` for an error unless it is the first one: it refuses
//! the subscription and drops the message. The specification gives `$` a meaning only at the
//! beginning of a topic [MQTT-4.7.2-1], and Homie's `homie/lamp/$state` is in wide use. Such levels
//! are routed under another name, in filters and in names alike; clients never see that name. The price
//! is that U+FFFF (which the specification advises against) before a `$` is taken for the same level.

use std::borrow::Cow;

use async_trait::async_trait;
use rmqtt::Result;
use rmqtt::context::ServerContext;
use rmqtt::router::{DefaultRouter, Router};
use rmqtt::types::{
    AllRelationsMap, HashMap, Id, NodeId, Route, SubRelationsMap, SubsSearchParams,
    SubsSearchResult, SubscriptionOptions, TopicName,
};
use rmqtt::utils::Counter;

/// See the module.
pub(crate) struct Routes(DefaultRouter);

impl Routes {
    /// No routes yet.
    pub(crate) fn new(broker: ServerContext) -> Self {
        Self(DefaultRouter::new(Some(broker)))
    }
}

/// The topic as the library takes it.
fn inner(topic: &str) -> Cow<'_, str> {
    if topic.contains("/$") {
        Cow::Owned(topic.replace("/$", "/\u{ffff}$"))
    } else {
        Cow::Borrowed(topic)
    }
}

#[async_trait]
impl Router for Routes {
    async fn add(&self, filter: &str, id: Id, options: SubscriptionOptions) -> Result<()> {
        self.0.add(&inner(filter), id, options).await
    }

    async fn remove(&self, filter: &str, id: Id) -> Result<bool> {
        self.0.remove(&inner(filter), id).await
    }

    async fn matches(&self, id: Id, topic: &TopicName) -> Result<SubRelationsMap> {
        match inner(topic) {
            Cow::Borrowed(_) => self.0.matches(id, topic).await,
            Cow::Owned(topic) => self.0.matches(id, &topic.into()).await,
        }
    }

    async fn is_online(&self, node: NodeId, client: &str) -> bool {
        self.0.is_online(node, client).await
    }

    async fn gets(&self, limit: usize) -> Vec<Route> {
        self.0.gets(limit).await
    }

    async fn get(&self, topic: &str) -> Result<Vec<Route>> {
        self.0.get(&inner(topic)).await
    }

    async fn query_subscriptions(&self, query: &SubsSearchParams) -> Vec<SubsSearchResult> {
        self.0.query_subscriptions(query).await
    }

    async fn topics_tree(&self) -> usize {
        self.0.topics_tree().await
    }

    fn topics(&self) -> Counter {
        self.0.topics()
    }

    fn routes(&self) -> Counter {
        self.0.routes()
    }

    fn merge_topics(&self, topics: &HashMap<NodeId, Counter>) -> Counter {
        self.0.merge_topics(topics)
    }

    fn merge_routes(&self, routes: &HashMap<NodeId, Counter>) -> Counter {
        self.0.merge_routes(routes)
    }

    async fn list_topics(&self, top: usize) -> Vec<String> {
        self.0.list_topics(top).await
    }

    async fn list_relations(&self, top: usize) -> Vec<serde_json::Value> {
        self.0.list_relations(top).await
    }

    fn relations(&self) -> &AllRelationsMap {
        self.0.relations()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dollar_in_a_later_level_is_renamed() {
        for topic in ["a/b", "$SYS/a", "a$/b$", "$share/g/a", "#"] {
            assert_eq!(inner(topic), topic);
        }
        assert_eq!(inner("$a/$b/$c"), "$a/\u{ffff}$b/\u{ffff}$c");
        assert_ne!(inner("/$a"), "/$a");
    }
}
