//! Lists of payments by filter, a page at a time, newest first.
//!
//! The cursor is the id of the last payment of a page; ids are ordered by time, so a page never
//! changes under the reader and the next one never repeats. A page may be short, or even empty,
//! while older payments follow: then nobody looked at them yet. The first page carries the totals
//! of the whole filter, one per currency, when that is quick; `totals=true` adds them up however
//! many there are, `totals=false` spares them.
//!
//! [`Sought`] is what pages and API both ask for; [`store`] alone knows how the table answers it.

pub(crate) mod find;
mod sought;
pub mod store;

use kernel::{PaymentId, Problem, ShopId};
use serde::Deserialize;
use web::list::Reading;

use super::guarantee::GuaranteeValue;
use super::model::{Channel, Payment};
use super::operation::Source;
use super::status::{Group, Status};

pub use sought::{Late, Sought, Total, Totals};

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
    /// Which payments.
    pub sought: Sought,
    /// When the sums of the whole filter are wanted.
    pub totals: Totals,
    /// How many.
    pub limit: u32,
    /// Older than this one.
    pub before: Option<PaymentId>,
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
            Some(Late::Yes) => Totals::Always,
            None if self.cursor.is_none() => Totals::IfFew,
            _ => Totals::Never,
        };
        let days = (day("from", self.from.as_deref())?, day("to", self.to.as_deref())?);
        let before =
            word(("cursor", "the cursor of a page"), self.cursor.as_deref(), |id| id.parse().ok())?;
        Ok(Asked { sought: Sought { days, ..self.sought(own)? }, totals, limit, before })
    }

    fn sought(&self, own: ShopId) -> Result<Sought, Problem> {
        Ok(Sought {
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
            channel: word(("channel", "a sales channel"), self.channel.as_deref(), Channel::parse)?,
            booking: word(("booking", "a booking id"), self.booking.as_deref(), |id| {
                id.parse().ok()
            })?,
            statuses: self.statuses()?,
            readings: self.search.as_deref().map(readings).unwrap_or_default(),
            name: self.name.as_deref().map(web::list::folded),
            amounts: (self.amount, self.amount),
            authorisation: self.authorisation.as_deref().map(str::to_lowercase),
            brand: self.brand.as_deref().map(str::to_lowercase),
            order_ref: self.order_ref.clone(),
            last4: self.last4.clone(),
            email: self.email.clone(),
            shop: Some(own),
            ..Sought::default()
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

/// A search read as the cash desk reads it; words that name a day are texts here, as a program
/// has no today.
fn readings(text: &str) -> Vec<Reading> {
    let text = web::list::search::typed(text);
    let plain = |read| match read {
        Reading::Day(_) => Reading::Text(web::list::folded(&text)),
        other => other,
    };
    web::list::readings(&text, kernel::Date::MIN).into_iter().map(plain).collect()
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
