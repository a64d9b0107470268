//! All SQL of the change of keys.

use db::{DbError, Row, Tx, params};
use kernel::{CardToken, MerchantId, ShopId};

use crate::slots::{Class, SlotIndex};

/// A slot that a row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) card: CardToken,
    pub(super) index: SlotIndex,
    /// Nobody is using it up or destroying it: what it names must be there.
    pub(super) rests: bool,
}

/// Cards of a shop with their slots of a class, in the order of the slots from one on.
pub(super) fn slots(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    class: Class,
    (from, limit): (SlotIndex, u32),
) -> Result<Vec<Named>, DbError> {
    let sql = match class {
        Class::Number => {
            "SELECT id, slot AS used, CASE WHEN state = 'active' THEN 'yes' ELSE 'no' END AS rests \
             FROM vault_card WHERE merchant_id = $1 AND shop_id = $2 \
             AND slot >= $3 ORDER BY slot LIMIT $4"
        }
        Class::Code => {
            "SELECT id, code_slot AS used, CASE WHEN state = 'active' AND code_state = 'available' \
             THEN 'yes' ELSE 'no' END AS rests FROM vault_card WHERE merchant_id = $1 AND shop_id = $2 \
             AND code_state IN ('available', 'reserved', 'unknown') AND code_slot >= $3 \
             ORDER BY code_slot LIMIT $4"
        }
    };
    let from = i64::try_from(from.0).map_err(|_| DbError::Corrupt("slot".into()))?;
    let read = |row: &Row| -> Result<Named, DbError> {
        let slot: i64 = row.get("used")?;
        let slot = u64::try_from(slot).map_err(|_| DbError::Corrupt("slot".into()))?;
        let rests: String = row.get("rests")?;
        Ok(Named { card: row.get("id")?, index: SlotIndex(slot), rests: rests == "yes" })
    };
    tx.query(sql, &params![shop.0, shop.1, from, limit])?.iter().map(read).collect()
}
