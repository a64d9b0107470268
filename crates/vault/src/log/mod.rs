//! The transparency log: who did what with which card, in a tree from which nothing can be taken.
//!
//! Each merchant has one append-only Merkle tree (RFC 6962). An entry is canonical JSON: number,
//! time, event, card, actor, and a commitment to its details. The details (names, addresses,
//! amounts) stand beside it with the salt of the commitment, so that they can be erased later
//! without breaking the tree. An entry is appended in the same commit as what it tells.
//!
//! Heads are signed notes (C2SP `tlog-checkpoint`) of the vault's Ed25519 key; inclusion and
//! consistency proofs lead to them. Receipts ([`receipt`]) are signed by the same key.
//!
//! Limits: proofs rebuild the tree from the entries; about a million of them take seconds.

mod entry;
pub(crate) mod ops;
pub(crate) mod receipt;
pub(crate) mod signer;
pub(crate) mod store;
mod tree;

use kernel::{Id, MerchantId, ShopId};

use crate::partner::NOBODY;

pub(crate) use entry::{Line, SALT_BYTES, append, refused};
pub(crate) use receipt::{
    Destroyed, LEVEL, LEVEL_WITHOUT_EPOCH, epoch_key, is_signed as receipt_is_signed,
    write as write_receipt,
};
pub(crate) use signer::{Signer, check_head, host_of};

/// Size and root of the tree over some entries.
pub(crate) fn root_of(entries: impl IntoIterator<Item = String>) -> (u64, Vec<u8>) {
    let tree = tree::Tree::of(entries);
    (tree.size(), tree.root())
}

/// The place of the installation's own log.
pub(crate) fn installation() -> (MerchantId, ShopId) {
    let nobody = Id::from_bytes(NOBODY);
    (nobody.into(), nobody.into())
}
