//! Lodging types, formulas, age brackets and parties, without storage.

use std::collections::BTreeMap;

use kernel::{Currency, FormulaId, Locale, LodgingId, ShopId};
use serde::{Deserialize, Serialize};

use super::equipment::Equipment;
use super::pricing::Policy;

/// Most persons of one party.
pub const MAX_PERSONS: u32 = 99;
/// Longest public name, in characters.
pub const MAX_NAME_CHARACTERS: usize = 80;
/// Longest description, in characters.
pub const MAX_TEXT_CHARACTERS: usize = 4_000;

/// A text in several languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(BTreeMap<Locale, String>);

impl Texts {
    /// French and English, the two every merchant of the demo has.
    #[must_use]
    pub fn fr_en(fr: &str, en: &str) -> Self {
        Self(BTreeMap::from([(Locale::Fr, fr.to_owned()), (Locale::En, en.to_owned())]))
    }

    /// The text in exactly this language; empty when there is none.
    #[must_use]
    pub fn exactly(&self, locale: Locale) -> &str {
        self.0.get(&locale).map_or("", String::as_str)
    }

    /// Writes the text of a language; an empty one is taken out.
    pub fn set(&mut self, locale: Locale, text: &str) {
        match text.trim() {
            "" => self.0.remove(&locale),
            text => self.0.insert(locale, text.to_owned()),
        };
    }

    /// Whether no text is longer than so many characters, or holds a card number.
    #[must_use]
    pub fn are_fine(&self, most: usize) -> bool {
        let fine = |text: &String| {
            text.chars().count() <= most && !kernel::card_text::holds_card_number(text)
        };
        self.0.values().all(fine)
    }

    /// The text in a language, else in English, else in French, else in any.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        [locale, Locale::En, Locale::Fr]
            .iter()
            .find_map(|wish| self.0.get(wish))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }
}

/// What kind of lodging it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A room of a hotel.
    HotelRoom,
    /// A room in a private house (chambre d'hôtes).
    GuestRoom,
    /// A furnished let (meublé de tourisme).
    Furnished,
    /// A pitch of a camp site.
    Pitch,
    /// A bed in a dormitory.
    Dormitory,
    /// Anything else.
    Other,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::HotelRoom,
        Self::GuestRoom,
        Self::Furnished,
        Self::Pitch,
        Self::Dormitory,
        Self::Other,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HotelRoom => "hotel_room",
            Self::GuestRoom => "guest_room",
            Self::Furnished => "furnished",
            Self::Pitch => "pitch",
            Self::Dormitory => "dormitory",
            Self::Other => "other",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// How many persons a unit takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capacity {
    /// At most; lodgings are listed by it, smallest first.
    pub max: u32,
    /// As it is usually let.
    pub standard: u32,
    /// At least.
    pub min: u32,
}

/// What is wrong with a lodging as entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LodgingError {
    /// Capacity zero, or not min ≤ standard ≤ max.
    #[error("capacity must be at least one person, minimum first")]
    Capacity,
    /// No unit.
    #[error("at least one unit")]
    Units,
    /// No public name.
    #[error("a public name is missing")]
    Name,
    /// An hour that is not written `15:00`.
    #[error("hours are written 15:00")]
    CheckIn,
    /// The same of the hour of leaving.
    #[error("hours are written 11:00")]
    CheckOut,
    /// A text that is too long or holds a card number.
    #[error("a text is too long or holds a card number")]
    Text,
    /// A deposit beyond the whole price.
    #[error("the deposit is between 0 and 100 %")]
    Deposit,
}

impl LodgingError {
    /// The field to be corrected.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::Units => "units",
            Self::Name => "names",
            Self::CheckIn => "check_in",
            Self::CheckOut => "check_out",
            Self::Text => "descriptions",
            Self::Deposit => "deposit_basis_points",
        }
    }
}

/// A type of identical units that are let by the night.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lodging {
    /// Its id.
    pub id: LodgingId,
    /// Where it is sold.
    pub shop: ShopId,
    /// What it is.
    pub kind: Kind,
    /// Public name.
    pub names: Texts,
    /// Public description.
    pub descriptions: Texts,
    /// Persons.
    pub capacity: Capacity,
    /// Identical units.
    pub units: u32,
    /// From when guests may come, such as `15:00`.
    pub check_in: String,
    /// Until when they leave, such as `11:00`.
    pub check_out: String,
    /// What is there: towels, a kitchen, a garden.
    pub equipment: Equipment,
    /// What guests must know and accept: animals, smoking, keys.
    pub conditions: Texts,
    /// How its prices are found.
    pub policy: Policy,
    /// What is said about the tourist tax, due on site.
    pub tourist_tax: Texts,
    /// The number a furnished let shows by law.
    pub registration_number: Option<String>,
    /// Of its prices.
    pub currency: Currency,
    /// Goes up by one with each change.
    pub version: i64,
}

impl Lodging {
    /// Checks what a person entered.
    ///
    /// # Errors
    /// [`LodgingError`].
    pub fn check(&self) -> Result<(), LodgingError> {
        let Capacity { max, standard, min } = self.capacity;
        if min == 0 || min > standard || standard > max || max > MAX_PERSONS {
            return Err(LodgingError::Capacity);
        }
        if self.units == 0 {
            return Err(LodgingError::Units);
        }
        if self.names.exactly(Locale::Fr).trim().is_empty()
            || !self.names.are_fine(MAX_NAME_CHARACTERS)
        {
            return Err(LodgingError::Name);
        }
        let texts = [&self.descriptions, &self.conditions, &self.tourist_tax];
        if texts.iter().any(|texts| !texts.are_fine(MAX_TEXT_CHARACTERS)) {
            return Err(LodgingError::Text);
        }
        if !is_hour(&self.check_in) {
            return Err(LodgingError::CheckIn);
        }
        if is_hour(&self.check_out) { Ok(()) } else { Err(LodgingError::CheckOut) }
    }
}

/// `15:00`, on a clock of 24 hours.
fn is_hour(text: &str) -> bool {
    let Some((hours, minutes)) = text.split_once(':') else { return false };
    let below = |part: &str, end: u8| {
        part.len() == 2 && part.parse::<u8>().is_ok_and(|number| number < end)
    };
    below(hours, 24) && below(minutes, 60)
}

/// What is served with the night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Board {
    /// The room alone.
    RoomOnly,
    /// With breakfast.
    Breakfast,
    /// With breakfast and one meal.
    HalfBoard,
}

impl Board {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::RoomOnly, Self::Breakfast, Self::HalfBoard];

    /// The word stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RoomOnly => "room_only",
            Self::Breakfast => "breakfast",
            Self::HalfBoard => "half_board",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.as_str() == text)
    }
}

/// A change of the price that applies by itself, in the order listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustmentRule {
    /// Which: `long_stay`, `non_refundable`, `promotion`.
    pub code: String,
    /// Share of the running amount in hundredths of a percent; negative lowers.
    pub basis_points: i64,
    /// From how many nights on.
    pub min_nights: u32,
}

/// A way to let a lodging: what is served and under which conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula {
    /// Its id.
    pub id: FormulaId,
    /// Of which lodging.
    pub lodging: LodgingId,
    /// What is served.
    pub board: Board,
    /// Public name.
    pub names: Texts,
    /// Applied in this order.
    pub adjustments: Vec<AdjustmentRule>,
    /// Share of the total asked at booking.
    pub deposit_basis_points: u32,
    /// Place in lists.
    pub position: u32,
}

impl Formula {
    /// Checks what a person entered.
    ///
    /// # Errors
    /// [`LodgingError`].
    pub fn check(&self) -> Result<(), LodgingError> {
        if self.names.exactly(Locale::Fr).trim().is_empty()
            || !self.names.are_fine(MAX_NAME_CHARACTERS)
        {
            return Err(LodgingError::Name);
        }
        if self.deposit_basis_points > 10_000 { Err(LodgingError::Deposit) } else { Ok(()) }
    }
}

/// A range of ages with its own prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgeBracket {
    /// The word used in parties: `adult`.
    pub code: String,
    /// Public name.
    pub names: Texts,
    /// First age.
    pub from: u32,
    /// Last age; none for the oldest bracket.
    pub to: Option<u32>,
}

/// What is wrong with a set of age brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BracketsError {
    /// None given, or a code twice or empty.
    #[error("each bracket needs its own code")]
    Codes,
    /// A hole or an overlap between two brackets, or ages not covered to the end.
    #[error("brackets must follow each other without hole or overlap, the last one open")]
    NotContiguous,
}

/// Checks that brackets follow each other from age 0 to the last, open one.
///
/// # Errors
/// [`BracketsError`].
pub fn check_brackets(brackets: &[AgeBracket]) -> Result<(), BracketsError> {
    let mut sorted: Vec<&AgeBracket> = brackets.iter().collect();
    sorted.sort_by_key(|bracket| bracket.from);
    let codes: std::collections::BTreeSet<&str> =
        brackets.iter().map(|bracket| bracket.code.as_str()).collect();
    if brackets.is_empty() || codes.len() != brackets.len() || codes.contains("") {
        return Err(BracketsError::Codes);
    }
    let mut next = Some(0);
    for bracket in sorted {
        let ends_after_start = bracket.to.is_none_or(|to| to >= bracket.from);
        if next != Some(bracket.from) || !ends_after_start {
            return Err(BracketsError::NotContiguous);
        }
        next = bracket.to.and_then(|to| to.checked_add(1));
        if bracket.to.is_some() && next.is_none() {
            return Err(BracketsError::NotContiguous);
        }
    }
    if next.is_none() { Ok(()) } else { Err(BracketsError::NotContiguous) }
}

/// Who comes: how many of each age bracket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Party(Vec<Guests>);

/// So many of one bracket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guests {
    /// Code of the bracket.
    pub bracket: String,
    /// How many.
    pub count: u32,
}

/// A party nobody could lodge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("between 1 and 99 persons, each bracket once")]
pub struct BadParty;

impl Party {
    /// Leaves out empty brackets.
    ///
    /// # Errors
    /// [`BadParty`] for nobody, too many, or a bracket named twice.
    pub fn new(guests: Vec<Guests>) -> Result<Self, BadParty> {
        let mut seen = std::collections::BTreeSet::new();
        let mut persons = 0_u32;
        for group in &guests {
            persons = persons.checked_add(group.count).ok_or(BadParty)?;
            if !seen.insert(group.bracket.clone()) {
                return Err(BadParty);
            }
        }
        if !(1..=MAX_PERSONS).contains(&persons) {
            return Err(BadParty);
        }
        Ok(Self(guests.into_iter().filter(|group| group.count > 0).collect()))
    }

    /// The groups.
    #[must_use]
    pub fn groups(&self) -> &[Guests] {
        &self.0
    }

    /// All persons.
    #[must_use]
    pub fn persons(&self) -> u32 {
        self.0.iter().map(|group| group.count).fold(0, u32::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bracket(code: &str, from: u32, to: Option<u32>) -> AgeBracket {
        AgeBracket { code: code.into(), names: Texts::fr_en(code, code), from, to }
    }

    #[test]
    fn l_50_brackets_leave_no_hole_and_no_overlap() {
        let good = [
            bracket("adult", 18, None),
            bracket("child", 3, Some(17)),
            bracket("baby", 0, Some(2)),
        ];
        assert_eq!(check_brackets(&good), Ok(()));
        let hole = [bracket("adult", 18, None), bracket("child", 0, Some(16))];
        let overlap = [bracket("adult", 18, None), bracket("child", 0, Some(18))];
        let closed = [bracket("child", 0, Some(17))];
        let two_open = [bracket("a", 0, None), bracket("b", 5, None)];
        for bad in [&hole[..], &overlap, &closed, &two_open] {
            assert_eq!(check_brackets(bad), Err(BracketsError::NotContiguous));
        }
        assert_eq!(check_brackets(&[]), Err(BracketsError::Codes));
    }

    #[test]
    fn a_formula_has_its_french_name() {
        let (_, mut formula) = crate::testing::House::new().lodging(1, 9_800);
        assert_eq!(formula.check(), Ok(()));
        formula.names.set(Locale::Fr, "");
        formula.names.set(Locale::En, "Room only");
        assert_eq!(formula.check(), Err(LodgingError::Name));
    }

    #[test]
    fn parties_are_one_to_ninety_nine_persons() {
        let party = |counts: &[(&str, u32)]| {
            let guests = counts.iter().map(|(b, n)| Guests { bracket: (*b).into(), count: *n });
            Party::new(guests.collect())
        };
        assert_eq!(party(&[("adult", 2), ("child", 0)]).unwrap().groups().len(), 1);
        assert_eq!(party(&[]), Err(BadParty));
        assert_eq!(party(&[("adult", 100)]), Err(BadParty));
        assert_eq!(party(&[("adult", 1), ("adult", 1)]), Err(BadParty));
        assert_eq!(party(&[("a", u32::MAX), ("b", 1)]), Err(BadParty));
    }

    #[test]
    fn texts_fall_back() {
        assert_eq!(Texts::fr_en("Chambre", "Room").get(Locale::De), "Room");
        let json = serde_json::to_string(&Texts::fr_en("a", "b")).unwrap();
        assert_eq!(json, r#"{"fr":"a","en":"b"}"#);
    }
}
