//! All SQL of the tables' owner, which belongs to no merchant.

use db::{DbError, Tx, params};
use kernel::Timestamp;

/// The owner's row: the merchant that no merchant is.
const NOBODY: [u8; 16] = [0; 16];

/// The node that has the tables: the one that was first.
pub(super) fn claim(tx: &mut Tx<'_>, mark: [u8; 32], now: Timestamp) -> Result<[u8; 32], DbError> {
    tx.exec(
        "INSERT INTO vault_node (merchant_id, mark, since) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
        &params![NOBODY, mark, now],
    )?;
    let row =
        tx.query_opt("SELECT mark FROM vault_node WHERE merchant_id = $1", &params![NOBODY])?;
    row.ok_or_else(|| DbError::Corrupt("node".into()))?.get("mark")
}
