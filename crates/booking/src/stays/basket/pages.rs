//! `/s/{slug}/panier/{token}` and what is posted to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form as FormBody, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use db::{Route, Tx};
use http::Words;
use http::page::LANGUAGE_FIELD;
use identity::extract::Caller;
use identity::locator;
use kernel::{CartId, FieldError, Money, Problem, format};
use web::{Context, Form};

use super::view::{self, Extra, Known, Notice};
use crate::api::calendar;
use crate::bookings::paper;
use crate::carts::ContactDraft;
use crate::carts::error::CartError;
use crate::carts::model::Typology;
use crate::carts::ops::{self as cart_ops, CART, Clicked, PayWish, Paying};
use crate::holds::HoldError;
use crate::holds::ops::{Placed, Refusal};
use crate::moment::Moment;
use crate::site::pages::{Site, oops};

const FIELDS: [&str; 4] = ["first_name", "last_name", "email", "phone"];

/// The routes below a basket's address.
pub(in crate::stays) fn routes() -> Router<Context> {
    Router::new()
        .route("/s/{slug}/panier/{token}", get(show))
        .route("/s/{slug}/panier/{token}/contact", post(save_contact))
        .route("/s/{slug}/panier/{token}/payer", post(pay))
        .route("/s/{slug}/panier/{token}/prolonger", post(prolong))
        .route("/s/{slug}/panier/{token}/sejour.ics", get(calendar_file))
}

/// A visitor in front of a basket.
struct Visit {
    ctx: Context,
    site: Site,
    cart: CartId,
    token: String,
    /// The address of the guest.
    from: String,
}

type Place = (String, String);

impl Visit {
    async fn enter(
        ctx: Context,
        (slug, token): Place,
        request: (&Uri, &HeaderMap),
    ) -> Result<Self, Response> {
        let mut site = Site::find(&ctx, &slug, request).await?;
        let shown = token.clone();
        let found = ctx.db.read(move |tx| locator::find(tx, CART, &shown)).await;
        match found {
            Ok(Some((scope, id))) if scope.merchant() == site.scope.merchant() => {
                site.scope = scope;
                Ok(Self { ctx, site, cart: id.into(), token, from: String::new() })
            }
            Ok(_) => Err(web::oops::page(&site.words, &Problem::not_found())),
            Err(error) => Err(oops(&site.words, error)),
        }
    }

    fn words(&self) -> &Arc<Words> {
        &self.site.words
    }

    fn here(&self) -> String {
        self.site.href(&format!("/panier/{}", self.token))
    }

    fn failed(&self, error: CartError) -> Response {
        let cause = error.to_string();
        let problem = Problem::from(error);
        if problem.status >= 500 {
            tracing::error!(cause, "basket failed");
        }
        web::oops::page(self.words(), &problem)
    }

    async fn known(&self) -> Result<Known, Response> {
        let (site, cart) = (self.site.clone(), self.cart);
        let (now, rng) = (self.ctx.now(self.site.shop), Arc::clone(&self.ctx.rng));
        let read =
            move |tx: &mut Tx<'_>| Known::read(tx, &site, cart, Moment::new(now, rng.as_ref()));
        match self.ctx.db.read(read).await {
            Ok(Some(known)) => Ok(known),
            Ok(None) => Err(self.failed(CartError::NotFound)),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// The page of the basket as it stands.
    async fn page(&self, status: StatusCode, extra: Extra) -> Response {
        let known = match self.known().await {
            Ok(known) => known,
            Err(page) => return page,
        };
        if let Some(booking) = &known.booking {
            return http::html(&view::booked(&self.ctx, &self.site, &known, booking));
        }
        match view::basket(&self.ctx, &self.site, &known, extra) {
            Ok(page) => http::html_with(status, &page),
            Err(error) => self.failed(error),
        }
    }

    /// Runs a change of the basket at the shop's time.
    async fn write<T: Send + 'static>(
        &self,
        change: impl Fn(&mut Tx<'_>, &Site, Moment) -> Result<T, CartError> + Send + 'static,
    ) -> Result<T, CartError> {
        let site = self.site.clone();
        let (now, rng) = (self.ctx.now(site.shop), Arc::clone(&self.ctx.rng));
        let from = self.from.clone();
        let unit =
            move |tx: &mut Tx<'_>| change(tx, &site, Moment::new(now, rng.as_ref()).from(&from));
        self.ctx.db.write(Route::of(self.site.shop.id()), unit).await
    }

    /// The page that says the place went to somebody else.
    async fn gone(&self, refusal: &Refusal) -> Response {
        let zone = &self.site.merchant.zone;
        let text = match refusal.blocked_until {
            Some(until) => {
                let time = format::time(until, zone);
                self.words().with("stay-gone-held", &[("time", &time)])
            }
            None => self.words().say("stay-gone"),
        };
        let notice = Some(Notice { tone: "bad", icon: "alert", text });
        self.page(StatusCode::CONFLICT, Extra { notice, ..Extra::default() }).await
    }

    /// A refusal that the basket page itself explains.
    async fn told(&self, error: CartError) -> Response {
        let words = self.words();
        let locale = words.locale();
        let text = match &error {
            CartError::PriceChanged { old, new } => {
                let values =
                    [("old", &*format::money(*old, locale)), ("new", &format::money(*new, locale))];
                words.with("stay-price-changed", &values)
            }
            CartError::Hold(HoldError::LifetimeReached) => words.say("stay-lifetime"),
            CartError::Hold(HoldError::ProlongedAlready) => words.say("stay-prolonged-already"),
            CartError::Hold(HoldError::OthersWait) => words.say("stay-others-wait"),
            CartError::Hold(HoldError::Expired) => words.say("stay-hold-over"),
            CartError::NotAvailable(_) => words.say("stay-gone"),
            CartError::Payment(payments::CreateError::AmountBelowMinimum(minimum)) => {
                let minimum = format::money(*minimum, locale);
                words.with("stay-below-minimum", &[("minimum", &minimum)])
            }
            _ => return self.failed(error),
        };
        let notice = Some(Notice { tone: "warn", icon: "alert", text });
        let price_changed = matches!(error, CartError::PriceChanged { .. });
        self.page(StatusCode::CONFLICT, Extra { notice, price_changed, form: None }).await
    }
}

async fn show(
    State(ctx): State<Context>,
    Path(place): Path<Place>,
    Query(query): Query<BTreeMap<String, String>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let visit = match Visit::enter(ctx, place, (&uri, &headers)).await {
        Ok(visit) => visit,
        Err(page) => return page,
    };
    if !query.contains_key("modifier") {
        return visit.page(StatusCode::OK, Extra::default()).await;
    }
    let known = match visit.known().await {
        Ok(known) => known,
        Err(page) => return page,
    };
    let mut form = Form::default();
    if let Some(contact) = &known.cart.contact {
        form.set("first_name", contact.first_name.as_str());
        form.set("last_name", contact.last_name.as_str());
        form.set("email", contact.email.as_str());
        form.set("phone", contact.phone.as_str());
    }
    visit.page(StatusCode::OK, Extra { form: Some(form), ..Extra::default() }).await
}

async fn save_contact(
    State(ctx): State<Context>,
    Path(place): Path<Place>,
    uri: Uri,
    headers: HeaderMap,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Response {
    let visit = match Visit::enter(ctx, place, (&uri, &headers)).await {
        Ok(visit) => visit,
        Err(page) => return page,
    };
    if values.contains_key(LANGUAGE_FIELD) {
        let form = Some(Form::with_values(&values));
        return visit.page(StatusCode::OK, Extra { form, ..Extra::default() }).await;
    }
    let (cart, locale) = (visit.cart, visit.words().locale());
    let draft = draft(&values, locale);
    let saved = visit
        .write(move |tx, site, moment| {
            cart_ops::save_contact(tx, &site.scope, cart, (&draft, locale, moment))
        })
        .await;
    match saved {
        Ok(saved) => match saved.held {
            Placed::Held(_) => http::redirect(&visit.here()),
            Placed::Refused(refusal) => visit.gone(&refusal).await,
        },
        Err(CartError::Contact(faults)) => {
            let form = Some(faulty_form(visit.words(), &values, &faults));
            let extra = Extra { form, ..Extra::default() };
            visit.page(StatusCode::UNPROCESSABLE_ENTITY, extra).await
        }
        // The basket became a booking in another tab: its page says so.
        Err(CartError::Ordered) => http::redirect(&visit.here()),
        Err(error) => visit.told(error).await,
    }
}

fn draft(values: &BTreeMap<String, String>, locale: kernel::Locale) -> ContactDraft {
    let text = |name: &str| values.get(name).cloned().unwrap_or_default();
    ContactDraft {
        last_name: text("last_name"),
        first_name: text("first_name"),
        email: text("email"),
        phone: text("phone"),
        language: locale.code().to_owned(),
        ..ContactDraft::default()
    }
}

fn faulty_form(words: &Words, values: &BTreeMap<String, String>, faults: &[FieldError]) -> Form {
    let mut form = Form::with_values(values);
    for field in FIELDS {
        let path = format!("$.{field}");
        for fault in faults.iter().filter(|fault| fault.path == path) {
            let key = match fault.code.as_str() {
                "pan_in_wrong_field" => "stay-fault-card-number".to_owned(),
                "too_long" => "stay-fault-too-long".to_owned(),
                "missing" => format!("stay-fault-{}-missing", field.replace('_', "-")),
                code => format!("stay-fault-{}", code.replace('_', "-")),
            };
            form.fault(field, words.say(&key));
        }
    }
    form
}

async fn pay(
    State(ctx): State<Context>,
    Path(place): Path<Place>,
    (Caller(origin), uri, headers): (Caller, Uri, HeaderMap),
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Response {
    let visit = match Visit::enter(ctx, place, (&uri, &headers)).await {
        Ok(visit) => Visit { from: origin.address, ..visit },
        Err(page) => return page,
    };
    let typology = match values.get("typology").map(String::as_str) {
        Some("full") => Typology::Full,
        _ => Typology::DepositBalance,
    };
    let accepted = values.get("accept").and_then(|text| text.parse::<i64>().ok());
    let (cart, ctx) = (visit.cart, visit.ctx.clone());
    let clicked = visit
        .write(move |tx, site, moment| {
            let currency = site.merchant.currency;
            let accepted = accepted.map(|minor| Money::new(minor, currency));
            let wish = PayWish { typology, accepted, return_url: None };
            let calendar = calendar(tx, &site.scope, moment.now)?;
            cart_ops::click_pay(tx, &site.scope, cart, (&ctx, &wish, &calendar, moment))
        })
        .await;
    match clicked {
        Ok(Clicked::Goes(paying)) => match *paying {
            Paying::Payment(_, token, _) => {
                let lang = visit.words().locale().code();
                http::redirect(&format!("/p/{token}?lang={lang}"))
            }
            Paying::Booked(_) => http::redirect(&visit.here()),
        },
        Ok(Clicked::SoldOut(refusal)) => visit.gone(&refusal).await,
        Err(CartError::ContactMissing) => http::redirect(&visit.here()),
        Err(error) => visit.told(error).await,
    }
}

async fn prolong(
    State(ctx): State<Context>,
    Path(place): Path<Place>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let visit = match Visit::enter(ctx, place, (&uri, &headers)).await {
        Ok(visit) => visit,
        Err(page) => return page,
    };
    let cart = visit.cart;
    let done =
        visit.write(move |tx, site, moment| cart_ops::prolong(tx, &site.scope, cart, moment)).await;
    match done {
        // A double click prolongs once and shows the result twice.
        Ok(_) | Err(CartError::Hold(HoldError::ProlongedAlready) | CartError::Ordered) => {
            http::redirect(&visit.here())
        }
        Err(error) => visit.told(error).await,
    }
}

async fn calendar_file(
    State(ctx): State<Context>,
    Path(place): Path<Place>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let visit = match Visit::enter(ctx, place, (&uri, &headers)).await {
        Ok(visit) => visit,
        Err(page) => return page,
    };
    let known = match visit.known().await {
        Ok(known) => known,
        Err(page) => return page,
    };
    let Some(booking) = &known.booking else { return visit.failed(CartError::NotFound) };
    let place = paper::Place {
        name: &visit.site.merchant.name,
        address: &visit.site.merchant.address,
        host: paper::host(&visit.ctx.urls.app),
    };
    let text = paper::calendar(booking, &place, visit.words().locale());
    let disposition = format!("attachment; filename=\"{}.ics\"", booking.number);
    let mut response = text.into_response();
    http::reply::set(&mut response, header::CONTENT_TYPE, "text/calendar; charset=utf-8");
    http::reply::set(&mut response, header::CONTENT_DISPOSITION, &disposition);
    response
}
