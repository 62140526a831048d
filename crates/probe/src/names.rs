//! The names of a probe: topics below its prefix, and Client Identifiers derived from the profile's.

/// The most characters of a Client Identifier that every broker takes `[MQTT-3.1.3-5]`.
const SAFE_LENGTH: usize = 23;

/// Where the profile has no Client Identifier of its own.
const NAMELESS: &str = "mqttscope";

#[derive(Clone, Debug)]
pub(crate) struct Names {
    prefix: String,
    client_id: String,
    random: u32,
    clients: u8,
}

impl Names {
    /// `client_id` is the profile's; `random` tells probes apart.
    pub(crate) fn new(prefix: &str, client_id: &str, random: u32) -> Self {
        let client_id = if client_id.is_empty() { NAMELESS } else { client_id };
        Self { prefix: prefix.to_owned(), client_id: client_id.to_owned(), random, clients: 0 }
    }

    /// A Topic Name (or filter) below the prefix.
    pub(crate) fn topic(&self, rest: &str) -> String {
        format!("{}/{:08x}/{rest}", self.prefix, self.random)
    }

    /// A Client Identifier that no other connection has: as much of the profile's as fits, and a suffix.
    pub(crate) fn client(&mut self) -> String {
        self.clients = self.clients.wrapping_add(1);
        let suffix = format!("p{:04x}{:02x}", self.random & 0xFFFF, self.clients);
        // A broker may let in only those that begin like the profile's, which is therefore kept where it is short.
        let room = SAFE_LENGTH - suffix.len();
        let kept = self.client_id.char_indices().take_while(|(at, c)| at + c.len_utf8() <= room);
        kept.map(|(_, letter)| letter).chain(suffix.chars()).collect()
    }

    /// A fresh Client Identifier of `length` bytes, at least as many as [`Self::client`] gives.
    pub(crate) fn client_of(&mut self, length: usize) -> String {
        let mut id = self.client();
        let missing = length.saturating_sub(id.len());
        id.extend(std::iter::repeat_n('x', missing));
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_never_the_profiles_and_never_the_same() {
        let mut names = Names::new("probe", "line-4-of-the-plant-in-the-north", 0xABCD_1234);
        let (first, second) = (names.client(), names.client());
        assert_eq!(
            (first.as_str(), second.as_str()),
            ("line-4-of-the-plp123401", "line-4-of-the-plp123402")
        );
        assert_eq!(names.client_of(64).len(), 64);
        assert_eq!(Names::new("p", "", 1).client(), "mqttscopep000101");
        assert_eq!(Names::new("p", "ééééééééé", 1).client().len(), 23);
        assert_eq!(names.topic("a/b"), "probe/abcd1234/a/b");
    }
}
