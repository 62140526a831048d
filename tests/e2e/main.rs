//! The real window, end to end: what a person does, seen through WebKitWebDriver under Xvfb.
//!
//! Each test has a home, a screen and a broker of its own. Pictures are kept in `target/e2e`.

mod opens;
