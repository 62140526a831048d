//! The same searches by `rg`, over the same messages as JSON Lines.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use acceptance::bench::{Figure, Outcome, Report, median};
use mqttscope_history::{History, Job};
use mqttscope_model::{ExportRequest, ViewFilter};
use tokio::runtime::Runtime;

use super::{ROUNDS, searches};

/// What `rg` is asked for each of the searches, in their order. In the export the quotes of a payload have a
/// backslash before them. JSON it does not know: it gets the expression that finds the same messages.
const WORDS: [&[&str]; 5] = [
    &["-F", "needle"],
    &["-F", "nothing"],
    &["-i", "-F", "NEEDLE"],
    &[r"\btemp.{1,2}:4[0-9]\.9"],
    &[r#"temp\\":49\.[1-9]"#],
];

/// Measures both in turn. Without `rg` only ours is told.
pub(crate) fn measure(
    report: &mut Report,
    history: &History,
    runtime: &Runtime,
    folder: &Path,
) -> Outcome<()> {
    let file = folder.join("messages.jsonl");
    let begun = Instant::now();
    let done = history.export_file(&ExportRequest::default(), &file, &Job::new())?;
    let took = begun.elapsed().as_secs_f64() * 1e3;
    let figure = Figure::ours("export of all as JSON Lines", took, "ms");
    report.add(figure.with("messages", done.messages).with("bytes", done.bytes));
    for ((name, test, _), words) in searches().into_iter().zip(WORDS) {
        eprintln!("{name}, beside rg");
        let filter = ViewFilter { payload: vec![test], ..ViewFilter::default() };
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let view = history.view(&filter)?;
            runtime.block_on(async {
                view.progress().wait_for(|told| told.complete).await.map(drop)
            })?;
            ours.push(begun.elapsed().as_secs_f64() * 1e3);
            let begun = Instant::now();
            let Ok(ran) = Command::new("rg").arg("-c").args(words).arg(&file).output() else {
                eprintln!("rg is not installed");
                return Ok(());
            };
            theirs.push(begun.elapsed().as_secs_f64() * 1e3);
            let counted: u64 = String::from_utf8(ran.stdout)?.trim().parse().unwrap_or_default();
            if counted != view.len() {
                return Err(format!("{name}: rg found {counted}, we {}", view.len()).into());
            }
        }
        let (ours, theirs) = (median(ours), median(theirs));
        let what = format!("{name}: all, in turn with rg");
        report.add(Figure::ours(&what, ours, "ms").at_most(theirs).with("by_rg", ours / theirs));
        report.add(Figure::of("rg", &what, theirs, "ms"));
    }
    Ok(())
}
