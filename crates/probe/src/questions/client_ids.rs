//! Client Identifiers: how long they may be, and which characters they may have.
//!
//! Up to 23 letters and digits must be taken, all else is the broker's choice `[MQTT-3.1.3-5]`, `[MQTT-3.1.3-6]`. A broker may
//! refuse an identifier as it refuses a stranger. Two such answers in a row end the question, before a third looks like an attack.

use crate::broker::{Broker, Refusal};
use crate::finding::{Finding, Trouble};

/// The lengths in bytes that are tried.
const LENGTHS: [usize; 6] = [23, 24, 64, 256, 1024, 65_535];

/// The characters that are tried, with the words that stand for them.
const CHARACTERS: [(char, &str); 8] = [
    (' ', "␣"),
    ('/', "/"),
    ('+', "+"),
    ('#', "#"),
    ('ü', "ü"),
    ('中', "中"),
    ('😀', "😀"),
    ('$', "$"),
];

pub(super) async fn length(broker: &mut Broker) -> Result<Finding, Trouble> {
    let (mut longest, mut refused) = (None, None);
    for length in LENGTHS {
        let client_id = broker.names.client_of(length);
        match takes(broker, client_id).await? {
            None => longest = Some(length),
            Some(refusal) => {
                refused = Some((length, refusal));
                break;
            }
        }
    }
    Ok(judge_length(longest, refused.as_ref()))
}

pub(super) async fn characters(broker: &mut Broker) -> Result<Finding, Trouble> {
    let mut seen = Vec::new();
    let mut strange = 0;
    for (character, _) in CHARACTERS {
        let client_id = format!("{}{character}x", broker.names.client());
        let refusal = takes(broker, client_id).await?;
        strange = match refusal {
            Some(Refusal::Credentials(_)) => strange + 1,
            _ => 0,
        };
        seen.push(refusal);
        if strange == 2 {
            break;
        }
    }
    Ok(judge_characters(&seen))
}

/// Connects with an identifier: why it is refused, or none where it is taken.
async fn takes(broker: &mut Broker, client_id: String) -> Result<Option<Refusal>, Trouble> {
    let mut attempt = broker.fresh(broker.version);
    attempt.connect.client_id = client_id;
    Ok(match broker.attempt(&attempt).await? {
        Ok(link) => {
            link.leave().await;
            None
        }
        Err(refusal) => Some(refusal),
    })
}

fn judge_length(longest: Option<usize>, refused: Option<&(usize, Refusal)>) -> Finding {
    let why = refused.map(|(length, refusal)| format!("{length} bytes: {refusal}"));
    match (longest, why) {
        (Some(longest), None) => {
            Finding::yes(format!("{longest} bytes were taken, the most that MQTT can carry"))
                .value(longest)
        }
        (Some(longest), Some(why)) => {
            Finding::limited(format!("{longest} bytes were taken; {why}")).value(longest)
        }
        (None, why) => Finding::no(why.unwrap_or_default()),
    }
}

/// `seen` is in the order of [`CHARACTERS`] and may end early.
fn judge_characters(seen: &[Option<Refusal>]) -> Finding {
    let with_names = || CHARACTERS.iter().map(|(_, name)| *name).zip(seen);
    let taken: Vec<&str> =
        with_names().filter(|(_, refusal)| refusal.is_none()).map(|(name, _)| name).collect();
    let mut words: Vec<String> = with_names()
        .filter_map(|(name, refusal)| Some(format!("{name}: {}", refusal.as_ref()?)))
        .collect();
    if let Some((_, name)) = CHARACTERS.get(seen.len()) {
        words.push(format!("from {name} on not tried, lest the broker bans"));
    }
    let words = words.join("; ");
    match taken.len() {
        all if all == CHARACTERS.len() => Finding::yes("all were taken").value(taken.join(" ")),
        0 => Finding::no(words),
        _ => Finding::limited(words).value(taken.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::CapabilityVerdict::{Limited, No, Yes};

    use super::*;

    fn refusal() -> Refusal {
        Refusal::Said("identifier rejected (0x02)".to_owned())
    }

    #[test]
    fn the_longest_that_is_taken_counts() {
        assert_eq!(judge_length(Some(65_535), None).verdict, Yes);
        let found = judge_length(Some(23), Some(&(24, refusal())));
        assert_eq!((found.verdict, found.value.as_deref()), (Limited, Some("23")));
        assert_eq!(judge_length(None, Some(&(23, refusal()))).verdict, No);
    }

    #[test]
    fn the_characters_that_are_taken_are_named() {
        let mut seen = vec![None; CHARACTERS.len()];
        assert_eq!(judge_characters(&seen).verdict, Yes);
        seen[2] = Some(refusal());
        let found = judge_characters(&seen);
        assert_eq!((found.verdict, found.value.as_deref()), (Limited, Some("␣ / # ü 中 😀 $")));
        assert_eq!(found.evidence, "+: CONNACK identifier rejected (0x02)");
        let found = judge_characters(&seen[..3]);
        assert!(found.evidence.ends_with("from # on not tried, lest the broker bans"));
        assert_eq!(judge_characters(&[Some(refusal()), Some(refusal())]).verdict, No);
    }
}
