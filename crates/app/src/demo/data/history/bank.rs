//! What the simulated bank is told of its past.

use std::time::Duration;

use http::client::Call;
use kernel::OperationId;
use payments::Payment;
use payments::payment::{Kind, OpState, Operation};
use sandbox::history::Past;
use web::Context;

const WAIT: Duration = Duration::from_secs(10);

/// An accepted authorisation, with what was taken of it so far.
pub(super) fn taken(payment: &Payment, authorised: &Operation) -> Past {
    let number = authorised.authorisation.clone().unwrap_or_default();
    let captured = payment.counters.captured;
    Past { number, captured, approved: true, ..of(payment, ("authorise", authorised)) }
}

/// The refusal.
pub(super) fn refused(payment: &Payment) -> Option<Past> {
    let asked = payment.last(Kind::Authorise).filter(|o| o.state == OpState::Failed)?;
    Some(of(payment, ("authorise", asked)))
}

/// A refund of an authorisation.
pub(super) fn given_back(payment: &Payment, refund: OperationId) -> Option<Past> {
    let done = payment.operation(refund)?;
    let number = payment.accepted_authorisation()?.authorisation.clone()?;
    Some(Past { number, approved: true, ..of(payment, ("refund", done)) })
}

fn of(payment: &Payment, (kind, operation): (&'static str, &Operation)) -> Past {
    let card = payment.card.as_ref();
    Past {
        kind: kind.to_owned(),
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

/// Tells the bank. A refund among the lines is counted on its authorisation.
///
/// # Errors
/// A sentence with the cause.
pub(super) async fn tell(ctx: &Context, lines: &[Past]) -> Result<(), String> {
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
