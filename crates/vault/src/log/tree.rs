//! The tree over the entries (RFC 6962), by the crate `ct-merkle`.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;

use crate::keys::bytes::{hex, sha256};

const HASH_BYTES: usize = 32;
const LEAF: u8 = 0;

/// A tree in memory.
pub(super) struct Tree(MemoryBackedTree<Sha256, String>);

impl Tree {
    /// The tree of these entries.
    pub(super) fn of(entries: impl IntoIterator<Item = String>) -> Self {
        let mut tree = MemoryBackedTree::new();
        entries.into_iter().for_each(|entry| tree.push(entry));
        Self(tree)
    }

    /// Adds an entry.
    pub(super) fn push(&mut self, entry: String) {
        self.0.push(entry);
    }

    /// How many entries there are.
    pub(super) fn size(&self) -> u64 {
        self.0.len()
    }

    /// Its root.
    pub(super) fn root(&self) -> Vec<u8> {
        self.0.root().as_bytes().to_vec()
    }

    /// The path from an entry to the root; nothing for a number that is not there.
    pub(super) fn inclusion(&self, seq: u64) -> Option<Vec<String>> {
        let index = usize::try_from(seq).ok().filter(|_| seq < self.size())?;
        Some(hashes(self.0.prove_inclusion(index).as_bytes()))
    }

    /// The proof that the first `old` entries are still what they were.
    pub(super) fn consistency(&self, old: u64) -> Option<Vec<String>> {
        let added = self.size().checked_sub(old).filter(|_| old > 0)?;
        if added == 0 {
            return Some(Vec::new());
        }
        let added = usize::try_from(added).ok()?;
        Some(hashes(self.0.prove_consistency(added).as_bytes()))
    }
}

/// Hash of an entry.
pub(super) fn leaf(entry: &str) -> String {
    hex(&sha256(&[&[LEAF], entry.as_bytes()].concat()))
}

fn hashes(bytes: &[u8]) -> Vec<String> {
    bytes.chunks_exact(HASH_BYTES).map(hex).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of_the_specification() -> Vec<String> {
        let entry = |at: &str, event: &str, seq: u32| {
            format!("{{\"at\":\"{at}\",\"card\":\"card_c\",\"event\":\"{event}\",\"seq\":{seq}}}")
        };
        vec![
            entry("2026-07-01T08:00:00.000Z", "card.stored", 0),
            entry("2026-07-01T08:05:00.000Z", "card.revealed", 1),
            entry("2026-07-01T08:05:00.001Z", "code.destroyed", 2),
        ]
    }

    #[test]
    fn ve_06_leaves_root_and_proofs_of_the_specification() {
        let entries = of_the_specification();
        let first = "2bf702d17e251afc6e776dcea86072db717aa531243655a81b305e3b23caac60";
        let second = "73d71657b70eaf6d164ff67bf145dd3a611914fb807057e9d9b7ffa0c66a3228";
        let third = "02c476da62dcb9ca6f67b0d4918b07a079cc7e674ebd8ffc7464b4f0a19d0d56";
        let leaves: Vec<String> = entries.iter().map(|entry| leaf(entry)).collect();
        assert_eq!(leaves, [first, second, third]);
        let tree = Tree::of(entries);
        let root = "32760a124a60c32c6a6fce76db7a531b4706965c31732c7ab3e827b1ac5a15b0";
        assert_eq!(hex(&tree.root()), root);
        assert_eq!(tree.inclusion(1).unwrap(), [first, third]);
        let pair = "a36c3df3e712e6b59920bb7d925392b15f6f55dc9628d436944929b269e32123";
        assert_eq!(tree.inclusion(2).unwrap(), [pair]);
        assert_eq!(tree.inclusion(3), None);
        assert_eq!(tree.consistency(0), None);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex(&Tree::of([]).root()), empty);
    }

    proptest! {
        #[test]
        fn v_147_every_proof_leads_to_the_root(size in 1_u64..40, seed in 0_u64..40) {
            use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
            let entries: Vec<String> = (0..size).map(|n| format!("entry {n}")).collect();
            let tree = Tree::of(entries.clone());
            let root = tree.0.root();
            let bytes = |path: Vec<String>| -> Vec<u8> {
                let unhex = |hash: &String| crate::keys::bytes::unhex::<32>(hash).unwrap().to_vec();
                path.iter().flat_map(unhex).collect()
            };
            let seq = seed % size;
            let path = bytes(tree.inclusion(seq).unwrap());
            let proof = InclusionProof::<Sha256>::try_from_bytes(path).unwrap();
            let entry = &entries[usize::try_from(seq).unwrap()];
            prop_assert!(root.verify_inclusion(entry, seq, &proof).is_ok());
            prop_assert!(root.verify_inclusion(&"forged", seq, &proof).is_err());
            let old_size = seq + 1;
            let old = Tree::of(entries[..usize::try_from(old_size).unwrap()].to_vec());
            let path = bytes(tree.consistency(old_size).unwrap());
            let old_root: RootHash<Sha256> = old.0.root();
            if old_size < size {
                let proof = ConsistencyProof::try_from_bytes(path).unwrap();
                prop_assert!(root.verify_consistency(&old_root, &proof).is_ok());
            }
        }
    }
}
