//! Lists of payments by filter, a page at a time, newest first.
//!
//! The cursor is the id of the last payment of a page; ids are ordered by time, so a page never
//! changes under the reader and the next one never repeats. The first page carries the totals of
//! the whole filter, one per currency; `totals=false` spares them.

pub mod store;

use kernel::{Date, PaymentId, Problem, ShopId};
use serde::Deserialize;

use super::guarantee::GuaranteeValue;
use super::model::{Channel, Payment};
use super::operation::Source;
use super::status::{Group, Status};
use crate::desk::filter::{self, Reading};
use crate::desk::store::Total;

/// Payments of one page, when the caller does not say.
pub const PAGE_PAYMENTS: u32 = 50;
/// Most payments of one page.
pub const MAX_PAGE_PAYMENTS: u32 = 200;

/// The query of `GET /v1/payments`, as sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    status: Option<String>,
    group: Option<String>,
    order_ref: Option<String>,
    last4: Option<String>,
    email: Option<String>,
    booking: Option<String>,
    search: Option<String>,
    brand: Option<String>,
    channel: Option<String>,
    method: Option<String>,
    guarantee: Option<String>,
    threeds: Option<String>,
    source: Option<String>,
    late: Option<String>,
    name: Option<String>,
    amount: Option<i64>,
    authorisation: Option<String>,
    from: Option<String>,
    to: Option<String>,
    shop: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
    totals: Option<String>,
}

/// A filter that was checked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The shop.
    pub shop: ShopId,
    /// Statuses wanted; all when empty.
    pub statuses: Vec<Status>,
    /// Exact order reference.
    pub order_ref: Option<String>,
    /// Last four digits of the card.
    pub last4: Option<String>,
    /// Exact e-mail address of the payer.
    pub email: Option<String>,
    /// The booking.
    pub booking: Option<kernel::BookingId>,
    /// What a person would type at the desk: a reference, a name, the last four digits, an
    /// amount such as `34,20`, an address, an authorisation number.
    pub search: Option<Reading>,
    /// Brand of the card, lower case.
    pub brand: Option<String>,
    /// Where the sale was made.
    pub channel: Option<Channel>,
    /// Who bears the loss of a disputed sale.
    pub guarantee: Option<GuaranteeValue>,
    /// Result of strong authentication, one capital letter.
    pub threeds: Option<String>,
    /// Through which door the card was charged.
    pub source: Option<Source>,
    /// Only payments accepted too late, or only the others.
    pub late: Option<Late>,
    /// Part of the payer's name, lower case without accents.
    pub name: Option<String>,
    /// Asked amount, in minor units.
    pub amount: Option<i64>,
    /// The bank's authorisation number.
    pub authorisation: Option<String>,
    /// First and last local day on which they were made.
    pub days: (Option<Date>, Option<Date>),
    /// Whether the sums of the whole filter are wanted.
    pub totals: Totals,
    /// How many.
    pub limit: u32,
    /// Older than this one.
    pub before: Option<PaymentId>,
}

/// Whether a payment was accepted when it was too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It was.
    Yes,
    /// It was not.
    No,
}

/// Whether the sums of a filter are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Totals {
    /// They are.
    Wanted,
    /// They are not.
    Spared,
}

/// One page.
#[derive(Debug)]
pub struct Page {
    /// Without their operations.
    pub payments: Vec<Payment>,
    /// Sums of the whole filter, one per currency, when they were wanted.
    pub totals: Option<Vec<Total>>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl Filter {
    /// Checks the filter for the shop of the caller.
    ///
    /// # Errors
    /// 422 naming the wrong member, 404 for a foreign shop.
    pub fn read(&self, own: ShopId) -> Result<Asked, Problem> {
        let wrong =
            |name: &str, cure: &str| Problem::field(format!("$.{name}"), "invalid_field", cure);
        if self.shop.as_ref().is_some_and(|shop| shop.parse() != Ok(own)) {
            return Err(Problem::not_found());
        }
        let mut statuses = Vec::new();
        if let Some(word) = &self.status {
            let status = Status::parse(word);
            statuses.push(status.ok_or_else(|| wrong("status", "Give a status of a payment."))?);
        }
        if let Some(word) = &self.group {
            let group = Group::parse(word).ok_or_else(|| wrong("group", "Give a group."))?;
            statuses.extend(Status::ALL.iter().filter(|status| status.group() == group));
        }
        let booking = self.booking.as_ref().map(|text| text.parse()).transpose();
        let before = self.cursor.as_ref().map(|text| text.parse()).transpose();
        let limit = self.limit.unwrap_or(PAGE_PAYMENTS);
        if !(1..=MAX_PAGE_PAYMENTS).contains(&limit) {
            return Err(wrong("limit", "Give a number from 1 to 200."));
        }
        let channel = self.channel.as_deref().map(|word| {
            Channel::parse(word).ok_or_else(|| wrong("channel", "Give a sales channel."))
        });
        if self.method.as_deref().is_some_and(|method| method != "card") {
            return Err(wrong("method", "Give card, the only method so far."));
        }
        let yes = |name: &str, text: &Option<String>| match text.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(Late::Yes)),
            Some("false") => Ok(Some(Late::No)),
            Some(_) => Err(wrong(name, "Give true or false.")),
        };
        let day = |name: &str, text: &Option<String>| {
            let read = text.as_deref().map(str::parse::<Date>).transpose();
            read.map_err(|_| wrong(name, "Give a day such as 2026-11-23."))
        };
        let totals = match yes("totals", &self.totals)? {
            Some(Late::No) => Totals::Spared,
            None if self.cursor.is_some() => Totals::Spared,
            _ => Totals::Wanted,
        };
        Ok(Asked {
            guarantee: parsed(self.guarantee.as_deref(), GuaranteeValue::parse)
                .map_err(|()| wrong("guarantee", "Give yes, no or unknown."))?,
            threeds: parsed(self.threeds.as_deref(), letter)
                .map_err(|()| wrong("threeds", "Give the result as one letter, such as Y."))?,
            source: parsed(self.source.as_deref(), Source::parse)
                .map_err(|()| wrong("source", "Give page, api, desk or clock."))?,
            late: yes("late", &self.late)?,
            name: self.name.as_deref().map(filter::folded),
            amount: self.amount,
            authorisation: self.authorisation.as_deref().map(str::to_lowercase),
            days: (day("from", &self.from)?, day("to", &self.to)?),
            totals,
            search: self.search.as_deref().and_then(reading),
            brand: self.brand.as_deref().map(str::to_lowercase),
            channel: channel.transpose()?,
            shop: own,
            statuses,
            order_ref: self.order_ref.clone(),
            last4: self.last4.clone(),
            email: self.email.clone(),
            booking: booking.map_err(|_| wrong("booking", "Give a booking id."))?,
            limit,
            before: before.map_err(|_| wrong("cursor", "Give the cursor of a page."))?,
        })
    }
}

/// Reads a word that may be absent.
fn parsed<T>(text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ()> {
    text.map_or(Ok(None), |text| read(text).map(Some).ok_or(()))
}

fn letter(text: &str) -> Option<String> {
    let one = text.len() == 1 && text.bytes().all(|b| b.is_ascii_alphabetic());
    one.then(|| text.to_uppercase())
}

/// A search read as the cash desk reads it; words that name a day are texts here.
fn reading(text: &str) -> Option<Reading> {
    let filter = filter::Filter { search: text.trim().to_owned(), ..filter::Filter::default() };
    let read = filter.reading(kernel::Date::MIN)?;
    let as_text = |_| Reading::Text(filter::folded(text.trim()));
    Some(match read {
        Reading::Day(day) => as_text(day),
        other => other,
    })
}

/// What is wrong with a query, naming the parameter and the nearest one that is known.
#[must_use]
pub fn wrong_query(said: &str) -> Problem {
    let said = kernel::card_text::mask(said);
    let unknown = said.split("unknown field `").nth(1).and_then(|rest| rest.split('`').next());
    let Some(name) = unknown else { return Problem::new(422, "invalid_field", said) };
    let known = [
        "status",
        "group",
        "order_ref",
        "last4",
        "email",
        "booking",
        "search",
        "brand",
        "channel",
        "method",
        "guarantee",
        "threeds",
        "source",
        "late",
        "name",
        "amount",
        "authorisation",
        "from",
        "to",
        "shop",
        "limit",
        "cursor",
        "totals",
    ];
    let cure = match crate::fields::nearest(name, &known) {
        Some(near) => format!("Unknown field; did you mean {near}?"),
        None => format!("Unknown field; give some of: {}.", known.join(", ")),
    };
    Problem::field(format!("$.{name}"), "invalid_field", cure)
}
