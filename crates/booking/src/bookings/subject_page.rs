//! What the pages of a payment say of the stay it pays for.

use db::{DbError, Tx};
use http::Words;
use identity::merchants::store as merchant_store;
use kernel::{Money, Scope, Timestamp, format};
use payments::Payment;
use payments::checkout::SubjectPage;
use web::Context;

use super::guest;
use super::model::Booking;
use super::paper::{self, Place};
use crate::carts::{Cart, CartLine};
use crate::lodging::{AgeBracket, store as lodging_store};
use crate::stays::view;

/// Who asks, in which words.
pub(super) struct Asker<'a> {
    pub(super) ctx: &'a Context,
    pub(super) scope: &'a Scope,
    pub(super) words: &'a Words,
}

impl Asker<'_> {
    /// A cart that is being paid, or the booking it became.
    pub(super) fn cart(
        &self,
        tx: &mut Tx,
        (cart, booking): (&Cart, Option<&Booking>),
        (payment, hold_until): (&Payment, Option<Timestamp>),
    ) -> Result<SubjectPage, DbError> {
        let merchant = merchant_store::merchant(tx, self.scope)?;
        let slug = merchant.as_ref().map_or("", |merchant| merchant.slug.as_str());
        let lang = self.words.locale().code();
        let back = format!("/s/{slug}/panier/{}?lang={lang}", cart.token);
        if let Some(booking) = booking {
            let page = self.booking(tx, booking, payment)?;
            // The guest's own: whoever pays later, by a link, is told no other payer's card.
            let mine_url = if payment.booking == Some(booking.id) {
                guest::link::known(tx, self.ctx, booking.id)?
            } else {
                None
            };
            return Ok(SubjectPage { back_url: Some(back), mine_url, ..page });
        }
        let total = cart.total().unwrap_or(payment.amount);
        Ok(SubjectPage {
            title: self.title(cart.span()),
            facts: self.facts(tx, &cart.lines, (total, payment))?,
            next: Vec::new(),
            hold_until,
            back_url: Some(back),
            calendar: None,
            staff_url: None,
            mine_url: None,
            number: cart.number.clone(),
        })
    }

    /// A booking that exists.
    pub(super) fn booking(
        &self,
        tx: &mut Tx,
        booking: &Booking,
        payment: &Payment,
    ) -> Result<SubjectPage, DbError> {
        let locale = self.words.locale();
        let merchant = merchant_store::merchant(tx, self.scope)?;
        let name = merchant.as_ref().map_or("", |merchant| merchant.name.as_str());
        let place = Place {
            name,
            address: merchant.as_ref().map_or("", |merchant| merchant.address.as_str()),
            host: paper::host(&self.ctx.urls.app),
        };
        let mut next = Vec::new();
        let arrival = format::long_date(booking.starts, locale);
        next.push(self.words.with("booking-subject-next-arrival", &[("arrival", &arrival)]));
        if let Some(rest) = rest(booking.total, payment) {
            let values = [("amount", &*format::money(rest, locale)), ("merchant", name)];
            next.push(self.words.with("booking-subject-next-rest", &values));
        }
        for line in &booking.lines {
            let lodging = lodging_store::find(tx, self.scope, line.lodging)?;
            let tax = lodging.map(|lodging| lodging.tourist_tax.get(locale).to_owned());
            next.extend(tax.filter(|text| !text.is_empty() && !next.contains(text)));
        }
        Ok(SubjectPage {
            title: self.title(Some((booking.starts, booking.ends))),
            facts: self.facts(tx, &booking.lines, (booking.total, payment))?,
            next,
            hold_until: None,
            back_url: None,
            calendar: Some(paper::calendar(booking, &place, locale)),
            staff_url: Some(format!("/reservations/{}", booking.id)),
            mine_url: None,
            number: Some(booking.number.clone()),
        })
    }

    fn title(&self, span: Option<(kernel::Date, kernel::Date)>) -> String {
        let Some((starts, ends)) = span else { return String::new() };
        let locale = self.words.locale();
        let values = [
            ("arrival", &*format::date(starts, locale)),
            ("departure", &format::date(ends, locale)),
        ];
        self.words.with("booking-subject-title", &values)
    }

    fn facts(
        &self,
        tx: &mut Tx,
        lines: &[CartLine],
        (total, payment): (Money, &Payment),
    ) -> Result<Vec<(String, String)>, DbError> {
        let locale = self.words.locale();
        let brackets: Vec<AgeBracket> = lodging_store::brackets(tx, self.scope)?;
        let mut facts = Vec::new();
        let mut fact = |key: &str, value: String| facts.push((self.words.say(key), value));
        for line in lines {
            let lodging = lodging_store::find(tx, self.scope, line.lodging)?;
            let name = line.names.lodging.get(locale);
            let formula = line.names.formula.get(locale);
            fact("booking-subject-lodging", format!("{name} · {formula}"));
            let (from, until) = lodging
                .map_or_else(Default::default, |lodging| (lodging.check_in, lodging.check_out));
            let arrival = format::long_date(line.arrival, locale);
            let values = [("date", arrival.as_str()), ("time", &from)];
            fact("booking-starts", self.words.with("booking-subject-hours", &values));
            let departure = format::long_date(line.departure, locale);
            let values = [("date", departure.as_str()), ("time", &until)];
            fact("booking-ends", self.words.with("booking-subject-before", &values));
            fact("booking-subject-guests", view::party(&brackets, &line.party, locale));
        }
        if let Some(rest) = rest(total, payment) {
            fact("booking-subject-total", format::money(total, locale));
            fact("booking-subject-rest", format::money(rest, locale));
        }
        Ok(facts)
    }
}

/// What a deposit leaves to be paid later.
fn rest(total: Money, payment: &Payment) -> Option<Money> {
    let is_deposit = payment.purpose == payments::Purpose::Deposit;
    let rest = total.minus(payment.amount).ok()?;
    (is_deposit && rest.minor() > 0).then_some(rest)
}
