//! The application starts and shows its window, also where it was installed from a package.

use acceptance::{Home, Window};

#[tokio::test]
async fn the_window_opens() {
    let home = Home::new();
    let window = Window::open(&home).await;
    assert_eq!(window.client().title().await.expect("the page has a title"), "MQTTScope");
    window.screenshot("opens").await;
    window.quit().await;
}
