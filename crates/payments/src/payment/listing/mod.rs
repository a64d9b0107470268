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

use std::collections::BTreeMap;

use kernel::{PaymentId, Problem, ShopId};
use web::list::Reading;
use web::query::Query;

use super::guarantee::GuaranteeValue;
use super::model::{Channel, Payment};
use super::operation::Source;
use super::status::{Group, Status};
use super::terms;
use crate::fields::Word as _;

pub use sought::{Late, Sought, Total, Totals};

/// Payments of one page, when the caller does not say.
pub const PAGE_PAYMENTS: u32 = 50;
/// Most payments of one page.
pub const MAX_PAGE_PAYMENTS: u32 = 200;

/// What `GET /v1/payments` may be asked.
pub const PARAMETERS: [&str; 23] = [
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

/// What strong authentication came to where it has no letter.
const UNFINISHED: [&str; 2] = ["not_enrolled", "timeout"];

/// The query of `GET /v1/payments`, each of [`PARAMETERS`] once at most.
#[derive(Debug, Clone, Default)]
pub struct Filter(BTreeMap<String, String>);

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
    /// Takes a query whose parameters are known.
    ///
    /// # Errors
    /// 422 naming every other parameter.
    pub fn of(query: Query) -> Result<Self, Problem> {
        query.read(&PARAMETERS).map(Self)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter read; `what` completes "Give".
    fn word<T>(
        &self,
        (name, what): (&str, &str),
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let wrong =
            || Problem::field(format!("$.{name}"), "invalid_field", format!("Give {what}."));
        read(text).map(Some).ok_or_else(wrong)
    }

    /// Checks the filter for the shop of the caller.
    ///
    /// # Errors
    /// 422 naming the wrong member, 404 for a foreign shop.
    pub fn read(&self, own: ShopId) -> Result<Asked, Problem> {
        if self.get("shop").is_some_and(|shop| shop.parse() != Ok(own)) {
            return Err(Problem::not_found());
        }
        let limit = self.word(("limit", "a number from 1 to 200"), |text| {
            text.parse().ok().filter(|limit| (1..=MAX_PAGE_PAYMENTS).contains(limit))
        })?;
        let totals = match self.word(("totals", "true or false"), yes)? {
            Some(Late::Yes) => Totals::Always,
            None if self.get("cursor").is_none() => Totals::IfFew,
            _ => Totals::Never,
        };
        let day = |name| self.word((name, "a day such as 2026-11-23"), |day| day.parse().ok());
        let days = (day("from")?, day("to")?);
        let before = self.word(("cursor", "the cursor of a page"), |id| id.parse().ok())?;
        let sought = Sought { days, ..self.sought(own)? };
        Ok(Asked { sought, totals, limit: limit.unwrap_or(PAGE_PAYMENTS), before })
    }

    fn sought(&self, own: ShopId) -> Result<Sought, Problem> {
        let amount =
            self.word(("amount", "minor units, such as 3420"), |text| text.parse().ok())?;
        let text = |name| self.get(name).map(str::to_owned);
        Ok(Sought {
            guarantee: self.word(("guarantee", "yes, no or unknown"), GuaranteeValue::parse)?,
            threeds: self
                .word(("threeds", "a letter such as Y, not_enrolled or timeout"), threeds_result)?,
            source: self.word(("source", "page, api, desk or clock"), Source::parse)?,
            late: self.word(("late", "true or false"), yes)?,
            channel: self.word(("channel", &one_of(Channel::all())), Channel::parse)?,
            booking: self.word(("booking", "a booking id"), |id| id.parse().ok())?,
            statuses: self.statuses()?,
            readings: self.get("search").map(readings).unwrap_or_default(),
            name: self.get("name").map(web::list::folded),
            amounts: (amount, amount),
            authorisation: self.get("authorisation").map(str::to_lowercase),
            brand: self.network()?,
            order_ref: text("order_ref"),
            last4: text("last4"),
            email: text("email"),
            shop: Some(own),
            ..Sought::default()
        })
    }

    /// The network by which the card was charged: a method and a brand are two words for it.
    fn network(&self) -> Result<Option<String>, Problem> {
        let names = terms::codes();
        let what = one_of(names.iter().map(String::as_str));
        let method = self.word(("method", &what), terms::parse)?;
        let brand = self.word(("brand", &what.to_lowercase()), terms::parse)?;
        if method.is_some() && brand.is_some() && method != brand {
            let cure = "Give method or brand: both are the network of the charge.";
            return Err(Problem::field("$.method", "invalid_field", cure));
        }
        Ok(method.or(brand).map(|network| network.as_str().to_owned()))
    }

    fn statuses(&self) -> Result<Vec<Status>, Problem> {
        let one = self.word(("status", &one_of(Status::all())), Status::parse)?;
        let group = self.word(("group", &one_of(Group::all())), Group::parse)?;
        if one.zip(group).is_some_and(|(one, group)| one.group() != group) {
            let cure = "This status is not of the group: leave one of them out.";
            return Err(Problem::field("$.status", "invalid_field", cure));
        }
        let wanted = |status: &Status| match one {
            Some(one) => *status == one,
            None => Some(status.group()) == group,
        };
        Ok(Status::ALL.iter().copied().filter(wanted).collect())
    }
}

fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    format!("one of: {}", words.join(", "))
}

fn yes(text: &str) -> Option<Late> {
    match text {
        "true" => Some(Late::Yes),
        "false" => Some(Late::No),
        _ => None,
    }
}

fn threeds_result(text: &str) -> Option<String> {
    let one = text.len() == 1 && text.bytes().all(|b| b.is_ascii_alphabetic());
    if one {
        Some(text.to_uppercase())
    } else {
        UNFINISHED.contains(&text).then(|| text.to_owned())
    }
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
