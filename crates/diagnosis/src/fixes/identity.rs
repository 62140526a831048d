//! Fixes of what CONNECT says: version, identifier, Keep Alive, Will, authentication, subscriptions.

use mqttscope_model::ProtocolVersion;
use serde_json::json;

use super::Fixes;
use crate::{Fix, FixCode};

/// Keep Alive values that people know, in seconds.
const KEEP_ALIVES: [u16; 15] = [1200, 600, 300, 240, 180, 120, 60, 45, 30, 20, 15, 10, 5, 2, 1];

impl Fixes<'_> {
    /// The versions to try when this one is not taken: 5.0, then 3.1.1, then 3.1.
    pub(crate) fn other_versions(&self) -> Vec<Option<Fix>> {
        use ProtocolVersion::{V5, V31, V311};
        let order = match self.profile.version {
            V5 => [V311, V31],
            V311 => [V31, V5],
            V31 => [V311, V5],
        };
        order.into_iter().map(|version| self.use_version(version)).collect()
    }

    /// A version of MQTT.
    pub(crate) fn use_version(&self, version: ProtocolVersion) -> Option<Fix> {
        let shown = version.to_string();
        self.set(FixCode::UseVersion, &[("version", &shown)], &[("version", json!(version))])
    }

    /// Eight letters and digits that are always the same for one attempt, so that a diagnosis can be repeated.
    fn letters(&self, count: usize) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        // splitmix64: neighbouring times give letters that have nothing in common.
        let mut state = self.account.began_ms.cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
        let letter = |place: usize| {
            let at = usize::try_from((state >> (5 * place)) & 31).unwrap_or_default();
            char::from(ALPHABET.get(at).copied().unwrap_or(b'x'))
        };
        (0..count.min(12)).map(letter).collect()
    }

    /// The Client Identifier with a suffix that no other client has.
    pub(crate) fn use_other_client_id(&self) -> Option<Fix> {
        let before = self.profile.client_id.trim();
        let letters = self.letters(6);
        let client_id = if before.is_empty() {
            format!("mqttscope{letters}")
        } else {
            format!("{before}-{letters}")
        };
        let details = [("client_id", client_id.as_str())];
        self.set(FixCode::UseOtherClientId, &details, &[("client_id", json!(client_id))])
    }

    /// A Client Identifier of 1 to 23 letters and digits, which every broker must take (`[MQTT-3.1.3-5]`).
    pub(crate) fn use_plain_client_id(&self) -> Option<Fix> {
        let before = &self.profile.client_id;
        let is_plain =
            (1..=23).contains(&before.len()) && before.chars().all(|c| c.is_ascii_alphanumeric());
        let letters = self.letters(8);
        let known: String = before.chars().filter(char::is_ascii_alphanumeric).take(14).collect();
        let client_id =
            if is_plain || known.is_empty() || mqttscope_model::client_id::is_template(before) {
                format!("mqttscope{letters}")
            } else {
                format!("{known}{letters}")
            };
        let details = [("client_id", client_id.as_str())];
        self.set(FixCode::UsePlainClientId, &details, &[("client_id", json!(client_id))])
    }

    /// A Keep Alive well below the silence after which a connection ends; none where it is below already.
    pub(crate) fn use_keep_alive(&self, silence_ms: u64, in_force: u16) -> Option<Fix> {
        let below = |seconds: u16| u64::from(seconds) * 4000 <= silence_ms * 3;
        if in_force != 0 && below(in_force) {
            return None;
        }
        let shorter = |seconds: u16| in_force == 0 || seconds < in_force;
        let seconds = KEEP_ALIVES.into_iter().find(|s| below(*s) && shorter(*s))?;
        let shown = seconds.to_string();
        let details = [("seconds", shown.as_str())];
        self.set(FixCode::UseKeepAlive, &details, &[("keep_alive", json!(seconds))])
    }

    /// No Will Message, where there is one.
    pub(crate) fn without_will(&self) -> Option<Fix> {
        self.profile.will.as_ref()?;
        self.set(FixCode::WithoutWill, &[], &[("will", json!(null))])
    }

    /// A lower QoS for the Will.
    pub(crate) fn use_will_qos(&self, highest: u8) -> Option<Fix> {
        let will = self.profile.will.as_ref()?;
        if u8::from(will.qos) <= highest {
            return None;
        }
        let shown = highest.to_string();
        self.set(FixCode::UseWillQos, &[("qos", &shown)], &[("will.qos", json!(highest))])
    }

    /// A Will that is not retained.
    pub(crate) fn without_will_retain(&self) -> Option<Fix> {
        self.profile.will.as_ref()?;
        self.set(FixCode::WithoutWillRetain, &[], &[("will.retain", json!(false))])
    }

    /// No enhanced authentication.
    pub(crate) fn without_authentication(&self) -> Option<Fix> {
        self.set(FixCode::WithoutAuthentication, &[], &[("authentication", json!(null))])
    }

    /// The profile without its subscription to a filter.
    pub(crate) fn without_subscription(&self, filter: &str) -> Option<Fix> {
        let kept: Vec<_> =
            self.profile.subscriptions.iter().filter(|one| one.filter != filter).collect();
        self.set(
            FixCode::WithoutSubscription,
            &[("topic", filter)],
            &[("subscriptions", json!(kept))],
        )
    }
}
