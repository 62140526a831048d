//! What became of a sent message, as columns of the `outcome` table.
//!
//! Pending is the absence of a row: a publish costs one row while it waits and nothing has to be
//! rewritten when the program starts again. A sent message of an earlier run without a row never
//! got its answer, and is shown as lost. The price is that a SQL reader sees NULL for both.

use mqttscope_model::{ErrorCode, MessageId, Outcome, ReasonCode};
use rusqlite::Row;

use crate::HistoryError;

/// An outcome as it lies in the file: `state`, `reason`, `code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) state: &'static str,
    pub(crate) reason: Option<u8>,
    pub(crate) code: Option<&'static str>,
}

/// The columns of an outcome; `None` for one that is not stored because it says nothing yet.
pub(crate) fn columns(outcome: &Outcome) -> Option<Columns> {
    let (state, reason, code) = match outcome {
        Outcome::Pending => return None,
        Outcome::Sent => ("sent", None, None),
        Outcome::Acknowledged { reason } => ("acknowledged", Some(reason.0), None),
        Outcome::Completed { reason } => ("completed", Some(reason.0), None),
        Outcome::Refused { reason } => ("refused", Some(reason.0), None),
        Outcome::Failed { code } => ("failed", None, Some(code.as_str())),
    };
    Some(Columns { state, reason, code })
}

/// The outcome in three columns of a row, beginning at `first`; `None` where there is none.
///
/// # Errors
/// [`HistoryError::Damaged`] for a state that this program never writes.
pub(crate) fn from_row(row: &Row<'_>, first: usize) -> Result<Option<Outcome>, HistoryError> {
    let Some(state) = row.get_ref(first)?.as_str_or_null().map_err(rusqlite::Error::from)? else {
        return Ok(None);
    };
    let reason = ReasonCode(row.get::<_, Option<u8>>(first + 1)?.unwrap_or_default());
    Ok(Some(match state {
        "sent" => Outcome::Sent,
        "acknowledged" => Outcome::Acknowledged { reason },
        "completed" => Outcome::Completed { reason },
        "refused" => Outcome::Refused { reason },
        "failed" => {
            let code: Option<String> = row.get(first + 2)?;
            let known = ErrorCode::ALL.iter().find(|known| Some(known.as_str()) == code.as_deref());
            Outcome::Failed { code: known.copied().unwrap_or(ErrorCode::Internal) }
        }
        other => return Err(HistoryError::damaged(format!("an outcome is called {other:?}"))),
    }))
}

/// The outcome of a sent message without a row: lost where an earlier run sent it, else pending.
pub(crate) fn unanswered(id: MessageId, last_of_earlier_runs: MessageId) -> Outcome {
    if id <= last_of_earlier_runs {
        Outcome::Failed { code: ErrorCode::RequestLost }
    } else {
        Outcome::Pending
    }
}
