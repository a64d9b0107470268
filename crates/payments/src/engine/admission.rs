//! Whether what is asked of a payment may be done now.

use db::Tx;
use kernel::{Money, Scope};

use super::Engine;
use super::desk::{Ask, DeskError, MAX_REASON_CHARACTERS, What};
use crate::payment::rules::{self, Action};
use crate::payment::save::Pen;
use crate::payment::{Kind, Payment, store};

impl Engine {
    /// Checks an operation without doing it; gives the payment as it stands.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn admit(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        ask: &Ask,
        what: What,
    ) -> Result<Payment, DeskError> {
        let payment = store::find(tx, scope, ask.payment)?.ok_or(DeskError::NotFound)?;
        if ask.version.is_some_and(|seen| seen != payment.version) {
            return Err(DeskError::VersionConflict(Box::new(payment)));
        }
        admit(&payment, ask, what, &self.pen(scope, payment.shop))?;
        Ok(payment)
    }
}

fn admit(payment: &Payment, ask: &Ask, what: What, pen: &Pen<'_>) -> Result<(), DeskError> {
    let reason = ask.reason.as_deref().unwrap_or_default();
    if reason.chars().count() > MAX_REASON_CHARACTERS
        || kernel::card_text::holds_card_number(reason)
    {
        return Err(DeskError::BadReason);
    }
    let action = match what {
        What::Capture(_) => Action::Capture,
        What::Cancel => Action::Cancel,
        What::Refund { .. } => Action::Refund,
        What::Validate => Action::Validate,
    };
    match what {
        What::Refund { amount, expected } => {
            admit_refund(payment, amount, expected, pen)?;
            if let Some(most) = ask.ceiling.filter(|most| amount.minor() > *most) {
                return Err(DeskError::AboveCeiling(payment.money(most)));
            }
        }
        What::Capture(Some(amount)) => good_amount(payment, amount)?,
        What::Capture(None) | What::Cancel | What::Validate => {}
    }
    rules::check(payment, action)
        .map_err(|why| DeskError::NotAllowed { payment: Box::new(payment.clone()), why })?;
    let capturable = payment.money(payment.counters.capturable());
    match what {
        What::Capture(Some(amount)) if amount.minor() > capturable.minor() => {
            Err(DeskError::AboveCapturable(capturable))
        }
        _ => Ok(()),
    }
}

/// The stated refundable amount decides first, so that of two equal requests at once the
/// second learns the new value instead of a rule.
fn admit_refund(
    payment: &Payment,
    amount: Money,
    expected: Money,
    pen: &Pen<'_>,
) -> Result<(), DeskError> {
    good_amount(payment, amount)?;
    let refundable = payment.money(payment.counters.refundable());
    let settled = payment.unknown().is_none() && payment.counters.disputed == 0;
    if settled && expected != refundable {
        return Err(DeskError::RefundableChanged(refundable));
    }
    if settled && payment.counters.captured > 0 && amount.minor() > refundable.minor() {
        return Err(DeskError::AboveRefundable(refundable));
    }
    let months = crate::contract::Contract::of(pen.scope, payment.shop).refund_window_months;
    let first = payment.operations.iter().find(|o| o.kind == Kind::Capture);
    let days = i64::from(months).saturating_mul(DAYS_PER_MONTH);
    if first.is_some_and(|capture| pen.now > capture.at.plus_seconds(days.saturating_mul(86_400))) {
        return Err(DeskError::WindowOver);
    }
    Ok(())
}

/// Days of a month in the refund window: the longest, in favour of the payer.
const DAYS_PER_MONTH: i64 = 31;

fn good_amount(payment: &Payment, amount: Money) -> Result<(), DeskError> {
    if amount.minor() > 0 && amount.currency() == payment.currency() {
        Ok(())
    } else {
        Err(DeskError::BadAmount)
    }
}
