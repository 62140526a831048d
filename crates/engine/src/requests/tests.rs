//! Which answer belongs to which request, and what a time-out, a refusal and a cancellation leave.

use std::sync::Arc;
use std::time::Duration;

use mqttscope_model::properties::{Property, encode};
use mqttscope_model::{
    Bytes, Direction, ErrorCode, Message, MessageId, Outcome, ProfileId, ProtocolVersion, Publish,
    QoS, ReasonCode, RequestId, RequestState, RequestToSend, UserError,
};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::talk::Talk;
use super::{check, prepared};

const SECOND: Duration = Duration::from_secs(1);

fn talk() -> Arc<Talk> {
    Arc::new(Talk::new(ProfileId::new("p").unwrap(), Arc::default()))
}

fn request(topic: &str, response_topic: &str, correlation: &str) -> RequestToSend {
    let payload = Bytes::from("?");
    let properties = vec![Property::CorrelationData(Bytes::from("replaced"))];
    RequestToSend {
        publish: Publish {
            topic: topic.to_owned(),
            payload,
            qos: QoS::AtMostOnce,
            retain: false,
            properties,
        },
        response_topic: response_topic.to_owned(),
        correlation: (!correlation.is_empty()).then(|| Bytes::from(correlation)),
        timeout_ms: 2_000,
    }
}

fn message(direction: Direction, topic: &str, properties: &[Property]) -> Message {
    Message {
        time_us: 1,
        direction,
        topic: topic.to_owned(),
        qos: QoS::AtMostOnce,
        retain: false,
        dup: false,
        payload: b"?".to_vec(),
        properties: encode(properties),
    }
}

/// What the recorder does with a message. Gives whether it concerned a request.
fn record(talk: &Talk, message: &Message, id: u64) -> bool {
    let overheard = talk.overhear(message);
    let concerns = overheard.is_some();
    if let Some(overheard) = overheard {
        talk.tell(overheard, Some(MessageId(id)));
    }
    concerns
}

/// Sends a request as the session would, and waits for its answers in a task of its own.
fn send(
    talk: &Arc<Talk>,
    id: u32,
    asked: RequestToSend,
    version: ProtocolVersion,
) -> JoinHandle<()> {
    let (publish, written) = prepared(RequestId(id), asked, version);
    talk.add(written, publish.payload.0.len());
    assert!(talk.sending(RequestId(id)));
    let sent = message(Direction::Sent, &publish.topic, &publish.properties);
    assert!(record(talk, &sent, u64::from(id)));
    let talk = Arc::clone(talk);
    tokio::spawn(async move { talk.wait(RequestId(id)).await })
}

fn answer(topic: &str, correlation: &str) -> Message {
    message(Direction::Received, topic, &[Property::CorrelationData(Bytes::from(correlation))])
}

fn state(talk: &Talk, id: u32) -> RequestState {
    talk.get(RequestId(id)).unwrap().state
}

fn answers(talk: &Talk, id: u32) -> Vec<u64> {
    let record = talk.get(RequestId(id)).unwrap();
    record.answers.iter().map(|answer| answer.message.unwrap().0).collect()
}

#[tokio::test(start_paused = true)]
async fn answers_are_paired_by_correlation_data_and_topic_with_their_time() {
    let talk = talk();
    let one = send(&talk, 1, request("ask", "back", "one"), ProtocolVersion::V5);
    let two = send(&talk, 2, request("ask", "back", "two"), ProtocolVersion::V5);
    assert!(!record(&talk, &answer("elsewhere", "one"), 10));
    assert!(!record(&talk, &answer("back", "three"), 11));
    assert!(!record(&talk, &message(Direction::Received, "back", &[]), 12));
    assert_eq!((state(&talk, 1), state(&talk, 2)), (RequestState::Waiting, RequestState::Waiting));
    sleep(SECOND).await;
    assert!(record(&talk, &answer("back", "two"), 13));
    assert!(record(&talk, &answer("back", "one"), 14));
    assert!(record(&talk, &answer("back", "two"), 15));
    assert_eq!((answers(&talk, 1), answers(&talk, 2)), (vec![14], vec![13, 15]));
    assert_eq!(
        (state(&talk, 1), state(&talk, 2)),
        (RequestState::Answered, RequestState::Answered)
    );
    let told = talk.get(RequestId(1)).unwrap();
    assert_eq!((told.message, told.answers[0].took_us), (Some(MessageId(1)), 1_000_000));
    one.await.unwrap();
    two.await.unwrap();
    assert!(!record(&talk, &answer("back", "one"), 16), "nobody listens any longer");
}

#[tokio::test(start_paused = true)]
async fn an_answer_after_the_time_out_is_shown_as_late() {
    for version in [ProtocolVersion::V5, ProtocolVersion::V311] {
        let talk = talk();
        let waits = send(&talk, 1, request("ask", "back", "one"), version);
        sleep(3 * SECOND).await;
        assert_eq!(state(&talk, 1), RequestState::TimedOut);
        assert!(record(&talk, &answer("back", "one"), 10), "{version}");
        assert_eq!((state(&talk, 1), answers(&talk, 1)), (RequestState::TimedOut, vec![10]));
        assert_eq!(talk.get(RequestId(1)).unwrap().answers[0].took_us, 3_000_000);
        waits.await.unwrap();
        assert!(!record(&talk, &answer("back", "one"), 11));
    }
}

#[tokio::test(start_paused = true)]
async fn by_topic_alone_the_first_message_answers_the_oldest_that_waits() {
    let talk = talk();
    let first = send(&talk, 1, request("ask", "back", ""), ProtocolVersion::V311);
    sleep(3 * SECOND).await;
    let second = send(&talk, 2, request("ask", "back", ""), ProtocolVersion::V31);
    let _third = send(&talk, 3, request("ask", "back", ""), ProtocolVersion::V311);
    let stale = Message { retain: true, ..answer("back", "") };
    assert!(!record(&talk, &stale, 10), "what is retained was there before");
    assert!(record(&talk, &answer("back", ""), 11));
    assert!(record(&talk, &answer("back", ""), 12));
    assert!(record(&talk, &answer("back", ""), 13), "late, but there is nobody else");
    assert!(!record(&talk, &answer("back", ""), 14));
    assert_eq!(
        (answers(&talk, 2), answers(&talk, 3), answers(&talk, 1)),
        (vec![11], vec![12], vec![13])
    );
    assert_eq!(state(&talk, 1), RequestState::TimedOut);
    assert_eq!(talk.get(RequestId(2)).unwrap().correlation, Bytes::default());
    first.await.unwrap();
    second.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_request_that_ended_is_answered_no_more() {
    let talk = talk();
    let cancelled = send(&talk, 1, request("ask", "back", "one"), ProtocolVersion::V5);
    talk.cancel(RequestId(1));
    cancelled.await.unwrap();
    assert!(!record(&talk, &answer("back", "one"), 10));
    assert_eq!(state(&talk, 1), RequestState::Cancelled);

    let refused = send(&talk, 2, request("ask", "back", "two"), ProtocolVersion::V5);
    talk.outcome(RequestId(2), &Outcome::Refused { reason: ReasonCode(0x87) });
    refused.await.unwrap();
    let RequestState::Failed { error } = state(&talk, 2) else { panic!("it failed") };
    assert_eq!(
        (error.code, &*error.details["reason"]),
        (ErrorCode::RequestRefused, "Not authorized (0x87)")
    );

    // What was refused or answered is not taken back by a cancellation.
    talk.cancel(RequestId(2));
    assert!(matches!(state(&talk, 2), RequestState::Failed { .. }));

    // With the profile all that wait end.
    let gone = send(&talk, 4, request("ask", "back", "four"), ProtocolVersion::V5);
    talk.end();
    gone.await.unwrap();
    assert_eq!(state(&talk, 4), RequestState::Cancelled);

    // Given up on the way: it may have arrived all the same.
    let _lost = send(&talk, 3, request("ask", "back", "three"), ProtocolVersion::V5);
    talk.outcome(RequestId(3), &Outcome::Failed { code: ErrorCode::MqttConnectionLost });
    assert!(record(&talk, &answer("back", "three"), 11));
    assert_eq!(state(&talk, 3), RequestState::Answered);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_cancelled_or_fails_before_it_is_sent_is_not_sent() {
    let talk = talk();
    for id in [1, 2] {
        let (publish, written) =
            prepared(RequestId(id), request("ask", "back", ""), ProtocolVersion::V5);
        talk.add(written, publish.payload.0.len());
    }
    talk.cancel(RequestId(1));
    talk.fail(RequestId(2), UserError::new(ErrorCode::SessionNotConnected, "no"));
    assert!(!talk.sending(RequestId(1)) && !talk.sending(RequestId(2)));
    let newest_first: Vec<_> = talk.list().into_iter().map(|record| record.id.0).collect();
    assert_eq!(newest_first, [2, 1]);
}

#[tokio::test(start_paused = true)]
async fn the_last_two_hundred_requests_are_kept_and_none_that_waits_is_forgotten() {
    let talk = talk();
    let _waits = send(&talk, 1, request("ask", "back", "one"), ProtocolVersion::V5);
    for id in 2..=300 {
        let (_, written) = prepared(RequestId(id), request("ask", "back", ""), ProtocolVersion::V5);
        talk.add(written, 1);
        talk.cancel(RequestId(id));
    }
    let kept = talk.list();
    assert_eq!((kept.len(), kept[0].id, kept[199].id), (200, RequestId(300), RequestId(1)));
    assert!(record(&talk, &answer("back", "one"), 10));
}

#[test]
fn the_properties_of_a_request_are_those_that_it_names() {
    let (publish, written) =
        prepared(RequestId(1), request("ask", "back", ""), ProtocolVersion::V5);
    assert_eq!(written.correlation.0.len(), 16);
    let expected =
        [Property::ResponseTopic("back".into()), Property::CorrelationData(written.correlation)];
    assert_eq!(publish.properties, expected);
}

#[test]
fn a_response_topic_that_cannot_be_one_is_refused() {
    let cases = [
        ("ask", "", "empty"),
        ("ask", "a/+", "wildcard"),
        ("ask", "a\0", "null"),
        ("ask", "ask", "same"),
    ];
    for (topic, response, reason) in cases {
        let error = check(&request(topic, response, "")).unwrap_err();
        assert_eq!(
            (error.code, &*error.details["reason"]),
            (ErrorCode::RequestResponseTopicInvalid, reason)
        );
    }
    assert_eq!(check(&request("a/#", "back", "")).unwrap_err().code, ErrorCode::TopicNameInvalid);
    assert_eq!(check(&request("ask", "back", "")), Ok(()));
}
