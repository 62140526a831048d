//! The same options for a diagnosis: one attempt that leaves nothing behind.

use mqttscope_model::ProtocolVersion;

use super::Options;

/// The most characters of a Client Identifier that every broker takes before MQTT 5 (MQTT 3.1, section 3.1).
const LONGEST: usize = 23;

impl Options {
    /// For an attempt that is only to find out. It is not made again, no subscription is made of its own accord, and there is
    /// no Will, so that nothing is published when the attempt breaks off.
    ///
    /// With `other_client_id` the Client Identifier gets a suffix, so that a session that runs is not taken over, and the
    /// broker keeps nothing of it (Clean Start, no Session Expiry). Before MQTT 5 it is cut to 23 characters in all. An empty
    /// identifier stays empty: the broker gives each connection another one.
    ///
    /// With the profile's own identifier and Clean Start off the broker goes on with the session that it has: what comes
    /// is acknowledged once the recorder commits it, and a recorder that commits nothing leaves it to the broker.
    #[must_use]
    pub fn for_diagnosis(mut self, other_client_id: bool) -> Self {
        self.reconnect.enabled = false;
        self.subscribes = false;
        self.will = None;
        if other_client_id {
            self.client_id = suffixed(&self.client_id, self.version, rand::random());
            self.clean_start = true;
            self.session_expiry = 0;
        }
        self
    }

    /// With another Keep Alive, in seconds.
    #[must_use]
    pub fn with_keep_alive(mut self, seconds: u16) -> Self {
        self.keep_alive = seconds;
        self
    }
}

/// The identifier with a suffix of letters and digits, which every broker takes (`[MQTT-3.1.3-5]`).
fn suffixed(client_id: &str, version: ProtocolVersion, random: u16) -> String {
    if client_id.is_empty() {
        return String::new();
    }
    let suffix = format!("diag{random:04x}");
    // 5.0 and 3.1.1 leave longer ones to the broker, and the profile has settled what it takes.
    let cuts = version == ProtocolVersion::V31 || client_id.len() <= LONGEST;
    let most = if cuts && version != ProtocolVersion::V5 { LONGEST } else { usize::from(u16::MAX) };
    let kept = client_id
        .char_indices()
        .take_while(|(at, letter)| at + letter.len_utf8() + suffix.len() <= most);
    kept.map(|(_, letter)| letter).chain(suffix.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_keeps_to_what_brokers_take() {
        let check = |version, given: &str, expected: &str| {
            assert_eq!(suffixed(given, version, 0x1f), expected);
        };
        check(ProtocolVersion::V5, "client", "clientdiag001f");
        check(ProtocolVersion::V5, "", "");
        check(
            ProtocolVersion::V5,
            "a client with a long name",
            "a client with a long namediag001f",
        );
        check(ProtocolVersion::V31, "a-client-of-23-letters-", "a-client-of-23-diag001f");
        check(ProtocolVersion::V311, "a-client-of-23-letters-", "a-client-of-23-diag001f");
        check(
            ProtocolVersion::V311,
            "one-of-more-than-23-letters",
            "one-of-more-than-23-lettersdiag001f",
        );
        check(ProtocolVersion::V31, "ééééééééééé", "ééééééédiag001f");
        let longest = "x".repeat(65_535);
        assert_eq!(suffixed(&longest, ProtocolVersion::V5, 0).len(), 65_535);
    }
}
