//! The way in: links for the guest, the staff, the bank, the inbox and the clock.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use http::Page;
use http::assets::STAFF_SCRIPT;
use http::page::Band;
use kernel::{Locale, Zone, format};

use super::DemoState;
use crate::demo::keys::GATE;

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    page: Page,
    bank: String,
    site: String,
    people: Vec<PersonRow>,
    clock: String,
    cards: Vec<CardRow>,
    curl: String,
}

struct PersonRow {
    name: String,
    role: String,
    house: String,
    email: String,
}

struct CardRow {
    number: &'static str,
    what: String,
}

/// Numbers of the release's test table, with the key of what each does.
const CARDS: &[(&str, &str)] = &[
    ("4970 1001 0000 1003", "demo-card-challenge"),
    ("4970 1000 0000 0154", "demo-card-accepted"),
    ("5555 5555 5555 4444", "demo-card-mastercard"),
    ("4970 1001 0000 0518", "demo-card-funds"),
    ("4970 1001 0000 0823", "demo-card-code"),
    ("4970 1001 0000 0542", "demo-card-expired"),
    ("4970 1001 0000 0815", "demo-card-soft"),
    ("4970 1001 0000 0989", "demo-card-silent"),
    ("3622 720627 1667", "demo-card-diners"),
];

/// `GET /demo`
pub(super) async fn page(State(state): State<DemoState>, uri: Uri, headers: HeaderMap) -> Response {
    let ctx = &state.ctx;
    let words = web::language::choose_staff(ctx, &uri, &headers);
    let locale = words.locale();
    let page = Page::new(words.clone(), words.say("demo-title"), "Guichet")
        .band(Band::Demo)
        .script(&STAFF_SCRIPT)
        .languages(&[Locale::Fr, Locale::En], "/demo");
    let hotel = state.keys.merchants.first();
    let cards = CARDS.iter().map(|(number, key)| CardRow { number, what: words.say(key) });
    let now = hotel.map_or_else(|| ctx.real_now(), |hotel| ctx.now(hotel.shop));
    http::html(&StartPage {
        bank: ctx.urls.bank.clone(),
        site: format!("/s/{}?lang={}", hotel.map_or("", |h| h.slug.as_str()), locale.code()),
        people: people(&state, &words),
        clock: format::date_time(now, &Zone::paris(), locale),
        cards: cards.collect(),
        curl: hotel.map_or_else(String::new, |hotel| {
            format!(
                "curl {}/v1/lodgings?shop={} \\\n  -H 'Authorization: Bearer {}'",
                ctx.urls.app, hotel.shop, hotel.api_key
            )
        }),
        page,
    })
}

fn people(state: &DemoState, words: &http::Words) -> Vec<PersonRow> {
    let of_house = |merchant: &super::super::keys::MerchantKeys| {
        let house = merchant.name.clone();
        let row = |user: &super::super::keys::UserKeys| PersonRow {
            name: user.name.clone(),
            role: words.say(&format!("role-{}", user.role)),
            house: house.clone(),
            email: user.email.clone(),
        };
        // Who only stands at the gate has no page here to enter.
        let users = merchant.users.iter().filter(|user| user.role != GATE);
        users.map(row).collect::<Vec<PersonRow>>()
    };
    state.keys.merchants.iter().flat_map(of_house).collect()
}
