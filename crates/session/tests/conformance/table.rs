//! `docs/conformance.md` is true: each test that it names is there, each statement stands once and in order, and its counts are right.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// A row: the statement and how it is covered.
struct Row {
    statement: String,
    coverage: Coverage,
}

enum Coverage {
    /// Tests as `place/file::function`.
    Tests(Vec<String>),
    Library,
    NotCovered,
    NotApplicable,
}

/// A version's part of the document.
#[derive(Default)]
struct Part {
    rows: Vec<Row>,
    /// Statements for servers alone.
    servers: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document() -> String {
    std::fs::read_to_string(root().join("docs/conformance.md")).unwrap()
}

/// The text between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn coverage(cell: &str) -> Coverage {
    if cell.starts_with("the MQTT library, not tested here") {
        return Coverage::Library;
    }
    let because = |word: &str| {
        cell.strip_prefix(word).map(|why| assert!(why.trim().len() > 5, "without a reason: {cell}"))
    };
    if because("not covered:").is_some() {
        return Coverage::NotCovered;
    }
    if because("not applicable:").is_some() {
        return Coverage::NotApplicable;
    }
    let tests: Vec<_> = quoted(cell).into_iter().filter(|name| name.contains("::")).collect();
    assert!(!tests.is_empty(), "neither a test nor a reason: {cell}");
    Coverage::Tests(tests)
}

/// The parts by their version.
fn parts(document: &str) -> BTreeMap<&str, Part> {
    let mut parts = BTreeMap::<&str, Part>::new();
    let mut version = "";
    for line in document.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            version = title.strip_prefix("MQTT ").unwrap_or("");
        } else if let Some(row) = line.strip_prefix("| MQTT-") {
            let cells: Vec<_> = row.trim_end_matches('|').splitn(3, " | ").collect();
            let [statement, says, covered] = cells[..] else { panic!("{line}") };
            assert!(says.len() > 5, "{line}");
            parts.entry(version).or_default().rows.push(Row {
                statement: statement.trim().to_owned(),
                coverage: coverage(covered.trim()),
            });
        } else if line.starts_with("For servers alone:") {
            parts.entry(version).or_default().servers.extend(quoted(line));
        }
    }
    parts
}

/// 3.1.2-24 as numbers, to be compared.
fn numbers(statement: &str) -> Vec<u32> {
    let numbers = statement.split(['.', '-']).map(str::parse);
    numbers.collect::<Result<_, _>>().unwrap_or_else(|_| panic!("{statement} is no identifier"))
}

#[test]
fn statements_stand_once_and_in_their_order() {
    let document = document();
    for (version, part) in parts(&document) {
        let rows: Vec<_> = part.rows.iter().map(|row| numbers(&row.statement)).collect();
        assert!(
            rows.windows(2).all(|pair| pair[0] < pair[1]),
            "{version}: {:?}",
            first_disorder(&rows)
        );
        let servers: Vec<_> = part.servers.iter().map(|name| numbers(name)).collect();
        assert!(servers.windows(2).all(|pair| pair[0] < pair[1]), "{version}, servers");
        assert!(servers.iter().all(|name| !rows.contains(name)), "{version}: in both lists");
    }
}

fn first_disorder(rows: &[Vec<u32>]) -> Option<&[Vec<u32>]> {
    rows.windows(2).find(|pair| pair[0] >= pair[1])
}

#[test]
fn every_test_that_is_named_is_there() {
    let document = document();
    let places: HashMap<_, _> = document
        .lines()
        .filter_map(|line| {
            let names = quoted(line.strip_prefix("- ")?);
            let [place, folder] = &names[..] else { return None };
            Some((place.trim_end_matches('/').to_owned(), root().join(folder)))
        })
        .collect();
    let mut files = HashMap::new();
    let mut missing = Vec::new();
    for part in parts(&document).values() {
        for row in &part.rows {
            let Coverage::Tests(tests) = &row.coverage else { continue };
            for test in tests {
                let (file, function) = test.split_once("::").unwrap();
                let (place, name) = file.split_once('/').unwrap();
                let text = files.entry(file.to_owned()).or_insert_with(|| {
                    let folder = places.get(place).unwrap_or_else(|| panic!("no place {place}"));
                    std::fs::read_to_string(folder.join(format!("{name}.rs"))).unwrap_or_default()
                });
                if !text.contains(&format!("fn {function}(")) {
                    missing.push(format!("{}: {test}", row.statement));
                }
            }
        }
    }
    assert!(missing.is_empty(), "not there: {missing:#?}");
}

#[test]
fn the_counts_are_right() {
    let document = document();
    for (version, part) in parts(&document) {
        let count =
            |of: fn(&Coverage) -> bool| part.rows.iter().filter(|row| of(&row.coverage)).count();
        let line = format!(
            "| {version} | {} | {} | {} | {} | {} | {} |",
            part.rows.len(),
            count(|coverage| matches!(coverage, Coverage::Tests(_))),
            count(|coverage| matches!(coverage, Coverage::Library)),
            count(|coverage| matches!(coverage, Coverage::NotCovered)),
            count(|coverage| matches!(coverage, Coverage::NotApplicable)),
            part.servers.len(),
        );
        assert!(document.contains(&line), "the counts are {line}");
    }
}
