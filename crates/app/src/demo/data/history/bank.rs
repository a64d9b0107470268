//! What the simulated bank is told of its past.

use std::time::Duration;

use http::client::Call;
use kernel::{Currency, OperationId, Timestamp};
use payments::Payment;
use payments::payment::{Kind, OpState, Operation};
use serde::Serialize;
use web::Context;

const WAIT: Duration = Duration::from_secs(10);

/// One line of the bank's books.
#[derive(Debug, Clone, Serialize)]
pub(super) struct BankLine {
    kind: &'static str,
    #[serde(rename = "ref")]
    reference: String,
    amount: i64,
    currency: Currency,
    approved: bool,
    code: String,
    number: String,
    chain: String,
    network: String,
    card: String,
    captured: i64,
    voided: i64,
    refunded: i64,
    at: Timestamp,
}

impl BankLine {
    /// An accepted authorisation, with what was taken of it so far.
    pub(super) fn taken(payment: &Payment, authorised: &Operation) -> Self {
        let number = authorised.authorisation.clone().unwrap_or_default();
        let captured = payment.counters.captured;
        Self { number, captured, approved: true, ..Self::of(payment, ("authorise", authorised)) }
    }

    /// The refusal.
    pub(super) fn refused(payment: &Payment) -> Option<Self> {
        let asked = payment.last(Kind::Authorise).filter(|o| o.state == OpState::Failed)?;
        Some(Self::of(payment, ("authorise", asked)))
    }

    /// A refund of an authorisation.
    pub(super) fn given_back(payment: &Payment, refund: OperationId) -> Option<Self> {
        let done = payment.operation(refund)?;
        let number = payment.accepted_authorisation()?.authorisation.clone()?;
        Some(Self { number, approved: true, ..Self::of(payment, ("refund", done)) })
    }

    fn of(payment: &Payment, (kind, operation): (&'static str, &Operation)) -> Self {
        let card = payment.card.as_ref();
        Self {
            kind,
            reference: operation.id.to_string(),
            amount: operation.amount.minor(),
            currency: operation.amount.currency(),
            approved: false,
            code: operation.raw.code.clone(),
            number: String::new(),
            chain: payment.chain.clone().unwrap_or_default(),
            network: operation.raw.network.clone(),
            card: card.map_or_else(String::new, |card| format!("{}••••{}", card.bin, card.last4)),
            captured: 0,
            voided: 0,
            refunded: 0,
            at: operation.at,
        }
    }
}

/// Tells the bank. A refund among the lines is counted on its authorisation.
///
/// # Errors
/// A sentence with the cause.
pub(super) async fn tell(ctx: &Context, lines: &[BankLine]) -> Result<(), String> {
    let mut lines = lines.to_vec();
    let refunds: Vec<(String, i64)> = lines
        .iter()
        .filter(|line| line.kind == "refund")
        .map(|line| (line.number.clone(), line.amount))
        .collect();
    for line in lines.iter_mut().filter(|line| line.kind == "authorise") {
        let given = refunds.iter().filter(|(number, _)| *number == line.number);
        line.refunded = given.map(|(_, amount)| *amount).sum();
    }
    let body = serde_json::to_value(&lines).map_err(|error| error.to_string())?;
    let call = Call::post_json(&ctx.urls.bank, "/api/history", &body, WAIT);
    let answer = call.send().await.map_err(|error| error.to_string())?;
    if answer.status < 300 { Ok(()) } else { Err(format!("the bank answered {}", answer.status)) }
}
