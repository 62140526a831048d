//! The lists of the README are those of the enums. `UPDATE_README=1 cargo test -p mqttscope-diagnosis readme` writes them.

use crate::{CauseCode, FixCode};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// What stands between the line `<!-- name -->` and the line `<!-- end of name -->`.
fn replaced(text: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = text.split_once(&begin).expect("the list's beginning is marked");
    let (_, after) = rest.split_once(&end).expect("the list's end is marked");
    format!("{before}{begin}\n{table}\n{end}{after}")
}

fn table<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let rows = rows.map(|(code, about)| format!("| `{code}` | {about} |\n"));
    "| code | meaning |\n|---|---|\n".chars().chain(rows.collect::<String>().chars()).collect()
}

#[test]
fn the_readme_lists_every_code() {
    let causes = table(CauseCode::ALL.iter().map(|code| (code.as_str(), code.about())));
    let fixes = table(FixCode::ALL.iter().map(|code| (code.as_str(), code.about())));
    let now = std::fs::read_to_string(FILE).unwrap();
    let expect = replaced(&replaced(&now, "causes", &causes), "fixes", &fixes);
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(FILE, &expect).unwrap();
        return;
    }
    assert!(now == expect, "run it with UPDATE_README=1");
}
