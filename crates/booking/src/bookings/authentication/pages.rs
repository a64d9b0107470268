//! `/reservations/{id}/authentifier`: asking from the desk.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use http::Page;
use identity::extract::{Staff, needs};
use kernel::{Money, Problem, format};
use payments::authentication_links::ops::{Ask, AskError};
use payments::authentication_links::{MOST_A_DAY, OtherCard};
use web::Form;
use web::forms::{self, Choice, TYPED_FROM_MINOR};
use web::mail::Channel;
use web::shell::Shell;

use super::send::{self, NotAsked, Order};
use crate::bookings::card_request::pages::{Tick, channels};
use crate::bookings::charging::pages::{Left, amount, left, was_sent};
use crate::bookings::pages::{Answer, Desk, page_of};
use crate::bookings::view::card_name;

/// How long a link may last, in days, in the order of the form.
const DAYS: [&str; 4] = ["1", "3", "7", "14"];
/// How long it lasts unless the person says otherwise.
const USUAL_DAYS: &str = "3";
const DAY_SECONDS: i64 = 86_400;

/// The routes of the slice.
pub(in crate::bookings) fn routes() -> Router<Desk> {
    Router::new().route("/reservations/{id}/authentifier", get(show).post(ask))
}

type May = Staff<needs::CardUse>;

#[derive(Template)]
#[template(path = "bookings/authentication/templates/ask.html")]
struct AskPage {
    page: Page,
    shell: Shell,
    form: Form,
    token: String,
    action: String,
    back: String,
    facts: Vec<(String, String)>,
    hidden: Vec<(&'static str, String)>,
    channels: Vec<Tick>,
    lasts: Vec<Choice>,
    /// From which amount on it is typed twice; empty when less is due.
    again: String,
}

fn page(desk: &Desk, staff: &May, (left, form): (&Left, Form)) -> AskPage {
    let (words, Left { booking, balance, .. }) = (&staff.words, left);
    let contact = &booking.contact;
    let title = words.with("booking-holder-title", &[("number", &booking.number)]);
    let page = staff.page(&desk.engine.ctx, title);
    let mut facts = vec![
        (words.say("booking-name"), contact.full_name()),
        (words.say("booking-due"), format::money(balance.due, words.locale())),
    ];
    if let Some(card) = &balance.card {
        let expiry = format!("{:02}/{}", card.exp_month, card.exp_year);
        facts.push((words.say("booking-card"), format!("{} · {expiry}", card_name(card))));
    }
    let channels = channels(words, contact, &form);
    let days = |days| form.choice("days", days, words.say(&format!("booking-holder-lasts-{days}")));
    let from = Money::new(TYPED_FROM_MINOR, balance.due.currency());
    let from = format::money(from, words.locale());
    let large = left.most().minor() >= TYPED_FROM_MINOR;
    AskPage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        token: forms::new_token(desk.engine.ctx.rng.as_ref()),
        action: format!("{}/authentifier", page_of(booking)),
        back: page_of(booking),
        facts,
        hidden: vec![("due", balance.due.minor().to_string()), ("card", left.card())],
        channels,
        lasts: DAYS.map(days).into(),
        again: match large {
            true => words.with("booking-charge-again", &[("amount", &from)]),
            false => String::new(),
        },
        form,
    }
}

fn wrong(desk: &Desk, staff: &May, status: StatusCode, asked: (&Left, Form)) -> Response {
    http::html_with(status, &page(desk, staff, asked))
}

async fn show(State(desk): State<Desk>, staff: May, Path(id): Path<String>) -> Answer {
    let left = left(&desk, &staff, id).await?;
    let mut form = Form::default();
    form.set("amount", format::number(left.most(), staff.words.locale()));
    form.set("email", "1");
    form.set("other", "1");
    form.set("days", USUAL_DAYS);
    if let Some(why) = left.balance.why_not {
        form.fault("amount", why.say(&staff.words));
        return Ok(wrong(&desk, &staff, StatusCode::CONFLICT, (&left, form)));
    }
    Ok(http::html(&page(&desk, &staff, (&left, form))))
}

async fn ask(
    State(desk): State<Desk>,
    staff: May,
    Path(id): Path<String>,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Answer {
    let left = left(&desk, &staff, id).await?;
    let there = page_of(&left.booking);
    if left.balance.why_not.is_some() || was_sent(&desk, &staff, (&there, &values)).await? {
        // A second click, or somebody else was faster: the booking shows the result.
        return Ok(http::redirect(&there));
    }
    let text = |name: &str| values.get(name).map_or("", |value| value.trim());
    let mut form = Form::with_values(&values);
    if text(forms::TOKEN_FIELD).is_empty() {
        form.fault("form", staff.words.say("form-token-missing"));
    }
    if text("due") != left.balance.due.minor().to_string() || text("card") != left.card() {
        form.fault("form", staff.words.say("booking-balance-changed"));
    }
    let amount = amount(&staff, (&mut form, &values), &left);
    let ask = wish(&staff, (&mut form, &values), &left);
    let (Some(ask), true) = (ask, form.is_right()) else {
        return Ok(wrong(&desk, &staff, StatusCode::UNPROCESSABLE_ENTITY, (&left, form)));
    };
    let order = Order {
        booking: left.booking.clone(),
        due: left.balance.due,
        amount,
        ceiling: left.ceiling,
        ask,
        origin: staff.origin.clone(),
        form: (text(forms::TOKEN_FIELD).to_owned(), there.clone()),
    };
    let error = match send::ask(&desk.engine, &staff.scope, order).await {
        Ok(()) | Err(NotAsked::Already) => return Ok(http::redirect(&there)),
        Err(error) => error,
    };
    let said = match &error {
        NotAsked::Changed => staff.words.say("booking-balance-changed"),
        NotAsked::Ask(AskError::ContactMissing(_)) => staff.words.say("booking-card-ask-no-phone"),
        NotAsked::Ask(AskError::TooOften(from)) => {
            let from = format::date_time(*from, &staff.merchant.zone, staff.words.locale());
            let most = MOST_A_DAY.to_string();
            staff.words.with("booking-card-ask-often", &[("most", &most), ("from", &from)])
        }
        _ => return Err(web::oops::page(&staff.words, &Problem::from(error))),
    };
    form.fault("form", said);
    Ok(wrong(&desk, &staff, StatusCode::UNPROCESSABLE_ENTITY, (&left, form)))
}

/// The link that the form asks for, if nothing is wrong with it.
fn wish(
    staff: &May,
    (form, values): (&mut Form, &BTreeMap<String, String>),
    left: &Left,
) -> Option<Ask> {
    let ticked = |name: &str| values.contains_key(name);
    let channels: Vec<Channel> = [("email", Channel::Mail), ("sms", Channel::Sms)]
        .into_iter()
        .filter_map(|(name, channel)| ticked(name).then_some(channel))
        .collect();
    if channels.is_empty() {
        form.fault("email", staff.words.say("booking-card-ask-no-channel"));
    }
    if channels.contains(&Channel::Sms) && left.booking.contact.phone.is_empty() {
        form.fault("email", staff.words.say("booking-card-ask-no-phone"));
    }
    let days = values.get("days").filter(|days| DAYS.contains(&days.as_str()));
    let days: Option<i64> = days.and_then(|days| days.parse().ok());
    if days.is_none() {
        form.fault("days", staff.words.say("booking-holder-lasts-wrong"));
    }
    Some(Ask {
        channels,
        lasts_seconds: days?.saturating_mul(DAY_SECONDS),
        card: left.balance.card.clone()?,
        other_card: if ticked("other") { OtherCard::Allowed } else { OtherCard::Refused },
    })
}
