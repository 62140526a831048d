//! Topic Aliases of one connection, both ways (MQTT 5.0, section 3.3.2.3.4): what the broker makes of its messages, and what it reads
//! of the client's.

use std::collections::HashMap;

use mqttscope_model::ProtocolVersion;

use crate::support::scripted::{Packet, packet, varint};

/// TopicAlias in the table of properties.
const TOPIC_ALIAS: u8 = 0x23;

/// What the aliases of a connection stand for.
#[derive(Debug, Default)]
pub struct Aliases {
    down: HashMap<u16, String>,
    up: HashMap<u16, String>,
}

impl Aliases {
    /// Another connection begins: no alias is set.
    pub fn clear(&mut self) {
        self.down.clear();
        self.up.clear();
    }

    /// The Topic Name and the alias of a message to the client, which takes aliases up to `maximum`. One that was set may
    /// stand for its topic alone.
    pub fn put(&mut self, topic: &str, maximum: u16, which: u8) -> (String, Option<u16>) {
        let which = u16::from(which);
        // Some messages have none.
        let alias = which % (maximum + 1);
        if alias == 0 {
            return (topic.to_owned(), None);
        }
        let is_set = self.down.get(&alias).is_some_and(|of| of == topic);
        self.down.insert(alias, topic.to_owned());
        let name = if is_set && which >= 0x80 { "" } else { topic };
        (name.to_owned(), Some(alias))
    }

    /// What the topic of a client's message stands for, and its payload. The broker takes aliases up to `maximum`.
    pub fn read(
        &mut self,
        version: ProtocolVersion,
        sent: &Packet,
        maximum: u16,
    ) -> (String, Vec<u8>) {
        let take = |at: usize| u16::from_be_bytes([sent.body[at], sent.body[at + 1]]);
        let length = usize::from(take(0));
        let name = String::from_utf8(sent.body[2..2 + length].to_vec()).unwrap();
        let mut at = 2 + length + if sent.first & 6 == 0 { 0 } else { 2 };
        let mut alias = None;
        if version == ProtocolVersion::V5 {
            let list = usize::from(sent.body[at]);
            assert!(list == 0 || (list == 3 && sent.body[at + 1] == TOPIC_ALIAS), "{sent:02x?}");
            alias = (list == 3).then(|| take(at + 2));
            at += 1 + list;
        }
        if let Some(alias) = alias {
            assert!(alias > 0 && alias <= maximum, "the alias {alias} is above {maximum}");
            if !name.is_empty() {
                self.up.insert(alias, name.clone());
            }
        }
        let topic = match alias.filter(|_| name.is_empty()) {
            Some(alias) => self.up.get(&alias).cloned().expect("the alias was never set"),
            None => name,
        };
        assert!(!topic.is_empty(), "neither a topic nor an alias: {sent:02x?}");
        (topic, sent.body[at..].to_vec())
    }
}

/// A PUBLISH; the alias goes with MQTT 5 alone.
pub fn publish(
    version: ProtocolVersion,
    (topic, alias): (&str, Option<u16>),
    (first, id): (u8, u16),
    payload: &[u8],
) -> Vec<u8> {
    let mut body = u16::try_from(topic.len()).unwrap().to_be_bytes().to_vec();
    body.extend_from_slice(topic.as_bytes());
    if first & 6 > 0 {
        body.extend_from_slice(&id.to_be_bytes());
    }
    if version == ProtocolVersion::V5 {
        let list = alias
            .map_or_else(Vec::new, |alias| [&[TOPIC_ALIAS][..], &alias.to_be_bytes()].concat());
        body.extend(varint(list.len()));
        body.extend(list);
    }
    body.extend_from_slice(payload);
    packet(first, &body)
}

/// The topic of the broker's message with this number.
pub fn topic_of(number: u32) -> String {
    format!("down/{}", number % 3)
}
