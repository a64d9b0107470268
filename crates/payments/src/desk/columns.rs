//! The columns that the list of payments may show and that its exports carry.

use documents::cell::Moment;
use documents::{Cell, Column, Kind};
use http::Words;
use kernel::{Money, Zone, format};
use web::list::view::{Head, Shown};

use super::store::Listed;
use super::words;

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
    words.say(&format!("desk-col-{name}"))
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

/// The columns of a sheet: what is shown, with the offset of its times and the currency of its
/// amounts, which a page says otherwise.
#[must_use]
pub fn sheet(words: &Words, shown: &[&str]) -> Vec<Column> {
    let column = |name: &'static str, kind: Kind, width: u16| Column {
        name,
        title: title(words, name),
        kind,
        width,
    };
    let mut columns = Vec::new();
    for name in shown {
        match *name {
            "reference" => columns.push(column("reference", Kind::Text, 22)),
            "date" => {
                columns.push(column("date", Kind::Moment, 16));
                columns.push(column("offset", Kind::Text, 10));
            }
            "payer" => columns.push(column("payer", Kind::Text, 26)),
            "email" => columns.push(column("email", Kind::Text, 28)),
            "card" => {
                columns.push(column("last4", Kind::Text, 10));
                columns.push(column("brand", Kind::Text, 12));
            }
            "status" => columns.push(column("status", Kind::Text, 18)),
            "amount" => columns.push(column("amount", Kind::Amount, 12)),
            "captured" => columns.push(column("captured", Kind::Amount, 12)),
            "refunded" => columns.push(column("refunded", Kind::Amount, 12)),
            "channel" => columns.push(column("channel", Kind::Text, 16)),
            "shop" => columns.push(column("shop", Kind::Text, 31)),
            "guarantee" => columns.push(column("guarantee", Kind::Text, 14)),
            "threeds" => columns.push(column("threeds", Kind::Text, 18)),
            _ => columns.push(column("id", Kind::Text, 31)),
        }
    }
    columns.push(column("currency", Kind::Text, 8));
    columns
}

/// The cells of a row of the sheet.
#[must_use]
pub fn cells(words: &Words, shown: &[&str], row: &Listed, zone: &Zone) -> Vec<Cell> {
    let mut cells = Vec::new();
    for name in shown {
        match *name {
            "reference" => cells.push(Cell::text(&row.order_ref)),
            "date" => {
                let moment = Moment::of(row.created_at, zone);
                let offset = Cell::text(format!("UTC{}", moment.offset));
                cells.extend([Cell::Moment(moment), offset]);
            }
            "payer" => cells.push(Cell::text(&row.name)),
            "email" => cells.push(Cell::text(&row.email)),
            "card" => cells.extend([
                Cell::text(row.last4.clone().unwrap_or_default()),
                Cell::text(brand(row)),
            ]),
            "status" => cells.push(Cell::text(words.say(&words::status_key(row.status)))),
            "amount" => cells.push(row.amount.into()),
            "captured" => cells.push(row.captured.into()),
            "refunded" => cells.push(opposite(row.refunded).into()),
            "channel" => cells.push(Cell::text(words::channel(words, row.channel))),
            "shop" => cells.push(Cell::text(row.shop.to_string())),
            "guarantee" => cells.push(Cell::text(guarantee(words, row))),
            "threeds" => cells.push(Cell::text(threeds(words, row))),
            _ => cells.push(Cell::text(row.id.to_string())),
        }
    }
    cells.push(Cell::text(row.amount.currency().code()));
    cells
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
