//! What is done with staff: create, give and take roles, disable.

use db::{DbError, Tx};
use kernel::{Email, Locale, MerchantId, Right, Scope, Timestamp, UserId};

use super::model::{Assignment, Place, Powers, RIGHTS_WITH_CEILING, User};
use super::store::{self, Credentials};
use crate::merchants::Shop;

/// A person to add, his secrets already hashed and sealed (outside the transaction: hashing a
/// password takes long).
#[derive(Debug, Clone)]
pub struct NewUser {
    /// His id.
    pub id: UserId,
    /// How he signs in.
    pub email: Email,
    /// How others call him.
    pub name: String,
    /// Language of his pages.
    pub locale: Locale,
    /// From [`super::password::hash`].
    pub password_hash: String,
    /// From [`crate::secrets::AppKeys::seal`] with the id's bytes as owner.
    pub code_seed: Vec<u8>,
}

/// Why a change of staff was refused.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The address has an account.
    #[error("this e-mail address has an account already")]
    EmailTaken,
    /// No such user, or not of this merchant.
    #[error("no such user")]
    UnknownUser,
    /// The merchant has no role of this name.
    #[error("no such role")]
    UnknownRole,
    /// The one who grants lacks a right that he would give.
    #[error("nobody grants a right he lacks: {}", .0.as_str())]
    AboveOwn(Right),
    /// This right carries no ceiling.
    #[error("this right carries no ceiling: {}", .0.as_str())]
    NoCeiling(Right),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Adds a user whose home is the scope's merchant.
///
/// # Errors
/// [`UserError::EmailTaken`].
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    new: &NewUser,
    now: Timestamp,
) -> Result<User, UserError> {
    if store::credentials(tx, new.email.as_str())?.is_some() {
        return Err(UserError::EmailTaken);
    }
    let user = User {
        id: new.id,
        email: new.email.clone(),
        name: new.name.clone(),
        locale: new.locale,
        home: scope.merchant(),
        disabled_at: None,
    };
    let credentials = Credentials {
        user: user.clone(),
        password_hash: new.password_hash.clone(),
        code_seed: new.code_seed.clone(),
    };
    store::add(tx, &credentials, now)?;
    Ok(user)
}

/// Gives a role at a place. The one who grants holds each right of it himself.
///
/// # Errors
/// [`UserError`]: unknown user or role, a right above his own, a ceiling where none can be.
pub fn assign(
    tx: &mut Tx<'_>,
    scope: &Scope,
    user: UserId,
    assignment: &Assignment,
    now: Timestamp,
) -> Result<(), UserError> {
    store::find(tx, user)?.ok_or(UserError::UnknownUser)?;
    let rights =
        store::role(tx, scope.merchant(), &assignment.role)?.ok_or(UserError::UnknownRole)?;
    let above = rights.iter().chain(&assignment.extra).find(|right| !scope.may(**right));
    if let Some(right) = above {
        return Err(UserError::AboveOwn(*right));
    }
    let odd = assignment.ceilings.iter().find(|(of, _)| !RIGHTS_WITH_CEILING.contains(of));
    if let Some((right, _)) = odd {
        return Err(UserError::NoCeiling(*right));
    }
    Ok(store::assign(tx, scope, user, assignment, now)?)
}

/// Takes a role away; acts at the user's next request.
///
/// # Errors
/// [`UserError::UnknownRole`] when he did not have it.
pub fn unassign(tx: &mut Tx<'_>, scope: &Scope, user: UserId, role: &str) -> Result<(), UserError> {
    if store::unassign(tx, scope, user, role)? { Ok(()) } else { Err(UserError::UnknownRole) }
}

/// Ends a user's access at his next request; what he did stays.
///
/// # Errors
/// [`UserError::UnknownUser`].
pub fn disable(
    tx: &mut Tx<'_>,
    scope: &Scope,
    user: UserId,
    now: Timestamp,
) -> Result<(), UserError> {
    if store::disable(tx, scope, user, now)? { Ok(()) } else { Err(UserError::UnknownUser) }
}

/// What a person may do at all of a merchant's shops of a mode: by roles given for the merchant, or
/// for the only shop there is.
///
/// # Errors
/// [`DbError`].
pub fn powers_at(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    (user, shops): (UserId, &[Shop]),
) -> Result<Powers, DbError> {
    let assignments = store::assignments(tx, merchant, user)?;
    Ok(powers(&assignments, |assignment| match assignment.place {
        Place::Merchant => true,
        Place::Shop(id) => matches!(shops, [only] if only.id == id),
        Place::PointOfSale(_) => false,
    }))
}

/// Lays together the assignments that count at every place of a kind: `covers` says which.
#[must_use]
pub fn powers(
    assignments: &[(Assignment, Vec<Right>)],
    covers: impl Fn(&Assignment) -> bool,
) -> Powers {
    let mut powers = Powers::default();
    for (assignment, rights) in assignments.iter().filter(|(assignment, _)| covers(assignment)) {
        powers.add(assignment, rights);
    }
    powers
}
