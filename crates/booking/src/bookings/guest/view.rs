//! What the pages of a guest show.

use askama::Template;
use http::Page;
use kernel::format;
use payments::cards::accesses::Told;
use payments::cards::accesses::view::{Line, lines};
use payments::desk::words::brand;
use vault_wire::CardOfBooking;
use vault_wire::proof::CheckedEntry;

use super::pages::{Mine, Visit, until};

/// One card of the booking.
pub(super) struct CardView {
    name: String,
    /// What became of it; empty where its log is not this guest's to read.
    state: String,
    href: Option<String>,
}

/// A card as guests know it: `Visa 5207 00…0000`.
fn name(card: &CardOfBooking) -> String {
    let card = &card.card;
    format!("{} {}", brand(card.preferred_brand.unwrap_or(card.brand).as_str()), card.masked)
}

impl CardView {
    /// A card that is kept, or was.
    pub(super) fn of(visit: &Visit, Mine { card, own }: &Mine) -> Self {
        if !own {
            return Self { name: name(card), state: String::new(), href: None };
        }
        let (words, zone) = (&visit.site.words, &visit.site.merchant.zone);
        let day = |at| format::date(zone.date(at), words.locale());
        let gone = card.gone.as_ref().map(|gone| gone.at.map_or_else(String::new, day));
        let state = match (gone, card.card.purge_at) {
            (Some(day), _) => words.with("access-mine-gone", &[("date", &day)]),
            (None, Some(at)) => {
                let day = format::date_time(at, zone, words.locale());
                words.with("access-mine-kept", &[("date", &day)])
            }
            (None, None) => words.say("access-mine-kept-open"),
        };
        let href = visit.href(&format!("/carte/{}", card.card.token));
        Self { name: name(card), state, href: Some(href) }
    }
}

/// The guest's booking.
#[derive(Template)]
#[template(path = "bookings/templates/guest-booking.html")]
pub(super) struct BookingPage {
    page: Page,
    facts: Vec<(String, String)>,
    /// Nothing while the vault does not answer.
    cards: Option<Vec<CardView>>,
    property: Vec<String>,
}

impl BookingPage {
    pub(super) fn of(visit: &Visit, cards: Option<Vec<CardView>>) -> Self {
        let (words, booking) = (&visit.site.words, &visit.booking);
        let locale = words.locale();
        let mut facts: Vec<(String, String)> = Vec::new();
        for line in &booking.lines {
            let name = line.names.lodging.get(locale);
            let formula = line.names.formula.get(locale);
            facts.push((words.say("booking-subject-lodging"), format!("{name} · {formula}")));
        }
        facts.push((words.say("booking-starts"), format::long_date(booking.starts, locale)));
        facts.push((words.say("booking-ends"), format::long_date(booking.ends, locale)));
        let total = format::money(booking.total, locale);
        facts.push((words.say("booking-subject-total"), total));
        let title = words.with("access-mine-title", &[("number", &booking.number)]);
        let page = visit.page(title, "");
        Self { page, facts, cards, property: visit.site.contact() }
    }
}

/// Who saw a card.
#[derive(Template)]
#[template(path = "bookings/templates/guest-card.html")]
pub(super) struct CardPage {
    page: Page,
    lede: String,
    until: Option<String>,
    /// Each with the name of the link to its proof.
    lines: Vec<(Line, String)>,
    /// The address of a line's proof, without its number and what follows.
    proof: (String, String),
    file: String,
    back: String,
    property: Vec<String>,
}

impl CardPage {
    pub(super) fn of(visit: &Visit, (card, told): (&CardOfBooking, &Told)) -> Self {
        let (words, zone) = (&visit.site.words, &visit.site.merchant.zone);
        let rest = format!("/carte/{}", card.card.token);
        let values = [("card", &*name(card)), ("merchant", &visit.site.merchant.name)];
        let until = until(card).map(|at| format::date(zone.date(at), words.locale()));
        let named = |line: Line| {
            let name = words.with("access-verify-line", &[("seq", &line.seq.to_string())]);
            (line, name)
        };
        let proof = visit.href(&format!("{rest}/#"));
        let proof = proof.split_once('#').unwrap_or((&proof, ""));
        let mut lede = words.with("access-lede", &values);
        if !told.file.complete {
            lede = format!("{lede} {}", words.say("access-incomplete"));
        }
        Self {
            page: visit.page(words.say("access-title"), &rest),
            lede,
            until: until.map(|day| words.with("access-until", &[("date", &day)])),
            lines: lines(words, zone, told).into_iter().map(named).collect(),
            proof: (proof.0.to_owned(), proof.1.to_owned()),
            file: visit.href(&format!("{rest}/journal")),
            back: visit.href(""),
            property: visit.site.contact(),
        }
    }
}

/// The proof of one line.
#[derive(Template)]
#[template(path = "bookings/templates/guest-proof.html")]
pub(super) struct ProofPage {
    page: Page,
    line: Line,
    sound: bool,
    entry: String,
    leaf: String,
    place: String,
    path: Vec<String>,
    head: String,
    key: String,
    opened: Option<(String, String)>,
    file: String,
    back: String,
    property: Vec<String>,
}

impl ProofPage {
    /// Nothing for a line that the card does not have.
    pub(super) fn of(
        visit: &Visit,
        (card, told): (&CardOfBooking, &Told),
        (checked, head): &(CheckedEntry, bool),
    ) -> Option<Self> {
        let (words, zone) = (&visit.site.words, &visit.site.merchant.zone);
        let access = told.accesses.iter().find(|one| one.proved.seq == checked.seq)?;
        let proved = access.proved.clone();
        let rest = format!("/carte/{}", card.card.token);
        let seq = checked.seq.to_string();
        let size = told.file.checkpoint.lines().nth(1).unwrap_or_default();
        Some(Self {
            page: visit
                .page(words.with("access-proof-title", &[("seq", &seq)]), &format!("{rest}/{seq}")),
            line: Line::of(words, zone, (access, &told.known)),
            sound: *head && checked.included && checked.opened,
            entry: proved.entry,
            leaf: proved.leaf_hash,
            place: words.with("access-proof-path", &[("size", size)]),
            path: proved.path,
            head: told.file.checkpoint.clone(),
            key: told.file.key.clone(),
            opened: proved.salt.zip(proved.details),
            file: visit.href(&format!("{rest}/journal")),
            back: visit.href(&rest),
            property: visit.site.contact(),
        })
    }
}
