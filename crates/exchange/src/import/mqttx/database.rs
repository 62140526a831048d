//! MQTTX's database: the only file of it that knows the groups.
//!
//! SQLite reads a copy of the bytes in memory, read-only: MQTTX may go on writing its file, and nothing is left beside
//! it. Columns are taken by name, whichever are there, so each age of the schema is read. A damaged or hostile file can
//! make SQLite walk in circles, so steps, rows and bytes are counted.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::tz::TimeZone;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, MAIN_DB};

use super::{Collected, add_message};
use crate::error::{ImportError, ImportFault, Place};
use crate::found::{Found, ImportFormat};
use crate::import::MAX_BYTES;
use crate::import::value::{Map, Value};

/// The most rows of all tables together.
const MAX_ROWS: usize = 5_000_000;
/// The most steps of SQLite's machine, in thousands; a database of the largest size takes a fifth of it.
const MAX_STEPS: u32 = 1_000_000;

pub(in crate::import) fn is_sqlite(bytes: &[u8]) -> bool {
    bytes.starts_with(b"SQLite format 3\0")
}

/// Whether a write-ahead log or a journal with something in it stands beside a database.
pub(in crate::import) fn is_in_use(bytes: &[u8], path: &Path) -> bool {
    let has = |suffix: &str| {
        let mut beside = path.as_os_str().to_owned();
        beside.push(suffix);
        std::fs::metadata(beside).is_ok_and(|file| file.len() > 0)
    };
    is_sqlite(bytes) && (has("-wal") || has("-journal"))
}

pub(in crate::import) fn read(bytes: &[u8], zone: &TimeZone) -> Result<Found, ImportError> {
    let connection = open(bytes).map_err(|error| damaged("", &error))?;
    let tables = tables(&connection).map_err(|error| damaged("sqlite_schema", &error))?;
    let mut reader = Reader { connection, tables, rows: 0, bytes: 0 };
    if !reader.tables.iter().any(|name| name == "ConnectionEntity") {
        return Err(crate::import::unrecognised());
    }
    let mut subscriptions = reader.grouped("SubscriptionEntity", "connectionId")?;
    let mut wills = reader.grouped("WillEntity", "id")?;
    let mut collected = Collected::default();
    reader.each("CollectionEntity", &mut |map| {
        collected.folder(&map);
        Ok(())
    })?;
    let mut known = BTreeMap::new();
    reader.each("ConnectionEntity", &mut |mut map| {
        let id = text(&map, "id");
        let list = subscriptions.remove(&id).unwrap_or_default();
        map.insert("subscriptions", Value::List(list));
        if let Some(will) = wills.remove(&text(&map, "willId")).and_then(|mut list| list.pop()) {
            map.insert("will", will);
        }
        collected.connection(&map)?;
        known.insert(id, known.len());
        Ok(())
    })?;
    let mut index = 0;
    reader.each("MessageEntity", &mut |map| {
        let at = known.get(&text(&map, "connectionId")).copied();
        if let Some(draft) = at.and_then(|at| collected.draft(at)) {
            add_message(draft, index, &Value::Map(map), zone);
        }
        index += 1;
        Ok(())
    })?;
    collected.found(ImportFormat::MqttxDatabase)
}

fn text(map: &Map, name: &str) -> String {
    map.get(name).and_then(Value::as_text).unwrap_or_default()
}

fn open(bytes: &[u8]) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    let mut copy = bytes.to_vec();
    // A database in memory has no write-ahead log; without these marks SQLite reads what is in the file itself.
    for mark in copy.iter_mut().skip(18).take(2) {
        *mark = 1;
    }
    let size = copy.len();
    connection.deserialize_read_exact(MAIN_DB, copy.as_slice(), size, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    let mut steps = 0;
    connection.progress_handler(
        1_000,
        Some(move || {
            steps += 1;
            steps > MAX_STEPS
        }),
    )?;
    Ok(connection)
}

/// The names of the ordinary tables. Views and virtual tables can run anything, so they are not looked at.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE TABLE %'";
    names(connection, sql)
}

/// The first column of a query. Not through rusqlite's names of columns: they panic where a damaged file has other
/// bytes than UTF-8.
fn names(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        names.push(value(row.get_ref(0)?).as_text().unwrap_or_default());
        if names.len() > 10_000 {
            break;
        }
    }
    Ok(names)
}

/// SQLite's own words for the kind of error; what it says beyond may quote the file.
fn damaged(table: &str, error: &rusqlite::Error) -> ImportError {
    let reason = match error {
        rusqlite::Error::SqliteFailure(code, _) => code.to_string(),
        _ => "a value is of another kind than its column".to_owned(),
    };
    ImportError::new(Place::Path(table.to_owned()), ImportFault::Database(reason))
}

struct Reader {
    connection: Connection,
    tables: Vec<String>,
    rows: usize,
    bytes: usize,
}

impl Reader {
    /// Visits the rows of a table as objects; a table that is not there has none.
    fn each(
        &mut self,
        table: &str,
        visit: &mut dyn FnMut(Map) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        if !self.tables.iter().any(|name| name == table) {
            return Ok(());
        }
        let wrong = |error: rusqlite::Error| damaged(table, &error);
        let sql = format!("SELECT * FROM \"{table}\" ORDER BY rowid");
        let mut statement = self.connection.prepare(&sql).map_err(wrong)?;
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns = names(&self.connection, &columns).map_err(wrong)?;
        let width = statement.column_count();
        let mut rows = statement.query([]).map_err(wrong)?;
        while let Some(row) = rows.next().map_err(wrong)? {
            self.rows += 1;
            let mut map = Map::default();
            for (index, name) in columns.iter().take(width).enumerate() {
                let value = value(row.get_ref(index).map_err(wrong)?);
                if let Value::Text(text) = &value {
                    self.bytes += text.len();
                }
                map.insert(camel(name), value);
            }
            if self.rows > MAX_ROWS || self.bytes > 2 * MAX_BYTES {
                return Err(ImportError::new(Place::Path(table.to_owned()), ImportFault::Expands));
            }
            visit(map)?;
        }
        Ok(())
    }

    /// The rows of a table by the value of a column.
    fn grouped(
        &mut self,
        table: &str,
        column: &str,
    ) -> Result<BTreeMap<String, Vec<Value>>, ImportError> {
        let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        self.each(table, &mut |map| {
            groups.entry(text(&map, column)).or_default().push(Value::Map(map));
            Ok(())
        })?;
        Ok(groups)
    }
}

/// The columns whose names differ from those in MQTTX's JSON.
fn camel(column: &str) -> &str {
    match column {
        "client_id" => "clientId",
        "parent_id" => "parentId",
        "connection_id" => "connectionId",
        other => other,
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Float(number),
        ValueRef::Text(bytes) => Value::text(String::from_utf8_lossy(bytes)),
        ValueRef::Blob(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::text(text),
            Err(_) => as_buffer(bytes),
        },
    }
}

/// Bytes as JSON would hold them.
fn as_buffer(bytes: &[u8]) -> Value {
    let data = bytes.iter().map(|byte| Value::Integer(i64::from(*byte))).collect();
    let entries = [("type", Value::text("Buffer")), ("data", Value::List(data))];
    Value::Map(Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}
