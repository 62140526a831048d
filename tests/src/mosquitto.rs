//! Eclipse Mosquitto, started for one test.

use std::fmt::Write as _;
use std::path::PathBuf;

use mqttscope_model::{Endpoint, Scheme};
use tempfile::TempDir;

use crate::process::{self, Process};
use crate::{Certificates, ports, wait};

/// What the TLS listeners want from clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientCertificates {
    /// Nothing.
    #[default]
    NotAsked,
    /// A certificate of our authority.
    Required,
}

/// What a broker writes into its log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Logged {
    /// Each packet too.
    #[default]
    Everything,
    /// Only what goes wrong: a line for each packet is too much where there are many.
    Errors,
}

/// How a broker is set up.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// User names with their passwords; none lets everyone in.
    pub users: Vec<(&'static str, &'static str)>,
    /// What the TLS listeners want from clients.
    pub client_certificates: ClientCertificates,
    /// Further lines of the configuration.
    pub lines: Vec<String>,
    /// Further lines for each listener.
    pub listener_lines: Vec<String>,
    /// What it logs.
    pub logged: Logged,
}

/// A running broker with a listener for each scheme; killed when dropped.
#[derive(Debug)]
pub struct Mosquitto {
    // First, so that it ends before its folder goes.
    process: Process,
    ports: [u16; 4],
    folder: TempDir,
    certificates: Certificates,
}

impl Mosquitto {
    /// A broker that lets everyone in.
    pub fn start() -> Self {
        Self::with(&Setup::default())
    }

    /// A broker as set up.
    pub fn with(setup: &Setup) -> Self {
        let folder = TempDir::with_prefix("mqttscope-mosquitto-").expect("a folder for the broker");
        let certificates = Certificates::create(folder.path());
        write_users(&folder, &setup.users);
        // A port may be taken between being found free and being used: then others are tried.
        for _ in 0..5 {
            let ports = ports::free();
            write_configuration(&folder, &certificates, setup, ports);
            if let Ok(process) = launch(&folder, ports) {
                return Self { ports, folder, certificates, process };
            }
        }
        panic!("mosquitto did not start: {}", read(folder.path().join("mosquitto.log")));
    }

    /// The address of a listener. The host is `localhost`, which the certificate names.
    pub fn endpoint(&self, scheme: Scheme) -> Endpoint {
        Endpoint { scheme, host: "localhost".into(), port: self.port(scheme), path: "/mqtt".into() }
    }

    /// The port of a listener.
    pub fn port(&self, scheme: Scheme) -> u16 {
        self.ports[index(scheme)]
    }

    /// The certificates in use.
    pub fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// What the broker logged.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Ends the broker as an administrator would. Its ports stay reserved for [`Self::resume`] by
    /// nothing but luck, as on a real machine.
    pub fn stop(&mut self) {
        self.process.end();
    }

    /// Starts it again on the same ports, after [`Self::stop`].
    pub fn resume(&mut self) {
        self.process = launch(&self.folder, self.ports)
            .unwrap_or_else(|error| panic!("mosquitto did not start again: {error}"));
    }
}

/// Publishes with Mosquitto's own client to a broker on 127.0.0.1: another device on the line.
pub fn publish(port: u16, topic: &str, payload: &str) {
    publish_often(port, topic, payload, 1);
}

/// Like [`publish`], so many times over one connection.
pub fn publish_often(port: u16, topic: &str, payload: &str, times: usize) {
    let (port, times) = (port.to_string(), times.to_string());
    let status = process::program("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &port, "-q", "1", "-t", topic, "-m", payload])
        .args(["--repeat", &times])
        .status()
        .expect("mosquitto_pub can be run");
    assert!(status.success(), "mosquitto_pub: {status}");
}

fn index(scheme: Scheme) -> usize {
    Scheme::ALL.iter().position(|&other| other == scheme).expect("ALL names all schemes")
}

fn launch(folder: &TempDir, ports: [u16; 4]) -> Result<Process, String> {
    let mut command = process::program("mosquitto");
    command.arg("-c").arg(folder.path().join("mosquitto.conf"));
    let mut process = Process::start(command, &folder.path().join("mosquitto.log"));
    wait::blocking_until("mosquitto to listen", || match process.check() {
        // Ended: an answer too, so that other ports are tried at once.
        Err(ended) => Ok(Err(ended)),
        Ok(()) if ports.iter().all(|&port| ports::is_served(port)) => Ok(Ok(())),
        Ok(()) => Err(process.log()),
    })
    .map(|()| process)
}

fn write_users(folder: &TempDir, users: &[(&str, &str)]) {
    let file = folder.path().join("users");
    std::fs::write(&file, "").expect("the password file can be made");
    for (name, password) in users {
        let status = process::program("mosquitto_passwd")
            .args(["-b".as_ref(), file.as_os_str(), name.as_ref(), password.as_ref()])
            .status()
            .expect("mosquitto_passwd can be run");
        assert!(status.success(), "mosquitto_passwd: {status}");
    }
}

fn write_configuration(
    folder: &TempDir,
    certificates: &Certificates,
    setup: &Setup,
    ports: [u16; 4],
) {
    let mut text = String::from("persistence false\nlog_dest stderr\n");
    text += match setup.logged {
        Logged::Everything => "log_type all\n",
        Logged::Errors => "log_type error\nlog_type warning\n",
    };
    // Started by root, mosquitto becomes another user, who cannot read the test's folder.
    text += "user root\n";
    if setup.users.is_empty() {
        text += "allow_anonymous true\n";
    } else {
        let users = folder.path().join("users");
        _ = writeln!(text, "allow_anonymous false\npassword_file {}", users.display());
    }
    for line in &setup.lines {
        _ = writeln!(text, "{line}");
    }
    for (scheme, port) in Scheme::ALL.into_iter().zip(ports) {
        _ = writeln!(text, "\nlistener {port} 127.0.0.1");
        for line in &setup.listener_lines {
            _ = writeln!(text, "{line}");
        }
        if scheme.is_websocket() {
            text += "protocol websockets\n";
        }
        if scheme.is_tls() {
            let Certificates { authority, server, server_key, .. } = certificates;
            _ = writeln!(text, "cafile {}", authority.display());
            _ = writeln!(text, "certfile {}", server.display());
            _ = writeln!(text, "keyfile {}", server_key.display());
            let required = setup.client_certificates == ClientCertificates::Required;
            _ = writeln!(text, "require_certificate {required}");
        }
    }
    std::fs::write(folder.path().join("mosquitto.conf"), text).expect("the configuration");
}

fn read(path: PathBuf) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
