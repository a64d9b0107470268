//! `/reservations/{id}/solde`: charging the card of a booking without seeing it.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use connectors::CodeUse;
use db::Tx;
use http::Page;
use identity::extract::{Staff, needs};
use kernel::{Money, Problem, Right, format};
use payments::engine::{CardOffer, ChargeError};
use payments::payment::Reason;
use payments::{CreateError, Payment};
use web::Form;
use web::forms::{self, Choice, TYPED_FROM_MINOR};
use web::shell::Shell;

use super::model::{self, REASONS};
use super::send::{self, NotCharged, Order, Way};
use crate::bookings::balance::{self, Balance, WhyNot};
use crate::bookings::model::Booking;
use crate::bookings::ops::{self, BookingError};
use crate::bookings::pages::{Answer, Desk, booking_of, failed, page_of, refused};
use crate::bookings::view::card_name;

/// The routes of the slice.
pub fn routes() -> Router<Desk> {
    Router::new().route("/reservations/{id}/solde", get(ask).post(charge))
}

/// A booking with what is left of it and the card that can be charged.
pub(in crate::bookings) struct Left {
    pub(in crate::bookings) booking: Booking,
    pub(in crate::bookings) payments: Vec<Payment>,
    pub(in crate::bookings) balance: Balance,
    way: Option<Way>,
    /// The most that the person may charge in one operation, in minor units; none is no limit.
    pub(in crate::bookings) ceiling: Option<i64>,
}

impl Left {
    /// Which card the question names, so that no other is charged.
    pub(in crate::bookings) fn card(&self) -> String {
        self.balance.card.as_ref().map(|card| card.id.to_string()).unwrap_or_default()
    }

    /// The most that can be charged now, by this person.
    pub(in crate::bookings) fn most(&self) -> Money {
        self.balance.most(self.ceiling)
    }
}

/// What is left of a booking, as a person may charge it.
pub(in crate::bookings) async fn left<R: Send + Sync>(
    desk: &Desk,
    staff: &Staff<R>,
    id: String,
) -> Result<Left, Response> {
    let (engine, scope) = (&desk.engine, staff.scope.clone());
    let read = move |tx: &mut Tx<'_>| -> Result<_, BookingError> {
        let booking = booking_of(tx, &scope, &id)?;
        let payments = ops::payments_of(tx, &scope, &booking)?;
        let balance = balance::balance(tx, &scope, &booking, &payments)?;
        Ok((booking, payments, balance))
    };
    let read = engine.ctx.db.read(read).await;
    let (booking, payments, mut balance) = read.map_err(|error| refused(staff, error))?;
    let mut way = None;
    if matches!(balance.why_not, None | Some(WhyNot::NoCard)) {
        let kept = balance.card.as_ref().map(|card| card.id);
        let sent = send::offer(engine, &staff.scope, (&booking, kept)).await;
        match sent.map_err(|error| failed(staff, error))? {
            Ok(None) => {}
            Ok(Some(found)) => {
                let card = Some(found.offer().card.clone());
                balance = Balance { card, ..balance.on_another_card(&staff.scope) };
                way = Some(found);
            }
            Err(why) => balance.why_not = Some(why),
        }
    }
    let ceiling = staff.ceiling(Right::PaymentsCreate);
    let balance = balance.up_to(ceiling).in_parts();
    Ok(Left { booking, payments, balance, way, ceiling })
}

/// The question before a card is charged.
#[derive(Template)]
#[template(path = "bookings/charging/templates/charge.html")]
struct ChargePage {
    page: Page,
    shell: Shell,
    form: Form,
    token: String,
    action: String,
    back: String,
    facts: Vec<(String, String)>,
    hidden: Vec<(&'static str, String)>,
    reasons: Vec<Choice>,
    /// Whether a security code is held that may go along.
    has_code: bool,
    /// From which amount on it is typed twice; empty when less is due.
    again: String,
    consequence: String,
}

async fn ask(
    State(desk): State<Desk>,
    staff: Staff<needs::CardUse>,
    Path(id): Path<String>,
) -> Answer {
    let left = left(&desk, &staff, id).await?;
    if left.balance.why_not.is_some() {
        // There the button says why.
        return Ok(http::redirect(&page_of(&left.booking)));
    }
    let mut form = Form::default();
    form.set("amount", format::number(left.most(), staff.words.locale()));
    form.set("code", "1");
    form.set("reason", proposed(&desk, &staff, &left).as_str());
    Ok(http::html(&question(&desk, &staff, (&left, form))))
}

fn proposed<R>(desk: &Desk, staff: &Staff<R>, left: &Left) -> Reason {
    let today = staff.merchant.zone.date(desk.engine.ctx.now(left.booking.shop));
    model::proposed(&left.booking, &left.payments, today)
}

fn question<R>(desk: &Desk, staff: &Staff<R>, (left, form): (&Left, Form)) -> ChargePage {
    let (words, Left { booking, balance, way, .. }) = (&staff.words, left);
    let due = format::money(balance.due, words.locale());
    let title = words.with("booking-charge-title", &[("number", &booking.number)]);
    let mut facts = vec![
        (words.say("booking-name"), booking.contact.full_name()),
        (words.say("booking-due"), due),
    ];
    if let Some(card) = &balance.card {
        let expiry = format!("{:02}/{}", card.exp_month, card.exp_year);
        facts.push((words.say("booking-card"), format!("{} · {expiry}", card_name(card))));
    }
    facts.push((words.say("booking-charge-statement"), staff.merchant.name.clone()));
    let most = left.most();
    if most.minor() < balance.due.minor() {
        let most = format::money(most, words.locale());
        facts.push((words.say("booking-charge-ceiling"), most));
    }
    let consequence = match way {
        Some(_) => "booking-charge-keyed",
        None => "booking-charge-kept",
    };
    let choice =
        |reason: Reason| form.choice("reason", reason.as_str(), words.say(&model::key(reason)));
    let from = Money::new(TYPED_FROM_MINOR, balance.due.currency());
    let from = format::money(from, words.locale());
    let from = words.with("booking-charge-again", &[("amount", &from)]);
    let page = staff.page(&desk.engine.ctx, title);
    ChargePage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        token: forms::new_token(desk.engine.ctx.rng.as_ref()),
        action: format!("/reservations/{}/solde", booking.id),
        back: page_of(booking),
        facts,
        hidden: vec![("due", balance.due.minor().to_string()), ("card", left.card())],
        reasons: REASONS.map(choice).into(),
        has_code: way.as_ref().is_some_and(Way::has_code),
        again: if most.minor() >= TYPED_FROM_MINOR { from } else { String::new() },
        consequence: words.say(consequence),
        form,
    }
}

async fn charge(
    State(desk): State<Desk>,
    staff: Staff<needs::CardUse>,
    Path(id): Path<String>,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Answer {
    let text = |name: &str| values.get(name).map_or("", |value| value.trim());
    let left = left(&desk, &staff, id).await?;
    let page = page_of(&left.booking);
    if left.balance.why_not.is_some() || was_sent(&desk, &staff, (&page, &values)).await? {
        // A second click, or somebody else was faster: the booking shows the result.
        return Ok(http::redirect(&page));
    }
    let due = left.balance.due;
    let mut form = Form::with_values(&values);
    if text(forms::TOKEN_FIELD).is_empty() {
        form.fault("form", staff.words.say("form-token-missing"));
    }
    if text("due") != due.minor().to_string() || text("card") != left.card() {
        form.fault("form", staff.words.say("booking-balance-changed"));
    }
    let amount = amount(&staff, (&mut form, &values), &left);
    let reason = values.get("reason").map(|word| Reason::parse(word));
    let reason = reason.unwrap_or_else(|| Some(proposed(&desk, &staff, &left)));
    let Some(reason) = reason.filter(|reason| REASONS.contains(reason)) else {
        form.fault("reason", staff.words.say("booking-charge-reason-wrong"));
        return Ok(wrong(&desk, &staff, (&left, form)));
    };
    if !form.is_right() {
        return Ok(wrong(&desk, &staff, (&left, form)));
    }
    let form = (text(forms::TOKEN_FIELD).to_owned(), page.clone());
    let with_code = !text("code").is_empty();
    let Left { booking, way, ceiling, .. } = left;
    let way = match way {
        Some(Way::Keyed(offer, held)) => {
            let code = if held && with_code { CodeUse::WithCode } else { CodeUse::WithoutCode };
            Way::Keyed(CardOffer { code, ..offer }, held)
        }
        _ => Way::Kept(kept(&desk, &staff, &booking).await?),
    };
    let origin = staff.origin.clone();
    let order = Order { booking, due, amount, ceiling, reason, way, origin, form };
    Ok(led_to(&staff, &page, send::charge(&desk.engine, &staff.scope, order).await))
}

/// How much of what is due, within the person's ceiling; a large amount is typed twice.
pub(in crate::bookings) fn amount<R>(
    staff: &Staff<R>,
    (form, values): (&mut Form, &BTreeMap<String, String>),
    left: &Left,
) -> Money {
    let (words, due, most) = (&staff.words, left.balance.due, left.most());
    let typed = |name: &str| {
        let text = values.get(name).map_or("", |value| value.trim());
        format::parse_amount(text, due.currency())
    };
    let asked = values.get("amount").map_or(Ok(most), |_| typed("amount"));
    match asked {
        Ok(asked) if asked.minor() > most.minor() => {
            let at_ceiling = most.minor() < due.minor();
            let key =
                if at_ceiling { "booking-charge-above-ceiling" } else { "booking-charge-above" };
            let most = format::money(most, words.locale());
            form.fault("amount", words.with(key, &[("most", &most)]));
        }
        Ok(asked) if asked.minor() > 0 => {
            if asked.minor() >= TYPED_FROM_MINOR && typed("again") != Ok(asked) {
                form.fault("again", words.say("booking-again-wrong"));
            }
        }
        _ => form.fault("amount", words.say("booking-charge-amount-wrong")),
    }
    asked.unwrap_or(most)
}

/// Whether the same form was sent before.
pub(in crate::bookings) async fn was_sent<R>(
    desk: &Desk,
    staff: &Staff<R>,
    (page, values): (&str, &BTreeMap<String, String>),
) -> Result<bool, Response> {
    let token = values.get(forms::TOKEN_FIELD).cloned().unwrap_or_default();
    let (scope, page) = (staff.scope.clone(), page.to_owned());
    let read = move |tx: &mut Tx<'_>| forms::led_to(tx, &scope, &page, &token);
    let found = desk.engine.ctx.db.read(read).await;
    Ok(found.map_err(|error| failed(staff, error))?.is_some())
}

/// The card that the guest left with his payment.
async fn kept<R>(desk: &Desk, staff: &Staff<R>, booking: &Booking) -> Result<CardOffer, Response> {
    let offer = desk.engine.kept_offer(&staff.scope, (booking.id, booking.shop)).await;
    offer.map_err(|error| web::oops::page(&staff.words, &Problem::from(error)))
}

fn wrong<R>(desk: &Desk, staff: &Staff<R>, (left, form): (&Left, Form)) -> Response {
    http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &question(desk, staff, (left, form)))
}

fn led_to<R>(staff: &Staff<R>, page: &str, charged: Result<(), NotCharged>) -> Response {
    match charged {
        // A second click, or somebody else was faster: the booking shows the result.
        Ok(())
        | Err(
            NotCharged::Already
            | NotCharged::Charge(ChargeError::Create(CreateError::OrderHasLivePayment(_))),
        ) => http::redirect(page),
        Err(error) => {
            tracing::warn!(%error, page, "balance not charged");
            web::oops::page(&staff.words, &Problem::from(error))
        }
    }
}
