//! All SQL of viewers and enrolments.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{Id, Locale, MerchantId, ShopId, Timestamp, ViewerId};

use vault_wire::Owner;

use super::Guard;
use super::idle::idle_since;

/// A row of viewers.
#[derive(Debug, Clone)]
pub(crate) struct ViewerRow {
    pub(crate) merchant: MerchantId,
    pub(crate) id: ViewerId,
    pub(crate) shop: ShopId,
    pub(crate) user: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) phone: String,
    pub(crate) lang: Locale,
    pub(crate) avoid: Vec<String>,
    /// `invited`, `active`, `disabled` or `revoked`.
    pub(crate) state: String,
    /// Verifiers of the PIN and of those before it, newest first; empty before the first.
    pub(crate) verifiers: String,
    pub(crate) guard: Guard,
    /// Somebody vouches for him.
    pub(crate) confirmed: bool,
    /// No enrolment before this.
    pub(crate) enrol_after: Option<Timestamp>,
    /// His address or telephone is new: until then another person must agree to a new PIN.
    pub(crate) contact_held_until: Option<Timestamp>,
    /// The enrolment whose seed his authenticator has; nothing for who signs in at the app.
    pub(crate) factor_of: Option<Id>,
    /// Address and telephone that he had before.
    pub(crate) former: (String, String),
    /// When his PIN was last of use; nothing before it was counted.
    pub(crate) used_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
}

/// A row of enrolments.
#[derive(Debug, Clone)]
pub(crate) struct EnrolRow {
    pub(crate) merchant: MerchantId,
    pub(crate) id: Id,
    pub(crate) shop: ShopId,
    pub(crate) viewer: ViewerId,
    pub(crate) kind: EnrolKind,
    /// `open`, `code_ok`, `done` or `cancelled`.
    pub(crate) state: String,
    pub(crate) code_mac: [u8; 32],
    pub(crate) code_until: Timestamp,
    pub(crate) tries: u32,
    pub(crate) page_key: Option<[u8; 32]>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// Where its page leads back to.
    pub(crate) back: Option<String>,
    /// Who is told when a lost PIN is replaced.
    pub(crate) owners: Vec<Owner>,
}

impl ViewerRow {
    /// Whether his PIN was of no use for too long.
    pub(crate) fn is_idle(&self, now: Timestamp) -> bool {
        self.used_at.is_some_and(|at| at <= idle_since(now))
    }

    /// Whether he chose a PIN once, also while he chooses another or it is shut off.
    pub(super) fn has_pin(&self) -> bool {
        !self.verifiers.is_empty()
    }

    /// Until when a PIN waits because he is reached elsewhere since lately.
    pub(super) fn contact_held(&self, now: Timestamp) -> Option<Timestamp> {
        self.contact_held_until.filter(|until| now < *until)
    }

    /// Whether he does not sign in at the app: then his PIN alone is not enough.
    pub(crate) fn needs_factor(&self) -> bool {
        !self.user.starts_with("usr_")
    }
}

impl EnrolRow {
    /// One that has just begun, without a code.
    pub(crate) fn begun(
        viewer: &ViewerRow,
        (id, kind): (Id, EnrolKind),
        (now, minutes): (Timestamp, i64),
    ) -> Self {
        Self {
            merchant: viewer.merchant,
            id,
            shop: viewer.shop,
            viewer: viewer.id,
            kind,
            state: "open".into(),
            code_mac: [0; 32],
            code_until: now,
            tries: 0,
            page_key: None,
            created_at: now,
            expires_at: now.plus_minutes(minutes),
            back: None,
            owners: Vec::new(),
        }
    }
}

/// What an enrolment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EnrolKind {
    /// A PIN is chosen, after a code.
    New,
    /// A PIN is replaced by who knows it.
    Change,
    /// A PIN that was lost is replaced, after a code.
    Reset,
}

impl EnrolKind {
    const ALL: [(Self, &'static str); 3] =
        [(Self::New, "new"), (Self::Change, "change"), (Self::Reset, "reset")];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("new", |(_, word)| word)
    }
}

static LOCATE: Insert =
    Insert { table: "vault_locator", columns: &["hash", "merchant_id", "capture"] };

/// Makes something findable by the hash of a secret.
pub(crate) fn put_locator(
    tx: &mut Tx<'_>,
    hash: [u8; 32],
    owner: (MerchantId, Id),
) -> Result<(), DbError> {
    tx.insert(&LOCATE, params![hash, owner.0, owner.1])
}

/// What the hash of a secret leads to, by whatever kind of page asks.
pub(crate) fn locate(tx: &mut Tx<'_>, hash: [u8; 32]) -> Result<Option<(MerchantId, Id)>, DbError> {
    let row = tx.query_opt(
        "SELECT merchant_id, capture FROM vault_locator WHERE hash = $1",
        &params![hash],
    )?;
    row.map(|row| Ok((row.get("merchant_id")?, row.get("capture")?))).transpose()
}

/// The viewer of a user in a shop.
pub(crate) fn of_user(
    tx: &mut Tx<'_>,
    place: (MerchantId, ShopId),
    user: &str,
) -> Result<Option<ViewerRow>, DbError> {
    let row = tx.query_opt(
        "SELECT * FROM vault_viewer WHERE merchant_id = $1 AND shop_id = $2 AND user_ref = $3",
        &params![place.0, place.1, user],
    )?;
    row.map(|row| read_viewer(&row)).transpose()
}

/// A viewer.
pub(crate) fn viewer(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    id: ViewerId,
) -> Result<Option<ViewerRow>, DbError> {
    let row = tx.query_opt(
        "SELECT * FROM vault_viewer WHERE merchant_id = $1 AND id = $2",
        &params![merchant, id],
    )?;
    row.map(|row| read_viewer(&row)).transpose()
}

/// How many viewers of a shop have a PIN.
pub(crate) fn active(tx: &mut Tx<'_>, place: (MerchantId, ShopId)) -> Result<i64, DbError> {
    let rows = tx.query(
        "SELECT COUNT(*) AS active FROM vault_viewer \
         WHERE merchant_id = $1 AND shop_id = $2 AND state = 'active' \
         AND (confirmed = 1 OR user_ref LIKE 'usr%')",
        &params![place.0, place.1],
    )?;
    rows.first().map_or(Ok(0), |row| row.get("active"))
}

/// All viewers of a shop, oldest first.
pub(crate) fn of_shop(
    tx: &mut Tx<'_>,
    place: (MerchantId, ShopId),
) -> Result<Vec<ViewerRow>, DbError> {
    let rows = tx.query(
        "SELECT * FROM vault_viewer WHERE merchant_id = $1 AND shop_id = $2 \
         ORDER BY created_at, id LIMIT 200",
        &params![place.0, place.1],
    )?;
    rows.iter().map(read_viewer).collect()
}

/// Adds a viewer, or says anew where he is reached. Nothing else of one who is known changes, but
/// that without a PIN he is invited, and that somebody of a partner is vouched for anew when his
/// name, address or telephone is another.
pub(crate) fn invite(tx: &mut Tx<'_>, viewer: &ViewerRow) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO vault_viewer (merchant_id, id, shop_id, user_ref, name, email, phone, lang, \
         avoid, state, verifiers, tries, blocked, created_at, confirmed, contact_held_until, \
         former_email, former_phone) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'invited', '', 0, \
         0, $10, 0, $11, $12, $13) ON CONFLICT (id, merchant_id) DO UPDATE SET \
         name = excluded.name, email = excluded.email, phone = excluded.phone, \
         lang = excluded.lang, avoid = excluded.avoid, \
         contact_held_until = excluded.contact_held_until, \
         former_email = excluded.former_email, former_phone = excluded.former_phone, \
         confirmed = CASE WHEN vault_viewer.user_ref LIKE 'usr%' \
         OR (vault_viewer.name = excluded.name AND vault_viewer.email = excluded.email \
         AND vault_viewer.phone = excluded.phone) THEN vault_viewer.confirmed ELSE 0 END, \
         state = CASE WHEN vault_viewer.state = 'active' THEN 'active' ELSE 'invited' END",
        &params![
            viewer.merchant,
            viewer.id,
            viewer.shop,
            &viewer.user,
            &viewer.name,
            &viewer.email,
            &viewer.phone,
            viewer.lang.code(),
            viewer.avoid.join("\n"),
            viewer.created_at,
            viewer.contact_held_until,
            &viewer.former.0,
            &viewer.former.1,
        ],
    )?;
    Ok(())
}

/// A PIN is his from now on, and nothing is counted against it.
pub(crate) fn set_pin(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
    (verifiers, now): (&str, Timestamp),
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_viewer SET state = 'active', verifiers = $1, tries = 0, \
         locked_until = NULL, locked_at = NULL, blocked = 0, used_at = $2 \
         WHERE merchant_id = $3 AND id = $4",
        &params![verifiers, now, viewer.0, viewer.1],
    )?;
    Ok(())
}

/// His authenticator has the seed of this enrolment from now on.
pub(crate) fn set_factor(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
    (enrolment, step): (Id, i64),
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_viewer SET factor_of = $1, factor_step = $2 \
         WHERE merchant_id = $3 AND id = $4",
        &params![enrolment, step, viewer.0, viewer.1],
    )?;
    Ok(())
}

/// Uses a step of his codes; false when it, or a later one, was used.
pub(crate) fn use_step(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
    step: i64,
) -> Result<bool, DbError> {
    let used = tx.exec(
        "UPDATE vault_viewer SET factor_step = $1 WHERE merchant_id = $2 AND id = $3 \
         AND factor_step < $1",
        &params![step, viewer.0, viewer.1],
    )?;
    Ok(used == 1)
}

/// No enrolment before then.
pub(crate) fn hold_enrolments(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
    until: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_viewer SET enrol_after = $1 WHERE merchant_id = $2 AND id = $3",
        &params![until, viewer.0, viewer.1],
    )?;
    Ok(())
}

/// His right is taken away, and his PIN forgotten.
pub(crate) fn revoke(tx: &mut Tx<'_>, viewer: (MerchantId, ViewerId)) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_viewer SET state = 'revoked', verifiers = '', confirmed = 0 \
         WHERE merchant_id = $1 AND id = $2",
        &params![viewer.0, viewer.1],
    )?;
    Ok(())
}

/// Somebody vouches for a viewer.
pub(crate) fn confirm(tx: &mut Tx<'_>, viewer: (MerchantId, ViewerId)) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_viewer SET confirmed = 1 WHERE merchant_id = $1 AND id = $2",
        &params![viewer.0, viewer.1],
    )?;
    Ok(())
}

/// Writes where the counting of tries stands.
pub(crate) fn set_guard(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
    guard: Guard,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_viewer SET tries = $1, locked_until = $2, locked_at = $3, blocked = $4 \
         WHERE merchant_id = $5 AND id = $6",
        &params![
            guard.tries,
            guard.locked_until,
            guard.locked_at,
            guard.blocked,
            viewer.0,
            viewer.1,
        ],
    )?;
    Ok(())
}

pub(super) fn read_viewer(row: &Row) -> Result<ViewerRow, DbError> {
    let (lang, avoid): (String, String) = (row.get("lang")?, row.get("avoid")?);
    Ok(ViewerRow {
        merchant: row.get("merchant_id")?,
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        user: row.get("user_ref")?,
        name: row.get("name")?,
        email: row.get("email")?,
        phone: row.get("phone")?,
        lang: Locale::parse(&lang).unwrap_or(Locale::Fr),
        avoid: avoid.lines().map(str::to_owned).collect(),
        state: row.get("state")?,
        verifiers: row.get("verifiers")?,
        guard: Guard {
            tries: row.get("tries")?,
            locked_until: row.get("locked_until")?,
            locked_at: row.get("locked_at")?,
            blocked: row.get("blocked")?,
        },
        confirmed: row.get("confirmed")?,
        enrol_after: row.get("enrol_after")?,
        contact_held_until: row.get("contact_held_until")?,
        factor_of: row.get("factor_of")?,
        former: (row.get("former_email")?, row.get("former_phone")?),
        used_at: row.get("used_at")?,
        created_at: row.get("created_at")?,
    })
}

/// The newest enrolments of a viewer, newest first.
pub(crate) fn enrolments(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
    since: Timestamp,
) -> Result<Vec<EnrolRow>, DbError> {
    let rows = tx.query(
        "SELECT * FROM vault_enrolment WHERE merchant_id = $1 AND viewer_id = $2 \
         AND created_at > $3 ORDER BY created_at DESC LIMIT 50",
        &params![viewer.0, viewer.1, since],
    )?;
    rows.iter().map(read_enrolment).collect()
}

/// An enrolment.
pub(crate) fn enrolment(
    tx: &mut Tx<'_>,
    owner: (MerchantId, Id),
) -> Result<Option<EnrolRow>, DbError> {
    let row = tx.query_opt(
        "SELECT * FROM vault_enrolment WHERE merchant_id = $1 AND id = $2",
        &params![owner.0, owner.1],
    )?;
    row.map(|row| read_enrolment(&row)).transpose()
}

/// Ends what is still open of a viewer's enrolments: the newest one alone counts.
pub(crate) fn end_enrolments(
    tx: &mut Tx<'_>,
    viewer: (MerchantId, ViewerId),
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_enrolment SET state = 'cancelled', page_key = NULL, owners = '[]' \
         WHERE merchant_id = $1 AND viewer_id = $2 AND state IN ('open', 'code_ok')",
        &params![viewer.0, viewer.1],
    )?;
    Ok(())
}

/// The page on which a PIN is chosen is shown, under a key; false when the enrolment is over.
pub(crate) fn open_page(tx: &mut Tx<'_>, enrol: &EnrolRow) -> Result<bool, DbError> {
    let opened = tx.exec(
        "UPDATE vault_enrolment SET state = 'code_ok', page_key = $1 \
         WHERE merchant_id = $2 AND id = $3 AND state IN ('open', 'code_ok')",
        &params![enrol.page_key, enrol.merchant, enrol.id],
    )?;
    Ok(opened > 0)
}

/// The page of that key has served; false when it has already, or another was shown since.
pub(crate) fn take_page(tx: &mut Tx<'_>, enrol: &EnrolRow) -> Result<bool, DbError> {
    let taken = tx.exec(
        "UPDATE vault_enrolment SET state = 'done', page_key = NULL, owners = '[]' \
         WHERE merchant_id = $1 AND id = $2 AND state = 'code_ok' AND page_key = $3",
        &params![enrol.merchant, enrol.id, enrol.page_key],
    )?;
    Ok(taken > 0)
}

/// Adds an enrolment, or notes a counted code.
pub(crate) fn put_enrolment(tx: &mut Tx<'_>, enrol: &EnrolRow) -> Result<(), DbError> {
    let owners =
        serde_json::to_string(&enrol.owners).map_err(|_| DbError::Corrupt("owners".into()))?;
    tx.exec(
        "INSERT INTO vault_enrolment (merchant_id, id, shop_id, viewer_id, state, code_mac, \
         code_until, tries, page_key, created_at, expires_at, kind, back, owners) VALUES ($1, \
         $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (id, merchant_id) DO UPDATE SET state = excluded.state, tries = excluded.tries, page_key = excluded.page_key",
        &params![
            enrol.merchant,
            enrol.id,
            enrol.shop,
            enrol.viewer,
            &enrol.state,
            enrol.code_mac,
            enrol.code_until,
            enrol.tries,
            enrol.page_key,
            enrol.created_at,
            enrol.expires_at,
            enrol.kind.word(),
            enrol.back.as_ref(),
            owners,
        ],
    )?;
    Ok(())
}

fn read_enrolment(row: &Row) -> Result<EnrolRow, DbError> {
    let (kind, owners): (String, String) = (row.get("kind")?, row.get("owners")?);
    let kind = EnrolKind::ALL.iter().find(|(_, word)| *word == kind);
    Ok(EnrolRow {
        kind: kind.map(|(kind, _)| *kind).ok_or(DbError::Corrupt("kind".into()))?,
        merchant: row.get("merchant_id")?,
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        viewer: row.get("viewer_id")?,
        state: row.get("state")?,
        code_mac: row.get("code_mac")?,
        code_until: row.get("code_until")?,
        tries: row.get("tries")?,
        page_key: row.get("page_key")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        back: row.get("back")?,
        owners: serde_json::from_str(&owners).map_err(|_| DbError::Corrupt("owners".into()))?,
    })
}
