//! What the broker does with messages, in each version of MQTT.

use crate::support::{Subscriber, VERSIONS, ids, publish, publish_from, running, state};

#[tokio::test]
async fn every_version_exchanges_messages_with_every_qos() {
    let (_broker, ports) = running().await;
    for version in VERSIONS {
        let arguments = ["-V", version, "-q", "2", "-t", "a/#"];
        let mut subscriber = Subscriber::new(ports.mqtt, "%t %q %p", &arguments).await;
        for qos in ["0", "1", "2"] {
            publish(ports.mqtt, &["-V", version, "-t", "a/b", "-q", qos, "-m", version]).await;
            assert_eq!(subscriber.message().await, format!("a/b {qos} {version}"));
        }
    }
}

#[tokio::test]
async fn a_retained_message_reaches_later_subscribers_until_it_is_cleared() {
    let (_broker, ports) = running().await;
    for version in VERSIONS {
        let (one, filter) = (format!("{version}/one"), format!("{version}/#"));
        let subscribe = ["-V", version, "-q", "1", "-t", filter.as_str()];
        for payload in ["old", "new"] {
            publish(ports.mqtt, &["-V", version, "-t", &one, "-q", "1", "-r", "-m", payload]).await;
        }
        let mut subscriber = Subscriber::new(ports.mqtt, "%r %q %t %p", &subscribe).await;
        assert_eq!(subscriber.message().await, format!("1 1 {one} new"));

        // A subscriber that is there already gets it as an ordinary message. [MQTT-3.3.1-9]
        publish(ports.mqtt, &["-V", version, "-t", &one, "-r", "-n"]).await;
        assert_eq!(subscriber.message().await, format!("0 0 {one} "));

        let mut subscriber = Subscriber::new(ports.mqtt, "%r %t", &subscribe).await;
        let two = format!("{version}/two");
        publish(ports.mqtt, &["-V", version, "-t", &two, "-m", "x"]).await;
        assert_eq!(subscriber.message().await, format!("0 {two}"), "the cleared one came");
    }
}

#[tokio::test]
async fn a_shared_subscription_shares_evenly() {
    let (_broker, ports) = running().await;
    for version in VERSIONS {
        let topic = format!("{version}/job");
        let filter = format!("$share/workers/{version}/+");
        let subscribe = ["-V", version, "-q", "1", "-t", filter.as_str()];
        let mut first = Subscriber::new(ports.mqtt, "%p", &subscribe).await;
        let mut second = Subscriber::new(ports.mqtt, "%p", &subscribe).await;
        let jobs: Vec<String> = (0..10).map(|job| format!("{job}")).collect();
        let input = jobs.join("\n");
        publish_from(input.as_bytes(), ports.mqtt, &["-V", version, "-t", &topic, "-q", "1", "-l"])
            .await;

        let mut done = first.messages(5).await;
        done.extend(second.messages(5).await);
        done.sort();
        assert_eq!(done, jobs, "{version}");
    }
}

#[tokio::test]
async fn a_payload_of_20_mb_passes_whole() {
    let (_broker, ports) = running().await;
    let payload: Vec<u8> = (0..20_000_000_u32).map(|i| i.to_le_bytes()[0]).collect();
    for version in VERSIONS {
        let subscribe = ["-V", version, "-q", "1", "-t", "large"];
        let mut subscriber = Subscriber::new(ports.mqtt, "%l", &subscribe).await;
        let arguments = ["-V", version, "-t", "large", "-q", "1", "-s"];
        publish_from(&payload, ports.mqtt, &arguments).await;
        assert_eq!(subscriber.message().await, "20000000", "{version}");
    }
}

#[tokio::test]
async fn a_dollar_in_a_later_level_is_an_ordinary_character() {
    let (_broker, ports) = running().await;
    for version in VERSIONS {
        let topic = format!("homie/{version}/$state");
        for filter in [topic.as_str(), "homie/+/$state", "homie/#"] {
            let subscribe = ["-V", version, "-t", filter];
            let mut subscriber = Subscriber::new(ports.mqtt, "%t %p", &subscribe).await;
            publish(ports.mqtt, &["-V", version, "-t", &topic, "-m", "ready"]).await;
            assert_eq!(subscriber.message().await, format!("{topic} ready"), "{filter}");
        }
    }
}

#[tokio::test]
async fn a_session_that_is_away_gets_its_messages_afterwards() {
    let (broker, ports) = running().await;
    for version in VERSIONS {
        let mut subscribe = vec!["-V", version, "-i", version, "-c", "-q", "1", "-t", version];
        if version == "mqttv5" {
            subscribe.extend(["-x", "3600"]);
        }
        let subscriber = Subscriber::new(ports.mqtt, "%p", &subscribe).await;
        state(&broker, |state| (ids(state) == [version]).then_some(())).await;
        drop(subscriber);
        state(&broker, |state| ids(state).is_empty().then_some(())).await;
        publish(ports.mqtt, &["-V", version, "-t", version, "-q", "1", "-m", "kept"]).await;
        let mut back = Subscriber::new(ports.mqtt, "%p", &subscribe).await;
        assert_eq!(back.message().await, "kept", "{version}");
        drop(back);
        state(&broker, |state| ids(state).is_empty().then_some(())).await;
    }
}

#[tokio::test]
async fn a_will_is_published_when_its_client_is_lost() {
    let (_broker, ports) = running().await;
    let mut watcher = Subscriber::new(ports.mqtt, "%t %p", &["-t", "will"]).await;
    let arguments = ["-t", "x", "--will-topic", "will", "--will-payload", "gone"];
    drop(Subscriber::new(ports.mqtt, "%p", &arguments).await);
    assert_eq!(watcher.message().await, "will gone");
}
