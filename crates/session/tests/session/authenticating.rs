//! Enhanced authentication (MQTT 5.0, section 4.12) against a broker that plays the server's side of SCRAM: an honest
//! one, a lying one, and several that stop half way.

use mqttscope_model::{
    Authentication, ErrorCode, Profile, ProtocolVersion, QoS, ScramHash, Secret, SecretName,
    SecretSlot, Secrets, UserError,
};

use crate::support::recorder::Memory;
use crate::support::scram::{
    CONTINUE, Challenge, Server, auth, properties, read_auth, read_connect,
};
use crate::support::scripted::{AUTH, CONNECT, Peer, Scripted, connack};
use crate::support::{
    Running, assert_code, open_with_password, open_with_secrets, password_of, profile, publish,
    resolve,
};

const V5: ProtocolVersion = ProtocolVersion::V5;
const HASHES: [ScramHash; 3] = [ScramHash::Sha1, ScramHash::Sha256, ScramHash::Sha512];
const METHOD: &str = "SCRAM-SHA-256";

fn with_scram(port: u16, hash: ScramHash) -> Profile {
    let mut profile = profile(port, V5);
    profile.user_name = "user".to_owned();
    profile.authentication = Some(Authentication::Scram { hash });
    profile
}

/// The broker's side up to the client's proof, which is right or wrong as the server says.
async fn until_proof(peer: &mut Peer, server: &Server, method: &str) -> Option<String> {
    let (said, data) = read_connect(&peer.expect(CONNECT).await);
    assert_eq!(said, method);
    answer(peer, server, method, &data.unwrap()).await.1
}

async fn answer(
    peer: &mut Peer,
    server: &Server,
    method: &str,
    client_first: &[u8],
) -> (Challenge, Option<String>) {
    let challenge = server.challenge(client_first);
    peer.send(&auth(CONTINUE, method, Some(challenge.server_first.as_bytes()))).await;
    let (reason, said, data) = read_auth(&peer.expect(AUTH).await);
    assert_eq!((reason, said.as_str()), (CONTINUE, method));
    let proven = server.verify(&challenge, &data.unwrap());
    (challenge, proven)
}

fn yes(method: &str, data: Option<&str>) -> Vec<u8> {
    connack(V5, false, 0, &properties(method, data.map(str::as_bytes)))
}

/// What comes of a broker that challenges properly and then says `last`.
async fn ends_with(last: &[u8]) -> UserError {
    let broker = Scripted::start().await;
    let server = Server::new(ScramHash::Sha256, "pencil");
    let running = open_with_password(&with_scram(broker.port(), ScramHash::Sha256), "pencil");
    let mut peer = broker.accept().await;
    until_proof(&mut peer, &server, METHOD).await.expect("the right password");
    peer.send(last).await;
    let error = running.failed().await;
    assert_eq!(peer.rest().await, [], "nothing is said to a broker that is not trusted");
    error
}

/// What comes of this answer to CONNECT.
async fn first_answer(packet: impl FnOnce(&str) -> Vec<u8>) -> UserError {
    let broker = Scripted::start().await;
    let running = open_with_password(&with_scram(broker.port(), ScramHash::Sha256), "pencil");
    let mut peer = broker.accept().await;
    let (_, data) = read_connect(&peer.expect(CONNECT).await);
    let first = String::from_utf8(data.unwrap()).unwrap();
    let nonce = first.split("r=").nth(1).unwrap();
    peer.send(&packet(nonce)).await;
    running.failed().await
}

#[tokio::test]
async fn each_hash_authenticates_and_the_password_never_travels() {
    let broker = Scripted::start().await;
    for hash in HASHES {
        let server = Server::new(hash, "pencil");
        let running = open_with_password(&with_scram(broker.port(), hash), "pencil");
        let mut peer = broker.accept().await;
        let connect = peer.expect(CONNECT).await;
        assert_eq!(connect.body[7], 0b1000_0010, "a user name, no password");
        assert!(connect.body.ends_with(b"\x00\x06client\x00\x04user"));
        let (method, data) = read_connect(&connect);
        assert_eq!(method, hash.method());
        let (_, proven) = answer(&mut peer, &server, hash.method(), &data.unwrap()).await;
        let signature = proven.expect("the right password");
        peer.send(&yes(hash.method(), Some(&signature))).await;
        running.connected().await;
        let shown = format!("{:?}", running.session.snapshot().borrow());
        assert!(!shown.contains("pencil"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_is_hashed_on_a_runtime_with_more_threads_too() {
    let broker = Scripted::start().await;
    let server = Server::new(ScramHash::Sha512, "pencil");
    let running = open_with_password(&with_scram(broker.port(), ScramHash::Sha512), "pencil");
    let mut peer = broker.accept().await;
    let signature = until_proof(&mut peer, &server, "SCRAM-SHA-512").await.unwrap();
    peer.send(&yes("SCRAM-SHA-512", Some(&signature))).await;
    running.connected().await;
}

#[tokio::test]
async fn a_signature_in_an_auth_before_connack_is_taken_and_answered() {
    let broker = Scripted::start().await;
    let server = Server::new(ScramHash::Sha256, "pencil");
    let running = open_with_password(&with_scram(broker.port(), ScramHash::Sha256), "pencil");
    let mut peer = broker.accept().await;
    let signature = until_proof(&mut peer, &server, METHOD).await.unwrap();
    peer.send(&auth(CONTINUE, METHOD, Some(signature.as_bytes()))).await;
    assert_eq!(read_auth(&peer.expect(AUTH).await), (CONTINUE, METHOD.to_owned(), None));
    peer.send(&yes(METHOD, None)).await;
    running.connected().await;
}

#[tokio::test]
async fn a_wrong_password_is_told_however_the_broker_says_it() {
    let broker = Scripted::start().await;
    let server = Server::new(ScramHash::Sha256, "pencil");
    let error = properties(METHOD, Some(b"e=invalid-proof"));
    let answers = [
        (connack(V5, false, 0x87, &[]), ErrorCode::MqttNotAuthorised, "0x87 Not authorized"),
        (connack(V5, false, 0x87, &error), ErrorCode::MqttAuthenticationFailed, "invalid-proof"),
        (
            auth(CONTINUE, METHOD, Some(b"e=invalid-proof")),
            ErrorCode::MqttAuthenticationFailed,
            "invalid-proof",
        ),
    ];
    for (last, code, reason) in answers {
        let running = open_with_password(&with_scram(broker.port(), ScramHash::Sha256), "pen");
        let mut peer = broker.accept().await;
        assert_eq!(until_proof(&mut peer, &server, METHOD).await, None);
        peer.send(&last).await;
        let error = running.failed().await;
        assert_code(&error, code);
        assert_eq!(error.details["reason"], reason);
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_the_password_is_not_taken_for_the_broker() {
    let lie = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    let code = ErrorCode::MqttServerNotAuthentic;
    assert_code(&ends_with(&yes(METHOD, Some(lie))).await, code);
    assert_code(&ends_with(&auth(CONTINUE, METHOD, Some(lie.as_bytes()))).await, code);
    assert_code(&ends_with(&yes(METHOD, None)).await, code);
    assert_code(&first_answer(|_| yes(METHOD, None)).await, code);
    assert_code(&first_answer(|_| yes(METHOD, Some(lie))).await, code);
    let foreign = auth(CONTINUE, METHOD, Some(b"r=other%server,s=QSXCR+Q6sek8bf92,i=4096"));
    assert_code(&first_answer(|_| foreign).await, code);
}

#[tokio::test]
async fn a_broker_without_this_method_is_told_apart() {
    let code = ErrorCode::MqttAuthenticationUnsupported;
    assert_code(&first_answer(|_| connack(V5, false, 0x8c, &[])).await, code);
    // mosquitto without a plugin ignores what it does not know in older versions.
    assert_code(&first_answer(|_| connack(V5, false, 0, &[])).await, code);
    let challenge = |count: u32| {
        move |nonce: &str| {
            let first = format!("r={nonce}x,s=QSXCR+Q6sek8bf92,i={count}");
            auth(CONTINUE, METHOD, Some(first.as_bytes()))
        }
    };
    let error = first_answer(challenge(4_095)).await;
    assert_code(&error, code);
    assert!(error.details["reason"].contains("4095"), "{error:?}");
    assert_code(&first_answer(challenge(u32::MAX)).await, code);
}

#[tokio::test]
async fn what_breaks_the_protocol_is_no_authentication() {
    let code = ErrorCode::MqttProtocolError;
    assert_code(&first_answer(|_| auth(CONTINUE, "SCRAM-SHA-1", None)).await, code);
    assert_code(&first_answer(|_| yes("SCRAM-SHA-1", None)).await, code);
    assert_code(&first_answer(|_| auth(0, METHOD, None)).await, ErrorCode::MqttServerNotAuthentic);
    let garbage = auth(CONTINUE, METHOD, Some(b"\xff\xfe"));
    assert_code(&first_answer(|_| garbage).await, ErrorCode::MqttAuthenticationFailed);
}

#[tokio::test]
async fn a_connection_made_again_is_authenticated_again_with_another_nonce() {
    let broker = Scripted::start().await;
    let server = Server::new(ScramHash::Sha1, "pencil");
    for clean_start in [true, false] {
        let mut profile = with_scram(broker.port(), ScramHash::Sha1);
        profile.clean_start = clean_start;
        let running = open_with_password(&profile, "pencil");
        let mut nonces = Vec::new();
        for _ in 0..3 {
            let mut peer = broker.accept().await;
            let (method, data) = read_connect(&peer.expect(CONNECT).await);
            let (challenge, proven) = answer(&mut peer, &server, &method, &data.unwrap()).await;
            peer.send(&yes(&method, proven.as_deref())).await;
            running.connected().await;
            let message = publish("t", b"x", QoS::AtMostOnce);
            running.session.publish(message).await.unwrap();
            peer.expect(crate::support::scripted::PUBLISH).await;
            nonces.push(challenge.client_nonce);
        }
        nonces.dedup();
        assert_eq!(nonces.len(), 3);
    }
}

fn with_token(port: u16) -> (Profile, Secrets) {
    let mut profile = profile(port, V5);
    let data = SecretName::of(&profile.id, &SecretSlot::AuthenticationData);
    profile.authentication =
        Some(Authentication::Other { name: "K8S-SAT".to_owned(), data: Some(data) });
    let mut secrets = Secrets::default();
    secrets.insert(SecretSlot::AuthenticationData, Secret::new("dG9r\nZW4="));
    (profile, secrets)
}

fn open_token(port: u16) -> Running {
    let (profile, secrets) = with_token(port);
    open_with_secrets(&profile, &secrets, Memory::committing(), Default::default())
}

#[tokio::test]
async fn another_method_sends_its_data_and_is_content_with_a_yes() {
    let broker = Scripted::start().await;
    let running = open_token(broker.port());
    let mut peer = broker.accept().await;
    let said = read_connect(&peer.expect(CONNECT).await);
    assert_eq!(said, ("K8S-SAT".to_owned(), Some(b"token".to_vec())));
    peer.send(&yes("K8S-SAT", Some("whatever"))).await;
    running.connected().await;
}

#[tokio::test]
async fn another_method_whose_broker_asks_further_is_not_supported() {
    let broker = Scripted::start().await;
    let running = open_token(broker.port());
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    peer.send(&auth(CONTINUE, "K8S-SAT", Some(b"more"))).await;
    assert_code(&running.failed().await, ErrorCode::MqttAuthenticationUnsupported);
    assert_eq!(peer.rest().await, []);
}

#[test]
fn what_a_method_needs_is_asked_for_with_its_field() {
    let refused = |profile: &Profile, secrets: &Secrets| {
        let error = resolve(profile, secrets).unwrap_err();
        assert_code(&error, ErrorCode::ProfileInvalid);
        error.details["field"].clone()
    };
    let good = with_scram(1883, ScramHash::Sha256);
    assert_eq!(refused(&good, &Secrets::default()), "password");
    assert_eq!(refused(&good, &password_of("pen\u{7}cil")), "password");
    let nobody = Profile { user_name: String::new(), ..good.clone() };
    assert_eq!(refused(&nobody, &password_of("pencil")), "user_name");
    let early = Profile { version: ProtocolVersion::V311, ..good };
    assert_eq!(refused(&early, &password_of("pencil")), "authentication");
    let (profile, mut secrets) = with_token(1883);
    secrets.insert(SecretSlot::AuthenticationData, Secret::new("no!"));
    assert_eq!(refused(&profile, &secrets), "authentication.data");
    let (mut profile, secrets) = with_token(1883);
    assert!(!format!("{:?}", resolve(&profile, &secrets)).contains("token"));
    profile.authentication = Some(Authentication::Other { name: String::new(), data: None });
    assert_eq!(refused(&profile, &secrets), "authentication.name");
}
