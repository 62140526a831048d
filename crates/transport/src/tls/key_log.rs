//! The key log: the secrets of each connection in a file, so that a capture of it can be read.
//!
//! Its lines are NSS's, which Wireshark reads. Whoever holds the file can read the connection, so it is made for its
//! owner alone, and the evidence of the TLS stage says that it is written.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use rustls::KeyLog;

/// A file that keys are added to.
pub(super) struct KeyLogFile {
    pub(super) path: String,
    file: Mutex<File>,
}

impl KeyLogFile {
    /// Opens `path` for adding to it; a file that is not there is made with mode 0600.
    pub(super) fn open(path: &str) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self { path: path.to_owned(), file: Mutex::new(options.open(path)?) })
    }
}

impl std::fmt::Debug for KeyLogFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KeyLogFile").field(&self.path).finish()
    }
}

impl KeyLog for KeyLogFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk is no reason to end a connection.
        let _not_logged = file.write_all(line.as_bytes());
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _infallible = write!(text, "{byte:02x}");
    }
    text
}
