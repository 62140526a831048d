//! MQTT 3.1, 3.1.1 and 5.0: CONNECT with each.

use mqttscope_model::{Capability, ProtocolVersion};

use crate::broker::{Broker, Refusal};
use crate::finding::{Finding, Trouble};
use crate::link::Gone;
use crate::property::Properties;

/// The versions in the order of the table.
pub(crate) fn versions() -> [(Capability, ProtocolVersion); 3] {
    [
        (Capability::Mqtt31, ProtocolVersion::V31),
        (Capability::Mqtt311, ProtocolVersion::V311),
        (Capability::Mqtt50, ProtocolVersion::V5),
    ]
}

/// What came of one version.
pub(crate) struct Spoken {
    pub(crate) finding: Finding,
    /// What CONNACK said, where it said yes.
    pub(crate) connack: Option<Properties>,
    /// Why not.
    pub(crate) refusal: Option<Refusal>,
}

pub(crate) async fn speak(
    version: ProtocolVersion,
    broker: &mut Broker,
) -> Result<Spoken, Trouble> {
    let attempt = broker.fresh(version);
    Ok(match broker.attempt(&attempt).await? {
        Ok(link) => {
            let connack = Some(link.connack.clone());
            link.leave().await;
            Spoken { finding: Finding::yes("CONNACK Success (0x00)"), connack, refusal: None }
        }
        Err(refusal) => Spoken { finding: judge(&refusal), connack: None, refusal: Some(refusal) },
    })
}

/// A broker that does not know a version says so, or closes without a word [MQTT-3.1.2-2]. Other refusals say nothing of it.
fn judge(refusal: &Refusal) -> Finding {
    let says_version = |words: &str| {
        words.contains("protocol version") || words.contains("Unsupported Protocol Version")
    };
    match refusal {
        Refusal::Said(words) if says_version(words) => Finding::no(refusal.to_string()),
        Refusal::Gone(Gone::Closed | Gone::Broken(_) | Gone::Disconnected(..)) => {
            Finding::no(refusal.to_string())
        }
        _ => Finding::unknown(refusal.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict;

    use super::*;

    #[test]
    fn only_a_word_about_the_version_or_a_close_says_no() {
        let check = |refusal: Refusal, expect| assert_eq!(judge(&refusal).verdict, expect);
        let said = |words: &str| Refusal::Said(words.to_owned());
        check(said("unacceptable protocol version (0x01)"), CapabilityVerdict::No);
        check(said("Unsupported Protocol Version (0x84)"), CapabilityVerdict::No);
        check(Refusal::Gone(Gone::Closed), CapabilityVerdict::No);
        check(said("Server busy (0x89)"), CapabilityVerdict::Unknown);
        check(Refusal::Credentials("x".to_owned()), CapabilityVerdict::Unknown);
        check(Refusal::Gone(Gone::Silent(crate::link::ANSWER)), CapabilityVerdict::Unknown);
    }
}
