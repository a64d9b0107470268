//! What was chosen, without storage.

use http::Words;
use kernel::{Id, Locale, Money, Right};

use super::model::{About, Chosen, Label, Outlook};

const ABOUT: About = About {
    name: "things.move",
    key: "thing-move",
    whys: &["lot"],
    path: "/choses/lots/deplacer",
    list: "/choses",
    things: "/choses",
    prefix: "thing",
    audit: "thing.lot",
    right: Right::BookingEdit,
    view: Right::BookingView,
    export: Right::BookingView,
    ceiling: None,
    typed: true,
    reason: false,
    danger: false,
};

fn words() -> std::sync::Arc<Words> {
    let lists: Vec<_> = crate::SLICES.iter().map(|slice| slice.messages).collect();
    http::Catalogue::new(&lists).unwrap().words(Locale::Fr)
}

fn chosen(number: u8, amount: Money) -> Chosen {
    let label = Label { reference: format!("A-{number}"), ..Label::default() };
    Chosen { thing: Id::from_bytes([number; 16]), label, amount, version: 1, why: None }
}

#[test]
fn u_21_a_lot_has_one_currency_and_its_total_counts_what_is_done() {
    let dollars = Money::new(900, "USD".parse().unwrap());
    let refused = Chosen { why: Some("non".into()), ..chosen(1, Money::eur(5_000)) };
    let all =
        vec![refused, chosen(2, Money::eur(300)), chosen(3, dollars), chosen(4, Money::eur(45))];
    let outlook = Outlook::of(&ABOUT, &words(), all);
    assert_eq!((outlook.count(), outlook.total()), (2, Some(Money::eur(345))));
    let why: Vec<_> = outlook.left_out().map(|one| one.why.clone().unwrap()).collect();
    assert_eq!(why[0], "non");
    assert!(why[1].starts_with("Autre devise"), "{why:?}");
}

#[test]
fn u_21_the_button_is_bound_to_what_the_page_showed() {
    let of = |all| Outlook::of(&ABOUT, &words(), all).digest();
    let seen = of(vec![chosen(1, Money::eur(300)), chosen(2, Money::eur(45))]);
    assert_eq!(seen, of(vec![chosen(1, Money::eur(300)), chosen(2, Money::eur(45))]));
    let newer = Chosen { version: 2, ..chosen(2, Money::eur(45)) };
    for other in [
        vec![chosen(1, Money::eur(300))],
        vec![chosen(1, Money::eur(300)), chosen(2, Money::eur(46))],
        vec![chosen(1, Money::eur(300)), newer],
    ] {
        assert_ne!(seen, of(other));
    }
}

#[test]
fn u_21_a_reason_has_the_nearest_words() {
    let words = words();
    assert_eq!(ABOUT.why(&words, "at_bank"), words.say("lot-at-bank"));
    assert_eq!(ABOUT.why(&words, "other_currency"), words.say("lot-why-other-currency"));
    let id = ABOUT.id(Id::from_bytes([7; 16]));
    assert_eq!(ABOUT.thing(&id), Some(Id::from_bytes([7; 16])));
    assert_eq!(ABOUT.thing(&id.replace("thing_", "other_")), None);
}
