//! The executable: the window, or with a hidden argument the local broker's process.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    if mqttscope_lib::is_broker_process(std::env::args()) {
        return mqttscope_lib::run_broker_process();
    }
    mqttscope_lib::run()
}
