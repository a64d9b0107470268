//! `/parametres`: the property, its accent and its logo.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Form as FormBody, Multipart, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use db::{Route, Tx};
use http::contrast::hex;
use http::theme::{Accent, Theme};
use http::{Page, Words};
use kernel::AuditId;
use web::shell::Shell;
use web::{Context, Form};

use super::ops::{self, Property};
use super::{PROPERTY, Tab};
use crate::extract::api::internal;
use crate::extract::{Staff, needs};
use crate::looks::picture::{self, MAX_FILE_BYTES, Picture, PictureFault};
use crate::{audit, looks};

/// Bytes of a form beside its file.
const FORM_BYTES: usize = 20_000;

/// `/parametres` and what is posted from it.
pub fn routes() -> Router<Context> {
    let limit = DefaultBodyLimit::max(MAX_FILE_BYTES + FORM_BYTES);
    Router::new()
        .route("/parametres", get(show).post(save))
        .route("/parametres/logo", post(set_logo).layer(limit))
        .route("/parametres/logo/retirer", post(remove_logo))
}

/// An accent shown as it will look.
struct Swatch {
    label: String,
    colour: String,
    on: String,
}

#[derive(Template)]
#[template(path = "settings/templates/property.html")]
struct PropertyPage {
    page: Page,
    shell: Shell,
    tabs: Vec<Tab>,
    form: Form,
    notice: String,
    email: String,
    logo: Option<http::page::Logo>,
    swatches: Vec<Swatch>,
    repaired: bool,
}

type Owner = Staff<needs::SettingsManage>;

async fn show(
    staff: Owner,
    State(ctx): State<Context>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let notice = match query.get("fait").map(String::as_str) {
        Some("fiche") => staff.words.say("settings-saved"),
        Some("logo") => staff.words.say("settings-logo-saved"),
        Some("retrait") => staff.words.say("settings-logo-removed"),
        _ => String::new(),
    };
    http::html(&property_page(&ctx, &staff, as_it_stands(&staff), notice))
}

fn as_it_stands(staff: &Owner) -> Form {
    let mut form = Form::default();
    let Property { name, phone, address, accent } = Property::of(&staff.merchant);
    let fields = [("name", name), ("phone", phone), ("address", address)];
    for (field, value) in fields {
        form.set(field, value);
    }
    form.set("accent", accent.unwrap_or_default());
    form
}

fn property_page(ctx: &Context, staff: &Owner, form: Form, notice: String) -> PropertyPage {
    let words = &staff.words;
    let theme = staff.merchant.theme();
    let chosen = staff.merchant.accent.as_deref();
    let page = form.mark(staff.page(ctx, words.say("settings-property")));
    PropertyPage {
        page,
        shell: staff.shell.clone(),
        tabs: super::tabs(words, &staff.scope, PROPERTY),
        notice,
        email: staff.merchant.email.to_string(),
        logo: staff.shell.logo.clone(),
        swatches: theme.map(|theme| swatches(words, &theme)).unwrap_or_default(),
        repaired: theme.is_some_and(|theme| {
            let is_kept = |accent: Accent| Some(hex(accent.colour).as_str()) == chosen;
            !is_kept(theme.light) || !is_kept(theme.dark)
        }),
        form,
    }
}

fn swatches(words: &Words, theme: &Theme) -> Vec<Swatch> {
    let swatch = |key: &str, accent: Accent| Swatch {
        label: words.with(key, &[("colour", &hex(accent.colour))]),
        colour: hex(accent.colour),
        on: hex(accent.on),
    };
    vec![swatch("settings-in-light", theme.light), swatch("settings-in-dark", theme.dark)]
}

async fn save(
    staff: Owner,
    State(ctx): State<Context>,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Response {
    let value = |name: &str| values.get(name).map(|text| text.trim()).unwrap_or_default();
    let property = Property {
        name: value("name").to_owned(),
        phone: value("phone").to_owned(),
        address: value("address").replace("\r\n", "\n"),
        accent: Some(value("accent").to_lowercase()).filter(|text| !text.is_empty()),
    };
    let mut form = Form::with_values(&values);
    for field in property.faults() {
        form.fault(field, staff.words.say(&format!("settings-{field}-wrong")));
    }
    if !form.is_right() {
        let page = property_page(&ctx, &staff, form, String::new());
        return http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let id = AuditId::new(now, ctx.rng.as_ref());
    let line = staff.line("property.changed", staff.merchant.id);
    let write = move |tx: &mut Tx<'_>| ops::save(tx, &scope, (&property, &line), (now, id));
    match ctx.db.write(Route::any(), write).await {
        Ok(()) => done(&ctx, "fiche"),
        Err(error) => internal(error).into_response(),
    }
}

/// Back to the page; who keeps a copy of the shops is told.
fn done(ctx: &Context, what: &str) -> Response {
    ctx.clocks.shops_changed();
    http::redirect(&format!("{PROPERTY}?fait={what}"))
}

async fn set_logo(staff: Owner, State(ctx): State<Context>, body: Multipart) -> Response {
    let picture = match uploaded(body).await {
        Ok(picture) => picture,
        Err(fault) => return refused(&ctx, &staff, fault),
    };
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let id = AuditId::new(now, ctx.rng.as_ref());
    let size = format!("{} × {}", picture.width, picture.height);
    let line = staff.line("property.logo_set", staff.merchant.id).after(size);
    let write = move |tx: &mut Tx<'_>| {
        looks::ops::set_logo(tx, &scope, &picture, now)?;
        audit::record(tx, &scope, &line, now, id)
    };
    match ctx.db.write(Route::any(), write).await {
        Ok(()) => done(&ctx, "logo"),
        Err(error) => internal(error).into_response(),
    }
}

/// The file of the form, decoded off the event loop.
async fn uploaded(mut body: Multipart) -> Result<Picture, PictureFault> {
    let mut file = None;
    while let Some(field) = body.next_field().await.map_err(|_| PictureFault::TooLarge)? {
        if field.name() == Some("logo") {
            file = Some(field.bytes().await.map_err(|_| PictureFault::TooLarge)?);
        }
    }
    let file = file.filter(|bytes| !bytes.is_empty()).ok_or(PictureFault::Kind)?;
    let work = tokio::task::spawn_blocking(move || picture::encode_anew(&file));
    work.await.map_err(|_| PictureFault::Broken)?
}

fn refused(ctx: &Context, staff: &Owner, fault: PictureFault) -> Response {
    let key = match fault {
        PictureFault::TooLarge => "settings-logo-too-large",
        PictureFault::Kind => "settings-logo-kind",
        PictureFault::Dimensions => "settings-logo-dimensions",
        PictureFault::Broken => "settings-logo-broken",
    };
    let mut form = as_it_stands(staff);
    form.fault("logo", staff.words.say(key));
    let page = property_page(ctx, staff, form, String::new());
    http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn remove_logo(staff: Owner, State(ctx): State<Context>) -> Response {
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let id = AuditId::new(now, ctx.rng.as_ref());
    let line = staff.line("property.logo_removed", staff.merchant.id);
    let write = move |tx: &mut Tx<'_>| {
        if looks::ops::remove_logo(tx, &scope)? {
            audit::record(tx, &scope, &line, now, id)?;
        }
        Ok::<(), db::DbError>(())
    };
    match ctx.db.write(Route::any(), write).await {
        Ok(()) => done(&ctx, "retrait"),
        Err(error) => internal(error).into_response(),
    }
}
