//! The columns that the list of payments may show and that its exports carry.

use documents::{Cell, Column, Kind};
use http::Words;
use identity::lists::{Wanted, sheet};
use kernel::{Money, Zone, format};
use web::list::view::{Head, Shown};

use super::store::Listed;
use super::words;
use crate::payment::GuaranteeValue;

/// Key of the words of a column, without its name.
const TITLE: &str = "desk-col";
/// All columns, by the names under which settings and addresses know them.
pub const ALL: &[&str] = &[
    "reference",
    "date",
    "payer",
    "email",
    "card",
    "status",
    "amount",
    "captured",
    "refunded",
    "channel",
    "shop",
    "guarantee",
    "threeds",
    "id",
];
/// What is shown until a person chooses.
pub const USUAL: &[&str] = &["reference", "date", "payer", "card", "status", "amount", "refunded"];

/// The words of a column.
#[must_use]
pub fn title(words: &Words, name: &str) -> String {
    words.say(&format!("{TITLE}-{name}"))
}

/// The heading of a column.
#[must_use]
pub fn head(words: &Words, name: &str) -> Head {
    Head { title: title(words, name), figures: matches!(name, "amount" | "captured" | "refunded") }
}

/// What a row shows in a column.
#[must_use]
pub fn shown(words: &Words, name: &str, row: &Listed, zone: &Zone) -> Shown {
    match name {
        "reference" => Shown::Reference(row.order_ref.clone()),
        "date" => Shown::Time(
            format::date_time(row.created_at, zone, words.locale()),
            row.created_at.to_string(),
        ),
        "payer" => Shown::Text(row.name.clone()),
        "email" => Shown::Text(row.email.clone()),
        "card" => Shown::Card(row.last4.clone().unwrap_or_default(), brand(row)),
        "status" => Shown::State(words::chip(words, row.status)),
        "amount" => Shown::Figure(words::money(words, row.amount)),
        "captured" => Shown::Figure(some_money(words, row.captured)),
        "refunded" => Shown::Figure(some_money(words, opposite(row.refunded))),
        "channel" => Shown::Text(words::channel(words, row.channel)),
        "shop" => Shown::Reference(row.shop.to_string()),
        "guarantee" => Shown::Text(guarantee(words, row)),
        "threeds" => Shown::Text(threeds(words, row)),
        _ => Shown::Reference(row.id.to_string()),
    }
}

/// The columns of a sheet.
#[must_use]
pub fn columns(wanted: &Wanted) -> Vec<Column> {
    sheet::columns(&wanted.words, TITLE, &wanted.columns, |name| match name {
        "reference" => vec![("reference", Kind::Text, 22)],
        "date" => sheet::instant_parts("date").into(),
        "payer" => vec![("payer", Kind::Text, 26)],
        "email" => vec![("email", Kind::Text, 28)],
        "card" => vec![("last4", Kind::Text, 10), ("brand", Kind::Text, 12)],
        "status" => vec![("status", Kind::Text, 18)],
        "amount" => vec![("amount", Kind::Amount, 12)],
        "captured" => vec![("captured", Kind::Amount, 12)],
        "refunded" => vec![("refunded", Kind::Amount, 12)],
        "channel" => vec![("channel", Kind::Text, 16)],
        "shop" => vec![("shop", Kind::Text, 31)],
        "guarantee" => vec![("guarantee", Kind::Text, 14)],
        "threeds" => vec![("threeds", Kind::Text, 18)],
        _ => vec![("id", Kind::Text, 31)],
    })
}

/// The cells of a row of the sheet.
#[must_use]
pub fn cells(wanted: &Wanted, row: &Listed) -> Vec<Cell> {
    let words = &wanted.words;
    sheet::cells(&wanted.columns, row.amount.currency(), |name| match name {
        "reference" => vec![Cell::text(&row.order_ref)],
        "date" => sheet::instant(row.created_at, &wanted.zone).into(),
        "payer" => vec![Cell::text(&row.name)],
        "email" => vec![Cell::text(&row.email)],
        "card" => {
            let word = |code| Cell::word(code, words::brand(code));
            vec![row.last4.clone().map(Cell::text).into(), row.brand.as_deref().map(word).into()]
        }
        "status" => {
            vec![Cell::word(row.status.as_str(), words.say(&words::status_key(row.status)))]
        }
        "amount" => vec![row.amount.into()],
        "captured" => vec![row.captured.into()],
        "refunded" => vec![opposite(row.refunded).into()],
        "channel" => {
            vec![Cell::word(row.channel.as_str(), words::channel(words, row.channel))]
        }
        "shop" => vec![Cell::text(row.shop.to_string())],
        "guarantee" => {
            let word = |value: GuaranteeValue| Cell::word(value.as_str(), guarantee(words, row));
            vec![row.guarantee.map(word).into()]
        }
        "threeds" => {
            let word = |code| Cell::word(code, threeds(words, row));
            vec![row.threeds.as_deref().map(word).into()]
        }
        _ => vec![Cell::text(row.id.to_string())],
    })
}

fn brand(row: &Listed) -> String {
    row.brand.as_deref().map(words::brand).unwrap_or_default()
}

fn guarantee(words: &Words, row: &Listed) -> String {
    row.guarantee.map_or_else(String::new, |value| words.say(&words::guarantee_key(value)))
}

fn threeds(words: &Words, row: &Listed) -> String {
    row.threeds.as_deref().map_or_else(String::new, |result| words::threeds(words, result))
}

/// Money given back counts down.
fn opposite(amount: Money) -> Money {
    Money::new(amount.minor().saturating_neg(), amount.currency())
}

fn some_money(words: &Words, amount: Money) -> String {
    if amount.is_zero() { String::new() } else { words::money(words, amount) }
}
