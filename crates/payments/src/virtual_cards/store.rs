//! All SQL of virtual cards.

use std::collections::HashMap;

use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{CardToken, Date, Scope, ShopId, Timestamp};

use super::model::{Facts, Source, Use, VirtualCard};
use crate::payment::words::from_row;

static CARD: Insert = Insert {
    table: "virtual_card",
    columns: &[
        "card",
        "merchant_id",
        "mode",
        "shop_id",
        "masked",
        "channel",
        "booking",
        "facts",
        "source",
        "version",
        "received_at",
        "at",
        "auto_tries",
        "announced",
    ],
};

static CHANGE: Insert = Insert {
    table: "virtual_card_change",
    columns: &["card", "merchant_id", "version", "facts", "source", "author", "at"],
};

/// Writes a card that is not known yet.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope,
    card: &VirtualCard,
    now: Timestamp,
) -> Result<(), DbError> {
    let values = params![
        card.card,
        scope.merchant(),
        scope.mode().as_str(),
        card.shop,
        &card.masked,
        &card.channel,
        &card.booking,
        text(&card.facts)?,
        card.source.as_str(),
        card.version,
        card.received_at,
        now,
        0_i64,
        0_i64,
    ];
    tx.insert(&CARD, values)?;
    remember(tx, scope, card, now)
}

/// Writes a card over its version before; `false` when somebody else changed it meanwhile.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    card: &VirtualCard,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "UPDATE virtual_card SET facts = $1, source = $2, version = $3, at = $4 \
         WHERE card = $5 AND merchant_id = $6 AND mode = $7 AND version = $3 - 1";
    let values = params![
        text(&card.facts)?,
        card.source.as_str(),
        card.version,
        now,
        card.card,
        scope.merchant(),
        scope.mode().as_str(),
    ];
    if tx.exec(sql, &values)? != 1 {
        return Ok(false);
    }
    remember(tx, scope, card, now)?;
    Ok(true)
}

/// Says for which booking a card came.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn set_booking(tx: &mut Tx<'_>, scope: &Scope, card: &VirtualCard) -> Result<(), DbError> {
    let sql = "UPDATE virtual_card SET booking = $1 WHERE card = $2 AND merchant_id = $3";
    tx.exec(sql, &params![&card.booking, card.card, scope.merchant()]).map(|_| ())
}

/// Keeps what was told, by whom and when.
fn remember(
    tx: &mut Tx<'_>,
    scope: &Scope,
    card: &VirtualCard,
    now: Timestamp,
) -> Result<(), DbError> {
    let values = params![
        card.card,
        scope.merchant(),
        card.version,
        text(&card.facts)?,
        card.source.as_str(),
        scope.actor().text(),
        now,
    ];
    tx.insert(&CHANGE, values)
}

fn text(facts: &Facts) -> Result<String, DbError> {
    serde_json::to_string(facts).map_err(|error| DbError::Corrupt(error.to_string()))
}

/// A card that is virtual.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    card: CardToken,
) -> Result<Option<VirtualCard>, DbError> {
    let sql = "SELECT * FROM virtual_card WHERE card = $1 AND merchant_id = $2 AND mode = $3";
    let values = params![card, scope.merchant(), scope.mode().as_str()];
    tx.query_opt(sql, &values)?.as_ref().map(read).transpose()
}

/// Those of these cards that are virtual.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn these(
    tx: &mut Tx<'_>,
    scope: &Scope,
    cards: &[CardToken],
) -> Result<HashMap<CardToken, VirtualCard>, DbError> {
    if cards.is_empty() {
        return Ok(HashMap::new());
    }
    let places: Vec<String> =
        (0..cards.len()).map(|place| format!("${}", place.saturating_add(3))).collect();
    let sql = format!(
        "SELECT * FROM virtual_card WHERE merchant_id = $1 AND mode = $2 AND card IN ({})",
        places.join(", ")
    );
    let mut values = params![scope.merchant(), scope.mode().as_str()];
    values.extend(cards.iter().map(|card| Val::from(*card)));
    let found = tx.query(&sql, &values)?;
    let all = found.iter().map(|row| read(row).map(|one| (one.card, one)));
    all.collect()
}

/// The virtual cards of a shop, the latest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn of_shop(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    limit: u32,
) -> Result<Vec<VirtualCard>, DbError> {
    let sql = "SELECT * FROM virtual_card WHERE merchant_id = $1 AND mode = $2 AND shop_id = $3 \
         ORDER BY received_at DESC, card LIMIT $4";
    let rows = tx.query(sql, &params![scope.merchant(), scope.mode().as_str(), shop, limit])?;
    rows.iter().map(read).collect()
}

/// One change of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Counts from 1.
    pub version: i64,
    /// As told then.
    pub facts: Facts,
    /// Who told it.
    pub source: Source,
    /// Through whom.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// The latest hundred changes of a card, newest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn changes(tx: &mut Tx<'_>, scope: &Scope, card: CardToken) -> Result<Vec<Change>, DbError> {
    let sql = "SELECT * FROM virtual_card_change WHERE merchant_id = $1 AND card = $2 \
         ORDER BY version DESC LIMIT 100";
    let rows = tx.query(sql, &params![scope.merchant(), card])?;
    let one = |row: &Row| {
        Ok(Change {
            version: row.get("version")?,
            facts: read_facts(row)?,
            source: from_row(row, "source", Source::parse)?,
            author: row.get("author")?,
            at: row.get("at")?,
        })
    };
    rows.iter().map(one).collect()
}

/// What was done with a card here, for tries after `since`.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn used(
    tx: &mut Tx<'_>,
    scope: &Scope,
    card: &VirtualCard,
    since: Timestamp,
) -> Result<Use, DbError> {
    let told = card.facts.balance_at.unwrap_or(Timestamp::from_micros(0));
    let sql = "SELECT COUNT(*) AS payments, \
         CAST(COALESCE(SUM(captured), 0) AS BIGINT) AS captured, \
         CAST(COALESCE(SUM(refunded), 0) AS BIGINT) AS refunded, \
         CAST(COALESCE(SUM(CASE WHEN created_at >= $4 THEN authorised - voided - expired ELSE 0 \
         END), 0) AS BIGINT) AS spent, \
         CAST(COALESCE(SUM(authorised - voided - expired - captured), 0) AS BIGINT) AS open \
         FROM payment WHERE merchant_id = $1 AND card_id = $2 AND mode = $3";
    let values = params![scope.merchant(), card.card, scope.mode().as_str(), told];
    let sums = tx.query_opt(sql, &values)?;
    let sql = "SELECT CAST(COALESCE(SUM(o.amount), 0) AS BIGINT) AS under_way \
         FROM payment_operation o \
         JOIN payment p ON p.id = o.payment_id AND p.merchant_id = o.merchant_id \
         WHERE p.merchant_id = $1 AND p.card_id = $2 AND o.kind = 'authorise' \
         AND o.state IN ('sent', 'pending', 'unknown')";
    let under_way = tx.query_opt(sql, &params![scope.merchant(), card.card])?;
    let sql = "SELECT started_at FROM payment_attempt WHERE merchant_id = $1 AND card_id = $2 \
         AND started_at > $3 ORDER BY started_at DESC LIMIT 10";
    let tries = tx.query(sql, &params![scope.merchant(), card.card, since])?;
    let sum = |row: &Option<Row>, column| row.as_ref().map_or(Ok(0), |row| row.get(column));
    let (spent, open): (i64, i64) = (sum(&sums, "spent")?, sum(&sums, "open")?);
    let under_way: i64 = sum(&under_way, "under_way")?;
    Ok(Use {
        captured: sum(&sums, "captured")?,
        refunded: sum(&sums, "refunded")?,
        since_balance: spent.saturating_add(under_way),
        undecided: open.saturating_add(under_way),
        payments: sum(&sums, "payments")?,
        tries: tries.iter().map(|row| row.get("started_at")).collect::<Result<_, _>>()?,
    })
}

/// How a shop treats virtual cards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Cards that open on this day or later are charged by themselves; none: nothing is.
    pub auto_since: Option<Date>,
    /// The trade under which the shop is known (ISO 18245); empty when it was not said.
    pub mcc: String,
    /// Goes up by one with each change; 0 before the first.
    pub version: i64,
}

/// How a shop treats virtual cards; nothing by itself until somebody says so.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn policy(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<Policy, DbError> {
    let sql = "SELECT auto_since, mcc, version FROM virtual_policy WHERE shop_id = $1 \
         AND merchant_id = $2 AND mode = $3";
    let row = tx.query_opt(sql, &params![shop, scope.merchant(), scope.mode().as_str()])?;
    let Some(row) = row else { return Ok(Policy::default()) };
    Ok(Policy {
        auto_since: row.get("auto_since")?,
        mcc: row.get("mcc")?,
        version: row.get("version")?,
    })
}

/// Writes how a shop treats virtual cards over the version before; `false` when somebody else did.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn put_policy(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (shop, policy): (ShopId, &Policy),
) -> Result<bool, DbError> {
    let sql = "INSERT INTO virtual_policy (shop_id, merchant_id, mode, auto_since, mcc, version) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (shop_id, merchant_id, mode) DO UPDATE \
         SET auto_since = excluded.auto_since, mcc = excluded.mcc, version = excluded.version \
         WHERE virtual_policy.version = excluded.version - 1";
    let (merchant, mode) = (scope.merchant(), scope.mode().as_str());
    let values = params![shop, merchant, mode, policy.auto_since, &policy.mcc, policy.version];
    Ok(tx.exec(sql, &values)? == 1)
}

/// What the house did to a card by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Auto {
    /// How many days before its last day somebody was told so.
    pub alerted: Option<i64>,
    /// Times it was charged by itself.
    pub tries: i64,
    /// When last.
    pub at: Option<Timestamp>,
    /// Its opening was told.
    pub announced: bool,
}

/// What the house did to a card by itself.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn auto(tx: &mut Tx<'_>, scope: &Scope, card: CardToken) -> Result<Auto, DbError> {
    let sql = "SELECT alerted, auto_tries, auto_at, announced FROM virtual_card \
         WHERE card = $1 AND merchant_id = $2";
    let Some(row) = tx.query_opt(sql, &params![card, scope.merchant()])? else {
        return Ok(Auto::default());
    };
    Ok(Auto {
        alerted: row.get("alerted")?,
        tries: row.get("auto_tries")?,
        at: row.get("auto_at")?,
        announced: row.get("announced")?,
    })
}

/// One more try by itself; how many there were.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn count_auto(
    tx: &mut Tx<'_>,
    scope: &Scope,
    card: CardToken,
    now: Timestamp,
) -> Result<i64, DbError> {
    let sql = "UPDATE virtual_card SET auto_tries = auto_tries + 1, auto_at = $1 \
         WHERE card = $2 AND merchant_id = $3 RETURNING auto_tries";
    let row = tx.query_opt(sql, &params![now, card, scope.merchant()])?;
    row.map_or(Ok(0), |row| row.get("auto_tries"))
}

/// Its opening was told.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn set_announced(tx: &mut Tx<'_>, scope: &Scope, card: CardToken) -> Result<(), DbError> {
    let sql = "UPDATE virtual_card SET announced = 1 WHERE card = $1 AND merchant_id = $2";
    tx.exec(sql, &params![card, scope.merchant()]).map(|_| ())
}

/// So many days before the last one somebody was told that it is about to be lost; nobody, when
/// that day is far again.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn set_alerted(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (card, days): (CardToken, Option<i64>),
) -> Result<(), DbError> {
    let sql = "UPDATE virtual_card SET alerted = $1 WHERE card = $2 AND merchant_id = $3";
    tx.exec(sql, &params![days, card, scope.merchant()]).map(|_| ())
}

fn read_facts(row: &Row) -> Result<Facts, DbError> {
    let facts: String = row.get("facts")?;
    serde_json::from_str(&facts).map_err(|error| DbError::Corrupt(error.to_string()))
}

fn read(row: &Row) -> Result<VirtualCard, DbError> {
    Ok(VirtualCard {
        card: row.get("card")?,
        shop: row.get("shop_id")?,
        masked: row.get("masked")?,
        channel: row.get("channel")?,
        booking: row.get("booking")?,
        facts: read_facts(row)?,
        source: from_row(row, "source", Source::parse)?,
        version: row.get("version")?,
        received_at: row.get("received_at")?,
    })
}
