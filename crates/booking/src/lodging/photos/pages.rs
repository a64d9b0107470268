//! `/catalogue/{id}/photos` and `/catalogue/photo/{file}` for staff, `/s/{slug}/photo/{file}` for
//! everybody once the shop is open.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Form as FormBody, Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use http::Words;
use identity::looks::pages::for_ever;
use identity::looks::picture::PictureFault;
use identity::{audit, merchants::ops as merchants};
use kernel::{AuditId, Locale, LodgingId, PhotoId, Scope};
use tokio::sync::Semaphore;
use web::forms::{self, Submit};
use web::{Context, Form};

use super::ops::{self, Added, Change, NewPhoto};
use super::picture::{self, ACCEPTED, Derived};
use super::store::{self, Photo, Size};
use super::{MAX_ALTERNATIVE_CHARACTERS, MAX_PHOTOS};
use crate::bookings::pages::Desk;
use crate::lodging::Texts;
use crate::lodging::editing::pages::{May, Sheet, faulty, refused, sheet_of};
use crate::lodging::ops::EntryError;

/// Most bytes of a request with a photo. What lies between it and the largest photo is read and
/// thrown away, because a browser shows the answer only to a request that was read to its end.
const MAX_BODY_BYTES: usize = 64_000_000;
/// Most bytes of a text beside a photo.
const MAX_TEXT_BYTES: usize = 4_000;
/// Ends of the names of the files of a photo.
const SMALL: &str = "-s.jpg";
const LARGE: &str = "-l.jpg";
/// The texts of a photo, and the name of each one's field.
const TEXTS: [(&str, Locale); 2] = [("alt_fr", Locale::Fr), ("alt_en", Locale::En)];
/// A photo being decoded takes up to half a gigabyte: one after the other.
static DECODING: Semaphore = Semaphore::const_new(1);

/// What staff post, and the photos on their pages.
pub(in crate::lodging) fn routes() -> Router<Desk> {
    let limit = DefaultBodyLimit::max(MAX_BODY_BYTES);
    Router::new()
        .route("/catalogue/photo/{file}", get(file_for_staff))
        .route("/catalogue/{id}/photos", post(add).layer(limit))
        .route("/catalogue/{id}/photos/{photo}", post(change))
}

/// What everybody sees.
pub fn public_routes() -> Router<Context> {
    Router::new().route("/s/{slug}/photo/{file}", get(file))
}

/// The address of a photo on the pages of a property.
#[must_use]
pub fn address(slug: &str, photo: &Photo, size: Size) -> String {
    format!("/s/{slug}/photo/{}", file_name(photo, size))
}

fn file_name(photo: &Photo, size: Size) -> String {
    let ending = match size {
        Size::Small => SMALL,
        Size::Large => LARGE,
    };
    format!("{}{ending}", photo.hash)
}

async fn file(State(ctx): State<Context>, Path((slug, name)): Path<(String, String)>) -> Response {
    let read = move |tx: &mut Tx<'_>| -> Result<Option<Vec<u8>>, DbError> {
        let Some((scope, ..)) = merchants::site(tx, &slug)? else { return Ok(None) };
        named(tx, &scope, &name)
    };
    sent(ctx.db.read(read).await)
}

/// The same without a public site, which a shop that is not open has not.
async fn file_for_staff(
    State(desk): State<Desk>,
    staff: May,
    Path(name): Path<String>,
) -> Response {
    let scope = staff.scope.clone();
    sent(desk.engine.ctx.db.read(move |tx: &mut Tx<'_>| named(tx, &scope, &name)).await)
}

fn named(tx: &mut Tx<'_>, scope: &Scope, name: &str) -> Result<Option<Vec<u8>>, DbError> {
    let size = [(SMALL, Size::Small), (LARGE, Size::Large)]
        .into_iter()
        .find_map(|(ending, size)| Some((name.strip_suffix(ending)?, size)));
    size.map_or(Ok(None), |photo| store::file(tx, scope, photo))
}

fn sent(read: Result<Option<Vec<u8>>, DbError>) -> Response {
    match read {
        Ok(Some(jpeg)) => for_ever("image/jpeg", jpeg),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => identity::extract::api::internal(error).into_response(),
    }
}

/// A photo on the page of its lodging, with its form.
pub(in crate::lodging) struct PhotoView {
    pub(in crate::lodging) small: String,
    pub(in crate::lodging) large: String,
    pub(in crate::lodging) alternative: String,
    pub(in crate::lodging) action: String,
    /// Which of how many, in words.
    pub(in crate::lodging) number: String,
    /// Names of the fields of its two texts.
    pub(in crate::lodging) texts: [String; 2],
    /// The places before and behind it, counted from zero.
    pub(in crate::lodging) earlier: Option<usize>,
    pub(in crate::lodging) later: Option<usize>,
}

impl PhotoView {
    /// The photos of a lodging; their texts are put into the form where none were typed.
    pub(in crate::lodging) fn all(words: &Words, (sheet, form): (&Sheet, &mut Form)) -> Vec<Self> {
        let count = sheet.photos.len();
        let view = |(at, photo): (usize, &Photo)| {
            let texts = TEXTS.map(|(name, locale)| {
                let field = field_of(name, photo.id);
                if form.value(&field).is_empty() && form.error(&field).is_empty() {
                    form.set(&field, photo.alternative.exactly(locale));
                }
                field
            });
            let number = at.saturating_add(1);
            let place = [("n", &*number.to_string()), ("count", &count.to_string())];
            Self {
                small: format!("/catalogue/photo/{}", file_name(photo, Size::Small)),
                large: format!("/catalogue/photo/{}", file_name(photo, Size::Large)),
                alternative: photo.alternative.get(words.locale()).to_owned(),
                action: format!("/catalogue/{}/photos/{}", sheet.lodging.id, photo.id),
                number: words.with("photo-number", &place),
                texts,
                earlier: at.checked_sub(1),
                later: Some(number).filter(|later| *later < count),
            }
        };
        sheet.photos.iter().enumerate().map(view).collect()
    }
}

fn field_of(name: &str, id: PhotoId) -> String {
    format!("{name}-{id}")
}

/// The sentence above the page after something was done to a photo.
pub(in crate::lodging) fn told_of(words: &Words, done: Option<&str>) -> String {
    match done {
        Some("photo") => words.say("photo-added"),
        Some("photo-petite") => words.say("photo-added-coarse"),
        Some("texte") => words.say("photo-changed"),
        Some("retrait") => words.say("photo-removed"),
        _ => String::new(),
    }
}

fn done(id: LodgingId, what: &str) -> Response {
    http::redirect(&format!("/catalogue/{id}?fait={what}#photos"))
}

/// What a form with a photo carried.
#[derive(Default)]
struct Sent {
    /// `None` for a file that is too large.
    file: Option<Vec<u8>>,
    values: BTreeMap<String, String>,
}

impl Sent {
    async fn read(mut body: Multipart) -> Result<Self, MultipartError> {
        let mut sent = Self { file: Some(Vec::new()), ..Self::default() };
        while let Some(mut field) = body.next_field().await? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "photo" {
                sent.file = bytes_of(&mut field, ACCEPTED.max_file_bytes).await?;
            } else if let Some(bytes) = bytes_of(&mut field, MAX_TEXT_BYTES).await? {
                sent.values.insert(name, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        Ok(sent)
    }
}

/// The bytes of a field, `None` when they are too many; it is read to its end.
async fn bytes_of(field: &mut Field<'_>, most: usize) -> Result<Option<Vec<u8>>, MultipartError> {
    let mut bytes = Some(Vec::new());
    while let Some(chunk) = field.chunk().await? {
        bytes = bytes.filter(|kept: &Vec<u8>| kept.len().saturating_add(chunk.len()) <= most);
        if let Some(kept) = &mut bytes {
            kept.extend_from_slice(&chunk);
        }
    }
    Ok(bytes)
}

/// Decodes off the event loop, one photo at a time.
async fn derived(file: Option<Vec<u8>>) -> Result<Derived, &'static str> {
    let file = file.ok_or("photo-fault-large")?;
    if file.is_empty() {
        return Err("photo-fault-missing");
    }
    let turn = DECODING.acquire().await.map_err(|_| "photo-fault-broken")?;
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        picture::derive(&file)
    });
    work.await.unwrap_or(Err(PictureFault::Broken)).map_err(|fault| match fault {
        PictureFault::TooLarge => "photo-fault-large",
        PictureFault::Kind => "photo-fault-kind",
        PictureFault::Dimensions => "photo-fault-dimensions",
        PictureFault::Broken => "photo-fault-broken",
    })
}

/// What is said in the place of a photo, faults told beside the fields.
fn alternative(words: &Words, form: &mut Form, named: impl Fn(&str) -> String) -> Texts {
    let mut texts = Texts::default();
    for (name, locale) in TEXTS {
        texts.set(locale, form.value(&named(name)));
        let text = texts.exactly(locale);
        let is_missing = locale == Locale::Fr && text.is_empty();
        if is_missing || text.chars().count() > MAX_ALTERNATIVE_CHARACTERS {
            let key = format!("photo-fault-{}", name.replace('_', "-"));
            form.fault(&named(name), words.say(&key));
        }
    }
    texts
}

/// The lodging's form with what was typed beside a photo; card numbers are dropped and named.
fn typed(staff: &May, sheet: &Sheet, values: &BTreeMap<String, String>) -> Form {
    let mut form = sheet.form(&staff.words);
    for (name, text) in values.iter().filter(|(name, _)| name.starts_with("alt_")) {
        if kernel::card_text::holds_card_number(text) {
            form.fault(name, staff.words.say("stay-fault-card-number"));
        } else {
            form.set(name, text.as_str());
        }
    }
    form
}

/// The one-time token of a form; without one nothing is done.
fn token_of(staff: &May, values: &BTreeMap<String, String>, form: &mut Form) -> String {
    let token = values.get(forms::TOKEN_FIELD).cloned().unwrap_or_default();
    if token.is_empty() {
        form.fault("form", staff.words.say("form-token-missing"));
    }
    token
}

async fn add(
    State(desk): State<Desk>,
    staff: May,
    Path(id): Path<String>,
    body: Result<Multipart, MultipartRejection>,
) -> Result<Response, Response> {
    let sheet = sheet_of(&desk, &staff, &id).await?;
    let sent = match body {
        Ok(body) => Sent::read(body).await.unwrap_or_default(),
        Err(_) => Sent { file: Some(Vec::new()), ..Sent::default() },
    };
    let mut form = typed(&staff, &sheet, &sent.values);
    let alternative = alternative(&staff.words, &mut form, str::to_owned);
    let derived = match derived(sent.file).await {
        Ok(derived) => derived,
        Err(key) => {
            form.fault("photo", staff.words.say(key));
            return Ok(faulty(&desk, &staff, (&sheet, form)));
        }
    };
    let token = token_of(&staff, &sent.values, &mut form);
    if !form.is_right() {
        return Ok(faulty(&desk, &staff, (&sheet, form)));
    }
    let ctx = &desk.engine.ctx;
    let is_coarse = derived.is_coarse;
    let new = NewPhoto { id: PhotoId::new(ctx.real_now(), ctx.rng.as_ref()), alternative, derived };
    match write_new(&desk, &staff, (sheet.lodging.id, new, token)).await? {
        Added::Full => {
            let most = [("most", &*MAX_PHOTOS.to_string())];
            form.fault("photo", staff.words.with("photo-fault-full", &most));
            Ok(faulty(&desk, &staff, (&sheet, form)))
        }
        Added::Now | Added::Already if is_coarse => Ok(done(sheet.lodging.id, "photo-petite")),
        Added::Now | Added::Already => Ok(done(sheet.lodging.id, "photo")),
    }
}

async fn write_new(
    desk: &Desk,
    staff: &May,
    (lodging, new, token): (LodgingId, NewPhoto, String),
) -> Result<Added, Response> {
    let ctx = &desk.engine.ctx;
    let (scope, now, rng) = (staff.scope.clone(), ctx.real_now(), Arc::clone(&ctx.rng));
    let line = staff.line("lodging.photo_added", lodging).after(new.id.to_string());
    let path = format!("photos {lodging}");
    let unit = move |tx: &mut Tx<'_>| -> Result<Added, EntryError> {
        if forms::begin(tx, &scope, &path, &token, now)? != Submit::First {
            return Ok(Added::Already);
        }
        let added = ops::add(tx, &scope, lodging, (&new, now))?.ok_or(EntryError::NotFound)?;
        if added == Added::Now {
            audit::record(tx, &scope, &line, now, AuditId::new(now, rng.as_ref()))?;
        }
        forms::finish(tx, &scope, &path, &token, "")?;
        Ok(added)
    };
    ctx.db.write(Route::of(lodging.id()), unit).await.map_err(|error| refused(staff, error))
}

async fn change(
    State(desk): State<Desk>,
    staff: May,
    Path((id, photo)): Path<(String, String)>,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Result<Response, Response> {
    let sheet = sheet_of(&desk, &staff, &id).await?;
    let not_found = || refused(&staff, EntryError::NotFound);
    let photo: PhotoId = photo.parse().map_err(|_| not_found())?;
    if !sheet.photos.iter().any(|known| known.id == photo) {
        // A second click on "remove" comes to the page of the first.
        let is_removal = values.contains_key("remove");
        return if is_removal { Ok(done(sheet.lodging.id, "retrait")) } else { Err(not_found()) };
    }
    let mut form = typed(&staff, &sheet, &values);
    let token = token_of(&staff, &values, &mut form);
    if values.contains_key("remove") && form.is_right() {
        write_change(&desk, &staff, (sheet.lodging.id, photo, token), Change::Remove).await?;
        return Ok(done(sheet.lodging.id, "retrait"));
    }
    let texts = alternative(&staff.words, &mut form, |name| field_of(name, photo));
    if !form.is_right() {
        return Ok(faulty(&desk, &staff, (&sheet, form)));
    }
    // The button names the place it moves to: clicked twice it moves once.
    let to = values.get("to").and_then(|place| place.parse().ok());
    let change = Change::Keep(texts, to);
    write_change(&desk, &staff, (sheet.lodging.id, photo, token), change).await?;
    Ok(done(sheet.lodging.id, "texte"))
}

async fn write_change(
    desk: &Desk,
    staff: &May,
    (lodging, photo, token): (LodgingId, PhotoId, String),
    change: Change,
) -> Result<(), Response> {
    let ctx = &desk.engine.ctx;
    let (scope, now, rng) = (staff.scope.clone(), ctx.real_now(), Arc::clone(&ctx.rng));
    let action = match change {
        Change::Keep(..) => "lodging.photo_changed",
        Change::Remove => "lodging.photo_removed",
    };
    let line = staff.line(action, lodging).before(photo.to_string());
    let path = format!("photo {photo}");
    let unit = move |tx: &mut Tx<'_>| -> Result<(), EntryError> {
        if forms::begin(tx, &scope, &path, &token, now)? != Submit::First {
            return Ok(());
        }
        ops::change(tx, &scope, (lodging, photo), &change)?.ok_or(EntryError::NotFound)?;
        audit::record(tx, &scope, &line, now, AuditId::new(now, rng.as_ref()))?;
        Ok(forms::finish(tx, &scope, &path, &token, "")?)
    };
    ctx.db.write(Route::of(lodging.id()), unit).await.map_err(|error| refused(staff, error))
}
