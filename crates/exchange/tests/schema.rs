//! The published JSON Schema says of an export exactly what it is.
#![allow(clippy::unwrap_used, reason = "the functions around the tests are tests too")]

mod generate;

use mqttscope_exchange::ExportFormat;
use mqttscope_exchange::document;
use mqttscope_model::{FolderId, Node, Profile, ProfileId, Tree};
use proptest::prelude::*;
use serde_json::{Value, json};

fn schema() -> jsonschema::Validator {
    let text = include_str!("../../../docs/profiles.schema.json");
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
}

fn written(profiles: &[Profile], tree: &Tree, sealed: Option<&str>) -> Value {
    let text = document::write(profiles, tree, sealed, ExportFormat::Json).unwrap();
    serde_json::from_str(&text).unwrap()
}

proptest! {
    #[test]
    fn every_export_follows_it(profile in generate::profile(), colour in generate::colour()) {
        let leaf = Node::Profile { id: profile.id.clone() };
        let id = FolderId("f".to_owned());
        let folder = Node::Folder { id, name: profile.name.clone(), colour, children: vec![leaf] };
        let sealed = "-----BEGIN AGE ENCRYPTED FILE-----\n";
        let export = written(&[profile], &Tree(vec![folder]), Some(sealed));
        let errors: Vec<String> =
            schema().iter_errors(&export).map(|error| format!("{}: {error}", error.instance_path())).collect();
        prop_assert_eq!(errors, Vec::<String>::new());
    }

    /// A value of an export is replaced by one of another kind: what the schema takes must be readable, and the other
    /// way round. No lists: the library reads one in the place of an object, which nobody is told to write. No text: one
    /// in the place of a secret is read, and not believed.
    #[test]
    fn what_it_takes_can_be_read_and_what_it_refuses_cannot(
        profile in generate::profile(),
        place in any::<prop::sample::Index>(),
        other in prop::sample::select(vec![json!(-1), json!(1.5), json!({}), json!({"x": 1}), json!(70_000_000_000_u64)]),
    ) {
        let mut export = written(&[profile], &Tree::default(), None);
        let mut places = Vec::new();
        pointers(&export, String::new(), &mut places);
        let place = place.get(&places).clone();
        *export.pointer_mut(&place).unwrap() = other;
        let is_read = document::read(export.to_string().as_bytes()).is_some_and(|read| read.is_ok());
        prop_assert_eq!(schema().is_valid(&export), is_read, "{}: {}", place, export);
    }
}

fn pointers(value: &Value, at: String, places: &mut Vec<String>) {
    if !at.is_empty() {
        places.push(at.clone());
    }
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                pointers(value, format!("{at}/{key}"), places);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                pointers(value, format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
}

#[test]
fn it_refuses_what_is_no_export() {
    let profile = Profile::new(ProfileId::new("a").unwrap(), String::new());
    let good = written(&[profile], &Tree::default(), None);
    assert!(schema().is_valid(&good));
    let wrong = [
        ("/format", json!("something")),
        ("/version", json!(2)),
        ("/profiles/0/id", json!("../a")),
        ("/profiles/0/password", json!("hunter2")),
        ("/profiles/0/version", json!("4")),
        ("/profiles/0/keep_alive", json!(65_536)),
        ("/profiles/0/tls/roots", json!({"kind": "pinned"})),
        ("/folders", json!([{"kind": "folder"}])),
    ];
    for (place, value) in wrong {
        let mut export = good.clone();
        *export.pointer_mut(place).unwrap() = value;
        assert!(!schema().is_valid(&export), "{place}");
    }
    let mut export = good.clone();
    export["profiles"][0]["unknown"] = json!(1);
    assert!(!schema().is_valid(&export));
}
