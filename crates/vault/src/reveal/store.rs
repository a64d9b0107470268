//! All SQL of reveal links.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{CardToken, Locale, MerchantId, PartnerId, RevealLinkId, ShopId, Timestamp, ViewerId};
use serde::{Deserialize, Serialize};
use vault_wire::LinkCreate;

use super::approval::Asking;
use crate::viewer::store::ViewerRow;

/// Where a link stands. What its clock has ended is told by [`LinkRow::state_at`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkState {
    Created,
    /// A second person must agree.
    AwaitingApproval,
    Opened,
    Unlocked,
    Closed,
    /// The second person did not agree.
    Refused,
    Expired,
    Cancelled,
}

impl LinkState {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Created, "created"),
        (Self::AwaitingApproval, "awaiting_approval"),
        (Self::Opened, "opened"),
        (Self::Unlocked, "unlocked"),
        (Self::Closed, "closed"),
        (Self::Refused, "refused"),
        (Self::Expired, "expired"),
        (Self::Cancelled, "cancelled"),
    ];

    /// The word in the database and on the wire.
    pub(crate) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("closed", |(_, word)| word)
    }
}

/// A link is opened within this.
pub(crate) const OPEN_SECONDS: i64 = 120;
/// The PIN of an opened link is typed within this.
pub(crate) const PIN_SECONDS: i64 = 300;
/// A second person answers within this.
pub(crate) const APPROVAL_SECONDS: i64 = 15 * 60;

/// What a link was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LinkWish {
    pub(crate) card: CardToken,
    /// Who will look, as viewers are named.
    pub(crate) user: String,
    pub(crate) purpose: String,
    pub(crate) frame_origin: Option<String>,
    pub(crate) client_ip: Option<String>,
    pub(crate) lang: Locale,
    pub(crate) return_url: Option<String>,
    /// The partner who asked, when it was one.
    #[serde(default)]
    pub(crate) partner: Option<PartnerId>,
}

impl From<LinkCreate> for LinkWish {
    fn from(asked: LinkCreate) -> Self {
        let LinkCreate { card, user, purpose, frame_origin, client_ip, lang, return_url } = asked;
        let (user, partner) = (user.to_string(), None);
        Self { card, user, purpose, frame_origin, client_ip, lang, return_url, partner }
    }
}

/// A row of links.
#[derive(Debug, Clone)]
pub(crate) struct LinkRow {
    pub(crate) merchant: MerchantId,
    pub(crate) id: RevealLinkId,
    pub(crate) shop: ShopId,
    pub(crate) card: CardToken,
    pub(crate) viewer: ViewerId,
    pub(crate) request: LinkWish,
    pub(crate) state: LinkState,
    /// Hash of address and browser of the first visit.
    pub(crate) visitor: Option<[u8; 32]>,
    pub(crate) created_at: Timestamp,
    pub(crate) opened_at: Option<Timestamp>,
    pub(crate) unlocked_at: Option<Timestamp>,
    /// What a second person is told, and since when he is asked.
    pub(crate) asked: Option<(Asking, Timestamp)>,
    /// When he spoke.
    pub(crate) approved_at: Option<Timestamp>,
}

impl LinkRow {
    /// One that has just been asked for.
    pub(super) fn begun(
        viewer: &ViewerRow,
        request: LinkWish,
        (id, now): (RevealLinkId, Timestamp),
    ) -> Self {
        Self {
            merchant: viewer.merchant,
            id,
            shop: viewer.shop,
            card: request.card,
            viewer: viewer.id,
            request,
            state: LinkState::Created,
            visitor: None,
            created_at: now,
            opened_at: None,
            unlocked_at: None,
            asked: None,
            approved_at: None,
        }
    }

    /// Until when it may be opened.
    pub(crate) fn opens_until(&self) -> Timestamp {
        self.approved_at.unwrap_or(self.created_at).plus_seconds(OPEN_SECONDS)
    }

    /// Until when a second person may answer; before anybody is asked, until when it may be opened.
    pub(super) fn waits_until(&self) -> Timestamp {
        let asked = self.asked.as_ref().map(|(_, at)| at.plus_seconds(APPROVAL_SECONDS));
        asked.unwrap_or_else(|| self.opens_until())
    }

    /// Where it stands, with what time has ended.
    pub(crate) fn state_at(&self, now: Timestamp, show_seconds: u16) -> LinkState {
        let past = |since: Option<Timestamp>, seconds: i64| {
            since.is_none_or(|at| now >= at.plus_seconds(seconds))
        };
        match self.state {
            LinkState::Created if now >= self.opens_until() => LinkState::Expired,
            LinkState::AwaitingApproval if now >= self.waits_until() => LinkState::Expired,
            LinkState::Opened if past(self.opened_at, PIN_SECONDS) => LinkState::Expired,
            LinkState::Unlocked if past(self.unlocked_at, i64::from(show_seconds)) => {
                LinkState::Closed
            }
            state => state,
        }
    }
}

static INSERT: Insert = Insert {
    table: "vault_link",
    columns: &[
        "merchant_id",
        "id",
        "shop_id",
        "card",
        "viewer_id",
        "request",
        "state",
        "created_at",
    ],
};

/// Adds a link.
pub(crate) fn insert(tx: &mut Tx<'_>, link: &LinkRow) -> Result<(), DbError> {
    let request =
        serde_json::to_string(&link.request).map_err(|_| DbError::Corrupt("link".into()))?;
    let values = params![
        link.merchant,
        link.id,
        link.shop,
        link.card,
        link.viewer,
        request,
        link.state.word(),
        link.created_at,
    ];
    tx.insert(&INSERT, values)
}

/// A link of a merchant.
pub(crate) fn link(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    id: RevealLinkId,
) -> Result<Option<LinkRow>, DbError> {
    let row = tx.query_opt(
        "SELECT * FROM vault_link WHERE merchant_id = $1 AND id = $2",
        &params![merchant, id],
    )?;
    row.map(|row| read(&row)).transpose()
}

/// The first visit: binds the link; false when another visit was first.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    link: (MerchantId, RevealLinkId),
    (visitor, page_key): ([u8; 32], [u8; 32]),
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE vault_link SET state = 'opened', visitor = $1, page_key = $2, opened_at = $3 \
         WHERE merchant_id = $4 AND id = $5 AND (state = 'created' \
         OR (state = 'awaiting_approval' AND asked_at IS NULL))",
        &params![visitor, page_key, now, link.0, link.1],
    )?;
    Ok(changed == 1)
}

/// Takes the key of a page; false when it was used or is not the last one.
pub(crate) fn take_key(
    tx: &mut Tx<'_>,
    link: (MerchantId, RevealLinkId),
    key: [u8; 32],
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE vault_link SET page_key = NULL WHERE merchant_id = $1 AND id = $2 \
         AND page_key = $3 AND state IN ('opened', 'unlocked')",
        &params![link.0, link.1, key],
    )?;
    Ok(changed == 1)
}

/// Gives the page a new key.
pub(crate) fn put_key(
    tx: &mut Tx<'_>,
    link: (MerchantId, RevealLinkId),
    key: [u8; 32],
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_link SET page_key = $1 WHERE merchant_id = $2 AND id = $3 \
         AND state IN ('opened', 'unlocked')",
        &params![key, link.0, link.1],
    )?;
    Ok(())
}

/// Moves a link on; false when it is not where it was.
pub(crate) fn go(
    tx: &mut Tx<'_>,
    link: (MerchantId, RevealLinkId),
    (from, to): (LinkState, LinkState),
    now: Timestamp,
) -> Result<bool, DbError> {
    let unlocked = (to == LinkState::Unlocked).then_some(now);
    let changed = tx.exec(
        "UPDATE vault_link SET state = $1, unlocked_at = COALESCE($2, unlocked_at) \
         WHERE merchant_id = $3 AND id = $4 AND state = $5",
        &params![to.word(), unlocked, link.0, link.1, from.word()],
    )?;
    Ok(changed == 1)
}

/// When a viewer saw numbers since `since`: the newest first, at most `limit`.
pub(super) fn shown_to(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
    (since, limit): (Timestamp, u32),
) -> Result<Vec<Timestamp>, DbError> {
    let rows = tx.query(
        "SELECT unlocked_at FROM vault_link WHERE merchant_id = $1 AND viewer_id = $2 \
         AND unlocked_at > $3 ORDER BY unlocked_at DESC LIMIT $4",
        &params![viewer.0, viewer.1, since, limit],
    )?;
    rows.iter().map(|row| row.get("unlocked_at")).collect()
}

/// When a viewer last saw a number.
pub(crate) fn last_seen_by(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
) -> Result<Option<Timestamp>, DbError> {
    let row = tx.query_opt(
        "SELECT MAX(unlocked_at) AS last_at FROM vault_link \
         WHERE merchant_id = $1 AND viewer_id = $2",
        &params![viewer.0, viewer.1],
    )?;
    row.map_or(Ok(None), |row| row.get("last_at"))
}

/// When numbers of a shop were seen since `since`: the newest first, at most `limit`.
pub(super) fn shown_in(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    (since, limit): (Timestamp, u32),
) -> Result<Vec<Timestamp>, DbError> {
    let rows = tx.query(
        "SELECT unlocked_at FROM vault_link WHERE merchant_id = $1 AND shop_id = $2 \
         AND unlocked_at > $3 ORDER BY unlocked_at DESC LIMIT $4",
        &params![shop.0, shop.1, since, limit],
    )?;
    rows.iter().map(|row| row.get("unlocked_at")).collect()
}

/// Nobody sees a card of the shop.
#[derive(Debug, Clone)]
pub(crate) struct BlockRow {
    /// Nobody charges one, either.
    pub(crate) relay: bool,
    pub(crate) reason: String,
    pub(crate) set_by: String,
    pub(crate) set_at: Timestamp,
    /// The first who asked to lift it.
    pub(crate) lifted_by: Option<String>,
}

/// Whether a shop is shut.
pub(crate) fn block(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
) -> Result<Option<BlockRow>, DbError> {
    let row = tx.query_opt(
        "SELECT * FROM vault_block WHERE merchant_id = $1 AND shop_id = $2",
        &params![shop.0, shop.1],
    )?;
    let read = |row: Row| {
        Ok(BlockRow {
            relay: row.get("relay")?,
            reason: row.get("reason")?,
            set_by: row.get("set_by")?,
            set_at: row.get("set_at")?,
            lifted_by: row.get("lifted_by")?,
        })
    };
    row.map(read).transpose()
}

/// Shuts a shop, or notes who wants it lifted.
pub(crate) fn put_block(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    block: &BlockRow,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO vault_block (merchant_id, shop_id, relay, reason, set_by, set_at, lifted_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (shop_id, merchant_id) DO UPDATE SET \
         relay = excluded.relay, reason = excluded.reason, lifted_by = excluded.lifted_by",
        &params![
            shop.0,
            shop.1,
            block.relay,
            &block.reason,
            &block.set_by,
            block.set_at,
            block.lifted_by.as_ref(),
        ],
    )?;
    Ok(())
}

/// Opens a shop again.
pub(crate) fn lift_block(tx: &mut Tx<'_>, shop: (MerchantId, ShopId)) -> Result<(), DbError> {
    tx.exec(
        "DELETE FROM vault_block WHERE merchant_id = $1 AND shop_id = $2",
        &params![shop.0, shop.1],
    )?;
    Ok(())
}

/// Ends links that somebody may still use, also those that show a number.
const END: &str = "UPDATE vault_link SET state = CASE state WHEN 'unlocked' THEN 'closed' \
     ELSE 'cancelled' END, page_key = NULL WHERE merchant_id = $1 \
     AND state IN ('created', 'awaiting_approval', 'opened', 'unlocked')";

/// Ends all links of a shop; how many.
pub(crate) fn cancel_links(tx: &mut Tx<'_>, shop: (MerchantId, ShopId)) -> Result<u64, DbError> {
    tx.exec(&format!("{END} AND shop_id = $2"), &params![shop.0, shop.1])
}

/// Ends all links of a viewer.
pub(crate) fn cancel_links_of(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
) -> Result<(), DbError> {
    tx.exec(&format!("{END} AND viewer_id = $2"), &params![viewer.0, viewer.1]).map(drop)
}

fn read(row: &Row) -> Result<LinkRow, DbError> {
    let (state, request): (String, String) = (row.get("state")?, row.get("request")?);
    let (asked, asked_at): (Option<String>, Option<Timestamp>) =
        (row.get("asked")?, row.get("asked_at")?);
    let asking = asked.map(|json| serde_json::from_str(&json)).transpose();
    let asking: Option<Asking> = asking.map_err(|_| DbError::Corrupt("asked".into()))?;
    let known = LinkState::ALL.iter().find(|(_, word)| *word == state);
    Ok(LinkRow {
        merchant: row.get("merchant_id")?,
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        card: row.get("card")?,
        viewer: row.get("viewer_id")?,
        request: serde_json::from_str(&request).map_err(|_| DbError::Corrupt("link".into()))?,
        state: known.map(|(state, _)| *state).ok_or(DbError::Corrupt("state".into()))?,
        visitor: row.get("visitor")?,
        created_at: row.get("created_at")?,
        opened_at: row.get("opened_at")?,
        unlocked_at: row.get("unlocked_at")?,
        asked: asking.zip(asked_at),
        approved_at: row.get("approved_at")?,
    })
}
