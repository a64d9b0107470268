//! SQL of lots and their lines.

use db::{DbError, Insert, Row, Tx, params};
use identity::audit::Origin;
use kernel::{CardToken, JobId, Money, PaymentId, Scope, ShopId, Timestamp, UserId};

use crate::payment::Status;
use crate::payment::words::from_row;

static LOT: Insert = Insert {
    table: "virtual_lot",
    columns: &[
        "run_id",
        "merchant_id",
        "mode",
        "shop_id",
        "user_id",
        "address",
        "device",
        "role",
        "created_at",
    ],
};
static LINE: Insert = Insert {
    table: "virtual_lot_line",
    columns: &["run_id", "position", "merchant_id", "card", "amount", "currency", "state"],
};

/// A lot.
#[derive(Debug, Clone)]
pub struct Lot {
    /// Its id, that of its run.
    pub id: JobId,
    /// Whose cards.
    pub shop: ShopId,
    /// Who asked.
    pub user: UserId,
    /// From where, for the journal.
    pub origin: Origin,
}

/// A line that waits.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its place, from 0.
    pub position: i64,
    /// The card.
    pub card: CardToken,
    /// What it is charged.
    pub amount: Money,
}

/// How a line was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// The bank is asked; the payment says what became of it.
    Asked(PaymentId),
    /// Not charged: the word of the reason.
    Refused(&'static str),
}

/// A line with what became of it.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The card.
    pub card: CardToken,
    /// Its number, but for the last four digits.
    pub masked: String,
    /// What it was to be charged.
    pub amount: Money,
    /// The payment and how it stands, once the bank was asked.
    pub payment: Option<(PaymentId, Status)>,
    /// Why it was not charged; empty otherwise.
    pub why: String,
}

/// Stores a lot with its lines, all waiting.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (lot, lines): (&Lot, &[(CardToken, Money)]),
    now: Timestamp,
) -> Result<(), DbError> {
    let values = params![
        lot.id,
        scope.merchant(),
        scope.mode().as_str(),
        lot.shop,
        lot.user,
        lot.origin.address.clone(),
        lot.origin.device.clone(),
        lot.origin.role.clone(),
        now,
    ];
    tx.insert(&LOT, values)?;
    for (position, (card, amount)) in (0_i64..).zip(lines) {
        let values = params![
            lot.id,
            position,
            scope.merchant(),
            *card,
            amount.minor(),
            amount.currency(),
            "waiting",
        ];
        tx.insert(&LINE, values)?;
    }
    Ok(())
}

/// A lot.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<Option<Lot>, DbError> {
    let sql = "SELECT run_id, shop_id, user_id, address, device, role FROM virtual_lot \
               WHERE run_id = $1 AND merchant_id = $2 AND mode = $3";
    let row = tx.query_opt(sql, &params![id, scope.merchant(), scope.mode().as_str()])?;
    let read = |row: &Row| {
        Ok(Lot {
            id: row.get("run_id")?,
            shop: row.get("shop_id")?,
            user: row.get("user_id")?,
            origin: Origin {
                address: row.get("address")?,
                device: row.get("device")?,
                role: row.get("role")?,
            },
        })
    };
    row.as_ref().map(read).transpose()
}

/// The first line that waits.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn next(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<Option<Waiting>, DbError> {
    let sql = "SELECT position, card, amount, currency FROM virtual_lot_line \
               WHERE run_id = $1 AND merchant_id = $2 AND state = 'waiting' \
               ORDER BY position LIMIT 1";
    let row = tx.query_opt(sql, &params![id, scope.merchant()])?;
    let read = |row: &Row| {
        Ok(Waiting {
            position: row.get("position")?,
            card: row.get("card")?,
            amount: Money::new(row.get("amount")?, row.get("currency")?),
        })
    };
    row.as_ref().map(read).transpose()
}

/// Ends the waiting of a line; false when it waits no longer.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn leave(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, position): (JobId, i64),
    left: Left,
) -> Result<bool, DbError> {
    let (state, payment, why) = match left {
        Left::Asked(payment) => ("asked", Some(payment), None),
        Left::Refused(why) => ("refused", None, Some(why)),
    };
    let sql = "UPDATE virtual_lot_line SET state = $1, payment_id = $2, why = $3 \
               WHERE run_id = $4 AND position = $5 AND merchant_id = $6 AND state = 'waiting'";
    let values = params![state, payment, why, id, position, scope.merchant()];
    Ok(tx.exec(sql, &values)? == 1)
}

/// The lines of a lot with what became of them.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn ended(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<Vec<Ended>, DbError> {
    let sql = "SELECT l.card, l.amount, l.currency, l.payment_id, l.why, v.masked, p.status \
               FROM virtual_lot_line l \
               JOIN virtual_card v ON v.card = l.card AND v.merchant_id = l.merchant_id \
               LEFT JOIN payment p ON p.id = l.payment_id AND p.merchant_id = l.merchant_id \
               WHERE l.run_id = $1 AND l.merchant_id = $2 ORDER BY l.position";
    let rows = tx.query(sql, &params![id, scope.merchant()])?;
    let read = |row: &Row| {
        let payment: Option<PaymentId> = row.get("payment_id")?;
        let status = |_| from_row(row, "status", Status::parse);
        Ok(Ended {
            card: row.get("card")?,
            masked: row.get("masked")?,
            amount: Money::new(row.get("amount")?, row.get("currency")?),
            payment: payment.map(|id| Ok::<_, DbError>((id, status(())?))).transpose()?,
            why: row.get::<Option<String>>("why")?.unwrap_or_default(),
        })
    };
    rows.iter().map(read).collect()
}

/// Forgets a lot.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn forget(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<(), DbError> {
    let values = params![id, scope.merchant()];
    tx.exec("DELETE FROM virtual_lot_line WHERE run_id = $1 AND merchant_id = $2", &values)?;
    tx.exec("DELETE FROM virtual_lot WHERE run_id = $1 AND merchant_id = $2", &values).map(|_| ())
}
