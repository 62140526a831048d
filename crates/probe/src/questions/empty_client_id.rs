//! An empty Client Identifier: with 5.0 the broker gives one back `[MQTT-3.2.2-16]`, with 3.1.1 it keeps it to itself. 3.1 has none.

use mqttscope_model::ProtocolVersion;

use crate::broker::{Broker, Refusal};
use crate::finding::{Finding, Trouble};

/// What came of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// The identifier that the broker gave, where it says so.
    Taken(Option<String>),
    Refused(Refusal),
}

pub(super) async fn ask(broker: &mut Broker) -> Result<Finding, Trouble> {
    let mut seen = Vec::new();
    for version in [ProtocolVersion::V311, ProtocolVersion::V5] {
        // What the broker does not speak at all says nothing of this.
        let tried = match version {
            ProtocolVersion::V5 => broker.speaks_5,
            _ => true,
        };
        if !tried {
            continue;
        }
        let mut attempt = broker.fresh(version);
        attempt.connect.client_id.clear();
        let one = match broker.attempt(&attempt).await? {
            Ok(link) => {
                let given = link.connack.assigned_client_id().map(str::to_owned);
                link.leave().await;
                Seen::Taken(given)
            }
            Err(refusal) => Seen::Refused(refusal),
        };
        seen.push((version, one));
    }
    Ok(judge(&seen))
}

fn judge(seen: &[(ProtocolVersion, Seen)]) -> Finding {
    let words: Vec<String> = seen
        .iter()
        .map(|(version, seen)| match (version, seen) {
            (_, Seen::Taken(Some(given))) => {
                format!("{version}: Assigned Client Identifier \"{given}\"")
            }
            (ProtocolVersion::V5, Seen::Taken(None)) => {
                format!("{version}: taken without an Assigned Client Identifier, against [MQTT-3.2.2-16]")
            }
            (_, Seen::Taken(None)) => format!("{version}: taken"),
            (_, Seen::Refused(refusal)) => format!("{version}: {refusal}"),
        })
        .collect();
    let words = words.join("; ");
    let right = |(version, seen): &(ProtocolVersion, Seen)| match seen {
        Seen::Taken(given) => *version != ProtocolVersion::V5 || given.is_some(),
        Seen::Refused(_) => false,
    };
    let taken = seen.iter().filter(|(_, seen)| matches!(seen, Seen::Taken(_)));
    let taken: Vec<String> = taken.map(|(version, _)| version.to_string()).collect();
    if taken.is_empty() {
        Finding::no(words)
    } else if seen.iter().all(right) {
        Finding::yes(words).value(taken.join(", "))
    } else {
        Finding::limited(words).value(taken.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{Limited, No, Yes};

    use super::*;

    #[test]
    fn version_5_must_tell_the_identifier() {
        let v311 = |seen| (ProtocolVersion::V311, seen);
        let v5 = |seen| (ProtocolVersion::V5, seen);
        let given = || Seen::Taken(Some("auto-1".to_owned()));
        let refused = || Seen::Refused(Refusal::Said("identifier rejected (0x02)".to_owned()));
        assert_eq!(judge(&[v311(Seen::Taken(None)), v5(given())]).verdict, Yes);
        assert_eq!(judge(&[v311(Seen::Taken(None))]).verdict, Yes);
        assert_eq!(judge(&[v311(Seen::Taken(None)), v5(Seen::Taken(None))]).verdict, Limited);
        assert_eq!(judge(&[v311(refused()), v5(given())]).verdict, Limited);
        assert_eq!(judge(&[v311(refused()), v5(refused())]).verdict, No);
    }
}
