//! `GET /v1/lodgings`, `POST /v1/stays/search`, `PUT /v1/lodgings/{id}/tariffs`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, patch, post, put};
use db::{DbError, Tx};
use http::Refusal;
use identity::extract::{May, needs};
use kernel::{Date, FormulaId, Locale, LodgingId, Problem, ShopId, TariffId};
use payments::fields::{Body, Object};
use serde_json::{Value, json};
use web::Context;
use web::query::Query;

use super::editing::edit;
use super::equipment::{self, Equipment};
use super::model::{AgeBracket, Formula, Lodging, Party, Texts};
use super::ops::{self, Overlap};
use super::pricing::Policy;
use super::quote::Quote;
use super::saving::Edited;
use super::search::{Found, StayQuery};
use super::store;
use super::tariffs::{Price, TariffPeriod, Weekdays};
use crate::api::{self, Asked, Told, money};
use crate::carts::error::reasons_json;

/// The routes of the slice.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/v1/lodgings", get(list))
        .route("/v1/lodgings/{id}", patch(change))
        .route("/v1/lodgings/{id}/tariffs", put(enter_tariffs))
        .route("/v1/stays/search", post(search))
}

async fn list(
    State(ctx): State<Context>,
    may: May<needs::BookingView>,
    query: Query,
) -> Result<Response, Refusal> {
    let query = query.read(&["shop"])?;
    let asked = query.get("shop").map(|text| text.parse::<ShopId>());
    let asked = asked.transpose().map_err(|_| Refusal(Problem::not_found()))?;
    let shop = api::own_shop(asked, may.shop)?;
    let scope = may.scope;
    let read = move |tx: &mut Tx<'_>| -> Result<Value, DbError> {
        let formulas = store::formulas(tx, &scope, shop)?;
        let lodgings = store::of_shop(tx, &scope, shop)?;
        let brackets = store::brackets(tx, &scope)?;
        let data: Vec<Value> =
            lodgings.iter().map(|lodging| lodging_json(lodging, &formulas)).collect();
        let brackets: Vec<Value> = brackets.iter().map(bracket_json).collect();
        Ok(json!({"data": data, "age_brackets": brackets, "next": null}))
    };
    let told = ctx.db.read(read).await.map_err(Told::from)?;
    Ok(api::answer(200, told.to_string()))
}

fn lodging_json(lodging: &Lodging, formulas: &[Formula]) -> Value {
    let own: Vec<Value> = formulas
        .iter()
        .filter(|formula| formula.lodging == lodging.id)
        .map(|formula| {
            json!({
                "id": formula.id, "board": formula.board.as_str(), "names": formula.names,
                "name": formula.names.get(Locale::Fr), "adjustments": formula.adjustments,
                "deposit_basis_points": formula.deposit_basis_points,
            })
        })
        .collect();
    json!({
        "id": lodging.id, "shop": lodging.shop, "kind": lodging.kind.as_str(),
        "names": lodging.names, "name": lodging.names.get(Locale::Fr),
        "descriptions": lodging.descriptions, "conditions": lodging.conditions,
        "equipment": lodging.equipment, "tourist_tax": lodging.tourist_tax,
        "version": lodging.version,
        "capacity": {
            "min": lodging.capacity.min, "standard": lodging.capacity.standard,
            "max": lodging.capacity.max,
        },
        "units": lodging.units, "check_in": lodging.check_in, "check_out": lodging.check_out,
        "policy": lodging.policy.as_str(), "currency": lodging.currency,
        "registration_number": lodging.registration_number, "formulas": own,
    })
}

fn bracket_json(bracket: &AgeBracket) -> Value {
    json!({
        "code": bracket.code, "names": bracket.names, "from": bracket.from, "to": bracket.to,
    })
}

type StayWish = ((Date, Date), Party);

fn read_search(bytes: &[u8]) -> Result<(Option<ShopId>, StayWish), Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    let shop = root.parsed("shop", "a shop, shop_…");
    let (dates, party) = (api::dates(&root), api::party(&body, &root));
    root.close();
    body.finish()?;
    Ok((shop, dates.zip(party).ok_or_else(Problem::internal)?))
}

async fn search(
    State(ctx): State<Context>,
    may: May<needs::BookingView>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let (shop, wish) = read_search(&bytes)?;
    let shop = api::own_shop(shop, may.shop)?;
    let (scope, now) = (may.scope, ctx.now(shop));
    let read = move |tx: &mut Tx<'_>| -> Result<Value, Told> {
        let today = api::calendar(tx, &scope, now)?.today;
        known_brackets(&store::brackets(tx, &scope)?, &wish.1)?;
        let query = StayQuery::new(wish.0, wish.1, today).map_err(Problem::from)?;
        Ok(results(&ops::find_stays(tx, &scope, shop, (&query, now))?))
    };
    let told = ctx.db.read(read).await?;
    Ok(api::answer(200, told.to_string()))
}

/// Refuses a party with a bracket that the merchant does not have.
pub(crate) fn known_brackets(known: &[AgeBracket], party: &Party) -> Result<(), Problem> {
    let unknown = |group: &&super::model::Guests| known.iter().all(|b| b.code != group.bracket);
    let Some(at) = party.groups().iter().position(|group| unknown(&group)) else { return Ok(()) };
    let codes: Vec<&str> = known.iter().map(|bracket| bracket.code.as_str()).collect();
    let text = format!("Give one of: {}.", codes.join(", "));
    Err(Problem::field(format!("$.guests[{at}].bracket"), "invalid_field", text))
}

fn results(found: &[Found]) -> Value {
    let offered = found.iter().flat_map(|found| {
        found.offers.iter().map(|offer| {
            let mut told = quote_json(&offer.quote);
            told["lodging"] = json!(found.lodging.id);
            told["formula"] = json!(offer.formula.id);
            told["units_left"] = found.units_left.into();
            told["tourist_tax"] = json!({
                "mode": "on_site_text", "text": found.lodging.tourist_tax.get(Locale::Fr),
            });
            told
        })
    });
    let data: Vec<Value> = offered.collect();
    let unavailable: Vec<Value> = found
        .iter()
        .filter(|found| found.offers.is_empty())
        .map(|found| json!({"lodging": found.lodging.id, "reasons": reasons_json(&found.reasons)}))
        .collect();
    json!({"data": data, "unavailable": unavailable})
}

/// A price with its explanation, without what only the owner may see.
pub(crate) fn quote_json(quote: &Quote) -> Value {
    json!({
        "total": money(quote.total), "deposit": money(quote.deposit), "policy": quote.policy,
        "step": quote.step, "segments": quote.segments, "adjustments": quote.adjustments,
        "supplements": [],
    })
}

/// What a program changes of a lodging; absent members stay.
struct Change {
    policy: Option<Policy>,
    names: Option<Texts>,
    descriptions: Option<Texts>,
    conditions: Option<Texts>,
    equipment: Option<Equipment>,
    check_in: Option<String>,
    check_out: Option<String>,
    version: Option<i64>,
}

impl Change {
    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let value = Body::parse(bytes)?;
        let body = Body::new();
        let root = body.root(&value);
        let policy = root.text("policy", 40).map(|word| Policy::parse(&word));
        if policy == Some(None) {
            root.fault("policy", "Give one of: open_pro, cheapest.");
        }
        let languages = "Give an object of languages and texts, such as {\"fr\": \"…\"}.";
        let equipment = format!("Give words of: {}.", equipment::WORDS.join(", "));
        let change = Self {
            policy: policy.flatten(),
            names: typed(&root, "names", languages),
            descriptions: typed(&root, "descriptions", languages),
            conditions: typed(&root, "conditions", languages),
            equipment: typed(&root, "equipment", &equipment),
            check_in: root.text("check_in", 5),
            check_out: root.text("check_out", 5),
            version: root.integer("version"),
        };
        root.close();
        body.finish()?;
        Ok(change)
    }

    fn of(&self, known: &Lodging) -> Lodging {
        let mut wanted = known.clone();
        let Self { policy, names, descriptions, conditions, equipment, .. } = self;
        wanted.policy = policy.unwrap_or(known.policy);
        for (text, place) in [
            (names, &mut wanted.names),
            (descriptions, &mut wanted.descriptions),
            (conditions, &mut wanted.conditions),
        ] {
            if let Some(text) = text {
                place.clone_from(text);
            }
        }
        if let Some(equipment) = equipment {
            wanted.equipment.clone_from(equipment);
        }
        let hours =
            [(&self.check_in, &mut wanted.check_in), (&self.check_out, &mut wanted.check_out)];
        for (hour, place) in hours {
            if let Some(hour) = hour {
                place.clone_from(hour);
            }
        }
        wanted.version = self.version.unwrap_or(known.version);
        wanted
    }
}

/// A member that is read as a whole.
fn typed<T: serde::de::DeserializeOwned>(
    object: &Object<'_>,
    name: &'static str,
    what: &str,
) -> Option<T> {
    let value = object.value(name)?;
    let read = serde_json::from_value(value.clone()).ok();
    if read.is_none() {
        object.fault(name, what);
    }
    read
}

async fn change(
    State(ctx): State<Context>,
    may: May<needs::CatalogueEdit>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let id: LodgingId = api::id(&id)?;
    let change = Change::read(&bytes)?;
    let path = format!("/v1/lodgings/{id}");
    let asked = Asked::new((&may.scope, may.shop), &headers, (&path, &bytes))?;
    let (scope, shop) = (may.scope, may.shop);
    let unit = move |tx: &mut Tx<'_>, _: crate::moment::Moment| {
        let lodging = store::find(tx, &scope, id)?;
        let lodging =
            lodging.filter(|lodging| lodging.shop == shop).ok_or_else(Problem::not_found)?;
        let formulas = store::formulas(tx, &scope, shop)?;
        match edit(tx, &scope, &change.of(&lodging))? {
            Edited::Done(_) => {
                let now = store::find(tx, &scope, id)?.ok_or_else(Problem::not_found)?;
                Ok((200, lodging_json(&now, &formulas)))
            }
            Edited::Both(now) => {
                let text = "Somebody else changed the lodging meanwhile.";
                let problem = Problem::new(409, "version_conflict", text);
                Err(problem.with("current", lodging_json(&now, &formulas)).into())
            }
        }
    };
    api::run(&ctx, asked, unit).await
}

/// A tariff period as written in the API.
struct Entered {
    formula: FormulaId,
    dates: (Date, Date),
    lengths: Vec<u16>,
    arrival_days: Weekdays,
    price: Price,
}

fn read_tariffs(bytes: &[u8]) -> Result<(Vec<Entered>, Overlap), Problem> {
    let value = Body::parse(bytes)?;
    let body = Body::new();
    let root = body.root(&value);
    let replace = root.yes("replace").unwrap_or(false);
    let periods = api::list(&body, &root, "periods", period);
    root.close();
    body.finish()?;
    let overlap = if replace { Overlap::Replace } else { Overlap::Refuse };
    Ok((periods.unwrap_or_default(), overlap))
}

async fn enter_tariffs(
    State(ctx): State<Context>,
    may: May<needs::CatalogueEdit>,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let id: LodgingId = api::id(&id)?;
    let (periods, overlap) = read_tariffs(&bytes)?;
    let path = format!("/v1/lodgings/{id}/tariffs");
    let asked = Asked::new((&may.scope, may.shop), &headers, (&path, &bytes))?;
    let (scope, shop) = (may.scope, may.shop);
    let unit = move |tx: &mut Tx<'_>, moment: crate::moment::Moment| {
        let lodging = store::find(tx, &scope, id)?;
        let lodging =
            lodging.filter(|lodging| lodging.shop == shop).ok_or_else(Problem::not_found)?;
        let list: Vec<TariffPeriod> = periods
            .iter()
            .map(|entered| TariffPeriod {
                id: TariffId::new(moment.now, moment.rng),
                shop,
                lodging: lodging.id,
                formula: entered.formula,
                first_day: entered.dates.0,
                last_day: entered.dates.1,
                lengths: entered.lengths.clone(),
                arrival_days: entered.arrival_days,
                price: entered.price.clone(),
                rank: 0,
            })
            .collect();
        ops::add_tariffs(tx, &scope, &list, overlap)?;
        let ids: Vec<TariffId> = list.iter().map(|period| period.id).collect();
        Ok((200, json!({"lodging": lodging.id, "tariffs": ids})))
    };
    api::run(&ctx, asked, unit).await
}

fn period(body: &Body, object: &Object<'_>) -> Option<Entered> {
    let formula = object.required("formula", object.parsed("formula", "a formula, fml_…"));
    let day = |name| object.required(name, object.parsed(name, "a date such as 2026-07-04"));
    let (from, to) = (day("from"), day("to"));
    let lengths = object.required("nights", object.value("nights")).and_then(numbers);
    let words = object.value("arrival_days").map_or(Some(Vec::new()), texts);
    let days = words.and_then(|words| Weekdays::from_words(&words));
    let price = price(object);
    for (name, is_wrong) in [("nights", lengths.is_none()), ("arrival_days", days.is_none())] {
        if is_wrong {
            body.fault(object.path(name), "invalid_field", "This field cannot be read.");
        }
    }
    Some(Entered {
        formula: formula?,
        dates: (from?, to?),
        lengths: lengths?,
        arrival_days: days?,
        price: price?,
    })
}

fn price(object: &Object<'_>) -> Option<Price> {
    let (per_stay, per_person) = (object.value("per_stay"), object.value("per_person"));
    let amount = |value: &Value| value.as_i64();
    match (per_stay, per_person) {
        (Some(value), None) => {
            let price = amount(value).map(Price::PerStay);
            if price.is_none() {
                object.fault("per_stay", "Give a whole number of minor units.");
            }
            price
        }
        (None, Some(map)) => {
            let one = |(code, value): (&String, &Value)| Some((code.clone(), amount(value)?));
            let prices = map.as_object().and_then(|map| map.iter().map(one).collect());
            if prices.is_none() {
                object.fault("per_person", "Give an amount in minor units for each bracket.");
            }
            prices.map(Price::PerPerson)
        }
        (None, None) => object.required("per_stay", None),
        (Some(_), Some(_)) => {
            object.fault("per_person", "Give per_stay or per_person, not both.");
            None
        }
    }
}

fn numbers(value: &Value) -> Option<Vec<u16>> {
    let one = |value: &Value| u16::try_from(value.as_u64()?).ok();
    value.as_array()?.iter().map(one).collect()
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|value| value.as_str().map(str::to_owned)).collect()
}
