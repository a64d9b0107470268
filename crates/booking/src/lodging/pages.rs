//! `/catalogue`: the lodgings of the merchant, and how their prices are found.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use http::Page;
use identity::audit;
use identity::extract::{Staff, needs};
use identity::merchants::store as merchant_store;
use kernel::{AuditId, LodgingId, Money, Problem, format};
use web::shell::Shell;

use super::Equipment;
use super::formula_editing::pages::address;
use super::model::{Formula, Lodging};
use super::pricing::Policy;
use super::search::public_order;
use super::tariffs::{self, TariffPeriod};
use super::{ops, store};
use crate::bookings::pages::{Desk, failed};

/// The routes of the slice.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/catalogue", get(show))
        .route("/catalogue/{id}/regle", post(set_policy))
        .merge(super::editing::pages::routes())
        .merge(super::photos::pages::routes())
        .merge(super::tariff_editing::pages::routes())
        .merge(super::formula_editing::pages::routes())
}

/// One lodging as shown.
struct Row {
    name: String,
    about: String,
    capacity: String,
    units: String,
    from: String,
    formulas: Vec<(String, String)>,
    equipment: String,
    action: String,
    id: String,
    cheapest: bool,
}

#[derive(Template)]
#[template(path = "lodging/templates/catalogue.html")]
struct CataloguePage {
    page: Page,
    shell: Shell,
    rows: Vec<Row>,
}

async fn show(
    State(desk): State<Desk>,
    staff: Staff<needs::CatalogueEdit>,
) -> Result<Response, Response> {
    let ctx = desk.engine.ctx.clone();
    let (scope, zone, clock) = (staff.scope.clone(), staff.merchant.zone.clone(), ctx.clone());
    let words = std::sync::Arc::clone(&staff.words);
    let read = move |tx: &mut Tx<'_>| -> Result<Vec<Row>, DbError> {
        let mut rows = Vec::new();
        for shop in merchant_store::shops(tx, &scope)? {
            let today = zone.date(clock.now(shop.id));
            let formulas = store::formulas(tx, &scope, shop.id)?;
            let periods = store::tariffs(tx, &scope, shop.id, today)?;
            for lodging in store::of_shop(tx, &scope, shop.id)? {
                let own: Vec<_> = formulas.iter().filter(|f| f.lodging == lodging.id).collect();
                let ids: Vec<_> = own.iter().map(|formula| formula.id).collect();
                let priced: Vec<&TariffPeriod> =
                    periods.iter().filter(|period| period.lodging == lodging.id).collect();
                let from = tariffs::indicative(&priced, &ids);
                let link =
                    |f: &&Formula| (address(lodging.id, f.id), f.names.get(words.locale()).into());
                let names = own.iter().copied().map(|f| link(&f)).collect();
                let order = public_order(&lodging, from);
                rows.push((order, row(&words, &lodging, (names, from))));
            }
        }
        rows.sort_by_key(|(order, _)| *order);
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    };
    let rows = ctx.db.read(read).await.map_err(|error| failed(&staff, error))?;
    let page = staff.page(&ctx, staff.words.say("lodging-title"));
    Ok(http::html(&CataloguePage { page, shell: staff.shell.clone(), rows }))
}

fn row(
    words: &http::Words,
    lodging: &Lodging,
    (formulas, from): (Vec<(String, String)>, Option<i64>),
) -> Row {
    let locale = words.locale();
    let from = from.map(|minor| format::money(Money::new(minor, lodging.currency), locale));
    Row {
        name: lodging.names.get(locale).to_owned(),
        about: lodging.descriptions.get(locale).to_owned(),
        capacity: words.count("stay-capacity", i64::from(lodging.capacity.max)),
        units: words.count("lodging-units", i64::from(lodging.units)),
        from: from.map_or_else(
            || words.say("lodging-no-price"),
            |amount| words.with("lodging-from", &[("amount", &amount)]),
        ),
        formulas,
        equipment: equipment(words, lodging),
        action: format!("/catalogue/{}/regle", lodging.id),
        id: lodging.id.to_string(),
        cheapest: lodging.policy == Policy::Cheapest,
    }
}

/// The equipment of a lodging in words.
pub(crate) fn equipment(words: &http::Words, lodging: &Lodging) -> String {
    let there = lodging.equipment.words().iter();
    there.map(|word| words.say(&Equipment::key(word))).collect::<Vec<_>>().join(", ")
}

async fn set_policy(
    State(desk): State<Desk>,
    staff: Staff<needs::CatalogueEdit>,
    Path(id): Path<String>,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Result<Response, Response> {
    let not_found = || web::oops::page(&staff.words, &Problem::not_found());
    let id: LodgingId = id.parse().map_err(|_| not_found())?;
    let policy = values.get("policy").and_then(|word| Policy::parse(word)).ok_or_else(not_found)?;
    let ctx = &desk.engine.ctx;
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let line = staff.line("lodging.policy", id).after(policy.as_str());
    let audit_id = AuditId::new(now, ctx.rng.as_ref());
    let unit = move |tx: &mut Tx<'_>| -> Result<bool, DbError> {
        let Some(before) = ops::set_policy(tx, &scope, id, policy)? else { return Ok(false) };
        audit::record(tx, &scope, &line.clone().before(before.as_str()), now, audit_id)?;
        Ok(true)
    };
    match ctx.db.write(Route::of(id.id()), unit).await {
        Ok(true) => Ok(http::redirect(&format!("/catalogue#{id}"))),
        Ok(false) => Err(not_found()),
        Err(error) => Err(failed(&staff, error)),
    }
}
