//! What the pages of cards show.

use askama::Template;
use http::{Page, Words};
use kernel::time::nights_between;
use kernel::{Timestamp, Zone, format};
use vault_wire::{CardOfBooking, CodeStatus};
use web::Form;
use web::shell::Shell;

use super::buttons::Button;
use super::of_booking::Stays;
use super::pages::{Approver, BlockView, PartnerView, PersonView};
use crate::desk::words::brand;
use crate::subject::Claim;

/// One card as a row, as a page and in its booking.
pub struct CardView {
    /// Its page.
    pub href: String,
    /// Its scheme.
    pub brand: String,
    /// All that is shown of its number.
    pub masked: String,
    /// Its last month.
    pub expiry: String,
    /// Initials of its holder.
    pub holder: String,
    /// Its booking, in words.
    pub booking: String,
    /// The page of a booking of this house.
    pub booking_href: Option<String>,
    /// The shape of its state.
    pub icon: &'static str,
    /// Its state.
    pub state: String,
    /// Why, and when.
    pub cause: String,
    /// Kind, bank and country.
    pub issuer: String,
    /// The line about its security code.
    pub code: String,
    /// When it is destroyed.
    pub purge: String,
    /// The same, counted in days.
    pub countdown: String,
    /// Until when it was kept longer by hand.
    pub extended: String,
    /// How often it was shown.
    pub seen: String,
}

impl CardView {
    /// A card at a moment.
    #[must_use]
    pub fn of(words: &Words, (zone, now): (&Zone, Timestamp), listed: &CardOfBooking) -> Self {
        let card = &listed.card;
        let locale = words.locale();
        let (icon, state) = state_icon(words, card);
        let purge = card.purge_at.map_or_else(String::new, |at| {
            words.with("cards-purge", &[("date", &format::date_time(at, zone, locale))])
        });
        let booking = listed.booking.clone().unwrap_or_default();
        let known = booking.starts_with("bkg_");
        Self {
            href: format!("/cartes/{}", card.token),
            brand: brand(card.preferred_brand.unwrap_or(card.brand).as_str()),
            masked: card.masked.clone(),
            expiry: match card.exp_month {
                0 => "—".to_owned(),
                month => format!("{month:02}/{}", card.exp_year),
            },
            holder: card.holder_initials.clone().unwrap_or_default(),
            booking_href: known.then(|| format!("/reservations/{booking}")),
            booking: if known { words.say("cards-booking-open") } else { booking },
            icon,
            state,
            cause: cause(words, zone, &card.verification),
            issuer: issuer(words, card),
            code: code(words, zone, card),
            countdown: card
                .purge_at
                .map_or_else(String::new, |at| countdown(words, zone, (now, at))),
            extended: listed.extended_until.map_or_else(String::new, |day| {
                words.with("cards-extended", &[("date", &format::date(day, locale))])
            }),
            purge,
            seen: words.count("cards-seen", i64::from(card.reveals.count)),
        }
    }
}

impl CardView {
    /// The same with its stay by number and guest, where this house has it.
    #[must_use]
    pub(super) fn in_stay(mut self, stays: &Stays, listed: &CardOfBooking) -> Self {
        let stay = listed.booking.as_ref().and_then(|name| stays.get(name));
        if let Some(Claim { booking, number, first_name, last_name, .. }) = stay {
            self.booking = format!("{number} · {first_name} {last_name}");
            self.booking_href = Some(format!("/reservations/{booking}"));
        }
        self
    }
}

/// "Effacée dans 12 jours".
fn countdown(words: &Words, zone: &Zone, (now, at): (Timestamp, Timestamp)) -> String {
    match nights_between(zone.date(now), zone.date(at)) {
        days if days <= 0 => words.say("cards-gone-today"),
        days => words.count("cards-gone-in", days),
    }
}

/// Shape and words of where a card stands: blocked, else what its issuer said.
#[must_use]
pub(super) fn state_icon(words: &Words, card: &vault_wire::Card) -> (&'static str, String) {
    match card.suspension {
        Some(_) => ("lock", words.say("cards-suspended")),
        None => verification_icon(words, &card.verification.status),
    }
}

/// Shape and words of what an issuer said of a card.
#[must_use]
pub fn verification_icon(words: &Words, status: &str) -> (&'static str, String) {
    let (icon, key) = match status {
        "verified" => ("check-shield", "cards-verified"),
        "failed" => ("bar-shield", "cards-refused"),
        "pending" => ("clock", "cards-verifying"),
        _ => ("hollow-shield", "cards-unverified"),
    };
    (icon, words.say(key))
}

/// When the issuer was asked, and what he said against the card.
fn cause(words: &Words, zone: &Zone, said: &vault_wire::Verification) -> String {
    let Some(at) = said.at else { return String::new() };
    let when =
        words.with("cards-verified-on", &[("date", &format::date_time(at, zone, words.locale()))]);
    let why = said.decline_code.as_deref();
    let why = why.map(|code| words.say(&format!("cards-decline-{}", code.replace('_', "-"))));
    [Some(when), why].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn issuer(words: &Words, card: &vault_wire::Card) -> String {
    let funding = match card.funding.as_deref() {
        Some("credit") => Some("cards-funding-credit"),
        Some("debit") => Some("cards-funding-debit"),
        Some("prepaid") => Some("cards-funding-prepaid"),
        Some("charge") => Some("cards-funding-charge"),
        _ => None,
    };
    let funding = funding.map(|key| words.say(key));
    let known = [funding, card.issuer.name.clone(), card.issuer.country.clone()];
    let known: Vec<String> = known.into_iter().flatten().collect();
    if known.is_empty() { words.say("cards-issuer-unknown") } else { known.join(" · ") }
}

/// The line about the security code, in the words that all pages use.
fn code(words: &Words, zone: &Zone, card: &vault_wire::Card) -> String {
    let code = &card.security_code;
    let when = code.at.map(|at| format::date_time(at, zone, words.locale())).unwrap_or_default();
    match (code.status, code.destroyed_because.as_deref(), &code.actor) {
        (CodeStatus::Available, ..) => words.say("cards-code-available"),
        (CodeStatus::Reserved, ..) => words.say("cards-code-reserved"),
        (CodeStatus::Unknown, ..) => words.say("cards-code-unknown"),
        (CodeStatus::Transit | CodeStatus::None, ..) => words.say("cards-code-none"),
        (CodeStatus::Destroyed, Some("viewed"), Some(who)) => {
            words.with("cards-code-viewed", &[("date", &when), ("user", who)])
        }
        (CodeStatus::Destroyed, Some("viewed" | "authorised" | "declined"), _) => {
            words.with("cards-code-used", &[("date", &when)])
        }
        (CodeStatus::Destroyed, ..) => words.with("cards-code-destroyed", &[("date", &when)]),
    }
}

/// The list.
#[derive(Template)]
#[template(path = "cards/templates/list.html")]
pub(in crate::cards) struct ListPage {
    pub(in crate::cards) page: Page,
    pub(in crate::cards) shell: Shell,
    pub(in crate::cards) rows: Vec<CardView>,
    pub(in crate::cards) may_set: bool,
    pub(in crate::cards) banner: bool,
    pub(in crate::cards) blocked: bool,
    /// Who waits for the answer of this person; empty when nobody does.
    pub(in crate::cards) asked: String,
}

/// What the page says of a virtual card beside.
pub(in crate::cards) struct VirtualPart {
    /// Window and balance.
    pub(in crate::cards) facts: Vec<(String, String)>,
    /// What was told, by whom and when; the latest first.
    pub(in crate::cards) history: Vec<(String, String)>,
}

/// One card.
#[derive(Template)]
#[template(path = "cards/templates/card.html")]
pub(in crate::cards) struct CardPage {
    pub(in crate::cards) page: Page,
    pub(in crate::cards) shell: Shell,
    pub(in crate::cards) card: CardView,
    pub(in crate::cards) buttons: Vec<Button>,
    pub(in crate::cards) virtuals: Option<VirtualPart>,
    pub(in crate::cards) notice: String,
    /// Since when and why it is blocked; empty while it is not.
    pub(in crate::cards) suspended: String,
    /// To whom a refused card is reported: the sentence, the words of the link and where it leads.
    pub(in crate::cards) report: Option<(String, Option<(String, &'static str)>)>,
    /// The page that blocks it or takes that back, for who may.
    pub(in crate::cards) suspend: Option<String>,
    /// The page that keeps it longer, for who may.
    pub(in crate::cards) extend: Option<String>,
}

/// How cards are kept.
#[derive(Template)]
#[template(path = "cards/templates/settings.html")]
pub(in crate::cards) struct SettingsPage {
    pub(in crate::cards) page: Page,
    pub(in crate::cards) shell: Shell,
    /// The tabs of the settings.
    pub(in crate::cards) tabs: Vec<identity::settings::Tab>,
    pub(in crate::cards) form: Form,
    pub(in crate::cards) version: u32,
    pub(in crate::cards) brands: Vec<(&'static str, &'static str, bool)>,
    pub(in crate::cards) accepts: bool,
    pub(in crate::cards) once: bool,
    pub(in crate::cards) status: String,
    pub(in crate::cards) status_icon: &'static str,
    pub(in crate::cards) status_tone: &'static str,
    pub(in crate::cards) banner: bool,
    pub(in crate::cards) sent: String,
    /// When a second person is asked: value and words.
    pub(in crate::cards) second: Vec<(&'static str, String)>,
    pub(in crate::cards) saved: bool,
    /// The person has a PIN, and may change it.
    pub(in crate::cards) has_pin: bool,
    /// Why the person's own PIN serves nothing now; empty when it does, or there is none.
    pub(in crate::cards) pin_shut: String,
    /// What is said of a PIN that replaces a lost one and waits.
    pub(in crate::cards) pin_waits: Option<String>,
    pub(in crate::cards) may_reveal: bool,
    /// He may destroy cards.
    pub(in crate::cards) may_delete: bool,
    pub(in crate::cards) block: BlockView,
    /// Those who see cards; empty for who does not manage users.
    pub(in crate::cards) people: Vec<PersonView>,
    /// Software vendors that may use the cards.
    pub(in crate::cards) partners: Vec<PartnerView>,
    /// What one may be granted: word and sentence.
    pub(in crate::cards) scopes: Vec<(&'static str, String)>,
    /// Those who may answer for showing security codes.
    pub(in crate::cards) approvers: Vec<Approver>,
}
