//! Signing in step by step, and who is behind a cookie.

use db::{DbError, Tx};
use kernel::{AuditId, Mode, Scope, Timestamp, UserId};

use super::model::{Attempts, Life, MAX_FAILURES, MAX_FAILURES_OF_ADDRESS, Session, TOTAL_HOURS};
use super::store;
use crate::audit::{self, Line, Origin};
use crate::merchants::{self, Merchant};
use crate::users::model::Powers;
use crate::users::store::Credentials;
use crate::users::{self, User};
use crate::{scope, secrets};

/// Why someone was not let in. What exactly was wrong is not said.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Address, password or code.
    #[error("e-mail address, password or code is wrong")]
    Wrong,
    /// Too many tries.
    #[error("paused until {until}")]
    Paused {
        /// When the next try is looked at.
        until: Timestamp,
    },
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// First step: counts the try, then gives what it must be compared with, if there is anything.
///
/// # Errors
/// [`SignInError::Paused`]: nothing was compared and nothing counted.
pub fn begin(
    tx: &mut Tx<'_>,
    email: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<Option<Credentials>, SignInError> {
    let subjects = [(account(email), MAX_FAILURES), (address(origin), MAX_FAILURES_OF_ADDRESS)];
    let mut counted = Vec::with_capacity(subjects.len());
    for (subject, most) in subjects {
        let attempts = store::attempts(tx, subject)?;
        let next = attempts.count(most, now).map_err(|until| SignInError::Paused { until })?;
        counted.push((subject, next));
    }
    for (subject, attempts) in counted {
        store::set_attempts(tx, subject, attempts)?;
    }
    Ok(users::store::credentials(tx, email)?)
}

/// Ids and hashes for a new session, made outside the transaction.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// SHA-256 of the cookie.
    pub id_hash: [u8; 32],
    /// For the line of the journal.
    pub audit: AuditId,
    /// From where.
    pub origin: Origin,
}

/// Last step after password and code were right: uses the code's step up and opens a session.
/// A step that was used opens nothing, unless the same rendered form used it: then its session
/// is the answer again. The try is given back all the same, since it guessed nothing.
///
/// # Errors
/// [`SignInError::Wrong`] when the user is disabled.
pub fn complete(
    tx: &mut Tx<'_>,
    user: UserId,
    step: i64,
    new: &NewSession,
    now: Timestamp,
) -> Result<Option<Session>, SignInError> {
    let user = open_account(tx, user)?;
    let is_fresh = users::store::use_step(tx, user.id, step)?;
    let of_account = account(user.email.as_str());
    let attempts = store::attempts(tx, of_account)?;
    let left = if is_fresh { Attempts::NONE } else { attempts.give_back() };
    store::set_attempts(tx, of_account, left)?;
    let of_address = address(&new.origin);
    let attempts = store::attempts(tx, of_address)?;
    store::set_attempts(tx, of_address, attempts.give_back())?;
    if is_fresh {
        return open(tx, &user, new, now).map(Some);
    }
    let same = store::find(tx, new.id_hash)?;
    Ok(same.filter(|session| session.user == user.id && session.life(now) == Life::Open))
}

/// Opens a session without password or code: for the demo, where everyone may be everyone.
///
/// # Errors
/// [`SignInError::Wrong`] when there is no such user or he is disabled.
pub fn open_in_demo(
    tx: &mut Tx<'_>,
    email: &str,
    new: &NewSession,
    now: Timestamp,
) -> Result<Session, SignInError> {
    let found = users::store::credentials(tx, email)?.ok_or(SignInError::Wrong)?;
    let user = open_account(tx, found.user.id)?;
    open(tx, &user, new, now)
}

/// Writes a refused try into the journal of the account it was aimed at.
///
/// # Errors
/// [`DbError`].
pub fn note_refusal(
    tx: &mut Tx<'_>,
    user: &User,
    origin: &Origin,
    now: Timestamp,
    id: AuditId,
) -> Result<(), DbError> {
    let scope = scope::for_staff(user.home, mode_of(tx, user)?, user.id, Vec::new());
    audit::record(tx, &scope, &Line::new("session.refused", user.id, origin), now, id)
}

/// Ends a session by hand.
///
/// # Errors
/// [`DbError`].
pub fn close(
    tx: &mut Tx<'_>,
    id_hash: [u8; 32],
    origin: &Origin,
    now: Timestamp,
    id: AuditId,
) -> Result<(), DbError> {
    let Some(session) = store::find(tx, id_hash)? else { return Ok(()) };
    if store::end(tx, id_hash, now)? {
        let scope = scope::for_staff(session.merchant, session.mode, session.user, Vec::new());
        audit::record(tx, &scope, &Line::new("session.ended", session.user, origin), now, id)?;
    }
    Ok(())
}

/// Turns a session to the merchant's shops of another mode; false when he has none.
///
/// # Errors
/// [`DbError`].
pub fn turn_to(
    tx: &mut Tx<'_>,
    session: &Session,
    mode: Mode,
    origin: &Origin,
    (now, id): (Timestamp, AuditId),
) -> Result<bool, DbError> {
    let scope = scope::for_staff(session.merchant, mode, session.user, Vec::new());
    if session.mode == mode || !merchants::store::modes(tx, &scope)?.contains(&mode) {
        return Ok(false);
    }
    store::set_mode(tx, session.id_hash, mode)?;
    audit::record(tx, &scope, &Line::new("session.turned", session.user, origin), now, id)?;
    Ok(true)
}

/// Ends all sessions of a user, for a reset of his secrets.
///
/// # Errors
/// [`DbError`].
pub fn close_all(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<u64, DbError> {
    store::end_all(tx, user, now)
}

/// Removes what can no longer let anyone in; run now and then.
///
/// # Errors
/// [`DbError`].
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, DbError> {
    store::remove_forgotten(tx, now)?;
    store::remove_older(tx, now.plus_minutes(-TOTAL_HOURS * 60))
}

/// Who is behind a cookie now, with his rights as they are now.
#[derive(Debug, Clone)]
pub struct Current {
    /// The session.
    pub session: Session,
    /// The person.
    pub user: User,
    /// Whose pages he sees.
    pub merchant: Merchant,
    /// His roles, rights and ceilings.
    pub powers: Powers,
    /// The proof for every store function.
    pub scope: Scope,
    /// The merchant's logo.
    pub logo: Option<http::page::Logo>,
    /// How many tasks wait that he may see.
    pub tasks: i64,
    /// The mode of the merchant's other shops, when he has such.
    pub twin: Option<Mode>,
}

/// Looks a cookie up; nothing when it lets nobody in.
///
/// # Errors
/// [`DbError`].
pub fn current(
    tx: &mut Tx<'_>,
    id_hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<Current>, DbError> {
    let Some(session) = store::find(tx, id_hash)?.filter(|s| s.life(now) == Life::Open) else {
        return Ok(None);
    };
    let user = users::store::find(tx, session.user)?.filter(|user| user.disabled_at.is_none());
    let plain = scope::for_staff(session.merchant, session.mode, session.user, Vec::new());
    let merchant = merchants::store::merchant(tx, &plain)?;
    let Some((user, merchant)) = user.zip(merchant) else { return Ok(None) };
    let shops = merchants::store::shops(tx, &plain)?;
    let powers = users::ops::powers_at(tx, session.merchant, (session.user, &shops))?;
    let scope =
        scope::for_staff(session.merchant, session.mode, session.user, powers.rights.clone());
    let logo = shops.first().and_then(|shop| merchant.look(shop.id).logo);
    let sight = crate::tasks::Sight::of(&scope, &powers);
    let tasks = web::tasks::open_count(tx, &scope, sight.kinds())?;
    let modes = merchants::store::modes(tx, &scope)?;
    let twin = modes.into_iter().find(|mode| *mode != scope.mode());
    Ok(Some(Current { session, user, merchant, powers, scope, logo, tasks, twin }))
}

fn open_account(tx: &mut Tx<'_>, user: UserId) -> Result<User, SignInError> {
    let user = users::store::find(tx, user)?;
    user.filter(|user| user.disabled_at.is_none()).ok_or(SignInError::Wrong)
}

fn open(
    tx: &mut Tx<'_>,
    user: &User,
    new: &NewSession,
    now: Timestamp,
) -> Result<Session, SignInError> {
    let session = Session {
        id_hash: new.id_hash,
        merchant: user.home,
        mode: mode_of(tx, user)?,
        user: user.id,
        began_at: now,
        seen_at: now,
        ended_at: None,
    };
    store::add(tx, &session, &new.origin)?;
    let scope = scope::for_staff(session.merchant, session.mode, user.id, Vec::new());
    let line = Line::new("session.started", user.id, &new.origin);
    audit::record(tx, &scope, &line, now, new.audit)?;
    Ok(session)
}

/// Live when a live shop of the home merchant is open, or there is no test shop to begin with.
fn mode_of(tx: &mut Tx<'_>, user: &User) -> Result<Mode, DbError> {
    let live = scope::for_staff(user.home, Mode::Live, user.id, Vec::new());
    let sells = merchants::store::shops(tx, &live)?.iter().any(merchants::Shop::is_open);
    let has_test = merchants::store::modes(tx, &live)?.contains(&Mode::Test);
    Ok(if sells || !has_test { Mode::Live } else { Mode::Test })
}

fn account(email: &str) -> [u8; 32] {
    secrets::hash(&format!("account:{}", email.trim().to_lowercase()))
}

fn address(origin: &Origin) -> [u8; 32] {
    secrets::hash(&format!("address:{}", origin.address))
}
