//! What lodgings, tariffs and the search of stays take and give, for the description of the API.

use http::openapi::{
    Once, Operation, Part, Schema, boolean, constant, date, id, integer, link, list, map, may,
    minor, must, object, one_of, text, words,
};
use serde_json::json;

use super::equipment::WORDS;
use super::model::{Board, Kind, MAX_PERSONS};
use super::pricing::Policy;
use crate::api::MAX_ITEMS;

const TAG: &str = "Stays";

/// Lodgings, their tariffs, and what is free.
#[must_use]
pub fn part() -> Part {
    let operations = vec![lodgings(), change(), tariffs(), search()];
    let schemas = vec![
        ("Money", money()),
        ("Guests", guests()),
        ("Lodging", lodging()),
        (
            "Offer",
            quoted().plus([
                must("lodging", id("ldg")),
                must("formula", id("fml")),
                must("units_left", integer().at_least(0)),
                must("tourist_tax", tourist_tax()),
            ]),
        ),
        ("Reason", reason()),
        ("TariffPeriod", tariff()),
    ];
    Part { operations, schemas }
}

fn lodgings() -> Operation {
    let bracket = object([
        must("code", text().example("adult")),
        must("names", texts()),
        must("from", integer().at_least(0)),
        must("to", integer().or_null()),
    ]);
    let page = object([
        must("data", list(link("Lodging"))),
        must("age_brackets", list(bracket)),
        must("next", constant(())),
    ]);
    Operation::new("GET", "/v1/lodgings", "listLodgings")
        .titled(TAG, "Lodgings with their formulas and age brackets")
        .right("booking.view")
        .query("shop", id("shop").about("The shop of the key; any other is a 404."))
        .answer(200, "All of the shop.", page)
        .refuses(404, &["not_found"])
        .refuses(422, &["invalid_field"])
}

fn change() -> Operation {
    let hour = || text().pattern("^([01][0-9]|2[0-3]):[0-5][0-9]$").or_null();
    let body = object([
        may("policy", policy().or_null()),
        may("names", texts().or_null()),
        may("descriptions", texts().or_null()),
        may("conditions", texts().or_null()),
        may("equipment", equipment().or_null()),
        may("check_in", hour()),
        may("check_out", hour()),
        may("version", integer().or_null().about("The version you saw; another one is a 409.")),
    ]);
    Operation::new("PATCH", "/v1/lodgings/{id}", "changeLodging")
        .titled(TAG, "Change what is said of a lodging; what is absent stays")
        .right("catalogue.edit")
        .once(Once::Optional)
        .path("id", id("ldg"))
        .body(body, json!({"policy": "cheapest"}))
        .answer(200, "The lodging.", link("Lodging"))
        .refuses(409, &["version_conflict"])
}

fn tariffs() -> Operation {
    let body = object([
        must("periods", list(link("TariffPeriod")).count(0, MAX_ITEMS)),
        may("replace", boolean().or_null().about("Replaces what overlaps instead of refusing.")),
    ]);
    let answer = object([must("lodging", id("ldg")), must("tariffs", list(id("trf")))]);
    Operation::new("PUT", "/v1/lodgings/{id}/tariffs", "enterTariffs")
        .titled(TAG, "Enter prices for periods")
        .right("catalogue.edit")
        .once(Once::Optional)
        .path("id", id("ldg"))
        .body(body, None)
        .answer(200, "The periods that were made.", answer)
        .refuses(409, &["two_prices"])
}

fn search() -> Operation {
    let body = object([
        must("arrival", date()),
        must("departure", date()),
        must("guests", party()),
        may("shop", id("shop").or_null()),
    ]);
    let example = json!({
        "arrival": "2027-07-03", "departure": "2027-07-10",
        "guests": [{"bracket": "adult", "count": 2}],
    });
    let none = object([must("lodging", id("ldg")), must("reasons", list(link("Reason")))]);
    let answer = object([must("data", list(link("Offer"))), must("unavailable", list(none))]);
    Operation::new("POST", "/v1/stays/search", "searchStays")
        .titled(TAG, "What is free, at which price and why")
        .right("booking.view")
        .body(body, example)
        .answer(200, "Offers, and why the others are none.", answer)
        .refuses(404, &["not_found"])
        .refuses(422, &["invalid_dates", "past_date", "stay_too_long"])
}

/// An amount with its currency.
fn money() -> Schema {
    let currency = text().pattern("^[A-Z]{3}$").example("EUR");
    object([must("amount", minor()), must("currency", currency)])
}

/// Texts by language.
fn texts() -> Schema {
    map(text()).about("By language: `fr`, `en`…")
}

fn equipment() -> Schema {
    list(words(WORDS))
}

fn guests() -> Schema {
    object([
        must("bracket", text().length(0, 40).about("Code of an age bracket.").example("adult")),
        must("count", integer().within(0, i64::from(MAX_PERSONS))),
    ])
}

/// Who comes: between 1 and 99 persons, each bracket once.
pub(crate) fn party() -> Schema {
    list(link("Guests")).count(1, MAX_ITEMS)
}

fn policy() -> Schema {
    words(Policy::ALL.iter().map(|policy| policy.as_str()))
}

fn lodging() -> Schema {
    let rule = object([
        must("code", text()),
        must("basis_points", integer().about("Hundredths of a percent; negative lowers.")),
        must("min_nights", integer()),
    ]);
    let boards = [Board::RoomOnly, Board::Breakfast, Board::HalfBoard];
    let formula = object([
        must("id", id("fml")),
        must("board", words(boards.iter().map(|board| board.as_str()))),
        must("names", texts()),
        must("name", text()),
        must("adjustments", list(rule)),
        must("deposit_basis_points", integer().within(0, 10_000)),
    ]);
    let capacity = object(["min", "standard", "max"].map(|name| must(name, integer().at_least(0))));
    object([
        must("id", id("ldg")),
        must("shop", id("shop")),
        must("kind", words(Kind::ALL.iter().map(|kind| kind.as_str()))),
        must("names", texts()),
        must("name", text()),
        must("descriptions", texts()),
        must("conditions", texts()),
        must("equipment", equipment()),
        must("tourist_tax", texts()),
        must("version", integer()),
        must("capacity", capacity),
        must("units", integer().at_least(0)),
        must("check_in", text().example("15:00")),
        must("check_out", text().example("11:00")),
        must("policy", policy()),
        must("currency", text().pattern("^[A-Z]{3}$")),
        must("registration_number", text().or_null()),
        must("formulas", list(formula)),
    ])
}

/// A price with its explanation.
pub(crate) fn quoted() -> Schema {
    let segment = object([
        must("arrival", date()),
        must("nights", integer().at_least(1)),
        must("tariff", id("trf")),
        must("amount", minor()),
    ]);
    let adjustment =
        object([must("code", text()), must("basis_points", integer()), must("amount", minor())]);
    object([
        must("total", link("Money")),
        must("deposit", link("Money")),
        must("policy", policy()),
        must("step", one_of([integer().within(1, 3), constant("cheapest")])),
        must("segments", list(segment)),
        must("adjustments", list(adjustment)),
        must("supplements", list(constant(()))),
    ])
}

fn tourist_tax() -> Schema {
    object([must("mode", constant("on_site_text")), must("text", text())])
}

fn reason() -> Schema {
    let codes = [
        "not_open",
        "sales_closed",
        "sold_out",
        "held_by_other",
        "no_price",
        "capacity_exceeded",
        "bracket_not_priced",
    ];
    object([
        must("code", words(codes)),
        may("date", date()),
        may("until", http::openapi::instant()),
        may("limit", integer()),
    ])
}

fn tariff() -> Schema {
    object([
        must("formula", id("fml")),
        must("from", date().about("First night.")),
        must("to", date().about("Last night.")),
        must("nights", list(integer().within(1, 366)).about("Lengths it prices.")),
        may("arrival_days", list(words(super::tariffs::WEEKDAY_WORDS)).or_null()),
        may("per_stay", minor().at_least(0).or_null()),
        may("per_person", map(minor().at_least(0)).or_null().about("By age bracket.")),
    ])
    .about("Either `per_stay` or `per_person`.")
}
