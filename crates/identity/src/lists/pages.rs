//! What the routes of every list do, given the list and who asks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use db::{DbError, Route};
use documents::Format;
use kernel::{AuditId, Problem};
use serde_json::json;
use web::Context;
use web::list::store::{self, Keys, RowHeight, SavedView};
use web::list::view;

use super::{List, Wanted, export};
use crate::audit;
use crate::extract::Staff;
use crate::extract::api::internal;
use crate::runs;

/// Times of looking for changes.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Looks without a change after which a sign of life is sent.
const SILENT_LOOKS: u32 = 15;
/// Looks after which the browser must ask again, and so show its session again.
const MAX_LOOKS: u32 = 300;

/// The answer of a page.
pub type Answer = Result<Response, Response>;

fn failed(error: DbError) -> Response {
    internal(error).into_response()
}

/// What a person wants of a list.
///
/// # Errors
/// An answer that says that the database failed.
pub async fn wanted<R>(
    (ctx, list): (&Context, &Arc<dyn List>),
    staff: &Staff<R>,
    query: &str,
) -> Result<Wanted, Response> {
    let (scope, name) = (staff.scope.clone(), list.name());
    let read = move |tx: &mut db::Tx<'_>| {
        let settings = store::settings(tx, &scope, name)?;
        Ok::<_, DbError>((settings, crate::merchants::store::shops(tx, &scope)?))
    };
    let (settings, shops) = ctx.db.read(read).await.map_err(failed)?;
    let columns = view::chosen(&settings, list.columns(), list.usual());
    Ok(Wanted {
        query: query.to_owned(),
        columns: columns.into_iter().map(str::to_owned).collect(),
        words: Arc::clone(&staff.words),
        zone: staff.merchant.zone.clone(),
        now: shops.first().map_or_else(|| ctx.real_now(), |shop| ctx.now(shop.id)),
    })
}

/// The list with a filter.
fn back(list: &dyn List, query: &str) -> Response {
    let plain: String = query.chars().filter(|c| !c.is_control()).collect();
    let joint = if plain.is_empty() { "" } else { "?" };
    http::redirect(&format!("{}{joint}{plain}", list.path()))
}

fn field<'a>(fields: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    fields.get(name).map_or("", |value| value.trim())
}

/// Keeps columns, density and keys.
///
/// # Errors
/// An answer that says that the database failed.
pub async fn keep_settings<R>(
    (ctx, list): (&Context, &Arc<dyn List>),
    staff: &Staff<R>,
    fields: &BTreeMap<String, String>,
) -> Answer {
    let mut places: Vec<(u32, &str)> = list
        .columns()
        .iter()
        .filter_map(|name| Some((field(fields, &format!("c-{name}")).parse().ok()?, *name)))
        .collect();
    places.sort_by_key(|(place, _)| *place);
    let shown: Vec<String> = places.into_iter().map(|(_, name)| name.to_owned()).collect();
    let is_on = |name: &str| field(fields, name) == "oui";
    let rows = if is_on("dense") { RowHeight::Dense } else { RowHeight::Tall };
    let keys = if is_on("touches") { Keys::On } else { Keys::Off };
    let (scope, name) = (staff.scope.clone(), list.name());
    let write = move |tx: &mut db::Tx<'_>| {
        let mut settings = store::settings(tx, &scope, name)?;
        (settings.shown, settings.rows, settings.keys) = (shown.clone(), rows, keys);
        store::keep(tx, &scope, name, &settings)
    };
    ctx.db.write(Route::of(staff.user.id.id()), write).await.map_err(failed)?;
    Ok(back(list.as_ref(), field(fields, "filtre")))
}

/// Saves the filter as a view, or forgets a view.
///
/// # Errors
/// An answer that says that the database failed.
pub async fn keep_view<R>(
    (ctx, list): (&Context, &Arc<dyn List>),
    staff: &Staff<R>,
    fields: &BTreeMap<String, String>,
) -> Answer {
    let query = field(fields, "filtre").to_owned();
    let forget = field(fields, "oublier").to_owned();
    let masked = kernel::card_text::mask(field(fields, "nom"));
    let view = SavedView {
        name: masked.chars().take(store::MAX_NAME_CHARACTERS).collect(),
        query: query.clone(),
    };
    let (scope, name) = (staff.scope.clone(), list.name());
    let write = move |tx: &mut db::Tx<'_>| {
        if !forget.is_empty() {
            return store::drop_view(tx, &scope, name, &forget);
        }
        if !view.name.is_empty() {
            store::save_view(tx, &scope, name, &view)?;
        }
        Ok::<(), DbError>(())
    };
    ctx.db.write(Route::of(staff.user.id.id()), write).await.map_err(failed)?;
    Ok(back(list.as_ref(), &query))
}

/// Totals of the whole filter, for the script.
///
/// # Errors
/// An answer that says that the database failed.
pub async fn totals<R>(
    (ctx, list): (&Context, &Arc<dyn List>),
    staff: &Staff<R>,
    query: &str,
) -> Answer {
    let wanted = wanted((ctx, list), staff, query).await?;
    let (scope, list) = (staff.scope.clone(), Arc::clone(list));
    let read = move |tx: &mut db::Tx<'_>| list.totals(tx, &scope, &wanted);
    let totals = ctx.db.read(read).await.map_err(failed)?;
    let totals: Vec<_> =
        totals.iter().map(|t| json!({ "count": t.count, "sums": t.sums })).collect();
    let mut response = Response::new(json!({ "totals": totals }).to_string().into());
    http::reply::set(&mut response, header::CONTENT_TYPE, "application/json");
    Ok(response)
}

/// Asks for the list as a file: leads to the file, or to the run that makes it.
///
/// # Errors
/// An answer that says what failed.
pub async fn ask_export<R>(
    (ctx, list): (&Context, &Arc<dyn List>),
    staff: &Staff<R>,
    fields: &BTreeMap<String, String>,
) -> Answer {
    let format = Format::parse(field(fields, "format")).unwrap_or(Format::Xlsx);
    let query = field(fields, "filtre").to_owned();
    let wanted = wanted((ctx, list), staff, &query).await?;
    let (scope, counted, asked) = (staff.scope.clone(), Arc::clone(list), wanted.clone());
    let count = move |tx: &mut db::Tx<'_>| counted.count(tx, &scope, &asked);
    let rows = ctx.db.read(count).await.map_err(failed)?;
    let (scope, name, real_now) = (staff.scope.clone(), list.name(), ctx.real_now());
    let run = runs::NewRun {
        total: Some(rows),
        ..runs::NewRun::export(ctx, (list.as_ref(), &wanted), format)
    };
    let after = json!({ "rows": rows, "format": format.as_str(), "filter": wanted.query });
    let line = staff.line("list.exported", name).after(after);
    let line_id = AuditId::new(real_now, ctx.rng.as_ref());
    let write = move |tx: &mut db::Tx<'_>| {
        let mut settings = store::settings(tx, &scope, name)?;
        format.as_str().clone_into(&mut settings.format);
        store::keep(tx, &scope, name, &settings)?;
        audit::record(tx, &scope, &line, real_now, line_id)?;
        if rows <= export::FILE_ROWS {
            return Ok(None);
        }
        runs::store::insert(tx, &scope, &run, real_now)?;
        Ok::<_, DbError>(Some(run.id))
    };
    let run = ctx.db.write(Route::of(staff.user.id.id()), write).await.map_err(failed)?;
    Ok(match run {
        Some(id) => http::redirect(&runs::path(id)),
        None => {
            let joint = if query.is_empty() { "" } else { "&" };
            let plain: String = query.chars().filter(|c| !c.is_control()).collect();
            let format = format.as_str();
            http::redirect(&format!("{}/export?format={format}{joint}{plain}", list.path()))
        }
    })
}

/// Streams the list as a file.
///
/// # Errors
/// An answer that says what failed.
pub async fn export<R>(
    (ctx, list): (&Context, &Arc<dyn List>),
    staff: &Staff<R>,
    query: &str,
) -> Answer {
    let (format, rest): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| pair.starts_with("format="));
    let format = format.first().and_then(|pair| Format::parse(pair.trim_start_matches("format=")));
    let Some(format) = format else {
        return Err(web::oops::page(&staff.words, &Problem::not_found()));
    };
    let wanted = wanted((ctx, list), staff, &rest.join("&")).await?;
    Ok(export::stream(&ctx.db, &staff.scope, (Arc::clone(list), wanted), format))
}

/// Tells the browser when the page it shows has changed.
///
/// # Errors
/// An answer that says what failed.
pub async fn flow<R>(
    (ctx, list): (&Context, &Arc<dyn List>),
    staff: &Staff<R>,
    query: &str,
) -> Answer {
    let seen = query.split('&').find_map(|pair| pair.strip_prefix("vu=")?.parse::<u64>().ok());
    let wanted = wanted((ctx, list), staff, query).await?;
    let (pieces, response) = http::stream::events();
    let (db, scope, list) = (ctx.db.clone(), staff.scope.clone(), Arc::clone(list));
    tokio::spawn(async move {
        let mut last = seen;
        let mut silent: u32 = 0;
        for _ in 0..MAX_LOOKS {
            let (scope, wanted, list) = (scope.clone(), wanted.clone(), Arc::clone(&list));
            let Ok(now) = db.read(move |tx| list.digest(tx, &scope, &wanted)).await else { return };
            let text = if last.is_some_and(|last| last != now) {
                Some(format!("event: change\ndata: {now}\n\n"))
            } else {
                silent = silent.saturating_add(1);
                (silent.is_multiple_of(SILENT_LOOKS)).then(|| ":\n\n".to_owned())
            };
            last = Some(now);
            if let Some(text) = text
                && pieces.send(Ok(Bytes::from(text))).await.is_err()
            {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = http::stream::ending() => return,
                () = pieces.closed() => return,
            }
        }
    });
    Ok(response)
}

/// Nothing of this name.
#[must_use]
pub fn missing<R>(staff: &Staff<R>) -> Response {
    let mut response = web::oops::page(&staff.words, &Problem::not_found());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
