//! Sales that holders contest. The bank takes the money back at once, asks a fee, and decides when
//! it is told to: for the merchant or for the holder, and later still for the merchant. Each step is
//! told to the merchant's system like any other outcome.

use db::Tx;
use kernel::{Money, Problem, Timestamp};
use serde_json::{Value, json};

use crate::model::Operation;
use crate::notices;
use crate::ops::{BankError, Fresh};
use crate::store;

/// What the bank asks for a case, in minor units.
const FEE_MINOR: i64 = 1_500;

/// How far a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The holder contests the sale.
    Opened,
    /// Decided for the merchant.
    Won,
    /// Decided for the holder.
    Lost,
}

impl Stage {
    /// The word stored and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Opened, Self::Won, Self::Lost].into_iter().find(|stage| stage.as_str() == word)
    }

    /// Whether the bank may still decide like this.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!((self, next), (Self::Opened, Self::Won | Self::Lost) | (Self::Lost, Self::Won))
    }
}

/// A case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Case {
    pub(crate) number: String,
    /// The client's reference of the authorisation.
    pub(crate) reference: String,
    pub(crate) amount: Money,
    pub(crate) network: String,
    pub(crate) stage: Stage,
    pub(crate) at: Timestamp,
}

/// Opens a case on the sale of a reference, or on the latest one that can be contested.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    reference: Option<&str>,
    fresh: &Fresh,
) -> Result<Case, BankError> {
    let sale: Option<Operation> = store::contestable(tx, reference)?;
    let sale = sale.ok_or_else(|| {
        let text = "No sale was debited that is not contested already.";
        Problem::new(409, "nothing_to_contest", text)
    })?;
    let case = Case {
        number: format!("CBK-{}", fresh.number.to_uppercase()),
        reference: sale.reference,
        amount: Money::new(sale.captured, sale.amount.currency()),
        network: sale.card.network,
        stage: Stage::Opened,
        at: fresh.now,
    };
    store::add_case(tx, &case)?;
    notices::tell_case(tx, message(&case), fresh)?;
    Ok(case)
}

/// Decides a case; nothing for a number that is not known.
pub(crate) fn decide(
    tx: &mut Tx<'_>,
    (number, next): (&str, Stage),
    fresh: &Fresh,
) -> Result<Option<Case>, BankError> {
    let Some(case) = store::case(tx, number)? else { return Ok(None) };
    if !case.stage.may_become(next) {
        let text = "The case was decided already.";
        return Err(Problem::new(409, "already_decided", text).into());
    }
    let after = Case { stage: next, ..case };
    store::decide_case(tx, &after)?;
    notices::tell_case(tx, message(&after), fresh)?;
    Ok(Some(after))
}

/// A case as the bank tells it.
pub(crate) fn message(case: &Case) -> Value {
    json!({
        "case": case.number,
        "ref": case.reference,
        "kind": "chargeback",
        "state": case.stage.as_str(),
        "amount": case.amount.minor(),
        "currency": case.amount.currency(),
        "network": case.network,
        "reason": {"code": reason(&case.network), "family": "fraud"},
        "fee": FEE_MINOR,
    })
}

/// The network's code for a sale that the holder says he did not make.
fn reason(network: &str) -> &'static str {
    match network {
        "visa" => "10.4",
        "mastercard" => "4837",
        "amex" => "F29",
        _ => "fraud",
    }
}
