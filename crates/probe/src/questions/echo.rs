//! Before all questions that need messages: does a plain one below the prefix come back? Where permissions forbid it, most brokers
//! drop it without a word, and "no" would then be the wrong answer to everything.

use crate::broker::Broker;
use crate::finding::Trouble;
use crate::link::ANSWER;
use crate::packet::Publish;

/// None where it comes back, else what was seen.
pub(crate) async fn echo(broker: &mut Broker) -> Result<Option<String>, Trouble> {
    let topic = broker.names.topic("echo");
    let mut link = broker.link().await?;
    let seen = async {
        let reasons = link.subscribe(&[&topic], 0, None).await?;
        if let Some(refused) = super::refusal(&reasons) {
            return Ok(Some(refused));
        }
        link.publish(&Publish { topic, ..Publish::default() }, ANSWER).await?;
        Ok(match link.message(ANSWER).await? {
            Some(_) => None,
            None => Some("it was sent and did not come".to_owned()),
        })
    };
    let seen: Result<_, crate::link::Gone> = seen.await;
    link.leave().await;
    Ok(seen.unwrap_or_else(|gone| Some(gone.to_string())))
}
