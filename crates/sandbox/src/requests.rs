//! Messages to the bank, read strictly: a wrong one is refused and nothing is done.

use kernel::money::MAX_MINOR;
use kernel::{Currency, Money, Problem, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::{Kind, Taking};
use crate::ops::{self, Chain, Follow, NewAuthentication, NewAuthorisation, Shown};
use crate::verdict::Wish;
use crate::{Bank, cards};

const MAX_REFERENCE: usize = 64;
const MAX_MERCHANT_CHARACTERS: usize = 80;

/// An amount as a number or as digits.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Amount {
    Number(i64),
    Digits(String),
}

/// Body of `POST /api/authentications`.
#[derive(Deserialize)]
pub(crate) struct AuthenticationBody {
    #[serde(rename = "ref")]
    reference: String,
    amount: Amount,
    currency: String,
    pan: String,
    exp: String,
    challenge: Option<String>,
    return_url: String,
    merchant: Option<String>,
    local_time: Option<Timestamp>,
}

/// Body of `POST /api/authorisations`.
#[derive(Deserialize)]
pub(crate) struct AuthorisationBody {
    #[serde(rename = "ref")]
    reference: String,
    amount: Amount,
    currency: String,
    pan: String,
    exp: String,
    code: Option<String>,
    initiator: Option<String>,
    chain: Option<String>,
    authentication: Option<String>,
    capture: Option<Value>,
    local_time: Option<Timestamp>,
}

/// Body of captures, voids and refunds.
#[derive(Deserialize)]
pub(crate) struct FollowBody {
    #[serde(rename = "ref")]
    reference: String,
    authorisation: String,
    amount: Option<Amount>,
    local_time: Option<Timestamp>,
}

/// Reads JSON; what is wrong is told without repeating the input.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Problem::new(400, "malformed_json", format!("The message cannot be read ({place})."))
    })
}

impl AuthenticationBody {
    /// The request, without the card number.
    pub(crate) fn parse(self, bank: &Bank) -> Result<NewAuthentication, Problem> {
        let allowed = self
            .return_url
            .strip_prefix(bank.config.app_origin.as_str())
            .is_some_and(|rest| rest.starts_with('/') && !rest.contains(char::is_control));
        if !allowed {
            return Err(wrong("$.return_url", "The browser goes back to the app alone."));
        }
        let merchant = self.merchant.filter(|name| !name.trim().is_empty());
        Ok(NewAuthentication {
            reference: reference(self.reference)?,
            amount: money(&self.amount, &self.currency)?,
            shown: shown(&self.pan, &self.exp, bank)?,
            wish: match self.challenge.as_deref() {
                Some("mandate") => Wish::Mandate,
                Some("none" | "") | None => Wish::None,
                Some(_) => return Err(wrong("$.challenge", "none or mandate.")),
            },
            merchant: merchant.map_or_else(
                || host(&bank.config.app_origin).to_owned(),
                |name| name.chars().take(MAX_MERCHANT_CHARACTERS).collect(),
            ),
            return_url: self.return_url,
            local_time: self.local_time,
        })
    }
}

impl AuthorisationBody {
    /// The request, without the card number.
    pub(crate) fn parse(self, bank: &Bank) -> Result<NewAuthorisation, Problem> {
        let filled = |text: Option<String>| text.filter(|t| !t.is_empty());
        let taking = match self.capture {
            None | Some(Value::Null | Value::Bool(false)) => Taking::Later,
            Some(Value::Bool(true)) => Taking::Now,
            Some(Value::String(word)) if word == "now" => Taking::Now,
            Some(Value::String(word)) if word == "later" || word.is_empty() => Taking::Later,
            Some(_) => return Err(wrong("$.capture", "now or later.")),
        };
        Ok(NewAuthorisation {
            reference: reference(self.reference)?,
            amount: checked(&self.amount, &self.currency, taking)?,
            shown: shown(&self.pan, &self.exp, bank)?,
            code: filled(self.code),
            by_merchant: match self.initiator.as_deref() {
                Some("merchant") => Some(Chain(self.chain.unwrap_or_default())),
                Some("payer") | None => None,
                Some(_) => return Err(wrong("$.initiator", "payer or merchant.")),
            },
            authentication: filled(self.authentication),
            taking,
            local_time: self.local_time,
        })
    }
}

impl FollowBody {
    /// The request.
    pub(crate) fn parse(self, kind: Kind) -> Result<Follow, Problem> {
        let minor = match (kind, self.amount) {
            (Kind::Void, _) => None,
            (_, None) => return Err(wrong("$.amount", "Minor units, from 1.")),
            (_, Some(amount)) => Some(minor(&amount)?),
        };
        Ok(Follow {
            kind,
            reference: reference(self.reference)?,
            number: self.authorisation,
            minor,
            local_time: self.local_time,
        })
    }
}

fn wrong(path: &str, message: &str) -> Problem {
    Problem::field(path, "invalid_field", message)
}

fn reference(text: String) -> Result<String, Problem> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if (1..=MAX_REFERENCE).contains(&text.len()) && text.chars().all(fine) {
        Ok(text)
    } else {
        Err(wrong("$.ref", "1 to 64 letters, digits, hyphens, dots and underscores."))
    }
}

impl Amount {
    fn value(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Digits(digits) => digits.parse().ok(),
        }
    }
}

fn minor(amount: &Amount) -> Result<i64, Problem> {
    amount
        .value()
        .filter(|minor| (1..=MAX_MINOR).contains(minor))
        .ok_or_else(|| wrong("$.amount", "Minor units, from 1."))
}

fn money(amount: &Amount, currency: &str) -> Result<Money, Problem> {
    Ok(Money::new(minor(amount)?, read_currency(currency)?))
}

/// The amount of an authorisation; nothing, of which nothing is taken, is an account check.
fn checked(amount: &Amount, currency: &str, taking: Taking) -> Result<Money, Problem> {
    match (amount.value(), taking) {
        (Some(0), Taking::Later) => Ok(Money::zero(read_currency(currency)?)),
        _ => money(amount, currency),
    }
}

fn read_currency(text: &str) -> Result<Currency, Problem> {
    text.parse().map_err(|_| wrong("$.currency", "Three upper-case letters (ISO 4217)."))
}

/// What is kept of a card, and its printed expiry (`MMYY`, `MM/YY`).
fn shown(pan: &str, expiry: &str, bank: &Bank) -> Result<Shown, Problem> {
    if !(12..=19).contains(&pan.len()) || !pan.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("$.pan", "12 to 19 digits."));
    }
    let digits: String = expiry.chars().filter(char::is_ascii_digit).collect();
    let part = |range| digits.get::<std::ops::Range<usize>>(range).and_then(|p| p.parse().ok());
    let (month, year): (Option<i8>, Option<i8>) = (part(0..2), part(2..4));
    match (month.filter(|m| (1..=12).contains(m)), year) {
        (Some(month), Some(year)) if digits.len() == 4 => {
            let card = cards::find(pan);
            let trace = ops::trace(pan, card.as_ref(), &bank.key);
            Ok(Shown { card, trace, expiry: (2000_i16.saturating_add(year.into()), month) })
        }
        _ => Err(wrong("$.exp", "Month and year, MMYY.")),
    }
}

fn host(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}
