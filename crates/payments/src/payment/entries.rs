//! The ledger entries of a payment: written in the commit of the operation they tell of.
//!
//! A capture debits the account where the money arrives and credits the booking's deposit or
//! the customer; the operator's fee is taken with it. A refund reserves when it is asked and
//! becomes a fact, or nothing, when the bank answers. A refund that was made without Guichet debits
//! the same and credits the merchant's own till, terminal or bank: neither what the provider owes
//! nor a wallet changes, and no fee is given back. A contested sale is posted by its case.

use db::Tx;
use identity::merchants;
use identity::merchants::model::{Custody, Shop};
use kernel::{ChargebackId, LedgerTxId, Money, Zone};
use ledger::{CaseMove, Collected, LedgerError, Settlement, Stamp};

use super::model::{Payment, Purpose};
use super::operation::{Kind, OpState, Operation};
use super::save::{Pen, SaveError};

/// What the money of a payment is for.
#[must_use]
pub fn collected(payment: &Payment) -> Collected {
    match (payment.purpose, payment.booking) {
        (Purpose::Deposit, Some(booking)) => Collected::Deposit(booking),
        (_, Some(booking)) => Collected::Booking(booking),
        (_, None) => Collected::Payment(payment.id),
    }
}

/// Posts what follows from the difference between a payment as read and as it will be written.
pub(super) fn post(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    before: &Payment,
    after: &Payment,
) -> Result<(), SaveError> {
    let moved: Vec<(&Operation, Option<OpState>)> = after
        .operations
        .iter()
        .map(|operation| (operation, before.operation(operation.id).map(|old| old.state)))
        .filter(|(operation, was)| {
            matches!(operation.kind, Kind::Capture | Kind::Refund) && *was != Some(operation.state)
        })
        .collect();
    if moved.is_empty() {
        return Ok(());
    }
    let (shop, zone) = place(tx, pen, after)?;
    let book = Book { pen, payment: after, shop: &shop, zone: &zone };
    for (operation, was) in moved {
        book.post(tx, operation, was)?;
    }
    Ok(())
}

fn place(tx: &mut Tx<'_>, pen: &Pen<'_>, of: &Payment) -> Result<(Shop, Zone), SaveError> {
    let shop = merchants::store::shop(tx, pen.scope, of.shop)?.ok_or(SaveError::UnknownShop)?;
    Ok((shop, super::save::zone(tx, pen.scope)?))
}

/// Posts what happened to the money of a contested sale: what the bank took and gave back, whatever
/// the counters of the payment could still take.
pub(crate) fn contested(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    payment: &Payment,
    (chargeback, what, amount): (ChargebackId, CaseMove, Money),
) -> Result<(), SaveError> {
    let (shop, zone) = place(tx, pen, payment)?;
    let book = Book { pen, payment, shop: &shop, zone: &zone };
    let case = ledger::Contested {
        chargeback,
        contract: shop.contract,
        settlement: book.settlement(),
        collected: collected(payment),
        amount,
    };
    let _ = ledger::chargeback(tx, pen.scope, (&case, what), book.stamp())?;
    Ok(())
}

struct Book<'a> {
    pen: &'a Pen<'a>,
    payment: &'a Payment,
    shop: &'a Shop,
    zone: &'a Zone,
}

impl Book<'_> {
    fn post(
        &self,
        tx: &mut Tx<'_>,
        operation: &Operation,
        was: Option<OpState>,
    ) -> Result<(), LedgerError> {
        let scope = self.pen.scope;
        match (operation.kind, operation.state) {
            (Kind::Capture, OpState::Success) => self.capture(tx, operation),
            (Kind::Refund, OpState::Sent) => {
                let movement = self.movement(operation);
                ledger::refund_asked(tx, scope, &movement, self.stamp()).map(drop)
            }
            (Kind::Refund, OpState::Success) if operation.elsewhere.is_some() => {
                self.outside(tx, operation)
            }
            (Kind::Refund, OpState::Success) => {
                let stamp = self.stamp();
                ledger::refund_accepted(tx, scope, operation.id, operation.amount, stamp).map(drop)
            }
            (Kind::Refund, OpState::Failed) if was.is_some() => {
                ledger::refund_refused(tx, scope, operation.id, self.stamp()).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn capture(&self, tx: &mut Tx<'_>, operation: &Operation) -> Result<(), LedgerError> {
        let movement = self.movement(operation);
        let _ = ledger::capture(tx, self.pen.scope, &movement, self.stamp())?;
        if self.shop.custody != Custody::Held {
            return Ok(());
        }
        let fee = ledger::Fee {
            operation: operation.id,
            shop: self.shop.id,
            collected: movement.collected,
            amount: self.shop.fee.fee_of(operation.amount)?,
        };
        ledger::fee(tx, self.pen.scope, &fee, self.stamp()).map(drop)
    }

    /// Money that was given back without Guichet, on the day on which that was done.
    fn outside(&self, tx: &mut Tx<'_>, operation: &Operation) -> Result<(), LedgerError> {
        let Some(elsewhere) = &operation.elsewhere else { return Ok(()) };
        let refund = ledger::OutsideRefund {
            operation: operation.id,
            tender: elsewhere.means,
            point_of_sale: self.payment.point_of_sale,
            collected: collected(self.payment),
            amount: operation.amount,
        };
        let stamp = Stamp { on: elsewhere.on, ..self.stamp() };
        ledger::refund_outside(tx, self.pen.scope, &refund, stamp).map(drop)
    }

    fn movement(&self, operation: &Operation) -> ledger::Movement {
        ledger::Movement {
            operation: operation.id,
            settlement: self.settlement(),
            collected: collected(self.payment),
            amount: operation.amount,
        }
    }

    const fn settlement(&self) -> Settlement {
        match self.shop.custody {
            Custody::Held => Settlement::Custody(self.shop.id),
            Custody::RecordOnly => Settlement::RecordOnly(self.shop.contract),
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            id: LedgerTxId::new(self.pen.now, self.pen.rng),
            on: self.zone.date(self.pen.now),
            now: self.pen.now,
        }
    }
}
