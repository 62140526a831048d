//! Proves that folders and order are kept beside the profiles, and never lost to a file that cannot be read.
#![expect(clippy::unwrap_used, reason = "what is not as expected ends a test, helpers included")]

use std::fs;

use mqttscope_model::folder::TreeError;
use mqttscope_model::{Colour, ErrorCode, FolderId, Node, NodeId, Profile, ProfileId, UserError};
use mqttscope_profiles::{ProfileError, ProfileStore};
use tempfile::TempDir;

fn id(text: &str) -> ProfileId {
    ProfileId::new(text).unwrap()
}

fn folder(text: &str) -> FolderId {
    FolderId(text.to_owned())
}

fn node(text: &str) -> NodeId {
    NodeId::Profile { id: id(text) }
}

/// A store with the profiles a, b, c and d.
fn open() -> (TempDir, ProfileStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(folder.path()).unwrap();
    let profiles: Vec<_> = ["a", "b", "c", "d"].map(profile).into();
    store.save_all(&profiles).unwrap();
    (folder, store)
}

fn profile(name: &str) -> Profile {
    Profile { name: name.to_owned(), ..Profile::new(id(name), String::new()) }
}

/// `a f(b)`: what people see.
fn shown(store: &ProfileStore) -> String {
    fn line(nodes: &[Node]) -> String {
        let each = |node: &Node| match node {
            Node::Folder { id, children, .. } => format!("{}({})", id.0, line(children)),
            Node::Profile { id } => id.to_string(),
        };
        nodes.iter().map(each).collect::<Vec<_>>().join(" ")
    }
    line(&store.list().unwrap().tree.0)
}

fn text(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("profiles/folders.json")).unwrap()
}

#[test]
fn profiles_without_a_place_stand_at_the_end_by_name() {
    let (folder_, store) = open();
    assert_eq!(shown(&store), "a b c d");
    assert!(!folder_.path().join("profiles/folders.json").exists(), "a look writes nothing");
    store.add_folder(folder("f"), "F".to_owned(), None).unwrap();
    assert_eq!(shown(&store), "f() a b c d");
    store.move_nodes(&[node("c")], Some(&folder("f")), None).unwrap();
    assert_eq!(shown(&store), "f(c) a b d");
    assert!(
        !text(&folder_).contains("\"a\""),
        "who was not moved gets no place: {}",
        text(&folder_)
    );
    store.save(&Profile { name: "aa".to_owned(), ..profile("new") }).unwrap();
    assert_eq!(shown(&store), "f(c) a new b d");
    store.move_nodes(&[node("d")], None, Some(&node("b"))).unwrap();
    assert_eq!(shown(&store), "f(c) a new d b");
    store.move_nodes(&[node("a")], None, None).unwrap();
    assert_eq!(shown(&store), "f(c) new d b a");
}

#[test]
fn folders_survive_the_end_of_the_application() {
    let (folder_, store) = open();
    store.add_folder(folder("f"), "F".to_owned(), None).unwrap();
    store.add_folder(folder("g"), "G".to_owned(), Some(&folder("f"))).unwrap();
    store.edit_folder(&folder("g"), "Öfen".to_owned(), Some(Colour::Teal)).unwrap();
    store.move_nodes(&[node("a"), node("d")], Some(&folder("g")), None).unwrap();
    let again = ProfileStore::open(folder_.path()).unwrap();
    assert_eq!(shown(&again), "f(g(a d)) b c");
    assert!(text(&folder_).starts_with("{\n  \"format\": 1,\n  \"tree\": ["));
    assert!(
        text(&folder_).contains("\"name\": \"Öfen\",\n") && text(&folder_).contains("\"teal\"")
    );
    again.remove_folder(&folder("f")).unwrap();
    assert_eq!(shown(&again), "g(a d) b c");
}

#[test]
fn a_deleted_profile_comes_back_to_its_place_even_after_other_moves() {
    let (folder_, store) = open();
    store.add_folder(folder("f"), "F".to_owned(), None).unwrap();
    store.move_nodes(&[node("a"), node("b"), node("c")], Some(&folder("f")), None).unwrap();
    store.delete(&id("b")).unwrap();
    assert_eq!(shown(&store), "f(a c) d");
    store.move_nodes(&[node("d")], None, Some(&NodeId::Folder { id: folder("f") })).unwrap();
    store.move_nodes(&[node("a")], None, None).unwrap();
    store.restore(&id("b")).unwrap();
    assert_eq!(shown(&store), "d f(b c) a");
    // Final: then nobody keeps its place.
    store.delete(&id("b")).unwrap();
    store.forget(&store.deleted().unwrap()).unwrap();
    assert!(!text(&folder_).contains("\"b\""));
}

#[test]
fn a_copy_stands_behind_its_original() {
    let (_folder, store) = open();
    store.add_folder(folder("f"), "F".to_owned(), None).unwrap();
    store.move_nodes(&[node("a"), node("b")], Some(&folder("f")), None).unwrap();
    store.save(&profile("z")).unwrap();
    store.place_behind(&id("a"), &id("z")).unwrap();
    assert_eq!(shown(&store), "f(a z b) c d");
    store.save(&profile("y")).unwrap();
    store.place_behind(&id("c"), &id("y")).unwrap();
    assert_eq!(shown(&store), "f(a z b) c y d");
}

#[test]
fn what_cannot_be_done_changes_nothing_and_says_why() {
    let (folder_, store) = open();
    store.add_folder(folder("f"), "F".to_owned(), None).unwrap();
    store.add_folder(folder("g"), "G".to_owned(), Some(&folder("f"))).unwrap();
    let before = text(&folder_);
    let moved = |node: NodeId, to: &str| store.move_nodes(&[node], Some(&folder(to)), None);
    let own = NodeId::Folder { id: folder("f") };
    for (result, code) in [
        (moved(own, "g"), ErrorCode::FolderIntoItself),
        (moved(node("a"), "x"), ErrorCode::FolderNotFound),
        (moved(node("x"), "f"), ErrorCode::FolderNotFound),
        (store.remove_folder(&folder("x")), ErrorCode::FolderNotFound),
        (store.edit_folder(&folder("x"), String::new(), None), ErrorCode::FolderNotFound),
    ] {
        assert_eq!(UserError::from(result.unwrap_err()).code, code);
    }
    assert_eq!(text(&folder_), before);
}

#[test]
fn folders_as_deep_as_can_be_are_read_again_and_deeper_ones_refused() {
    let (_folder, store) = open();
    let mut above = None;
    for depth in 0..16 {
        let new = folder(&format!("f{depth}"));
        store.add_folder(new.clone(), "F".to_owned(), above.as_ref()).unwrap();
        above = Some(new);
    }
    store.move_nodes(&[node("a")], above.as_ref(), None).unwrap();
    assert!(store.list().unwrap().broken.is_empty());
    assert!(shown(&store).contains("f15(a)"));
    let error = store.add_folder(folder("x"), "X".to_owned(), above.as_ref()).unwrap_err();
    assert!(matches!(error, ProfileError::Tree(TreeError::TooDeep)), "{error}");
    assert_eq!(UserError::from(error).code, ErrorCode::FolderTooDeep);
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_never_written_over() {
    let (folder_, store) = open();
    let file = folder_.path().join("profiles/folders.json");
    let nested = |depth: usize| {
        let open: String = (0..depth)
            .map(|n| format!("{{\"kind\":\"folder\",\"id\":\"{n}\",\"name\":\"\",\"children\":["))
            .collect();
        format!("{{\"format\":1,\"tree\":[{open}{}]}}", "]}".repeat(depth))
    };
    let folder_f = "{\"kind\":\"folder\",\"id\":\"f\",\"name\":\"\"}";
    for (text, reason) in [
        ("{ broken".to_owned(), "line 1"),
        (String::new(), "line 1"),
        ("{\"format\": 9}".to_owned(), "it has format 9"),
        (nested(17), "more than 16 deep"),
        (nested(60), "more than 16 deep"),
        (nested(100_000), "more than 16 deep"),
        ("[".repeat(1_000_000), ""),
        (format!("{{\"format\":1,\"tree\":{}", "[".repeat(1_000_000)), ""),
        (
            format!("{{\"format\":1,\"tree\":[{folder_f},{folder_f}]}}"),
            "the folder f is there twice",
        ),
    ] {
        fs::write(&file, &text).unwrap();
        let listing = store.list().unwrap();
        assert_eq!(listing.profiles.len(), 4, "the profiles are there all the same");
        assert_eq!(shown(&store), "a b c d");
        assert_eq!(listing.broken.len(), 1, "{reason}");
        assert_eq!(listing.broken[0].file, file);
        assert!(listing.broken[0].reason.contains(reason), "{}", listing.broken[0].reason);
        let error = store.add_folder(folder("f"), "F".to_owned(), None).unwrap_err();
        assert_eq!(UserError::from(error).code, ErrorCode::FolderFileBroken);
        assert!(store.move_nodes(&[node("a")], None, None).is_err());
        assert!(store.place_behind(&id("a"), &id("d")).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    fs::write(&file, nested(16)).unwrap();
    assert!(store.list().unwrap().broken.is_empty());
}

#[test]
fn nothing_is_written_where_nothing_changes() {
    let (folder_, store) = open();
    store.add_folder(folder("f"), "F".to_owned(), None).unwrap();
    let file = folder_.path().join("profiles/folders.json");
    let own_layout = text(&folder_).replace("  ", " ");
    fs::write(&file, &own_layout).unwrap();
    store.edit_folder(&folder("f"), "F".to_owned(), None).unwrap();
    assert_eq!(text(&folder_), own_layout);
}
