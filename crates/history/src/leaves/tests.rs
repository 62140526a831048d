//! What is read past SQLite is what SQLite would have read.

use super::*;

fn add(connection: &Connection, ids: Range<u64>) {
    let sql = "INSERT INTO message VALUES (?1, 0, 1, 0, zeroblob(300), NULL)";
    let mut insert = connection.prepare(sql).unwrap();
    for id in ids {
        insert.execute([id.cast_signed()]).unwrap();
    }
}

/// The pages of all leaves, by SQLite and by the file itself, and which of them may be read there.
fn seen(reader: &Connection, direct: &Direct) -> (Vec<Vec<u8>>, Vec<bool>) {
    let mut leaves = Leaves::of(reader).unwrap().unwrap();
    let branches = leaves.over(&(0..u64::MAX)).unwrap().unwrap();
    let steady = leaves.steady(direct).unwrap();
    let mut read = |steady: Option<&Steady<'_>>| {
        let mut pages = Vec::new();
        leaves
            .each(&branches, steady, |_, leaf| pages.push(leaf.unwrap().bytes().to_vec()))
            .unwrap();
        pages
    };
    let pages = read(None);
    assert!(read(Some(&steady)) == pages);
    (pages, branches.iter().map(|branch| steady.has(branch.page)).collect())
}

#[test]
fn a_page_that_stands_in_the_log_is_not_taken_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h");
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("PRAGMA page_size=8192; PRAGMA journal_mode=WAL").unwrap();
    writer.execute_batch(TABLE).unwrap();
    add(&writer, 0..1_000);
    writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let reader = Connection::open(&path).unwrap();
    let direct = Direct::open(&path).unwrap();
    let (before, in_file) = seen(&reader, &direct);
    assert!(before.len() > AT_ONCE && in_file.iter().all(|there| *there));
    writer.execute("DELETE FROM message WHERE id = 500", []).unwrap();
    let (after, in_file) = seen(&reader, &direct);
    let changed: Vec<bool> = before.iter().zip(&after).map(|(one, other)| one == other).collect();
    assert_eq!(changed, in_file, "exactly the changed page stands in the log");
    assert_eq!(in_file.iter().filter(|there| !**there).count(), 1);
    drop((reader, writer));
}

#[test]
fn another_file_of_that_name_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h");
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("PRAGMA page_size=8192; PRAGMA journal_mode=WAL").unwrap();
    writer.execute_batch(TABLE).unwrap();
    let direct = Direct::open(&path).unwrap();
    assert!(direct.steady(4096).is_none(), "the log has pages of another size");
    assert!(direct.steady(8192).is_some());
    std::fs::rename(&path, folder.path().join("moved")).unwrap();
    assert!(direct.steady(8192).is_none());
    std::fs::write(&path, b"another").unwrap();
    assert!(direct.steady(8192).is_none());
    drop(writer);
}

#[test]
fn pages_of_another_file_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, ids: Range<u64>| {
        let path = folder.path().join(name);
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("PRAGMA page_size=8192; PRAGMA journal_mode=WAL").unwrap();
        writer.execute_batch(TABLE).unwrap();
        add(&writer, ids);
        writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        (writer, Direct::open(&path).unwrap())
    };
    let ((one, _its_own), (_other, direct)) = (make("one", 0..1_000), make("other", 5_000..6_000));
    let (_, in_file) = seen(&one, &direct);
    assert!(in_file.iter().all(|there| *there), "it was that file that was looked at");
}
