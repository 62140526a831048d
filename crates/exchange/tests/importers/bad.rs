//! Bad input: each a clear error with file, place and reason.

use std::fmt::Write as _;

use mqttscope_exchange::import::MAX_BYTES;
use mqttscope_model::{ErrorCode, UserError};

use super::corpus::{corpus, fixture};
use super::support::{read, read_fixture};

fn refused(name: &str, bytes: impl AsRef<[u8]>) -> String {
    match read(name, bytes) {
        Ok(found) => panic!("read as {:?}", found.format),
        Err(error) => error.to_string(),
    }
}

#[test]
fn empty_foreign_and_too_large_files_have_codes_of_their_own() {
    let code = |bytes: &[u8]| UserError::from(read("f", bytes).unwrap_err()).code;
    assert_eq!(code(b""), ErrorCode::ImportUnrecognised);
    assert_eq!(
        code(b"{\"name\": \"a package\", \"version\": \"1.0\"}"),
        ErrorCode::ImportUnrecognised
    );
    assert_eq!(code(b"<html><body/></html>"), ErrorCode::ImportUnrecognised);
    assert_eq!(code(b"%PDF-1.7\n%\xe2\xe3"), ErrorCode::ImportEncoding);
    assert_eq!(code(&vec![b' '; MAX_BYTES + 1]), ErrorCode::ImportTooLarge);
    assert_eq!(refused("e.json", "[]"), "e.json cannot be imported: it holds no connection");
}

#[test]
fn other_encodings_are_named_with_their_place() {
    let mut gbk = b"[\n{\"clientId\": \"c\", \"host\": \"h\", \"name\": \"".to_vec();
    gbk.extend(b"\xd6\xd0\xb9\xfa\"}]");
    let error = refused("gbk.json", gbk);
    assert!(error.starts_with("gbk.json cannot be imported (2:41): it is not UTF-8"), "{error}");
    let error = refused("u.json", [0xff, 0xfe, 0x00, 0xd8, b'x', 0]);
    assert!(error.contains("not UTF-8"), "{error}");
}

#[test]
fn entities_are_never_expanded() {
    let mut laughs = String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE root [<!ENTITY a \"ha\">");
    for c in 'b'..='z' {
        let before = char::from(c as u8 - 1);
        write!(laughs, "<!ENTITY {c} \"&{before};&{before};&{before};\">").unwrap();
    }
    laughs += "]>\n<root><oneConnection><name>&z;</name></oneConnection></root>";
    let error = refused("lol.xml", laughs);
    assert!(error.contains("entities of its own, which are not expanded"), "{error}");
    let file = "<root><oneConnection><host>h</host><name>&file;</name></oneConnection></root>";
    assert!(refused("xxe.xml", file).contains("entities of its own"));
    let plain =
        "<root><oneConnection><clientId>a&lt;&#65;</clientId><host>h</host></oneConnection></root>";
    let found = read("plain.xml", plain).unwrap();
    assert_eq!(found.profiles[0].profile.client_id, "a<A");
}

#[test]
fn deep_nesting_is_refused_before_the_stack_ends() {
    let xml = format!("<root><oneConnection>{}", "<a>".repeat(100_000));
    assert!(refused("deep.xml", xml).contains("nested deeper than 64"));
    let json = format!("[{{\"clientId\":\"c\",\"host\":\"h\",\"will\":{}", "[".repeat(1_000_000));
    assert!(refused("deep.json", json).contains("cannot be imported (1:"));
    let yaml = format!("clientId: a\nhost: {}", "[".repeat(100_000));
    refused("deep.yaml", yaml);
    let mut yaml = String::from("- clientId: a\n");
    for depth in 1..2_000 {
        writeln!(yaml, "{}a:", "  ".repeat(depth)).unwrap();
    }
    refused("deep2.yaml", yaml);
}

#[test]
fn aliases_of_yaml_are_not_followed() {
    let mut bomb = String::from("clientId: a\na: &a [x, x, x, x, x, x, x, x, x]\n");
    for c in 'b'..='j' {
        let before = char::from(c as u8 - 1);
        let list = vec![format!("*{before}"); 9].join(", ");
        writeln!(bomb, "{c}: &{c} [{list}]").unwrap();
    }
    let error = refused("bomb.yaml", bomb);
    assert!(error.contains("expand to far more"), "{error}");
}

#[test]
fn broken_tables_name_the_line_and_column() {
    let broken = "clientId,host,will\nc,h,\"{\"\"lastWillTopic\"\": }\"\n";
    let error = refused("a.csv", broken);
    assert_eq!(error, "a.csv cannot be imported (2: will 1:19): expected value");
    let xml = "<root>\n<oneConnection><host>h</hos></oneConnection></root>";
    assert!(refused("a.xml", xml).contains("(2:"), "{}", refused("a.xml", xml));
}

#[test]
fn ten_thousand_profiles_with_one_identifier_are_all_kept() {
    let one = "{\"id\": \"same\", \"clientId\": \"c\", \"host\": \"h\"}";
    let text = format!("[{}]", vec![one; 10_000].join(","));
    let found = read("many.json", text).unwrap();
    let ids: std::collections::BTreeSet<_> =
        found.profiles.iter().map(|one| one.profile.id.clone()).collect();
    assert_eq!(ids.len(), 10_000);
    assert!(ids.contains(&mqttscope_model::ProfileId::new("mqttx-same-10000").unwrap()));
}

/// A file of this size with one connection and many messages.
fn large(bytes: usize) -> String {
    let message = "{\"createAt\":\"2026-01-23 10:13:00:120\",\"out\":false,\"payload\":\"{ 21.5 }\",\"qos\":1,\
                   \"retain\":false,\"topic\":\"plant-a/s1/telemetry\",\"meta\":\"{}\",\"properties\":{\"subscriptionIdentifier\":42}},";
    let mut text = String::from("[{\"clientId\":\"c\",\"host\":\"h\",\"messages\":[");
    while text.len() < bytes {
        text += message;
    }
    text.pop();
    text + "]}]"
}

#[test]
fn large_files_are_read_message_by_message() {
    let text = large(4 << 20);
    let found = read("large.json", &text).unwrap();
    assert_eq!(found.profiles[0].messages.len(), text.matches("createAt").count());
    let error = refused("cut.json", &text[..text.len() - 30]);
    assert!(error.starts_with("cut.json cannot be imported (1:"), "{error}");
}

#[test]
#[ignore = "takes a gigabyte of memory and minutes without optimisation"]
fn two_hundred_megabytes_take_a_few_times_their_size() {
    let text = large(200 << 20);
    assert!(read("large.json", &text).unwrap().profiles[0].messages.len() > 900_000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < 4 * 200 * 1_024, "{peak} kB");
}

#[test]
fn lists_with_too_many_values_are_refused_before_they_fill_the_memory() {
    let many =
        format!("[{{\"clientId\":\"c\",\"host\":\"h\",\"x\":[{}0]}}]", "0,".repeat(2_100_000));
    assert!(refused("x.json", many).contains("more than 2000000"));
}

#[test]
fn a_cut_file_is_never_read_as_the_whole() {
    for name in ["mqttx-export.json", "mqttx-export.xml", "mqttfx-config.xml", "mqtt-spy.xml"] {
        let whole = fixture(name);
        let end = whole.trim_ascii_end().len();
        for cut in (1..end).step_by(53) {
            assert!(read(name, &whole[..cut]).is_err(), "{name} cut at {cut}");
        }
    }
}

#[test]
fn no_note_and_no_debug_output_of_good_files_shows_a_secret() {
    for (name, bytes) in corpus() {
        let found = read(name, bytes).unwrap();
        let shown = format!("{found:?}");
        assert!(!shown.contains("s3cr3t") && !shown.contains("hunter2"), "{name}: {shown}");
        assert!(!shown.contains("deadbeef") && !shown.contains("p@ss"), "{name}");
    }
}

#[test]
fn reading_twice_gives_the_same() {
    let (one, two) = (read_fixture("mqttx-export.json"), read_fixture("mqttx-export.json"));
    for (one, two) in one.profiles.iter().zip(&two.profiles) {
        assert_eq!(one.profile, two.profile);
    }
}
