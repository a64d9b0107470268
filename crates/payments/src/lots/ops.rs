//! What an action would do to what was chosen, and why something is left out.

use db::{DbError, Tx};
use kernel::{PaymentId, Scope};

use super::model::{Chosen, Outlook, what};
use crate::desk::action::most;
use crate::engine::Engine;
use crate::engine::desk::{Ask, DeskError};
use crate::grace;
use crate::payment::rules::{self, Action};
use crate::payment::save::SaveError;
use crate::payment::{Payment, Source, store};

/// Another currency than the first of the lot.
const OTHER_CURRENCY: &str = "other_currency";
/// It is not done to many at once.
pub const ONE_BY_ONE: &str = "one_by_one";
/// An action waits on it that can still be taken back.
pub const WAITING: &str = "waiting";

/// Looks at what was chosen as it stands; what is not of this merchant does not exist.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn look(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    (action, ceiling): (Action, Option<i64>),
    ids: &[PaymentId],
) -> Result<Outlook, DbError> {
    let mut outlook = Outlook::default();
    let mut currency = None;
    for id in ids {
        let Some(payment) = store::find(tx, scope, *id)? else { continue };
        let mut why = why_not(tx, engine, scope, (action, ceiling), &payment)?;
        if why.is_none() && *currency.get_or_insert(payment.currency()) != payment.currency() {
            why = Some(OTHER_CURRENCY);
        }
        let amount = most(&payment, action);
        outlook.chosen.push(Chosen { payment, amount, why });
    }
    Ok(outlook)
}

fn why_not(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    (action, ceiling): (Action, Option<i64>),
    payment: &Payment,
) -> Result<Option<&'static str>, DbError> {
    if let Err(why) = rules::check(payment, action) {
        return Ok(Some(why.as_str()));
    }
    if grace::waiting(tx, scope, payment.id)?.is_some() {
        return Ok(Some(WAITING));
    }
    let ask = Ask {
        payment: payment.id,
        version: None,
        source: Source::Desk,
        reason: None,
        origin: identity::audit::Origin::default(),
        ceiling,
        quiet: false,
    };
    let Some(what) = what(action, most(payment, action)) else { return Ok(Some(ONE_BY_ONE)) };
    match engine.admit(tx, scope, &ask, &what) {
        Ok(_) => Ok(None),
        Err(error) => word(&error).map(Some).ok_or_else(|| cause(error)),
    }
}

/// The word of why something is not done; none when the database failed.
#[must_use]
pub const fn word(error: &DeskError) -> Option<&'static str> {
    Some(match error {
        DeskError::NotFound => "not_found",
        DeskError::NotAllowed { why, .. } => why.as_str(),
        DeskError::VersionConflict(_)
        | DeskError::RefundableChanged(_)
        | DeskError::AboveRefundable(_)
        | DeskError::AboveCapturable(_)
        | DeskError::BadAmount => "changed",
        DeskError::UnsoundRecord(_) | DeskError::RecordedAlready(_) => ONE_BY_ONE,
        DeskError::AboveCeiling(_) => "above_ceiling",
        DeskError::WindowOver => "window_over",
        DeskError::BadReason => "bad_reason",
        DeskError::CapabilityMissing(_) => "capability_missing",
        DeskError::Save(SaveError::Db(_)) => return None,
        DeskError::Save(_) => "not_saved",
    })
}

/// What failed when the reason has no word.
#[must_use]
pub fn cause(error: DeskError) -> DbError {
    match error {
        DeskError::Save(SaveError::Db(error)) => error,
        other => DbError::Engine(other.to_string()),
    }
}
