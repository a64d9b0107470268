//! `/reservations/{id}/demander-carte`: asking from the desk.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use db::{Route, Tx};
use http::{Page, Words};
use identity::extract::{Staff, needs};
use kernel::{CardToken, Problem, format};
use web::Form;
use web::forms::{self, Submit};
use web::mail::Channel;
use web::shell::Shell;

use super::ops::{self, AskError, Made};
use super::{MOST_A_DAY, OPEN_DAYS};
use crate::bookings::model::Booking;
use crate::bookings::pages::{Answer, Desk, booking_of, failed, page_of, refused};
use crate::carts::Contact;
use crate::moment::Moment;

/// The routes of the slice.
pub(in crate::bookings) fn routes() -> Router<Desk> {
    Router::new().route("/reservations/{id}/demander-carte", get(show).post(ask))
}

type May = Staff<needs::CardRequest>;

#[derive(Template)]
#[template(path = "bookings/templates/card_request.html")]
struct AskPage {
    page: Page,
    shell: Shell,
    form: Form,
    token: String,
    action: String,
    back: String,
    facts: Vec<(String, String)>,
    channels: Vec<Tick>,
    consequence: String,
}

/// Name of a box to tick, its words, whether it is ticked.
pub(in crate::bookings) type Tick = (&'static str, String, bool);

/// The ways to a guest that he has left.
pub(in crate::bookings) fn channels(words: &Words, contact: &Contact, form: &Form) -> Vec<Tick> {
    let ticked = |name: &str| !form.value(name).is_empty();
    let email = words.with("booking-card-ask-email", &[("email", contact.email.as_str())]);
    let mut channels = vec![("email", email, ticked("email"))];
    if !contact.phone.is_empty() {
        let label = words.with("booking-card-ask-sms", &[("phone", &contact.phone)]);
        channels.push(("sms", label, ticked("sms")));
    }
    channels
}

async fn booking(desk: &Desk, staff: &May, id: String) -> Result<Booking, Response> {
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| booking_of(tx, &scope, &id);
    desk.engine.ctx.db.read(read).await.map_err(|error| refused(staff, error))
}

fn page(desk: &Desk, staff: &May, booking: &Booking, form: Form) -> AskPage {
    let (ctx, words) = (&desk.engine.ctx, &staff.words);
    let contact = &booking.contact;
    let title = words.with("booking-card-ask-title", &[("number", &booking.number)]);
    let page = staff.page(ctx, title);
    AskPage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        token: forms::new_token(ctx.rng.as_ref()),
        action: format!("{}/demander-carte", page_of(booking)),
        back: page_of(booking),
        facts: vec![
            (words.say("booking-name"), contact.full_name()),
            (words.say("booking-starts"), format::long_date(booking.starts, words.locale())),
            (words.say("booking-ends"), format::long_date(booking.ends, words.locale())),
        ],
        channels: channels(words, contact, &form),
        consequence: words
            .with("booking-card-ask-consequence", &[("days", &OPEN_DAYS.to_string())]),
        form,
    }
}

async fn show(State(desk): State<Desk>, staff: May, Path(id): Path<String>) -> Answer {
    let booking = booking(&desk, &staff, id).await?;
    let mut form = Form::default();
    form.set("email", "1");
    if booking.state.takes_cards() {
        return Ok(http::html(&page(&desk, &staff, &booking, form)));
    }
    form.fault("email", staff.words.say("booking-card-ask-over"));
    Ok(http::html_with(StatusCode::CONFLICT, &page(&desk, &staff, &booking, form)))
}

async fn ask(
    State(desk): State<Desk>,
    staff: May,
    Path(id): Path<String>,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Answer {
    let booking = booking(&desk, &staff, id).await?;
    let ticked = |name: &str| values.contains_key(name);
    let channels: Vec<Channel> = [("email", Channel::Mail), ("sms", Channel::Sms)]
        .into_iter()
        .filter_map(|(name, channel)| ticked(name).then_some(channel))
        .collect();
    let before = ops::card_before(&desk.engine, &staff.scope, &booking).await;
    let made = match before {
        Ok(before) => write(&desk, &staff, (&booking, before, channels), &values).await,
        Err(error) => Err(error),
    };
    let fault = match made {
        // A second click finds the first one's work done.
        Ok(_) => return Ok(http::redirect(&page_of(&booking))),
        Err(AskError::Db(error)) => return Err(failed(&staff, error)),
        Err(error @ AskError::VaultAway) => {
            return Err(web::oops::page(&staff.words, &Problem::from(error)));
        }
        Err(error) => error,
    };
    let mut form = Form::with_values(&values);
    let (field, words) = said(&staff, &fault);
    form.fault(field, words);
    let page = page(&desk, &staff, &booking, form);
    Ok(http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

fn said(staff: &May, fault: &AskError) -> (&'static str, String) {
    let words = &staff.words;
    match fault {
        AskError::NoPhone => ("sms", words.say("booking-card-ask-no-phone")),
        AskError::NoChannel => ("email", words.say("booking-card-ask-no-channel")),
        AskError::TooOften(from) => {
            let from = format::date_time(*from, &staff.merchant.zone, words.locale());
            let values = [("most", MOST_A_DAY.to_string()), ("from", from)];
            let values: Vec<(&str, &str)> =
                values.iter().map(|(name, text)| (*name, text.as_str())).collect();
            ("email", words.with("booking-card-ask-often", &values))
        }
        AskError::StorageOff => ("email", words.say("booking-card-ask-storage-off")),
        AskError::Over | AskError::VaultAway | AskError::Db(_) => {
            ("email", words.say("booking-card-ask-over"))
        }
    }
}

async fn write(
    desk: &Desk,
    staff: &May,
    (booking, before, channels): (&Booking, Option<CardToken>, Vec<Channel>),
    values: &BTreeMap<String, String>,
) -> Result<Option<Made>, AskError> {
    let ctx = desk.engine.ctx.clone();
    let token = values.get(forms::TOKEN_FIELD).cloned().unwrap_or_default();
    let (scope, booking) = (staff.scope.clone(), booking.clone());
    let line = staff.line("card.request", booking.id);
    let (from, href) = (staff.origin.address.clone(), page_of(&booking));
    let rng = Arc::clone(&ctx.rng);
    let (now, real_now) = (ctx.now(booking.shop), ctx.real_now());
    let path = format!("demander-carte {}", booking.id);
    let db = ctx.db.clone();
    let unit = move |tx: &mut Tx<'_>| -> Result<Option<Made>, AskError> {
        if let Submit::Again(_) = forms::begin(tx, &scope, &path, &token, real_now)? {
            return Ok(None);
        }
        let moment = Moment::new(now, rng.as_ref()).from(&from);
        let made = ops::ask(tx, &scope, (&ctx, &booking, &channels), (before, moment, &line))?;
        forms::finish(tx, &scope, &path, &token, &href)?;
        Ok(Some(made))
    };
    db.write(Route::any(), unit).await
}
