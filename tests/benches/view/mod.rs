//! Views over a million messages: pages, filters, and searches beside `rg`.
//!
//! 160 bytes of JSON a message on 10,000 topics, in a history of its own. A page is 100 rows anywhere; a filter is timed from
//! when it is asked until everything has been looked at. `rg` searches the same messages as our own export wrote
//! them, in turn with ours, and what both find must be the same number. `rg` uses as many threads as it likes.
//!
//! `--quick` takes 100,000 messages.

mod beside_rg;

use std::time::{Duration, Instant, SystemTime};

use acceptance::bench::{Arguments, Figure, Outcome, Report, fill, median, percentile, runtime};
use mqttscope_history::{History, HistoryError, Page, View, ViewProgress};
use mqttscope_model::{Comparison, PayloadTest, ViewFilter};
use tokio::runtime::Runtime;

const MESSAGES: u64 = 1_000_000;

/// Pages that are read of each view, and their rows.
const PAGES: u64 = 1_000;
const ROWS: u32 = 100;

/// How often each filter is asked.
pub(crate) const ROUNDS: usize = 5;

/// What the issue asks, in milliseconds.
const PAGE_MS: f64 = 5.0;
const FILTER_MS: f64 = 50.0;
const FIRST_MS: f64 = 50.0;

/// Rows that a person sees first.
const SCREEN: u32 = 50;

/// A filter with its name.
struct Case {
    name: &'static str,
    filter: ViewFilter,
    /// The limit for looking at everything, where the issue has one that is not `rg`'s.
    all_ms: Option<f64>,
    /// Whether so many match that the first rows must be there at once.
    common: bool,
}

pub(crate) fn bench() -> Outcome<()> {
    let arguments = Arguments::of_process();
    let messages = if arguments.quick() { MESSAGES / 10 } else { MESSAGES };
    let mut report = Report::new("view", &arguments);
    let folder = tempfile::tempdir()?;
    let runtime = runtime()?;
    eprintln!("storing {messages} messages");
    let history = History::open(&folder.path().join("history.sqlite"), SystemTime::now)?.history;
    runtime.block_on(fill(&history, 0..messages))?;
    eprintln!("pages");
    let plain = pages(|first| history.page(first, ROWS), messages)?;
    let figure = Figure::ours("page anywhere, everything, p99", percentile(plain, 0.99), "ms");
    report.add(figure.at_most(PAGE_MS));
    for case in cases() {
        eprintln!("{}", case.name);
        measure(&mut report, &history, &runtime, &case)?;
    }
    beside_rg::measure(&mut report, &history, &runtime, folder.path())?;
    history.close()?;
    report.print();
    report.write()
}

fn cases() -> Vec<Case> {
    let filters = [
        ("topic filter, one in a hundred", "plant/+/line/7/#"),
        ("topic filter, one topic", "plant/7/line/7/temperature"),
    ];
    let mut cases: Vec<Case> = filters
        .map(|(name, topic)| Case {
            name,
            filter: ViewFilter { topics: vec![topic.to_owned()], ..ViewFilter::default() },
            all_ms: Some(FILTER_MS),
            common: false,
        })
        .into();
    let retained = ViewFilter { retain: Some(true), ..ViewFilter::default() };
    let not = ViewFilter { retain: Some(false), ..ViewFilter::default() };
    for (name, filter) in [("flag filter, retained", retained), ("flag filter, the rest", not)] {
        cases.push(Case { name, filter, all_ms: Some(FILTER_MS), common: false });
    }
    for (name, test, common) in searches() {
        let filter = ViewFilter { payload: vec![test], ..ViewFilter::default() };
        cases.push(Case { name, filter, all_ms: None, common });
    }
    cases
}

/// Searches in payloads with their names, and whether matches are common.
pub(crate) fn searches() -> [(&'static str, PayloadTest, bool); 5] {
    let text =
        |text: &str, case_sensitive| PayloadTest::Text { text: text.to_owned(), case_sensitive };
    let regex =
        PayloadTest::Regex { pattern: r"\btemp.{1,2}:4[0-9]\.9".to_owned(), case_sensitive: true };
    let json = PayloadTest::Json {
        path: "$.temp".to_owned(),
        comparison: Comparison::Greater,
        value: "49".to_owned(),
    };
    [
        ("text, rare", text("needle", true), false),
        ("text, common", text("nothing", true), true),
        ("text, any case", text("NEEDLE", false), false),
        ("regular expression", regex, true),
        ("JSON, $.temp > 49", json, true),
    ]
}

fn measure(report: &mut Report, history: &History, runtime: &Runtime, case: &Case) -> Outcome<()> {
    let Case { name, filter, all_ms, common } = case;
    let (mut firsts, mut alls, mut slowest) = (Vec::new(), Vec::new(), Vec::new());
    let mut found = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let view = history.view(filter)?;
        let until = |what: fn(&ViewProgress) -> bool| -> Outcome<Duration> {
            runtime.block_on(async { view.progress().wait_for(what).await.map(drop) })?;
            Ok(begun.elapsed())
        };
        until(|told| told.found >= u64::from(SCREEN) || told.complete)?;
        view.page(view.len().saturating_sub(SCREEN.into()), SCREEN)?;
        firsts.push(begun.elapsed().as_secs_f64() * 1e3);
        alls.push(until(|told| told.complete)?.as_secs_f64() * 1e3);
        found = view.len();
        slowest.push(percentile(pages_of(&view)?, 0.99));
    }
    let first = Figure::ours(format!("{name}: first {SCREEN} rows"), median(firsts), "ms");
    report.add(if *common { first.at_most(FIRST_MS) } else { first });
    let all = Figure::ours(format!("{name}: all"), median(alls), "ms").with("found", found);
    report.add(match all_ms {
        Some(limit) => all.at_most(*limit),
        None => all,
    });
    let page = Figure::ours(format!("{name}: page anywhere, p99"), median(slowest), "ms");
    report.add(page.at_most(PAGE_MS));
    Ok(())
}

fn pages_of(view: &View) -> Outcome<Vec<f64>> {
    pages(|first| view.page(first, ROWS), view.len())
}

/// Milliseconds of a thousand pages, spread over everything.
fn pages(read: impl Fn(u64) -> Result<Page, HistoryError>, total: u64) -> Outcome<Vec<f64>> {
    (0..PAGES)
        .map(|number| {
            let begun = Instant::now();
            read(number.wrapping_mul(2_654_435_761) % total.max(1))?;
            Ok(begun.elapsed().as_secs_f64() * 1e3)
        })
        .collect()
}
