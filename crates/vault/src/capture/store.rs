//! All SQL of card pages. Every statement names the merchant, but [`locate`], which finds it.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{CaptureId, CardToken, MerchantId, ShopId, Timestamp};
use vault_wire::{Brand, CaptureCreate};

use crate::shop::Shop;

/// Where a card page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CaptureState {
    /// Waiting for a card.
    Open,
    /// Has one.
    Done,
    /// Tried too often.
    Closed,
}

impl CaptureState {
    const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Closed => "closed",
        }
    }
}

/// What a guest agreed to when he sent the form.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Outcome {
    pub(crate) save: bool,
    pub(crate) email: Option<String>,
    pub(crate) lang: kernel::Locale,
    pub(crate) consent_sha256: Option<String>,
    pub(crate) at: Timestamp,
}

/// A row of card pages.
#[derive(Debug, Clone)]
pub(crate) struct CaptureRow {
    pub(crate) merchant: MerchantId,
    pub(crate) id: CaptureId,
    pub(crate) shop: ShopId,
    pub(crate) request: CaptureCreate,
    pub(crate) state: CaptureState,
    pub(crate) submissions: u32,
    pub(crate) numbers: Vec<String>,
    pub(crate) expires_at: Timestamp,
    pub(crate) card: Option<CardToken>,
    pub(crate) outcome: Option<Outcome>,
}

impl CaptureRow {
    /// The brands this page takes: of those the shop takes, the ones that were asked for.
    pub(crate) fn brands(&self, shop: &Shop) -> Vec<Brand> {
        let asked = &self.request.brands;
        let taken = |brand: &Brand| asked.is_empty() || asked.contains(brand);
        shop.cards.brands.iter().copied().filter(taken).collect()
    }
}

static INSERT_CAPTURE: Insert = Insert {
    table: "vault_capture",
    columns: &[
        "merchant_id",
        "id",
        "shop_id",
        "request",
        "state",
        "submissions",
        "numbers",
        "created_at",
        "expires_at",
    ],
};

static INSERT_LOCATOR: Insert =
    Insert { table: "vault_locator", columns: &["hash", "merchant_id", "capture"] };

/// Opens a card page under the hash of its secret.
pub(crate) fn insert_capture(
    tx: &mut Tx<'_>,
    capture: &CaptureRow,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<(), DbError> {
    let request =
        serde_json::to_string(&capture.request).map_err(|_| DbError::Corrupt("request".into()))?;
    let values = params![
        capture.merchant,
        capture.id,
        capture.shop,
        request,
        capture.state.word(),
        capture.submissions,
        "[]",
        now,
        capture.expires_at,
    ];
    tx.insert(&INSERT_CAPTURE, values)?;
    tx.insert(&INSERT_LOCATOR, params![hash, capture.merchant, capture.id])
}

/// The page whose secret has this hash.
pub(crate) fn locate(
    tx: &mut Tx<'_>,
    hash: [u8; 32],
) -> Result<Option<(MerchantId, CaptureId)>, DbError> {
    let row = tx.query_opt(
        "SELECT merchant_id, capture FROM vault_locator WHERE hash = $1",
        &params![hash],
    )?;
    row.map(|row| Ok((row.get("merchant_id")?, row.get("capture")?))).transpose()
}

/// A card page of a merchant.
pub(crate) fn capture(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    id: CaptureId,
) -> Result<Option<CaptureRow>, DbError> {
    let row = tx.query_opt(
        "SELECT * FROM vault_capture WHERE merchant_id = $1 AND id = $2",
        &params![merchant, id],
    )?;
    row.map(|row| read_capture(&row)).transpose()
}

fn read_capture(row: &Row) -> Result<CaptureRow, DbError> {
    let corrupt = |what: &str| DbError::Corrupt(what.to_owned());
    let state: String = row.get("state")?;
    let (request, numbers): (String, String) = (row.get("request")?, row.get("numbers")?);
    let outcome: Option<String> = row.get("outcome")?;
    let outcome = outcome.map(|json| serde_json::from_str(&json)).transpose();
    Ok(CaptureRow {
        merchant: row.get("merchant_id")?,
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        request: serde_json::from_str(&request).map_err(|_| corrupt("request"))?,
        state: match state.as_str() {
            "open" => CaptureState::Open,
            "done" => CaptureState::Done,
            _ => CaptureState::Closed,
        },
        submissions: row.get("submissions")?,
        numbers: serde_json::from_str(&numbers).map_err(|_| corrupt("numbers"))?,
        expires_at: row.get("expires_at")?,
        card: row.get("card")?,
        outcome: outcome.map_err(|_| corrupt("outcome"))?,
    })
}

/// Counts a try, durable before its card is stored; false when the page is not open any more.
pub(crate) fn count_try(tx: &mut Tx<'_>, capture: &CaptureRow) -> Result<bool, DbError> {
    let numbers =
        serde_json::to_string(&capture.numbers).map_err(|_| DbError::Corrupt("numbers".into()))?;
    let changed = tx.exec(
        "UPDATE vault_capture SET submissions = $1, numbers = $2, state = $3 \
         WHERE merchant_id = $4 AND id = $5 AND state = 'open'",
        &params![capture.submissions, numbers, capture.state.word(), capture.merchant, capture.id],
    )?;
    Ok(changed == 1)
}

/// Ends a card page with its card; an error when another submission was first.
pub(crate) fn finish_capture(
    tx: &mut Tx<'_>,
    capture: (MerchantId, CaptureId),
    card: CardToken,
    outcome: &Outcome,
) -> Result<(), DbError> {
    let outcome = serde_json::to_string(outcome).map_err(|_| DbError::Corrupt("outcome".into()))?;
    let changed = tx.exec(
        "UPDATE vault_capture SET state = 'done', card = $1, outcome = $2, numbers = '[]' \
         WHERE merchant_id = $3 AND id = $4 AND state = 'open'",
        &params![card, outcome, capture.0, capture.1],
    )?;
    if changed == 1 { Ok(()) } else { Err(DbError::Conflict("capture is not open".into())) }
}

/// Forgets pages and answers of a shop that nobody will ask for again.
pub(crate) fn forget(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    before: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "DELETE FROM vault_locator WHERE merchant_id = $1 AND capture IN (SELECT id FROM \
         vault_capture WHERE merchant_id = $1 AND shop_id = $2 AND expires_at < $3)",
        &params![shop.0, shop.1, before],
    )?;
    tx.exec(
        "DELETE FROM vault_capture WHERE merchant_id = $1 AND shop_id = $2 AND expires_at < $3",
        &params![shop.0, shop.1, before],
    )?;
    Ok(())
}
