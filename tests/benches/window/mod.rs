//! The real window while messages pour in: is it still a window?
//!
//! A fake broker in this process sends at a fixed pace; the application is the release build, before a
//! screen that nobody sees, and follows. A probe in the page notes every animation frame and which
//! message is the newest row in it, so the figures are those of what is drawn and not of what the engine
//! thinks. The product has nothing in it for this bench. Frames count against those of the same window
//! while nothing comes, because a screen without a graphics card draws slower than a real one.
//!
//! `--seconds N` shortens each rate, `--rate N` measures one rate only, `--frames` and `--start` one half only, and
//! `--quick` is all of it with 5 s, three starts and a tenth of the messages.

mod broker;
mod following;
mod home;
mod probe;
mod processes;
mod start;

pub(crate) fn bench() -> acceptance::bench::Outcome<()> {
    use acceptance::bench::{Arguments, Report, runtime};

    let arguments = Arguments::of_process();
    let mut report = Report::new("window", &arguments);
    let all = arguments.has("--frames") == arguments.has("--start");
    runtime()?.block_on(async {
        if all || arguments.has("--frames") {
            following::measure(&arguments, &mut report).await?;
        }
        if all || arguments.has("--start") {
            start::measure(&arguments, &mut report).await?;
        }
        acceptance::bench::Outcome::Ok(())
    })?;
    report.print();
    report.write()
}
