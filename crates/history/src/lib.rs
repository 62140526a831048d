//! The message store: every PUBLISH of one profile, sent or received, in one SQLite file.
//!
//! The decision: plain rows in SQLite (so that any SQLite tool opens them) and one writer thread
//! that commits in batches. [`History::append`] gives the final id at once and never blocks and
//! never drops; what waits for the disk is reported as [`Pressure`], and whoever reads the socket
//! stops reading while it is high. Rows become visible, and [`History::committed`] moves, only
//! after their commit, so a message that was acknowledged to the broker is on disk.
//!
//! The price: about a microsecond of CPU a message (an own log file would be cheaper, and a file
//! format to own for ever), and `synchronous=NORMAL`: a process that is killed loses nothing that
//! was committed, a machine that loses power may lose the last commits, though never the file.

mod age;
mod batch;
mod bookmarks;
mod by_topic;
mod error;
mod export;
mod file;
mod filter;
mod find;
mod flags;
mod found;
mod handle;
mod import;
mod inbox;
mod index;
mod insert;
mod job;
mod leaves;
mod load;
mod lock;
mod outcome;
mod pace;
mod pages;
mod presence;
mod read;
mod retention;
mod rows;
mod scan;
mod shared;
mod store;
mod stored;
mod told;
mod topics;
mod trail;
mod transfer;
mod upkeep;
mod view;
mod writer;

pub use bookmarks::{MAX_BOOKMARKS, MAX_NOTE};
pub use by_topic::TopicMatch;
pub use error::HistoryError;
pub use export::write_file;
pub use filter::FilterError;
pub use find::Find;
pub use handle::History;
pub use inbox::{MAX_PAYLOAD, Pressure};
pub use job::Job;
pub use lock::claim;
pub use rows::{Page, Row, StoredMessage};
pub use told::{Cleared, Opened, Stats};
pub use trail::{Content, Trail};
pub use transfer::TransferError;
pub use upkeep::{Upkeep, UpkeepProgress, UpkeepState};
pub use view::{View, ViewProgress};
