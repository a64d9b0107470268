//! What staff and programs do to a payment that exists: capture, cancel, refund, validate.

use connectors::{Asked, Event, Input, Op, Refs, Step};
use db::{DbError, Route, Tx};
use identity::audit;
use kernel::{AuditId, Invariant, Money, OperationId, PaymentId, Problem, Scope};

use super::learn;
use super::outgoing::{Dispatch, Heard, Purpose, Wire};
use super::session::end_attempt;
use super::{Engine, EngineError};
use crate::payment::rules::{self, Action, Why};
use crate::payment::save::{self, Pen, SaveError};
use crate::payment::{
    Closed, Kind, Movement, OpState, Operation, Payment, Raw, Source, Validation,
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
}

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
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No such payment.
    #[error("no such payment")]
    NotFound,
    /// The payment changed since the asker looked.
    #[error("the payment changed meanwhile")]
    VersionConflict(Box<Payment>),
    /// Not in this status.
    #[error("not allowed now: {}", .why.sentence())]
    NotAllowed {
        /// The payment as it stands.
        payment: Box<Payment>,
        /// Why.
        why: Why,
    },
    /// The refundable amount changed since the asker looked.
    #[error("the refundable amount changed")]
    RefundableChanged(Money),
    /// More than may be given back.
    #[error("above the refundable amount")]
    AboveRefundable(Money),
    /// More than may be debited.
    #[error("above the capturable amount")]
    AboveCapturable(Money),
    /// More than this person may give back in one operation.
    #[error("above the person's ceiling")]
    AboveCeiling(Money),
    /// Not a positive amount of the payment's currency.
    #[error("bad amount")]
    BadAmount,
    /// Too long after the capture.
    #[error("the refund window is over")]
    WindowOver,
    /// A reason that is too long or holds a card number.
    #[error("bad reason")]
    BadReason,
    /// The provider cannot do this.
    #[error("the provider cannot: {0}")]
    CapabilityMissing(String),
    /// It could not be written.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl From<DbError> for DeskError {
    fn from(error: DbError) -> Self {
        Self::Save(error.into())
    }
}

impl From<Invariant> for DeskError {
    fn from(error: Invariant) -> Self {
        Self::Save(error.into())
    }
}

impl From<EngineError> for DeskError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NotFound => Self::NotFound,
            EngineError::Save(error) => Self::Save(error),
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
        let plan = move |tx: &mut Tx<'_>| engine.plan_operation(tx, &owned, &ask, what);
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
        what: What,
    ) -> Result<Planned, DeskError> {
        let before = self.admit(tx, scope, ask, what)?;
        let pen = self.pen(scope, before.shop);
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
        what: What,
    ) -> Result<Dispatch, DeskError> {
        let (kind, amount, asked) = match what {
            What::Refund { amount, .. } => (Kind::Refund, amount, Asked::Refund(amount)),
            What::Capture(amount) => {
                let amount = amount.unwrap_or_else(|| after.money(after.counters.capturable()));
                if after.capture.validation == Validation::Pending {
                    after.capture.validation = Validation::Given;
                }
                (Kind::Capture, amount, Asked::Capture(amount))
            }
            What::Cancel | What::Validate => {
                (Kind::Void, after.money(after.counters.capturable()), Asked::Void)
            }
        };
        let operation = intended(pen, ask, (kind, OpState::Sent, amount));
        let op = Op { reference: operation.id.to_string(), asked };
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
    }
}

fn record(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    ask: &Ask,
    (before, after, what): (&Payment, &Payment, What),
) -> Result<(), DbError> {
    let action = match what {
        What::Capture(_) => "payment.capture",
        What::Cancel => "payment.cancel",
        What::Refund { .. } => "payment.refund",
        What::Validate => "payment.validate",
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
    let amount = match what {
        What::Refund { amount, .. } | What::Capture(Some(amount)) => Some(amount),
        _ => None,
    };
    let line = audit::Line::new(action, after.id, &ask.origin)
        .before(state(before, None))
        .after(state(after, amount));
    audit::record(tx, pen.scope, &line, pen.real_now, AuditId::new(pen.real_now, pen.rng))
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NotFound => Self::not_found(),
            DeskError::VersionConflict(payment) => {
                Self::new(409, "version_conflict", "The payment changed since you looked at it.")
                    .with("current", crate::payment::json::event_body(&payment))
            }
            DeskError::NotAllowed { payment, why } => not_allowed(&payment, why),
            DeskError::RefundableChanged(current) => {
                Self::new(409, "refundable_changed", "The refundable amount changed; look again.")
                    .with("current", current.minor())
            }
            DeskError::AboveRefundable(most) => Self::field(
                "$.amount",
                "amount_above_refundable",
                format!("At most {} minor units may be refunded.", most.minor()),
            )
            .with("refundable", most.minor()),
            DeskError::AboveCapturable(most) => Self::field(
                "$.amount",
                "amount_above_capturable",
                format!("At most {} minor units may be captured.", most.minor()),
            )
            .with("capturable", most.minor()),
            DeskError::AboveCeiling(most) => Self::new(
                403,
                "approval_required",
                "The amount is above this person's ceiling; a person with a higher one must do it.",
            )
            .with("ceiling", most.minor()),
            DeskError::BadAmount => Self::field(
                "$.amount",
                "invalid_field",
                "Give a positive amount in minor units of the payment's currency.",
            ),
            DeskError::WindowOver => {
                Self::new(422, "refund_window_over", "The network takes no refund this late.")
            }
            DeskError::BadReason => Self::field(
                "$.reason",
                "invalid_field",
                "Give a reason of at most 500 characters without a card number.",
            ),
            DeskError::CapabilityMissing(text) => Self::new(422, "capability_missing", text),
            DeskError::Save(error) => crate::error::of_save(&error),
        }
    }
}

fn not_allowed(payment: &Payment, why: Why) -> Problem {
    let code = match why {
        Why::ResultUnknown | Why::AtTheBank => "result_unknown",
        Why::Disputed => "payment_disputed",
        _ => "operation_not_allowed",
    };
    let allowed: Vec<&str> = rules::allowed(payment).into_iter().map(Action::as_str).collect();
    Problem::new(409, code, why.sentence())
        .with("status", payment.status.as_str())
        .with("allowed", allowed)
        .with("why", why.as_str())
}
