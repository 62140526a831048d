//! Proves that profiles of format 1 are used as they are and become files of today when they are saved. The files in
//! `format1/` were written by MQTTScope 0.1.
#![expect(clippy::unwrap_used, reason = "what is not as expected ends a test, helpers included")]

use std::fs;
use std::path::{Path, PathBuf};

use mqttscope_model::{
    ClientCertificate, Profile, ProfileId, ProtocolVersion, QoS, Scheme, SecretName, TlsRoots,
    TypedBytes, WillPayload,
};
use mqttscope_profiles::ProfileStore;
use tempfile::TempDir;

/// A configuration folder of the old version.
fn old() -> (TempDir, ProfileStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(folder.path()).unwrap();
    for name in ["plain", "full", "binary"] {
        let text = fs::read_to_string(fixture(name)).unwrap();
        let id = text.split('"').skip_while(|part| *part != "id").nth(2).unwrap();
        fs::write(folder.path().join(format!("profiles/{id}.json")), &text).unwrap();
    }
    (folder, store)
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format1").join(format!("{name}.json"))
}

fn named(store: &ProfileStore, name: &str) -> Profile {
    store.list().unwrap().profiles.into_iter().find(|profile| profile.name == name).unwrap()
}

#[test]
fn every_setting_of_an_old_profile_is_there() {
    let (_folder, store) = old();
    assert_eq!(store.list().unwrap().broken, []);
    let full = named(&store, "Anlage 7 – Öfen");
    assert_eq!(full.endpoint.scheme, Scheme::Wss);
    assert_eq!(full.endpoint.host, "mqtt.plant.example");
    assert_eq!((full.client_id.as_str(), full.user_name.as_str()), ("plant-7", "fitter"));
    assert_eq!(full.password, Some(SecretName::password_of(&full.id)));
    assert_eq!(full.version, ProtocolVersion::V311);
    assert_eq!((full.keep_alive, full.connect_timeout, full.session_expiry), (30, 20, 3600));
    assert!(!full.clean_start && !full.reconnect.enabled && !full.tls.verify);
    assert_eq!(full.reconnect.max_attempts, Some(4));
    assert_eq!(full.tls.roots, TlsRoots::CaFiles { paths: vec!["/etc/plant/ca.pem".to_owned()] });
    assert_eq!(
        full.tls.client_certificate,
        Some(ClientCertificate::pem_files("/etc/plant/client.pem", "/etc/plant/client.key"))
    );
    assert_eq!(
        (full.tls.server_name.as_str(), &full.tls.alpn[..]),
        ("plant", &["mqtt".to_owned()][..])
    );
    let will = full.will.unwrap();
    assert_eq!(
        (will.topic.as_str(), will.qos, will.retain),
        ("plant/7/state", QoS::AtLeastOnce, true)
    );
    assert_eq!(will.payload, WillPayload::Typed { typed: TypedBytes::of_bytes(b"off") });
    assert_eq!(full.subscriptions[0].filter, "plant/#");

    let binary = named(&store, "Local");
    assert!(binary.follows_local_broker);
    let WillPayload::Typed { typed } = binary.will.unwrap().payload else { panic!("typed") };
    assert_eq!(typed.bytes().unwrap(), [0xff, 0x00, 0x80]);

    // What an old profile could not say is as in a new one.
    let plain = named(&store, "Workshop");
    let mut expected = Profile::new(plain.id.clone(), "mqttscopeAbCdEfGhIj".to_owned());
    (expected.name, expected.endpoint.host) = ("Workshop".to_owned(), "broker.example".to_owned());
    assert_eq!(plain, expected);
}

#[test]
fn a_look_leaves_old_files_alone_and_saving_writes_the_new_format() {
    let (folder, store) = old();
    let id = ProfileId::new("0a6c58b1-64e9-4c57-9f6d-6d1f3d1c2b02").unwrap();
    let file = folder.path().join(format!("profiles/{id}.json"));
    let old = store.get(&id).unwrap();
    assert_eq!(fs::read(&file).unwrap(), fs::read(fixture("full")).unwrap());
    // Saved without any change: the file becomes one of today all the same.
    store.save(&old).unwrap();
    assert!(fs::read_to_string(&file).unwrap().starts_with("{\n  \"format\": 2,"));
    assert_eq!(store.get(&id).unwrap(), old);
    store.delete(&id).unwrap();
    assert_eq!(store.restore(&id).unwrap(), old);
}

#[test]
fn what_is_wrong_in_an_old_file_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(folder.path()).unwrap();
    let text = fs::read_to_string(fixture("plain")).unwrap();
    for (name, wrong, reason) in [
        ("a", text.replace("\"keep_alive\": 60", "\"keep_alive\": 70000"), "u16 at line 17"),
        (
            "b",
            text.replace("\"keep_alive\"", "\"colour\": null, \"keep_alive\""),
            "unknown field `colour`",
        ),
    ] {
        fs::write(folder.path().join(format!("profiles/{name}.json")), wrong).unwrap();
        let broken = store.list().unwrap().broken;
        let found = broken.iter().any(|broken| broken.reason.contains(reason));
        assert!(found, "{reason}: {broken:?}");
    }
}
