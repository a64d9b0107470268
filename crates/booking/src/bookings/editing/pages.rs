//! `/reservations/{id}/contact`.

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
use identity::audit;
use identity::extract::{Staff, needs};
use kernel::{AuditId, FieldError};
use web::Form;
use web::forms::conflict::{Difference, VERSION_FIELD, carried, differences, renew};
use web::forms::fields::{Field, Input};
use web::shell::Shell;

use super::{Change, Edited, MAX_NOTE_CHARACTERS, edit};
use crate::bookings::model::Booking;
use crate::bookings::ops::BookingError;
use crate::bookings::pages::{Answer, Desk, booking_of, page_of, refused};
use crate::carts::contact::{Contact, ContactDraft};
use crate::moment::Moment;

/// The routes of the slice.
pub fn routes() -> Router<Desk> {
    Router::new().route("/reservations/{id}/contact", get(show).post(save))
}

/// The fields, the message of each label, and what is typed.
const FIELDS: [(&str, &str, Input); 7] = [
    ("first_name", "booking-first-name", Input::Line),
    ("last_name", "booking-last-name", Input::Line),
    ("email", "booking-email", Input::Email),
    ("phone", "booking-phone", Input::Phone),
    ("address", "booking-address", Input::Text),
    ("company", "booking-company", Input::Line),
    ("note", "booking-note", Input::Text),
];

#[derive(Template)]
#[template(path = "bookings/templates/edit.html")]
struct EditPage {
    page: Page,
    shell: Shell,
    form: Form,
    fields: Vec<Field>,
    both: Vec<Difference>,
    action: String,
    back: String,
    version: i64,
}

type May = Staff<needs::BookingEdit>;

fn values(booking: &Booking) -> Form {
    let contact = &booking.contact;
    let mut form = Form::default();
    for (name, value) in [
        ("first_name", contact.first_name.as_str()),
        ("last_name", &contact.last_name),
        ("email", contact.email.as_str()),
        ("phone", &contact.phone),
        ("address", &contact.address),
        ("company", &contact.company),
        ("note", &booking.note),
    ] {
        form.set(name, value);
    }
    form
}

fn fields(words: &Words, form: &Form) -> Vec<Field> {
    let field = |(name, label, input): (&'static str, &str, Input)| {
        let label = match name {
            "first_name" | "last_name" | "email" | "note" => words.say(label),
            _ => format!("{} {}", words.say(label), words.say("frame-optional")),
        };
        let field = Field::of(form, name, (label, input));
        if name == "note" { field.hint(words.say("booking-note-hint")) } else { field }
    };
    FIELDS.into_iter().map(field).collect()
}

fn page(
    desk: &Desk,
    staff: &May,
    (booking, form): (&Booking, Form),
    both: Vec<Difference>,
) -> EditPage {
    let number = [("number", booking.number.as_str())];
    let page = staff.page(&desk.engine.ctx, staff.words.with("booking-edit-title", &number));
    EditPage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        fields: fields(&staff.words, &form),
        both,
        action: format!("{}/contact", page_of(booking)),
        back: page_of(booking),
        version: carried(&form, booking.version),
        form,
    }
}

async fn read(desk: &Desk, staff: &May, id: String) -> Result<Booking, Response> {
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| booking_of(tx, &scope, &id);
    desk.engine.ctx.db.read(read).await.map_err(|error| refused(staff, error))
}

async fn show(State(desk): State<Desk>, staff: May, Path(id): Path<String>) -> Answer {
    let booking = read(&desk, &staff, id).await?;
    let form = values(&booking);
    Ok(http::html(&page(&desk, &staff, (&booking, form), Vec::new())))
}

async fn save(
    State(desk): State<Desk>,
    staff: May,
    Path(id): Path<String>,
    FormBody(posted): FormBody<BTreeMap<String, String>>,
) -> Answer {
    let booking = read(&desk, &staff, id).await?;
    let mut typed = Form::with_values(&posted);
    let Some(contact) = checked(&staff.words, &mut typed, (&booking, &posted)) else {
        let page = page(&desk, &staff, (&booking, typed), Vec::new());
        return Ok(http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let change = Change {
        contact,
        note: typed.value("note").trim().to_owned(),
        version: typed.value(VERSION_FIELD).parse().unwrap_or(0),
    };
    match write(&desk, &staff, (&booking, change)).await? {
        Edited::Done => Ok(http::redirect(&page_of(&booking))),
        Edited::Both(now) => {
            let both = differences(&fields(&staff.words, &typed), &values(&now));
            renew(&mut typed, now.version);
            let page = page(&desk, &staff, (&now, typed), both);
            Ok(http::html_with(StatusCode::CONFLICT, &page))
        }
    }
}

/// The contact as typed, or its faults beside their fields.
fn checked(
    words: &Words,
    form: &mut Form,
    (booking, posted): (&Booking, &BTreeMap<String, String>),
) -> Option<Contact> {
    let text = |name: &str| posted.get(name).cloned().unwrap_or_default();
    let draft = ContactDraft {
        title: booking.contact.title.clone(),
        last_name: text("last_name"),
        first_name: text("first_name"),
        email: text("email"),
        phone: text("phone"),
        address: text("address"),
        language: String::new(),
        company: text("company"),
        registration_number: booking.contact.registration_number.clone(),
    };
    let note = text("note");
    if kernel::card_text::holds_card_number(&note) {
        form.fault("note", words.say("stay-fault-card-number"));
    } else if note.chars().count() > MAX_NOTE_CHARACTERS {
        form.fault("note", words.say("booking-note-too-long"));
    }
    let contact = draft.check(booking.contact.language);
    if let Err(faults) = &contact {
        faults.iter().for_each(|fault| tell(words, form, fault));
    }
    contact.ok().filter(|_| form.is_right())
}

fn tell(words: &Words, form: &mut Form, fault: &FieldError) {
    let field = fault.path.trim_start_matches("$.");
    let key = match fault.code.as_str() {
        "pan_in_wrong_field" => "stay-fault-card-number".to_owned(),
        "missing" => format!("stay-fault-{}-missing", field.replace('_', "-")),
        code => format!("stay-fault-{}", code.replace('_', "-")),
    };
    form.fault(field, words.say(&key));
}

async fn write(
    desk: &Desk,
    staff: &May,
    (booking, change): (&Booking, Change),
) -> Result<Edited, Response> {
    let ctx = &desk.engine.ctx;
    let (scope, id, real_now) = (staff.scope.clone(), booking.id, ctx.real_now());
    let (now, rng) = (ctx.now(booking.shop), Arc::clone(&ctx.rng));
    let line = staff.line("booking.contact", id);
    let from = staff.origin.address.clone();
    let unit = move |tx: &mut Tx<'_>| -> Result<Edited, BookingError> {
        let moment = Moment::new(now, rng.as_ref()).from(&from);
        let edited = edit(tx, &scope, id, (&change, moment))?;
        if edited == Edited::Done {
            let audit_id = AuditId::new(real_now, rng.as_ref());
            audit::record(tx, &scope, &line, real_now, audit_id)?;
        }
        Ok(edited)
    };
    let done: Result<Edited, BookingError> = ctx.db.write(Route::any(), unit).await;
    done.map_err(|error| refused(staff, error))
}
