//! What import and export do to the files of the application, by the commands that the window uses.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "the functions around the tests are tests too"
)]

mod app;

use std::path::Path;
use std::time::{Duration, Instant};

use app::{App, run_args};
use mqttscope_model::Profile;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_exported_deleted_and_imported_is_there_again() {
    for format in ["json", "yaml"] {
        let app = App::start().await;
        let profile = app.profile("press", Some("hunter2")).await;
        let other = app.profile("lathe", None).await;
        let folder = app.call("folder_add", json!({ "name": "Plant", "parent": null })).await;
        let node = json!({ "kind": "profile", "id": profile.id });
        app.call("nodes_move", json!({ "nodes": [node], "folder": folder, "before": null })).await;
        let report = app.export("all", format, Some("sesame")).await;
        assert_eq!((&report["profiles"], &report["secrets"]), (&json!(2), &json!(1)));
        assert!(!std::fs::read_to_string(app.file("all")).unwrap().contains("hunter2"));
        app.delete_all().await;
        app.call("folder_remove", json!({ "id": folder })).await;
        let emptied = app.call("profiles_list", json!({})).await;

        let locked = app.preview("all").await;
        assert_eq!((&locked["format"], &locked["locked"]), (&json!("mqttscope"), &json!(true)));
        let unlock = |passphrase| json!({ "import": locked["import"], "passphrase": passphrase });
        let wrong = app.refused("import_unlock", unlock("sesam")).await;
        assert_eq!(wrong.code.as_str(), "import.passphrase");
        let preview = app.call("import_unlock", unlock("sesame")).await;
        assert_eq!(preview["items"][0]["secrets"], json!(["password"]));
        assert_eq!(preview["items"][0]["folder"], json!(["Plant"]));
        let result = app.run(&preview, "add").await;
        assert_eq!(result["added"], 2);
        let mut back = app.profiles().await;
        back.sort_by(|a, b| b.name.cmp(&a.name));
        assert_eq!(back, [profile.clone(), other]);
        let list = app.call("profiles_list", json!({})).await;
        assert_eq!(list["tree"][0]["name"], "Plant");
        assert_eq!(list["tree"][0]["children"][0]["id"], json!(profile.id));

        let undone = app.undo(&preview).await;
        assert_eq!((&undone["removed"], &undone["left"]), (&json!(2), &json!([])));
        assert_eq!(app.call("profiles_list", json!({})).await, emptied);
        let again = app.refused("import_undo", json!({ "import": preview["import"] })).await;
        assert_eq!(again.code.as_str(), "import.gone");
        app.engine.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replacing_and_merging_can_be_taken_back_with_their_secrets() {
    let app = App::start().await;
    let profile = app.profile("press", Some("first")).await;
    app.export("all.json", "json", Some("p")).await;
    let same = app.preview("all.json").await;
    assert_eq!(same["items"][0]["state"]["state"], "same");
    assert_eq!(same["items"][0]["suggested"], "skip");

    let mut changed = profile.clone();
    changed.endpoint.host = "elsewhere.example".to_owned();
    changed.keep_alive = 7;
    app.save(&changed, Some("second")).await;
    let before = app.everything().await;
    let locked = app.preview("all.json").await;
    let unlock = json!({ "import": locked["import"], "passphrase": "p" });
    let preview = app.call("import_unlock", unlock).await;
    let state = &preview["items"][0]["state"];
    assert_eq!(state["differences"], json!(["endpoint.host", "keep_alive", "password"]));
    assert_eq!(app.run(&preview, "replace").await["replaced"], 1);
    assert_eq!(app.profiles().await, [profile]);
    assert!(app.everything().await.1.contains("first"));
    assert_eq!(app.undo(&preview).await["restored"], 1);
    assert_eq!(app.everything().await, before);

    let preview = app.preview("all.json").await;
    assert_eq!(app.run(&preview, "merge").await["merged"], 1);
    assert_eq!(app.everything().await, before, "nothing here was empty");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_does_not_follow_its_profile_to_another_broker() {
    let app = App::start().await;
    let profile = app.profile("press", Some("mine")).await;
    app.export("all.json", "json", None).await;
    let text = std::fs::read_to_string(app.file("all.json")).unwrap();
    std::fs::write(app.file("evil.json"), text.replace("press.example", "evil.example")).unwrap();
    let preview = app.preview("evil.json").await;
    app.run(&preview, "replace").await;
    let now = &app.profiles().await[0];
    assert_eq!((now.endpoint.host.as_str(), &now.password), ("evil.example", &None));
    app.undo(&preview).await;
    assert_eq!(app.profiles().await, [profile]);
    assert!(app.everything().await.1.contains("mine"));
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_since_is_left_and_said() {
    let app = App::start().await;
    let profile = app.profile("press", None).await;
    app.profile("lathe", None).await;
    app.export("all.json", "json", None).await;
    app.delete_all().await;
    let preview = app.preview("all.json").await;
    app.run(&preview, "add").await;
    let changed = app.save(&Profile { keep_alive: 9, ..profile }, None).await;
    let undone = app.undo(&preview).await;
    assert_eq!((&undone["removed"], &undone["left"]), (&json!(1), &json!([changed.id])));
    assert_eq!(app.profiles().await, [changed]);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_its_own_name_and_client_identifier() {
    let app = App::start().await;
    let profile = app.profile("press", None).await;
    app.export("all.json", "json", None).await;
    let preview = app.preview("all.json").await;
    app.run(&preview, "copy").await;
    let profiles = app.profiles().await;
    assert_eq!(profiles[1].name, "press 2");
    assert_ne!(profiles[1].client_id, profile.client_id);
    assert_eq!(profiles[0], profile);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_profile_that_cannot_be_saved_leaves_everything_as_it_was() {
    let app = App::start().await;
    app.profile("press", Some("hunter2")).await;
    let lathe = app.profile("lathe", Some("hunter3")).await;
    app.export("all.json", "json", Some("p")).await;
    app.delete_all().await;
    let in_the_way = app.file(&format!("config/profiles/{}.json", lathe.id));
    std::fs::write(&in_the_way, "{ something else").unwrap();
    let before = app.everything().await;
    let locked = app.preview("all.json").await;
    let unlock = json!({ "import": locked["import"], "passphrase": "p" });
    let preview = app.call("import_unlock", unlock).await;
    let error = app.refused("import_run", run_args(&preview, "add")).await;
    assert_eq!(error.code.as_str(), "profile.not_saved");
    assert_eq!(app.everything().await, before);

    std::fs::remove_file(&in_the_way).unwrap();
    assert_eq!(app.run(&preview, "add").await["added"], 2, "it can be tried again");
    app.engine.stop().await;
}

const MQTTX: &str = r#"[{"id":"c1","clientId":"x","name":"press","clean":true,"protocol":"mqtt",
    "host":"press.example","port":1883,"keepalive":60,"connectTimeout":10,"mqttVersion":"5.0",
    "subscriptions":[],"messages":[
    {"createAt":"2024-05-01 10:00:00:250","out":false,"payload":"a","qos":1,"retain":true,"topic":"t","properties":{"contentType":"text"}},
    {"createAt":"2024-05-01 10:00:01:000","out":true,"payload":"b","qos":0,"retain":false,"topic":"t"}]}]"#;

#[tokio::test(flavor = "multi_thread")]
async fn stored_messages_come_into_an_empty_history_and_go_with_the_import() {
    let app = App::start().await;
    std::fs::write(app.file("mqttx.json"), MQTTX).unwrap();
    let preview = app.preview("mqttx.json").await;
    assert_eq!(preview["items"][0]["messages"], 2);
    assert_eq!(app.run(&preview, "add").await["messages"], 2);
    let profile = app.profiles().await.remove(0);
    let from = json!({ "kind": "place", "place": 0 });
    let page = json!({ "profile": profile.id, "view": null, "from": from, "count": 9 });
    let rows = app.call("history_page", page.clone()).await["rows"].clone();
    assert_eq!(
        (&rows[0]["direction"], &rows[1]["direction"]),
        (&json!("received"), &json!("sent"))
    );
    assert_eq!((&rows[0]["retain"], &rows[0]["qos"]), (&json!(true), &json!(1)));
    assert_eq!(
        rows[1]["time_us"].as_i64().unwrap() - rows[0]["time_us"].as_i64().unwrap(),
        750_000
    );
    assert_eq!(rows[1]["outcome"], json!({ "state": "sent" }));
    let detail = json!({ "profile": profile.id, "id": rows[0]["id"] });
    let properties = app.call("history_message", detail).await["properties"].clone();
    assert_eq!(properties, json!([{ "name": "content_type", "value": "text" }]));

    let second = app.preview("mqttx.json").await;
    assert_eq!(second["items"][0]["state"]["state"], "same");
    assert_eq!(app.run(&second, "replace").await["messages"], 0, "its history is not empty");
    app.undo(&second).await;
    app.undo(&preview).await;
    assert_eq!(app.profiles().await, []);
    assert!(!app.file(&format!("data/history/{}.sqlite", profile.id)).exists());
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_says_why_and_changes_nothing() {
    let app = App::start().await;
    app.profile("press", None).await;
    let before = app.everything().await;
    let huge = std::fs::File::create(app.file("huge")).unwrap();
    huge.set_len((256 << 20) + 1).unwrap();
    std::fs::create_dir(app.file("folder")).unwrap();
    std::fs::write(app.file("letter"), "Dear Sir or Madam").unwrap();
    std::fs::write(app.file("cut"), "{\"format\": \"mqttscope-profiles\", \"version\": 1,")
        .unwrap();
    for (name, code) in [
        ("missing", "import.unreadable"),
        ("folder", "import.unreadable"),
        ("huge", "import.too_large"),
        ("letter", "import.unrecognised"),
        ("cut", "import.unreadable"),
    ] {
        let error = app.refused("import_file", json!({ "path": app.file(name) })).await;
        assert_eq!((error.code.as_str(), error.details["file"].as_str()), (code, name));
    }
    #[cfg(unix)]
    {
        let socket = app.file("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let error = app.refused("import_file", json!({ "path": socket })).await;
        assert_eq!(error.details["reason"], "it is not a file");
        app.export("real.json", "json", None).await;
        std::os::unix::fs::symlink(app.file("real.json"), app.file("link")).unwrap();
        app.preview("link").await;
    }
    assert_eq!(app.everything().await, before);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_there_whole_and_private_or_not_at_all() {
    let app = App::start().await;
    let options =
        json!({ "profiles": [], "format": "json", "certificates": "paths", "passphrase": null });
    let args = |path: &Path| json!({ "path": path, "options": options });
    let nothing = app.refused("export_save", args(&app.file("a.json"))).await;
    assert_eq!(nothing.code.as_str(), "export.empty");
    app.profile("press", None).await;
    std::fs::create_dir(app.file("out")).unwrap();
    for target in ["nowhere/a.json", "out"] {
        let error = app.refused("export_save", args(&app.file(target))).await;
        assert_eq!(error.code.as_str(), "export.not_saved", "{target}");
    }
    app.call("export_save", args(&app.file("out/a.json"))).await;
    let names: Vec<_> = std::fs::read_dir(app.file("out")).unwrap().collect();
    assert_eq!(names.len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(app.file("out/a.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_profiles_come_in_and_go_again_and_can_be_cancelled() {
    let app = App::start().await;
    let profile = app.profile("press", None).await;
    app.export("one.json", "json", None).await;
    app.delete_all().await;
    let mut document: Value =
        serde_json::from_slice(&std::fs::read(app.file("one.json")).unwrap()).unwrap();
    let one = document["profiles"][0].clone();
    let many = (0..10_000).map(|number| {
        let mut one = one.clone();
        one["id"] = json!(format!("p-{number}"));
        one
    });
    document["profiles"] = many.collect();
    document["folders"] = json!([]);
    std::fs::write(app.file("many.json"), document.to_string()).unwrap();
    drop(profile);

    let begun = Instant::now();
    let preview = app.preview("many.json").await;
    let args = run_args(&preview, "add");
    let cancel = json!({ "import": preview["import"] });
    let (run, _) = tokio::join!(app.engine.call("import_run", args.clone()), async {
        tokio::task::yield_now().await;
        app.call("import_cancel", cancel).await
    });
    assert_eq!(run.unwrap_err().code.as_str(), "cancelled");
    assert_eq!(app.profiles().await.len(), 0);

    assert_eq!(app.call("import_run", args).await["added"], 10_000);
    assert_eq!(app.profiles().await.len(), 10_000);
    let added = begun.elapsed();
    assert_eq!(app.undo(&preview).await["removed"], 10_000);
    assert_eq!(app.profiles().await.len(), 0);
    println!("in after {added:?}, gone after {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(120));
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_not_here_are_noted_and_those_that_are_can_be_embedded() {
    let app = App::start().await;
    let mut profile = app.profile("press", None).await;
    let (ca, key) = (app.file("ca.pem"), app.file("key.pem"));
    let block = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    std::fs::write(&ca, block("CERTIFICATE")).unwrap();
    std::fs::write(&key, block("PRIVATE KEY")).unwrap();
    profile.tls.roots = mqttscope_model::TlsRoots::ca_file(ca.display().to_string());
    profile.tls.client_certificate = Some(mqttscope_model::ClientCertificate::pem_files(
        ca.display().to_string(),
        key.display().to_string(),
    ));
    app.save(&profile, None).await;
    app.export("paths.json", "json", None).await;
    let options = json!({
        "profiles": [profile.id], "format": "yaml", "certificates": "embedded", "passphrase": "p",
    });
    let args = json!({ "path": app.file("whole.yaml"), "options": options });
    let report = app.call("export_save", args).await;
    assert_eq!((&report["secrets"], &report["notes"]), (&json!(1), &json!([])));

    assert_eq!(app.preview("paths.json").await["items"][0]["notes"], json!([]));
    std::fs::remove_file(&ca).unwrap();
    std::fs::remove_file(&key).unwrap();
    let notes = app.preview("paths.json").await["items"][0]["notes"].clone();
    assert_eq!(notes.as_array().unwrap().len(), 3);
    assert_eq!(notes[0]["code"], "path_from_elsewhere");

    let locked = app.preview("whole.yaml").await;
    let unlock = json!({ "import": locked["import"], "passphrase": "p" });
    let preview = app.call("import_unlock", unlock).await;
    assert_eq!(preview["items"][0]["notes"], json!([]));
    app.run(&preview, "replace").await;
    let now = app.profiles().await.remove(0);
    let slots: Vec<String> = now.secrets().iter().map(|(slot, _)| slot.to_string()).collect();
    assert_eq!(slots, ["private_key"]);
    assert_eq!(now.tls.roots, mqttscope_model::TlsRoots::CaPem { pem: block("CERTIFICATE") });
    app.engine.stop().await;
}
