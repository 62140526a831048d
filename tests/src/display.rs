//! A screen that nobody sees.

use std::path::{Path, PathBuf};

use crate::process::{self, Process};
use crate::wait;

/// The size of the screen and of the application's window, which fills it: there is no window
/// manager that would make it another.
pub const SIZE: (u32, u32) = (1280, 800);

/// An X server without a screen, on a display number of its own.
#[derive(Debug)]
pub struct Display {
    name: String,
    /// What is on the screen, as the server keeps it.
    pixels: PathBuf,
    _server: Process,
}

/// What was on the screen at one moment, each pixel as `[red, green, blue]`.
#[derive(Debug)]
pub struct Picture {
    width: usize,
    pixels: Vec<[u8; 3]>,
}

impl Display {
    /// Starts Xvfb and waits until it has said its number.
    pub fn start(folder: &Path) -> Self {
        let mut command = process::program("Xvfb");
        let (width, height) = SIZE;
        // It finds a free number itself and says it on its standard output.
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"]);
        command.arg(format!("{width}x{height}x24")).arg("-fbdir").arg(folder);
        let mut server = Process::start(command, &folder.join("xvfb.log"));
        let number = wait::blocking_until("Xvfb to say its number", || {
            server.check()?;
            let log = server.log();
            let number = log.lines().find_map(|line| line.trim().parse::<u32>().ok());
            number.filter(|_| log.ends_with('\n')).ok_or(log)
        });
        let pixels = folder.join("Xvfb_screen0");
        Self { name: format!(":{number}"), pixels, _server: server }
    }

    /// The value of `DISPLAY`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Looks at the screen without asking the server or anybody who draws on it.
    pub fn picture(&self) -> Picture {
        let file = std::fs::read(&self.pixels).expect("the server keeps its screen in a file");
        Picture::from_xwd(&file)
    }
}

impl Picture {
    /// The pixel `left` and `top` of the screen's corner.
    pub fn at(&self, left: usize, top: usize) -> [u8; 3] {
        self.pixels[top * self.width + left]
    }

    /// Reads the X window dump format, version 7, of a screen with four bytes a pixel: a header of numbers with the most
    /// significant byte first, a table of colours of twelve bytes each, then the lines.
    fn from_xwd(file: &[u8]) -> Self {
        let number = |index: usize| {
            let bytes = file[index * 4..][..4].try_into().expect("four bytes");
            u32::from_be_bytes(bytes) as usize
        };
        let [header, version, width, height] = [number(0), number(1), number(4), number(5)];
        let [order, bits, line, colors] = [number(7), number(11), number(12), number(19)];
        assert_eq!((version, bits), (7, 32), "another format of the screen");
        let lines = file[header + colors * 12..].chunks_exact(line).take(height);
        let pixel = |bytes: &[u8]| match *bytes {
            [blue, green, red, _] if order == 0 => [red, green, blue],
            [_, red, green, blue] => [red, green, blue],
            _ => unreachable!("a chunk has four bytes"),
        };
        let pixels = lines.flat_map(|line| line[..width * 4].chunks_exact(4).map(pixel)).collect();
        Self { width, pixels }
    }
}
