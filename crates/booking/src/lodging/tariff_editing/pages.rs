//! `/catalogue/{id}/tarifs`: the tariffs of a lodging, and changing one.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use db::{Route, Tx};
use http::Page;
use kernel::{LodgingId, Scope, TariffId, format};
use serde_json::json;
use web::Form;
use web::forms;
use web::forms::conflict::{Difference, VERSION_FIELD, carried, renew};
use web::shell::Shell;

use super::form::{Day, Look, Row, lengths_told};
use super::{edit, known};
use crate::bookings::pages::Desk;
use crate::lodging::editing::pages::{May, refused};
use crate::lodging::model::{AgeBracket, Lodging};
use crate::lodging::ops::EntryError;
use crate::lodging::saving::{Sent, Stop, save_once};
use crate::lodging::store::{self, StoredTariff};
use crate::lodging::tariffs::{self, TariffPeriod};

/// The routes of the slice.
pub(in crate::lodging) fn routes() -> Router<Desk> {
    Router::new()
        .route("/catalogue/{id}/tarifs", get(list))
        .route("/catalogue/{id}/tarifs/{tariff}", get(show).post(save))
}

/// One tariff of the list.
struct TariffView {
    id: String,
    href: String,
    formula: String,
    dates: String,
    weekdays: String,
    lengths: String,
    price: String,
}

#[derive(Template)]
#[template(path = "lodging/templates/tariffs.html")]
struct ListPage {
    page: Page,
    shell: Shell,
    rows: Vec<TariffView>,
}

#[derive(Template)]
#[template(path = "lodging/templates/tariff.html")]
struct EditPage {
    page: Page,
    shell: Shell,
    form: Form,
    rows: Vec<Row>,
    days: Vec<Day>,
    both: Vec<Difference>,
    facts: String,
    action: String,
    back: String,
    token: String,
    version: i64,
}

fn list_of(lodging: LodgingId) -> String {
    format!("/catalogue/{lodging}/tarifs")
}

async fn list(
    State(desk): State<Desk>,
    staff: May,
    Path(id): Path<String>,
) -> Result<Response, Response> {
    let id: LodgingId = id.parse().map_err(|_| refused(&staff, EntryError::NotFound))?;
    let ctx = &desk.engine.ctx;
    let (scope, zone, clock) = (staff.scope.clone(), staff.merchant.zone.clone(), ctx.clone());
    let words = Arc::clone(&staff.words);
    let read = move |tx: &mut Tx<'_>| -> Result<(Lodging, Vec<TariffView>), EntryError> {
        let brackets = store::brackets(tx, &scope)?;
        let lodging = store::find(tx, &scope, id)?.ok_or(EntryError::NotFound)?;
        let today = zone.date(clock.now(lodging.shop));
        let look = Look { words: &words, brackets: &brackets, currency: lodging.currency };
        let mut rows = Vec::new();
        for formula in store::formulas(tx, &scope, lodging.shop)? {
            if formula.lodging != id {
                continue;
            }
            let entered = store::tariffs_of(tx, &scope, (id, formula.id))?;
            let mut periods = tariffs::in_force(entered, today);
            periods.sort_by_key(|period| (period.first_day, std::cmp::Reverse(period.rank)));
            let name = formula.names.get(words.locale());
            rows.extend(periods.iter().map(|period| view(&look, name, period)));
        }
        Ok((lodging, rows))
    };
    let (lodging, rows) = ctx.db.read(read).await.map_err(|error| refused(&staff, error))?;
    let name = [("name", lodging.names.get(staff.words.locale()))];
    let page = staff.page(ctx, staff.words.with("tariff-list-title", &name));
    Ok(http::html(&ListPage { page, shell: staff.shell.clone(), rows }))
}

fn view(look: &Look<'_>, formula: &str, period: &TariffPeriod) -> TariffView {
    let locale = look.words.locale();
    let days = [
        ("first", &*format::date(period.first_day, locale)),
        ("last", &format::date(period.last_day, locale)),
    ];
    TariffView {
        id: period.id.to_string(),
        href: format!("{}/{}", list_of(period.lodging), period.id),
        formula: formula.to_owned(),
        dates: look.words.with("tariff-dates", &days),
        weekdays: look.weekdays(period),
        lengths: lengths_told(&period.lengths),
        price: look.price_told(&period.price),
    }
}

/// A tariff with what its form needs.
struct Sheet {
    lodging: Lodging,
    formula: String,
    brackets: Vec<AgeBracket>,
    stored: StoredTariff,
}

impl Sheet {
    async fn read(
        desk: &Desk,
        staff: &May,
        (lodging, tariff): (String, String),
    ) -> Result<Self, Response> {
        let ids = lodging.parse::<LodgingId>().ok().zip(tariff.parse::<TariffId>().ok());
        let ids = ids.ok_or_else(|| refused(staff, EntryError::NotFound))?;
        let (scope, locale) = (staff.scope.clone(), staff.words.locale());
        let read = move |tx: &mut Tx<'_>| -> Result<Self, EntryError> {
            let stored = known(tx, &scope, ids)?;
            let formula = store::find_formula(tx, &scope, stored.period.formula)?;
            Ok(Self {
                lodging: store::find(tx, &scope, ids.0)?.ok_or(EntryError::NotFound)?,
                formula: formula.map_or_else(String::new, |f| f.names.get(locale).to_owned()),
                brackets: store::brackets(tx, &scope)?,
                stored,
            })
        };
        desk.engine.ctx.db.read(read).await.map_err(|error| refused(staff, error))
    }

    fn look<'a>(&'a self, staff: &'a May) -> Look<'a> {
        Look { words: &staff.words, brackets: &self.brackets, currency: self.lodging.currency }
    }

    fn page(&self, desk: &Desk, staff: &May, (form, both): (Form, Vec<Difference>)) -> EditPage {
        let (ctx, words, look) = (&desk.engine.ctx, &staff.words, self.look(staff));
        let name = [("name", self.lodging.names.get(words.locale()))];
        let page = staff.page(ctx, words.with("tariff-edit-title", &name));
        let back = list_of(self.lodging.id);
        EditPage {
            page: form.mark(page),
            shell: staff.shell.clone(),
            rows: look.rows(&self.stored.period.price),
            days: look.days(&form),
            both,
            facts: self.formula.clone(),
            action: format!("{back}/{}", self.stored.period.id),
            back,
            token: forms::new_token(ctx.rng.as_ref()),
            version: carried(&form, self.stored.version),
            form,
        }
    }
}

async fn show(
    State(desk): State<Desk>,
    staff: May,
    Path(place): Path<(String, String)>,
) -> Result<Response, Response> {
    let sheet = Sheet::read(&desk, &staff, place).await?;
    let form = sheet.look(&staff).values(&sheet.stored.period);
    Ok(http::html(&sheet.page(&desk, &staff, (form, Vec::new()))))
}

async fn save(
    State(desk): State<Desk>,
    staff: May,
    Path(place): Path<(String, String)>,
    FormBody(posted): FormBody<BTreeMap<String, String>>,
) -> Result<Response, Response> {
    let mut sheet = Sheet::read(&desk, &staff, place).await?;
    let mut typed = Form::with_values(&posted);
    let wanted = StoredTariff {
        period: sheet.look(&staff).read(&mut typed, &sheet.stored.period),
        version: typed.value(VERSION_FIELD).parse().unwrap_or(0),
    };
    if !typed.is_right() {
        let page = sheet.page(&desk, &staff, (typed, Vec::new()));
        return Ok(http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let token = posted.get(forms::TOKEN_FIELD).cloned().unwrap_or_default();
    match write(&desk, &staff, (wanted, token)).await {
        Ok(href) => Ok(http::redirect(&href)),
        Err(Stop::Both(now)) => {
            let both = sheet.look(&staff).differences(&typed, &now.period);
            sheet.stored = *now;
            renew(&mut typed, sheet.stored.version);
            let page = sheet.page(&desk, &staff, (typed, both));
            Ok(http::html_with(StatusCode::CONFLICT, &page))
        }
        Err(Stop::Entry(EntryError::Tariff(_, error))) => {
            sheet.look(&staff).tell(&mut typed, &error);
            let page = sheet.page(&desk, &staff, (typed, Vec::new()));
            Ok(http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(Stop::Entry(error)) => Err(refused(&staff, error)),
    }
}

async fn write(
    desk: &Desk,
    staff: &May,
    (wanted, token): (StoredTariff, String),
) -> Result<String, Stop<StoredTariff>> {
    let (lodging, id) = (wanted.period.lodging, wanted.period.id);
    let sent = Sent {
        path: format!("tarif {id}"),
        token,
        href: format!("{}#{id}", list_of(lodging)),
        line: staff.line("lodging.tariff_changed", lodging).after(told(&wanted)),
        route: Route::of(lodging.id()),
    };
    let change = move |tx: &mut Tx<'_>, scope: &Scope| edit(tx, scope, &wanted);
    save_once(&desk.engine.ctx, &staff.scope, sent, change, told).await
}

/// What the journal keeps of a tariff.
fn told(tariff: &StoredTariff) -> serde_json::Value {
    let period = &tariff.period;
    json!({
        "tariff": period.id, "from": period.first_day.to_string(),
        "to": period.last_day.to_string(), "nights": period.lengths,
        "arrival_days": period.arrival_days.bits(), "price": period.price,
    })
}
