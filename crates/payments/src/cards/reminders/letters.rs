//! The mail that reminds somebody of the last day.

use db::{DbError, Tx};
use identity::merchants;
use identity::users::model::User;
use kernel::{Date, MessageId, ShopId, format};
use web::Context;
use web::mail::{self, Channel, Mail};

use crate::payment::save::Pen;

/// Writes to one who manages the settings.
pub(super) fn send(
    tx: &mut Tx<'_>,
    (ctx, pen): (&Context, &Pen<'_>),
    (user, shop): (&User, ShopId),
    (until, days): (Date, i64),
) -> Result<(), DbError> {
    let merchant = merchants::store::merchant(tx, pen.scope)?;
    let merchant = merchant.map(|merchant| merchant.name).unwrap_or_default();
    let words = ctx.words(user.locale);
    let values = [
        ("name", user.name.as_str()),
        ("merchant", &merchant),
        ("until", &format::long_date(until, user.locale)),
        ("days", &days.to_string()),
    ];
    let subject = words.with("cards-once-mail-subject", &values);
    let letter = Mail {
        id: MessageId::new(pen.now, pen.rng),
        channel: Channel::Mail,
        shop,
        to: user.email.to_string(),
        subject: subject.chars().take(mail::MAX_SUBJECT_CHARACTERS).collect(),
        text: words.with("cards-once-mail", &values),
        link: Some(format!("{}/parametres/cartes", ctx.urls.app)),
        object: shop.to_string(),
    };
    mail::send(tx, pen.scope, &letter, pen.now)
}
