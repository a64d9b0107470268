//! `/catalogue/{id}`: what is said of a lodging.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use db::{Route, Tx};
use http::Page;
use identity::extract::{Staff, needs};
use kernel::{LodgingId, Problem, Scope};
use serde_json::json;
use web::Form;
use web::forms;
use web::forms::conflict::{Difference, carried, differences, renew};
use web::forms::fields::Field;
use web::shell::Shell;

use super::edit;
use super::form::{self, EQUIPMENT};
use crate::bookings::pages::Desk;
use crate::lodging::equipment::{Equipment, WORDS};
use crate::lodging::model::Lodging;
use crate::lodging::ops::EntryError;
use crate::lodging::photos::pages::{PhotoView, told_of};
use crate::lodging::photos::{Photo, store as photo_store};
use crate::lodging::saving::{Sent, Stop, save_once};
use crate::lodging::store;

/// The routes of the slice.
pub fn routes() -> Router<Desk> {
    Router::new().route("/catalogue/{id}", get(show).post(save))
}

/// One box of equipment.
struct Choice {
    name: String,
    label: String,
    on: bool,
}

#[derive(Template)]
#[template(path = "lodging/templates/edit.html")]
struct EditPage {
    page: Page,
    shell: Shell,
    form: Form,
    fields: Vec<Field>,
    equipment: Vec<Choice>,
    both: Vec<Difference>,
    action: String,
    version: i64,
    token: String,
    photos: Vec<PhotoView>,
    notice: String,
}

pub(in crate::lodging) type May = Staff<needs::CatalogueEdit>;

/// A lodging with its photos, as its page shows them.
pub(in crate::lodging) struct Sheet {
    pub(in crate::lodging) lodging: Lodging,
    pub(in crate::lodging) photos: Vec<Photo>,
}

impl Sheet {
    /// The values of its form.
    pub(in crate::lodging) fn form(&self, words: &http::Words) -> Form {
        form::values(words, &self.lodging)
    }
}

pub(in crate::lodging) fn refused(staff: &May, error: EntryError) -> Response {
    let cause = error.to_string();
    let problem = Problem::from(error);
    if problem.status >= 500 {
        tracing::error!(cause, "catalogue pages");
    }
    web::oops::page(&staff.words, &problem)
}

pub(in crate::lodging) async fn sheet_of(
    desk: &Desk,
    staff: &May,
    id: &str,
) -> Result<Sheet, Response> {
    let id: LodgingId = id.parse().map_err(|_| refused(staff, EntryError::NotFound))?;
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| -> Result<Sheet, EntryError> {
        let lodging = store::find(tx, &scope, id)?.ok_or(EntryError::NotFound)?;
        Ok(Sheet { photos: photo_store::of_lodging(tx, &scope, id)?, lodging })
    };
    desk.engine.ctx.db.read(read).await.map_err(|error| refused(staff, error))
}

async fn show(
    State(desk): State<Desk>,
    staff: May,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Response> {
    let sheet = sheet_of(&desk, &staff, &id).await?;
    let form = sheet.form(&staff.words);
    let mut page = page(&desk, &staff, (&sheet, form), Vec::new());
    page.notice = told_of(&staff.words, query.get("fait").map(String::as_str));
    Ok(http::html(&page))
}

/// The page of a lodging with the fault of one of its forms.
pub(in crate::lodging) fn faulty(
    desk: &Desk,
    staff: &May,
    (sheet, form): (&Sheet, Form),
) -> Response {
    let page = page(desk, staff, (sheet, form), Vec::new());
    http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn page(
    desk: &Desk,
    staff: &May,
    (sheet, mut form): (&Sheet, Form),
    both: Vec<Difference>,
) -> EditPage {
    let (words, lodging) = (&staff.words, &sheet.lodging);
    let name = [("name", lodging.names.get(words.locale()))];
    let page = staff.page(&desk.engine.ctx, words.with("lodging-edit-title", &name));
    let photos = PhotoView::all(words, (sheet, &mut form));
    let choice = |word: &str| {
        let name = format!("{EQUIPMENT}{word}");
        Choice { on: form.is(&name, "1"), label: words.say(&Equipment::key(word)), name }
    };
    EditPage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        fields: form::fields(words, &form),
        equipment: WORDS.into_iter().map(choice).collect(),
        both,
        action: format!("/catalogue/{}", lodging.id),
        version: carried(&form, lodging.version),
        token: forms::new_token(desk.engine.ctx.rng.as_ref()),
        photos,
        notice: String::new(),
        form,
    }
}

async fn save(
    State(desk): State<Desk>,
    staff: May,
    Path(id): Path<String>,
    FormBody(posted): FormBody<BTreeMap<String, String>>,
) -> Result<Response, Response> {
    let mut sheet = sheet_of(&desk, &staff, &id).await?;
    let mut typed = form::typed(&staff.words, &posted);
    let wanted = form::read(&typed, &sheet.lodging);
    if let Err(error) = wanted.check() {
        form::fault(&staff.words, &mut typed, error);
    }
    if !typed.is_right() {
        return Ok(faulty(&desk, &staff, (&sheet, typed)));
    }
    let token = posted.get(forms::TOKEN_FIELD).cloned().unwrap_or_default();
    match write(&desk, &staff, (wanted, token)).await {
        Ok(href) => Ok(http::redirect(&href)),
        Err(Stop::Entry(error)) => Err(refused(&staff, error)),
        Err(Stop::Both(now)) => {
            let words = &staff.words;
            let mut fields = form::fields(words, &typed);
            fields.push(form::equipment_field(words, &typed));
            let both = differences(&fields, &form::values(words, &now));
            if both.is_empty() {
                return Ok(http::redirect(&format!("/catalogue#{id}")));
            }
            sheet.lodging = *now;
            renew(&mut typed, sheet.lodging.version);
            let page = page(&desk, &staff, (&sheet, typed), both);
            Ok(http::html_with(StatusCode::CONFLICT, &page))
        }
    }
}

async fn write(
    desk: &Desk,
    staff: &May,
    (wanted, token): (Lodging, String),
) -> Result<String, Stop<Lodging>> {
    let sent = Sent {
        path: format!("fiche {}", wanted.id),
        token,
        href: format!("/catalogue#{}", wanted.id),
        line: staff.line("lodging.changed", wanted.id).after(told(&wanted)),
        route: Route::of(wanted.id.id()),
    };
    let change = move |tx: &mut Tx<'_>, scope: &Scope| edit(tx, scope, &wanted);
    save_once(&desk.engine.ctx, &staff.scope, sent, change, told).await
}

/// What the journal keeps of a lodging.
fn told(lodging: &Lodging) -> serde_json::Value {
    let capacity = lodging.capacity;
    json!({
        "names": lodging.names, "descriptions": lodging.descriptions,
        "conditions": lodging.conditions, "equipment": lodging.equipment,
        "check_in": lodging.check_in, "check_out": lodging.check_out,
        "persons": [capacity.min, capacity.standard, capacity.max],
    })
}
