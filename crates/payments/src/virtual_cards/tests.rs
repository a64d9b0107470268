//! What a window and a balance allow, by example.

use kernel::rng::SeededRng;

use kernel::{BookingId, CardToken, Currency, Date, Money, ShopId, Timestamp, Zone};

use super::board;
use super::model::*;
use super::ops::Seen;
use crate::subject::Claim;

fn card() -> VirtualCard {
    let rng = SeededRng::new(3);
    VirtualCard {
        card: CardToken::random(&rng),
        shop: ShopId::random(&rng),
        masked: "******4242".into(),
        channel: "Example OTA".into(),
        booking: "HOP-9".into(),
        facts: Facts {
            active_from: Some(day("2026-12-03")),
            charge_before: Some(day("2027-12-05")),
            balance: Some(15_000),
            currency: Some(Currency::EUR),
            ..Facts::default()
        },
        source: Source::Channel,
        version: 1,
        received_at: instant("2026-11-20T09:00:00Z"),
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn instant(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn charge(card: &VirtualCard, amount: Money, used: &Use, now: &str) -> Result<(), Refusal> {
    let zone = Zone::paris();
    card.admit(amount, used, Moment { now: instant(now), zone: &zone, mcc: Some("7011") })
}

const OPEN: &str = "2026-12-03T09:00:00Z";

#[test]
fn v_50_every_reason_is_found_before_anything_is_sent() {
    let (card, fresh) = (card(), Use::default());
    let eur = Money::eur;
    // 2 December, 18:00 in Paris: it opens in six hours.
    let early = charge(&card, eur(15_000), &fresh, "2026-12-02T17:00:00Z");
    let opens = instant("2026-12-02T23:00:00Z");
    assert_eq!(early, Err(Refusal::NotActive(opens)));
    assert_eq!(charge(&card, eur(15_000), &fresh, "2026-12-02T23:00:00Z"), Ok(()));
    let over = charge(&card, eur(16_800), &fresh, OPEN);
    assert_eq!(over, Err(Refusal::OverBalance(eur(15_000))), "150.00 possible");
    let dollars = Money::new(1_000, "USD".parse().unwrap());
    assert_eq!(charge(&card, dollars, &fresh, OPEN), Err(Refusal::Currency(Currency::EUR)));
    let late = charge(&card, eur(100), &fresh, "2027-12-06T09:00:00Z");
    assert_eq!(late, Err(Refusal::WindowClosed(day("2027-12-05"))));
    let tries = vec![instant("2026-12-03T08:00:00Z"), instant("2026-12-03T07:30:00Z")];
    let tried = Use { tries, ..Use::default() };
    let again = instant("2026-12-04T07:30:00Z");
    assert_eq!(charge(&card, eur(100), &tried, OPEN), Err(Refusal::Attempts(again)));
    let trade = |mcc: &str| Facts { mcc_allowed: vec![mcc.into()], ..card.facts.clone() };
    let inn = VirtualCard { facts: trade("7011"), ..card.clone() };
    assert_eq!(charge(&inn, eur(100), &fresh, OPEN), Ok(()));
    let shop = VirtualCard { facts: trade("5812"), ..card.clone() };
    assert_eq!(charge(&shop, eur(100), &fresh, OPEN), Err(Refusal::Mcc));
    let once = VirtualCard { facts: Facts { single_use: true, ..card.facts.clone() }, ..card };
    let used = Use { captured: 100, since_balance: 100, ..Use::default() };
    assert_eq!(charge(&once, eur(100), &used, OPEN), Err(Refusal::SingleUse));
}

#[test]
fn v_49_a_balance_that_nobody_told_bars_nothing_and_one_told_later_counts_from_then() {
    let unknown = VirtualCard { facts: Facts { balance: None, ..card().facts }, ..card() };
    assert_eq!(charge(&unknown, Money::eur(99_000), &Use::default(), OPEN), Ok(()));
    let used = Use { captured: 12_000, since_balance: 5_000, ..Use::default() };
    assert_eq!(card().left(&used), Some(Money::eur(10_000)));
}

fn seen(card: &VirtualCard, used: &Use, claim: Option<Claim>) -> Seen {
    Seen {
        told: card.clone(),
        card: card.for_stay(claim.as_ref()),
        used: used.clone(),
        claim,
        zone: Zone::paris(),
        trade: Some("7011".into()),
    }
}

#[test]
fn v_53_a_card_stands_in_the_lists_of_its_day() {
    let (card, fresh) = (card(), Use::default());
    let at = |used: &Use, today: &str| board::tabs(&seen(&card, used, None), day(today));
    assert_eq!(at(&fresh, "2026-11-20"), []);
    assert_eq!(at(&fresh, "2026-11-28"), [Tab::Soon]);
    assert_eq!(at(&fresh, "2026-12-03"), [Tab::Today]);
    assert_eq!(at(&fresh, "2026-12-04"), [Tab::Late]);
    assert_eq!(at(&fresh, "2027-11-20"), [Tab::Late, Tab::Losing]);
    let part = Use { captured: 5_000, since_balance: 5_000, ..Use::default() };
    assert_eq!(at(&part, "2026-12-04"), [Tab::Left]);
    let whole = Use { captured: 15_000, since_balance: 15_000, ..Use::default() };
    assert_eq!(at(&whole, "2026-12-04"), [Tab::Charged]);
    assert_eq!(at(&fresh, "2027-12-06"), [], "lost");
}

fn stay(due: i64, cancelled: Option<&str>) -> Claim {
    Claim {
        shop: ShopId::random(&kernel::rng::OsRng),
        booking: BookingId::random(&SeededRng::new(5)),
        number: "DOS-2026-000118".into(),
        reference: None,
        first_name: "Hans".into(),
        last_name: "Weber".into(),
        due: Money::eur(due),
        undecided: false,
        check_in: day("2026-12-03"),
        check_out: day("2026-12-05"),
        cancelled: cancelled.map(day),
    }
}

#[test]
fn v_51_a_year_after_check_out_is_the_usual_end_and_sixty_days_the_usual_refund() {
    let told = VirtualCard { facts: Facts { charge_before: None, ..card().facts }, ..card() };
    let usual = told.for_stay(Some(&stay(16_800, None)));
    assert_eq!(usual.facts.charge_before, Some(day("2027-12-05")));
    assert_eq!(usual.facts.refund_before, None);
    assert_eq!(told.for_stay(None).facts.charge_before, None, "nobody knows the stay");
    let gone = told.for_stay(Some(&stay(0, Some("2026-11-30"))));
    assert_eq!(gone.facts.refund_before, Some(day("2027-01-29")));
    let paid = Use { captured: 15_000, since_balance: 15_000, ..Use::default() };
    let gone = seen(&told, &paid, Some(stay(0, Some("2026-11-30"))));
    assert_eq!(board::tabs(&gone, day("2026-12-04")), [Tab::Refund, Tab::Charged]);
    let back = Use { refunded: 15_000, ..paid };
    let back = seen(&told, &back, Some(stay(0, Some("2026-11-30"))));
    assert_eq!(board::tabs(&back, day("2026-12-04")), [Tab::Charged], "it went back");
}

#[test]
fn v_50_what_is_above_the_balance_is_left_to_the_guests_own_card() {
    let fresh = Use::default();
    let more = seen(&card(), &fresh, Some(stay(16_800, None)));
    assert_eq!(more.possible(), Some(Money::eur(15_000)));
    let less = seen(&card(), &fresh, Some(stay(9_000, None)));
    assert_eq!(less.possible(), Some(Money::eur(9_000)));
}
