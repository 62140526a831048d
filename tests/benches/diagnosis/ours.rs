//! What we say: the report that the window shows.

use acceptance::App;
use acceptance::faults::{self, Fault, Row};
use serde_json::Value;
use tokio::runtime::Handle;

/// Our judgement of a fault, and whether it is the expected one.
#[derive(Default)]
pub(crate) struct Ours {
    /// The codes of the causes, in their order.
    pub(crate) causes: Vec<String>,
    /// The first cause in words.
    pub(crate) sentence: String,
    /// The code of the first fix.
    pub(crate) fix: String,
    /// The stage and the cause are the expected ones.
    pub(crate) named: bool,
    /// The first fix is the expected one.
    pub(crate) mended: bool,
}

/// Meets the fault with an application of its own. Where no report comes, nothing was named.
pub(crate) async fn meet(row: Row) -> Ours {
    // In a thread of its own: what is awaited in vain ends in a panic, which would end the bench.
    let runtime = Handle::current();
    let meeting = async move || {
        let fault = (row.make)().await;
        let app = App::without_broker().await;
        let (_, report) = faults::meet(&app, &fault).await;
        app.stop().await;
        judge(&fault, &report["diagnosis"])
    };
    let met = tokio::task::spawn_blocking(move || runtime.block_on(meeting()));
    met.await.unwrap_or_default()
}

fn judge(fault: &Fault, said: &Value) -> Ours {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |name: &str| said[name].as_array().cloned().unwrap_or_default();
    let causes: Vec<String> = list("causes").iter().map(|cause| text(&cause["code"])).collect();
    let expected = match fault.or {
        None => causes.first().is_some_and(|code| code == fault.cause),
        Some(_) => causes.iter().take(2).any(|code| code == fault.cause),
    };
    let fix = text(&said["fixes"][0]["code"]);
    Ours {
        named: expected && said["stage"] == fault.stage,
        mended: fix == fault.fix,
        sentence: text(&said["causes"][0]["message"]),
        causes,
        fix,
    }
}
