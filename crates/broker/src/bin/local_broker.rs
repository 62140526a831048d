//! The local broker without the application, for its tests and for trying it out: it stands in for the
//! application (`mqttscope-local-broker <mqtt port> <ws port>`), starts itself once more as the
//! broker, and prints the broker's state as it changes until it is killed.

use std::process::ExitCode;

use mqttscope_broker::{LocalBroker, Ports, is_broker_process, run_broker_process};

fn main() -> ExitCode {
    if is_broker_process(std::env::args_os()) {
        return run_broker_process();
    }
    match stand_in() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn stand_in() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut port = |default| arguments.next().map_or(Ok(default), |text| text.parse());
    let Ports { mqtt, ws } = Ports::default();
    let preferred = Ports { mqtt: port(mqtt)?, ws: port(ws)? };

    let broker = LocalBroker::new(std::env::current_exe()?, [] as [&str; 0]);
    broker.start(preferred).await?;
    let mut state = broker.state();
    loop {
        println!("{}", serde_json::to_string(&*state.borrow_and_update())?);
        state.changed().await?;
    }
}
