//! Topic Aliases that are set by hand, as far as they hold on this connection (MQTT 5.0, section 3.3.2.3.4).
//!
//! Messages go out in the order in which they are handed to the library, so whatever set an alias is ahead of what uses
//! it. When the connection is lost, the library puts the topics back into what was on its way; but it takes the names
//! from what goes out again, so an alias that had another topic before may get the old one. A message that relies on such
//! an alias goes out with its topic while anything is on its way: the price is its few bytes.

use mqttscope_model::Publish;
use mqttscope_model::properties::Property;

use super::Actor;
use crate::SessionError;

/// What an alias stands for.
pub(super) struct Alias {
    topic: String,
    /// It stood for another topic before.
    changed: bool,
}

/// The Topic Alias that a message has by hand.
pub(super) fn alias_of(properties: &[Property]) -> Option<u16> {
    properties.iter().find_map(|property| match property {
        Property::TopicAlias(alias) => Some(*alias),
        _ => None,
    })
}

impl Actor {
    /// The Topic Name of a message: its own, or that of its alias. Puts it into the message where the alias alone will not do.
    pub(super) fn name(
        &self,
        publish: &mut Publish,
        alias: Option<u16>,
    ) -> Result<String, SessionError> {
        let Some(alias) = alias.filter(|_| publish.topic.is_empty()) else {
            return Ok(publish.topic.clone());
        };
        let known = self.aliases.get(&alias).ok_or(SessionError::AliasUnknown(alias))?;
        if known.changed && self.unanswered > 0 {
            publish.topic.clone_from(&known.topic);
        }
        Ok(known.topic.clone())
    }

    /// A message with this alias goes out.
    pub(super) fn set_alias(&mut self, alias: u16, topic: String) {
        let before = self.aliases.remove(&alias);
        let changed = before.is_some_and(|before| before.changed || before.topic != topic);
        self.aliases.insert(alias, Alias { topic, changed });
    }
}
