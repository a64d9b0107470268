//! Counts for tests: what there is, by state.

use std::collections::BTreeMap;

use db::{DbError, Tx, params};
use kernel::MerchantId;

/// Rows by table and state, over all merchants of the demo: `payments.captured`, `holds.active`…
pub(super) fn counters(
    tx: &mut Tx<'_>,
    merchants: &[MerchantId],
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
            "events",
            "SELECT CASE handled WHEN 0 THEN 'waiting' ELSE 'handled' END AS word, COUNT(*) AS n FROM event WHERE merchant_id = $1 GROUP BY handled",
        ),
        (
            "mails",
            "SELECT kind AS word, COUNT(*) AS n FROM mail WHERE merchant_id = $1 GROUP BY kind",
        ),
    ];
    let mut counters = BTreeMap::new();
    for merchant in merchants {
        for (table, sql) in tables {
            for row in tx.query(sql, &params![*merchant])? {
                let name = format!("{table}.{}", row.get::<String>("word")?);
                let count = counters.entry(name).or_insert(0_i64);
                *count = count.saturating_add(row.get("n")?);
            }
        }
    }
    Ok(counters)
}
