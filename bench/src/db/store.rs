//! The same six rows, written through the layer and by a bare connection.

use db::{DbError, Insert, Migration, Tx, params};
use rusqlite::Connection;

use super::unit::Unit;

/// Tables of the benchmark beside those of the layer.
pub(super) const MIGRATIONS: &[Migration] =
    &[Migration { name: "bench/0001_bench", sql: include_str!("schema/0001_bench.sql") }];

const CURRENCY: &str = "EUR";
const PAYER: &str = r#"{"email":"anne@exemple.fr","first_name":"Anne","last_name":"Exemple"}"#;
const CARD: &str = r#"{"brand":"cb","last4":"0154","exp_month":3,"exp_year":2029}"#;
const AMOUNTS: [i64; 3] = [5_040, 4_929, 111];
const SIDES: [&str; 3] = ["debit", "credit", "credit"];

static IDEMPOTENCY: Insert = Insert {
    table: "idempotency",
    columns: &[
        "merchant_id",
        "path",
        "key",
        "fingerprint",
        "state",
        "object",
        "status",
        "body",
        "lease_until",
        "created_at",
    ],
};
static PAYMENT: Insert = Insert {
    table: "bench_payment",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "order_ref",
        "amount",
        "currency",
        "status",
        "authorised",
        "captured",
        "refunded",
        "payer",
        "card",
        "version",
        "created_at",
        "updated_at",
    ],
};
static EVENT: Insert = Insert {
    table: "event",
    columns: &["id", "merchant_id", "mode", "shop_id", "kind", "object", "body", "at"],
};
static POSTING: Insert = Insert {
    table: "bench_posting",
    columns: &["tx_id", "n", "merchant_id", "account_id", "item_ref", "side", "amount", "layer"],
};

/// Writes a unit as slices do: values are made from what the closure holds.
pub(super) fn write(tx: &mut Tx<'_>, unit: &Unit) -> Result<(), DbError> {
    let object = unit.payment.to_string();
    tx.insert(
        &IDEMPOTENCY,
        params![
            unit.merchant,
            "/v1/payments",
            &unit.key,
            unit.fingerprint,
            "done",
            &object,
            201_i64,
            &object,
            unit.now,
            unit.now,
        ],
    )?;
    tx.insert(
        &PAYMENT,
        params![
            unit.payment,
            unit.merchant,
            "test",
            unit.shop,
            &unit.order_ref,
            AMOUNTS[0],
            CURRENCY,
            "captured",
            AMOUNTS[0],
            AMOUNTS[0],
            0_i64,
            PAYER,
            CARD,
            2_i64,
            unit.now,
            unit.now,
        ],
    )?;
    tx.insert(
        &EVENT,
        params![
            unit.event,
            unit.merchant,
            "test",
            unit.shop,
            "payment.captured",
            &object,
            &unit.body,
            unit.now,
        ],
    )?;
    for (n, ((account, side), amount)) in
        (1_i64..).zip(unit.accounts.iter().zip(SIDES).zip(AMOUNTS))
    {
        tx.insert(
            &POSTING,
            params![unit.entry, n, unit.merchant, *account, &object, side, amount, "posted"],
        )?;
    }
    Ok(())
}

/// Journal mode and synchronous level of the connection that writes.
pub(super) fn durability(tx: &mut Tx<'_>) -> Result<(String, i64), DbError> {
    let missing = || DbError::Corrupt("no answer to a pragma".into());
    let journal = tx.query_opt("PRAGMA journal_mode", &[])?.ok_or_else(missing)?;
    let level = tx.query_opt("PRAGMA synchronous", &[])?.ok_or_else(missing)?;
    Ok((journal.get("journal_mode")?, level.get("synchronous")?))
}

/// Tries statements on the layer's writer.
pub(super) fn attempt(tx: &mut Tx<'_>, statements: &[String]) -> Result<(), DbError> {
    statements.iter().try_for_each(|statement| tx.query(statement, &[]).map(|_| ()))
}

/// Opens a connection of its own with the layer's settings.
pub(super) fn open_bare(path: &std::path::Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Moves what it can of the log into the file.
pub(super) fn checkpoint(connection: &Connection) {
    let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
}

/// Begins a transaction.
pub(super) fn begin(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([]).map(|_| ())
}

/// Ends it durably.
pub(super) fn commit(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("COMMIT")?.execute([]).map(|_| ())
}

/// Writes a unit with prepared statements and nothing around them.
pub(super) fn write_bare(connection: &Connection, unit: &Unit) -> rusqlite::Result<()> {
    let object = unit.payment.to_string();
    let now = unit.now.as_micros();
    connection
        .prepare_cached(
            "INSERT INTO idempotency (merchant_id, path, key, fingerprint, state, object, status, \
             body, lease_until, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(rusqlite::params![
            unit.merchant.as_bytes(),
            "/v1/payments",
            unit.key,
            unit.fingerprint,
            "done",
            object,
            201_i64,
            object,
            now,
            now,
        ])?;
    connection
        .prepare_cached(
            "INSERT INTO bench_payment (id, merchant_id, mode, shop_id, order_ref, amount, \
             currency, status, authorised, captured, refunded, payer, card, version, created_at, \
             updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
             ?15, ?16)",
        )?
        .execute(rusqlite::params![
            unit.payment.as_bytes(),
            unit.merchant.as_bytes(),
            "test",
            unit.shop.as_bytes(),
            unit.order_ref,
            AMOUNTS[0],
            CURRENCY,
            "captured",
            AMOUNTS[0],
            AMOUNTS[0],
            0_i64,
            PAYER,
            CARD,
            2_i64,
            now,
            now,
        ])?;
    connection
        .prepare_cached(
            "INSERT INTO event (id, merchant_id, mode, shop_id, kind, object, body, at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(rusqlite::params![
            unit.event.as_bytes(),
            unit.merchant.as_bytes(),
            "test",
            unit.shop.as_bytes(),
            "payment.captured",
            object,
            unit.body,
            now,
        ])?;
    postings_bare(connection, unit, &object)
}

fn postings_bare(connection: &Connection, unit: &Unit, object: &str) -> rusqlite::Result<()> {
    let mut posting = connection.prepare_cached(
        "INSERT INTO bench_posting (tx_id, n, merchant_id, account_id, item_ref, side, amount, \
         layer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for (n, ((account, side), amount)) in
        (1_i64..).zip(unit.accounts.iter().zip(SIDES).zip(AMOUNTS))
    {
        posting.execute(rusqlite::params![
            unit.entry.as_bytes(),
            n,
            unit.merchant.as_bytes(),
            account.as_bytes(),
            object,
            side,
            amount,
            "posted",
        ])?;
    }
    Ok(())
}
