//! Whether what is asked of a payment may be done now.

use db::Tx;
use kernel::{Money, Scope, Timestamp};

use super::Engine;
use super::desk::{Ask, DeskError, MAX_REASON_CHARACTERS, What};
use crate::contract::REFUND_WINDOW_MONTHS;
use crate::payment::rules::{self, Action, Why};
use crate::payment::save::{self, Pen};
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
        what: &What,
    ) -> Result<Payment, DeskError> {
        let payment = store::find(tx, scope, ask.payment)?.ok_or(DeskError::NotFound)?;
        if let What::Refund { amount, expected } | What::Record { amount, expected, .. } = what {
            admit_refund(&payment, *amount, *expected)?;
        }
        if ask.version.is_some_and(|seen| seen != payment.version) {
            return Err(DeskError::VersionConflict(Box::new(payment)));
        }
        let pen = self.pen(scope, payment.shop);
        admit(&payment, ask, what, &pen)?;
        if let What::Record { elsewhere, .. } = what {
            let zone = save::zone(tx, scope)?;
            let capture = payment.operations.iter().find(|o| o.kind == Kind::Capture);
            let debited = capture.map_or(payment.created_at, |capture| capture.at);
            let days = (zone.date(debited), zone.date(pen.now));
            elsewhere.check(days).map_err(DeskError::UnsoundRecord)?;
        }
        Ok(payment)
    }
}

fn admit(payment: &Payment, ask: &Ask, what: &What, pen: &Pen<'_>) -> Result<(), DeskError> {
    let reason = ask.reason.as_deref().unwrap_or_default();
    if reason.chars().count() > MAX_REASON_CHARACTERS
        || kernel::card_text::holds_card_number(reason)
    {
        return Err(DeskError::BadReason);
    }
    match what {
        What::Refund { amount, .. } | What::Record { amount, .. } => {
            if let Some(most) = ask.ceiling.filter(|most| amount.minor() > *most) {
                return Err(DeskError::AboveCeiling(payment.money(most)));
            }
        }
        What::Capture(Some(amount)) => good_amount(payment, *amount)?,
        What::Capture(None) | What::Cancel | What::Validate => {}
    }
    let action = what.action();
    let refused = |why| DeskError::NotAllowed { payment: Box::new(payment.clone()), why };
    rules::check(payment, action).map_err(refused)?;
    if action == Action::Refund && is_window_over(payment, pen.now) {
        return Err(DeskError::WindowOver);
    }
    let whole = match action {
        Action::Capture => payment.money(payment.counters.capturable()),
        _ => payment.money(payment.counters.refundable()),
    };
    match what {
        What::Capture(Some(amount)) if amount.minor() > whole.minor() => {
            Err(DeskError::AboveCapturable(whole))
        }
        What::Capture(Some(amount)) | What::Refund { amount, .. }
            if rules::is_whole(payment, action) && *amount != whole =>
        {
            Err(refused(Why::WholeOnly))
        }
        _ => Ok(()),
    }
}

/// The stated refundable amount decides first, so that of two equal requests at once the
/// second learns the new value instead of a version or a rule.
fn admit_refund(payment: &Payment, amount: Money, expected: Money) -> Result<(), DeskError> {
    good_amount(payment, amount)?;
    let refundable = payment.money(payment.counters.refundable());
    let settled = payment.unknown().is_none() && payment.counters.disputed == 0;
    if settled && payment.counters.captured > 0 && expected != refundable {
        return Err(DeskError::RefundableChanged(refundable));
    }
    if settled && payment.counters.captured > 0 && amount.minor() > refundable.minor() {
        return Err(DeskError::AboveRefundable(refundable));
    }
    Ok(())
}

/// Whether the network takes no refund of the payment any more.
#[must_use]
pub fn is_window_over(payment: &Payment, now: Timestamp) -> bool {
    let days = i64::from(REFUND_WINDOW_MONTHS).saturating_mul(DAYS_PER_MONTH);
    let seconds = days.saturating_mul(86_400);
    let first = payment.operations.iter().find(|o| o.kind == Kind::Capture);
    first.is_some_and(|capture| now > capture.at.plus_seconds(seconds))
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
