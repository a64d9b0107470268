//! SQL of what the pages of guests ask first.

use db::{DbError, Tx, params};
use kernel::{Scope, ShopId};

/// Whether a shop has any lodging.
///
/// # Errors
/// [`DbError`].
pub(crate) fn sells_stays(tx: &mut Tx, scope: &Scope, shop: ShopId) -> Result<bool, DbError> {
    let sql =
        "SELECT id FROM lodging WHERE merchant_id = $1 AND mode = $2 AND shop_id = $3 LIMIT 1";
    Ok(tx.query_opt(sql, &params![scope.merchant(), scope.mode().as_str(), shop])?.is_some())
}
