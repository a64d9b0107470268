//! SQL of cards; when and how they go stands in [`super::stay::store`].

use db::{DbError, Insert, Row, Tx, params};
use kernel::{CardToken, MerchantId, ShopId, Timestamp};
use vault_wire::{Brand, MissingReason, Suspension, SuspensionCause};

use super::Expiry;
use super::code::{CodeState, HeldCode};
use super::kind::CardKind;
use crate::bins::Facts;
use crate::slots::{Class, SlotIndex};

/// A row of cards.
#[derive(Debug, Clone)]
pub(crate) struct CardRow {
    pub(crate) merchant: MerchantId,
    pub(crate) token: CardToken,
    pub(crate) shop: ShopId,
    pub(crate) purged: Option<MissingReason>,
    pub(crate) kind: CardKind,
    pub(crate) brand: Brand,
    pub(crate) co_brand: Option<Brand>,
    pub(crate) preferred: Option<Brand>,
    pub(crate) bin: String,
    pub(crate) last4: String,
    pub(crate) expiry: Expiry,
    pub(crate) initials: Option<String>,
    pub(crate) fingerprint: Option<[u8; 16]>,
    pub(crate) entry: String,
    pub(crate) channel: Option<String>,
    pub(crate) is_virtual: bool,
    /// Window and balance, as the channel told them.
    pub(crate) told: Option<String>,
    pub(crate) facts: Option<Facts>,
    pub(crate) bin_table: String,
    pub(crate) customer: Option<String>,
    pub(crate) booking: Option<String>,
    pub(crate) payment: Option<String>,
    pub(crate) received_at: Timestamp,
    pub(crate) purge_at: Option<Timestamp>,
    pub(crate) version: u32,
    pub(crate) number_version: u32,
    pub(crate) slot: Option<SlotIndex>,
    pub(crate) record: Option<Vec<u8>>,
    pub(crate) code_gone: Option<(String, Timestamp)>,
    /// A payer typed it for a payment, and no bank has answered since.
    pub(crate) code_typed: bool,
    pub(crate) held: HeldCode,
    pub(crate) reveals: u32,
    pub(crate) revealed_at: Option<Timestamp>,
    pub(crate) suspension: Option<Suspension>,
}

static INSERT_CARD: Insert = Insert {
    table: "vault_card",
    columns: &[
        "merchant_id",
        "id",
        "shop_id",
        "state",
        "kind",
        "brand",
        "co_brand",
        "preferred_brand",
        "bin",
        "last4",
        "exp_month",
        "exp_year",
        "initials",
        "fingerprint",
        "entry",
        "channel",
        "is_virtual",
        "virtual_told",
        "facts",
        "bin_table",
        "customer",
        "booking",
        "payment",
        "received_at",
        "purge_at",
        "version",
        "number_version",
        "slot",
        "record",
    ],
};

fn slot_number(slot: Option<SlotIndex>) -> Result<Option<i64>, DbError> {
    let number = slot.map(|s| i64::try_from(s.0)).transpose();
    number.map_err(|_| DbError::Corrupt("slot".into()))
}

/// Adds a card.
pub(crate) fn insert_card(tx: &mut Tx<'_>, card: &CardRow) -> Result<(), DbError> {
    let values = params![
        card.merchant,
        card.token,
        card.shop,
        "active",
        card.kind.word(),
        card.brand.as_str(),
        card.co_brand.map(Brand::as_str),
        card.preferred.map(Brand::as_str),
        &card.bin,
        &card.last4,
        card.expiry.month,
        card.expiry.year,
        card.initials.clone(),
        card.fingerprint,
        &card.entry,
        card.channel.clone(),
        card.is_virtual,
        card.told.clone(),
        facts_text(card.facts.as_ref())?,
        &card.bin_table,
        card.customer.clone(),
        card.booking.clone(),
        card.payment.clone(),
        card.received_at,
        card.purge_at,
        card.version,
        card.number_version,
        slot_number(card.slot)?,
        card.record.clone(),
    ];
    tx.insert(&INSERT_CARD, values)?;
    put_code(tx, card)
}

/// Writes the code that a card came with, if one is held. A code that lives is never written over:
/// a conflict.
pub(crate) fn put_code(tx: &mut Tx<'_>, card: &CardRow) -> Result<(), DbError> {
    let Some(state) = card.held.state else { return Ok(()) };
    let changed = tx.exec(
        "UPDATE vault_card SET code_state = $1, code_slot = $2, code_record = $3, \
         code_because = CASE WHEN $1 = 'destroyed' THEN code_because END, \
         code_at = CASE WHEN $1 = 'destroyed' THEN code_at END \
         WHERE merchant_id = $4 AND id = $5 AND state = 'active' \
         AND (code_state IS NULL OR code_state = 'destroyed')",
        &params![
            state.word(),
            slot_number(card.held.slot)?,
            card.held.record.clone(),
            card.merchant,
            card.token,
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(DbError::Conflict("code changed meanwhile".into())) }
}

/// Gives one consumer the right to the code.
pub(crate) fn reserve_code(
    tx: &mut Tx<'_>,
    card: (MerchantId, CardToken),
    holder: &str,
    real: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE vault_card SET code_state = 'reserved', code_holder = $1, code_since = $2 \
         WHERE merchant_id = $3 AND id = $4 AND code_state = 'available' AND state = 'active'",
        &params![holder, real, card.0, card.1],
    )?;
    Ok(changed == 1)
}

/// Changes the state of a code that `holder` has reserved.
pub(crate) fn set_code(
    tx: &mut Tx<'_>,
    card: (MerchantId, CardToken),
    holder: &str,
    state: CodeState,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_card SET code_state = $1 WHERE merchant_id = $2 AND id = $3 \
         AND code_state = 'reserved' AND code_holder = $4",
        &params![state.word(), card.0, card.1, holder],
    )?;
    Ok(())
}

/// Ends a code: why, who, when; false when it had ended before.
pub(crate) fn end_code(
    tx: &mut Tx<'_>,
    card: (MerchantId, CardToken),
    gone: (&str, Option<&str>, Timestamp),
) -> Result<bool, DbError> {
    let (because, actor, at) = gone;
    let changed = tx.exec(
        "UPDATE vault_card SET code_state = 'destroyed', code_slot = NULL, code_record = NULL, \
         code_holder = NULL, code_because = $1, code_actor = $2, code_at = $3 \
         WHERE merchant_id = $4 AND id = $5 \
         AND code_state IN ('available', 'reserved', 'unknown')",
        &params![because, actor, at, card.0, card.1],
    )?;
    Ok(changed == 1)
}

/// Cards of a shop whose code somebody has had for too long.
pub(crate) fn stale_codes(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    (reserved_before, unknown_before): (Timestamp, Timestamp),
) -> Result<Vec<CardRow>, DbError> {
    let rows = tx.query(
        "SELECT * FROM vault_card WHERE merchant_id = $1 AND shop_id = $2 AND \
         ((code_state = 'reserved' AND code_since <= $3) \
         OR (code_state = 'unknown' AND code_since <= $4)) ORDER BY id LIMIT 500",
        &params![shop.0, shop.1, reserved_before, unknown_before],
    )?;
    rows.iter().map(read_card).collect()
}

/// Counts a showing of the number; false when the card may not be shown again.
pub(crate) fn count_reveal(
    tx: &mut Tx<'_>,
    card: (MerchantId, CardToken),
    (most, at): (u16, Timestamp),
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE vault_card SET reveals = reveals + 1, revealed_at = $1 \
         WHERE merchant_id = $2 AND id = $3 AND state = 'active' AND reveals < $4",
        &params![at, card.0, card.1, most],
    )?;
    Ok(changed == 1)
}

/// Writes what may change of a card; the row must still have the version before.
pub(crate) fn update_card(tx: &mut Tx<'_>, card: &CardRow) -> Result<(), DbError> {
    let changed = tx.exec(
        "UPDATE vault_card SET kind = $1, preferred_brand = $2, exp_month = $3, exp_year = $4, \
         initials = $5, booking = $6, payment = $7, purge_at = $8, version = $9, record = $10 \
         WHERE merchant_id = $11 AND id = $12 AND state = 'active' AND version = $9 - 1",
        &params![
            card.kind.word(),
            card.preferred.map(Brand::as_str),
            card.expiry.month,
            card.expiry.year,
            card.initials.clone(),
            card.booking.clone(),
            card.payment.clone(),
            card.purge_at,
            card.version,
            card.record.clone(),
            card.merchant,
            card.token,
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(DbError::Conflict("card changed meanwhile".into())) }
}

/// Notes that a payer typed the code, which is in memory alone, for a payment.
pub(crate) fn code_typed(tx: &mut Tx<'_>, card: (MerchantId, CardToken)) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_card SET code_typed = 1 WHERE merchant_id = $1 AND id = $2",
        &params![card.0, card.1],
    )?;
    Ok(())
}

/// Notes why a security code is gone.
pub(crate) fn code_gone(
    tx: &mut Tx<'_>,
    card: (MerchantId, CardToken),
    because: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_card SET code_because = $1, code_at = $2, code_typed = 0 \
         WHERE merchant_id = $3 AND id = $4",
        &params![because, at, card.0, card.1],
    )?;
    Ok(())
}

/// A card of a merchant.
pub(crate) fn card(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    token: CardToken,
) -> Result<Option<CardRow>, DbError> {
    let row = tx.query_opt(
        "SELECT * FROM vault_card WHERE merchant_id = $1 AND id = $2",
        &params![merchant, token],
    )?;
    row.map(|row| read_card(&row)).transpose()
}

/// The card of a customer with the same number, in one shop.
pub(crate) fn same_card(
    tx: &mut Tx<'_>,
    owner: (MerchantId, ShopId),
    customer: &str,
    fingerprint: [u8; 16],
) -> Result<Option<CardRow>, DbError> {
    let rows = tx.query(
        "SELECT * FROM vault_card WHERE merchant_id = $1 AND customer = $2 AND fingerprint = $3 \
         AND shop_id = $4 AND kind = 'saved' AND state = 'active' ORDER BY received_at LIMIT 1",
        &params![owner.0, customer, fingerprint, owner.1],
    )?;
    rows.first().map(read_card).transpose()
}

/// Cards of a shop that are due, or whose end was begun and not finished.
pub(crate) fn due_cards(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    now: Timestamp,
    limit: u32,
) -> Result<Vec<CardRow>, DbError> {
    let rows = tx.query(
        "SELECT * FROM vault_card WHERE merchant_id = $1 AND shop_id = $2 AND \
         ((purge_at IS NOT NULL AND purge_at <= $3) OR state = 'purging') \
         ORDER BY purge_at LIMIT $4",
        &params![shop.0, shop.1, now, limit],
    )?;
    rows.iter().map(read_card).collect()
}

/// Cards held and cards due, of one shop.
pub(crate) fn count_cards(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    now: Timestamp,
) -> Result<(u64, u64), DbError> {
    let rows = tx.query(
        "SELECT COUNT(*) AS held, CAST(COALESCE(SUM(CASE WHEN purge_at <= $1 THEN 1 ELSE 0 END), 0) \
         AS BIGINT) AS due FROM vault_card \
         WHERE merchant_id = $2 AND shop_id = $3 AND state = 'active'",
        &params![now, shop.0, shop.1],
    )?;
    let count = |name: &str| -> Result<u64, DbError> {
        let number: i64 = rows.first().map_or(Ok(0), |row| row.get(name))?;
        Ok(u64::try_from(number).unwrap_or(0))
    };
    Ok((count("held")?, count("due")?))
}

pub(crate) fn facts_text(facts: Option<&Facts>) -> Result<Option<String>, DbError> {
    let text = facts.map(serde_json::to_string).transpose();
    text.map_err(|_| DbError::Corrupt("facts".into()))
}

pub(crate) fn read_facts(row: &Row) -> Result<Option<Facts>, DbError> {
    let text: Option<String> = row.get("facts")?;
    let facts = text.map(|text| serde_json::from_str(&text)).transpose();
    facts.map_err(|_| DbError::Corrupt("facts".into()))
}

/// Slots of a class that rows of a merchant name.
pub(crate) fn used_slots(
    tx: &mut Tx<'_>,
    class: Class,
    merchant: MerchantId,
) -> Result<Vec<SlotIndex>, DbError> {
    let sql = match class {
        Class::Number => {
            "SELECT slot AS used FROM vault_card WHERE merchant_id = $1 AND slot IS NOT NULL"
        }
        Class::Code => {
            "SELECT code_slot AS used FROM vault_card \
             WHERE merchant_id = $1 AND code_slot IS NOT NULL"
        }
    };
    let rows = tx.query(sql, &params![merchant])?;
    let number = |row: &Row| -> Result<SlotIndex, DbError> {
        let slot: i64 = row.get("used")?;
        u64::try_from(slot).map(SlotIndex).map_err(|_| DbError::Corrupt("slot".into()))
    };
    rows.iter().map(number).collect()
}

fn brand(row: &Row, column: &str) -> Result<Option<Brand>, DbError> {
    let word: Option<String> = row.get(column)?;
    let read = |word: String| Brand::parse(&word).ok_or(DbError::Corrupt("brand".into()));
    word.map(read).transpose()
}

fn read_held(row: &Row) -> Result<HeldCode, DbError> {
    let state: Option<String> = row.get("code_state")?;
    let read = |word: String| CodeState::parse(&word).ok_or(DbError::Corrupt("code".into()));
    let slot: Option<i64> = row.get("code_slot")?;
    Ok(HeldCode {
        state: state.map(read).transpose()?,
        slot: slot.and_then(|n| u64::try_from(n).ok()).map(SlotIndex),
        record: row.get("code_record")?,
        holder: row.get("code_holder")?,
        actor: row.get("code_actor")?,
    })
}

fn read_suspension(row: &Row) -> Result<Option<Suspension>, DbError> {
    let Some(word) = row.get::<Option<String>>("suspended")? else { return Ok(None) };
    let corrupt = || DbError::Corrupt("suspension".into());
    let at: Option<Timestamp> = row.get("suspended_at")?;
    Ok(Some(Suspension {
        cause: SuspensionCause::parse(&word).ok_or_else(corrupt)?,
        reason: row.get::<Option<String>>("suspended_reason")?.unwrap_or_default(),
        at: at.ok_or_else(corrupt)?,
    }))
}

pub(super) fn read_card(row: &Row) -> Result<CardRow, DbError> {
    let corrupt = |what: &str| DbError::Corrupt(what.to_owned());
    let kind: String = row.get("kind")?;
    let kind = CardKind::ALL.iter().find(|(_, word)| *word == kind);
    let state: String = row.get("state")?;
    let missing: Option<String> = row.get("missing_reason")?;
    let purged = (state != "active").then_some(match missing.as_deref() {
        Some("deleted") => MissingReason::Deleted,
        Some("lost") => MissingReason::Lost,
        _ => MissingReason::Purged,
    });
    let because: Option<String> = row.get("code_because")?;
    let gone_at: Option<Timestamp> = row.get("code_at")?;
    let slot: Option<i64> = row.get("slot")?;
    Ok(CardRow {
        merchant: row.get("merchant_id")?,
        token: row.get("id")?,
        shop: row.get("shop_id")?,
        purged,
        kind: kind.map(|(kind, _)| *kind).ok_or_else(|| corrupt("kind"))?,
        brand: brand(row, "brand")?.ok_or_else(|| corrupt("brand"))?,
        co_brand: brand(row, "co_brand")?,
        preferred: brand(row, "preferred_brand")?,
        bin: row.get("bin")?,
        last4: row.get("last4")?,
        expiry: Expiry::stored(row.get("exp_month")?, row.get("exp_year")?)
            .ok_or_else(|| corrupt("expiry"))?,
        initials: row.get("initials")?,
        fingerprint: row.get("fingerprint")?,
        entry: row.get("entry")?,
        channel: row.get("channel")?,
        is_virtual: row.get("is_virtual")?,
        told: row.get("virtual_told")?,
        facts: read_facts(row)?,
        bin_table: row.get("bin_table")?,
        customer: row.get("customer")?,
        booking: row.get("booking")?,
        payment: row.get("payment")?,
        received_at: row.get("received_at")?,
        purge_at: row.get("purge_at")?,
        version: row.get("version")?,
        number_version: row.get("number_version")?,
        slot: slot.and_then(|n| u64::try_from(n).ok()).map(SlotIndex),
        record: row.get("record")?,
        code_gone: because.zip(gone_at),
        code_typed: row.get("code_typed")?,
        held: read_held(row)?,
        reveals: row.get("reveals")?,
        revealed_at: row.get("revealed_at")?,
        suspension: read_suspension(row)?,
    })
}
