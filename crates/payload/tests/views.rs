//! Proves that each view shows the bytes as they are: whole, in pieces, at any offset, for any
//! bytes, and for payloads that are large or deep.

use mqttscope_payload::{
    Document, FaultCode, MAX_LIMIT, MIN_LIMIT, PayloadView, ViewKind, preview, view,
};
use proptest::prelude::*;

const KINDS: [ViewKind; 4] = [ViewKind::Json, ViewKind::Text, ViewKind::Hex, ViewKind::Base64];

fn whole(bytes: &[u8], kind: ViewKind, limit: u32) -> String {
    let document = Document::new(bytes);
    let (mut text, mut next) = (String::new(), Some(0));
    while let Some(offset) = next {
        let piece = document.view(kind, offset, limit);
        assert!(piece.text.chars().count() <= limit as usize);
        assert_eq!(piece.offset, offset);
        assert!(piece.next_offset.is_none_or(|next| next > offset));
        text.push_str(&piece.text);
        next = piece.next_offset;
    }
    text
}

fn json(text: &str) -> PayloadView {
    view(text.as_bytes(), ViewKind::Json, 0, MAX_LIMIT)
}

/// The JSON view of `text`, or what is wrong as `code line:column`.
#[track_caller]
fn check(text: &str, expect: &str) {
    let view = json(text);
    let shown = match view.fault {
        Some(fault) => {
            assert!(!view.valid && !view.problem.is_empty());
            assert_eq!(view.text, text, "what is no JSON is shown as it is");
            format!("{} {}:{}", fault.code.as_str(), fault.line, fault.column)
        }
        None => view.text,
    };
    assert_eq!(shown, expect, "{text}");
}

#[test]
fn json_is_indented_and_every_token_stays_as_sent() {
    check(
        r#" {"a":[1,2 , {}],"a" : "x\u00e9\"{" ,"b":[ ]} "#,
        "{\n  \"a\": [\n    1,\n    2,\n    {}\n  ],\n  \"a\": \"x\\u00e9\\\"{\",\n  \"b\": []\n}",
    );
    for text in ["127.0", "1e400", "-0", "123456789012345678901234567890123456789", "null"] {
        check(text, text);
    }
    check("[1.10,1E+2]", "[\n  1.10,\n  1E+2\n]");
    check("\"你好 😀\"", "\"你好 😀\"");
    check(r#""\ud800""#, r#""\ud800""#);
}

#[test]
fn what_is_no_json_says_why_and_where() {
    check("", "empty 1:1");
    check(" \n", "empty 1:1");
    check("\u{feff}{}", "byte_order_mark 1:1");
    check("{\n  \"ä\": 1\n  \"b\": 2\n}", "comma_expected 3:3");
    check("[1,]", "value_expected 1:4");
    check("{\"a\":1,}", "key_expected 1:8");
    check("{a:1}", "key_expected 1:2");
    check("{\"a\" 1}", "colon_expected 1:6");
    check("[1}", "comma_expected 1:3");
    check("[1", "unexpected_end 1:3");
    check("\"ab", "unexpected_end 1:4");
    check("{\"ä\":", "unexpected_end 1:6");
    check("1 2", "trailing 1:3");
    check("{} x", "trailing 1:4");
    check("True", "bad_word 1:1");
    check("[NaN]", "bad_word 1:2");
    for number in ["01", "1.", "-", "1e", "+1", ".5", "1.2.3", "0x10", "1_000"] {
        check(number, "bad_number 1:1");
    }
    check("\"a\tb\"", "control_character 1:3");
    check("\"a\\x\"", "bad_escape 1:3");
    check("\"\\u12g4\"", "bad_escape 1:2");
}

#[test]
fn json_that_is_not_utf8_is_shown_as_text_with_the_first_bad_byte() {
    let view = view(b"{\"a\":\"\xff\"}", ViewKind::Json, 0, MAX_LIMIT);
    let fault = view.fault.unwrap();
    assert_eq!((fault.code, fault.byte, fault.column), (FaultCode::NotUtf8, 6, 7));
    assert_eq!(view.text, "{\"a\":\"\u{fffd}\"}");
    assert_eq!(view.problem, "Line 1, column 7 (byte 6): the bytes are not UTF-8.");
}

#[test]
fn text_names_the_first_byte_that_is_not_utf8() {
    let view = view("é\nab\u{0}".as_bytes(), ViewKind::Text, 0, MAX_LIMIT);
    assert!(view.valid && view.problem.is_empty());
    assert_eq!(view.text, "é\nab\u{0}");
    let view = mqttscope_payload::view(b"\xc3\xa9\nab\xc3", ViewKind::Text, 0, MAX_LIMIT);
    let fault = view.fault.unwrap();
    assert_eq!((fault.byte, fault.line, fault.column), (5, 2, 3));
    assert_eq!(view.text, "é\nab\u{fffd}");
}

#[test]
fn hex_rows_show_offset_bytes_and_ascii() {
    let bytes: Vec<u8> = (0x20..0x33).chain([0xff]).collect();
    assert_eq!(
        whole(&bytes, ViewKind::Hex, MIN_LIMIT),
        "00000000  20 21 22 23 24 25 26 27  28 29 2a 2b 2c 2d 2e 2f | !\"#$%&'()*+,-./|\n\
         00000010  30 31 32 ff                                      |012.|\n"
    );
}

#[test]
fn an_offset_inside_a_character_row_or_group_begins_with_the_whole_of_it() {
    let at = |bytes: &[u8], kind, offset| view(bytes, kind, offset, MAX_LIMIT);
    assert_eq!(at("aé".as_bytes(), ViewKind::Text, 2).text, "é");
    assert_eq!(at("a😀b".as_bytes(), ViewKind::Text, 4).offset, 1);
    assert_eq!(at(&[0; 40], ViewKind::Hex, 20).offset, 16);
    assert_eq!(at(b"abcdef", ViewKind::Base64, 5).text, "ZGVm");
    assert_eq!(at("[\"é\"]".as_bytes(), ViewKind::Json, 3).text, "é\"\n]");
    for kind in KINDS {
        let beyond = at(b"ab", kind, 99);
        assert_eq!(beyond.next_offset, None);
        assert_eq!(beyond.total_bytes, 2);
    }
}

#[test]
fn an_empty_payload_has_an_empty_view_of_each_kind() {
    for kind in KINDS {
        let view = view(b"", kind, 0, MAX_LIMIT);
        assert_eq!((view.text.as_str(), view.next_offset), ("", None));
        assert_eq!(view.valid, kind != ViewKind::Json);
    }
}

#[test]
fn a_hundred_thousand_brackets_neither_overflow_nor_explode() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let shown = whole(deep.as_bytes(), ViewKind::Json, MAX_LIMIT);
    assert!(shown.len() < deep.len() * 90);
    assert_eq!(shown.replace(['\n', ' '], ""), deep);
    let open = "{\"a\":".repeat(100_000);
    assert_eq!(json(&open).fault.unwrap().code, FaultCode::UnexpectedEnd);
}

#[test]
fn twenty_megabytes_are_walked_through_in_pieces() {
    let mut bytes = b"[".to_vec();
    while bytes.len() < 20_000_000 {
        bytes.extend(br#"{"sensor":"a\"b","value":127.0},"#);
    }
    bytes.extend(b"0]");
    for kind in KINDS {
        let document = Document::new(&bytes);
        let (mut next, mut pieces) = (Some(0), 0);
        while let Some(offset) = next {
            let piece = document.view(kind, offset, 64 * 1024);
            assert!(piece.valid);
            (next, pieces) = (piece.next_offset, pieces + 1);
        }
        assert!(pieces > 300, "{kind:?} took {pieces} pieces");
    }
}

#[test]
fn previews_end_at_the_border_of_a_character() {
    let text = "é".repeat(200);
    let bytes = text.as_bytes();
    assert_eq!(preview(bytes, 400), "é".repeat(128));
    let odd = format!("a{text}");
    assert_eq!(preview(odd.as_bytes(), 401), format!("a{}", "é".repeat(127)));
    assert_eq!(preview(&odd.as_bytes()[..256], 401), format!("a{}", "é".repeat(127)));
    assert_eq!(preview(b"a\xc3", 2), "a\u{fffd}");
    assert_eq!(preview(b"\xff\xfea", 3), "\u{fffd}\u{fffd}a");
    assert_eq!(preview(b"", 0), "");
    assert_eq!(preview(&[0xff; 300], 300).chars().count(), 256);
}

fn tree() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f32>().prop_map(|number| Value::from(f64::from(number))),
        "[\\PC\\n\"]{0,60}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 80, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec(("\\PC{0,9}", inner), 0..8)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_is_indented_as_serde_json_does_in_pieces_of_any_size(
        value in tree(), limit in MIN_LIMIT..2000
    ) {
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(&whole(value.to_string().as_bytes(), ViewKind::Json, limit), &pretty);
        prop_assert_eq!(&whole(pretty.as_bytes(), ViewKind::Json, limit), &pretty);
    }

    #[test]
    fn what_counts_as_json_is_what_serde_json_takes(text in "[\\[\\]{}:,\" \\\\0-9eE+.tru-]{0,12}") {
        let fault = Document::new(text.as_bytes()).json_fault();
        let taken = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
        prop_assert_eq!(fault.is_none(), taken, "{}", text);
    }

    #[test]
    fn text_in_pieces_is_the_lossy_text(
        bytes in prop::collection::vec(
            prop_oneof![any::<u8>(), Just(0xf0), Just(0x9f), Just(0x80), Just(b'a')], 0..1500),
        limit in MIN_LIMIT..600
    ) {
        prop_assert_eq!(whole(&bytes, ViewKind::Text, limit), String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn base64_in_pieces_joins_up(
        bytes in prop::collection::vec(any::<u8>(), 0..1500), limit in MIN_LIMIT..600
    ) {
        use base64::Engine as _;
        let text = whole(&bytes, ViewKind::Base64, limit);
        let decoded = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        prop_assert_eq!(decoded, bytes);
    }

    #[test]
    fn no_bytes_and_no_offset_make_a_view_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..600), offset in 0u64..700, limit in any::<u32>()
    ) {
        for kind in KINDS {
            let piece = view(&bytes, kind, offset, limit);
            prop_assert!(piece.offset <= offset);
        }
        preview(&bytes, bytes.len() as u64 + offset);
    }
}
