//! Counts for tests: what there is, by state; and what tells that something changed.

use std::collections::BTreeMap;

use db::{DbError, Tx, params};
use kernel::{Id, MerchantId, ShopId, Timestamp};

/// Rows by table and state, over all merchants of the demo: `payments.captured`, `holds.active`…
pub(super) fn counters(
    tx: &mut Tx<'_>,
    merchants: &[(MerchantId, ShopId)],
) -> Result<BTreeMap<String, i64>, DbError> {
    let tables = [
        (
            "payments",
            "SELECT status AS word, COUNT(*) AS n FROM payment WHERE merchant_id = $1 GROUP BY status",
        ),
        (
            "bookings",
            "SELECT state AS word, COUNT(*) AS n FROM booking WHERE merchant_id = $1 GROUP BY state",
        ),
        (
            "holds",
            "SELECT state AS word, COUNT(*) AS n FROM hold WHERE merchant_id = $1 GROUP BY state",
        ),
        (
            "jobs",
            "SELECT state AS word, COUNT(*) AS n FROM job WHERE merchant_id = $1 GROUP BY state",
        ),
        (
            "mails",
            "SELECT kind AS word, COUNT(*) AS n FROM mail WHERE merchant_id = $1 GROUP BY kind",
        ),
    ];
    let mut counters = BTreeMap::new();
    let mut add = |name: String, n: i64| {
        let count = counters.entry(name).or_insert(0_i64);
        *count = count.saturating_add(n);
    };
    for (merchant, shop) in merchants {
        for (table, sql) in tables {
            for row in tx.query(sql, &params![*merchant])? {
                add(format!("{table}.{}", row.get::<String>("word")?), row.get("n")?);
            }
        }
        let (waiting, all) = events_of(tx, *merchant, *shop)?;
        for (word, n) in [("waiting", waiting), ("handled", all.saturating_sub(waiting))] {
            if n > 0 {
                add(format!("events.{word}"), n);
            }
        }
    }
    Ok(counters)
}

/// Events that wait, and all: each read from an index, the events themselves are large.
fn events_of(tx: &mut Tx<'_>, merchant: MerchantId, shop: ShopId) -> Result<(i64, i64), DbError> {
    let mut count = |sql: &str, values: &[db::Val]| {
        let row = tx.query_opt(sql, values)?;
        row.map_or(Ok(0), |row| row.get::<i64>("n"))
    };
    let waiting = "SELECT COUNT(*) AS n FROM event WHERE merchant_id = $1 AND handled = 0";
    let all = "SELECT COUNT(*) AS n FROM event WHERE shop_id = $1 AND merchant_id = $2";
    Ok((count(waiting, &params![merchant])?, count(all, &params![shop, merchant])?))
}

/// Differs as soon as something happened: the youngest event, message, line of the journal and
/// operation, and the holds that are alive.
pub(super) fn version(tx: &mut Tx<'_>) -> Result<String, DbError> {
    let youngest = [
        "SELECT id FROM event ORDER BY id DESC LIMIT 1",
        "SELECT id FROM mail ORDER BY id DESC LIMIT 1",
        "SELECT id FROM audit_line ORDER BY id DESC LIMIT 1",
        "SELECT id FROM payment_operation ORDER BY id DESC LIMIT 1",
        "SELECT id FROM cart ORDER BY id DESC LIMIT 1",
    ];
    let mut version = String::new();
    for sql in youngest {
        if let Some(row) = tx.query_opt(sql, &[])? {
            version.push_str(&row.get::<Id>("id")?.text());
        }
    }
    let holds = "SELECT COUNT(*) AS n, CAST(COALESCE(MAX(expires_at), 0) AS BIGINT) AS last \
         FROM hold WHERE state = 'active'";
    let unknown = "SELECT COUNT(*) AS n, 0 AS last FROM payment_operation WHERE state = 'sent'";
    for sql in [holds, unknown] {
        if let Some(row) = tx.query_opt(sql, &[])? {
            version.push_str(&format!("-{}-{}", row.get::<i64>("n")?, row.get::<i64>("last")?));
        }
    }
    Ok(version)
}

/// Messages of the app.
pub(super) fn messages(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    let row = tx.query_opt("SELECT COUNT(*) AS n FROM mail", &[])?;
    row.map_or(Ok(0), |row| row.get("n"))
}

/// An event for the page that shows them live.
pub(super) struct Told {
    /// What happened.
    pub(super) kind: String,
    /// To what.
    pub(super) object: String,
    /// What programs are told.
    pub(super) body: String,
    /// When, by the shop's clock.
    pub(super) at: Timestamp,
}

/// The youngest events of all merchants of the demo.
pub(super) fn events(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Told>, DbError> {
    let sql = "SELECT kind, object, body, at FROM event ORDER BY id DESC LIMIT $1";
    let told = |row: &db::Row| {
        Ok(Told {
            kind: row.get("kind")?,
            object: row.get("object")?,
            body: row.get("body")?,
            at: row.get("at")?,
        })
    };
    tx.query(sql, &params![limit])?.iter().map(told).collect()
}
