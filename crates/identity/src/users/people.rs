//! Managing people: adding one, changing his role, renewing his secrets, ending his access.
//!
//! Nobody changes himself here, so that no owner locks himself out, and nobody touches a person
//! who holds a right that he lacks himself.

use db::{DbError, Tx};
use kernel::{Email, Locale, Right, Scope, ShopId, Timestamp, UserId};

use super::model::{Assignment, Place, User};
use super::ops::{self, NewUser, UserError};
use super::store;
use crate::invitations::ops::{self as invitations, Fresh};
use crate::sessions;

/// A person with what he may do.
#[derive(Debug, Clone)]
pub struct Member {
    /// The person.
    pub user: User,
    /// His roles at the merchant.
    pub assignments: Vec<Assignment>,
    /// All rights they give.
    pub rights: Vec<Right>,
}

/// The people of the scope's merchant.
///
/// # Errors
/// [`DbError`].
pub fn members(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<Member>, DbError> {
    let users = store::of_merchant(tx, scope)?;
    users.into_iter().map(|user| member(tx, scope, user)).collect()
}

fn member(tx: &mut Tx<'_>, scope: &Scope, user: User) -> Result<Member, DbError> {
    let found = store::assignments(tx, scope.merchant(), user.id)?;
    let rights = ops::powers(&found, |_| true).rights;
    let assignments = found.into_iter().map(|(assignment, _)| assignment).collect();
    Ok(Member { user, assignments, rights })
}

/// Somebody who may sign in, with his roles at a merchant.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The person.
    pub user: User,
    roles: Vec<(Assignment, Vec<Right>)>,
}

impl Holder {
    /// Whether he has a right in a shop.
    #[must_use]
    pub fn may_in(&self, shop: ShopId, right: Right) -> bool {
        let covers = |assignment: &Assignment| match assignment.place {
            Place::Merchant => true,
            Place::Shop(id) => id == shop,
            Place::PointOfSale(_) => false,
        };
        ops::powers(&self.roles, covers).rights.contains(&right)
    }

    /// Whether he has a right anywhere at the merchant.
    #[must_use]
    pub fn may_somewhere(&self, right: Right) -> bool {
        ops::powers(&self.roles, |_| true).rights.contains(&right)
    }
}

/// Everybody who may sign in and has a role at the scope's merchant, by name.
///
/// # Errors
/// [`DbError`].
pub fn holders(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<Holder>, DbError> {
    let mut holders: Vec<Holder> = Vec::new();
    for (user, assignment, rights) in store::with_roles(tx, scope.merchant())? {
        match holders.last_mut().filter(|last| last.user.id == user.id) {
            Some(last) => last.roles.push((assignment, rights)),
            None => holders.push(Holder { user, roles: vec![(assignment, rights)] }),
        }
    }
    Ok(holders)
}

/// The people of the scope's merchant who may sign in and have a right in a shop.
///
/// # Errors
/// [`DbError`].
pub fn holding(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (right, shop): (Right, ShopId),
) -> Result<Vec<User>, DbError> {
    let holders = holders(tx, scope)?.into_iter();
    Ok(holders.filter(|one| one.may_in(shop, right)).map(|one| one.user).collect())
}

/// A person of the scope's merchant; somebody else's does not exist.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: UserId) -> Result<Option<Member>, DbError> {
    let user = store::find(tx, id)?.filter(|user| user.home == scope.merchant());
    user.map(|user| member(tx, scope, user)).transpose()
}

/// Why the person at the desk may not change this one; nothing when he may.
#[must_use]
pub fn obstacle(scope: &Scope, own: UserId, member: &Member) -> Option<&'static str> {
    if member.user.id == own {
        return Some("people-not-yourself");
    }
    let above = member.rights.iter().any(|right| !scope.may(*right));
    above.then_some("people-above-you")
}

/// Who is to be added.
#[derive(Debug, Clone)]
pub struct Invited {
    /// His id.
    pub id: UserId,
    /// How he signs in.
    pub email: Email,
    /// How others call him.
    pub name: String,
    /// Language of his pages.
    pub locale: Locale,
    /// His role.
    pub assignment: Assignment,
}

/// Adds a person who completes his secrets through a link.
///
/// # Errors
/// [`UserError`].
pub fn add(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (invited, fresh): (&Invited, &Fresh),
    now: Timestamp,
) -> Result<User, UserError> {
    let new = NewUser {
        id: invited.id,
        email: invited.email.clone(),
        name: invited.name.clone(),
        locale: invited.locale,
        password_hash: fresh.password_hash.clone(),
        code_seed: fresh.code_seed.clone(),
    };
    let user = ops::create(tx, scope, &new, now)?;
    ops::assign(tx, scope, user.id, &invited.assignment, now)?;
    invitations::invite(tx, scope, (user.id, &fresh.token), now)?;
    Ok(user)
}

/// Puts one role in the place of all that a person has.
///
/// # Errors
/// [`UserError`].
pub fn set_role(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (user, assignment): (UserId, &Assignment),
    now: Timestamp,
) -> Result<(), UserError> {
    store::unassign_all(tx, scope, user)?;
    ops::assign(tx, scope, user, assignment, now)
}

/// Ends what a person knows (password, code, sessions) and opens a link for new ones.
///
/// # Errors
/// [`UserError::UnknownUser`].
pub fn renew(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (user, fresh): (UserId, &Fresh),
    now: Timestamp,
) -> Result<(), UserError> {
    if !store::renew(tx, scope, user, (&fresh.password_hash, &fresh.code_seed))? {
        return Err(UserError::UnknownUser);
    }
    sessions::ops::close_all(tx, user, now)?;
    Ok(invitations::invite(tx, scope, (user, &fresh.token), now)?)
}
