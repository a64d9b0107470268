//! Making a link, and accepting it.

use db::{DbError, Tx};
use kernel::{AuditId, Mode, Rng, Scope, Timestamp, UserId};

use super::store;
use crate::audit::{self, Line, Origin};
use crate::secrets::{self, AppKeys};
use crate::users::store::Credentials;
use crate::users::{password, time_code};
use crate::{scope, sessions, users};

/// How long a link works.
pub const VALID_DAYS: i64 = 7;
const MINUTES_PER_DAY: i64 = 24 * 60;
/// Bytes of a password that nobody knows.
const UNKNOWN_PASSWORD_BYTES: usize = 32;

/// New secrets of a user, which only a link lets him complete.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// The text of the link's address.
    pub token: String,
    /// Hash of a password that nobody knows.
    pub password_hash: String,
    /// A new seed, sealed for the user.
    pub code_seed: Vec<u8>,
}

/// Why secrets could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("secrets could not be made")]
pub struct NotMade;

impl Fresh {
    /// Makes them; takes as long as hashing a password does.
    ///
    /// # Errors
    /// [`NotMade`].
    pub fn new(keys: &AppKeys, user: UserId, rng: &dyn Rng) -> Result<Self, NotMade> {
        let mut unknown = [0; UNKNOWN_PASSWORD_BYTES];
        rng.fill(&mut unknown);
        let unknown: String = unknown.iter().map(|byte| format!("{byte:02x}")).collect();
        let seed = time_code::new_seed(rng);
        Ok(Self {
            token: secrets::random_token(rng),
            password_hash: password::hash(keys, &unknown, rng).map_err(|_| NotMade)?,
            code_seed: keys.seal(user.as_bytes(), &seed, rng).map_err(|_| NotMade)?,
        })
    }
}

/// Opens a link for a user of the scope's merchant whose secrets are the fresh ones; older links
/// end.
///
/// # Errors
/// [`DbError`].
pub fn invite(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (user, token): (UserId, &str),
    now: Timestamp,
) -> Result<(), DbError> {
    store::end_all(tx, scope, user)?;
    let expires_at = now.plus_minutes(VALID_DAYS * MINUTES_PER_DAY);
    store::add(tx, scope, (secrets::hash(token), user), expires_at)
}

/// Whose open link this is, with what he must complete.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx<'_>, token: &str, now: Timestamp) -> Result<Option<Credentials>, DbError> {
    let Some((_, user)) = store::find(tx, secrets::hash(token), now)? else { return Ok(None) };
    let user = users::store::find(tx, user)?.filter(|user| user.disabled_at.is_none());
    match user {
        None => Ok(None),
        Some(user) => users::store::credentials(tx, user.email.as_str()),
    }
}

/// Sets the chosen password, uses the shown code's step up, ends the other sessions. False when
/// the link or the step was used meanwhile.
///
/// # Errors
/// [`DbError`].
pub fn accept(
    tx: &mut Tx<'_>,
    (token, password_hash, step): (&str, &str, i64),
    origin: &Origin,
    (now, id): (Timestamp, AuditId),
) -> Result<bool, DbError> {
    let hash = secrets::hash(token);
    let Some((merchant, user)) = store::find(tx, hash, now)? else { return Ok(false) };
    if !users::store::use_step(tx, user, step)? || !store::take(tx, (hash, merchant), now)? {
        return Ok(false);
    }
    users::store::set_password(tx, user, password_hash)?;
    sessions::ops::close_all(tx, user, now)?;
    for mode in [Mode::Live, Mode::Test] {
        let scope = scope::for_staff(merchant, mode, user, Vec::new());
        if !crate::merchants::store::shops(tx, &scope)?.is_empty() {
            let line = Line::new("user.joined", user, origin);
            return audit::record(tx, &scope, &line, now, id).map(|()| true);
        }
    }
    Ok(true)
}
