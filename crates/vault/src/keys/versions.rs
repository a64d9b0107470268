//! A key that changes: the newest version seals, older ones open until nothing is sealed under them.

use std::sync::{Arc, PoisonError, RwLock};

use super::{Corrupt, Key};

/// One version.
pub(crate) struct Version {
    /// Counts the changes of the key.
    pub(crate) number: u32,
    /// Its bits.
    pub(crate) key: Key,
}

/// All versions that are held, the newest last; there is always one.
pub(crate) struct Versions(RwLock<Vec<Arc<Version>>>);

impl Versions {
    /// From versions in the order of their numbers.
    pub(crate) fn new(versions: Vec<Version>) -> Self {
        Self(RwLock::new(versions.into_iter().map(Arc::new).collect()))
    }

    /// Every version, the newest first.
    pub(crate) fn all(&self) -> Vec<Arc<Version>> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.iter().rev().map(Arc::clone).collect()
    }

    /// The one that seals.
    pub(crate) fn newest(&self) -> Result<Arc<Version>, Corrupt> {
        self.all().into_iter().next().ok_or(Corrupt)
    }

    /// Numbers of those that seal no more.
    pub(crate) fn retired(&self) -> Vec<u32> {
        self.all().iter().skip(1).map(|version| version.number).collect()
    }

    /// From now on this one seals.
    pub(crate) fn add(&self, version: Version) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(version));
    }

    /// A retired version is gone.
    pub(crate) fn forget(&self, number: u32) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if held.last().is_some_and(|newest| newest.number != number) {
            held.retain(|version| version.number != number);
        }
    }
}
