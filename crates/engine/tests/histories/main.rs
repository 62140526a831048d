//! What a window does with a history: pages, views, searches, bookmarks, limits, long work, comparisons.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the functions around the tests are tests too"
)]

mod app;
mod jobs;

use app::{App, BEGIN_US, ids};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_asked_from_a_place_the_end_a_message_or_a_time() {
    let app = App::start().await;
    app.fill(100).await;
    let all = Value::Null;
    let page = app.page(&all, json!({ "kind": "place", "place": 10 }), 3).await;
    assert_eq!((ids(&page), &page["total"]), (vec![11, 12, 13], &json!(100)));
    assert_eq!(page["anchor"], Value::Null);
    let page = app.page(&all, json!({ "kind": "end" }), 3).await;
    assert_eq!((ids(&page), &page["first"]), (vec![98, 99, 100], &json!(97)));
    let page = app.page(&all, json!({ "kind": "message", "id": 50, "before": 2 }), 4).await;
    assert_eq!((ids(&page), &page["anchor"]), (vec![48, 49, 50, 51], &json!(49)));
    let page = app.page(&all, json!({ "kind": "message", "id": 1, "before": 9 }), 2).await;
    assert_eq!((ids(&page), &page["anchor"]), (vec![1, 2], &json!(0)));
    let time = BEGIN_US + 19_500_000;
    let page = app.page(&all, json!({ "kind": "time", "time_us": time, "before": 1 }), 2).await;
    assert_eq!((ids(&page), &page["anchor"]), (vec![20, 21], &json!(20)));
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_pages_its_matches_and_is_gone_when_it_is_closed() {
    let app = App::start().await;
    app.fill(100).await;
    let view = app.open(json!({ "topics": ["t/3"] })).await;
    let state = app.complete(&view).await;
    assert_eq!((&state["found"], &state["scanned"]), (&json!(10), &json!(100)));
    let page = app.page(&view, json!({ "kind": "end" }), 2).await;
    assert_eq!((ids(&page), &page["total"]), (vec![84, 94], &json!(10)));
    // A message that is not in the view leads to the first one behind it.
    let page = app.page(&view, json!({ "kind": "message", "id": 50, "before": 1 }), 2).await;
    assert_eq!((ids(&page), &page["anchor"]), (vec![44, 54], &json!(5)));
    app.call("view_close", json!({ "view": view })).await;
    let gone = app.refused("view_state", json!({ "view": view })).await;
    assert_eq!(gone.code.as_str(), "view.gone");
    let filter =
        json!({ "payload": [{ "kind": "regex", "pattern": "(", "case_sensitive": true }] });
    let args = json!({ "profile": app.profile, "filter": filter });
    assert_eq!(app.refused("view_open", args).await.code.as_str(), "filter.invalid");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_steps_through_a_view_and_tells_where_its_matches_lie() {
    let app = App::start().await;
    app.fill(100).await;
    let view = app.open(json!({ "topics": ["t/3", "t/4"] })).await;
    app.complete(&view).await;
    for within in [view, Value::Null] {
        let test = json!({ "kind": "text", "text": "3}", "case_sensitive": true });
        let args = json!({ "profile": app.profile, "view": within, "request": { "test": test } });
        let find = app.call("find_open", args).await;
        let step = |from: Value, towards| json!({ "find": find, "from": from, "towards": towards });
        let last = app.call("find_step", step(Value::Null, "older")).await;
        assert_eq!(last["at"]["id"], 94);
        let before = app.call("find_step", step(json!(94), "older")).await;
        assert_eq!(before["at"]["id"], 84);
        let none = app.call("find_step", step(json!(94), "newer")).await;
        assert_eq!(none["at"], Value::Null);
        let mut events = app.engine.events();
        let marks = loop {
            let marks = app.call("find_marks", json!({ "find": find, "parts": 2 })).await;
            if marks["complete"] == true {
                break marks;
            }
            events.next().await;
        };
        assert_eq!((&marks["counts"], &marks["found"]), (&json!([5, 5]), &json!(10)));
        app.call("find_close", json!({ "find": find })).await;
        let gone = app.refused("find_step", step(Value::Null, "older")).await;
        assert_eq!(gone.code.as_str(), "view.gone");
    }
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bookmark_stands_on_its_row_until_it_is_taken_away() {
    let app = App::start().await;
    app.fill(5).await;
    let profile = &app.profile;
    app.call("bookmark_set", json!({ "profile": profile, "id": 3, "note": "here" })).await;
    let page = app.page(&Value::Null, json!({ "kind": "place", "place": 2 }), 2).await;
    assert_eq!(page["rows"][0]["bookmark"], "here");
    assert_eq!(page["rows"][1]["bookmark"], Value::Null);
    let detail = app.call("history_message", json!({ "profile": profile, "id": 3 })).await;
    assert_eq!(detail["row"]["bookmark"], "here");
    let list = app.call("bookmarks_list", json!({ "profile": profile })).await;
    assert_eq!(list[0]["id"], 3);
    app.call("bookmark_remove", json!({ "profile": profile, "id": 3 })).await;
    assert_eq!(app.call("bookmarks_list", json!({ "profile": profile })).await, json!([]));
    let none = json!({ "profile": profile, "id": 99, "note": "" });
    assert_eq!(app.refused("bookmark_set", none).await.code.as_str(), "history.message_not_found");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_saved_in_the_profile_and_held_at_once() {
    let app = App::start().await;
    app.fill(1_000).await;
    let profile = &app.profile;
    let bad = json!({ "max_bytes": 1, "max_messages": null, "max_age_s": null });
    let refused =
        app.refused("history_limit", json!({ "profile": profile, "retention": bad })).await;
    assert_eq!(refused.code.as_str(), "profile.invalid");
    assert_eq!(refused.details["field"], "retention.max_bytes");
    let mut events = app.engine.events();
    let limit = json!({ "max_bytes": null, "max_messages": 100, "max_age_s": null });
    app.call("history_limit", json!({ "profile": profile, "retention": limit })).await;
    loop {
        let usage = app.call("history_usage", json!({ "profile": profile })).await;
        assert_eq!(usage["retention"], limit);
        let (kept, gone) = (&usage["usage"]["messages"], &usage["removed"]["messages"]);
        assert_eq!(kept.as_u64().unwrap() + gone.as_u64().unwrap(), 1_000);
        if kept.as_u64().unwrap() <= 100 {
            break;
        }
        events.next().await;
    }
    let stats = app.call("history_stats", json!({ "profile": profile })).await;
    assert!(stats["removed"]["messages"].as_u64().unwrap() >= 900, "{stats}");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_in_use_are_proposed_and_the_message_before_on_a_topic_is_found() {
    let app = App::start().await;
    app.fill(30).await;
    let profile = &app.profile;
    let args = json!({ "profile": profile, "typed": "t/7", "limit": 5 });
    assert_eq!(app.call("topics_complete", args).await, json!(["t/7"]));
    let before = app.call("message_previous", json!({ "profile": profile, "id": 28 })).await;
    assert_eq!(before, 18);
    let first = app.call("message_previous", json!({ "profile": profile, "id": 8 })).await;
    assert_eq!(first, Value::Null);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_messages_are_compared_in_the_best_way_or_in_the_one_that_is_wanted() {
    let app = App::start().await;
    app.fill(2).await;
    let one = |id: u64| json!({ "profile": app.profile, "id": id });
    let compare =
        |before, after, way| json!({ "before": one(before), "after": one(after), "way": way });
    let best = app.call("messages_compare", compare(1, 2, "best")).await;
    assert_eq!(
        (&best["way"], &best["difference"]["changes"][0]["path"]),
        (&json!("json"), &json!("$.n"))
    );
    let text = app.call("messages_compare", compare(1, 2, "text")).await;
    assert_eq!(text["difference"]["rows"].as_array().unwrap().len(), 2);
    let hex = app.call("messages_compare", compare(1, 2, "hex")).await;
    assert_eq!(hex["difference"]["bytes"], 1);
    assert_eq!(app.call("messages_compare", compare(1, 1, "hex")).await["way"], "equal");
    app.engine.stop().await;
}
