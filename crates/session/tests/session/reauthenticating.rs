//! Authenticating anew over a running connection (MQTT 5.0, section 4.12.1).

use std::sync::Arc;

use mqttscope_model::{
    Authentication, ErrorCode, ProtocolVersion, QoS, ScramHash, SessionState, UserError,
};
use tokio::task::JoinHandle;

use crate::support::scram::{
    CONTINUE, REAUTHENTICATE, Server, auth, properties, read_auth, read_connect,
};
use crate::support::scripted::{self, AUTH, CONNECT, PUBLISH, Packet, Peer, Scripted, connack};
use crate::support::{Running, assert_code, open, open_with_password, profile, publish};

const V5: ProtocolVersion = ProtocolVersion::V5;
const METHOD: &str = "SCRAM-SHA-256";

struct Scene {
    running: Arc<Running>,
    peer: Peer,
    server: Server,
    broker: Scripted,
}

/// A session that has authenticated.
async fn connected() -> Scene {
    let broker = Scripted::start().await;
    let server = Server::new(ScramHash::Sha256, "pencil");
    let mut profile = profile(broker.port(), V5);
    profile.user_name = "user".to_owned();
    profile.authentication = Some(Authentication::Scram { hash: ScramHash::Sha256 });
    let running = Arc::new(open_with_password(&profile, "pencil"));
    let mut peer = broker.accept().await;
    let (_, data) = read_connect(&peer.expect(CONNECT).await);
    let signature = answer(&mut peer, &server, &data.unwrap()).await;
    let said = properties(METHOD, Some(signature.as_bytes()));
    peer.send(&connack(V5, false, 0, &said)).await;
    running.connected().await;
    Scene { running, peer, server, broker }
}

/// Challenges, checks the proof and gives the signature.
async fn answer(peer: &mut Peer, server: &Server, client_first: &[u8]) -> String {
    let challenge = server.challenge(client_first);
    peer.send(&auth(CONTINUE, METHOD, Some(challenge.server_first.as_bytes()))).await;
    let (_, _, data) = read_auth(&peer.expect(AUTH).await);
    server.verify(&challenge, &data.unwrap()).expect("the right password")
}

impl Scene {
    fn asks(&self) -> JoinHandle<Result<(), UserError>> {
        let running = Arc::clone(&self.running);
        tokio::spawn(async move { running.session.reauthenticate().await })
    }

    /// The AUTH that begins it, and the signature that would end it well.
    async fn signature(&mut self) -> String {
        let begun = read_auth(&self.peer.expect(AUTH).await);
        let (reason, method, Some(data)) = begun else { panic!("{begun:?}") };
        assert_eq!((reason, method.as_str()), (REAUTHENTICATE, METHOD));
        answer(&mut self.peer, &self.server, &data).await
    }

    fn is_connected(&self) -> bool {
        let snapshot = self.running.session.snapshot();
        let state = snapshot.borrow().state.clone();
        matches!(state, SessionState::Connected { .. })
    }
}

#[tokio::test]
async fn the_connection_goes_on_after_it_and_messages_pass_meanwhile() {
    let mut scene = connected().await;
    for _ in 0..2 {
        let asks = scene.asks();
        let signature = scene.signature().await;
        let message = publish("t", b"meanwhile", QoS::AtMostOnce);
        scene.running.session.publish(message).await.unwrap();
        scene.peer.expect(PUBLISH).await;
        scene.peer.send(&auth(0, METHOD, Some(signature.as_bytes()))).await;
        asks.await.unwrap().unwrap();
        assert!(scene.is_connected());
    }
    scene.peer.send(&scripted::publish(V5, "t", 0, 0, b"after")).await;
    scene.running.recorder.until_received(1).await;
}

#[tokio::test]
async fn a_server_that_cannot_prove_itself_loses_the_connection() {
    let lie = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    for last in [Some(lie.as_bytes()), None] {
        let mut scene = connected().await;
        let asks = scene.asks();
        scene.signature().await;
        scene.peer.send(&auth(0, METHOD, last)).await;
        let error = asks.await.unwrap().unwrap_err();
        assert_code(&error, ErrorCode::MqttServerNotAuthentic);
        assert_code(&scene.running.failed().await, ErrorCode::MqttServerNotAuthentic);
        assert_eq!(scene.peer.rest().await, []);
    }
}

#[tokio::test]
async fn a_broker_that_refuses_ends_the_connection_with_its_reason() {
    let mut scene = connected().await;
    let asks = scene.asks();
    scene.signature().await;
    scene.peer.send(b"\xe0\x02\x87\x00").await;
    assert_code(&scene.running.failed().await, ErrorCode::MqttNotAuthorised);
    let error = asks.await.unwrap().unwrap_err();
    assert_code(&error, ErrorCode::MqttNotAuthorised);
}

#[tokio::test]
async fn a_second_one_is_refused_while_the_first_is_under_way() {
    let mut scene = connected().await;
    let asks = scene.asks();
    let signature = scene.signature().await;
    let error = scene.running.session.reauthenticate().await.unwrap_err();
    assert_code(&error, ErrorCode::SessionAuthenticating);
    scene.peer.send(&auth(0, METHOD, Some(signature.as_bytes()))).await;
    asks.await.unwrap().unwrap();
    assert!(scene.is_connected());
}

#[tokio::test]
async fn one_that_the_connection_was_lost_over_does_not_stand_in_the_way_of_the_next() {
    let mut scene = connected().await;
    let asks = scene.asks();
    let begun: Packet = scene.peer.expect(AUTH).await;
    assert_eq!(begun.body[0], REAUTHENTICATE);
    scene.peer = {
        scene.peer.finish().await;
        let mut peer = scene.broker.accept().await;
        let (_, data) = read_connect(&peer.expect(CONNECT).await);
        let signature = answer(&mut peer, &scene.server, &data.unwrap()).await;
        let said = properties(METHOD, Some(signature.as_bytes()));
        peer.send(&connack(V5, false, 0, &said)).await;
        peer
    };
    let error = asks.await.unwrap().unwrap_err();
    assert_code(&error, ErrorCode::MqttConnectionLost);
    scene.running.connected().await;
    let asks = scene.asks();
    let signature = scene.signature().await;
    scene.peer.send(&auth(0, METHOD, Some(signature.as_bytes()))).await;
    asks.await.unwrap().unwrap();
}

#[tokio::test]
async fn without_a_connection_or_a_method_nothing_is_sent() {
    let mut scene = connected().await;
    scene.running.session.disconnect().await;
    let error = scene.running.session.reauthenticate().await.unwrap_err();
    assert_code(&error, ErrorCode::SessionNotConnected);
    let rest = scene.peer.rest().await;
    assert!(rest.iter().all(|packet| packet.first != AUTH), "{rest:02x?}");
    for version in crate::support::VERSIONS {
        let broker = Scripted::start().await;
        let running = open(&profile(broker.port(), version));
        let _peer = broker.welcome(version).await;
        running.connected().await;
        let error = running.session.reauthenticate().await.unwrap_err();
        assert_code(&error, ErrorCode::SessionWithoutAuthentication);
    }
}
