//! What a search found: one card for each lodging, with its formulas as rows.

use std::collections::BTreeMap;

use http::Words;
use kernel::{LodgingId, Zone, format};

use super::pages::GUESTS;
use super::view::{self, Why};
use crate::lodging::pages::equipment;
use crate::lodging::photos::Photo;
use crate::lodging::photos::pages::address;
use crate::lodging::photos::store::Size;
use crate::lodging::search::{Found, Offered, StayQuery};
use crate::lodging::{AgeBracket, Reason};

/// Up to this many free units the guest is told how many are left.
const FEW_UNITS: u32 = 3;

/// A lodging that can be had.
pub(super) struct PlaceView {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) about: String,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) offers: Vec<OfferView>,
    pub(super) tax: String,
    pub(super) equipment: String,
    pub(super) conditions: String,
    pub(super) photos: Vec<PhotoView>,
}

/// A photo of it.
pub(super) struct PhotoView {
    pub(super) small: String,
    pub(super) large: String,
    pub(super) alternative: String,
}

/// One formula of it.
pub(super) struct OfferView {
    pub(super) id: String,
    pub(super) formula: String,
    pub(super) price: String,
    pub(super) price_note: String,
    pub(super) deposit: String,
    pub(super) why: Why,
    pub(super) hidden: Vec<(String, String)>,
}

/// A lodging that cannot be had.
pub(super) struct GoneView {
    pub(super) lodging: String,
    pub(super) reasons: Vec<String>,
}

/// What was found.
pub(super) struct Results {
    pub(super) heading: String,
    pub(super) places: Vec<PlaceView>,
    pub(super) gone: Vec<GoneView>,
    /// The sentence on the tourist tax that is the same for all; else each lodging has its own.
    pub(super) tax: String,
}

/// What results are seen through.
pub(super) struct Seen<'a> {
    pub(super) words: &'a Words,
    pub(super) brackets: &'a [AgeBracket],
    pub(super) gallery: Gallery<'a>,
    pub(super) only: Option<LodgingId>,
}

/// The photos of a property's lodgings.
#[derive(Clone, Copy)]
pub(super) struct Gallery<'a> {
    pub(super) slug: &'a str,
    pub(super) photos: &'a BTreeMap<LodgingId, Vec<Photo>>,
}

impl Gallery<'_> {
    /// Those of one lodging, in their order.
    pub(super) fn of(&self, words: &Words, id: LodgingId) -> Vec<PhotoView> {
        let view = |photo: &Photo| PhotoView {
            small: address(self.slug, photo, Size::Small),
            large: address(self.slug, photo, Size::Large),
            alternative: photo.alternative.get(words.locale()).to_owned(),
        };
        self.photos.get(&id).into_iter().flatten().map(view).collect()
    }
}

impl Seen<'_> {
    /// The results of a search.
    pub(super) fn results(&self, zone: &Zone, stay: &StayQuery, found: &[Found]) -> Results {
        let locale = self.words.locale();
        let wanted = |found: &&Found| self.only.is_none_or(|only| found.lodging.id == only);
        let free = |found: &&Found| !found.offers.is_empty();
        let mut places: Vec<PlaceView> =
            found.iter().filter(wanted).filter(free).map(|found| self.place(stay, found)).collect();
        // What another buyer holds is absent from a search; a direct link says until when.
        let told = |found: &&Found| {
            let held = found.reasons.iter().any(|r| matches!(r, Reason::HeldByOther(..)));
            found.offers.is_empty() && (self.only == Some(found.lodging.id) || !held)
        };
        let gone = |found: &Found| GoneView {
            lodging: found.lodging.names.get(locale).to_owned(),
            reasons: reasons(self.words, zone, &found.reasons),
        };
        let gone = found.iter().filter(wanted).filter(told).map(gone).collect();
        let values = [
            ("arrival", &*format::long_date(stay.arrival, locale)),
            ("departure", &format::long_date(stay.departure, locale)),
            ("guests", &view::party(self.brackets, &stay.party, locale)),
        ];
        let count = i64::try_from(places.len()).unwrap_or(i64::MAX);
        let heading = self.words.count_with("stay-results", count, &values);
        let tax = shared_tax(&mut places);
        Results { heading, places, gone, tax }
    }

    fn place(&self, stay: &StayQuery, found: &Found) -> PlaceView {
        let locale = self.words.locale();
        let lodging = &found.lodging;
        PlaceView {
            id: lodging.id.to_string(),
            name: lodging.names.get(locale).to_owned(),
            about: lodging.descriptions.get(locale).to_owned(),
            facts: self.facts(found),
            offers: found.offers.iter().map(|offer| self.offer(stay, (found, offer))).collect(),
            tax: lodging.tourist_tax.get(locale).to_owned(),
            equipment: equipment(self.words, lodging),
            conditions: lodging.conditions.get(locale).to_owned(),
            photos: self.gallery.of(self.words, lodging.id),
        }
    }

    fn facts(&self, found: &Found) -> Vec<(&'static str, String)> {
        let (words, lodging) = (self.words, &found.lodging);
        let hours = [("in", lodging.check_in.as_str()), ("out", &lodging.check_out)];
        let mut facts = vec![
            ("people", words.count("stay-capacity", i64::from(lodging.capacity.max))),
            ("clock", words.with("stay-hours", &hours)),
        ];
        if found.units_left <= FEW_UNITS {
            facts.push(("bed", words.count("stay-units-left", i64::from(found.units_left))));
        }
        if let Some(number) = &lodging.registration_number {
            facts.push(("info", words.with("stay-registration", &[("number", number)])));
        }
        facts
    }

    fn offer(&self, stay: &StayQuery, (found, offer): (&Found, &Offered)) -> OfferView {
        let (words, locale) = (self.words, self.words.locale());
        let nights = i64::try_from(stay.nights()).unwrap_or(0);
        let deposit = offer.quote.deposit;
        let asks_deposit = !deposit.is_zero() && deposit != offer.quote.total;
        let amount = [("amount", &*format::money(deposit, locale))];
        let note = || words.with("stay-deposit-note", &amount);
        let ids = (found.lodging.id.to_string(), offer.formula.id.to_string());
        OfferView {
            id: ids.1.clone(),
            formula: offer.formula.names.get(locale).to_owned(),
            price: format::money(offer.quote.total, locale),
            price_note: words.count("stay-price-note", nights),
            deposit: if asks_deposit { note() } else { String::new() },
            why: view::why(words, &offer.quote),
            hidden: hidden(stay, ids),
        }
    }
}

/// Takes the sentence out of the lodgings when all of them have the same.
fn shared_tax(places: &mut [PlaceView]) -> String {
    let Some(first) = places.first().map(|place| place.tax.clone()) else { return String::new() };
    if places.iter().any(|place| place.tax != first) {
        return String::new();
    }
    for place in places {
        place.tax.clear();
    }
    first
}

/// Reasons in words, each once.
fn reasons(words: &Words, zone: &Zone, reasons: &[Reason]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for reason in reasons {
        let text = view::reason(words, zone, reason);
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told
}

fn hidden(stay: &StayQuery, (lodging, formula): (String, String)) -> Vec<(String, String)> {
    let mut fields = vec![
        ("lodging".to_owned(), lodging),
        ("formula".to_owned(), formula),
        ("arrival".to_owned(), stay.arrival.to_string()),
        ("departure".to_owned(), stay.departure.to_string()),
    ];
    let guests = stay.party.groups().iter();
    fields.extend(guests.map(|g| (format!("{GUESTS}{}", g.bracket), g.count.to_string())));
    fields
}
