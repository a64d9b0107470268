//! The split screen: a guest's phone on the left, the staff's desk on the right, and above them
//! the clock, the persona and a mission.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use http::assets::Asset;
use http::page::Band;
use http::security::{self, Policy};
use http::{Page, Refusal, Words};
use kernel::{Locale, Zone, format};

use super::sites::{self, Site};
use super::{DemoState, assets, clock, pulse};
use crate::demo::keys::{GATE, Keys, MerchantKeys, UserKeys};
use crate::demo::missions::{MISSIONS, Run, robot};

#[derive(Template)]
#[template(path = "screen.html")]
struct Screen {
    page: Page,
    style: &'static Asset,
    script: &'static Asset,
    version: String,
    clock: String,
    clock_value: String,
    people: Vec<PersonRow>,
    mission: Option<MissionView>,
    missions: Vec<MissionLink>,
    finished: bool,
    cards: Vec<CardRow>,
    /// What is said while the sample data is still arriving.
    filling: Option<String>,
    inbox: i64,
    bank: String,
    vault: String,
    sites: Vec<Site>,
    payer: String,
    desk: String,
}

struct PersonRow {
    name: String,
    role: String,
    house: String,
    email: String,
    current: bool,
}

struct MissionLink {
    key: &'static str,
    title: String,
    current: bool,
}

struct MissionView {
    key: &'static str,
    kicker: String,
    title: String,
    steps: Vec<StepView>,
    over: bool,
    proof: String,
    curl: Option<String>,
    /// Page of the payment that the visitor has made by API.
    pay: Option<String>,
}

struct StepView {
    title: String,
    text: String,
    done: bool,
    here: bool,
}

struct CardRow {
    number: &'static str,
    code: &'static str,
    what: String,
}

/// Security code of the test cards, American Express has four digits.
fn test_code(number: &str) -> &'static str {
    if number.starts_with("37") { "1234" } else { "123" }
}

/// Numbers of the release's test table, with the key of what each does.
const CARDS: &[(&str, &str)] = &[
    ("4970 1001 0000 1003", "demo-card-challenge"),
    ("4970 1000 0000 0154", "demo-card-accepted"),
    ("4242 4242 4242 4242", "demo-card-visa"),
    ("5555 5555 5555 4444", "demo-card-mastercard"),
    ("3782 822463 10005", "demo-card-amex"),
    ("4970 1001 0000 0518", "demo-card-funds"),
    ("4970 1001 0000 0823", "demo-card-code"),
    ("4970 1001 0000 0542", "demo-card-expired"),
    ("4970 1001 0000 0815", "demo-card-soft"),
    ("4970 1001 0000 0989", "demo-card-silent"),
    ("5207 0000 0000 0000", "demo-card-mastercard-other"),
    ("3622 720627 1667", "demo-card-diners"),
    ("6011 1111 1111 1117", "demo-card-discover"),
    ("3566 0020 2036 0505", "demo-card-jcb"),
];

#[derive(serde::Deserialize)]
pub(super) struct Asked {
    mission: Option<String>,
}

/// `GET /demo`: nobody signs in; who comes without a session is the owner of the hotel.
pub(super) async fn page(
    State(state): State<DemoState>,
    Query(asked): Query<Asked>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    if let Some(key) = &asked.mission {
        state.stage.begin(key, clock::now(&state));
        if let Some(mut run) = state.stage.run() {
            pulse::set_the_scene(&state, &mut run).await;
        }
    }
    let signed_in = identity::sessions::pages::signed_in(&state.ctx, &headers).await;
    let mut who = signed_in.map_err(|error| super::state::failed(&error))?;
    let mut cookie = None;
    if who.is_none()
        && let Some(owner) = state.keys.merchants.first().and_then(|m| m.users.first())
    {
        let open = identity::sessions::pages::open_in_demo(&state.ctx, &owner.email).await;
        cookie = open.ok();
        who = Some(owner.email.clone());
    }
    let words = web::language::choose_staff(&state.ctx, &uri, &headers);
    let news = pulse::news(&state).await?;
    // The payer's pages speak more languages than the strip.
    let visitor = web::language::asked(&uri).unwrap_or(words.locale());
    let sites = sites::all(&state, visitor).await?;
    let screen = Screen::new(&state, &words, (who.unwrap_or_default(), news), sites);
    let urls = &state.ctx.urls;
    let shows = [&urls.app, &urls.vault, &urls.bank].into_iter().cloned().collect();
    let mut response = http::html(&screen);
    if let Some(cookie) = cookie {
        http::reply::set(&mut response, header::SET_COOKIE, &cookie);
    }
    Ok(security::with_policy(response, Policy::Stage { shows }))
}

impl Screen {
    fn new(
        state: &DemoState,
        words: &std::sync::Arc<Words>,
        (who, news): (String, pulse::News),
        sites: Vec<Site>,
    ) -> Self {
        let locale = words.locale();
        let page = Page::new(words.clone(), words.say("demo-title"), "Guichet")
            .band(Band::Demo)
            .languages(&[Locale::Fr, Locale::En], "/demo");
        let now = clock::now(state);
        let run = news.run.as_ref();
        let house = house_of(&state.keys, &who);
        let home = sites.iter().find(|site| Some(site.merchant) == house.map(|house| house.id));
        let home = home.map_or_else(String::new, |site| site.href.clone());
        // Missions play at the first house; who is of another one stands before his own.
        let plays =
            state.keys.merchants.first().map(|first| first.id) == house.map(|house| house.id);
        let shown = run.filter(|_| plays);
        let mission = run.map(|run| mission_view(words, state, (run, news.pay.clone())));
        let link = |mission: &crate::demo::missions::Mission| MissionLink {
            key: mission.key,
            title: words.say(&format!("demo-m{}-name", mission.key)),
            current: run.is_some_and(|run| run.mission.key == mission.key),
        };
        let cards = CARDS.iter().map(|(number, key)| CardRow {
            number,
            code: test_code(number),
            what: words.say(key),
        });
        Self {
            style: &assets::STYLE,
            script: &assets::SCRIPT,
            version: news.version.clone(),
            clock: format::date_time(now, &Zone::paris(), locale),
            clock_value: clock::field_value(now),
            people: people(state, words, &who),
            finished: run.is_some_and(|run| run.here().is_none()),
            mission,
            missions: MISSIONS.iter().map(link).collect(),
            cards: cards.collect(),
            inbox: news.inbox,
            filling: pulse::filling(state, words),
            bank: state.ctx.urls.bank.clone(),
            vault: state.ctx.urls.vault.clone(),
            payer: shown.and_then(|run| run.payer.clone()).unwrap_or(home),
            desk: shown
                .and_then(|run| run.desk.clone())
                .unwrap_or_else(|| format!("/?lang={}", locale.code())),
            sites,
            page,
        }
    }
}

fn mission_view(
    words: &Words,
    state: &DemoState,
    (run, pay): (&Run, Option<String>),
) -> MissionView {
    let key = run.mission.key;
    let here = run.here();
    let step = |at: usize| {
        let number = at.saturating_add(1);
        StepView {
            title: words.say(&format!("demo-m{key}-{number}")),
            text: words.say(&format!("demo-m{key}-{number}-how")),
            done: run.done.contains(&at),
            here: here == Some(at),
        }
    };
    MissionView {
        key,
        kicker: words.say(&format!("demo-m{key}-name")),
        title: words.say(&format!("demo-m{key}-title")),
        steps: (0..run.mission.steps.len()).map(step).collect(),
        over: here.is_none(),
        proof: words.say(&format!("demo-m{key}-proof")),
        curl: (key == "dev").then(|| curl(state)).flatten(),
        pay,
    }
}

/// A payment by API, ready to be pasted in any shell. Pasted twice it is one payment; the page
/// loaded anew has another key.
fn curl(state: &DemoState) -> Option<String> {
    let hotel = state.keys.merchants.first()?;
    let body = robot::api_payment(hotel, "1");
    Some(format!(
        "curl {}/v1/payments \\\n  -H 'Authorization: Bearer {}' \\\n  -H 'Idempotency-Key: {}' \
         \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'",
        state.ctx.urls.app,
        hotel.api_key,
        state.ctx.new_token()
    ))
}

/// The house that somebody works for.
fn house_of<'k>(keys: &'k Keys, who: &str) -> Option<&'k MerchantKeys> {
    let works_there = |house: &&MerchantKeys| house.users.iter().any(|user| user.email == who);
    keys.merchants.iter().find(works_there).or_else(|| keys.merchants.first())
}

fn people(state: &DemoState, words: &Words, who: &str) -> Vec<PersonRow> {
    let of_house = |merchant: &MerchantKeys| {
        let house = merchant.name.clone();
        let row = |user: &UserKeys| PersonRow {
            name: user.name.clone(),
            role: words.say(&format!("role-{}", user.role)),
            house: house.clone(),
            email: user.email.clone(),
            current: user.email == who,
        };
        // Who only stands at the gate has no page here to enter.
        let users = merchant.users.iter().filter(|user| user.role != GATE);
        users.map(row).collect::<Vec<PersonRow>>()
    };
    state.keys.merchants.iter().flat_map(of_house).collect()
}
