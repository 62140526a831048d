//! An application that is killed while a broker sends at QoS 1: what the broker holds as acknowledged is in the
//! history once the session goes on, whole and in order.

use std::process::Command;
use std::time::Duration;

use acceptance::bench::Child;
use acceptance::bench::crash::{Plan, run, victim};

const PLACE: &str = "MQTTSCOPE_TEST_VICTIM";

#[test]
#[ignore = "the victim of the tests below, which start it in a process of its own"]
fn live_until_killed() {
    let Ok(place) = std::env::var(PLACE) else { return };
    let mut words = place.split('\n');
    let mut next = || words.next().expect("folder, port and version");
    let (folder, port, version) = (next(), next().parse().expect("a port"), next());
    victim(folder.as_ref(), port, version).expect("the victim lives until it is killed");
}

#[test]
fn a_kill_loses_nothing_that_the_broker_has_acknowledged() {
    for version in ["5.0", "3.1.1"] {
        let life = Duration::from_secs(1);
        let plan = Plan { kills: 3, life, pace: 5_000, version, seed: 5 };
        let remains = run(&plan, |folder, port| {
            let executable = std::env::current_exe()?;
            Child::start(
                Command::new(executable)
                    .args(["--exact", "killed_and_resumed::live_until_killed", "--ignored"])
                    .arg("--nocapture")
                    .env(PLACE, format!("{}\n{port}\n{version}", folder.display())),
            )
        })
        .expect("the plan can be followed");
        assert!(remains.published > 0, "{version}: {remains:?}");
        assert!(remains.is_whole() && remains.out_of_order == 0, "{version}: {remains:?}");
    }
}
