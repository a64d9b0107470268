//! Rows of tables as lines: the same text whichever engine gave them or takes them.
//!
//! `{"table":"vault_card","columns":["merchant_id",…]}` leads the rows of a table, each an array of
//! null, number, text, or `{"b":"…"}` with bytes in Base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use db::{Row, Val};
use kernel::{CardToken, MerchantId};
use serde_json::{Value, json};

use super::BackupError;
use crate::keys::slot_key::SLOT_BYTES;

/// The line before the rows of a table.
pub(super) fn head(table: &str, columns: &[String]) -> String {
    json!({ "table": table, "columns": columns }).to_string()
}

/// The line of a row.
pub(super) fn line(row: &Row) -> String {
    let value = |value: &Val| match value {
        Val::Null => Value::Null,
        Val::Int(number) => json!(number),
        Val::Text(text) => json!(text),
        Val::Blob(bytes) => json!({ "b": STANDARD_NO_PAD.encode(bytes) }),
    };
    Value::Array(row.values().iter().map(value).collect()).to_string()
}

/// What a line holds.
pub(super) enum Read {
    /// Rows of a table follow.
    Head { table: String, columns: Vec<String> },
    /// A row.
    Row(Vec<Val>),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    table: String,
    columns: Vec<String>,
}

/// Reads a line.
pub(super) fn read(line: &str) -> Result<Read, BackupError> {
    let damaged = || BackupError::Damaged("a row".into());
    if line.starts_with('{') {
        let Head { table, columns } = serde_json::from_str(line).map_err(|_| damaged())?;
        return Ok(Read::Head { table, columns });
    }
    let values: Vec<Value> = serde_json::from_str(line).map_err(|_| damaged())?;
    let value = |value: Value| match value {
        Value::Null => Some(Val::Null),
        Value::Number(number) => number.as_i64().map(Val::Int),
        Value::String(text) => Some(Val::Text(text)),
        Value::Object(bytes) => {
            let text = bytes.get("b").and_then(Value::as_str)?;
            STANDARD_NO_PAD.decode(text).ok().map(Val::Blob)
        }
        _ => None,
    };
    let values: Option<Vec<Val>> = values.into_iter().map(value).collect();
    values.map(Read::Row).ok_or_else(damaged)
}

/// The line of a card's key in a backup.
pub(super) fn slot_line(merchant: MerchantId, card: CardToken, slot: &[u8; SLOT_BYTES]) -> String {
    format!("{merchant} {card} {}", STANDARD_NO_PAD.encode(slot))
}

/// Reads it.
pub(super) fn read_slot(
    line: &str,
) -> Result<(MerchantId, CardToken, [u8; SLOT_BYTES]), BackupError> {
    let mut words = line.split(' ');
    let mut next = || words.next().unwrap_or_default();
    let (merchant, card, slot) = (next().parse(), next().parse(), STANDARD_NO_PAD.decode(next()));
    match (merchant, card, slot.ok().and_then(|slot| slot.try_into().ok())) {
        (Ok(merchant), Ok(card), Some(slot)) => Ok((merchant, card, slot)),
        _ => Err(BackupError::Damaged("a key of a card".into())),
    }
}
