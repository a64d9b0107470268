//! All SQL of chargebacks.

use connectors::case::CaseFamily;
use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{ChargebackId, Currency, Money, PaymentId, Scope, ShopId};

use super::model::{Chargeback, Proof, State};
use crate::payment::words::from_row;

static INSERT: Insert = Insert {
    table: "chargeback",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "payment_id",
        "order_ref",
        "account",
        "case_number",
        "network",
        "reason_code",
        "family",
        "amount",
        "currency",
        "disputed",
        "fee",
        "state",
        "opened_at",
        "opened_on",
        "respond_by",
        "reminded",
        "version",
    ],
};

/// Writes a case that was opened.
///
/// # Errors
/// [`DbError::Conflict`] when the provider's number is known.
pub fn insert(tx: &mut Tx<'_>, scope: &Scope, new: &Chargeback) -> Result<(), DbError> {
    let values = params![
        new.id,
        scope.merchant(),
        scope.mode().as_str(),
        new.shop,
        new.payment,
        &new.order_ref,
        &new.account,
        &new.number,
        &new.network,
        &new.reason_code,
        new.family.as_str(),
        new.amount.minor(),
        new.amount.currency(),
        new.disputed,
        new.fee.minor(),
        new.state.as_str(),
        new.opened_at,
        new.opened_on,
        new.respond_by,
        new.reminded,
        new.version,
    ];
    tx.insert(&INSERT, values)
}

/// Writes what changed of a case whose version is still the one that was read; false when
/// somebody else was faster.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn update(tx: &mut Tx<'_>, scope: &Scope, after: &Chargeback) -> Result<bool, DbError> {
    let sql = "UPDATE chargeback SET state = $1, sent_on = $2, proof = $3, decided_at = $4, \
         reminded = $5, version = version + 1 WHERE id = $6 AND merchant_id = $7 AND version = $8";
    let values = params![
        after.state.as_str(),
        after.proof.as_ref().map(|proof| proof.sent_on),
        after.proof.as_ref().map(|proof| proof.text.clone()),
        after.decided_at,
        after.reminded,
        after.id,
        scope.merchant(),
        after.version,
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// A case of the scope.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: ChargebackId,
) -> Result<Option<Chargeback>, DbError> {
    let sql = "SELECT * FROM chargeback WHERE id = $1 AND merchant_id = $2 AND mode = $3";
    let row = tx.query_opt(sql, &params![id, scope.merchant(), scope.mode().as_str()])?;
    row.as_ref().map(read).transpose()
}

/// The case of a number of the provider.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn by_number(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (account, number): (&str, &str),
) -> Result<Option<Chargeback>, DbError> {
    let sql = "SELECT * FROM chargeback WHERE case_number = $1 AND account = $2 AND mode = $3 \
         AND merchant_id = $4";
    let values = params![number, account, scope.mode().as_str(), scope.merchant()];
    tx.query_opt(sql, &values)?.as_ref().map(read).transpose()
}

/// The cases of a payment, oldest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn of_payment(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: PaymentId,
) -> Result<Vec<Chargeback>, DbError> {
    let sql = "SELECT * FROM chargeback WHERE payment_id = $1 AND merchant_id = $2 ORDER BY id";
    tx.query(sql, &params![payment, scope.merchant()])?.iter().map(read).collect()
}

/// Which cases are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Of one shop.
    pub shop: Option<ShopId>,
    /// Of one payment.
    pub payment: Option<PaymentId>,
    /// In one state.
    pub state: Option<State>,
    /// Older than this one.
    pub before: Option<ChargebackId>,
}

/// Cases, latest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn page(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (filter, limit): (&Filter, u32),
) -> Result<Vec<Chargeback>, DbError> {
    let (mut wanted, mut values) = conditions(scope, filter);
    if let Some(before) = filter.before {
        values.push(before.into());
        wanted = format!("{wanted} AND id < ${}", values.len());
    }
    values.push(limit.into());
    let sql =
        format!("SELECT * FROM chargeback WHERE {wanted} ORDER BY id DESC LIMIT ${}", values.len());
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// How many cases a filter has, wherever a page begins.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn count(tx: &mut Tx<'_>, scope: &Scope, filter: &Filter) -> Result<i64, DbError> {
    let (wanted, values) = conditions(scope, filter);
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS cases FROM chargeback WHERE {wanted}");
    tx.query_opt(&sql, &values)?.map_or(Ok(0), |row| row.get("cases"))
}

fn conditions(scope: &Scope, filter: &Filter) -> (String, Vec<Val>) {
    let mut values = params![scope.merchant(), scope.mode().as_str()];
    let mut wanted = "merchant_id = $1 AND mode = $2".to_owned();
    let mut and = |column: &str, value: Option<Val>| {
        if let Some(value) = value {
            values.push(value);
            wanted = format!("{wanted} AND {column} = ${}", values.len());
        }
    };
    and("shop_id", filter.shop.map(Val::from));
    and("payment_id", filter.payment.map(Val::from));
    and("state", filter.state.map(|state| Val::from(state.as_str())));
    (wanted, values)
}

fn read(row: &Row) -> Result<Chargeback, DbError> {
    let currency: Currency = row.get("currency")?;
    let sent_on: Option<kernel::Date> = row.get("sent_on")?;
    let proof: Option<String> = row.get("proof")?;
    Ok(Chargeback {
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        payment: row.get("payment_id")?,
        order_ref: row.get("order_ref")?,
        account: row.get("account")?,
        number: row.get("case_number")?,
        network: row.get("network")?,
        reason_code: row.get("reason_code")?,
        family: from_row(row, "family", CaseFamily::parse)?,
        amount: Money::new(row.get("amount")?, currency),
        disputed: row.get("disputed")?,
        fee: Money::new(row.get("fee")?, currency),
        state: from_row(row, "state", State::parse)?,
        opened_at: row.get("opened_at")?,
        opened_on: row.get("opened_on")?,
        respond_by: row.get("respond_by")?,
        proof: sent_on.zip(proof).map(|(sent_on, text)| Proof { sent_on, text }),
        decided_at: row.get("decided_at")?,
        reminded: row.get("reminded")?,
        version: row.get("version")?,
    })
}
