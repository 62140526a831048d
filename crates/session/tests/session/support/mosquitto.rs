//! mosquitto as a child process on a port of its own.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::LONG;

pub struct Mosquitto {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Mosquitto {
    /// A broker that takes everybody.
    pub async fn start() -> Self {
        Self::with("allow_anonymous true\n").await
    }

    /// A broker with these further lines of configuration.
    pub async fn with(lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..5 {
            let port = free_port();
            let configuration = folder.path().join("mosquitto.conf");
            let mut file = std::fs::File::create(&configuration).unwrap();
            write!(file, "listener {port} 127.0.0.1\nmax_queued_messages 0\n{lines}").unwrap();
            let mut process = Command::new("/usr/sbin/mosquitto")
                .arg("-c")
                .arg(&configuration)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("mosquitto is needed for these tests");
            if answers(port, &mut process).await {
                return Self { process, port, folder };
            }
        }
        panic!("mosquitto does not start");
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it and starts it again on the same port.
    pub async fn restart(&mut self) {
        self.stop();
        self.process = Command::new("/usr/sbin/mosquitto")
            .arg("-c")
            .arg(self.folder.path().join("mosquitto.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        assert!(answers(self.port, &mut self.process).await);
    }

    pub fn stop(&mut self) {
        let _ended_already = self.process.kill();
        let _ended_already = self.process.wait();
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.stop();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn answers(port: u16, process: &mut Child) -> bool {
    let trying = async {
        loop {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return true;
            }
            if process.try_wait().unwrap().is_some() {
                return false;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LONG, trying).await.unwrap_or(false)
}
