//! The program as a person runs it, against sockets of this machine: exit status, text, and the JSON document.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what is not as expected ends a test, in its helpers as well"
)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::thread::JoinHandle;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs the program with a configuration folder of its own.
fn run(config: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mqttscope-cli"))
        .args(arguments)
        .env("XDG_CONFIG_HOME", config)
        .env("HOME", config)
        .env("TEST_PASSWORD", "hunter2")
        .env_remove("TEST_MISSING")
        .output()
        .unwrap()
}

fn cli(arguments: &[&str]) -> Output {
    run(tempfile::tempdir().unwrap().path(), arguments)
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

/// A server that takes one client: reads a packet where it waits for one, answers, and gives what it read when the client
/// has gone.
fn server(waits: bool, answer: &'static [u8]) -> (u16, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut read = Vec::new();
        if waits {
            read.extend(packet(&mut stream));
        }
        stream.write_all(answer).unwrap();
        // A client that finds other bytes than it wants may reset the connection.
        let _ = stream.read_to_end(&mut read);
        read
    });
    (port, serving)
}

fn packet(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).unwrap();
    assert!(head[1] < 0x80, "no test sends long packets");
    let mut body = vec![0; head[1].into()];
    stream.read_exact(&mut body).unwrap();
    [&head[..], &body].concat()
}

fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// CONNACK of MQTT 5: success, no properties.
const WELCOME: &[u8] = &[0x20, 3, 0, 0, 0];
const DISCONNECT: u8 = 0xe0;

#[test]
fn a_broker_that_says_yes_is_usable_and_is_said_goodbye_to() {
    let (port, serving) = server(true, WELCOME);
    let output = cli(&["diagnose", "--json", &format!("mqtt://127.0.0.1:{port}")]);
    assert_eq!(output.status.code(), Some(0));
    let report = document(&output);
    assert_eq!(report["verdict"], "ok");
    for nothing in ["stage", "code", "cause"] {
        assert_eq!(report[nothing], Value::Null, "{nothing}");
    }
    let stages = report["stages"].as_array().unwrap();
    assert_eq!(stages.last().unwrap()["stage"], "mqtt");
    assert!(stages.iter().all(|stage| stage["verdict"] == "passed"), "{stages:?}");
    assert!(stages.iter().all(|stage| stage["ms"].as_f64().unwrap() >= 0.0));
    let sent = serving.join().unwrap();
    assert_eq!(sent[0], 0x10, "CONNECT");
    assert!(sent.contains(&DISCONNECT), "{sent:02x?}");

    let (port, _serving) = server(true, WELCOME);
    let output = cli(&["diagnose", &format!("mqtt://127.0.0.1:{port}")]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("✓ passed") && text.contains("MQTT"), "{text}");
    assert!(text.contains("OK: the broker can be used."), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours");
}

#[test]
fn a_port_that_nobody_listens_on_is_named() {
    let address = format!("mqtt://127.0.0.1:{}", closed_port());
    let output = cli(&["diagnose", &address, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = document(&output);
    assert_eq!(
        (&report["verdict"], &report["stage"], &report["code"]),
        (&json!("failed"), &json!("tcp"), &json!("tcp.refused"))
    );
    assert!(!report["cause"].as_str().unwrap().is_empty());
    assert!(!report["fixes"].as_array().unwrap().is_empty());
    let tcp = &report["stages"].as_array().unwrap()[1];
    assert_eq!((&tcp["stage"], &tcp["verdict"]), (&json!("tcp"), &json!("failed")));

    let output = cli(&["diagnose", &address]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("✗ failed    TCP") && text.contains("– skipped   MQTT"), "{text}");
    assert!(text.contains("FAILED at TCP") && text.contains("[tcp.refused]"), "{text}");
    assert!(text.contains("What to do:\n  1. "), "{text}");
}

#[test]
fn a_refusal_and_another_service_are_told_apart() {
    let (port, serving) = server(true, &[0x20, 3, 0, 0x87, 0]);
    let address = format!("mqtt://127.0.0.1:{port}");
    let arguments =
        ["diagnose", &address, "--json", "--user", "ada", "--password-env", "TEST_PASSWORD"];
    let output = cli(&arguments);
    assert_eq!(output.status.code(), Some(1));
    let report = document(&output);
    assert_eq!(
        (&report["stage"], &report["code"]),
        (&json!("mqtt"), &json!("mqtt.not_authorised"))
    );
    assert!(!stdout(&output).contains("hunter2"));
    let sent = String::from_utf8_lossy(&serving.join().unwrap()).into_owned();
    assert!(sent.contains("ada") && sent.contains("hunter2"));

    let (port, _serving) = server(false, b"SSH-2.0-OpenSSH_9.2p1\r\n");
    let output = cli(&["diagnose", &format!("mqtt://127.0.0.1:{port}"), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = document(&output);
    assert_eq!((&report["stage"], &report["code"]), (&json!("mqtt"), &json!("port.is_other")));
}

#[test]
fn a_password_in_an_address_is_used_and_not_printed() {
    let (port, serving) = server(true, &[0x20, 3, 0, 0x86, 0]);
    let address = format!("mqtt://ada:hunter2@127.0.0.1:{port}");
    let output = cli(&["diagnose", &address]);
    assert_eq!(output.status.code(), Some(1));
    let said = format!("{}{}", stdout(&output), String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains("hunter2"), "{said}");
    assert!(String::from_utf8_lossy(&serving.join().unwrap()).contains("hunter2"));
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_with_the_report_so_far() {
    use std::io::BufRead as _;
    use std::process::Stdio;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("mqtt://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let mut program = Command::new(env!("CARGO_BIN_EXE_mqttscope-cli"))
        .args(["diagnose", &address])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut silent, _) = listener.accept().unwrap();
    packet(&mut silent);
    let mut lines = std::io::BufReader::new(program.stdout.take().unwrap()).lines();
    // It listens to the interrupt once it has printed something.
    assert!(lines.next().unwrap().unwrap().starts_with("mqtt://"));
    let pid = program.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let rest: Vec<_> = lines.map(Result::unwrap).collect();
    assert_eq!(program.wait().unwrap().code(), Some(130), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("– cancelled MQTT")), "{rest:?}");
    assert_eq!(rest.last().unwrap(), "CANCELLED");
}

#[test]
fn full_goes_on_after_the_connection_and_names_what_else_the_port_speaks() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = std::thread::spawn(move || {
        // The attempt with MQTT 5 in TLS, and then one probe for each other scheme.
        for _ in 0..4 {
            let (mut stream, _) = listener.accept().unwrap();
            std::thread::spawn(move || {
                let mut head = [0; 1];
                stream.read_exact(&mut head).unwrap();
                if head[0] == 0x10 {
                    stream.write_all(&[0x20, 2, 0, 0]).unwrap();
                }
                let mut rest = [0; 512];
                while stream.read(&mut rest).is_ok_and(|read| read > 0 && head[0] == 0x10) {}
            });
        }
    });
    let address = format!("mqtts://127.0.0.1:{port}");
    let output = cli(&["diagnose", &address, "--full", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = document(&output);
    assert_eq!(report["stage"], "tls");
    let tries = report["facts"]["other_schemes"].as_array().unwrap();
    let speaks: Vec<_> = tries.iter().map(|tried| (&tried["scheme"], &tried["speaks"])).collect();
    assert_eq!(
        speaks,
        [
            (&json!("mqtt"), &json!(true)),
            (&json!("ws"), &json!(false)),
            (&json!("wss"), &json!(false))
        ]
    );
    assert_eq!(report["code"], "port.is_plain");
    serving.join().unwrap();
}

#[test]
fn wrong_usage_says_what_is_wrong_and_how_it_is_used() {
    for (arguments, expect) in [
        (&["diagnose"][..], "wants an address or the name of a profile"),
        (&["diagnose", "mqtt://h:99999"], "is no port"),
        (&["diagnose", "ftp://h"], "is not a way to carry MQTT"),
        (&["diagnose", "mqtt://u:pa/ss@h"], "percent-encoded"),
        (&["diagnose", "nowhere"], "there is no profile named \"nowhere\""),
        (&["diagnose", "localhost:1883"], "mqtt://localhost:1883"),
        (&["diagnose", "mqtt://h", "--password-env", "TEST_MISSING"], "TEST_MISSING"),
        (&["diagnose", "mqtt://h", "--cert", "c.pem"], "--key is missing"),
        (&["diagnose", "mqtt://h", "--mqtt", "4"], "--mqtt takes 5, 3.1.1 or 3.1"),
        (&["diagnose", "mqtt://h", "--json", "--verbose"], "--verbose"),
        (&["ping"], "\"ping\" is no command"),
    ] {
        let output = cli(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(expect) && said.contains("Usage: "), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!said.contains("pa/ss"));
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let help = cli(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(stdout(&help).contains("--password-env") && stdout(&help).contains("Exit status"));
    let version = cli(&["--version"]);
    assert_eq!(stdout(&version).trim(), concat!("mqttscope-cli ", env!("CARGO_PKG_VERSION")));
}

/// A configuration folder with these profiles, and where the program finds it.
fn profiles(profiles: &[(&str, &str, u16)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("profiles");
    std::fs::create_dir_all(&inside).unwrap();
    for (id, name, port) in profiles {
        let mut profile = json!(mqttscope_model::Profile::new(
            mqttscope_model::ProfileId::new(*id).unwrap(),
            "press-7".to_owned()
        ));
        profile["name"] = json!(name);
        profile["endpoint"]["host"] = json!("127.0.0.1");
        profile["endpoint"]["port"] = json!(port);
        profile["user_name"] = json!("ada");
        profile["password"] = json!(format!("{id}/password"));
        let file = json!({ "format": 2, "profile": profile });
        std::fs::write(inside.join(format!("{id}.json")), file.to_string()).unwrap();
    }
    let secrets = json!({ "format": 1, "secrets": { "p1/password": "hunter2" } });
    std::fs::write(folder.path().join("secrets.json"), secrets.to_string()).unwrap();
    folder
}

#[test]
fn a_saved_profile_is_found_by_its_name_with_its_secrets_and_nothing_is_written() {
    let (port, serving) = server(true, WELCOME);
    let folder = profiles(&[("p1", "Press 7", port), ("p2", "Twin", 1), ("p3", "Twin", 1)]);
    let config = folder.path().to_str().unwrap().to_owned();
    let count = || std::fs::read_dir(folder.path()).unwrap().count();
    let before = count();
    let run = |name: &str| cli(&["diagnose", name, "--json", "--config", &config]);
    let output = run("Press 7");
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let sent = String::from_utf8_lossy(&serving.join().unwrap()).into_owned();
    assert!(sent.contains("press-7") && sent.contains("ada") && sent.contains("hunter2"), "{sent}");
    assert!(!stdout(&output).contains("hunter2"));

    let wrong = |name: &str| {
        let output = run(name);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(wrong("press 7").contains("there are: Press 7, Twin, Twin"));
    assert!(wrong("Twin").contains("p2, p3"));
    std::fs::write(folder.path().join("profiles/bad.json"), "{").unwrap();
    assert!(wrong("Bad").contains("bad.json"));
    assert_eq!(count(), before, "no folder and no lock was made");
}
