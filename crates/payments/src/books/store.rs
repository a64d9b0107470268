//! What moved, and what was told, counted per payment.

use std::collections::BTreeMap;

use db::value::Val;
use db::{DbError, Tx, params};
use kernel::{Currency, PaymentId, Scope};

/// How many movements of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) captures: i64,
    pub(super) refunds: i64,
}

/// The movements of a payment that succeeded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) count: Count,
    pub(super) currency: Option<Currency>,
}

/// Captures and refunds that succeeded, of these payments.
pub(super) fn movements(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payments: &[PaymentId],
) -> Result<BTreeMap<PaymentId, Moved>, DbError> {
    let (marks, values) = listed(scope, payments.iter().map(|id| (*id).into()));
    let sql = format!(
        "SELECT payment_id, kind, currency, COUNT(*) AS done FROM payment_operation \
         WHERE merchant_id = $1 AND state = 'success' AND kind IN ('capture', 'refund') \
         AND payment_id IN ({marks}) GROUP BY payment_id, kind, currency"
    );
    let mut all: BTreeMap<PaymentId, Moved> = BTreeMap::new();
    for row in tx.query(&sql, &values)? {
        let moved = all.entry(row.get("payment_id")?).or_default();
        moved.currency = Some(row.get("currency")?);
        let kind: String = row.get("kind")?;
        match kind.as_str() {
            "capture" => moved.count.captures = row.get("done")?,
            _ => moved.count.refunds = row.get("done")?,
        }
    }
    Ok(all)
}

/// Events told of captures and refunds of these payments, by the text of their ids.
pub(super) fn told(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payments: &[PaymentId],
) -> Result<BTreeMap<String, Count>, DbError> {
    let (marks, values) = listed(scope, payments.iter().map(|id| id.to_string().into()));
    let sql = format!(
        "SELECT object, kind, COUNT(*) AS told FROM event WHERE merchant_id = $1 \
         AND kind IN ('payment.captured', 'refund.done', 'refund.recorded') \
         AND object IN ({marks}) GROUP BY object, kind"
    );
    let mut all: BTreeMap<String, Count> = BTreeMap::new();
    for row in tx.query(&sql, &values)? {
        let count = all.entry(row.get("object")?).or_default();
        let kind: String = row.get("kind")?;
        match kind.as_str() {
            "payment.captured" => count.captures = row.get("told")?,
            _ => count.refunds = count.refunds.saturating_add(row.get("told")?),
        }
    }
    Ok(all)
}

/// `$2, $3…` and the merchant with the values themselves.
fn listed(scope: &Scope, values: impl Iterator<Item = Val>) -> (String, Vec<Val>) {
    let mut all = params![scope.merchant()];
    let marks: Vec<String> = values
        .map(|value| {
            all.push(value);
            format!("${}", all.len())
        })
        .collect();
    (marks.join(", "), all)
}
