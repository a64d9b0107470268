//! All SQL of verifications.

use std::collections::HashMap;

use connectors::Decline;
use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{CardToken, Currency, Money, Scope, VerificationId};

use super::model::{Standing, State, Verification, VoidState, Way};
use crate::payment::words::from_row;

static VERIFICATION: Insert = Insert {
    table: "card_verification",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "card",
        "way",
        "amount",
        "currency",
        "state",
        "author",
        "at",
    ],
};

/// Writes a verification that is about to leave.
///
/// # Errors
/// [`DbError::Conflict`] when another one of the card is at the bank.
pub fn insert(tx: &mut Tx<'_>, scope: &Scope, new: &Verification) -> Result<(), DbError> {
    let values = params![
        new.id,
        scope.merchant(),
        scope.mode().as_str(),
        new.shop,
        new.card,
        new.way.as_str(),
        new.amount.minor(),
        new.amount.currency().code(),
        new.state.as_str(),
        scope.actor().text(),
        new.at,
    ];
    tx.insert(&VERIFICATION, values)
}

/// Writes what became of a verification; false when that was known before.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn settle(tx: &mut Tx<'_>, scope: &Scope, after: &Verification) -> Result<bool, DbError> {
    let sql = "UPDATE card_verification SET state = $1, decline = $2, raw_code = $3, stop = $4, \
         authorisation = $5, void_state = $6, answered_at = $7, queries = $8 \
         WHERE id = $9 AND merchant_id = $10 AND state IN ('sent', 'unknown')";
    let values = params![
        after.state.as_str(),
        after.decline.map(Decline::code),
        after.raw_code.clone(),
        after.stop,
        after.authorisation.clone(),
        after.void.map(VoidState::as_str),
        after.answered_at,
        after.queries,
        after.id,
        scope.merchant(),
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Writes how far a release is; false when it was sent or settled by somebody else meanwhile.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn set_void(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (before, after): (&Verification, &Verification),
) -> Result<bool, DbError> {
    let sql = "UPDATE card_verification SET void_state = $1, void_tries = $2 \
         WHERE id = $3 AND merchant_id = $4 AND void_tries = $5 AND void_state = $6";
    let values = params![
        after.void.map(VoidState::as_str),
        after.void_tries,
        after.id,
        scope.merchant(),
        before.void_tries,
        before.void.map(VoidState::as_str),
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// One verification.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: VerificationId,
) -> Result<Option<Verification>, DbError> {
    let sql = "SELECT * FROM card_verification WHERE id = $1 AND merchant_id = $2 AND mode = $3";
    let values = params![id, scope.merchant(), scope.mode().as_str()];
    tx.query_opt(sql, &values)?.as_ref().map(read).transpose()
}

/// The verifications of a card, newest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn of_card(
    tx: &mut Tx<'_>,
    scope: &Scope,
    card: CardToken,
) -> Result<Vec<Verification>, DbError> {
    let sql = "SELECT * FROM card_verification WHERE merchant_id = $1 AND mode = $2 AND card = $3 \
         ORDER BY at DESC, id DESC";
    let rows = tx.query(sql, &params![scope.merchant(), scope.mode().as_str(), card])?;
    rows.iter().map(read).collect()
}

/// Where a card stands.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn standing(tx: &mut Tx<'_>, scope: &Scope, card: CardToken) -> Result<Standing, DbError> {
    Ok(Standing::of(&of_card(tx, scope, card)?))
}

/// Where these cards stand; cards that were never checked are left out.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn standings(
    tx: &mut Tx<'_>,
    scope: &Scope,
    cards: &[CardToken],
) -> Result<HashMap<CardToken, Standing>, DbError> {
    if cards.is_empty() {
        return Ok(HashMap::new());
    }
    let places: Vec<String> =
        (0..cards.len()).map(|place| format!("${}", place.saturating_add(3))).collect();
    let sql = format!(
        "SELECT * FROM card_verification WHERE merchant_id = $1 AND mode = $2 AND card IN ({}) \
         ORDER BY at DESC, id DESC",
        places.join(", ")
    );
    let mut values = params![scope.merchant(), scope.mode().as_str()];
    values.extend(cards.iter().map(|card| Val::from(*card)));
    let mut all: HashMap<CardToken, Vec<Verification>> = HashMap::new();
    for row in &tx.query(&sql, &values)? {
        let one = read(row)?;
        all.entry(one.card).or_default().push(one);
    }
    Ok(all.into_iter().map(|(card, of_card)| (card, Standing::of(&of_card))).collect())
}

fn read(row: &Row) -> Result<Verification, DbError> {
    let currency: String = row.get("currency")?;
    let currency: Currency =
        currency.parse().map_err(|_| DbError::Corrupt("currency of a verification".into()))?;
    let decline: Option<String> = row.get("decline")?;
    let void: Option<String> = row.get("void_state")?;
    Ok(Verification {
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        card: row.get("card")?,
        way: from_row(row, "way", Way::parse)?,
        amount: Money::new(row.get("amount")?, currency),
        state: from_row(row, "state", State::parse)?,
        decline: decline.as_deref().and_then(Decline::parse),
        raw_code: row.get("raw_code")?,
        stop: row.get("stop")?,
        authorisation: row.get("authorisation")?,
        void: void.as_deref().and_then(VoidState::parse),
        void_tries: row.get("void_tries")?,
        queries: row.get("queries")?,
        at: row.get("at")?,
        answered_at: row.get("answered_at")?,
    })
}
