//! The list of connected clients.

use mqttscope_model::BrokerState;

use crate::support::{Subscriber, VERSIONS, ids, running, state};

#[tokio::test]
async fn clients_are_listed_with_version_and_address_and_removed() {
    let (broker, ports) = running().await;
    for (version, name) in VERSIONS.into_iter().zip(["3.1", "3.1.1", "5.0"]) {
        let arguments = ["-V", version, "-i", version, "-t", "x"];
        let subscriber = Subscriber::new(ports.mqtt, "%p", &arguments).await;
        let client = state(&broker, |state| match state {
            BrokerState::Running { clients, .. } => clients.first().cloned(),
            _ => None,
        })
        .await;
        assert_eq!((client.client_id.as_str(), client.version.as_str()), (version, name));
        assert!(client.address.starts_with("127.0.0.1:"), "{}", client.address);

        drop(subscriber);
        state(&broker, |state| ids(state).is_empty().then_some(())).await;
    }
}

#[tokio::test]
async fn a_client_that_is_taken_over_is_listed_once() {
    let (broker, ports) = running().await;
    let arguments = ["-V", "mqttv5", "-i", "same", "-t", "x"];
    let first = Subscriber::new(ports.mqtt, "%p", &arguments).await;
    let before = state(&broker, address).await;
    let _second = Subscriber::new(ports.mqtt, "%p", &arguments).await;
    state(&broker, |state| address(state).filter(|now| *now != before)).await;
    drop(first);
    assert_eq!(ids(&broker.state().borrow()), ["same"]);
}

fn address(state: &BrokerState) -> Option<String> {
    match state {
        BrokerState::Running { clients, .. } => Some(clients.first()?.address.clone()),
        _ => None,
    }
}
