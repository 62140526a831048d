//! One good file of each format.

use std::io::{Cursor, Write as _};
use std::path::PathBuf;

use mqttscope_exchange::import;
use rusqlite::Connection;

/// The fixtures that are files.
const FILES: [&str; 12] = [
    "mqttx-export.json",
    "mqttx-export.xml",
    "mqttx-export.yaml",
    "mqttx-old.csv",
    "mqttx-new.csv",
    "mqtt-explorer-settings.json",
    "mosquitto-options.txt",
    "mosquitto-command.sh",
    "hivemq-config.properties",
    "analyzer.mqttbroker",
    "mqttfx-config.xml",
    "mqtt-spy.xml",
];

/// A fixture's bytes.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(path).unwrap()
}

/// All of them, with those that are made by programs.
pub fn corpus() -> Vec<(&'static str, Vec<u8>)> {
    let mut all: Vec<_> = FILES.map(|name| (name, fixture(name))).into();
    all.push(("mqttx.xlsx", excel_fixture()));
    all.push(("MQTTX.db", database_fixture()));
    all.push((
        "urls.txt",
        b"mqtts://u:s3cr3t-url@h.example:8884\nws://[::1]:8083/x?y=1\n".to_vec(),
    ));
    let ours = ours();
    all.push(("mqttscope.json", serde_json::to_vec_pretty(&ours).unwrap()));
    all.push(("mqttscope.yaml", serde_saphyr::to_string(&ours).unwrap().into_bytes()));
    all
}

/// A document of ours, with the profiles of MQTTX's export.
fn ours() -> serde_json::Value {
    let zone = jiff::tz::TimeZone::UTC;
    let found = import::read("", &fixture("mqttx-export.json"), None, &zone).unwrap();
    let profiles: Vec<_> = found.profiles.iter().map(|one| &one.profile).collect();
    serde_json::json!({
        "format": mqttscope_exchange::document::FORMAT,
        "version": mqttscope_exchange::document::VERSION,
        "folders": [],
        "profiles": profiles,
    })
}

/// A workbook with these rows; text cells are shared strings as MQTTX's library writes them.
fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (mut shared, mut sheet, mut count) = (String::new(), String::new(), 0);
    for (line, row) in rows.iter().enumerate() {
        sheet += &format!("<row r=\"{}\">", line + 1);
        for (column, cell) in row.iter().enumerate() {
            let name = match u8::try_from(column).unwrap() {
                column @ 0..26 => char::from(b'A' + column).to_string(),
                column => format!("A{}", char::from(b'A' + column - 26)),
            };
            sheet += &format!("<c r=\"{name}{}\" t=\"s\"><v>{count}</v></c>", line + 1);
            shared += &format!("<si><t xml:space=\"preserve\">{}</t></si>", escape(cell));
            count += 1;
        }
        sheet += "</row>";
    }
    workbook_of(&[
        ("xl/sharedStrings.xml", &format!("<sst>{shared}</sst>")),
        (
            "xl/worksheets/sheet1.xml",
            &format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>"),
        ),
    ])
}

/// An archive of these parts.
pub fn workbook_of(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The workbook that MQTTX would have made of the old table.
pub fn excel_fixture() -> Vec<u8> {
    let bytes = fixture("mqttx-old.csv");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
    let rows: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    workbook(&rows)
}

/// A database with MQTTX's tables, as its migrations leave them, with two groups and the first connection in them.
pub fn database_fixture() -> Vec<u8> {
    let mut db = Connection::open_in_memory().unwrap();
    db.execute_batch(include_str!("../fixtures/mqttx-database.sql")).unwrap();
    db.serialize("main").unwrap().to_vec()
}
