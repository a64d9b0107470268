//! Mails to the merchant: what a rule asks to be told of, and messages that could not be
//! delivered. In his own language.

use std::sync::Arc;

use db::outbox::Event;
use db::{DbError, Tx};
use http::Words;
use identity::merchants::{self, Merchant};
use kernel::{Email, MessageId, Mode, Money, Scope, ShopId, Timestamp, card_text, format};
use serde_json::Value;
use web::Context;
use web::mail::{self, Channel, MAX_SUBJECT_CHARACTERS, Mail};

use super::deliveries::{Delivery, Try};
use super::endpoints::{Endpoint, State};
use super::{kinds, rules};

/// What became of a try, for those who must know.
#[derive(Debug, Clone)]
pub struct News {
    /// The delivery as claimed.
    pub delivery: Delivery,
    /// To whom.
    pub endpoint: Endpoint,
    /// The event, unless it is gone.
    pub event: Option<Event>,
    /// The try.
    pub done: Try,
    /// The shop's time.
    pub shop_now: Timestamp,
}

/// Tells the merchant that the last try of a plan failed.
///
/// # Errors
/// [`DbError`].
pub fn given_up(tx: &mut Tx<'_>, ctx: &Context, scope: &Scope, news: &News) -> Result<(), DbError> {
    failure(tx, ctx, scope, (news, "notifications-mail-failed"))
}

/// Tells the merchant that an endpoint was disabled.
///
/// # Errors
/// [`DbError`].
pub fn stopped(
    tx: &mut Tx<'_>,
    ctx: &Context,
    scope: &Scope,
    news: &News,
    state: State,
) -> Result<(), DbError> {
    let key = match state {
        State::Gone => "notifications-mail-gone",
        State::Enabled | State::Disabled | State::Failing => "notifications-mail-stopped",
    };
    failure(tx, ctx, scope, (news, key))
}

fn failure(
    tx: &mut Tx<'_>,
    ctx: &Context,
    scope: &Scope,
    (news, key): (&News, &str),
) -> Result<(), DbError> {
    let shop = news.delivery.shop;
    let own = rules::store::of_shop(tx, scope, shop)?;
    let wanted = rules::preset(rules::NOTIFICATION_FAILURE);
    if wanted.is_some_and(|preset| !rules::is_on(preset, &own)) {
        return Ok(());
    }
    let Some(merchant) = merchants::store::merchant(tx, scope)? else { return Ok(()) };
    let words = ctx.words(merchant.locale);
    let say = |key: &str, with: &[(&str, &str)]| words.with(key, with);
    let (url, kind) = (news.endpoint.url.as_str(), label(&words, &news.delivery.kind));
    let outcome = news.done.outcome;
    let mut text = vec![
        say("notifications-mail-hello", &[("merchant", &merchant.name)]),
        say(key, &[("url", url), ("event", &kind), ("object", &news.delivery.object)]),
        say("notifications-mail-code", &[("code", &outcome.text())]),
        words.say(&format!("notifications-cause-{}", outcome.cause())),
    ];
    if !news.done.answer.is_empty() {
        text.push(say("notifications-mail-answer", &[("answer", &news.done.answer)]));
    }
    text.push(words.say("notifications-mail-resend"));
    let link = format!("{}/parametres/webhooks/evenements/{}", ctx.urls.app, news.delivery.event);
    let letter = Letter {
        id: MessageId::new(news.shop_now, ctx.rng.as_ref()),
        shop,
        to: None,
        subject: say(&format!("{key}-subject"), &[("host", host(url))]),
        text,
        link: Some(link),
        object: news.delivery.event.to_string(),
        at: news.shop_now,
    };
    send(tx, scope, (&merchant, &words), letter)
}

/// The host of an address, which is what a reader knows it by.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

/// Tells the merchant of an event, as a rule wants it.
///
/// # Errors
/// [`DbError`].
pub fn of_event(
    tx: &mut Tx<'_>,
    ctx: &Context,
    scope: &Scope,
    (event, to): (&Event, Option<Email>),
) -> Result<(), DbError> {
    let Some(merchant) = merchants::store::merchant(tx, scope)? else { return Ok(()) };
    let words = ctx.words(merchant.locale);
    let word = |path: &str| event.body.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let kind = label(&words, &event.kind);
    let reference = [word("/order_ref"), word("/number"), event.object.as_str()];
    let reference = reference.into_iter().find(|word| !word.is_empty()).unwrap_or_default();
    let mut text = vec![
        words.with("notifications-mail-hello", &[("merchant", &merchant.name)]),
        words.with("notifications-mail-event", &[("event", &kind), ("reference", reference)]),
    ];
    if let Some(amount) = amount(event) {
        let amount = format::money(amount, words.locale());
        text.push(words.with("notifications-mail-amount", &[("amount", &amount)]));
    }
    let at = format::date_time(event.at, &merchant.zone, words.locale());
    text.push(words.with("notifications-mail-at", &[("at", &at)]));
    let page = match event.object.split_once('_') {
        Some(("pay", _)) => Some("caisse"),
        Some(("bkg", _)) => Some("reservations"),
        _ => None,
    };
    let with = [("event", kind.as_str()), ("reference", reference)];
    let letter = Letter {
        id: MessageId::new(event.at, ctx.rng.as_ref()),
        shop: event.shop,
        to,
        subject: words.with("notifications-mail-event-subject", &with),
        text,
        link: page.map(|page| format!("{}/{page}/{}", ctx.urls.app, event.object)),
        object: event.object.clone(),
        at: ctx.now(event.shop),
    };
    send(tx, scope, (&merchant, &words), letter)
}

fn amount(event: &Event) -> Option<Money> {
    let currency = event.body.get("currency")?.as_str()?.parse().ok()?;
    Some(Money::new(event.body.get("amount")?.as_i64()?, currency))
}

/// The words for a kind of event; the kind itself where there are none.
#[must_use]
pub fn label(words: &Words, kind: &str) -> String {
    let key = kinds::label(kind);
    if words.has(&key) { words.say(&key) } else { kind.to_owned() }
}

struct Letter {
    id: MessageId,
    shop: ShopId,
    to: Option<Email>,
    subject: String,
    text: Vec<String>,
    link: Option<String>,
    object: String,
    at: Timestamp,
}

fn send(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (merchant, words): (&Merchant, &Arc<Words>),
    mut letter: Letter,
) -> Result<(), DbError> {
    if scope.mode() == Mode::Test {
        letter.text.push(words.say("notices-test"));
    }
    let to = letter.to.as_ref().unwrap_or(&merchant.email);
    let mail = Mail {
        id: letter.id,
        channel: Channel::Mail,
        shop: letter.shop,
        to: to.to_string(),
        subject: letter.subject.chars().take(MAX_SUBJECT_CHARACTERS).collect(),
        text: card_text::mask(&letter.text.join("\n\n")),
        link: letter.link,
        object: letter.object,
    };
    mail::send(tx, scope, &mail, letter.at)
}
