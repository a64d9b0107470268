//! Lists of payments by filter, a page at a time, newest first.
//!
//! The cursor is the id of the last payment of a page; ids are ordered by time, so a page never
//! changes under the reader and the next one never repeats.

pub mod store;

use kernel::{PaymentId, Problem, ShopId};
use serde::Deserialize;

use super::model::{Channel, Payment};
use super::status::{Group, Status};
use crate::desk::filter::{self, Reading};

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
    shop: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
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
        Ok(Asked {
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
        "shop",
        "limit",
        "cursor",
    ];
    let cure = match crate::fields::nearest(name, &known) {
        Some(near) => format!("Unknown field; did you mean {near}?"),
        None => format!("Unknown field; give some of: {}.", known.join(", ")),
    };
    Problem::field(format!("$.{name}"), "invalid_field", cure)
}
