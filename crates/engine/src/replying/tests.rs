//! What rules answer and what they do not, how they count, and when they stop.

use std::time::Duration;

use mqttscope_model::properties::Property;
use mqttscope_model::{
    Bytes, Direction, ErrorCode, Message, ProtocolVersion, QoS, ReplyRule, UserError, UserProperty,
};

use super::check;
use super::desk::Desk;
use super::rule::{Compiled, Request};

fn rule(id: &str, filter: &str, topic: &str, payload: &str) -> ReplyRule {
    ReplyRule {
        id: id.to_owned(),
        name: String::new(),
        enabled: true,
        filter: filter.to_owned(),
        qos: QoS::AtLeastOnce,
        topic: topic.to_owned(),
        payload: payload.to_owned(),
        reply_qos: QoS::ExactlyOnce,
        retain: true,
        content_type: String::new(),
        user_properties: Vec::new(),
    }
}

fn message(topic: &str, payload: &[u8]) -> Message {
    Message {
        time_us: 0,
        direction: Direction::Received,
        topic: topic.to_owned(),
        qos: QoS::AtMostOnce,
        retain: false,
        dup: false,
        payload: payload.to_vec(),
        properties: Vec::new(),
    }
}

fn asked<'a>(properties: &'a [Property], version: ProtocolVersion) -> Request<'a> {
    Request { topic: "ask/7", payload: b"\xff\x00", properties, version }
}

fn code(result: Result<impl std::fmt::Debug, UserError>) -> (ErrorCode, String) {
    let error = result.unwrap_err();
    (error.code, error.details.get("reason").cloned().unwrap_or_default())
}

#[test]
fn a_reply_carries_what_the_rule_says_and_the_correlation_data_of_its_request() {
    let property =
        |name: &str, value: &str| UserProperty { name: name.into(), value: value.into() };
    let compiled = Compiled::new(ReplyRule {
        content_type: "text/plain".into(),
        user_properties: vec![property("n", "{{count}}"), property("of-{{topic.2}}", "x")],
        ..rule("1", "ask/+", "", "{{payload}}")
    })
    .unwrap();
    let correlation = Property::CorrelationData(Bytes(vec![0xff]));
    let request = [Property::ResponseTopic("back".into()), correlation.clone()];
    let reply = compiled.reply(asked(&request, ProtocolVersion::V5), 4).unwrap();
    assert_eq!((&*reply.topic, &*reply.payload.0), ("back", &b"\xff\x00"[..]));
    assert_eq!((reply.qos, reply.retain), (QoS::ExactlyOnce, true));
    let expected = [
        Property::ContentType("text/plain".into()),
        correlation,
        Property::UserProperty("n".into(), "4".into()),
        Property::UserProperty("of-7".into(), "x".into()),
    ];
    assert_eq!(reply.properties, expected);

    let own = Compiled::new(rule("1", "ask/+", "answer/{{topic.2}}", "")).unwrap();
    let reply = own.reply(asked(&[], ProtocolVersion::V311), 1).unwrap();
    assert_eq!((&*reply.topic, reply.properties.len()), ("answer/7", 0));
}

#[test]
fn an_answer_is_no_request_and_a_request_that_cannot_be_answered_says_why() {
    let to_response_topic = Compiled::new(rule("1", "#", "", "{{payload.a}}")).unwrap();
    let answer = [Property::CorrelationData(Bytes::from("x"))];
    assert!(!to_response_topic.is_request(&answer));
    assert!(Compiled::new(rule("1", "#", "own", "")).unwrap().is_request(&answer));
    for (topic, reason) in [("a/#", "wildcard"), ("", "empty")] {
        let request = [Property::ResponseTopic(topic.into())];
        assert!(to_response_topic.is_request(&request));
        let failed = to_response_topic.reply(asked(&request, ProtocolVersion::V5), 1);
        assert_eq!(code(failed), (ErrorCode::ReplyNoResponseTopic, reason.to_owned()));
    }
    let request = [Property::ResponseTopic("back".into())];
    let failed = to_response_topic.reply(asked(&request, ProtocolVersion::V5), 1);
    assert_eq!(code(failed), (ErrorCode::ReplyValueMissing, "not_json".to_owned()));
    for (topic, expect) in [
        ("x/{{payload}}", (ErrorCode::ReplyValueMissing, "not_text")),
        ("{{user.to}}", (ErrorCode::TopicNameInvalid, "wildcard")),
    ] {
        let compiled = Compiled::new(rule("1", "#", topic, "")).unwrap();
        let request = [Property::UserProperty("to".into(), "a/+".into())];
        let failed = compiled.reply(asked(&request, ProtocolVersion::V5), 1);
        assert_eq!(code(failed), (expect.0, expect.1.to_owned()), "{topic}");
    }
}

#[test]
fn a_rule_that_cannot_be_is_refused_with_its_place() {
    let told = |rules: &[ReplyRule]| {
        let error = check(rules).unwrap_err();
        let detail = |name: &str| error.details.get(name).cloned().unwrap_or_default();
        format!("{} {} {}", error.code.as_str(), detail("field"), detail("at"))
    };
    let good = rule("1", "$share/g/ask/#", "answer/{{topic.2}}", "{\"a\":{{payload}}}");
    assert_eq!(check(&[good.clone(), rule("2", "a", "", "")]), Ok(()));
    let cases = [
        (rule("1", "a/#/b", "", ""), "topic.filter_invalid filter "),
        (rule("1", "a", "b/+/{{topic}}", ""), "topic.name_invalid topic "),
        (rule("1", "a", "{{topik}}", ""), "reply.template_invalid topic 1"),
        (rule("1", "a", "", "say {{payload"), "reply.template_invalid payload 5"),
        (
            ReplyRule {
                enabled: false,
                user_properties: vec![UserProperty { name: "n".into(), value: "{{}}".into() }],
                ..good.clone()
            },
            "reply.template_invalid user_properties.0.value 1",
        ),
    ];
    for (rule, expect) in cases {
        assert_eq!(told(&[rule]), expect);
    }
    assert_eq!(told(&[good.clone(), good]), "profile.invalid replies.1.id ");
}

#[tokio::test(start_paused = true)]
async fn what_matches_is_queued_and_what_finds_no_place_is_counted() {
    let desk = Desk::default();
    assert!(!desk.take(&message("ask", b"")));
    let off = ReplyRule { enabled: false, ..rule("off", "ask", "x", "") };
    let rules = vec![rule("a", "ask", "x", ""), off, rule("b", "#", "y", "")];
    let (open, mut jobs) = desk.open(rules, ProtocolVersion::V311, &[]);
    let retained = Message { retain: true, ..message("ask", b"") };
    let sent = Message { direction: Direction::Sent, ..message("ask", b"") };
    for (message, places) in [
        (message("ask", b"1"), &[0, 2][..]),
        (message("other", b""), &[2]),
        (retained, &[]),
        (sent, &[]),
    ] {
        assert!(!desk.take(&message));
        for place in places {
            let job = jobs.try_recv().unwrap();
            assert_eq!((job.rule, &*job.message), (*place, &message));
            open.taken(&job.message);
        }
        assert!(jobs.try_recv().is_err());
    }

    while !desk.take(&message("other", b"")) {}
    let state = &open.states()[2];
    assert_eq!((state.failed, state.fault.as_ref().unwrap().code), (1, ErrorCode::ReplyOverloaded));
    let mut queued = 0;
    while jobs.try_recv().is_ok() {
        queued += 1;
    }
    assert_eq!(queued, 1_024);

    // Payloads have a limit too, but one that exceeds it alone is taken.
    let large = message("other", &vec![0; 65 * 1024 * 1024]);
    assert!(!desk.take(&large));
    assert!(desk.take(&message("other", b"1")));
    open.taken(&large.clone());
    assert!(!desk.take(&message("other", b"1")));
}

#[tokio::test(start_paused = true)]
async fn a_rule_whose_replies_come_back_too_often_is_stopped_until_rules_are_saved_again() {
    let desk = Desk::default();
    let (rules, _jobs) =
        desk.open(vec![rule("a", "#", "x", ""), rule("b", "y", "x", "")], ProtocolVersion::V5, &[]);
    rules.answered(0, 5);
    for _ in 0..3 {
        for _ in 0..100 {
            rules.returned(0);
        }
        let state = &rules.states()[0];
        assert_eq!(
            (state.stopped, state.fault.as_ref().unwrap().code),
            (false, ErrorCode::ReplyLoop)
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    rules.answered(0, 6);
    assert_eq!(desk.states()[0].fault, None);
    for _ in 0..101 {
        rules.returned(0);
    }
    rules.answered(0, 7);
    let state = desk.states().swap_remove(0);
    assert_eq!((state.stopped, state.answered, state.last_us), (true, 2, Some(6)));
    assert!(rules.get(0).is_none() && rules.get(1).is_some());
    assert!(!desk.take(&message("z", b"")), "nobody wants it");

    let before = desk.states();
    let (again, _jobs) = desk.open(vec![rule("a", "#", "x", "")], ProtocolVersion::V5, &before);
    assert!(rules.are_replaced() && !again.are_replaced());
    let state = desk.states().swap_remove(0);
    assert_eq!((state.stopped, state.answered, state.fault), (false, 2, None));
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_answers_as_a_circle_through_another_program_does_is_stopped() {
    let desk = Desk::default();
    let circling = vec![rule("a", "a", "b", ""), rule("b", "c", "d", "")];
    let (rules, _jobs) = desk.open(circling, ProtocolVersion::V5, &[]);
    let mut answers = 0;
    while !desk.states()[0].stopped {
        for _ in 0..1_000 {
            rules.answered(0, answers);
            answers += 1;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let state = desk.states().swap_remove(0);
    assert_eq!(state.fault.unwrap().code, ErrorCode::ReplyTooFast);
    assert_eq!((state.answered, state.last_us), (30_001, Some(30_000)));
    assert!(rules.get(0).is_none() && rules.get(1).is_some());
    let (again, _jobs) =
        desk.open(vec![rule("a", "a", "b", "")], ProtocolVersion::V5, &desk.states());
    assert!(again.get(0).is_some() && !desk.states()[0].stopped, "saved again, it goes on");
}

#[test]
fn a_rule_that_never_can_answer_says_so_and_hears_nothing() {
    let desk = Desk::default();
    let broken = rule("broken", "#", "x", "{{");
    let (rules, _jobs) =
        desk.open(vec![rule("a", "#", "", ""), broken], ProtocolVersion::V311, &[]);
    let codes: Vec<_> = rules.states().into_iter().map(|s| s.fault.unwrap().code).collect();
    assert_eq!(codes, [ErrorCode::ReplyNoResponseTopic, ErrorCode::ReplyTemplateInvalid]);
    assert!(!desk.answers());
}
