//! `/reservations/{id}/annuler` and `/reservations/{id}/absence`.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, State};
use axum::response::Response;
use axum::routing::get;
use db::{Route, Tx};
use http::Page;
use identity::extract::{Staff, needs};
use kernel::format;
use web::Form;
use web::forms::{self, Submit};
use web::shell::Shell;

use super::Ending;
use super::ops::end as end_one;
use crate::bookings::model::Booking;
use crate::bookings::ops::BookingError;
use crate::bookings::pages::{Answer, Desk, booking_of, page_of, refused};
use crate::moment::Moment;

/// The routes of the slice.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/reservations/{id}/annuler", get(ask_cancel).post(cancel))
        .route("/reservations/{id}/absence", get(ask_no_show).post(no_show))
}

impl Ending {
    /// The last part of its address.
    const fn place(self) -> &'static str {
        match self {
            Self::Cancel => "annuler",
            Self::NoShow => "absence",
        }
    }

    /// What its messages begin with.
    const fn words(self) -> &'static str {
        match self {
            Self::Cancel => "booking-cancel",
            Self::NoShow => "booking-no-show",
        }
    }
}

type Fields = FormBody<BTreeMap<String, String>>;

async fn ask_cancel(
    State(desk): State<Desk>,
    staff: Staff<needs::BookingCancel>,
    Path(id): Path<String>,
) -> Answer {
    ask(&desk, &staff, (Ending::Cancel, id)).await
}

async fn cancel(
    State(desk): State<Desk>,
    staff: Staff<needs::BookingCancel>,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    end(&desk, &staff, (Ending::Cancel, id), fields).await
}

async fn ask_no_show(
    State(desk): State<Desk>,
    staff: Staff<needs::BookingEdit>,
    Path(id): Path<String>,
) -> Answer {
    ask(&desk, &staff, (Ending::NoShow, id)).await
}

async fn no_show(
    State(desk): State<Desk>,
    staff: Staff<needs::BookingEdit>,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    end(&desk, &staff, (Ending::NoShow, id), fields).await
}

/// The page that restates what is about to be done.
/// The page that restates an end before it is made.
#[derive(Template)]
#[template(path = "bookings/templates/confirm.html")]
struct ConfirmPage {
    page: Page,
    shell: Shell,
    form: Form,
    token: String,
    action: String,
    back: String,
    facts: Vec<(String, String)>,
    consequences: Vec<String>,
    button: String,
}

async fn ask<R: Send + Sync>(
    desk: &Desk,
    staff: &Staff<R>,
    (ending, id): (Ending, String),
) -> Answer {
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| booking_of(tx, &scope, &id);
    let booking = desk.engine.ctx.db.read(read).await.map_err(|error| refused(staff, error))?;
    if !booking.state.may_become(ending.state()) {
        return Ok(http::redirect(&page_of(&booking)));
    }
    Ok(http::html(&confirm_page(desk, staff, (ending, &booking))))
}

fn confirm_page<R>(
    desk: &Desk,
    staff: &Staff<R>,
    (ending, booking): (Ending, &Booking),
) -> ConfirmPage {
    let (ctx, words) = (&desk.engine.ctx, &staff.words);
    let key = |rest: &str| format!("{}-{rest}", ending.words());
    let title = words.with(&key("title"), &[("number", &booking.number)]);
    ConfirmPage {
        page: staff.page(ctx, title),
        shell: staff.shell.clone(),
        form: Form::default(),
        token: forms::new_token(ctx.rng.as_ref()),
        action: format!("{}/{}", page_of(booking), ending.place()),
        back: page_of(booking),
        facts: vec![
            (words.say("booking-name"), booking.contact.full_name()),
            (words.say("booking-starts"), format::long_date(booking.starts, words.locale())),
            (words.say("booking-ends"), format::long_date(booking.ends, words.locale())),
        ],
        consequences: vec![words.say(&key("consequence")), words.say(&key("money"))],
        button: words.say(&key("button")),
    }
}

async fn end<R: Send + Sync>(
    desk: &Desk,
    staff: &Staff<R>,
    (ending, id): (Ending, String),
    FormBody(values): Fields,
) -> Answer {
    let ctx = &desk.engine.ctx;
    let text = |name: &str| values.get(name).cloned().unwrap_or_default();
    let (token, reason) = (text(forms::TOKEN_FIELD), kernel::card_text::mask(&text("reason")));
    let (scope, zone, clock) = (staff.scope.clone(), staff.merchant.zone.clone(), ctx.clone());
    let real_now = ctx.real_now();
    let line = staff.line(ending.action(), &id);
    let (asked, from) = (id.clone(), staff.origin.address.clone());
    let unit = move |tx: &mut Tx<'_>| -> Result<String, BookingError> {
        let booking = booking_of(tx, &scope, &asked)?;
        let href = page_of(&booking);
        let path = format!("{} {}", ending.place(), booking.id);
        if let Submit::Again(first) = forms::begin(tx, &scope, &path, &token, real_now)? {
            return Ok(first);
        }
        let moment = Moment::new(clock.now(booking.shop), clock.rng.as_ref()).from(&from);
        let today = zone.date(moment.now);
        let (how, line) = ((today, reason.as_str(), moment), (line.clone(), real_now));
        end_one(tx, &scope, (ending, &booking), how, line)?;
        forms::finish(tx, &scope, &path, &token, &href)?;
        Ok(href)
    };
    let done: Result<String, BookingError> = ctx.db.write(Route::any(), unit).await;
    match done {
        Ok(href) => Ok(http::redirect(&href)),
        // Ended already, by a second click or by somebody else: the page shows it.
        Err(BookingError::Illegal(_)) => Ok(http::redirect(&format!("/reservations/{id}"))),
        Err(error) => Err::<Response, _>(refused(staff, error)),
    }
}
