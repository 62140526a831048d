//! What is exported is what the filter lets through, in a form that spreadsheets take; what cannot be written leaves nothing behind.

use std::path::Path;

use mqttscope_history::{Job, TransferError};
use mqttscope_model::{
    ErrorCode, ExportRequest, Formulas, MessageFormat, MessageId, PayloadTest, UserError,
    ViewFilter,
};

use crate::common::{open, place, received, settle};
use crate::transfer::{export, lines};

#[test]
fn csv_is_quoted_and_guarded_and_begins_with_a_mark() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(received("a,b", "=1+1\r\n\"x\"")).unwrap();
    history.append(received("t", "-12.5")).unwrap();
    history.append(received("t", [0xff])).unwrap();
    settle(&history);
    history.set_bookmark(MessageId(2), "@home").unwrap();
    let formulas = Formulas::Guarded;
    let format = MessageFormat::Csv { byte_order_mark: true, formulas };
    let text = export(&history, &ExportRequest { format, ..ExportRequest::default() });
    let rows = "id,time,time_us,direction,topic,qos,retain,dup,outcome,outcome_detail,properties,size,payload_encoding,payload,note\r\n\
        1,1970-01-01T00:00:00.001000Z,1000,received,\"a,b\",0,false,false,,,,9,utf-8,\"'=1+1\r\n\"\"x\"\"\",\r\n\
        2,1970-01-01T00:00:00.001000Z,1000,received,t,0,false,false,,,,5,utf-8,-12.5,'@home\r\n\
        3,1970-01-01T00:00:00.001000Z,1000,received,t,0,false,false,,,,1,base64,/w==,\r\n";
    assert_eq!(text, format!("\u{feff}{rows}"));
}

#[test]
fn only_what_the_filter_lets_through_up_to_the_last_is_exported() {
    let (_folder, path) = place();
    let history = open(&path);
    for number in 0..20_000 {
        let topic = if number % 2 == 0 { "a" } else { "b" };
        history.append(received(topic, format!("n{}", number % 100))).unwrap();
    }
    settle(&history);
    let test = PayloadTest::Text { text: "n4".to_owned(), case_sensitive: true };
    let filter =
        ViewFilter { topics: vec!["a".to_owned()], payload: vec![test], ..ViewFilter::default() };
    let request =
        ExportRequest { filter, last: Some(MessageId(10_000)), ..ExportRequest::default() };
    let mut out = Vec::new();
    let job = Job::new();
    let done = history.export_to(&request, &mut out, &job).unwrap();
    // 4, 40, 42, 44, 46, 48 in each hundred.
    assert_eq!(done.messages, 600);
    let told = *job.progress().borrow();
    assert_eq!((told.done, told.total, told.messages), (10_000, 10_000, 600));
    assert_eq!(String::from_utf8(out).unwrap().lines().count(), 601);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_is_whole_or_not_there() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(received("t", "x")).unwrap();
    settle(&history);
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("out.jsonl");
    let cancelled = Job::new();
    cancelled.cancel();
    let request = ExportRequest::default();
    let error = history.export_file(&request, &place, &cancelled).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert_eq!(names(folder.path()), [""; 0]);

    std::fs::write(&place, "before").unwrap();
    std::fs::write(folder.path().join("out.jsonl.part"), "another's").unwrap();
    history.export_file(&request, &place, &Job::new()).unwrap();
    assert_eq!(std::fs::read_to_string(&place).unwrap(), lines(&history));
    assert_eq!(names(folder.path()).len(), 2, "the other's part is left alone");

    let nowhere = folder.path().join("none").join("out");
    let error = history.export_file(&request, &nowhere, &Job::new()).unwrap_err();
    assert!(matches!(error, TransferError::NotWritten { .. }), "{error}");
    let own = history.export_file(&request, &path, &Job::new()).unwrap_err();
    assert!(matches!(own, TransferError::OwnFile { .. }), "{own}");
    assert_eq!(history.stats().messages, 1);
}

/// A disk with room for a few bytes.
struct Small(usize);

impl std::io::Write for Small {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_as_one() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(received("t", vec![b'x'; 100_000])).unwrap();
    settle(&history);
    let csv = MessageFormat::Csv { byte_order_mark: false, formulas: Formulas::Guarded };
    for format in [MessageFormat::JsonLines, csv] {
        let request = ExportRequest { format, ..ExportRequest::default() };
        let error = history.export_to(&request, &mut Small(5_000), &Job::new()).unwrap_err();
        assert!(matches!(error, TransferError::NoRoom { .. }), "{format:?}: {error}");
        assert_eq!(UserError::from(error).code, ErrorCode::ExportDiskFull);
    }
}
