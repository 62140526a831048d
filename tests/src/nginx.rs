//! nginx, started for one test: the web server or proxy that stands before many brokers.
//!
//! It runs as one process in the foreground with a configuration and folders of its own, so it needs no rights
//! and leaves nothing behind.

use std::path::Path;

use mqttscope_model::{Endpoint, Scheme};
use tempfile::TempDir;

use crate::process::{self, Process};
use crate::{Certificates, ports, wait};

/// A running nginx with one server; killed when dropped.
#[derive(Debug)]
pub struct Nginx {
    // First, so that it ends before its folder goes.
    process: Process,
    port: u16,
    _folder: TempDir,
}

impl Nginx {
    /// A server in clear; `lines` stand in its `server` block.
    pub fn plain(lines: &str) -> Self {
        Self::start("", lines)
    }

    /// A server with TLS; `lines` stand in its `server` block.
    pub fn tls(certificates: &Certificates, lines: &str) -> Self {
        let Certificates { server, server_key, .. } = certificates;
        let (certificate, key) = (server.display(), server_key.display());
        let files = format!("ssl_certificate {certificate};\nssl_certificate_key {key};\n{lines}");
        Self::start(" ssl", &files)
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a path. The host is `localhost`, which the certificates name.
    pub fn endpoint(&self, scheme: Scheme, path: &str) -> Endpoint {
        Endpoint { scheme, host: "localhost".into(), port: self.port, path: path.into() }
    }

    /// What it logged.
    pub fn log(&self) -> String {
        self.process.log()
    }

    fn start(kind: &str, lines: &str) -> Self {
        let folder = TempDir::with_prefix("mqttscope-nginx-").expect("a folder for nginx");
        let mut last = String::new();
        // A port may be taken between being found free and being used: then another is tried.
        for _ in 0..5 {
            let [port] = ports::free();
            write_configuration(folder.path(), port, kind, lines);
            match launch(folder.path(), port) {
                Ok(process) => return Self { process, port, _folder: folder },
                Err(error) => last = error,
            }
        }
        panic!("nginx did not start: {last}");
    }
}

/// The lines of a `location` that pass a WebSocket on to a port of 127.0.0.1.
pub fn to_websocket(port: u16) -> String {
    format!(
        "proxy_pass http://127.0.0.1:{port}; proxy_http_version 1.1; \
         proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";"
    )
}

fn launch(folder: &Path, port: u16) -> Result<Process, String> {
    let mut command = process::program("nginx");
    // Until the configuration is read, errors would go to the system's log.
    command.args(["-e", "stderr", "-p"]).arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    let mut process = Process::start(command, &folder.join("nginx.log"));
    wait::blocking_until("nginx to listen", || match process.check() {
        // Ended: an answer too, so that another port is tried at once.
        Err(ended) => Ok(Err(ended)),
        Ok(()) if ports::is_served(port) => Ok(Ok(())),
        Ok(()) => Err(process.log()),
    })
    .map(|()| process)
}

fn write_configuration(folder: &Path, port: u16, kind: &str, lines: &str) {
    let server = format!("listen 127.0.0.1:{port}{kind};\nserver_name localhost;\n{lines}");
    let text = configuration(folder, &[server]);
    std::fs::write(folder.join("nginx.conf"), text).expect("the configuration can be written");
}

/// A configuration that keeps everything in `folder`, with these `server` blocks.
pub(crate) fn configuration(folder: &Path, servers: &[String]) -> String {
    let own = folder.display();
    let blocks: String = servers.iter().map(|lines| format!("server {{\n{lines}\n}}\n")).collect();
    format!(
        "daemon off;\nmaster_process off;\npid {own}/nginx.pid;\nerror_log stderr info;\nevents {{}}\nhttp {{\n\
         access_log off;\n\
         client_body_temp_path {own}/body;\nproxy_temp_path {own}/proxy;\nfastcgi_temp_path {own}/fastcgi;\n\
         uwsgi_temp_path {own}/uwsgi;\nscgi_temp_path {own}/scgi;\n{blocks}}}\n"
    )
}
