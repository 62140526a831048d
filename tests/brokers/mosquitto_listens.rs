//! The ground that all other tests stand on: the broker listens for each scheme, ends, and comes
//! back on the same ports.

use acceptance::{Mosquitto, ports};
use mqttscope_model::Scheme;

#[test]
fn mosquitto_serves_all_schemes_and_returns_on_its_ports() {
    let mut broker = Mosquitto::start();
    let served =
        |broker: &Mosquitto| Scheme::ALL.map(|scheme| ports::is_served(broker.port(scheme)));
    assert_eq!(served(&broker), [true; 4]);
    broker.stop();
    assert_eq!(served(&broker), [false; 4]);
    broker.resume();
    assert_eq!(served(&broker), [true; 4]);
}
