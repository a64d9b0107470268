//! Asking the bank for a line of a lot, and what came of it.

use db::{DbError, Tx};
use http::Words;
use identity::lots::{Halt, Outcome, Turn};
use kernel::{PaymentId, Scope};

use crate::desk::words;
use crate::engine::charge::ChargeError;
use crate::engine::{AttemptError, Dispatch, Engine};
use crate::payment::save::SaveError;
use crate::payment::{CreateError, Group, Status, store};

/// Sends what the commit of a line stored as sent. Whatever comes of it stands with the operation,
/// and what does not come is asked for: the line is done with.
pub async fn send(engine: &Engine, turn: &Turn, dispatch: Dispatch) {
    if let Err(error) = engine.run(&turn.scope, dispatch).await {
        tracing::error!(%error, lot = %turn.lot.id, line = turn.line.position, "a line of a lot");
    }
}

/// What became of the payment that was made for a line.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn answer_of(
    tx: &mut Tx<'_>,
    scope: &Scope,
    words: &Words,
    id: PaymentId,
) -> Result<Outcome, DbError> {
    let Some(payment) = store::find(tx, scope, id)? else { return Ok(Outcome::Unknown) };
    Ok(match payment.status.group() {
        _ if payment.unknown().is_some() || payment.status == Status::Unknown => Outcome::Unknown,
        Group::Done | Group::ToDo | Group::Returned => Outcome::Done,
        Group::InProgress => Outcome::AtTheBank,
        Group::NotPaid => {
            let (code, raw) = match &payment.decline {
                Some(decline) => (decline.code.as_str(), decline.raw.as_str()),
                None => ("", ""),
            };
            Outcome::Refused(words::refusal(words, code, raw))
        }
    })
}

impl From<ChargeError> for Halt {
    fn from(error: ChargeError) -> Self {
        Self::Refused(match error {
            ChargeError::NoKeptCard => "no_kept_card",
            ChargeError::Card(refused) => match refused.code.as_str() {
                "card_suspended" => "card_suspended",
                "card_expired" => "card_expired",
                _ => "card_gone",
            },
            ChargeError::WithoutMoto => "not_charged",
            ChargeError::Create(CreateError::OrderHasLivePayment(_)) => "under_way",
            ChargeError::Attempt(AttemptError::CardBlocked) => "card_blocked",
            ChargeError::Attempt(AttemptError::CardPaused) => "card_paused",
            ChargeError::Attempt(AttemptError::ChainMissing) => "no_agreement",
            ChargeError::Attempt(AttemptError::Virtual(refusal)) => refusal.code(),
            ChargeError::Create(CreateError::Db(error))
            | ChargeError::Attempt(AttemptError::Save(SaveError::Db(error))) => {
                return Self::Db(error);
            }
            ChargeError::Create(_) | ChargeError::Attempt(_) => "not_charged",
        })
    }
}
