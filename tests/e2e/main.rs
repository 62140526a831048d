//! The real window, end to end: what a person does, seen through WebKitWebDriver under Xvfb.
//!
//! Each test has a home, a screen and a broker of its own. Pictures are kept in `target/e2e`.

mod as_shipped;
mod chinese_and_dark;
mod delete_and_undo;
mod diagnosis;
mod filter;
mod find_in_the_list;
mod first_minute;
mod folders;
mod hostile_text;
mod import_export;
mod messages_as_a_file;
mod opens;
mod packets;
mod probe;
mod publish_properties_by_hand;
mod recording_stopped;
mod requests;
mod restart;
mod retention;
mod scrollbar;
mod session_of_the_broker;
mod side_by_side;
mod steps;
mod subscription_options;
mod what_to_do_with_a_message;
mod wrong_password;
mod wss_by_hand;
