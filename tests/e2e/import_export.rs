//! Profiles come from MQTTX, are used, go out in our own format, and come back.

use acceptance::{Home, Mosquitto, Window};
use mqttscope_model::Scheme;

use crate::steps;

#[tokio::test]
async fn profiles_of_mqttx_are_imported_used_exported_deleted_and_imported_again() {
    let broker = Mosquitto::start();
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::import(&window, steps::MQTTX).await;
    window.shows("import-result", "2").await;
    window.screenshot("import-result").await;
    window.click("import-close").await;
    assert_eq!(home.profiles().len(), 2);

    open(&window, "public broker").await;
    window.click("connection-profile-edit").await;
    window.fill("profile-host", "localhost").await;
    window.fill("profile-port", &broker.port(Scheme::Ws).to_string()).await;
    window.screenshot("profile-form").await;
    window.click("profile-save-connect").await;
    steps::state(&window, "connected").await;
    window.shows("subscription-filter", "testtopic/#").await;
    steps::publish(&window, "testtopic/back", "it works").await;
    window.click("session-disconnect").await;
    steps::state(&window, "disconnected").await;

    let file = home.path().join("all.json").display().to_string();
    window.click("export-open").await;
    window.fill("export-path", &file).await;
    window.screenshot("export").await;
    window.click("export-save").await;
    window.find("export-result").await;
    window.click("export-close").await;
    let exported = std::fs::read_to_string(&file).expect("the export is there");
    assert!(exported.contains("plant-a-gateway"), "{exported}");
    let planted = std::fs::read_to_string(steps::MQTTX).expect("the fixture");
    let planted: serde_json::Value = serde_json::from_str(&planted).expect("the fixture is JSON");
    let password = planted[0]["password"].as_str().expect("it has a password");
    assert!(!exported.contains(password), "no secret goes out that was not asked for");

    for _ in 0..2 {
        window.click("profile-item").await;
        window.click("profile-menu").await;
        window.click("profile-delete").await;
        window.click("profile-undo-dismiss").await;
    }
    window.find("welcome").await;
    assert!(home.profiles().is_empty());

    steps::import(&window, &file).await;
    window.click("import-close").await;
    open(&window, "public broker").await;
    window.click("session-connect").await;
    steps::state(&window, "connected").await;
    window.quit(&home).await;
}

async fn open(window: &Window, name: &str) {
    let script = format!(
        "const item = [...document.querySelectorAll('[data-testid=profile-item]')]
            .find((item) => item.textContent.includes({name:?}));
         item?.click(); return Boolean(item)"
    );
    acceptance::wait::until(&format!("the profile {name}"), async || {
        let clicked = window.run(&script).await;
        if clicked == true { Ok(()) } else { Err("it is not in the list") }
    })
    .await;
    window.shows("connection-name", name).await;
}
