//! Who holds a share of the root, and what each has signed.

use db::{Db, DbError};
use kernel::Timestamp;
use subtle::ConstantTimeEq;

use super::share::{self, Set};
use super::store;
use crate::keys::bytes::{KEY_BYTES, hex};
use crate::keys::{Key, Root};

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
    /// What the root must prove to be his; nothing in sets from before it was kept.
    pub(crate) verifier: Option<[u8; KEY_BYTES]>,
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

    /// Whether his share is one of this root, as far as his row can tell.
    pub(crate) fn is_of(&self, root: &Key) -> bool {
        self.set.check == share::key_check(root)
            && (self.verifier.is_none() || self.is_proved_by(root))
    }

    /// Whether his row proves that his share is one of this root: the check alone does not, since
    /// another root with the same one can be searched for.
    fn is_proved_by(&self, root: &Key) -> bool {
        let right = share::verifier(root);
        self.verifier.is_some_and(|known| known.as_slice().ct_eq(right.as_slice()).into())
    }
}

/// Whether it is the newest whole set that this root was brought together from. Shares of a ceremony
/// that was cut off, or of one before, do not count, nor do those without a verifier.
pub(super) async fn prove(db: &Db, set: &Set, root: &Root) -> Result<bool, DbError> {
    let Some(root) = root.bits() else { return Ok(false) };
    let present = present(db).await?;
    let proves = |one: &Custodian| one.set == *set && one.is_proved_by(root);
    Ok(!present.is_empty() && present.iter().all(proves))
}

/// The custodians of the newest set of which every share was taken.
pub(crate) async fn present(db: &Db) -> Result<Vec<Custodian>, DbError> {
    let all = db.read::<_, DbError, _>(store::all).await?;
    let of = |made| all.iter().filter(move |one: &&Custodian| one.made == made);
    let whole = |one: &&Custodian| of(one.made).count() == usize::from(one.set.all);
    let newest = all.iter().rev().find(whole).map(|one| one.made);
    Ok(newest.map(|made| of(made).cloned().collect()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::keys::bytes::tests::counting;

    use super::*;

    /// A custodian of shares of the root 00 01 … 1f, with this verifier.
    fn with(verifier: Option<[u8; KEY_BYTES]>) -> Custodian {
        Custodian {
            made: Timestamp::from_micros(1),
            index: 1,
            set: Set { check: share::key_check(&counting(0)), needed: 2, all: 3 },
            verifier,
            name: "Anne Martin".into(),
            text_hash: [0; 32],
            accepted: Timestamp::from_micros(2),
        }
    }

    #[test]
    fn v_126_a_check_of_four_bytes_proves_no_root() {
        let root = counting(0);
        let right = share::verifier(&root);
        assert!(!hex(&right).starts_with(&share::key_check(&root)), "it tells more than the check");
        let ours = with(Some(right));
        assert!(ours.is_of(&root) && ours.is_proved_by(&root));
        assert!(!ours.is_of(&counting(1)) && !ours.is_proved_by(&counting(1)));
        // Another root with the same check: as if the check of ours were found for it.
        let searched = with(Some(share::verifier(&counting(1))));
        assert!(!searched.is_of(&root) && !searched.is_proved_by(&root));
        let before = with(None);
        assert!(before.is_of(&root), "a set from before is known by its check");
        assert!(!before.is_proved_by(&root), "and opens no vault that has sealed nothing");
    }
}
