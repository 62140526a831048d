//! A broker that wants a client certificate: with ours it connects, without one the cause is TLS,
//! although in TLS 1.3 the refusal comes after the handshake, in place of the CONNACK.

use acceptance::mosquitto::Setup;
use acceptance::{App, ClientCertificates, Mosquitto};
use mqttscope_model::{ClientCertificate, ProtocolVersion, Scheme, TlsRoots};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_is_shown_where_it_is_wanted_and_missed_where_there_is_none() {
    let broker = Mosquitto::with(&Setup {
        client_certificates: ClientCertificates::Required,
        ..Setup::default()
    });
    let app = App::start().await;
    let files = broker.certificates();
    let roots = TlsRoots::ca_file(files.authority.display().to_string());
    for scheme in [Scheme::Mqtts, Scheme::Wss] {
        for version in [ProtocolVersion::V311, ProtocolVersion::V5] {
            let with = app
                .profile(broker.endpoint(scheme), version, |profile| {
                    profile.tls.roots = roots.clone();
                    profile.tls.client_certificate = Some(ClientCertificate::pem_files(
                        files.client.display().to_string(),
                        files.client_key.display().to_string(),
                    ));
                })
                .await;
            app.connect(&with).await;
            app.disconnect(&with).await;

            let without = app
                .profile(broker.endpoint(scheme), version, |profile| {
                    profile.tls.roots = roots.clone();
                })
                .await;
            app.call("session_connect", serde_json::json!({ "profile": without.id })).await;
            let failed = app.wait_for_state(&without, "failed").await;
            assert_eq!(failed["error"]["code"], "tls.client_certificate_required", "{failed}");
        }
    }
    app.stop().await;
}
