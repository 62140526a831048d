//! MQTTScope in a terminal: why a broker cannot be used.
//!
//! The same diagnosis as in the window, printed while it grows or as one JSON document. It runs beside the
//! application and leaves no trace in its folders. Parsing is done with `lexopt`: four hundred lines in place of
//! half a megabyte; the price is that the help text is written by hand.

mod arguments;
mod case;
mod clean;
mod evidence;
mod json;
mod text;
mod words;

use std::future::poll_fn;
use std::io::Write as _;
use std::pin::pin;
use std::process::ExitCode;
use std::task::Poll;

use arguments::{Command, Diagnose, HELP, Wrong};
use mqttscope_diagnosis::{Report, Run, Verdict};

/// The broker can be used.
const USABLE: u8 = 0;
/// It cannot.
const NOT_USABLE: u8 = 1;
/// The command was given wrongly.
const WRONG_USAGE: u8 = 2;
/// The user ended it: 128 and the number of SIGINT, as shells have it.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let done = arguments::parse(std::env::args_os().skip(1)).and_then(run);
    ExitCode::from(done.unwrap_or_else(|wrong| {
        let text = clean::line(&wrong.to_string());
        _ = writeln!(std::io::stderr(), "mqttscope-cli: {text}\n\n{}", arguments::USAGE);
        WRONG_USAGE
    }))
}

fn run(command: Command) -> Result<u8, Wrong> {
    match command {
        Command::Help => say(HELP),
        Command::Version => say(concat!("mqttscope-cli ", env!("CARGO_PKG_VERSION"))),
        Command::Diagnose(wanted) => return diagnose(&wanted),
    }
    Ok(USABLE)
}

fn diagnose(wanted: &Diagnose) -> Result<u8, Wrong> {
    let case = case::case(wanted)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Wrong::Runtime(error.to_string()))?;
    let report = runtime.block_on(async {
        let run = Run::start(case);
        if wanted.json {
            let report = finish(&run, |_| {}).await;
            say(&clean::json(&json::document(&report)));
            report
        } else {
            let mut printer = text::Printer::new(std::io::stdout());
            let report = finish(&run, |report| printer.grown(report)).await;
            printer.over(&report);
            report
        }
    });
    // A name lookup that nobody waits for any more must not hold up the end.
    runtime.shutdown_background();
    Ok(match report.diagnosis.map(|diagnosis| diagnosis.verdict) {
        Some(Verdict::Ok) => USABLE,
        Some(Verdict::Failed) => NOT_USABLE,
        Some(Verdict::Cancelled) | None => INTERRUPTED,
    })
}

/// Waits until the diagnosis is over and tells each step. Ctrl-C ends it with a goodbye to the broker, a second one at once.
async fn finish(run: &Run, mut grown: impl FnMut(&Report)) -> Report {
    let mut report = run.report();
    let mut interrupt = pin!(interruption());
    // It is listened for from its first poll on, so before anybody can have read anything.
    let mut interrupted =
        poll_fn(|context| Poll::Ready(interrupt.as_mut().poll(context).is_ready())).await;
    if interrupted {
        run.cancel();
        interrupt.set(interruption());
    }
    loop {
        let now = report.borrow_and_update().clone();
        grown(&now);
        if now.diagnosis.is_some() {
            return now;
        }
        tokio::select! {
            changed = report.changed() => if changed.is_err() {
                return report.borrow().clone();
            },
            () = &mut interrupt => {
                if interrupted {
                    return now;
                }
                interrupted = true;
                run.cancel();
                interrupt.set(interruption());
            }
        }
    }
}

/// Waits for Ctrl-C; for ever where the system does not tell of it.
async fn interruption() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Writes a text to standard output. Who reads it may have gone, which is no error of ours.
fn say(text: &str) {
    _ = writeln!(std::io::stdout(), "{text}");
}
