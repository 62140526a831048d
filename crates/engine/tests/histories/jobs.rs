//! Long work: begun by one command, told by events, ended by a person or by itself.

use serde_json::{Value, json};

use crate::app::{App, ids};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_filter_shows_is_exported_and_comes_into_another_profile() {
    let app = App::start().await;
    app.fill(100).await;
    app.call("bookmark_set", json!({ "profile": app.profile, "id": 4, "note": "odd" })).await;
    let path = app.file("t3.jsonl");
    let request = json!({ "filter": { "topics": ["t/3"] } });
    let args = json!({ "profile": app.profile, "path": path, "request": request });
    let job = app.call("history_export", args).await;
    let done = app.finished(&job).await;
    assert_eq!((&done["state"], &done["kind"]), (&json!("done"), &json!("export")), "{done}");
    assert_eq!(done["result"]["messages"], 10);
    let other = app.new_profile("copy").await;
    let done = app.finished_import(&other, &path).await;
    assert_eq!((&done["state"], &done["result"]["messages"]), (&json!("done"), &json!(10)));
    let from = json!({ "kind": "place", "place": 0 });
    let args = json!({ "profile": other, "view": null, "from": from, "count": 500 });
    let page = app.call("history_page", args).await;
    assert_eq!(ids(&page).len(), 10);
    assert!(page["rows"].as_array().unwrap().iter().all(|row| row["topic"] == "t/3"));
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_written_or_read_fails_with_its_cause() {
    let app = App::start().await;
    app.fill(10).await;
    let export = |path: Value| json!({ "profile": app.profile, "path": path, "request": {} });
    let refused = app.refused("history_export", export(json!("relative.jsonl"))).await;
    assert_eq!(refused.code.as_str(), "export.not_saved");
    let nowhere = app.file("no/such/folder/a.jsonl");
    let job = app.call("history_export", export(json!(nowhere))).await;
    let failed = app.finished(&job).await;
    assert_eq!(failed["state"], "failed");
    assert_eq!(failed["error"]["code"], "export.not_saved");
    let foreign = app.file("foreign.jsonl");
    std::fs::write(&foreign, "{\"topic\":1}\n").unwrap();
    let failed = app.finished_import(&app.profile, &foreign).await;
    assert_eq!(failed["error"]["code"], "import.unreadable");
    assert_eq!(failed["error"]["details"]["line"], "1");
    let stats = app.call("history_stats", json!({ "profile": app.profile })).await;
    assert_eq!(stats["messages"], 10);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_of_a_view_are_cleared_and_the_space_is_given_back() {
    let app = App::start().await;
    app.fill(2_000).await;
    let view = app.open(json!({ "without_topics": ["t/1"] })).await;
    app.complete(&view).await;
    let job = app.call("view_clear", json!({ "view": view })).await;
    let done = app.finished(&job).await;
    assert_eq!((&done["state"], &done["result"]["messages"]), (&json!("done"), &json!(1_800)));
    let page = app.page(&Value::Null, json!({ "kind": "end" }), 500).await;
    assert_eq!((ids(&page).len(), &page["total"]), (200, &json!(200)));
    // A row keeps its number when others go, and a page is found by it.
    let page =
        app.page(&Value::Null, json!({ "kind": "message", "id": 1_002, "before": 0 }), 1).await;
    assert_eq!((ids(&page), &page["anchor"]), (vec![1_002], &json!(100)));
    let job = app.call("history_compact", json!({ "profile": app.profile })).await;
    assert_eq!(app.finished(&job).await["state"], "done");
    let usage = app.call("history_usage", json!({ "profile": app.profile })).await;
    assert_eq!(usage["usage"]["free_bytes"], 0);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_on_a_profile_that_is_deleted_ends_and_the_engine_stops_in_the_middle_of_it() {
    let app = App::start().await;
    app.fill(20_000).await;
    let path = app.file("all.jsonl");
    let args = json!({ "profile": app.profile, "path": path, "request": {} });
    let job = app.call("history_export", args).await;
    app.call("profiles_delete", json!({ "ids": [app.profile] })).await;
    let over = app.finished(&job).await;
    // It may have been quicker than the deletion; it is whole then, and else not there.
    assert_eq!(over["state"] == "done", path.exists(), "{over}");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recording_is_stopped_and_goes_on() {
    let app = App::start().await;
    app.fill(1).await;
    let profile = &app.profile;
    let stats = || app.call("history_stats", json!({ "profile": profile }));
    assert_eq!(stats().await["recording"], true);
    app.call("history_record", json!({ "profile": profile, "on": false })).await;
    assert_eq!(stats().await["recording"], false);
    app.call("history_record", json!({ "profile": profile, "on": true })).await;
    assert_eq!(stats().await["recording"], true);
    app.engine.stop().await;
}
