//! SQL of what became of a line.

use db::{DbError, Tx, params};
use http::Words;
use identity::lots::Outcome;
use kernel::{OperationId, Scope};

use crate::desk::words::refusal;
use crate::payment::OpState;
use crate::payment::words::from_row;

/// What became of an operation.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn answer(
    tx: &mut Tx<'_>,
    scope: &Scope,
    words: &Words,
    id: OperationId,
) -> Result<Outcome, DbError> {
    let sql = "SELECT state, code, raw_code FROM payment_operation \
               WHERE id = $1 AND merchant_id = $2";
    let row = tx.query_opt(sql, &params![id, scope.merchant()])?;
    let Some(row) = row else { return Ok(Outcome::Unknown) };
    Ok(match from_row(&row, "state", OpState::parse)? {
        OpState::Success => Outcome::Done,
        OpState::Unknown => Outcome::Unknown,
        OpState::Init | OpState::Sent | OpState::Pending => Outcome::AtTheBank,
        OpState::Failed => {
            let code: Option<String> = row.get("code")?;
            let raw: String = row.get("raw_code")?;
            Outcome::Refused(refusal(words, &code.unwrap_or_default(), &raw))
        }
    })
}
