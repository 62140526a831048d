//! The questions, a module each: what is sent, what is expected, and a pure function that judges what was seen.

mod client_ids;
mod echo;
mod empty_client_id;
mod maximum_qos;
mod message_expiry;
mod packet_size;
mod retained;
mod session_expiry;
mod shared;
mod subscription_identifiers;
mod topic_alias;
mod version;
mod wildcards;
mod will_delay;

use std::time::Duration;

use mqttscope_model::{Capability, ReasonCode};

use crate::broker::Broker;
use crate::finding::{Finding, Trouble};

pub(crate) use echo::echo;
pub(crate) use version::{Spoken, speak, versions};

/// Whether only MQTT 5.0 has it at all.
pub(crate) fn needs_5(capability: Capability) -> bool {
    matches!(
        capability,
        Capability::SubscriptionIdentifiers
            | Capability::TopicAlias
            | Capability::MessageExpiry
            | Capability::WillDelay
    )
}

/// Whether it can be found out only where messages below the prefix come back.
pub(crate) fn needs_messages(capability: Capability) -> bool {
    !matches!(
        capability,
        Capability::Mqtt31
            | Capability::Mqtt311
            | Capability::Mqtt50
            | Capability::ClientIdLength
            | Capability::ClientIdCharacters
            | Capability::ClientIdEmpty
    )
}

/// How long a question may take.
pub(crate) fn limit(capability: Capability) -> Duration {
    Duration::from_secs(match capability {
        Capability::PacketSize => 120,
        Capability::ClientIdLength | Capability::ClientIdCharacters => 60,
        _ => 30,
    })
}

/// Puts one question. The versions are asked apart, because the others need their answer.
pub(crate) async fn ask(capability: Capability, broker: &mut Broker) -> Result<Finding, Trouble> {
    match capability {
        Capability::Mqtt31 | Capability::Mqtt311 | Capability::Mqtt50 => {
            Ok(Finding::unknown("asked at the beginning"))
        }
        Capability::MaximumQos => maximum_qos::ask(broker).await,
        Capability::Retained => retained::ask(broker).await,
        Capability::Wildcards => wildcards::ask(broker).await,
        Capability::Shared => shared::ask(broker).await,
        Capability::SubscriptionIdentifiers => subscription_identifiers::ask(broker).await,
        Capability::TopicAlias => topic_alias::ask(broker).await,
        Capability::PacketSize => packet_size::ask(broker).await,
        Capability::ClientIdLength => client_ids::length(broker).await,
        Capability::ClientIdCharacters => client_ids::characters(broker).await,
        Capability::ClientIdEmpty => empty_client_id::ask(broker).await,
        Capability::MessageExpiry => message_expiry::ask(broker).await,
        Capability::WillDelay => will_delay::ask(broker).await,
        Capability::SessionExpiry => session_expiry::ask(broker).await,
    }
}

/// Why a SUBACK's first filter was refused; none where it was granted.
fn refusal(reasons: &[u8]) -> Option<String> {
    match reasons.first() {
        Some(code) if *code < 0x80 => None,
        Some(code) => Some(format!("SUBACK {}", ReasonCode(*code))),
        None => Some("SUBACK without a Reason Code".to_owned()),
    }
}

/// A refusal: one for want of permission says nothing of what the broker can do.
fn refused(reason: Option<u8>, words: String) -> Finding {
    match reason {
        Some(NOT_AUTHORIZED) => Finding::unknown(words),
        _ => Finding::no(words),
    }
}

/// The Reason Code "Not authorized".
const NOT_AUTHORIZED: u8 = 0x87;

fn announced_as(flag: Option<bool>) -> Option<&'static str> {
    flag.map(|available| if available { "yes" } else { "no" })
}
