//! The cards of the stays to come: 55 that guests left with channels and programs, 41 of them
//! checked with the bank, and six virtual ones, each at another point of its life.
//!
//! Nothing is written past anybody: a card comes to the vault by its door with the hotel's key, is
//! checked and charged by the app's API, and is given to its booking by the events that follow.

use std::collections::BTreeMap;

use booking::bookings::store::{self as bookings, Filter, Part};
use booking::bookings::{Booking, BookingState};
use kernel::card_text::luhn_valid;
use kernel::rng::SeededRng;
use kernel::time::{plus_days, plus_months};
use kernel::{Date, MerchantId, Mode, Zone};
use serde_json::{Value, json};
use vault_wire::{CardSettingsGet, CardSettingsPut, VaultClient, ViewOnce, WireError, WireScope};
use web::Context;

use super::dice::Dice;
use super::door::{Patience, post};
use super::{BEFORE_CARDS, Progress, text};
use crate::config::Demo;
use crate::demo::{Keys, MerchantKeys};

/// Sets the random numbers of cards apart from those of the catalogue and the history.
const STREAM: u64 = 0x4341_5254_4553_2d31;

const VERIFIED: usize = 41;
const UNVERIFIED: usize = 14;
/// Of those that are verified: whose code goes along with the check, and is gone after it.
const CODE_USED: usize = 3;
/// Of those that are not: whose code waits for the one look.
const CODE_KEPT: usize = 4;
const EXPIRING: usize = 6;
/// Bookings that are read; the town has fewer.
const MOST_BOOKINGS: u32 = 1_000;

const VIEW_ONCE_DAYS: i64 = 180;
const REASON: &str = "Notre acquéreur l'autorise pour les garanties";
const CHANNELS: [(&str, &str); 3] =
    [("Example OTA", "feed"), ("Centrale du Val", "api"), ("Logiciel hôtelier", "api")];
/// Families of test numbers, each with the length of its numbers.
const FAMILIES: [(&str, usize); 4] =
    [("4970100000", 16), ("4970100100", 16), ("5100010100", 16), ("37590001", 15)];
const VIRTUAL: &str = "5207000000000000";
/// Cards of a batch that are good, and in how many months they end; the others end with the second
/// month to come.
const GOOD: [&str; 3] = ["4970100000000154", "4242424242424242", "5555555555554444"];
const GOOD_MONTHS: i64 = 33;
const SAME_NUMBER: &str = "4970100100000005";
const ENDING_MONTHS: i64 = 2;

/// What becomes of a card after it came.
enum Then {
    Rests,
    /// It is checked, with its code or without.
    Check(bool),
    /// So many cents are charged, under this reference.
    Charge(i64, String),
}

/// A card on its way to the vault.
struct Sent {
    booking: String,
    holder: String,
    number: String,
    /// A day of its last month.
    end: Date,
    code: bool,
    /// What its channel tells, when it is virtual.
    told: Value,
    then: Then,
}

/// Who sends, and where to.
struct Desk<'a> {
    ctx: &'a Context,
    hotel: &'a MerchantKeys,
}

/// Sends all cards. Gives how many.
///
/// # Errors
/// A sentence with the cause.
pub(super) async fn write(
    ctx: &Context,
    vault: &VaultClient,
    (keys, settings): (&Keys, &Demo),
    progress: &Progress,
) -> Result<u64, String> {
    let Some(hotel) = keys.merchants.first() else { return Ok(0) };
    let today = Zone::paris().date(ctx.now(hotel.shop));
    let stays = Stays::read(ctx, hotel.id, today).await?;
    let patience = Patience::new();
    while let Err(error) = keep_codes(ctx, vault, hotel).await {
        patience.wait_after(error.to_string()).await?;
    }
    let rng = SeededRng::new(settings.seed ^ STREAM);
    let mut sent = plain(&stays, &Dice(&rng), today);
    sent.extend(virtual_ones(&stays, today));
    let desk = Desk { ctx, hotel };
    for (number, card) in sent.iter().enumerate() {
        desk.send(("town", number), card).await?;
        let share = number * (100 - BEFORE_CARDS) / sent.len();
        progress.tell(BEFORE_CARDS + share, 100);
    }
    Ok(sent.len() as u64)
}

/// The bookings that cards belong to.
struct Stays {
    /// In the order of arrival.
    coming: Vec<Booking>,
    called_off: Option<Booking>,
}

impl Stays {
    async fn read(ctx: &Context, hotel: MerchantId, today: Date) -> Result<Self, String> {
        let scope = identity::scope::for_house(hotel, Mode::Test);
        let of = move |state| Filter { state: Some(state), ..Filter::default() };
        let all = Part { before: None, limit: MOST_BOOKINGS };
        let read = move |tx: &mut db::Tx<'_>| {
            let coming = bookings::list(tx, &scope, &of(BookingState::Confirmed), all)?;
            let gone = bookings::list(tx, &scope, &of(BookingState::Cancelled), all)?;
            Ok::<_, db::DbError>((coming, gone))
        };
        let (mut coming, mut gone) = ctx.db.read(read).await.map_err(text)?;
        coming.retain(|booking| booking.starts >= today);
        coming.sort_by(|one, other| (one.starts, &one.number).cmp(&(other.starts, &other.number)));
        gone.sort_by(|one, other| (one.starts, &one.number).cmp(&(other.starts, &other.number)));
        Ok(Self { coming, called_off: gone.pop() })
    }
}

/// One card for each stay, from the second on: the first guest of today comes with a virtual one.
fn plain(stays: &Stays, dice: &Dice<'_>, today: Date) -> Vec<Sent> {
    let card = |(at, booking): (usize, &Booking)| {
        let is_checked = at < VERIFIED;
        let (then, code) = match at {
            _ if at < CODE_USED => (Then::Check(true), true),
            _ if is_checked => (Then::Check(false), false),
            _ => (Then::Rests, at < VERIFIED + CODE_KEPT),
        };
        // The last to arrive, whose cards may end before they come.
        let expires = at >= VERIFIED + UNVERIFIED - EXPIRING;
        let later = if expires { 2 } else { dice.between(8, 44) };
        Sent {
            booking: booking.id.to_string(),
            holder: holder(booking),
            number: number(dice),
            end: plus_months(today, later),
            code,
            told: Value::Null,
            then,
        }
    };
    stays.coming.iter().skip(1).take(VERIFIED + UNVERIFIED).enumerate().map(card).collect()
}

/// Opens today, opens later, charged in part, forgotten, to be given back, and soon lost.
fn virtual_ones(stays: &Stays, today: Date) -> Vec<Sent> {
    let day = |offset| plus_days(today, offset).to_string();
    let euros = |amount: i64| json!({ "amount": amount, "currency": "EUR" });
    let card = |booking: String, holder: String, told: Value| Sent {
        booking,
        holder,
        number: VIRTUAL.to_owned(),
        end: plus_months(today, 24),
        code: false,
        told,
        then: Then::Rests,
    };
    let mut all = Vec::new();
    let mut rest = stays.coming.iter().skip(1 + VERIFIED + UNVERIFIED);
    if let Some(booking) = stays.coming.first() {
        let told = json!({ "active_from": day(0), "balance": euros(booking.total.minor()) });
        all.push(card(booking.id.to_string(), holder(booking), told));
    }
    if let Some(booking) = rest.next() {
        let opens = booking.starts.to_string();
        let told = json!({ "active_from": opens, "balance": euros(booking.total.minor()) });
        all.push(card(booking.id.to_string(), holder(booking), told));
    }
    let told = json!({ "active_from": day(-6), "balance": euros(24_000) });
    let partly = card("OTA-48213".into(), "H. Novak".into(), told);
    all.push(Sent { then: Then::Charge(9_000, "OTA-48213/1".into()), ..partly });
    let told = json!({ "active_from": day(-9), "balance": euros(13_200) });
    all.push(card("OTA-47760".into(), "G. Schmidt".into(), told));
    if let Some(booking) = &stays.called_off {
        let told = json!({ "active_from": day(-12), "balance": euros(booking.total.minor()) });
        let charged = card(booking.id.to_string(), holder(booking), told);
        let order = format!("{}/3", booking.number);
        all.push(Sent { then: Then::Charge(booking.total.minor(), order), ..charged });
    }
    let told = json!({
        "active_from": day(-40), "charge_before": day(20), "balance": euros(19_600),
    });
    all.push(card("OTA-45102".into(), "M. Rossi".into(), told));
    all
}

fn holder(booking: &Booking) -> String {
    format!("{} {}", booking.contact.first_name, booking.contact.last_name)
}

/// A number of a family that every bank of the demo accepts.
fn number(dice: &Dice<'_>) -> String {
    let (family, length) = FAMILIES[dice.place(FAMILIES.len())];
    let mut digits: Vec<u8> = family.bytes().map(|digit| digit - b'0').collect();
    // The speaking numbers of the second and third family begin with two noughts.
    digits.push(7);
    while digits.len() + 1 < length {
        digits.push(u8::try_from(dice.between(0, 9)).unwrap_or(0));
    }
    let with = |last: u8| [&digits[..], &[last]].concat();
    let whole = (0..=9).map(with).find(|digits| luhn_valid(digits)).unwrap_or_default();
    whole.iter().map(|digit| char::from(b'0' + digit)).collect()
}

impl Desk<'_> {
    /// Sends a card once and does with it what is to be done; gives its token.
    async fn send(&self, (who, number): (&str, usize), card: &Sent) -> Result<String, String> {
        let mut body = json!({
            "shop": self.hotel.shop, "booking": card.booking, "virtual": card.told,
            "card": { "number": card.number, "exp_month": card.end.month(), "exp_year": card.end.year(),
                "holder": card.holder },
        });
        let (channel, entry) = CHANNELS[number % CHANNELS.len()];
        body["source"] = json!({ "channel": channel, "entry": entry });
        if card.code {
            // American Express prints four digits, and its numbers have fifteen.
            let code = if card.number.len() == 15 { "1234" } else { "123" };
            body["card"]["security_code"] = code.into();
        }
        let (urls, key) = (&self.ctx.urls, format!("{who}-card-{number}"));
        let vault_key = &self.hotel.vault_key;
        let told = post((&urls.vault, "/v1/cards", vault_key), (&key, &body)).await?;
        let token = told["token"].as_str().ok_or("the vault gave no token")?.to_owned();
        let (path, body) = match &card.then {
            Then::Rests => return Ok(token),
            Then::Check(code) => {
                (format!("/v1/cards/{token}/verifications"), json!({ "with_code": code }))
            }
            Then::Charge(cents, order) => (
                "/v1/payments".to_owned(),
                json!({ "shop": self.hotel.shop, "amount": cents, "currency": "EUR", "card": token,
                    "order_ref": order, "channel": "moto_terminal" }),
            ),
        };
        post((&urls.app, &path, &self.hotel.api_key), (&key, &body)).await?;
        Ok(token)
    }
}

/// Three cards whose holders have agreed to later charges, checked so that the bank's chain reference
/// is known, and six that end in a month to come. Gives the tokens by name.
///
/// # Errors
/// A sentence with the cause.
pub(crate) async fn for_a_batch(
    ctx: &Context,
    hotel: &MerchantKeys,
) -> Result<BTreeMap<String, String>, String> {
    let desk = Desk { ctx, hotel };
    let today = Zone::paris().date(ctx.now(hotel.shop));
    let good =
        |(at, number): (usize, &&'static str)| (format!("t{}", at + 1), *number, GOOD_MONTHS, true);
    let ends = |at: usize| (format!("e{at}"), SAME_NUMBER, ENDING_MONTHS, false);
    let all = GOOD.iter().enumerate().map(good).chain((1..=EXPIRING).map(ends));
    let mut tokens = BTreeMap::new();
    for (at, (name, number, months, is_checked)) in all.enumerate() {
        let card = Sent {
            booking: format!("HOP-2026-{}", 201 + at),
            holder: "A. Roy".to_owned(),
            number: number.to_owned(),
            end: plus_months(today, months),
            code: false,
            told: Value::Null,
            then: if is_checked { Then::Check(false) } else { Then::Rests },
        };
        tokens.insert(name, desk.send(("scene", at), &card).await?);
    }
    Ok(tokens)
}

/// Claire has said that the acquirer allows it: codes are kept for one look.
///
/// # Errors
/// [`WireError`]: the vault does not answer.
pub(crate) async fn keep_codes(
    ctx: &Context,
    vault: &VaultClient,
    hotel: &MerchantKeys,
) -> Result<(), WireError> {
    let scope = WireScope::of_house(hotel.id, hotel.shop);
    let answer = vault.ask(&scope, &CardSettingsGet {}).await?;
    if answer.settings.view_code_once.is_some() {
        return Ok(());
    }
    let today = Zone::paris().date(ctx.now(hotel.shop));
    let owner = hotel.users.first().map(|user| user.id.to_string());
    let mut settings = answer.settings;
    settings.view_code_once = Some(ViewOnce {
        reason: REASON.to_owned(),
        until: plus_days(today, VIEW_ONCE_DAYS).to_string(),
        approved_by: owner.unwrap_or_default(),
    });
    let put = CardSettingsPut { settings, version: answer.version };
    vault.ask(&scope, &put).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_length_and_the_last_digit_of_their_family() {
        let rng = SeededRng::new(1);
        let all: Vec<String> = (0..50).map(|_| number(&Dice(&rng))).collect();
        for number in &all {
            let digits: Vec<u8> = number.bytes().map(|digit| digit - b'0').collect();
            let family = FAMILIES.iter().find(|(family, _)| number.starts_with(family)).unwrap();
            assert!(luhn_valid(&digits) && digits.len() == family.1, "{number}");
        }
        assert!(all.iter().any(|n| n.len() == 15) && all.iter().any(|n| n.len() == 16));
    }
}
