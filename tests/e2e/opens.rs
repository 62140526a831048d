//! The application starts and shows its window, also where it was installed from a package.

use acceptance::{Home, Window};

#[tokio::test]
async fn the_window_opens() {
    let home = Home::new();
    let window = Window::open(&home).await;
    assert_eq!(window.client().title().await.expect("the page has a title"), "MQTTScope");
    window.find("welcome-try-local").await;
    window.find("welcome-new-profile").await;
    window.screenshot("welcome").await;
    window.quit(&home).await;
}
