//! `/catalogue/{id}/formules/{formula}`: changing a formula of a lodging.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use db::{Route, Tx};
use http::Page;
use kernel::{FormulaId, LodgingId, Scope};
use serde_json::json;
use web::Form;
use web::forms;
use web::forms::Choice;
use web::forms::conflict::{Difference, VERSION_FIELD, carried, renew};
use web::shell::Shell;

use super::form::{self, Row};
use super::{edit, known};
use crate::bookings::pages::Desk;
use crate::lodging::editing::pages::{May, refused};
use crate::lodging::model::Lodging;
use crate::lodging::ops::EntryError;
use crate::lodging::saving::{Sent, Stop, save_once};
use crate::lodging::store::{self, StoredFormula};

/// The routes of the slice.
pub(in crate::lodging) fn routes() -> Router<Desk> {
    Router::new().route("/catalogue/{id}/formules/{formula}", get(show).post(save))
}

#[derive(Template)]
#[template(path = "lodging/templates/formula.html")]
struct EditPage {
    page: Page,
    shell: Shell,
    form: Form,
    rows: Vec<Row>,
    boards: Vec<Choice>,
    both: Vec<Difference>,
    facts: String,
    action: String,
    token: String,
    version: i64,
}

/// The page of a formula.
pub(in crate::lodging) fn address(lodging: LodgingId, formula: FormulaId) -> String {
    format!("/catalogue/{lodging}/formules/{formula}")
}

/// A formula with its lodging.
struct Sheet {
    lodging: Lodging,
    stored: StoredFormula,
}

impl Sheet {
    async fn read(
        desk: &Desk,
        staff: &May,
        (lodging, formula): (String, String),
    ) -> Result<Self, Response> {
        let ids = lodging.parse::<LodgingId>().ok().zip(formula.parse::<FormulaId>().ok());
        let ids = ids.ok_or_else(|| refused(staff, EntryError::NotFound))?;
        let scope = staff.scope.clone();
        let read = move |tx: &mut Tx<'_>| -> Result<Self, EntryError> {
            let stored = known(tx, &scope, ids)?;
            let lodging = store::find(tx, &scope, ids.0)?.ok_or(EntryError::NotFound)?;
            Ok(Self { lodging, stored })
        };
        desk.engine.ctx.db.read(read).await.map_err(|error| refused(staff, error))
    }

    fn page(&self, desk: &Desk, staff: &May, (form, both): (Form, Vec<Difference>)) -> EditPage {
        let (ctx, words, formula) = (&desk.engine.ctx, &staff.words, &self.stored.formula);
        let name = [("name", formula.names.get(words.locale()))];
        let page = staff.page(ctx, words.with("formula-edit-title", &name));
        EditPage {
            page: form.mark(page),
            shell: staff.shell.clone(),
            rows: form::rows(words, formula),
            boards: form::boards(words, &form),
            both,
            facts: self.lodging.names.get(words.locale()).to_owned(),
            action: address(self.lodging.id, formula.id),
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
    let form = form::values(&sheet.stored.formula, staff.words.locale());
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
    let wanted = StoredFormula {
        formula: form::read(&staff.words, &mut typed, &sheet.stored.formula),
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
            let both = form::differences(&staff.words, &typed, &now.formula);
            sheet.stored = *now;
            renew(&mut typed, sheet.stored.version);
            let page = sheet.page(&desk, &staff, (typed, both));
            Ok(http::html_with(StatusCode::CONFLICT, &page))
        }
        Err(Stop::Entry(error)) => Err(refused(&staff, error)),
    }
}

async fn write(
    desk: &Desk,
    staff: &May,
    (wanted, token): (StoredFormula, String),
) -> Result<String, Stop<StoredFormula>> {
    let (lodging, id) = (wanted.formula.lodging, wanted.formula.id);
    let sent = Sent {
        path: format!("formule {id}"),
        token,
        href: format!("/catalogue#{lodging}"),
        line: staff.line("lodging.formula_changed", lodging).after(told(&wanted)),
        route: Route::of(lodging.id()),
    };
    let change = move |tx: &mut Tx<'_>, scope: &Scope| edit(tx, scope, &wanted);
    save_once(&desk.engine.ctx, &staff.scope, sent, change, told).await
}

/// What the journal keeps of a formula.
fn told(stored: &StoredFormula) -> serde_json::Value {
    let formula = &stored.formula;
    json!({
        "formula": formula.id, "names": formula.names, "board": formula.board.as_str(),
        "adjustments": formula.adjustments,
        "deposit_basis_points": formula.deposit_basis_points,
    })
}
