//! `/s/{slug}`: the search, its offers, and choosing one.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, Query, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use http::page::LANGUAGE_FIELD;
use http::{Page, Words};
use identity::merchants::store as merchant_store;
use kernel::{CartId, Date, LodgingId, Problem};
use web::forms::{self, Submit};
use web::{Context, Form};

use super::results::{Gallery, PhotoView, Results, Seen};
use crate::api::calendar;
use crate::carts::error::CartError;
use crate::carts::ops::{self as cart_ops, NewCart, NewLine};
use crate::lodging::model::Guests;
use crate::lodging::photos::store as photo_store;
use crate::lodging::search::{StayQuery, public_order};
use crate::lodging::{AgeBracket, Lodging, Party, ops as lodging_ops, store as lodging_store};
use crate::moment::Moment;
use crate::site::pages::{Site, oops};
use crate::site::store as site_store;

/// Prefix of the fields that count guests; the rest is the code of the bracket.
pub(super) const GUESTS: &str = "g_";
/// Most guests of one bracket that the form offers.
const MAX_GUESTS: u32 = 20;

/// The routes of the slice.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/s/{slug}", get(show))
        .route("/s/{slug}/panier", post(choose))
        .merge(super::basket::pages::routes())
}

/// One field that counts guests.
struct GuestField {
    name: String,
    label: String,
    value: String,
}

/// A lodging as shown before dates are asked for.
struct Shown {
    id: String,
    name: String,
    about: String,
    capacity: String,
    photos: Vec<PhotoView>,
}

#[derive(Template)]
#[template(path = "stays/templates/place.html")]
struct PlacePage {
    page: Page,
    action: String,
    choose: String,
    form: Form,
    token: String,
    today: String,
    most: u32,
    guests: Vec<GuestField>,
    results: Option<Results>,
    shown: Vec<Shown>,
    /// The one lodging that is looked at: its id, and where all of them are.
    only: Option<(String, String)>,
    contact: Vec<String>,
    lang: &'static str,
}

/// The page of a property that has nothing to sell here.
#[derive(Template)]
#[template(path = "stays/templates/closed.html")]
struct ClosedPage {
    page: Page,
    contact: Vec<String>,
}

async fn show(
    State(ctx): State<Context>,
    Path(slug): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match Site::find(&ctx, &slug, (&uri, &headers)).await {
        Ok(site) => place(&ctx, site, query).await,
        Err(page) => page,
    }
}

/// What a visitor asked for, as far as it can be understood.
enum Asked {
    Nothing,
    Stay((Date, Date), Party),
    Faulty,
}

async fn place(ctx: &Context, site: Site, query: BTreeMap<String, String>) -> Response {
    let now = ctx.now(site.shop);
    let mut form = Form::with_values(&query);
    let (scope, shop) = (site.scope.clone(), site.shop);
    let wanted: Option<LodgingId> = query.get("lodging").and_then(|text| text.parse().ok());
    let read = move |tx: &mut Tx<'_>| -> Result<_, DbError> {
        let photos = photo_store::of_shop(tx, &scope, shop)?;
        let sells = site_store::sells_stays(tx, &scope, shop)?;
        let only = match wanted {
            Some(id) => lodging_store::find(tx, &scope, id)?.filter(|found| found.shop == shop),
            None => None,
        };
        let brackets = lodging_store::brackets(tx, &scope)?;
        Ok((brackets, calendar(tx, &scope, now)?, photos, sells, only))
    };
    let (brackets, calendar, photos, sells, only) = match ctx.db.read(read).await {
        Ok(known) => known,
        Err(error) => return oops(&site.words, error),
    };
    if !sells {
        return closed(ctx, &site);
    }
    let asked = understand(&site.words, &mut form, &brackets);
    let stay = match asked {
        Asked::Nothing | Asked::Faulty => None,
        Asked::Stay(dates, party) => match StayQuery::new(dates, party, calendar.today) {
            Ok(stay) => Some(stay),
            Err(error) => {
                let key = format!("stay-fault-{}", error.code().replace('_', "-"));
                form.fault(error.field(), site.words.say(&key));
                None
            }
        },
    };
    let gallery = Gallery { slug: &site.merchant.slug, photos: &photos };
    let mut results = None;
    if let Some(stay) = stay {
        let (scope, shop, ask) = (site.scope.clone(), site.shop, stay.clone());
        let read = move |tx: &mut Tx<'_>| lodging_ops::find_stays(tx, &scope, shop, (&ask, now));
        match ctx.db.read(read).await {
            Ok(found) => {
                let (words, brackets) = (&site.words, brackets.as_slice());
                let seen = Seen { words, brackets, gallery, only: wanted };
                results = Some(seen.results(&calendar.zone, &stay, &found));
            }
            Err(error) => return oops(&site.words, error),
        }
    }
    let shown = match &results {
        Some(_) => Vec::new(),
        None => match shown(ctx, &site, (gallery, only.as_ref())).await {
            Ok(shown) => shown,
            Err(error) => return oops(&site.words, error),
        },
    };
    let mut page = place_page(ctx, &site, (form, brackets, calendar.today), results);
    page.shown = shown;
    if let Some(lodging) = only {
        page.page.title = lodging.names.get(site.words.locale()).to_owned();
        page.only = Some((lodging.id.to_string(), site.href("")));
    }
    http::html(&page)
}

/// Says that nothing can be booked here, and how to reach the property.
fn closed(ctx: &Context, site: &Site) -> Response {
    let here = format!("/s/{}", site.merchant.slug);
    let page = site.page(ctx, site.merchant.name.clone(), &here);
    http::html(&ClosedPage { page, contact: site.contact() })
}

/// What is shown as long as nobody asked for dates: the one lodging that is looked at, or those
/// that have photos.
async fn shown(
    ctx: &Context,
    site: &Site,
    (gallery, only): (Gallery<'_>, Option<&Lodging>),
) -> Result<Vec<Shown>, DbError> {
    let (words, locale) = (&site.words, site.words.locale());
    let show = |lodging: &Lodging| Shown {
        id: lodging.id.to_string(),
        name: lodging.names.get(locale).to_owned(),
        about: lodging.descriptions.get(locale).to_owned(),
        capacity: words.count("stay-capacity", i64::from(lodging.capacity.max)),
        photos: gallery.of(words, lodging.id),
    };
    if let Some(lodging) = only {
        return Ok(vec![show(lodging)]);
    }
    if gallery.photos.is_empty() {
        return Ok(Vec::new());
    }
    let (scope, shop) = (site.scope.clone(), site.shop);
    let read = move |tx: &mut Tx<'_>| lodging_store::of_shop(tx, &scope, shop);
    let mut lodgings = ctx.db.read(read).await?;
    lodgings.sort_by_key(|lodging| public_order(lodging, None));
    let with_photos = lodgings.iter().filter(|lodging| gallery.photos.contains_key(&lodging.id));
    Ok(with_photos.map(show).collect())
}

fn place_page(
    ctx: &Context,
    site: &Site,
    (mut form, brackets, today): (Form, Vec<AgeBracket>, Date),
    results: Option<Results>,
) -> PlacePage {
    let locale = site.words.locale();
    let guests = brackets
        .iter()
        .enumerate()
        .map(|(place, bracket)| {
            let name = format!("{GUESTS}{}", bracket.code);
            if form.value(&name).is_empty() {
                form.set(&name, if place == 0 { "2" } else { "0" });
            }
            let label = bracket.names.get(locale).to_owned();
            GuestField { value: form.value(&name).to_owned(), name, label }
        })
        .collect();
    let action = format!("/s/{}", site.merchant.slug);
    let title = site.words.say("stay-title");
    let page = site.page(ctx, title, &action).keeping("search");
    PlacePage {
        page: form.mark(page),
        action,
        choose: site.href("/panier"),
        token: forms::new_token(ctx.rng.as_ref()),
        today: today.to_string(),
        most: MAX_GUESTS,
        guests,
        results,
        shown: Vec::new(),
        only: None,
        contact: site.contact(),
        lang: locale.code(),
        form,
    }
}

fn understand(words: &Words, form: &mut Form, brackets: &[AgeBracket]) -> Asked {
    let empty = |field| form.value(field).is_empty();
    let only_language = !empty(LANGUAGE_FIELD) && (empty("arrival") || empty("departure"));
    let nothing = empty("arrival") && empty("departure") && empty("search");
    if nothing || only_language {
        return Asked::Nothing;
    }
    let mut date = |field: &str| {
        let parsed = form.value(field).parse::<Date>().ok();
        if parsed.is_none() {
            form.fault(field, words.say(&format!("stay-fault-{field}-missing")));
        }
        parsed
    };
    let (arrival, departure) = (date("arrival"), date("departure"));
    let mut guests = Vec::new();
    for (place, bracket) in brackets.iter().enumerate() {
        let field = format!("{GUESTS}{}", bracket.code);
        let typed = form.value(&field).trim();
        let count = if typed.is_empty() {
            Some(if place == 0 { 2 } else { 0 })
        } else {
            typed.parse::<u32>().ok().filter(|count| *count <= MAX_GUESTS)
        };
        match count {
            Some(count) => guests.push(Guests { bracket: bracket.code.clone(), count }),
            None => form.fault(&field, words.say("stay-fault-guests")),
        }
    }
    let party = Party::new(guests);
    if party.is_err() && form.is_right() {
        let first = brackets.first().map_or("adult", |bracket| bracket.code.as_str());
        form.fault(&format!("{GUESTS}{first}"), words.say("stay-fault-nobody"));
    }
    match (arrival, departure, party) {
        (Some(arrival), Some(departure), Ok(party)) if form.is_right() => {
            Asked::Stay((arrival, departure), party)
        }
        _ => Asked::Faulty,
    }
}

async fn choose(
    State(ctx): State<Context>,
    Path(slug): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Response {
    let site = match Site::find(&ctx, &slug, (&uri, &headers)).await {
        Ok(site) => site,
        Err(page) => return page,
    };
    let Some(line) = wish(&values) else { return http::redirect(&site.href("")) };
    let back = search_again(&site, &line);
    let now = ctx.now(site.shop);
    let new = NewCart {
        id: CartId::random(ctx.rng.as_ref()),
        token: ctx.new_token(),
        shop: site.shop,
        point_of_sale: match point_of_sale(&ctx, &site).await {
            Ok(Some(point)) => point,
            Ok(None) => return web::oops::page(&site.words, &Problem::not_found()),
            Err(error) => return oops(&site.words, error),
        },
        lines: vec![line],
    };
    let href = site.href(&format!("/panier/{}", new.token));
    let token = values.get(forms::TOKEN_FIELD).cloned().unwrap_or_default();
    let (scope, real_now, rng) = (site.scope.clone(), ctx.real_now(), Arc::clone(&ctx.rng));
    let unit = move |tx: &mut Tx<'_>| -> Result<String, CartError> {
        match forms::begin(tx, &scope, "panier", &token, real_now)? {
            Submit::Again(first) => return Ok(first),
            Submit::First | Submit::Running => {}
        }
        let moment = Moment::new(now, rng.as_ref());
        let calendar = calendar(tx, &scope, now)?;
        cart_ops::create(tx, &scope, &new, (&calendar, moment))?;
        forms::finish(tx, &scope, "panier", &token, &href)?;
        Ok(href.clone())
    };
    match ctx.db.write(Route::of(site.shop.id()), unit).await {
        Ok(href) => http::redirect(&href),
        Err(CartError::Db(error)) => oops(&site.words, error),
        // The search with this lodging alone says what is in the way.
        Err(_) => http::redirect(&back),
    }
}

async fn point_of_sale(
    ctx: &Context,
    site: &Site,
) -> Result<Option<kernel::PointOfSaleId>, DbError> {
    let (scope, shop) = (site.scope.clone(), site.shop);
    let read = move |tx: &mut Tx<'_>| merchant_store::points_of_sale(tx, &scope, shop);
    Ok(ctx.db.read(read).await?.first().map(|point| point.id))
}

fn wish(values: &BTreeMap<String, String>) -> Option<NewLine> {
    let text = |name: &str| values.get(name).map_or("", String::as_str);
    let guests = values
        .iter()
        .filter_map(|(name, value)| {
            let bracket = name.strip_prefix(GUESTS)?.to_owned();
            Some(Guests { bracket, count: value.parse().ok()? })
        })
        .collect();
    Some(NewLine {
        lodging: text("lodging").parse().ok()?,
        formula: text("formula").parse().ok()?,
        dates: (text("arrival").parse().ok()?, text("departure").parse().ok()?),
        party: Party::new(guests).ok()?,
    })
}

/// The search of one stay, for one lodging.
fn search_again(site: &Site, line: &NewLine) -> String {
    let guests: String =
        line.party.groups().iter().map(|g| format!("&{GUESTS}{}={}", g.bracket, g.count)).collect();
    site.href(&format!(
        "?arrival={}&departure={}&lodging={}{guests}",
        line.dates.0, line.dates.1, line.lodging
    ))
}
