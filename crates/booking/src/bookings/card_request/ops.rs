//! Making a request with its messages, in one commit.

use db::{DbError, Tx};
use identity::{audit, locator};
use kernel::{AuditId, BookingId, CardRequestId, CardToken, MessageId, Mode, Problem, Scope};
use kernel::{Timestamp, format};
use payments::cards::of_booking::Found;
use payments::{Engine, page_token};
use vault_wire::{CardSettingsGet, StorageStatus, WireScope};
use web::Context;
use web::mail::{self, Channel, Mail};

use super::{CardRequest, MOST_A_DAY, OPEN_DAYS, store};
use crate::bookings::method;
use crate::bookings::model::Booking;
use crate::bookings::ops as bookings;
use crate::moment::Moment;

/// What the links of requests are called among all links.
pub(super) const LINK: &str = "card_request";

/// Why a guest was not asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// The stay is over, or never was.
    #[error("the booking is over")]
    Over,
    /// A text message needs a number.
    #[error("no telephone number")]
    NoPhone,
    /// Neither mail nor text message was chosen.
    #[error("no channel")]
    NoChannel,
    /// Asked often enough; again from then.
    #[error("asked too often")]
    TooOften(Timestamp),
    /// The shop keeps no cards.
    #[error("the shop keeps no cards")]
    StorageOff,
    /// The vault does not answer.
    #[error("the vault does not answer")]
    VaultAway,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Over => {
                let text = "The stay is over or was called off: no card is asked for it.";
                Self::new(409, "operation_not_allowed", text)
            }
            AskError::NoPhone => {
                let text = "The guest left no telephone number: choose email.";
                Self::field("$.channels", "contact_missing", text)
            }
            AskError::NoChannel => {
                Self::field("$.channels", "invalid_field", "Give email, sms or both.")
            }
            AskError::TooOften(from) => {
                let text = "Three requests within a day are enough; the guest has the last link.";
                Self::new(429, "link_limit", text).with("from", from.to_string())
            }
            AskError::StorageOff => {
                let text = "The shop keeps no cards: switch their storage on first.";
                Self::new(409, "storage_off", text)
            }
            AskError::VaultAway => Self::new(503, "vault_unavailable", "Try again in a minute."),
            AskError::Db(error) => Self::from(&error),
        }
    }
}

/// What was made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// Its name.
    pub(super) id: CardRequestId,
    /// The guest's link.
    pub(super) url: String,
    /// Until when it leads anywhere.
    pub(super) expires_at: Timestamp,
}

/// The card that counts for a booking before its guest is asked, in a shop that keeps cards.
///
/// # Errors
/// [`AskError::StorageOff`], [`AskError::VaultAway`].
pub(super) async fn card_before(
    engine: &Engine,
    scope: &Scope,
    booking: &Booking,
) -> Result<Option<CardToken>, AskError> {
    let wire = WireScope::of(scope, booking.shop);
    match engine.vault.ask(&wire, &CardSettingsGet {}).await {
        Ok(settings) if settings.storage == StorageStatus::Off => return Err(AskError::StorageOff),
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(%error, "whether cards are kept");
            return Err(AskError::VaultAway);
        }
    }
    let mut cards = engine.cards_of(scope, &[method::asked(booking)]).await?;
    match cards.remove(&booking.id) {
        Some(Found::Card(one, _)) => Ok(Some(one.card.token)),
        Some(Found::None(_)) => Ok(None),
        Some(Found::Unknown) | None => Err(AskError::VaultAway),
    }
}

/// Makes a request; the ones before it lead nowhere any more.
///
/// # Errors
/// [`AskError`]: nothing was written and nothing is sent.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (ctx, booking, channels): (&Context, &Booking, &[Channel]),
    (before, moment, line): (Option<CardToken>, Moment<'_>, &audit::Line),
) -> Result<Made, AskError> {
    if channels.is_empty() {
        return Err(AskError::NoChannel);
    }
    if channels.contains(&Channel::Sms) && booking.contact.phone.is_empty() {
        return Err(AskError::NoPhone);
    }
    if !booking.state.takes_cards() {
        return Err(AskError::Over);
    }
    let recent = store::of_booking(tx, scope, (booking.id, moment.now.plus_days(-1)))?;
    if let Some(first) = recent.get(MOST_A_DAY.saturating_sub(1)) {
        return Err(AskError::TooOften(first.created_at.plus_days(1)));
    }
    store::close(tx, scope, (booking.id, moment.now))?;
    let request = CardRequest {
        id: CardRequestId::new(moment.now, moment.rng),
        booking: booking.id,
        asked_by: scope.actor().text(),
        before,
        created_at: moment.now,
        expires_at: moment.now.plus_days(OPEN_DAYS),
        closed_at: None,
    };
    store::insert(tx, scope, &request)?;
    let token = page_token::new(moment.rng);
    locator::put(tx, scope, LINK, locator::hash(&token), request.id.id())?;
    let url = format!("{}/carte/{token}", ctx.urls.app);
    for channel in channels {
        let letter = letter(tx, scope, (ctx, booking, *channel), (&url, moment))?;
        mail::send(tx, scope, &letter, moment.now)?;
    }
    bookings::journal(tx, scope, booking, ("booking.card_requested", "", moment))?;
    let real_now = ctx.real_now();
    audit::record(tx, scope, line, real_now, AuditId::new(real_now, moment.rng))?;
    Ok(Made { id: request.id, url, expires_at: request.expires_at })
}

fn letter(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (ctx, booking, channel): (&Context, &Booking, Channel),
    (url, moment): (&str, Moment<'_>),
) -> Result<Mail, DbError> {
    let locale = booking.contact.language;
    let words = ctx.words(locale);
    let merchant = identity::merchants::store::merchant(tx, scope)?;
    let merchant = merchant.map(|merchant| merchant.name).unwrap_or_default();
    let values = [
        ("number", booking.number.as_str()),
        ("merchant", merchant.as_str()),
        ("name", &booking.contact.full_name()),
        ("arrival", &format::date(booking.starts, locale)),
        ("departure", &format::date(booking.ends, locale)),
        ("days", &OPEN_DAYS.to_string()),
    ];
    let (to, key) = match channel {
        Channel::Mail => (booking.contact.email.to_string(), "booking-card-mail"),
        Channel::Sms => (booking.contact.phone.clone(), "booking-card-sms"),
    };
    let mut text = words.with(key, &values);
    if scope.mode() == Mode::Test {
        text = format!("{text}\n\n{}", words.say("booking-card-mail-test"));
    }
    Ok(Mail {
        id: MessageId::new(moment.now, moment.rng),
        channel,
        shop: booking.shop,
        to,
        subject: words.with("booking-card-mail-subject", &values),
        text,
        link: Some(url.to_owned()),
        object: booking.id.to_string(),
    })
}

/// The latest request of a booking that is still open.
///
/// # Errors
/// [`DbError`] of the engine.
pub(in crate::bookings) fn latest(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (booking, now): (BookingId, Timestamp),
) -> Result<Option<CardRequest>, DbError> {
    let since = now.plus_days(-OPEN_DAYS);
    let requests = store::of_booking(tx, scope, (booking, since))?;
    Ok(requests.into_iter().find(|request| request.is_open(now)))
}
