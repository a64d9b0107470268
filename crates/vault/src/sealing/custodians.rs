//! Who holds a share of the root, and what each has signed.

use db::{Db, DbError};
use kernel::Timestamp;

use super::share::Set;
use super::store;
use crate::keys::bytes::hex;

/// Signs of a text's hash that tell it from others.
const HASH_SIGNS: usize = 16;

/// A custodian of a share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Custodian {
    /// When his set was made.
    pub(crate) made: Timestamp,
    /// Which share he has.
    pub(crate) index: u8,
    /// Of which set.
    pub(crate) set: Set,
    /// His name.
    pub(crate) name: String,
    /// SHA-256 of the text that he accepted.
    pub(crate) text_hash: [u8; 32],
    /// When he did.
    pub(crate) accepted: Timestamp,
}

impl Custodian {
    /// In words, for the inventory.
    pub(crate) fn told(&self) -> String {
        let Self { index, set: Set { needed, all, .. }, name, accepted, .. } = self;
        let hash: String = hex(&self.text_hash).chars().take(HASH_SIGNS).collect();
        format!(
            "{name}: share {index} of {all}, {needed} open the vault; accepted {accepted}, text \
             {hash}"
        )
    }
}

/// Whether custodians have taken shares of this set.
pub(super) async fn are_known(db: &Db, set: &Set) -> Result<bool, DbError> {
    let all = db.read::<_, DbError, _>(store::all).await?;
    Ok(all.iter().any(|custodian| custodian.set == *set))
}

/// The custodians of the newest set of which every share was taken.
pub(crate) async fn present(db: &Db) -> Result<Vec<Custodian>, DbError> {
    let all = db.read::<_, DbError, _>(store::all).await?;
    let of = |made| all.iter().filter(move |one: &&Custodian| one.made == made);
    let whole = |one: &&Custodian| of(one.made).count() == usize::from(one.set.all);
    let newest = all.iter().rev().find(whole).map(|one| one.made);
    Ok(newest.map(|made| of(made).cloned().collect()).unwrap_or_default())
}
