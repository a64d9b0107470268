//! All SQL of custodians, who belong to the installation and to no merchant.

use db::{DbError, Row, Tx, params};

use super::custodians::Custodian;
use super::share::Set;
use crate::log;

/// Adds a custodian.
pub(super) fn insert(tx: &mut Tx<'_>, custodian: &Custodian) -> Result<(), DbError> {
    let Custodian { made, index, set, verifier, name, text_hash, accepted } = custodian;
    let (index, needed, all) = (i64::from(*index), i64::from(set.needed), i64::from(set.all));
    tx.exec(
        "INSERT INTO vault_custodian (merchant_id, made_at, share_index, key_check, needed, \
         all_shares, name, text_hash, accepted_at, verifier) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &params![
            log::installation().0,
            *made,
            index,
            set.check.as_str(),
            needed,
            all,
            name.as_str(),
            *text_hash,
            *accepted,
            *verifier
        ],
    )?;
    Ok(())
}

/// Every custodian of every set, oldest set first.
pub(super) fn all(tx: &mut Tx<'_>) -> Result<Vec<Custodian>, DbError> {
    let rows = tx.query(
        "SELECT made_at, share_index, key_check, needed, all_shares, name, text_hash, accepted_at, \
         verifier FROM vault_custodian WHERE merchant_id = $1 ORDER BY made_at, share_index",
        &params![log::installation().0],
    )?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Custodian, DbError> {
    let small = |name: &str| -> Result<u8, DbError> {
        u8::try_from(row.get::<i64>(name)?).map_err(|_| DbError::Corrupt("custodian".into()))
    };
    Ok(Custodian {
        made: row.get("made_at")?,
        index: small("share_index")?,
        set: Set {
            check: row.get("key_check")?,
            needed: small("needed")?,
            all: small("all_shares")?,
        },
        verifier: row.get("verifier")?,
        name: row.get("name")?,
        text_hash: row.get("text_hash")?,
        accepted: row.get("accepted_at")?,
    })
}
