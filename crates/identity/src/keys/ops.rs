//! What is done with keys: issue, rotate, revoke, check.

use std::net::IpAddr;

use db::{DbError, Tx};
use kernel::{ApiKeyId, Right, Scope, ShopId, Timestamp};

use super::model::{ApiKey, KeyText};
use super::network::Network;
use super::store;
use crate::{merchants, scope};

/// How long a rotated key goes on beside the new one.
pub const OVERLAP_HOURS: i64 = 24;
/// Most networks of one key.
pub const MAX_NETWORKS: usize = 32;

const MAX_NAME_CHARACTERS: usize = 120;

/// A key to issue.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Its text; only the hash is stored.
    pub text: KeyText,
    /// The shop it acts for.
    pub shop: ShopId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub rights: Vec<Right>,
    /// From where it works.
    pub networks: Vec<Network>,
}

/// Why a key was refused.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The shop is not of this merchant and mode.
    #[error("no such shop")]
    UnknownShop,
    /// No such key.
    #[error("no such key")]
    UnknownKey,
    /// The one who issues lacks a right that he would give.
    #[error("nobody grants a right he lacks: {}", .0.as_str())]
    AboveOwn(Right),
    /// A name is missing or too long, or the number of networks is wrong.
    #[error("this field cannot be taken: {0}")]
    Field(&'static str),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Issues a key for a shop of the scope.
///
/// # Errors
/// [`KeyError`].
pub fn issue(
    tx: &mut Tx<'_>,
    scope: &Scope,
    new: &NewKey,
    now: Timestamp,
) -> Result<ApiKey, KeyError> {
    let shop = merchants::store::shop(tx, scope, new.shop)?.ok_or(KeyError::UnknownShop)?;
    if let Some(right) = new.rights.iter().find(|right| !scope.may(**right)) {
        return Err(KeyError::AboveOwn(*right));
    }
    if !(1..=MAX_NAME_CHARACTERS).contains(&new.name.chars().count()) {
        return Err(KeyError::Field("name"));
    }
    if !(1..=MAX_NETWORKS).contains(&new.networks.len()) {
        return Err(KeyError::Field("networks"));
    }
    let key = ApiKey {
        id: new.id,
        merchant: scope.merchant(),
        shop: shop.id,
        mode: shop.mode,
        name: new.name.clone(),
        rights: new.rights.clone(),
        networks: new.networks.clone(),
        ends_at: None,
        used_at: None,
    };
    store::add(tx, &key, new.text.hash(), now)?;
    Ok(key)
}

/// Issues a key like an old one, which goes on for [`OVERLAP_HOURS`].
///
/// # Errors
/// [`KeyError::UnknownKey`] when the old one is not there or has ended.
pub fn rotate(
    tx: &mut Tx<'_>,
    scope: &Scope,
    old: ApiKeyId,
    (id, text): (ApiKeyId, KeyText),
    now: Timestamp,
) -> Result<ApiKey, KeyError> {
    let old =
        store::find(tx, scope, old)?.filter(|key| key.is_open(now)).ok_or(KeyError::UnknownKey)?;
    store::end(tx, scope, old.id, now.plus_minutes(OVERLAP_HOURS * 60))?;
    let ApiKey { shop, name, rights, networks, .. } = old;
    issue(tx, scope, &NewKey { id, text, shop, name, rights, networks }, now)
}

/// Ends a key at once.
///
/// # Errors
/// [`KeyError::UnknownKey`].
pub fn revoke(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<(), KeyError> {
    if store::end(tx, scope, id, now)? { Ok(()) } else { Err(KeyError::UnknownKey) }
}

/// Why a shown key does not let in.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Unknown, ended, or no key at all.
    #[error("no open key")]
    BadKey,
    /// It does not work from this address.
    #[error("the key does not work from this address")]
    Address,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Checks a key that a program showed.
///
/// # Errors
/// [`Refused`].
pub fn check(
    tx: &mut Tx<'_>,
    text: &KeyText,
    from: IpAddr,
    now: Timestamp,
) -> Result<(ApiKey, Scope), Refused> {
    let key =
        store::by_hash(tx, text.hash())?.filter(|key| key.is_open(now)).ok_or(Refused::BadKey)?;
    if !key.works_from(from) {
        return Err(Refused::Address);
    }
    let scope = scope::for_key(key.merchant, key.mode, key.id, key.rights.clone());
    Ok((key, scope))
}
