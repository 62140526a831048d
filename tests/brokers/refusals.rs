//! A connection that cannot be made says which cause it has.

use acceptance::mosquitto::Setup;
use acceptance::{Application, ClientCertificates, Mosquitto};
use mqttscope_model::{
    ClientCertificate, ErrorCode, Profile, ProtocolVersion, Scheme, SessionState, TlsRoots,
};

const VERSIONS: [ProtocolVersion; 3] =
    [ProtocolVersion::V5, ProtocolVersion::V311, ProtocolVersion::V31];

fn trust(profile: &mut Profile, broker: &Mosquitto) {
    let path = broker.certificates().authority.display().to_string();
    profile.tls.roots = TlsRoots::CaFile { path };
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_not_authorised_and_the_right_one_is() {
    let broker = Mosquitto::with(&Setup { users: vec![("ada", "right")], ..Setup::default() });
    let app = Application::start().await;
    for version in VERSIONS {
        let profile = app
            .profile(broker.endpoint(Scheme::Mqtt), |profile| {
                profile.version = version;
                profile.user_name = "ada".to_owned();
            })
            .await;
        let profile = app.save(&profile, Some("wrong")).await;
        let error = app.fail_to_connect(&profile.id).await;
        assert_eq!(error.code, ErrorCode::MqttNotAuthorised, "{version:?}: {error}");
        assert!(!format!("{error:?}").contains("wrong"), "the password is in {error:?}");
        // Asking again with the same password could lock the account: it is not tried again.
        let state = app.snapshot(&profile.id).await.state;
        assert!(matches!(state, SessionState::Failed { .. }), "{version:?}: {state:?}");

        let profile = app.save(&profile, Some("right")).await;
        app.connect(&profile.id).await;
        app.disconnect(&profile.id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_not_trusted_is_named() {
    let broker = Mosquitto::start();
    let app = Application::start().await;
    for scheme in [Scheme::Mqtts, Scheme::Wss] {
        let profile = app.profile(broker.endpoint(scheme), |_| {}).await;
        let error = app.fail_to_connect(&profile.id).await;
        assert_eq!(error.code, ErrorCode::TlsUnknownIssuer, "{error}");
        app.disconnect(&profile.id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn not_to_verify_connects_and_says_so() {
    let broker = Mosquitto::start();
    let app = Application::start().await;
    let profile =
        app.profile(broker.endpoint(Scheme::Mqtts), |profile| profile.tls.verify = false).await;
    match app.connect(&profile.id).await {
        SessionState::Connected { tls: Some(tls), .. } => assert!(!tls.verified),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_name_is_refused_unless_the_name_is_given() {
    let broker = Mosquitto::start();
    let app = Application::start().await;
    let mut profile = app
        .profile(broker.endpoint(Scheme::Mqtts), |profile| {
            trust(profile, &broker);
            profile.tls.server_name = "plant.example".to_owned();
        })
        .await;
    let error = app.fail_to_connect(&profile.id).await;
    assert_eq!(error.code, ErrorCode::TlsWrongName, "{error}");
    app.disconnect(&profile.id).await;

    profile.tls.server_name = "localhost".to_owned();
    profile.endpoint.host = "127.0.0.1".to_owned();
    let profile = app.save(&profile, None).await;
    app.connect(&profile.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_is_asked_for_and_accepted() {
    let setup =
        Setup { client_certificates: ClientCertificates::Required, ..Setup::default() };
    let broker = Mosquitto::with(&setup);
    let app = Application::start().await;
    for scheme in [Scheme::Mqtts, Scheme::Wss] {
        let mut profile =
            app.profile(broker.endpoint(scheme), |profile| trust(profile, &broker)).await;
        let error = app.fail_to_connect(&profile.id).await;
        assert_eq!(error.code, ErrorCode::TlsClientCertificateRequired, "{scheme:?}: {error}");
        app.disconnect(&profile.id).await;

        let certificates = broker.certificates();
        profile.tls.client_certificate = Some(ClientCertificate {
            certificate: certificates.client.display().to_string(),
            key: certificates.client_key.display().to_string(),
        });
        let profile = app.save(&profile, None).await;
        app.connect(&profile.id).await;
        app.disconnect(&profile.id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_nobody_serves_is_refused() {
    let mut broker = Mosquitto::start();
    broker.stop();
    let app = Application::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), |_| {}).await;
    let error = app.fail_to_connect(&profile.id).await;
    assert_eq!(error.code, ErrorCode::TcpRefused, "{error}");
}
