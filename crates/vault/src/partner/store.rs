//! All SQL of partners, their keys and their grants.

use db::{DbError, Row, Tx, params};
use kernel::{Id, MerchantId, Mode, PartnerId, ShopId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vault_wire::{PartnerApplication, PartnerQuotas, PartnerScope, PartnerState};

use super::NOBODY;

/// What is kept of a partner as one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) application: PartnerApplication,
    pub(crate) quotas: PartnerQuotas,
    /// Networks that count.
    pub(crate) ips: Vec<String>,
    /// Networks that wait.
    #[serde(default)]
    pub(crate) waiting: Vec<String>,
    pub(crate) because: Option<String>,
    pub(crate) decided_at: Option<Timestamp>,
}

/// A partner.
#[derive(Debug, Clone)]
pub(crate) struct PartnerRow {
    pub(crate) id: PartnerId,
    pub(crate) state: PartnerState,
    pub(crate) about: About,
    pub(crate) submitted_at: Timestamp,
    pub(crate) keys: Vec<KeyRow>,
}

/// A key of a partner.
#[derive(Debug, Clone)]
pub(crate) struct KeyRow {
    pub(crate) id: Id,
    pub(crate) hash: [u8; 32],
    pub(crate) mode: Mode,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
}

impl KeyRow {
    /// Whether it works at this instant.
    pub(crate) fn works(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }
}

/// What a property lets a partner do.
#[derive(Debug, Clone)]
pub(crate) struct GrantRow {
    pub(crate) merchant: MerchantId,
    pub(crate) shop: ShopId,
    pub(crate) partner: PartnerId,
    pub(crate) scopes: Vec<PartnerScope>,
    pub(crate) since: Timestamp,
    pub(crate) given_by: String,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// The word of a state, read back.
fn state(word: String) -> Result<PartnerState, DbError> {
    serde_json::from_value(Value::String(word)).map_err(|_| DbError::Corrupt("state".into()))
}

/// Everything about partners, once at start.
pub(super) fn all(tx: &mut Tx<'_>) -> Result<(Vec<PartnerRow>, Vec<GrantRow>), DbError> {
    let rows = tx.query("SELECT * FROM vault_partner WHERE merchant_id = $1", &params![NOBODY])?;
    let mut partners = Vec::new();
    for row in &rows {
        let (about, word): (String, String) = (row.get("about")?, row.get("state")?);
        let id: PartnerId = row.get("id")?;
        partners.push(PartnerRow {
            id,
            state: state(word)?,
            about: serde_json::from_str(&about).map_err(|_| DbError::Corrupt("partner".into()))?,
            submitted_at: row.get("submitted_at")?,
            keys: keys(tx, id)?,
        });
    }
    let grants = tx.query("SELECT * FROM vault_grant ORDER BY merchant_id, since", &[])?;
    Ok((partners, grants.iter().map(read_grant).collect::<Result<_, _>>()?))
}

fn keys(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Vec<KeyRow>, DbError> {
    let rows = tx.query(
        "SELECT * FROM vault_partner_key WHERE merchant_id = $1 AND partner_id = $2 \
         ORDER BY created_at, id",
        &params![NOBODY, partner],
    )?;
    let read = |row: &Row| -> Result<KeyRow, DbError> {
        let mode: String = row.get("mode")?;
        Ok(KeyRow {
            id: row.get("id")?,
            hash: row.get("hash")?,
            mode: Mode::parse(&mode).ok_or(DbError::Corrupt("mode".into()))?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            ended_at: row.get("ended_at")?,
        })
    };
    rows.iter().map(read).collect()
}

fn read_grant(row: &Row) -> Result<GrantRow, DbError> {
    let scopes: String = row.get("scopes")?;
    Ok(GrantRow {
        merchant: row.get("merchant_id")?,
        shop: row.get("shop_id")?,
        partner: row.get("partner_id")?,
        scopes: scopes.split(' ').filter_map(PartnerScope::parse).collect(),
        since: row.get("since")?,
        given_by: row.get("given_by")?,
        last_used_at: row.get("last_used_at")?,
    })
}

/// Adds a partner, or writes what changed of him and his keys.
pub(super) fn put(tx: &mut Tx<'_>, row: &PartnerRow, now: Timestamp) -> Result<(), DbError> {
    let about =
        serde_json::to_string(&row.about).map_err(|_| DbError::Corrupt("partner".into()))?;
    tx.exec(
        "INSERT INTO vault_partner (merchant_id, id, state, about, submitted_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id, merchant_id) DO UPDATE SET \
         state = excluded.state, about = excluded.about, updated_at = excluded.updated_at",
        &params![NOBODY, row.id, row.state.as_str(), about, row.submitted_at, now],
    )?;
    for key in &row.keys {
        tx.exec(
            "INSERT INTO vault_partner_key (merchant_id, id, partner_id, hash, mode, created_at, \
             expires_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (id, merchant_id) DO UPDATE SET ended_at = excluded.ended_at",
            &params![
                NOBODY,
                key.id,
                row.id,
                key.hash,
                key.mode.as_str(),
                key.created_at,
                key.expires_at,
                key.ended_at,
            ],
        )?;
    }
    Ok(())
}

/// Gives or changes a grant.
pub(super) fn put_grant(tx: &mut Tx<'_>, grant: &GrantRow) -> Result<(), DbError> {
    let words: Vec<&str> = grant.scopes.iter().map(|scope| scope.as_str()).collect();
    tx.exec(
        "INSERT INTO vault_grant (merchant_id, shop_id, partner_id, scopes, since, given_by) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (partner_id, shop_id, merchant_id) \
         DO UPDATE SET scopes = excluded.scopes, given_by = excluded.given_by",
        &params![
            grant.merchant,
            grant.shop,
            grant.partner,
            words.join(" "),
            grant.since,
            &grant.given_by,
        ],
    )?;
    Ok(())
}

/// Notes that a grant was used.
pub(super) fn used(
    tx: &mut Tx<'_>,
    (merchant, shop, partner): (MerchantId, ShopId, PartnerId),
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_grant SET last_used_at = $1 \
         WHERE merchant_id = $2 AND shop_id = $3 AND partner_id = $4",
        &params![now, merchant, shop, partner],
    )?;
    Ok(())
}

/// Takes a grant back.
pub(super) fn end_grant(
    tx: &mut Tx<'_>,
    (merchant, shop, partner): (MerchantId, ShopId, PartnerId),
) -> Result<(), DbError> {
    tx.exec(
        "DELETE FROM vault_grant WHERE merchant_id = $1 AND shop_id = $2 AND partner_id = $3",
        &params![merchant, shop, partner],
    )?;
    Ok(())
}

/// What partners' calls are counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Did {
    Stored,
    Revealed,
}

/// Counts what a partner did on a day.
pub(crate) fn count(
    tx: &mut Tx<'_>,
    (partner, day): (PartnerId, kernel::Date),
    did: Did,
) -> Result<(), DbError> {
    let (stored, reveals) = match did {
        Did::Stored => (1_i64, 0_i64),
        Did::Revealed => (0, 1),
    };
    tx.exec(
        "INSERT INTO vault_partner_day (merchant_id, partner_id, day, stored, reveals) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (partner_id, day, merchant_id) DO UPDATE SET \
         stored = vault_partner_day.stored + excluded.stored, \
         reveals = vault_partner_day.reveals + excluded.reveals",
        &params![NOBODY, partner, day.to_string(), stored, reveals],
    )?;
    Ok(())
}

/// What a partner did since a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) stored: i64,
    pub(super) reveals: i64,
}

/// Cards stored and reveals from one day on and before another.
pub(super) fn sums(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    (from, before): (kernel::Date, kernel::Date),
) -> Result<Sums, DbError> {
    let row = tx.query_opt(
        "SELECT CAST(COALESCE(SUM(stored), 0) AS BIGINT) AS stored, \
         CAST(COALESCE(SUM(reveals), 0) AS BIGINT) AS reveals FROM vault_partner_day \
         WHERE merchant_id = $1 AND partner_id = $2 AND day >= $3 AND day < $4",
        &params![NOBODY, partner, from.to_string(), before.to_string()],
    )?;
    row.map_or(Ok(Sums::default()), |row| {
        Ok(Sums { stored: row.get("stored")?, reveals: row.get("reveals")? })
    })
}
