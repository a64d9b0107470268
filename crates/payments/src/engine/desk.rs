//! What staff and programs do to a payment that exists: capture, cancel, refund, validate.

use connectors::capabilities::VoidSupport;
use connectors::{Asked, Event, Input, Op, Refs, Step};
use db::{DbError, Route, Tx};
use identity::audit;
use kernel::{AuditId, Money, OperationId, PaymentId, Scope};

use super::learn;
use super::outgoing::{Dispatch, Heard, Purpose, Wire};
pub use super::refusals::DeskError;
use super::session::end_attempt;
use super::{Engine, EngineError};
use crate::payment::operations::store as operations;
use crate::payment::rules::Action;
use crate::payment::save::{self, Pen};
use crate::payment::{
    Closed, Elsewhere, Kind, Movement, OpState, Operation, Payment, Raw, Source, Validation,
};

/// Longest reason, in characters.
pub const MAX_REASON_CHARACTERS: usize = 500;

/// Who asks for an operation, and how.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The payment.
    pub payment: PaymentId,
    /// The version the asker saw; `None` when he did not look.
    pub version: Option<i64>,
    /// Through which door.
    pub source: Source,
    /// Why, in his words.
    pub reason: Option<String>,
    /// From where, for the journal.
    pub origin: audit::Origin,
    /// The most a person may give back in one operation, in minor units; none is no limit.
    pub ceiling: Option<i64>,
    /// The payer is not told of it by us.
    pub quiet: bool,
}

/// Why the house captures by itself.
pub const PLANNED: &str = "planned_capture";
/// Why the house gives back by itself.
pub const PLACE_GONE: &str = "place_gone";

impl Ask {
    /// A question of the house itself.
    #[must_use]
    pub fn by_clock(payment: PaymentId, reason: &str) -> Self {
        Self {
            payment,
            version: None,
            source: Source::Clock,
            reason: Some(reason.to_owned()),
            origin: audit::Origin::default(),
            ceiling: None,
            quiet: false,
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Debit this much, or all that is left.
    Capture(Option<Money>),
    /// Release all that is not debited, or give the payment up.
    Cancel,
    /// Give back this much.
    Refund {
        /// How much.
        amount: Money,
        /// What the asker saw as refundable.
        expected: Money,
    },
    /// Allow the planned capture.
    Validate,
    /// Write down what was given back without Guichet.
    Record {
        /// How much.
        amount: Money,
        /// What the asker saw as refundable.
        expected: Money,
        /// How it was given back.
        elsewhere: Elsewhere,
    },
}

impl What {
    /// The action of the table of rules.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Capture(_) => Action::Capture,
            Self::Cancel => Action::Cancel,
            Self::Refund { .. } => Action::Refund,
            Self::Validate => Action::Validate,
            Self::Record { .. } => Action::Record,
        }
    }

    /// The amount asked for, where one is named.
    #[must_use]
    pub const fn amount(&self) -> Option<Money> {
        match self {
            Self::Refund { amount, .. } | Self::Record { amount, .. } => Some(*amount),
            Self::Capture(amount) => *amount,
            Self::Cancel | Self::Validate => None,
        }
    }
}

/// What follows an accepted question.
#[derive(Debug)]
pub enum Planned {
    /// A request is stored as sent and ready to leave.
    Go(Box<Dispatch>),
    /// Done without the provider.
    Done(Box<Payment>),
}

impl Engine {
    /// Does an operation and waits for the provider's answer. The operation's own state tells
    /// what became of it: the last of its kind in the payment.
    ///
    /// # Errors
    /// [`DeskError`]: nothing was sent.
    pub async fn operate(&self, scope: &Scope, ask: Ask, what: What) -> Result<Payment, DeskError> {
        let (engine, owned, id) = (self.clone(), scope.clone(), ask.payment);
        let plan = move |tx: &mut Tx<'_>| engine.plan_operation(tx, &owned, &ask, &what);
        match self.ctx.db.write(Route::of(id.id()), plan).await? {
            Planned::Done(payment) => Ok(*payment),
            Planned::Go(dispatch) => Ok(self.run(scope, *dispatch).await?),
        }
    }

    /// Checks an operation against the rules and stores it as sent, in the caller's transaction.
    ///
    /// # Errors
    /// [`DeskError`]; the transaction must end with it.
    pub fn plan_operation(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        ask: &Ask,
        what: &What,
    ) -> Result<Planned, DeskError> {
        let before = self.admit(tx, scope, ask, what)?;
        let pen = Pen { from: &ask.origin.address, ..self.pen(scope, before.shop) };
        let mut after = before.clone();
        let planned = match what {
            What::Validate => {
                after.capture.validation = Validation::Given;
                let whole = before.money(before.counters.capturable());
                let operation = intended(&pen, ask, (Kind::Validate, OpState::Success, whole));
                after.operations.push(operation);
                None
            }
            What::Cancel if before.counters.capturable() == 0 => {
                after.closed = Some(Closed::Merchant);
                end_attempt(tx, scope, &mut after, "cancelled_by_merchant")?;
                None
            }
            // No void at the provider: released here, where it can no longer be debited, and
            // left to lapse there.
            What::Cancel if before.caps.void == VoidSupport::None => {
                let left = before.counters.capturable();
                let released = (Kind::Void, OpState::Success, before.money(left));
                after.operations.push(intended(&pen, ask, released));
                after.apply(Movement::Voided(left))?;
                None
            }
            What::Record { amount, elsewhere, .. } => {
                let done = (Kind::Refund, OpState::Success, *amount);
                let elsewhere_made = Some(elsewhere.clone());
                let operation =
                    Operation { elsewhere: elsewhere_made, ..intended(&pen, ask, done) };
                let place = (after.id, operation.id);
                if let Some(first) = operations::claim_reference(tx, scope, place, elsewhere)? {
                    return Err(DeskError::RecordedAlready(first));
                }
                after.operations.push(operation);
                after.apply(Movement::RefundRecorded(amount.minor()))?;
                None
            }
            What::Capture(_) | What::Cancel | What::Refund { .. } => {
                Some(self.intend(&pen, &mut after, ask, what)?)
            }
        };
        save::save(tx, &pen, &before, &mut after)?;
        record(tx, &pen, ask, (&before, &after, what))?;
        Ok(planned.map_or_else(
            || Planned::Done(Box::new(after)),
            |dispatch| Planned::Go(Box::new(dispatch)),
        ))
    }

    fn intend(
        &self,
        pen: &Pen<'_>,
        after: &mut Payment,
        ask: &Ask,
        what: &What,
    ) -> Result<Dispatch, DeskError> {
        let (kind, amount, asked) = match what {
            What::Refund { amount, .. } => (Kind::Refund, *amount, Asked::Refund(*amount)),
            What::Capture(amount) => {
                let left = after.money(after.counters.capturable());
                let amount = amount.unwrap_or(left);
                if after.capture.validation == Validation::Pending {
                    after.capture.validation = Validation::Given;
                }
                (Kind::Capture, amount, Asked::Capture(amount))
            }
            What::Cancel => (Kind::Void, after.money(after.counters.capturable()), Asked::Void),
            What::Validate | What::Record { .. } => {
                return Err(DeskError::CapabilityMissing("nothing is asked of the bank".into()));
            }
        };
        let operation = intended(pen, ask, (kind, OpState::Sent, amount));
        let op = Op { reference: operation.id.to_string(), asked, at: operation.at };
        let wire = match self.connector().operate(&self.settings(), &refs(after), &op) {
            Step::Call(call) => Wire::Plain(call),
            Step::Fault(fault) => return Err(DeskError::CapabilityMissing(fault.text)),
            _ => return Err(DeskError::CapabilityMissing("no such step".into())),
        };
        let id = operation.id;
        after.operations.push(operation);
        if kind == Kind::Refund {
            after.apply(Movement::RefundAsked(amount.minor()))?;
        }
        Ok(Dispatch {
            payment: after.id,
            shop: after.shop,
            operation: Some(id),
            purpose: Purpose::Operation,
            wire,
        })
    }

    /// Applies the answer to a capture, void, refund or question.
    pub(super) fn apply_operation(
        &self,
        tx: &mut Tx<'_>,
        pen: &Pen<'_>,
        before: Payment,
        (dispatch, heard): (&Dispatch, &Heard),
    ) -> Result<(), EngineError> {
        let Some(id) = dispatch.operation else { return Ok(()) };
        let mut after = before.clone();
        match (heard, &dispatch.purpose) {
            (Heard::NotSent(code), Purpose::Operation) => {
                learn::not_sent(&mut after, id, code)?;
            }
            _ => {
                if let Some(event) = self.event_of(dispatch, &heard.input()) {
                    learn::learn(&mut after, id, &event, &self.learning(pen.now))?;
                }
            }
        }
        Ok(save::save(tx, pen, &before, &mut after)?)
    }

    fn event_of(&self, dispatch: &Dispatch, input: &Input) -> Option<Event> {
        let Wire::Plain(call) = &dispatch.wire else { return None };
        let reference = &call.sending.reference;
        let turn = self.connector().resume(&self.settings(), &call.state, input, reference);
        match turn.step {
            Step::Done(event) => Some(event),
            _ => turn.closes,
        }
    }
}

/// The provider's names that an operation on what was collected must cite.
pub(super) fn refs(payment: &Payment) -> Refs {
    let accepted = payment.accepted_authorisation();
    Refs {
        provider_id: accepted.and_then(|o| o.provider_id.clone()),
        authorisation: accepted.and_then(|o| o.authorisation.clone()),
        chain: payment.chain.clone(),
        authentication: None,
    }
}

fn intended(pen: &Pen<'_>, ask: &Ask, (kind, state, amount): (Kind, OpState, Money)) -> Operation {
    let sent = state == OpState::Sent;
    Operation {
        id: OperationId::new(pen.now, pen.rng),
        kind,
        state,
        amount,
        attempt: 0,
        code: None,
        raw: Raw::default(),
        authorisation: None,
        provider_id: None,
        guarantee: None,
        author: pen.scope.actor().text(),
        source: ask.source,
        reason: ask.reason.clone(),
        at: pen.now,
        sent_at: sent.then_some(pen.real_now),
        queries: 0,
        elsewhere: None,
        quiet: ask.quiet,
    }
}

fn record(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    ask: &Ask,
    (before, after, what): (&Payment, &Payment, &What),
) -> Result<(), DbError> {
    let action = match what {
        What::Capture(_) => "payment.capture",
        What::Cancel => "payment.cancel",
        What::Refund { .. } => "payment.refund",
        What::Validate => "payment.validate",
        What::Record { .. } => "payment.refund_recorded",
    };
    let state = |payment: &Payment, amount: Option<Money>| {
        serde_json::json!({
            "status": payment.status,
            "capturable": payment.counters.capturable(),
            "refundable": payment.counters.refundable(),
            "amount": amount.map(|a| a.minor()),
            "reason": ask.reason,
        })
    };
    let mut done = state(after, what.amount());
    if let What::Record { elsewhere, .. } = what {
        done["elsewhere"] = serde_json::json!(elsewhere);
    }
    let line =
        audit::Line::new(action, after.id, &ask.origin).before(state(before, None)).after(done);
    audit::record(tx, pen.scope, &line, pen.real_now, AuditId::new(pen.real_now, pen.rng))
}
