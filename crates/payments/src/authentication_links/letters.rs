//! The messages that carry a link.

use db::{DbError, Tx};
use identity::merchants;
use kernel::{MessageId, Mode, format};
use web::Context;
use web::mail::{Channel, Mail};

use super::model::AuthenticationLink;
use crate::payment::Payment;
use crate::payment::save::Pen;

const WAYS: [(Channel, &str); 2] = [(Channel::Mail, "email"), (Channel::Sms, "sms")];

/// The way of that word.
pub(super) fn way(word: &str) -> Option<Channel> {
    WAYS.into_iter().find(|(_, known)| *known == word).map(|(channel, _)| channel)
}

/// The words of ways, as they are stored.
pub(super) fn words_of(channels: &[Channel]) -> String {
    let chosen = WAYS.into_iter().filter(|(channel, _)| channels.contains(channel));
    chosen.map(|(_, word)| word).collect::<Vec<_>>().join(",")
}

/// Where the payer is reached.
pub(super) fn address(payment: &Payment, channel: Channel) -> Option<String> {
    match channel {
        Channel::Mail => payment.payer.email.as_ref().map(ToString::to_string),
        Channel::Sms => payment.payer.phone.clone().filter(|phone| !phone.is_empty()),
    }
}

/// The messages of a link, in the payer's language.
pub(super) fn of(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (pen, payment): (&Pen<'_>, &Payment),
    (link, url): (&AuthenticationLink, &str),
) -> Result<Vec<Mail>, DbError> {
    let Some(merchant) = merchants::store::merchant(tx, pen.scope)? else { return Ok(Vec::new()) };
    let locale = payment.payer.language;
    let words = ctx.words(locale);
    let about = payment.lines.first().map_or(&payment.order_ref, |line| &line.label);
    let values = [
        ("merchant", merchant.name.as_str()),
        ("amount", &format::money(payment.amount, locale)),
        ("card", &link.card_name()),
        ("about", about),
        ("until", &format::date_time(link.expires_at, &merchant.zone, locale)),
    ];
    let letter = |channel: Channel| {
        let mut text = match channel {
            Channel::Mail => words.with("authentication-mail", &values),
            Channel::Sms => words.with("authentication-sms", &values),
        };
        if pen.scope.mode() == Mode::Test {
            text = format!("{text}\n\n{}", words.say("authentication-mail-test"));
        }
        Some(Mail {
            id: MessageId::new(pen.now, pen.rng),
            channel,
            shop: payment.shop,
            to: address(payment, channel)?,
            subject: words.with("authentication-mail-subject", &values),
            text,
            link: Some(url.to_owned()),
            object: payment.id.to_string(),
        })
    };
    Ok(link.channels.split(',').filter_map(way).filter_map(letter).collect())
}
