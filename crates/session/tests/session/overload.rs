//! How far the store is behind is seen in the snapshot.

use mqttscope_model::{ProtocolVersion, SessionState};

use crate::support::recorder::Memory;
use crate::support::scripted::{self, Scripted};
use crate::support::{open, open_with, profile};

const VERSION: ProtocolVersion = ProtocolVersion::V5;

#[tokio::test]
async fn the_longest_wait_for_a_commit_grows_while_it_waits_and_is_gone_a_second_after() {
    let broker = Scripted::start().await;
    let memory = Memory::on_demand();
    let running = open_with(&profile(broker.port(), VERSION), memory, Default::default());
    let mut peer = broker.welcome(VERSION).await;
    let first = running.connected().await;
    assert_eq!(first.traffic.store_delay_us, None);
    peer.send(&scripted::publish(VERSION, "t", 0, 0, b"x").repeat(20)).await;
    let behind = running.until(|s| s.traffic.store_delay_us > Some(200_000)).await.traffic;
    assert_eq!(behind.queued, 20);
    running.recorder.commit(20);
    let stored = running.until(|s| s.traffic.queued == 0).await.traffic;
    assert!(stored.store_delay_us >= behind.store_delay_us, "{stored:?}");
    running.until(|s| s.traffic.store_delay_us.is_none()).await;
}

#[tokio::test]
async fn a_store_that_keeps_up_shows_a_short_wait() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), VERSION));
    let mut peer = broker.welcome(VERSION).await;
    peer.send(&scripted::publish(VERSION, "t", 0, 0, b"x")).await;
    let seen = running.until(|s| s.traffic.store_delay_us.is_some()).await.traffic;
    assert_eq!((seen.received, seen.queued, seen.held_back_ms), (1, 0, 0));
}

#[tokio::test]
async fn the_time_in_which_reading_rested_adds_up_and_stays() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), VERSION);
    profile.reconnect.enabled = false;
    let running = open(&profile);
    let mut peer = broker.welcome(VERSION).await;
    running.connected().await;
    running.recorder.set_hold(true);
    running.until(|s| s.traffic.held_back && s.traffic.held_back_ms >= 200).await;
    running.recorder.set_hold(false);
    let first = running.until(|s| !s.traffic.held_back).await.traffic.held_back_ms;
    peer.send(&scripted::publish(VERSION, "t", 0, 0, b"x")).await;
    let later = running.until(|s| s.traffic.received == 1).await.traffic.held_back_ms;
    assert_eq!(later, first, "reading goes on");
    running.recorder.set_hold(true);
    running.until(|s| s.traffic.held_back_ms >= first + 100).await;
    running.session.disconnect().await;
    let over = running.until(|s| s.state == SessionState::Disconnected).await.traffic;
    assert!(over.held_back_ms >= first + 100, "{over:?}");
}
