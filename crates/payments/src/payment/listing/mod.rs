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
        if self.shop.as_ref().is_some_and(|shop| shop.parse() != Ok(own)) {
            return Err(Problem::not_found());
        }
        let limit = self.limit.unwrap_or(PAGE_PAYMENTS);
        if !(1..=MAX_PAGE_PAYMENTS).contains(&limit) {
            return Err(wrong("limit", "Give a number from 1 to 200."));
        }
        word(("method", "card, the only method so far"), self.method.as_deref(), |method| {
            (method == "card").then_some(())
        })?;
        let day = |name: &str, text: Option<&str>| {
            word((name, "a day such as 2026-11-23"), text, |day| day.parse().ok())
        };
        let totals = match word(("totals", "true or false"), self.totals.as_deref(), yes)? {
            Some(Late::No) => Totals::Spared,
            None if self.cursor.is_some() => Totals::Spared,
            _ => Totals::Wanted,
        };
        Ok(Asked {
            guarantee: word(
                ("guarantee", "yes, no or unknown"),
                self.guarantee.as_deref(),
                GuaranteeValue::parse,
            )?,
            threeds: word(
                ("threeds", "the result as a letter, such as Y"),
                self.threeds.as_deref(),
                letter,
            )?,
            source: word(
                ("source", "page, api, desk or clock"),
                self.source.as_deref(),
                Source::parse,
            )?,
            late: word(("late", "true or false"), self.late.as_deref(), yes)?,
            name: self.name.as_deref().map(filter::folded),
            amount: self.amount,
            authorisation: self.authorisation.as_deref().map(str::to_lowercase),
            days: (day("from", self.from.as_deref())?, day("to", self.to.as_deref())?),
            totals,
            search: self.search.as_deref().and_then(reading),
            brand: self.brand.as_deref().map(str::to_lowercase),
            channel: word(("channel", "a sales channel"), self.channel.as_deref(), Channel::parse)?,
            shop: own,
            statuses: self.statuses()?,
            order_ref: self.order_ref.clone(),
            last4: self.last4.clone(),
            email: self.email.clone(),
            booking: word(("booking", "a booking id"), self.booking.as_deref(), |id| {
                id.parse().ok()
            })?,
            limit,
            before: word(("cursor", "the cursor of a page"), self.cursor.as_deref(), |id| {
                id.parse().ok()
            })?,
        })
    }

    fn statuses(&self) -> Result<Vec<Status>, Problem> {
        let one = word(("status", "a status of a payment"), self.status.as_deref(), Status::parse)?;
        let group = word(("group", "a group"), self.group.as_deref(), Group::parse)?;
        let of_group = Status::ALL.iter().filter(|status| Some(status.group()) == group);
        Ok(one.into_iter().chain(of_group.copied()).collect())
    }
}

fn wrong(name: &str, cure: &str) -> Problem {
    Problem::field(format!("$.{name}"), "invalid_field", cure)
}

/// Reads a parameter that may be absent; `what` completes "Give".
fn word<T>(
    (name, what): (&str, &str),
    text: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let Some(text) = text else { return Ok(None) };
    read(text).map(Some).ok_or_else(|| wrong(name, &format!("Give {what}.")))
}

fn yes(text: &str) -> Option<Late> {
    match text {
        "true" => Some(Late::Yes),
        "false" => Some(Late::No),
        _ => None,
    }
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
