//! Profiles through the door: folders and order, changes from outside, and secrets that go with their profile.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is not as expected ends a test, in its helpers as well"
)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use mqttscope_engine::api::Event;
use mqttscope_engine::{Engine, Events, Folders, Ports, Start};
use mqttscope_model::{Header, HeaderValue, Profile, Scheme, SecretName, SecretSlot, UserError};
use serde_json::{Value, json};
use tempfile::TempDir;

struct App {
    engine: Engine,
    folder: TempDir,
}

impl App {
    async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap()).await
    }

    async fn start_in(folder: TempDir) -> Self {
        let start = Start {
            folders: Folders::below(folder.path()),
            // No test here starts the local broker.
            broker_executable: PathBuf::new(),
            broker_ports: Ports { mqtt: 0, ws: 0 },
        };
        Self { engine: Engine::start(start).await.unwrap(), folder }
    }

    async fn restart(self) -> Self {
        self.engine.stop().await;
        drop(self.engine);
        Self::start_in(self.folder).await
    }

    async fn call(&self, name: &str, args: Value) -> Value {
        self.engine.call(name, args).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    async fn refused(&self, name: &str, args: Value) -> UserError {
        self.engine.call(name, args).await.expect_err(name)
    }

    async fn unsaved(&self, name: &str) -> Profile {
        let profile = self.call("profile_new", json!({})).await;
        let mut profile: Profile = serde_json::from_value(profile).unwrap();
        profile.name = name.to_owned();
        profile.endpoint.host = "127.0.0.1".to_owned();
        profile
    }

    async fn save(&self, profile: &Profile, secrets: Value) -> Profile {
        let saved =
            self.call("profile_save", json!({ "profile": profile, "secrets": secrets })).await;
        serde_json::from_value(saved).unwrap()
    }

    async fn add(&self, name: &str) -> Profile {
        self.save(&self.unsaved(name).await, json!([])).await
    }

    /// `a F(b)`: names of profiles and folders, as the window shows them.
    async fn shown(&self) -> String {
        fn line(nodes: &Value, names: &Value) -> String {
            let name = |id: &Value| {
                let all = names.as_array().unwrap();
                let found = all.iter().find(|profile| profile["id"] == *id).unwrap();
                found["name"].as_str().unwrap().to_owned()
            };
            let each = |node: &Value| match node["kind"].as_str() {
                Some("folder") => format!(
                    "{}({})",
                    node["name"].as_str().unwrap(),
                    line(&node["children"], names)
                ),
                _ => name(&node["id"]),
            };
            nodes.as_array().unwrap().iter().map(each).collect::<Vec<_>>().join(" ")
        }
        let list = self.call("profiles_list", json!({})).await;
        line(&list["tree"], &list["profiles"])
    }

    fn profiles(&self) -> PathBuf {
        self.folder.path().join("config/profiles")
    }

    /// The secrets in the file by name, or none where a keychain holds them.
    async fn kept(&self) -> Option<Value> {
        let info = self.call("app_info", json!({})).await;
        if info["secret_store"]["kind"] == "keychain" {
            return None;
        }
        let text = std::fs::read(self.folder.path().join("config/secrets.json"));
        let text = text.unwrap_or_else(|_| b"{\"secrets\":{}}".to_vec());
        Some(serde_json::from_slice::<Value>(&text).unwrap()["secrets"].clone())
    }
}

fn node(profile: &Profile) -> Value {
    json!({ "kind": "profile", "id": profile.id })
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_are_put_into_folders_and_stay_there() {
    let app = App::start().await;
    let (a, b, c) = (app.add("a").await, app.add("b").await, app.add("c").await);
    let outer = app.call("folder_add", json!({ "name": " Outer ", "parent": null })).await;
    let inner = app.call("folder_add", json!({ "name": "Inner", "parent": outer })).await;
    let nodes = json!([node(&c), node(&a)]);
    app.call("nodes_move", json!({ "nodes": nodes, "folder": inner, "before": null })).await;
    assert_eq!(app.shown().await, "Outer(Inner(c a)) b");
    let edit = json!({ "id": inner, "name": "Öfen", "colour": "teal" });
    app.call("folder_edit", edit).await;
    app.call("profiles_colour", json!({ "ids": [a.id, b.id], "colour": "red" })).await;
    let copy = json!({ "id": c.id, "name": "z, a copy" });
    app.call("profile_duplicate", copy).await;
    assert_eq!(app.shown().await, "Outer(Öfen(c z, a copy a)) b");

    app.call("profiles_delete", json!({ "ids": [c.id, b.id] })).await;
    assert_eq!(app.shown().await, "Outer(Öfen(z, a copy a))");
    app.call("profiles_restore", json!({ "ids": [b.id, c.id] })).await;
    let app = app.restart().await;
    assert_eq!(app.shown().await, "Outer(Öfen(c z, a copy a)) b");
    let list = app.call("profiles_list", json!({})).await;
    let profiles = list["profiles"].as_array().unwrap();
    let colours: Vec<_> = profiles.iter().map(|profile| &profile["colour"]).collect();
    assert_eq!(colours, [&json!("red"), &json!("red"), &Value::Null, &Value::Null]);
    app.call("folder_remove", json!({ "id": outer })).await;
    assert_eq!(app.shown().await, "Öfen(c z, a copy a) b");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_with_folders_says_why() {
    let app = App::start().await;
    let a = app.add("a").await;
    let outer = app.call("folder_add", json!({ "name": "Outer", "parent": null })).await;
    let inner = app.call("folder_add", json!({ "name": "Inner", "parent": outer })).await;
    let own = json!([{ "kind": "folder", "id": outer }]);
    for (command, args, code) in [
        ("folder_add", json!({ "name": "  ", "parent": null }), "folder.name_invalid"),
        ("folder_add", json!({ "name": "x".repeat(101), "parent": null }), "folder.name_invalid"),
        ("folder_add", json!({ "name": "x", "parent": "gone" }), "folder.not_found"),
        ("folder_edit", json!({ "id": outer, "name": "", "colour": null }), "folder.name_invalid"),
        ("folder_edit", json!({ "id": "gone", "name": "x", "colour": null }), "folder.not_found"),
        ("folder_remove", json!({ "id": "gone" }), "folder.not_found"),
        (
            "nodes_move",
            json!({ "nodes": own, "folder": inner, "before": null }),
            "folder.into_itself",
        ),
        (
            "nodes_move",
            json!({ "nodes": [node(&a)], "folder": "gone", "before": null }),
            "folder.not_found",
        ),
        ("profiles_colour", json!({ "ids": [a.id, "gone"], "colour": "red" }), "profile.not_found"),
        ("profiles_delete", json!({ "ids": [a.id, "gone"] }), "profile.not_found"),
    ] {
        let error = app.refused(command, args.clone()).await;
        assert_eq!(error.code.as_str(), code, "{command} {args}");
    }
    assert_eq!(app.shown().await, "Outer(Inner()) a", "nothing changed");
    std::fs::write(app.profiles().join("folders.json"), "{ broken").unwrap();
    let error = app.refused("folder_add", json!({ "name": "x", "parent": null })).await;
    assert_eq!(error.code.as_str(), "folder.file_broken");
    let list = app.call("profiles_list", json!({})).await;
    assert!(list["broken"][0]["file"].as_str().unwrap().ends_with("folders.json"), "{list}");
    app.engine.stop().await;
}

/// Waits until the profiles were told of, and this one's session too, where it lives. A batch may end between both.
async fn wait_for(events: &mut Events, profile: &Profile, lives: bool) {
    let told = tokio::time::timeout(Duration::from_secs(20), async {
        let (mut profiles, mut session) = (false, !lives);
        while !(profiles && session) {
            for event in events.next().await.events {
                match event {
                    Event::Profiles => profiles = true,
                    Event::Session { snapshot } => session |= snapshot.profile == profile.id,
                    _ => {}
                }
            }
        }
    });
    told.await.expect("the change is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_from_outside_are_told_and_seen() {
    let app = App::start().await;
    let mut events = app.engine.events();
    let profile = app.unsaved("by hand").await;
    let folder = app.profiles();
    let file = folder.join(format!("{}.json", profile.id));
    let write = |path: &Path, profile: &Profile| {
        std::fs::write(path, json!({ "format": 2, "profile": profile }).to_string()).unwrap();
    };
    write(&file, &profile);
    wait_for(&mut events, &profile, true).await;
    assert_eq!(app.shown().await, "by hand");

    // As git and editors do it.
    let renamed = Profile { name: "renamed".to_owned(), ..profile.clone() };
    write(&folder.join(".new"), &renamed);
    std::fs::rename(folder.join(".new"), &file).unwrap();
    wait_for(&mut events, &profile, true).await;
    assert_eq!(app.shown().await, "renamed");

    std::fs::remove_dir_all(&folder).unwrap();
    wait_for(&mut events, &profile, false).await;
    assert_eq!(app.shown().await, "");
    app.add("new").await;
    wait_for(&mut events, &profile, false).await;
    assert_eq!(app.shown().await, "new");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_cannot_be_saved_leaves_its_secrets_as_they_were() {
    let app = App::start().await;
    let profile = app.add("a").await;
    let old = json!([{ "slot": "password", "value": "old" }]);
    let profile = app.save(&profile, old).await;
    let file = app.profiles().join(format!("{}.json", profile.id));
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let secrets = json!([{ "slot": "password", "value": "new" }]);
    let changed = json!({ "profile": profile, "secrets": secrets });
    app.refused("profile_save", changed).await;
    if let Some(kept) = app.kept().await {
        let name = SecretName::password_of(&profile.id);
        assert_eq!(kept, json!({ name.as_str(): "old" }));
    }
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_follow_their_places_and_go_with_them() {
    let app = App::start().await;
    let mut profile = app.unsaved("a").await;
    profile.endpoint.scheme = Scheme::Ws;
    let stored = HeaderValue::Stored { secret: None };
    profile.websocket.headers = vec![Header { name: "X-Old".to_owned(), value: stored }];
    let secrets = json!([
        { "slot": "password", "value": "word" },
        { "slot": "header:x-old", "value": "token" },
        { "slot": "proxy_password", "value": "has no place" },
    ]);
    let mut profile = app.save(&profile, secrets).await;
    assert_eq!(profile.secrets().len(), 2);
    let name = |slot: SecretSlot| SecretName::of(&profile.id, &slot).as_str().to_owned();
    let (word, new) = (name(SecretSlot::Password), name(SecretSlot::header("x-new")));
    if let Some(kept) = app.kept().await {
        assert_eq!(kept, json!({ &word: "word", name(SecretSlot::header("x-old")): "token" }));
    }

    // The header gets another name; its value is not typed again.
    profile.websocket.headers[0].name = "X-New".to_owned();
    let mut profile = app.save(&profile, json!([])).await;
    if let Some(kept) = app.kept().await {
        assert_eq!(kept, json!({ &word: "word", &new: "token" }));
    }
    let copy = app.call("profile_duplicate", json!({ "id": profile.id, "name": "b" })).await;
    profile.websocket.headers.clear();
    app.save(&profile, json!([])).await;
    app.call("profiles_delete", json!({ "ids": [profile.id] })).await;
    if let Some(kept) = app.kept().await {
        assert_eq!(kept.as_object().unwrap().len(), 3, "the deletion can be taken back: {kept}");
        assert_eq!(kept[&new], Value::Null);
    }
    let app = app.restart().await;
    if let Some(kept) = app.kept().await {
        let copies = copy["id"].as_str().unwrap();
        assert!(kept.as_object().unwrap().keys().all(|name| name.starts_with(copies)), "{kept}");
        assert_eq!(kept.as_object().unwrap().len(), 2);
    }
    app.engine.stop().await;
}
