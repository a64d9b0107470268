//! Values that are stored as text, read and written alike by every store of the crate.

use db::{DbError, Row, Val, params};
use kernel::Scope;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::carts::CartLine;

/// A value as stored.
pub(crate) fn json(value: &impl Serialize) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Corrupt(error.to_string()))
}

/// A value that was stored by [`json`].
pub(crate) fn parse<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    word(row, column, |text| serde_json::from_str(text).ok())
}

/// A word of a closed list.
pub(crate) fn word<T>(
    row: &Row,
    column: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, DbError> {
    let text: String = row.get(column)?;
    read(&text).ok_or_else(|| DbError::Corrupt(format!("column {column}")))
}

/// The columns of a stay, in a cart as in a booking.
pub(crate) const LINE_COLUMNS: &str =
    "lodging_id, formula_id, arrival, departure, guests, names, quote";

/// The values of a stay: of what, at which place, then the merchant, the kind and
/// [`LINE_COLUMNS`].
pub(crate) fn line_values(
    scope: &Scope,
    (owner, position): (impl Into<Val>, u32),
    line: &CartLine,
) -> Result<Vec<Val>, DbError> {
    let owner: Val = owner.into();
    Ok(params![
        owner,
        position,
        scope.merchant(),
        "stay",
        line.lodging,
        line.formula,
        line.arrival,
        line.departure,
        json(&line.party)?,
        json(&line.names)?,
        json(&line.quote)?,
    ])
}

/// A stay as stored.
pub(crate) fn read_line(row: &Row) -> Result<CartLine, DbError> {
    Ok(CartLine {
        lodging: row.get("lodging_id")?,
        formula: row.get("formula_id")?,
        arrival: row.get("arrival")?,
        departure: row.get("departure")?,
        party: parse(row, "guests")?,
        names: parse(row, "names")?,
        quote: parse(row, "quote")?,
    })
}
