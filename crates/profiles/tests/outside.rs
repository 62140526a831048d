//! Proves that whatever others put into the folder of the profiles neither hangs nor breaks anything, and that it is told.
#![expect(clippy::unwrap_used, reason = "what is not as expected ends a test, helpers included")]

use std::fs;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use mqttscope_model::{Profile, ProfileId};
use mqttscope_profiles::{Changed, ProfileStore, Watch};
use tempfile::TempDir;

fn profile(name: &str) -> Profile {
    let id = ProfileId::new(name).unwrap();
    Profile { name: name.to_owned(), ..Profile::new(id, String::new()) }
}

fn open() -> (TempDir, ProfileStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(folder.path()).unwrap();
    (folder, store)
}

/// The text of a profile's file.
fn text(name: &str) -> String {
    let (folder, store) = open();
    store.save(&profile(name)).unwrap();
    fs::read_to_string(folder.path().join(format!("profiles/{name}.json"))).unwrap()
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_only_and_nothing_else_is_opened() {
    use std::os::unix::fs::symlink;
    let (folder, store) = open();
    let elsewhere = tempfile::tempdir().unwrap();
    let (target, profiles) = (elsewhere.path().join("kept.json"), folder.path().join("profiles"));
    fs::write(&target, text("linked")).unwrap();
    symlink(&target, profiles.join("linked.json")).unwrap();
    symlink("nowhere", profiles.join("dangling.json")).unwrap();
    symlink(elsewhere.path(), profiles.join("folder-link.json")).unwrap();
    symlink("/dev/zero", profiles.join("device.json")).unwrap();
    symlink("loop.json", profiles.join("loop.json")).unwrap();
    fs::create_dir(profiles.join("folder.json")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(profiles.join("pipe.json")).status();
    assert!(made.unwrap().success());
    fs::write(profiles.join("large.json"), vec![b' '; (1 << 20) + 1]).unwrap();

    let listing = store.list().unwrap();
    assert_eq!(listing.profiles, [profile("linked")]);
    let shown: Vec<_> = listing
        .broken
        .iter()
        .map(|broken| (broken.file.file_stem().unwrap().to_str().unwrap(), broken.reason.as_str()))
        .collect();
    let expect = [
        ("dangling", "it is a link that cannot be followed"),
        ("device", "it is no regular file"),
        ("folder-link", "it is no regular file"),
        ("folder", "it is no regular file"),
        ("large", "it is larger than 1048576 bytes"),
        ("loop", "it is a link that cannot be followed"),
        ("pipe", "it is no regular file"),
    ];
    assert_eq!(shown.len(), expect.len(), "{shown:?}");
    for ((name, reason), (expect_name, part)) in shown.iter().zip(expect) {
        assert_eq!(*name, expect_name);
        assert!(reason.contains(part), "{name}: {reason}");
    }
    for name in ["dangling", "pipe", "device", "folder"] {
        assert!(store.save(&profile(name)).is_err(), "{name}");
    }

    // A link stays one when its profile is saved, and what it leads to changes.
    let renamed = Profile { name: "renamed".to_owned(), ..profile("linked") };
    store.save(&renamed).unwrap();
    assert!(fs::symlink_metadata(profiles.join("linked.json")).unwrap().is_symlink());
    assert!(fs::read_to_string(&target).unwrap().contains("renamed"));
    store.delete(&renamed.id).unwrap();
    assert!(target.exists(), "only the link is removed");
    assert_eq!(store.restore(&renamed.id).unwrap(), renamed);
}

#[test]
fn ten_thousand_profiles_are_saved_and_listed_in_moments() {
    let (folder, store) = open();
    let many: Vec<_> = (0..10_000).map(|n| profile(&format!("p{n}"))).collect();
    let begun = Instant::now();
    store.save_all(&many).unwrap();
    println!("10,000 profiles saved: {:?}", begun.elapsed());
    // A copy of each fifth: the worst case for finding out which is the second.
    for n in (0..10_000).step_by(5) {
        let profiles = folder.path().join("profiles");
        fs::copy(profiles.join(format!("p{n}.json")), profiles.join(format!("copy {n}.json")))
            .unwrap();
    }
    let begun = Instant::now();
    let listing = store.list().unwrap();
    let took = begun.elapsed();
    assert_eq!((listing.profiles.len(), listing.broken.len()), (10_000, 2_000));
    assert_eq!(listing.tree.0.len(), 10_000);
    // Without optimisation and beside other tests; a quadratic search takes minutes.
    assert!(took < Duration::from_secs(20), "{took:?}");
    println!("10,000 profiles and 2,000 copies: {took:?}");
}

#[test]
fn a_folder_that_is_gone_is_empty_and_made_anew_by_the_next_save() {
    let (folder, store) = open();
    store.save(&profile("p1")).unwrap();
    fs::remove_dir_all(folder.path().join("profiles")).unwrap();
    assert!(store.list().unwrap().profiles.is_empty());
    store.save(&profile("p2")).unwrap();
    assert_eq!(store.list().unwrap().profiles, [profile("p2")]);
}

fn watched(store: &ProfileStore) -> (Watch, Receiver<Changed>) {
    let (sender, changes) = mpsc::channel();
    let watch = store.watch(move |changed| _ = sender.send(changed)).unwrap();
    (watch, changes)
}

/// Waits until a change of this profile is told.
fn wait_for(changes: &Receiver<Changed>, name: &str) {
    let id = ProfileId::new(name).unwrap();
    while !changes.recv_timeout(Duration::from_secs(20)).unwrap().profiles.contains(&id) {}
}

#[test]
fn what_others_write_rename_and_remove_is_told() {
    let (folder, store) = open();
    let profiles = folder.path().join("profiles");
    let (_watch, changes) = watched(&store);
    fs::write(profiles.join("by-hand.json"), text("by-hand")).unwrap();
    wait_for(&changes, "by-hand");
    // As an editor or git replaces a file.
    fs::write(profiles.join(".by-hand.json.swp"), text("by-hand").replace("60", "61")).unwrap();
    fs::rename(profiles.join(".by-hand.json.swp"), profiles.join("by-hand.json")).unwrap();
    wait_for(&changes, "by-hand");
    assert_eq!(store.list().unwrap().profiles.first().unwrap().keep_alive, 61);
    // The identifier counts, not the file's name.
    fs::write(profiles.join("from a friend.json"), text("friend")).unwrap();
    wait_for(&changes, "friend");
    fs::remove_file(profiles.join("by-hand.json")).unwrap();
    wait_for(&changes, "by-hand");
}

#[test]
fn a_folder_that_is_deleted_and_made_anew_is_watched_again() {
    let (folder, store) = open();
    let profiles = folder.path().join("profiles");
    let (_watch, changes) = watched(&store);
    store.save(&profile("p1")).unwrap();
    wait_for(&changes, "p1");
    fs::remove_dir_all(&profiles).unwrap();
    changes.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(store.list().unwrap().profiles.is_empty());
    fs::create_dir(&profiles).unwrap();
    changes.recv_timeout(Duration::from_secs(20)).unwrap();
    // Told of the new folder, the store watches it already.
    while changes.recv_timeout(Duration::from_millis(500)).is_ok() {}
    fs::write(profiles.join("p2.json"), text("p2")).unwrap();
    wait_for(&changes, "p2");
}

#[test]
fn looking_is_no_change() {
    let (_folder, store) = open();
    store.save(&profile("p1")).unwrap();
    let (_watch, changes) = watched(&store);
    for _ in 0..3 {
        store.list().unwrap();
        assert!(changes.recv_timeout(Duration::from_millis(300)).is_err());
    }
}

#[test]
fn who_stops_watching_is_told_nothing_more() {
    let (_folder, store) = open();
    let (watch, changes) = watched(&store);
    drop(watch);
    // The sender goes with the thread, so this does not wait.
    assert!(changes.recv_timeout(Duration::from_secs(20)).is_err());
}
