//! Ranges in memory: sorted, disjoint, found by halving.
//!
//! Overlaps are resolved once, when the table is made: what remains are segments of which each has
//! one owner or none. 12 bytes a segment and 24 a range, texts once each.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use vault_wire::Brand;

/// Digits that bounds are written with.
pub(super) const DIGITS: u32 = 11;
/// A segment that no range owns.
const NOBODY: u32 = u32::MAX;

/// What a line says besides its range.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Label {
    pub(super) brand: Brand,
    pub(super) co_brand: Option<Brand>,
    pub(super) funding: Option<&'static str>,
    pub(super) product: Option<Box<str>>,
    pub(super) issuer: Option<Box<str>>,
    pub(super) country: Option<[u8; 2]>,
    pub(super) currency: Option<[u8; 3]>,
    pub(super) is_virtual: bool,
    pub(super) commercial: Option<bool>,
    /// Bit `n` stands for numbers of `n` digits; none for those of the brand.
    pub(super) lengths: u32,
}

/// A range with its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    /// First number, in [`DIGITS`] digits.
    pub(super) start: u64,
    /// Last number, in [`DIGITS`] digits.
    pub(super) end: u64,
    /// `yyyymmdd`.
    pub(super) valid_from: u32,
    pub(super) label: u32,
}

impl Range {
    pub(super) const fn key(&self) -> (u64, u64, u32) {
        (self.start, self.end, self.valid_from)
    }
}

/// What is kept of a look-up on a card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) funding: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) commercial: Option<bool>,
}

/// What a range says of a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'t>(&'t Label);

impl Found<'_> {
    pub(crate) const fn brand(&self) -> Brand {
        self.0.brand
    }

    pub(crate) const fn co_brand(&self) -> Option<Brand> {
        self.0.co_brand
    }

    pub(crate) const fn is_virtual(&self) -> bool {
        self.0.is_virtual
    }

    /// Whether numbers have so many digits; nothing when the line does not say.
    pub(crate) fn length_fits(&self, length: usize) -> Option<bool> {
        let bit = u32::try_from(length).ok().and_then(|n| 1_u32.checked_shl(n)).unwrap_or(0);
        (self.0.lengths != 0).then_some(self.0.lengths & bit != 0)
    }

    pub(crate) fn facts(&self) -> Facts {
        let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        let country = self.0.country.and_then(|code| String::from_utf8(code.to_vec()).ok());
        Facts {
            funding: self.0.funding.map(str::to_owned),
            product: text(&self.0.product),
            issuer: text(&self.0.issuer),
            country,
            commercial: self.0.commercial,
        }
    }
}

/// What first digits say, without the rest of the number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Known<'t> {
    /// The same for every number that begins so; nothing where no range is.
    Whole(Option<Found<'t>>),
    /// Different ranges share these first digits.
    Divided,
}

/// All ranges.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// First digits of the file's SHA-256; empty without a file.
    pub(crate) version: String,
    /// By [`Range::key`].
    pub(super) ranges: Vec<Range>,
    pub(super) labels: Vec<Label>,
    starts: Vec<u64>,
    owners: Vec<u32>,
}

impl Table {
    /// A table of ranges whose keys are all different.
    pub(super) fn new(version: String, mut ranges: Vec<Range>, labels: Vec<Label>) -> Self {
        ranges.sort_unstable_by_key(Range::key);
        let mut table = Self { version, ranges, labels, ..Self::default() };
        table.divide();
        table
    }

    /// Gives each number to the narrowest of its ranges, then to the latest.
    fn divide(&mut self) {
        let mut ends: Vec<u32> = (0_u32..).zip(&self.ranges).map(|(index, _)| index).collect();
        let end_of = |index: &u32| self.range(*index).map_or(u64::MAX, |range| range.end);
        ends.sort_unstable_by_key(end_of);
        let mut ends = ends.into_iter().peekable();
        let mut begins = (0_u32..).zip(&self.ranges).peekable();
        let mut open = BTreeSet::new();
        let rank = |index: u32, range: &Range| {
            let later = u32::MAX.saturating_sub(range.valid_from);
            (range.end.saturating_sub(range.start), later, index)
        };
        let (mut starts, mut owners) = (Vec::new(), Vec::new());
        loop {
            let next_begin = begins.peek().map(|(_, range)| range.start);
            let next_end = ends.peek().map(|index| end_of(index).saturating_add(1));
            let Some(at) = next_begin.into_iter().chain(next_end).min() else { break };
            while let Some(index) = ends.next_if(|index| end_of(index).saturating_add(1) == at) {
                if let Some(range) = self.range(index) {
                    open.remove(&rank(index, range));
                }
            }
            while let Some((index, range)) = begins.next_if(|(_, range)| range.start == at) {
                open.insert(rank(index, range));
            }
            let owner = open.first().map_or(NOBODY, |(_, _, index)| *index);
            if owners.last() != Some(&owner) {
                starts.push(at);
                owners.push(owner);
            }
        }
        (self.starts, self.owners) = (starts, owners);
    }

    fn range(&self, index: u32) -> Option<&Range> {
        self.ranges.get(usize::try_from(index).ok()?)
    }

    pub(super) fn label(&self, range: &Range) -> Option<&Label> {
        self.labels.get(usize::try_from(range.label).ok()?)
    }

    fn owner_label(&self, owner: u32) -> Option<&Label> {
        self.label(self.range(owner)?)
    }

    /// What the table says of a number.
    pub(crate) fn look_up(&self, digits: &str) -> Option<Found<'_>> {
        let (first, _) = bounds(digits)?;
        let segment = self.starts.partition_point(|start| *start <= first).checked_sub(1)?;
        self.owner_label(*self.owners.get(segment)?).map(Found)
    }

    /// What the table says of all numbers that begin so.
    pub(crate) fn of_lead(&self, lead: &str) -> Known<'_> {
        let Some((first, last)) = bounds(lead) else { return Known::Whole(None) };
        let begin = self.starts.partition_point(|start| *start <= first).saturating_sub(1);
        let end = self.starts.partition_point(|start| *start <= last);
        let mut said: Option<Option<&Label>> = None;
        if self.starts.first().is_none_or(|start| *start > first) {
            said = Some(None);
        }
        let segments = self.starts.iter().zip(&self.owners).take(end).skip(begin);
        for (start, owner) in segments {
            if *start > last {
                continue;
            }
            let label = self.owner_label(*owner);
            match said {
                Some(known) if known != label => return Known::Divided,
                _ => said = Some(label),
            }
        }
        Known::Whole(said.flatten().map(Found))
    }

    /// Ranges that are new, changed or gone against an older table.
    pub(super) fn against(&self, older: &Self) -> Differences {
        let known: HashMap<(u64, u64, u32), &Range> =
            older.ranges.iter().map(|range| (range.key(), range)).collect();
        let mut found = Differences::default();
        let mut met = 0_usize;
        for range in &self.ranges {
            match known.get(&range.key()) {
                None => found.added = found.added.saturating_add(1),
                Some(old) => {
                    met = met.saturating_add(1);
                    if older.label(old) != self.label(range) {
                        found.changed = found.changed.saturating_add(1);
                    }
                }
            }
        }
        found.removed = count(older.ranges.len().saturating_sub(met));
        found
    }
}

pub(super) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// How two tables differ, in ranges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Differences {
    pub(super) added: u64,
    pub(super) changed: u64,
    pub(super) removed: u64,
}

/// First and last number, in [`DIGITS`] digits, of those that begin with the digits.
pub(super) fn bounds(digits: &str) -> Option<(u64, u64)> {
    let most = usize::try_from(DIGITS).ok()?;
    let lead = digits.get(..digits.len().min(most))?;
    let missing = DIGITS.checked_sub(u32::try_from(lead.len()).ok()?)?;
    let unit = 10_u64.checked_pow(missing)?;
    let first = lead.parse::<u64>().ok()?.checked_mul(unit)?;
    Some((first, first.checked_add(unit)?.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn label(issuer: &str) -> Label {
        Label {
            brand: Brand::Visa,
            co_brand: None,
            funding: Some("credit"),
            product: None,
            issuer: Some(issuer.into()),
            country: Some(*b"FR"),
            currency: None,
            is_virtual: false,
            commercial: None,
            lengths: 0,
        }
    }

    fn range(lead: (&str, &str), valid_from: u32, label: u32) -> Range {
        let (start, end) = (bounds(lead.0).unwrap().0, bounds(lead.1).unwrap().1);
        Range { start, end, valid_from, label }
    }

    fn issuer(table: &Table, digits: &str) -> Option<String> {
        table.look_up(digits).and_then(|found| found.facts().issuer)
    }

    #[test]
    fn v_30_the_narrowest_range_wins_then_the_latest() {
        let names = ["wide", "narrow", "old", "new"];
        let ranges = vec![
            range(("400000", "499999"), 0, 0),
            range(("45000000", "45000099"), 0, 1),
            range(("460000", "460000"), 20_200_101, 2),
            range(("460000", "460000"), 20_250_101, 3),
        ];
        let table = Table::new("v".into(), ranges, names.map(label).to_vec());
        for (digits, expected) in [
            ("4000000000000000", Some("wide")),
            ("4500000000000000", Some("narrow")),
            ("4500009999999999", Some("narrow")),
            ("4500010000000000", Some("wide")),
            ("4600000000000000", Some("new")),
            ("5000000000000000", None),
            ("3999999999999999", None),
        ] {
            assert_eq!(issuer(&table, digits).as_deref(), expected, "{digits}");
        }
        assert!(matches!(table.of_lead("45000000"), Known::Whole(Some(_))));
        assert!(matches!(table.of_lead("4500"), Known::Divided));
        assert!(matches!(table.of_lead("500000"), Known::Whole(None)));
        assert!(matches!(Table::default().of_lead("450000"), Known::Whole(None)));
    }

    proptest! {
        #[test]
        fn v_30_segments_say_what_the_rule_says(
            drawn in prop::collection::vec((0_u64..200, 0_u64..60, 0_u32..3), 0..12),
            asked in 0_u64..300,
        ) {
            let mut ranges = Vec::new();
            for (start, width, valid_from) in drawn {
                let range = Range { start, end: start + width, valid_from, label: 0 };
                if ranges.iter().all(|known: &Range| known.key() != range.key()) {
                    ranges.push(range);
                }
            }
            let mut labels = Vec::new();
            for (number, range) in (0_u32..).zip(ranges.iter_mut()) {
                range.label = number;
                labels.push(label(&number.to_string()));
            }
            let covers = |range: &&Range| (range.start..=range.end).contains(&asked);
            // Of partly overlapping ranges of one width and date either may hold.
            let rank = |range: &Range| (range.end - range.start, u32::MAX - range.valid_from);
            let best = ranges.iter().filter(covers).map(rank).min();
            let table = Table::new("v".into(), ranges.clone(), labels);
            let found = issuer(&table, &format!("{asked:011}"));
            let found = found.map(|text| rank(&ranges[text.parse::<usize>().unwrap()]));
            prop_assert_eq!(found, best);
        }
    }
}
