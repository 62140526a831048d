//! The broker alone, as its tests run it; the application has the same in its own `main`.

use std::process::ExitCode;

fn main() -> ExitCode {
    if mqttscope_broker::is_broker_process(std::env::args_os()) {
        return mqttscope_broker::run_broker_process();
    }
    eprintln!("usage: mqttscope-local-broker --local-broker <mqtt port> <ws port>");
    ExitCode::FAILURE
}
