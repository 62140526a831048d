//! MQTTX's other files say the same as its JSON.

use jiff::tz::TimeZone;
use mqttscope_exchange::{Found, FoundNode, ImportFormat, import};
use mqttscope_model::ProtocolVersion;
use rusqlite::Connection;

use super::corpus::{database_fixture, excel_fixture, fixture, workbook_of};
use super::support::{notes, password, read, read_fixture};

/// The same profiles, secrets and messages as in the JSON.
fn assert_same(found: &Found) {
    let json = read_fixture("mqttx-export.json");
    assert_eq!(found.profiles.len(), json.profiles.len());
    for (one, other) in found.profiles.iter().zip(&json.profiles) {
        assert_eq!(one.profile, other.profile);
        assert_eq!(one.secrets, other.secrets);
        assert_eq!(one.messages, other.messages);
        assert_eq!(notes(one), notes(other));
    }
}

#[test]
fn xml_yaml_and_old_tables_say_the_same_as_json() {
    for (name, format) in [
        ("mqttx-export.xml", ImportFormat::MqttxXml),
        ("mqttx-export.yaml", ImportFormat::MqttxJson),
        ("mqttx-old.csv", ImportFormat::MqttxCsv),
    ] {
        let found = read_fixture(name);
        assert_eq!(found.format, format, "{name}");
        assert_same(&found);
    }
}

#[test]
fn utf_16_and_semicolons_as_excel_saves_them_are_read() {
    let text = String::from_utf8(fixture("mqttx-export.json")).unwrap();
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_same(&read("utf16.json", utf16).unwrap());
    let semicolons = "\u{feff}clientId;host;port\r\nc;h;1884\r\n";
    assert_eq!(read("a.csv", semicolons).unwrap().profiles[0].profile.endpoint.port, 1884);
}

#[test]
fn newer_tables_bring_the_messages_and_say_that_the_address_is_missing() {
    let found = read_fixture("mqttx-new.csv");
    let json = read_fixture("mqttx-export.json");
    assert_eq!(found.profiles.len(), 2);
    for (one, other) in found.profiles.iter().zip(&json.profiles) {
        assert_eq!(one.profile.name, other.profile.name);
        assert_eq!(one.profile.client_id, other.profile.client_id);
        assert_eq!(notes(one), ["host = : not_usable"]);
        assert_eq!(one.messages.len(), other.messages.len());
        for (message, expect) in one.messages.iter().zip(&other.messages) {
            assert_eq!(message.payload, expect.payload);
            assert_eq!((message.direction, message.time_us), (expect.direction, expect.time_us));
        }
    }
}

#[test]
fn excel_says_the_same_as_json() {
    let found = read("data.xlsx", excel_fixture()).unwrap();
    assert_eq!(found.format, ImportFormat::MqttxExcel);
    assert_same(&found);
}

#[test]
fn a_zip_bomb_and_other_archives_are_refused() {
    let bytes = workbook_of(&[("xl/worksheets/sheet1.xml", &" ".repeat(12 << 20))]);
    assert!(bytes.len() < 100_000);
    let error = read("bomb.xlsx", bytes).unwrap_err().to_string();
    assert!(error.contains("expand to far more"), "{error}");
    let error = read("cut.xlsx", &excel_fixture()[..200]).unwrap_err().to_string();
    assert_eq!(error, "cut.xlsx cannot be imported (zip): the archive is damaged");
    let far = "<worksheet><sheetData><row r=\"1\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData></worksheet>";
    let far = workbook_of(&[("xl/worksheets/sheet1.xml", far)]);
    assert!(read("far.xlsx", far).is_err());
}

#[test]
fn the_database_brings_folders_too() {
    let found = read("MQTTX.db", database_fixture()).unwrap();
    assert_eq!(found.format, ImportFormat::MqttxDatabase);
    let json = read_fixture("mqttx-export.json");
    let (one, other) = (&found.profiles[0], &json.profiles[0]);
    assert_eq!(one.profile, other.profile);
    assert_eq!(password(one), password(other));
    assert_eq!(one.messages, other.messages[..1]);
    // SQLite has no flags.
    let with_flags: Vec<_> =
        notes(one).iter().map(|note| note.replace("= 1:", "= true:")).collect();
    assert_eq!(with_flags, notes(other));
    let folder =
        |name: &str, children| FoundNode::Folder { name: name.to_owned(), colour: None, children };
    let hall = folder("Hall", vec![FoundNode::Profile(0)]);
    assert_eq!(found.tree, [folder("Plant", vec![hall]), FoundNode::Profile(1)]);
    assert_eq!(found.profiles[1].profile.version, ProtocolVersion::V311);
}

#[test]
fn damaged_and_foreign_databases_are_refused() {
    let whole = database_fixture();
    assert!(read("MQTTX.db", &whole[..whole.len() / 2]).is_err());
    let mut torn = whole.clone();
    for byte in &mut torn[200..4_000] {
        *byte = 0xa5;
    }
    let error = read("MQTTX.db", torn).unwrap_err().to_string();
    assert!(error.contains("the database is damaged"), "{error}");
    let mut other = Connection::open_in_memory().unwrap();
    other
        .execute_batch("CREATE TABLE notes (id); CREATE VIEW ConnectionEntity AS SELECT 1 AS id;")
        .unwrap();
    let bytes = other.serialize("main").unwrap().to_vec();
    let error = read("other.db", bytes).unwrap_err().to_string();
    assert_eq!(error, "other.db cannot be imported: it is in none of the formats that can be read");
}

#[test]
fn a_database_that_is_being_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("MQTTX.db");
    let read = || import::read("MQTTX.db", &database_fixture(), Some(&path), &TimeZone::UTC);
    assert!(read().is_ok());
    std::fs::write(folder.path().join("MQTTX.db-wal"), "").unwrap();
    assert!(read().is_ok(), "an empty log says nothing");
    std::fs::write(folder.path().join("MQTTX.db-wal"), "x").unwrap();
    assert!(read().unwrap_err().to_string().contains("quit the program"));
}
