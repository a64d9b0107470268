//! Random numbers of the sample data: from one seed the same ones.

use kernel::Rng;

/// Draws numbers.
pub(super) struct Dice<'a>(pub(super) &'a dyn Rng);

impl Dice<'_> {
    /// From `low` to `high`, both included.
    pub(super) fn between(&self, low: i64, high: i64) -> i64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        let span = u64::try_from(high.saturating_sub(low).saturating_add(1)).unwrap_or(1).max(1);
        let drawn = i64::try_from(u64::from_be_bytes(bytes) % span).unwrap_or(0);
        low.saturating_add(drawn)
    }

    /// A place in a list of so many.
    pub(super) fn place(&self, of: usize) -> usize {
        let last = i64::try_from(of).unwrap_or(1).saturating_sub(1).max(0);
        usize::try_from(self.between(0, last)).unwrap_or(0)
    }
}
