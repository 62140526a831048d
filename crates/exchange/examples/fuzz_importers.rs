//! Feeds damaged files of every format to the importers, on two threads, and counts what became of them.
//!
//! `fuzz_importers 10000000` damages ten million files; a second number is the seed that it begins with. A file that
//! makes an importer panic, or show a secret in its error, is counted and its seed printed; the exit status is 1 then.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a tool for tests")]
#![expect(clippy::print_stdout, reason = "this is its output")]

#[path = "../tests/importers/corpus.rs"]
mod corpus;
#[path = "../tests/importers/mutate.rs"]
mod mutate;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mqttscope_exchange::import;

/// How many files are damaged at the same time.
const THREADS: u64 = 2;

#[derive(Clone, Default)]
struct Count {
    read: u64,
    refused: BTreeMap<&'static str, u64>,
    panics: u64,
    leaks: u64,
    slowest: Duration,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().unwrap());
    let inputs = arguments.next().unwrap_or(100_000);
    let seed = arguments.next().unwrap_or(1);
    let corpus = corpus::corpus();
    let begin = Instant::now();
    let mut total = vec![Count::default(); corpus.len()];
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let corpus = &corpus;
                scope.spawn(move || run(corpus, (seed + thread..seed + inputs).step_by(2)))
            })
            .collect();
        for thread in threads {
            for (all, part) in total.iter_mut().zip(thread.join().unwrap()) {
                all.read += part.read;
                all.panics += part.panics;
                all.leaks += part.leaks;
                all.slowest = all.slowest.max(part.slowest);
                for (cause, count) in part.refused {
                    *all.refused.entry(cause).or_default() += count;
                }
            }
        }
    });
    print(&corpus, &total, inputs, begin.elapsed());
    if total.iter().any(|count| count.panics + count.leaks > 0) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn run(corpus: &[(&str, Vec<u8>)], seeds: impl Iterator<Item = u64>) -> Vec<Count> {
    let mut counts = vec![Count::default(); corpus.len()];
    for seed in seeds {
        let mut dice = mutate::Dice::new(seed);
        let which = dice.below(corpus.len());
        let (name, bytes) = &corpus[which];
        let bytes = mutate::damaged(bytes, corpus, &mut dice);
        let begin = Instant::now();
        let read = catch_unwind(AssertUnwindSafe(|| {
            import::read(name, &bytes, None, &jiff::tz::TimeZone::UTC)
        }));
        let count = &mut counts[which];
        count.slowest = count.slowest.max(begin.elapsed());
        match read {
            Ok(Ok(_)) => count.read += 1,
            Ok(Err(error)) => {
                if error.to_string().contains("s3cr3t") {
                    count.leaks += 1;
                    println!("seed {seed} of {name} shows a secret: {error}");
                }
                *count.refused.entry(error.cause.as_str()).or_default() += 1;
            }
            Err(_) => {
                count.panics += 1;
                println!("seed {seed} of {name} panicked");
            }
        }
    }
    counts
}

fn print(corpus: &[(&str, Vec<u8>)], total: &[Count], inputs: u64, took: Duration) {
    for ((name, _), count) in corpus.iter().zip(total) {
        let refused: u64 = count.refused.values().sum();
        let all = count.read + refused + count.panics;
        println!(
            "{name}: {all} inputs, {} read, {refused} refused, {} panics, slowest {:?}; {:?}",
            count.read, count.panics, count.slowest, count.refused
        );
    }
    let panics: u64 = total.iter().map(|count| count.panics).sum();
    let rate = f64::from(u32::try_from(inputs).unwrap_or(u32::MAX)) / took.as_secs_f64();
    println!("{inputs} inputs in {took:.1?}, {rate:.0} a second, {panics} panics");
}
