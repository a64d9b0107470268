//! A message before anything of it was stored: which cards it carries, what stands in the way, and
//! how it reads afterwards. Only the bytes of mapped values change.

use std::ops::Range;

use kernel::card_text::{holds_card_number, mask_and_count};
use kernel::{CardToken, Date};
use vault_wire::{CodeBecomes, ExpFormat, OnUnmapped};
use zeroize::Zeroizing;

use super::path::{self, Fit, Segment};
use super::profile::{Part, Profile};
use super::visit::{Fate, Fault, Leaf, Manner, Visit, walk};
use crate::add_card::MAX_REFERENCE_CHARACTERS;
use crate::card::Expiry;

/// Cards of one message.
const MOST_CARDS: usize = 200;
/// Parts of cards that may stand in one message.
const MOST_PARTS: usize = MOST_CARDS * 8;
/// Names of fields that carry a security code, without case and `_ -`.
const CODE_NAMES: [&str; 7] = ["cvv", "cvc", "cvv2", "cvc2", "cid", "securitycode", "seriescode"];

/// What stood in the place of a number.
pub(crate) enum Given {
    /// Digits, as they came.
    Number(Zeroizing<String>),
    /// What the channel writes where it could not fetch the number.
    Placeholder,
    /// Nothing.
    Nothing,
    /// A token: the message was here before.
    Token,
}

/// A card of a message.
pub(crate) struct DraftCard {
    pub(crate) given: Given,
    pub(crate) expiry: Option<Expiry>,
    pub(crate) code: Option<Zeroizing<String>>,
    pub(crate) holder: Option<Zeroizing<String>>,
    pub(crate) virtual_from: Option<Date>,
    pub(crate) booking: Option<String>,
    /// Where its number stands.
    pub(crate) path: String,
    span: Range<usize>,
    manner: Manner,
}

/// A message that passes.
pub(crate) struct Draft {
    /// Its cards, in the order in which they stand.
    pub(crate) cards: Vec<DraftCard>,
    /// How many numbers that no path names were masked.
    pub(crate) masked: usize,
    edits: Vec<Edit>,
}

/// Other bytes in place of some.
struct Edit {
    span: Range<usize>,
    text: String,
}

/// A value that a path names.
struct Found {
    part: Part,
    place: Vec<Segment>,
    fit: Fit,
    text: Zeroizing<String>,
    span: Range<usize>,
    manner: Manner,
    /// How much of its place it has in common with the nearest number; of references alone.
    nearest: usize,
}

/// Reads a message by its profile; nothing is stored and nothing leaves.
pub(crate) fn read(profile: &Profile, text: &str) -> Result<Draft, Fault> {
    let mut reader = Reader { profile, found: Vec::new(), edits: Vec::new(), masked: 0, cards: 0 };
    let removed = walk(text, profile.format(), &mut reader)?;
    let Reader { mut found, mut edits, masked, .. } = reader;
    measure(&mut found);
    if let Some(number) = ambiguous(profile, &found) {
        return Err(Fault::document(path::text(&number.place, profile.format())));
    }
    edits.extend(removed.into_iter().map(|span| Edit { span, text: String::new() }));
    let numbers = found.iter().filter(|one| one.part == Part::Number);
    let cards: Vec<_> = numbers.map(|number| card(profile, number, &found)).collect();
    if let Some(card) = cards.iter().find(|card| has_broken_reference(card)) {
        return Err(Fault::document(card.path.clone()));
    }
    Ok(Draft { cards, masked, edits })
}

impl Draft {
    /// The message with what stands now in place of each number: a token, or nothing. A card that
    /// was a token already stays.
    pub(crate) fn write(
        mut self,
        text: &str,
        tokens: &[Option<CardToken>],
    ) -> Result<Vec<u8>, Fault> {
        for (card, token) in self.cards.iter().zip(tokens) {
            if !matches!(card.given, Given::Token) {
                let written = card.manner.write(token.map(|token| token.to_string()).as_deref());
                self.edits.push(Edit { span: card.span.clone(), text: written });
            }
        }
        self.edits.sort_by_key(|edit| (edit.span.start, std::cmp::Reverse(edit.span.end)));
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for edit in &self.edits {
            // What stands inside bytes that go, goes with them.
            if edit.span.start < at && edit.span.end <= at {
                continue;
            }
            let between = text.get(at..edit.span.start);
            out.push_str(between.ok_or_else(|| Fault::document("$".into()))?);
            out.push_str(&edit.text);
            at = edit.span.end;
        }
        let rest = text.get(at..);
        out.push_str(rest.ok_or_else(|| Fault::document("$".into()))?);
        Ok(out.into_bytes())
    }
}

struct Reader<'p> {
    profile: &'p Profile,
    found: Vec<Found>,
    edits: Vec<Edit>,
    masked: usize,
    cards: usize,
}

impl Reader<'_> {
    fn fault(&self, code: &'static str, place: &[Segment]) -> Fault {
        Fault { code, path: path::text(place, self.profile.format()) }
    }

    /// A part of a card that is no value hides what is in it.
    fn is_hidden(&self, place: &[Segment]) -> bool {
        let place = match place {
            [element @ .., Segment::Attribute(_)] => element,
            place => place,
        };
        let secret = |part: &Part| matches!(part, Part::Number | Part::Code);
        let mut paths = self.profile.paths().iter().filter(|(part, _)| secret(part));
        paths.any(|(_, path)| path.fits_above(place))
    }

    /// Whether a value holds a number that no path names; it is masked, if that is possible.
    fn net(&mut self, place: &[Segment], leaf: &Leaf<'_>) -> Result<(), Fault> {
        if !holds_card_number(&leaf.text) {
            return Ok(());
        }
        let masks = self.profile.told.on_unmapped == OnUnmapped::Mask;
        if !masks || matches!(leaf.manner, Manner::Fixed | Manner::Empty) {
            return Err(self.fault("unmapped_number", place));
        }
        let (text, count) = mask_and_count(&leaf.text);
        self.masked = self.masked.saturating_add(count);
        if self.masked > MOST_CARDS {
            return Err(self.fault("too_many_cards", place));
        }
        let text = leaf.manner.write(Some(&text));
        self.edits.push(Edit { span: leaf.span.clone(), text });
        Ok(())
    }
}

impl Visit for Reader<'_> {
    fn leaf(&mut self, place: &[Segment], leaf: Leaf<'_>) -> Result<Fate, Fault> {
        if matches!(leaf.manner, Manner::Fixed | Manner::XmlMixed) {
            return self.net(place, &leaf).map(|()| Fate::Stays);
        }
        if self.is_hidden(place) {
            return Err(self.fault("document_invalid", place));
        }
        let profile = self.profile;
        let mut fits = profile.paths().iter().filter_map(|(part, path)| {
            let fit = path.fits(place)?;
            Some((*part, fit))
        });
        // What may be a code goes as one, whatever else it may be.
        let first = fits.next();
        let Some((part, fit)) = fits.find(|(part, _)| *part == Part::Code).or(first) else {
            if is_like_a_code(place, &leaf.text) {
                return Err(self.fault("unmapped_code", place));
            }
            return self.net(place, &leaf).map(|()| Fate::Stays);
        };
        // What is kept of a card beside its number is kept in clear.
        if !matches!(part, Part::Number | Part::Code) && holds_card_number(&leaf.text) {
            return Err(self.fault("unmapped_number", place));
        }
        if part == Part::Number {
            self.cards = self.cards.saturating_add(1);
        }
        if self.cards > MOST_CARDS || self.found.len() >= MOST_PARTS {
            return Err(self.fault("too_many_cards", place));
        }
        let Leaf { span, text, manner } = leaf;
        let fate = match (part, profile.told.replace.code) {
            (Part::Code, CodeBecomes::Remove) => Fate::Goes,
            (Part::Code, CodeBecomes::Empty) => {
                self.edits.push(Edit { span: span.clone(), text: manner.write(Some("")) });
                Fate::Stays
            }
            _ => Fate::Stays,
        };
        let text = Zeroizing::new(text.trim().to_owned());
        let place = place.to_vec();
        self.found.push(Found { part, place, fit, text, span, manner, nearest: 0 });
        Ok(fate)
    }
}

/// Whether a value is named and written as a code is.
fn is_like_a_code(place: &[Segment], text: &str) -> bool {
    let name = place.iter().rev().find_map(|segment| match segment {
        Segment::Name(name, _) | Segment::Attribute(name) => Some(name),
        Segment::Index(_) => None,
    });
    let name = name.map(|name| name.replace(['_', '-'], "").to_ascii_lowercase());
    let text = text.trim();
    name.is_some_and(|name| CODE_NAMES.contains(&name.as_str()))
        && matches!(text.len(), 3 | 4)
        && text.bytes().all(|b| b.is_ascii_digit())
}

/// Two numbers that the same way leads to would take each other's expiry and code.
fn ambiguous<'f>(profile: &Profile, all: &'f [Found]) -> Option<&'f Found> {
    [Part::Exp, Part::Code].into_iter().find_map(|part| {
        let steps = profile.path(part)?.shared(profile.path(Part::Number)?);
        let of = |part: Part| all.iter().filter(move |found| found.part == part);
        of(Part::Number).find(|number| {
            let same = |found: &&Found| way(found, steps) == way(number, steps);
            let (numbers, parts) = (of(Part::Number).filter(same), of(part).filter(same));
            let (numbers, parts) = (numbers.count(), parts.count());
            parts > 0 && (numbers > 1 || parts > 1)
        })
    })
}

/// The card of a number, with the parts that belong to it.
fn card(profile: &Profile, number: &Found, all: &[Found]) -> DraftCard {
    let part = |part: Part| {
        let text = partner_of(profile, number, (part, all)).map(|found| &found.text);
        text.filter(|text| !text.is_empty() && !profile.is_placeholder(part, text.as_str()))
    };
    let has_placeholder = |part: Part| {
        let found = partner_of(profile, number, (part, all));
        found.is_some_and(|found| profile.is_placeholder(part, &found.text))
    };
    let given = if number.text.parse::<CardToken>().is_ok() {
        Given::Token
    } else if profile.is_placeholder(Part::Number, &number.text) {
        Given::Placeholder
    } else if number.text.is_empty() {
        Given::Nothing
    } else if has_placeholder(Part::Brand) {
        Given::Placeholder
    } else {
        Given::Number(number.text.clone())
    };
    DraftCard {
        given,
        expiry: part(Part::Exp).and_then(|text| expiry(text, profile.told.paths.exp_format)),
        code: part(Part::Code).cloned(),
        holder: part(Part::Holder).cloned(),
        virtual_from: part(Part::VirtualFrom)
            .and_then(|text| text.get(..10).and_then(|day| day.parse().ok())),
        booking: booking_of(profile, number, all).filter(|text| !text.is_empty()),
        path: path::text(&number.place, profile.format()),
        span: number.span.clone(),
        manner: number.manner,
    }
}

/// Whether the card could not be kept under its reference.
fn has_broken_reference(card: &DraftCard) -> bool {
    card.booking.as_ref().is_some_and(|text| {
        text.chars().count() > MAX_REFERENCE_CHARACTERS || text.chars().any(char::is_control)
    })
}

/// The part that stands in the same thing as the number: both paths agree on the way so far, and
/// went it in the same way.
fn partner_of<'f>(
    profile: &Profile,
    number: &Found,
    (part, all): (Part, &'f [Found]),
) -> Option<&'f Found> {
    let steps = profile.path(part)?.shared(profile.path(Part::Number)?);
    let wanted = way(number, steps);
    all.iter().find(|found| found.part == part && way(found, steps) == wanted)
}

/// The way that the first steps of its path went.
fn way(found: &Found, steps: usize) -> Option<&[Segment]> {
    let depth = steps.checked_sub(1).and_then(|last| found.fit.get(last)).copied();
    found.place.get(..depth.unwrap_or(0))
}

/// The reference nearest to the number, unless it is nearer to another one.
fn booking_of(profile: &Profile, number: &Found, all: &[Found]) -> Option<String> {
    let steps = profile.path(Part::Booking)?.shared_exactly(profile.path(Part::Number)?);
    let least = steps.checked_sub(1).and_then(|last| number.fit.get(last)).copied().unwrap_or(0);
    let mut best: Option<(usize, &Found)> = None;
    for found in all.iter().filter(|found| found.part == Part::Booking) {
        let near = alike(&found.place, &number.place);
        let is_ours = near >= least && near == found.nearest;
        if is_ours && best.is_none_or(|(known, _)| near > known) {
            best = Some((near, found));
        }
    }
    best.map(|(_, found)| found.text.to_string())
}

/// Notes how near each reference is to its nearest number.
fn measure(all: &mut [Found]) {
    let numbers = all.iter().filter(|found| found.part == Part::Number);
    let numbers: Vec<Vec<Segment>> = numbers.map(|found| found.place.clone()).collect();
    for found in all.iter_mut().filter(|found| found.part == Part::Booking) {
        let near = numbers.iter().map(|place| alike(&found.place, place)).max();
        found.nearest = near.unwrap_or(0);
    }
}

/// How many segments two places begin with alike.
fn alike(one: &[Segment], other: &[Segment]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// An expiry as the profile says that it is written; anything else is none.
fn expiry(text: &str, format: ExpFormat) -> Option<Expiry> {
    let (month, year) = match format {
        ExpFormat::Mmyy => digits(text, 4)?.split_at_checked(2)?,
        ExpFormat::Mmyyyy => digits(text, 6)?.split_at_checked(2)?,
        ExpFormat::MmSlashYy | ExpFormat::MmSlashYyyy => text.split_once('/')?,
        ExpFormat::YyyyMm => {
            let (year, month) = text.split_once('-')?;
            (month, year)
        }
    };
    let short = matches!(format, ExpFormat::Mmyy | ExpFormat::MmSlashYy);
    let year: u16 = digits(year, if short { 2 } else { 4 })?.parse().ok()?;
    let year = if short { year.checked_add(2000)? } else { year };
    Expiry::new(digits(month, 2)?.parse().ok()?, year)
}

fn digits(text: &str, length: usize) -> Option<&str> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}
