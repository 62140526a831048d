//! What templates read as, and what they make of messages.

use proptest::prelude::*;

use super::*;
use crate::Bytes;

const PAYLOAD: &str =
    r#"{"a":{"b":1.50e3,"c":[10,{"d":"x\ny"}]},"e":null,"big":12345678901234567890123}"#;

fn properties() -> Vec<Property> {
    vec![
        Property::ResponseTopic("back/here".into()),
        Property::CorrelationData(Bytes(vec![0xff, 0x01])),
        Property::ContentType("application/json".into()),
        Property::UserProperty("unit.si".into(), "K".into()),
        Property::UserProperty("unit.si".into(), "second".into()),
    ]
}

fn asked<'a>(payload: &'a [u8], properties: &'a [Property]) -> Asked<'a> {
    Asked { topic: "plant/7/ask", payload, properties, count: 3, time: "now" }
}

fn filled(template: &str, payload: &[u8]) -> Result<Vec<u8>, MissingValue> {
    Template::parse(template).unwrap().fill(&asked(payload, &properties()))
}

#[test]
fn each_placeholder_stands_for_its_part_of_the_request() {
    let cases = [
        ("nothing", "nothing"),
        ("", ""),
        ("{{topic}} {{ topic.2 }}!", "plant/7/ask 7!"),
        ("{{payload.a.b}}", "1.50e3"),
        ("{{payload.a.c}}", r#"[10,{"d":"x\ny"}]"#),
        ("{{payload.a.c.0}}{{payload.a.c.1.d}}", "10x\ny"),
        ("{{payload.big}} {{payload.e}}", "12345678901234567890123 null"),
        ("{{user.unit.si}}", "K"),
        ("{{response_topic}} {{content_type}}", "back/here application/json"),
        ("id {{correlation}}", "id ff01"),
        (r#"{"n":{{count}},"t":"{{time}}"}"#, r#"{"n":3,"t":"now"}"#),
        (r#"{"o":{{{payload.a.b}}}}"#, r#"{"o":{1.50e3}}"#),
        ("{{{{topic}} }}", "{{topic}} }}"),
    ];
    for (template, expect) in cases {
        let filled = filled(template, PAYLOAD.as_bytes()).map(|it| String::from_utf8(it).unwrap());
        assert_eq!(filled.as_deref(), Ok(expect), "{template}");
    }
}

#[test]
fn bytes_go_through_as_they_are() {
    let payload = [0xff, 0x00, b'{'];
    assert_eq!(filled("{{payload}}", &payload), Ok(payload.to_vec()));
    assert_eq!(filled("<{{payload}}>", &payload), Ok(b"<\xff\x00{>".to_vec()));
    assert_eq!(filled("{{correlation}}", &payload), Ok(vec![0xff, 0x01]));
    let text = Template::parse("a/{{payload}}").unwrap().fill_text(&asked(&payload, &[]));
    assert_eq!(text.unwrap_err().why, Missing::NotText);
}

#[test]
fn what_the_request_does_not_hold_is_named() {
    let cases: [(&str, &[u8], &str, Missing); 8] = [
        ("{{topic.4}}", b"", "topic.4", Missing::Absent),
        ("{{user.x}}", b"", "user.x", Missing::Absent),
        ("{{payload.a}}", b"\xff", "payload.a", Missing::NotJson),
        ("{{payload.a}}", b"", "payload.a", Missing::NotJson),
        ("{{payload.a.x}}", b"{\"a\":1}", "payload.a.x", Missing::Absent),
        ("{{payload.2}}", b"[0,1]", "payload.2", Missing::Absent),
        ("{{payload.-1}}", b"[0,1]", "payload.-1", Missing::Absent),
        ("{{payload.a}}", b"{\"a\":1} x", "payload.a", Missing::NotJson),
    ];
    for (template, payload, placeholder, why) in cases {
        let placeholder = placeholder.to_owned();
        assert_eq!(filled(template, payload), Err(MissingValue { placeholder, why }));
    }
    let none = Template::parse("{{correlation}}").unwrap().fill(&asked(b"", &[]));
    assert_eq!(none.unwrap_err().placeholder, "correlation");
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let unknown = |at, name: &str| TemplateError::Unknown { at, name: name.to_owned() };
    let cases = [
        ("é{{topic", TemplateError::Unclosed { at: 2 }),
        ("{{topic}", TemplateError::Unclosed { at: 1 }),
        ("{{}}", unknown(1, "")),
        ("{{{{ {{Topic}}", unknown(6, "Topic")),
        ("{{topic.0}}", unknown(1, "topic.0")),
        ("{{topic.+1}}", unknown(1, "topic.+1")),
        ("{{topic.}}", unknown(1, "topic.")),
        ("{{user.}}", unknown(1, "user.")),
        ("{{payload.a..b}}", unknown(1, "payload.a..b")),
        ("{{count.1}}", unknown(1, "count.1")),
        ("{{{pay}}", unknown(2, "pay")),
    ];
    for (template, error) in cases {
        assert_eq!(Template::parse(template), Err(error.clone()), "{template}");
        assert!(error.to_string().contains(&error.at().to_string()), "{error}");
    }
    assert_eq!(unknown(1, "x").to_string(), "{{x}} at character 1 is no placeholder");
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(
        template in "([a-z.{} ]|\\{\\{|\\}\\}|payload|topic|[0-9]){0,12}",
        topic in ".{0,12}",
        payload in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let properties = properties();
        let request = Asked { topic: &topic, ..asked(&payload, &properties) };
        if let Ok(template) = Template::parse(&template) {
            _ = template.fill(&request);
            _ = template.fill_text(&request);
        }
    }

    #[test]
    fn text_without_double_braces_stays(text in "[^{]{0,40}") {
        let template = Template::parse(&text).unwrap();
        prop_assert_eq!(template.fill_text(&asked(b"", &[])), Ok(text));
    }
}
