//! Profiles are put into a folder with the mouse, chosen together and deleted together.

use acceptance::{Home, Window, wait};

use crate::steps;

#[tokio::test]
async fn a_profile_is_dragged_into_a_folder_and_several_are_deleted_at_once() {
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::import(&window, steps::MQTTX).await;
    window.click("import-close").await;

    window.click("folder-new").await;
    window.find("folder-name").await;
    window.enter("Plant A").await;
    window.shows("folder-item", "Plant A").await;
    window.drag("profile-item", "folder-item").await;
    window.find("[data-testid=profile-item][aria-level=\"2\"]").await;
    window.screenshot("folders").await;

    window.click("[data-testid=profile-item][aria-level=\"2\"]").await;
    let other = window.find("[data-testid=profile-item][aria-level=\"1\"]").await;
    window.click_with_control(&other).await;
    window.shows("selection-bar", "2").await;
    window.click("selection-menu").await;
    window.click("selection-delete").await;
    wait::until("both profiles to be gone", async || match home.profiles().len() {
        0 => Ok(()),
        left => Err(format!("{left} are left")),
    })
    .await;
    window.click("profile-undo").await;
    wait::until("both profiles to be back", async || match home.profiles().len() {
        2 => Ok(()),
        there => Err(format!("{there} are there")),
    })
    .await;
    window.quit(&home).await;
}
