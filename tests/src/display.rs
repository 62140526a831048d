//! A screen that nobody sees.

use std::path::Path;

use crate::process::{self, Process};
use crate::wait;

/// The size of the screen and of the application's window, which fills it: there is no window
/// manager that would make it another.
pub const SIZE: (u32, u32) = (1280, 800);

/// An X server without a screen, on a display number of its own.
#[derive(Debug)]
pub struct Display {
    name: String,
    _server: Process,
}

impl Display {
    /// Starts Xvfb and waits until it has said its number.
    pub fn start(folder: &Path) -> Self {
        let mut command = process::program("Xvfb");
        let (width, height) = SIZE;
        // It finds a free number itself and says it on its standard output.
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"]);
        command.arg(format!("{width}x{height}x24"));
        let mut server = Process::start(command, &folder.join("xvfb.log"));
        let number = wait::blocking_until("Xvfb to say its number", || {
            server.check()?;
            let log = server.log();
            let number = log.lines().find_map(|line| line.trim().parse::<u32>().ok());
            number.filter(|_| log.ends_with('\n')).ok_or(log)
        });
        Self { name: format!(":{number}"), _server: server }
    }

    /// The value of `DISPLAY`.
    pub fn name(&self) -> &str {
        &self.name
    }
}
