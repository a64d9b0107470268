//! Mails and text messages by rule, to the merchant or to who pays, each in his own language; and
//! what the merchant is told of messages that could not be delivered.

use std::sync::Arc;

use db::outbox::Event;
use db::{DbError, Tx};
use http::Words;
use identity::merchants::{self, Merchant};
use kernel::{Locale, MessageId, Mode, Money, Scope, ShopId, Timestamp, card_text, format};
use serde_json::Value;
use web::Context;
use web::mail::{self, Channel, MAX_SUBJECT_CHARACTERS, Mail};

use super::deliveries::{Delivery, Try};
use super::endpoints::{Endpoint, State};
use super::rules::Target;
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
        channel: Channel::Mail,
        shop,
        to: None,
        subject: say(&format!("{key}-subject"), &[("host", host(url))]),
        text,
        link: Some(link),
        object: news.delivery.event.to_string(),
        at: news.shop_now,
        trial: trial(&news.delivery.kind),
    };
    send(tx, scope, (&merchant, &words), letter)
}

/// The host of an address, which is what a reader knows it by.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

/// Tells somebody of an event, as a rule wants it; nobody where the event tells of no payer.
///
/// # Errors
/// [`DbError`].
pub fn of_event(
    tx: &mut Tx<'_>,
    ctx: &Context,
    scope: &Scope,
    (event, target): (&Event, &Target),
) -> Result<(), DbError> {
    let Some(merchant) = merchants::store::merchant(tx, scope)? else { return Ok(()) };
    let word = |path: &str| event.body.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let (to, locale) = match target {
        Target::MerchantMail(to) => (to.as_ref().map(ToString::to_string), merchant.locale),
        Target::Sms(phone) => (Some(phone.to_string()), merchant.locale),
        Target::PayerMail => match word("/payer/email") {
            "" => return Ok(()),
            email => {
                let locale = Locale::parse(word("/payer/language")).unwrap_or(merchant.locale);
                (Some(email.to_owned()), locale)
            }
        },
        Target::Webhook(_) => return Ok(()),
    };
    let words = ctx.words(locale);
    let letter = match target {
        Target::Sms(_) => text_message(ctx, (&merchant, &words), event),
        Target::PayerMail => letter_to_payer(ctx, (&merchant, &words), event),
        _ => letter_to_merchant(ctx, (&merchant, &words), event),
    };
    send(tx, scope, (&merchant, &words), Letter { to, ..letter })
}

/// What the event is about: the merchant's reference, a number, or the object itself.
fn reference(event: &Event) -> &str {
    let word = |path: &str| event.body.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let known = [word("/order_ref"), word("/number"), event.object.as_str()];
    known.into_iter().find(|word| !word.is_empty()).unwrap_or_default()
}

fn letter_to_merchant(
    ctx: &Context,
    (merchant, words): (&Merchant, &Arc<Words>),
    event: &Event,
) -> Letter {
    let (kind, reference) = (label(words, &event.kind), reference(event));
    let mut text = vec![
        words.with("notifications-mail-hello", &[("merchant", &merchant.name)]),
        words.with("notifications-mail-event", &[("event", &kind), ("reference", reference)]),
    ];
    text.extend(facts(merchant, words, event));
    let page = match event.object.split_once('_') {
        Some(("pay", _)) => Some("caisse"),
        Some(("bkg", _)) => Some("reservations"),
        Some(("card", _)) => Some("cartes"),
        Some(("cbk", _)) => Some("caisse/impayes"),
        _ => None,
    };
    let with = [("event", kind.as_str()), ("reference", reference)];
    Letter {
        subject: words.with("notifications-mail-event-subject", &with),
        text,
        link: page.map(|page| format!("{}/{page}/{}", ctx.urls.app, event.object)),
        ..Letter::about(ctx, event)
    }
}

/// Amount and time.
fn facts(merchant: &Merchant, words: &Words, event: &Event) -> Vec<String> {
    let money = |amount| format::money(amount, words.locale());
    let amount = amount(event)
        .map(|amount| words.with("notifications-mail-amount", &[("amount", &money(amount))]));
    let at = format::date_time(event.at, &merchant.zone, words.locale());
    amount.into_iter().chain([words.with("notifications-mail-at", &[("at", &at)])]).collect()
}

fn letter_to_payer(
    ctx: &Context,
    (merchant, words): (&Merchant, &Arc<Words>),
    event: &Event,
) -> Letter {
    let (kind, reference) = (label(words, &event.kind), reference(event));
    let with =
        [("event", kind.as_str()), ("reference", reference), ("merchant", merchant.name.as_str())];
    let mut text = vec![words.with("notifications-payer-event", &with)];
    text.extend(facts(merchant, words, event));
    let email = merchant.email.to_string();
    text.push(words.with("notifications-payer-questions", &[("email", &email)]));
    Letter {
        subject: words.with("notifications-payer-subject", &with),
        text,
        ..Letter::about(ctx, event)
    }
}

/// One line, as short as a text message should be.
fn text_message(
    ctx: &Context,
    (merchant, words): (&Merchant, &Arc<Words>),
    event: &Event,
) -> Letter {
    let kind = label(words, &event.kind);
    let amount = amount(event).map_or_else(String::new, |a| format::money(a, words.locale()));
    let with = [
        ("merchant", merchant.name.as_str()),
        ("event", &kind),
        ("reference", reference(event)),
        ("amount", &amount),
    ];
    let text = words.with("notifications-sms", &with);
    let channel = Channel::Sms;
    Letter { channel, text: vec![text.trim().to_owned()], ..Letter::about(ctx, event) }
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
    channel: Channel,
    shop: ShopId,
    to: Option<String>,
    subject: String,
    text: Vec<String>,
    link: Option<String>,
    object: String,
    at: Timestamp,
    /// What is said of it in a test shop.
    trial: &'static str,
}

impl Letter {
    /// An empty one about an event.
    fn about(ctx: &Context, event: &Event) -> Self {
        Self {
            id: MessageId::new(event.at, ctx.rng.as_ref()),
            channel: Channel::Mail,
            shop: event.shop,
            to: None,
            subject: String::new(),
            text: Vec::new(),
            link: None,
            object: event.object.clone(),
            at: ctx.now(event.shop),
            trial: trial(&event.kind),
        }
    }
}

/// Key of what is said in a test shop: of a payment that no money has moved, of anything else
/// where it comes from.
fn trial(kind: &str) -> &'static str {
    if kind.starts_with("payment.") { "notices-test" } else { "notifications-mail-test" }
}

fn send(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (merchant, words): (&Merchant, &Arc<Words>),
    mut letter: Letter,
) -> Result<(), DbError> {
    if scope.mode() == Mode::Test {
        letter.text.push(words.say(letter.trial));
    }
    let to = letter.to.unwrap_or_else(|| merchant.email.to_string());
    let mail = Mail {
        id: letter.id,
        channel: letter.channel,
        shop: letter.shop,
        to,
        subject: letter.subject.chars().take(MAX_SUBJECT_CHARACTERS).collect(),
        text: card_text::mask(&letter.text.join("\n\n")),
        link: letter.link,
        object: letter.object,
    };
    mail::send(tx, scope, &mail, letter.at)
}
