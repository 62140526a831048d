//! The first minute again, in Simplified Chinese and dark, kept after a restart.

use acceptance::{Home, Window};

use crate::steps;

const DARK: &str = "(() => {
    const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
    return r + g + b < 3 * 80;
})()";
const CHINESE: &str = "document.documentElement.lang.startsWith('zh') \
    && /[\\u4e00-\\u9fff]/.test(document.querySelector('[data-testid=sidebar]').innerText)";

#[tokio::test]
async fn the_first_minute_in_chinese_and_dark() {
    let home = Home::new();
    let window = Window::open(&home).await;
    window.click("settings-open").await;
    window.click("settings-theme-dark").await;
    window.holds(DARK).await;
    window.click("settings-language-zh").await;
    window.holds(CHINESE).await;
    window.screenshot("settings-zh-dark").await;
    window.quit(&home).await;

    let window = Window::open(&home).await;
    window.holds(DARK).await;
    window.holds(CHINESE).await;
    window.screenshot("welcome-zh-dark").await;
    steps::first_minute(&window).await;
    let rows = steps::rows(&window, 2).await;
    steps::inspect(&window, rows[1].id).await;
    window.screenshot("first-minute-zh-dark").await;
    window.quit(&home).await;
}
