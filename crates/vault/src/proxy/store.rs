//! All SQL of profiles, and of the cards that came by them.

use db::{DbError, Row, Tx, params};
use kernel::{CardToken, MerchantId, ProxyProfileId, Timestamp};
use vault_wire::ProxyProfile;

use crate::card::{CardRow, store as cards};

/// A profile as it is stored.
pub(super) struct ProfileRow {
    pub(super) merchant: MerchantId,
    pub(super) profile: ProxyProfile,
    /// SHA-256 of its key.
    pub(super) key: Option<[u8; 32]>,
}

/// All profiles, once at start.
pub(super) fn all(tx: &mut Tx<'_>) -> Result<Vec<ProfileRow>, DbError> {
    let rows = tx.query("SELECT * FROM vault_profile ORDER BY merchant_id, created_at, id", &[])?;
    let read = |row: &Row| -> Result<ProfileRow, DbError> {
        let text: String = row.get("profile")?;
        let mut profile: ProxyProfile =
            serde_json::from_str(&text).map_err(|_| DbError::Corrupt("profile".into()))?;
        profile.id = Some(row.get("id")?);
        Ok(ProfileRow { merchant: row.get("merchant_id")?, profile, key: row.get("key_hash")? })
    };
    rows.iter().map(read).collect()
}

/// Adds a profile.
pub(super) fn add(
    tx: &mut Tx<'_>,
    id: ProxyProfileId,
    row: &ProfileRow,
    now: Timestamp,
) -> Result<(), DbError> {
    let text =
        serde_json::to_string(&row.profile).map_err(|_| DbError::Corrupt("profile".into()))?;
    tx.exec(
        "INSERT INTO vault_profile (merchant_id, id, shop_id, profile, key_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &params![row.merchant, id, row.profile.shop, text, row.key, now],
    )?;
    Ok(())
}

/// Under what a card came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Came {
    pub(super) merchant: MerchantId,
    pub(super) profile: ProxyProfileId,
    /// The channel's reference.
    pub(super) booking: String,
}

/// The card of the same number that came so before and still lives.
pub(super) fn known(
    tx: &mut Tx<'_>,
    came: &Came,
    fingerprint: [u8; 16],
) -> Result<Option<CardRow>, DbError> {
    let row = tx.query_opt(
        "SELECT id FROM vault_card WHERE merchant_id = $1 AND proxy_profile = $2 \
         AND proxy_booking = $3 AND fingerprint = $4 AND state = 'active'",
        &params![came.merchant, came.profile, &came.booking, fingerprint],
    )?;
    let Some(row) = row else { return Ok(None) };
    cards::card(tx, came.merchant, row.get("id")?)
}

/// Notes under what a card came; a conflict when the same number came so already.
pub(super) fn came(tx: &mut Tx<'_>, card: CardToken, came: &Came) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_card SET proxy_profile = $1, proxy_booking = $2 \
         WHERE merchant_id = $3 AND id = $4",
        &params![came.profile, &came.booking, came.merchant, card],
    )?;
    Ok(())
}
