//! Looks at every payment of a merchant again: are the rules kept, is the stored status the one
//! its facts give, and what is contested the sum over its cases?

use db::{DbError, Tx};
use kernel::{PaymentId, Scope};

use super::store;
use crate::chargebacks::ops as chargebacks;

/// Payments read at a time, so that memory stays bounded.
const PAYMENTS_PER_ROUND: u32 = 500;

/// A payment that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub payment: PaymentId,
    /// What is wrong.
    pub rule: String,
}

/// Examines all payments of the scope's merchant and mode; changes nothing.
///
/// # Errors
/// [`DbError`] of the engine. A payment that cannot be read at all is a finding.
pub fn examine(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<Finding>, DbError> {
    let mut findings = Vec::new();
    let mut after = None;
    loop {
        let round = store::ids_after(tx, scope, after, PAYMENTS_PER_ROUND)?;
        let Some(last) = round.last() else { return Ok(findings) };
        after = Some(*last);
        for payment in round {
            let looked = store::find(tx, scope, payment).and_then(|found| match found {
                Some(found) => chargebacks::agree(tx, scope, &found),
                None => Ok(()),
            });
            match looked {
                Ok(()) => {}
                Err(DbError::Invariant(broken)) => {
                    findings.push(Finding { payment, rule: broken.rule.to_owned() });
                }
                Err(DbError::Corrupt(what)) => findings.push(Finding { payment, rule: what }),
                Err(error) => return Err(error),
            }
        }
    }
}
