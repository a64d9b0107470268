//! The books together with what was told of them: the verification of the ledger, and whether each
//! committed movement of money was told outside exactly once.
//!
//! Every capture that succeeded has one event `payment.captured`, every refund that succeeded one
//! `refund.done`, or `refund.recorded` if it was made elsewhere; `I14` names the payments of which that is not true. Each night the books of
//! every merchant are verified on real time; a discrepancy is an alarm in the log and stops no
//! payment.
//!
//! **Limits.** Payouts, which a discrepancy freezes, do not exist yet.

mod jobs;
mod store;

pub(crate) use jobs::verify_books;
pub use jobs::{VERIFY, plan_nights};

use db::{DbError, Tx};
use kernel::{Currency, MerchantId, Mode, PaymentId};
use ledger::{LedgerError, Report};

use crate::payment::store::ids_after;

/// Payments compared at a time, so that memory stays bounded.
const PAYMENTS_PER_ROUND: u32 = 500;

/// Verifies the books of these merchants and the events told of them, live and test;
/// transactions of the ledger before the number `from` of their book are taken as they are
/// ([`ledger::verify`]).
///
/// # Errors
/// [`LedgerError`] when they could not be read; a discrepancy is no error.
pub fn verify(tx: &mut Tx<'_>, merchants: &[MerchantId], from: u64) -> Result<Report, LedgerError> {
    let mut report = ledger::verify(tx, merchants, from)?;
    for merchant in merchants {
        for mode in [Mode::Live, Mode::Test] {
            for (payment, currency) in mistold(tx, *merchant, mode)? {
                report.add((*merchant, mode, currency), "I14", payment.to_string());
            }
        }
    }
    Ok(report)
}

/// Payments whose events are not those of their movements.
fn mistold(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    mode: Mode,
) -> Result<Vec<(PaymentId, Currency)>, DbError> {
    let scope = identity::scope::for_house(merchant, mode);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let round = ids_after(tx, &scope, after, PAYMENTS_PER_ROUND)?;
        let Some(last) = round.last() else { return Ok(found) };
        after = Some(*last);
        let done = store::movements(tx, &scope, &round)?;
        let told = store::told(tx, &scope, &round)?;
        for payment in &round {
            let done = done.get(payment).copied().unwrap_or_default();
            let told = told.get(&payment.to_string()).copied().unwrap_or_default();
            if done.count != told {
                found.push((*payment, done.currency.unwrap_or(Currency::EUR)));
            }
        }
    }
}
