//! Who may import what: the arrows of ARCHITECTURE.md, held against the real manifests.
//!
//! The compiler would accept any acyclic graph. Ours says more: nouns know no deeds, nothing below
//! the shell knows Tauri, and each large library is named by one crate, so that it can be
//! replaced there. A crate that is not in the table fails, so that its place is decided.

use serde_json::Value;

use crate::process::Failure;
use crate::workspace;

/// A package of ours, and which of ours it may depend on.
const OURS: &[(&str, &[&str])] = &[
    ("mqttscope-model", &[]),
    ("mqttscope-transport", &["mqttscope-model"]),
    ("mqttscope-session", &["mqttscope-model", "mqttscope-packets", "mqttscope-transport"]),
    ("mqttscope-history", &["mqttscope-model"]),
    ("mqttscope-packets", &["mqttscope-model"]),
    ("mqttscope-payload", &["mqttscope-model"]),
    ("mqttscope-profiles", &["mqttscope-model"]),
    ("mqttscope-broker", &["mqttscope-model"]),
    ("mqttscope-exchange", &["mqttscope-model"]),
    ("mqttscope-diagnosis", &["mqttscope-model", "mqttscope-transport", "mqttscope-session"]),
    (
        "mqttscope-probe",
        &["mqttscope-model", "mqttscope-packets", "mqttscope-transport", "mqttscope-session"],
    ),
    ("mqttscope-cli", &["mqttscope-model", "mqttscope-profiles", "mqttscope-diagnosis"]),
    (
        "mqttscope-engine",
        &[
            "mqttscope-model",
            "mqttscope-diagnosis",
            "mqttscope-probe",
            "mqttscope-session",
            "mqttscope-history",
            "mqttscope-packets",
            "mqttscope-profiles",
            "mqttscope-payload",
            "mqttscope-broker",
            "mqttscope-exchange",
        ],
    ),
    ("mqttscope", &["mqttscope-model", "mqttscope-engine"]),
    // Benches measure the engine's parts by themselves too.
    (
        "acceptance",
        &[
            "mqttscope-model",
            "mqttscope-engine",
            "mqttscope-session",
            "mqttscope-history",
            "mqttscope-packets",
        ],
    ),
    ("xtask", &[]),
];

/// Libraries that only certain packages may name. A name that ends in `*` stands for all that
/// begin like it. Tests may name any of them except Tauri.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("tauri*", &["mqttscope"]),
    ("rumqttc*", &["mqttscope-session"]),
    ("rmqtt*", &["mqttscope-broker"]),
    ("rusqlite", &["mqttscope-history", "mqttscope-exchange"]),
    ("keyring*", &["mqttscope-profiles"]),
    ("notify", &["mqttscope-profiles"]),
    ("rustls*", &["mqttscope-transport"]),
    ("tokio-rustls", &["mqttscope-transport"]),
    ("tokio-tungstenite", &["mqttscope-transport", "mqttscope-broker"]),
    ("tokio-socks", &["mqttscope-transport"]),
    ("hyper-util", &["mqttscope-transport"]),
    ("pkcs8", &["mqttscope-transport"]),
    ("p12-keystore", &["mqttscope-transport"]),
    ("age", &["mqttscope-exchange"]),
    ("serde-saphyr", &["mqttscope-exchange"]),
];

/// Holds the workspace against the tables.
pub fn check() -> Result<(), Failure> {
    let metadata = workspace::metadata()?;
    let uses = uses(&metadata);
    let wrong = broken(&uses);
    if wrong.is_empty() {
        println!("{} dependencies go where they may", uses.len());
        return Ok(());
    }
    Err(Failure::Said(format!(
        "{}\nThe rules are in xtask/src/arrows.rs and ARCHITECTURE.md.",
        wrong.join("\n")
    )))
}

/// One line of a manifest: a package names a library.
#[derive(Debug)]
struct Use {
    from: String,
    to: String,
    for_tests: Purpose,
}

#[derive(Debug, PartialEq, Eq)]
enum Purpose {
    Product,
    Tests,
}

fn uses(metadata: &Value) -> Vec<Use> {
    let list = |value: &Value, name: &str| -> Vec<Value> {
        value.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let text = |value: &Value, name: &str| -> String {
        value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut uses = Vec::new();
    for package in list(metadata, "packages") {
        let from = text(&package, "name");
        // A package without dependencies must have its place in the table too.
        uses.push(Use { from: from.clone(), to: from.clone(), for_tests: Purpose::Product });
        for dependency in list(&package, "dependencies") {
            let dev = text(&dependency, "kind") == "dev" || from == "acceptance";
            let for_tests = if dev { Purpose::Tests } else { Purpose::Product };
            uses.push(Use { from: from.clone(), to: text(&dependency, "name"), for_tests });
        }
    }
    uses
}

fn broken(uses: &[Use]) -> Vec<String> {
    uses.iter().filter_map(fault).collect()
}

fn fault(used: &Use) -> Option<String> {
    let Use { from, to, for_tests } = used;
    let Some((_, allowed)) = OURS.iter().find(|(name, _)| name == from) else {
        return Some(format!("{from} is not in the table: decide who it may import, and who it"));
    };
    if from == to {
        return None;
    }
    if OURS.iter().any(|(name, _)| name == to) && !allowed.contains(&to.as_str()) {
        return Some(format!("{from} must not depend on {to}"));
    }
    let (rule, owners) = LIBRARIES.iter().find(|(rule, _)| matches(rule, to))?;
    let free = *for_tests == Purpose::Tests && *rule != "tauri*";
    (!free && !owners.contains(&from.as_str()))
        .then(|| format!("{from} must not name {to}: only {} may", owners.join(", ")))
}

fn matches(rule: &str, name: &str) -> bool {
    rule.strip_suffix('*').map_or(rule == name, |beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, to: &str, for_tests: Purpose, expect: &str) {
        let found = fault(&Use { from: from.to_owned(), to: to.to_owned(), for_tests });
        assert_eq!(found.unwrap_or_default(), expect);
    }

    #[test]
    fn arrows_point_from_deeds_to_nouns_and_never_back() {
        use Purpose::Product;
        check("mqttscope-session", "mqttscope-model", Product, "");
        check("mqttscope-engine", "mqttscope-history", Product, "");
        check(
            "mqttscope-model",
            "mqttscope-session",
            Product,
            "mqttscope-model must not depend on mqttscope-session",
        );
        check(
            "mqttscope",
            "mqttscope-session",
            Product,
            "mqttscope must not depend on mqttscope-session",
        );
        check(
            "mqttscope-history",
            "mqttscope-session",
            Purpose::Tests,
            "mqttscope-history must not depend on mqttscope-session",
        );
    }

    #[test]
    fn a_library_is_named_by_its_crate_alone() {
        use Purpose::{Product, Tests};
        check("mqttscope", "tauri-plugin-dialog", Product, "");
        check(
            "mqttscope-engine",
            "tauri",
            Tests,
            "mqttscope-engine must not name tauri: only mqttscope may",
        );
        check(
            "mqttscope-engine",
            "rusqlite",
            Product,
            "mqttscope-engine must not name rusqlite: only mqttscope-history, mqttscope-exchange may",
        );
        check("mqttscope-engine", "rusqlite", Tests, "");
    }

    #[test]
    fn an_unknown_package_fails_even_without_dependencies() {
        check(
            "mqttscope-new",
            "mqttscope-new",
            Purpose::Product,
            "mqttscope-new is not in the table: decide who it may import, and who it",
        );
    }

    #[test]
    fn metadata_is_read_with_its_kinds() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "mqttscope-engine", "dependencies": [
                { "name": "tempfile", "kind": "dev" }, { "name": "tokio", "kind": null } ] }
        ]});
        let uses = uses(&metadata);
        let seen: Vec<_> = uses.iter().map(|u| (u.to.as_str(), &u.for_tests)).collect();
        assert_eq!(
            seen,
            [
                ("mqttscope-engine", &Purpose::Product),
                ("tempfile", &Purpose::Tests),
                ("tokio", &Purpose::Product)
            ]
        );
    }
}
