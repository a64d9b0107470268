//! The loop over a connector's steps: send, take the answer in, see what comes next.

use connectors::{Effect, Event, FaultKind, Input, Sending, Step, Turn};
use db::{DbError, Route, Tx};
use kernel::{Invariant, OperationId, PaymentId, Scope, Timestamp};

use super::attempt::closing;
use super::learn::{self, kind_of};
use super::outgoing::{Dispatch, Heard, Purpose, Wire};
use super::{AttemptError, Engine, EngineError};
use crate::attempts::{Attempt, AttemptState, Exchange, store as attempts};
use crate::payment::save::{self, Pen};
use crate::payment::{
    Closed, Kind, OpState, Operation, Payment, Proof, Raw, Source, Status, store,
};
use crate::subject::SubjectRefusal;

/// Longest flow of one attempt; a connector that wants more is at fault.
const MAX_STEPS: i64 = 20;

impl Engine {
    /// Sends a stored request and follows the flow until it rests.
    ///
    /// # Errors
    /// [`EngineError`]: an answer could not be written; the operation is asked about later.
    pub async fn run(&self, scope: &Scope, first: Dispatch) -> Result<Payment, EngineError> {
        // A caller who goes away (a closed browser) must not leave an answer unwritten.
        let (engine, owned) = (self.clone(), scope.clone());
        let flow = tokio::spawn(async move { engine.follow(&owned, first).await });
        flow.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a flow ended before its answer was written");
            Err(DbError::Panicked.into())
        })
    }

    async fn follow(&self, scope: &Scope, first: Dispatch) -> Result<Payment, EngineError> {
        let payment = first.payment;
        let mut next = Some(first);
        while let Some(dispatch) = next {
            let (heard, exchange) = self.send(scope, &dispatch).await;
            let (engine, owned) = (self.clone(), scope.clone());
            let apply =
                move |tx: &mut Tx<'_>| engine.apply(tx, &owned, &dispatch, (&heard, &exchange));
            next = self.ctx.db.write(Route::of(payment.id()), apply).await?;
        }
        self.payment(scope, payment).await
    }

    /// The payer came back from his bank: asks how that ended and goes on. Harmless to repeat, also
    /// while the bank is being asked.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn resume(&self, scope: &Scope, id: PaymentId) -> Result<Payment, EngineError> {
        let input = Input::Return(connectors::RawRequest::default());
        self.step_attempt(scope, id, input).await
    }

    /// Hands an input to the attempt that waits for the payer, if there is one.
    pub(super) async fn step_attempt(
        &self,
        scope: &Scope,
        id: PaymentId,
        input: Input,
    ) -> Result<Payment, EngineError> {
        let (engine, owned) = (self.clone(), scope.clone());
        let wake = move |tx: &mut Tx<'_>| engine.wake(tx, &owned, id, &input);
        match self.ctx.db.write(Route::of(id.id()), wake).await? {
            Some(dispatch) => self.run(scope, dispatch).await,
            None => self.payment(scope, id).await,
        }
    }

    pub(super) fn wake(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        id: PaymentId,
        input: &Input,
    ) -> Result<Option<Dispatch>, EngineError> {
        let before = store::find(tx, scope, id)?.ok_or(EngineError::NotFound)?;
        let Some(attempt) = attempts::latest(tx, scope, id)? else { return Ok(None) };
        if !attempt.state.is_challenged() || before.status != Status::ActionRequired {
            return Ok(None);
        }
        let pen = self.pen(scope, before.shop);
        if attempt.state == AttemptState::Asking && matches!(input, Input::Return(_)) {
            return Ok(self.ask_again(&pen, (&before, &attempt), input));
        }
        self.turn(tx, &pen, (before, attempt), input)
    }

    /// The question that is on its way, once more: nothing is written, the first answer decides.
    fn ask_again(
        &self,
        pen: &Pen<'_>,
        (payment, attempt): (&Payment, &Attempt),
        input: &Input,
    ) -> Option<Dispatch> {
        let reference = OperationId::new(pen.now, pen.rng).to_string();
        let turn = self.connector().resume(&self.settings(), &attempt.flow, input, &reference);
        let Step::Call(call) = turn.step else { return None };
        Some(Dispatch {
            payment: payment.id,
            shop: payment.shop,
            operation: None,
            purpose: Purpose::Attempt { number: attempt.number, step: attempt.step },
            wire: Wire::Plain(call),
        })
    }

    /// Applies what came back for a request.
    pub(super) fn apply(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        dispatch: &Dispatch,
        (heard, exchange): (&Heard, &Exchange),
    ) -> Result<Option<Dispatch>, EngineError> {
        attempts::insert_exchange(tx, scope, exchange)?;
        let before = store::find(tx, scope, dispatch.payment)?.ok_or(EngineError::NotFound)?;
        let pen = self.pen(scope, before.shop);
        let Purpose::Attempt { number, step } = dispatch.purpose else {
            self.apply_operation(tx, &pen, before, (dispatch, heard))?;
            return Ok(None);
        };
        let attempt = attempts::latest(tx, scope, dispatch.payment)?;
        let awaits = |a: &Attempt| (a.number, a.step) == (number, step);
        let Some(mut attempt) = attempt.filter(awaits) else { return Ok(None) };
        match (heard, dispatch.operation) {
            (Heard::NotSent(code), Some(operation)) => {
                let mut after = before.clone();
                learn::not_sent(&mut after, operation, code)?;
                end(tx, scope, &mut attempt)?;
                save::save(tx, &pen, &before, &mut after)?;
                Ok(None)
            }
            _ => self.turn(tx, &pen, (before, attempt), &heard.input()),
        }
    }

    /// One turn of the flow: what the input taught, and the next step.
    fn turn(
        &self,
        tx: &mut Tx<'_>,
        pen: &Pen<'_>,
        (before, mut attempt): (Payment, Attempt),
        input: &Input,
    ) -> Result<Option<Dispatch>, EngineError> {
        let mut after = before.clone();
        let reference = OperationId::new(pen.now, pen.rng);
        let text = reference.to_string();
        let Turn { closes, step } =
            self.connector().resume(&self.settings(), &attempt.flow, input, &text);
        if let Some(event) = &closes {
            self.learn_of(&mut after, attempt.number, event, pen.now)?;
        }
        if let Some(why) = barred(tx, pen, &before, &step)? {
            after.closed = why;
            attempt.state = AttemptState::Ended;
            attempt.step = attempt.step.saturating_add(1);
            attempts::update(tx, pen.scope, &attempt)?;
            save::save(tx, pen, &before, &mut after)?;
            return Ok(None);
        }
        let dispatch = self.take(pen, &mut after, &mut attempt, (step, reference));
        let dispatch = match dispatch {
            Ok(dispatch) => dispatch,
            Err(AttemptError::Save(error)) => return Err(error.into()),
            Err(fault) => {
                tracing::error!(%fault, payment = %after.id, "flow of an attempt broke");
                fail_open(&mut after, attempt.number, "bad_message")?;
                attempt.state = AttemptState::Ended;
                None
            }
        };
        if !attempts::update(tx, pen.scope, &attempt)? {
            return Ok(None);
        }
        save::save(tx, pen, &before, &mut after)?;
        Ok(dispatch)
    }

    /// Takes a step of the connector into the payment and its attempt; gives what must be sent.
    pub(super) fn take(
        &self,
        pen: &Pen<'_>,
        after: &mut Payment,
        attempt: &mut Attempt,
        (step, reference): (Step, OperationId),
    ) -> Result<Option<Dispatch>, AttemptError> {
        attempt.step = attempt.step.saturating_add(1);
        if attempt.step > MAX_STEPS {
            return Err(AttemptError::Config("the flow does not end".into()));
        }
        let wire = match step {
            Step::CallWithCard(call) => {
                attempt.flow = call.state.clone();
                Wire::Card(attempt.card, call)
            }
            Step::Call(call) => {
                attempt.flow = call.state.clone();
                Wire::Plain(call)
            }
            Step::Redirect { url, state } => {
                attempt.flow = state;
                attempt.state = AttemptState::Challenge;
                attempt.challenged_at = attempt.challenged_at.or(Some(pen.now));
                attempt.challenge_url = Some(url);
                return Ok(None);
            }
            Step::Done(event) => {
                self.learn_of(after, attempt.number, &event, pen.now)?;
                attempt.state = AttemptState::Ended;
                return Ok(None);
            }
            Step::Fault(fault) => {
                return Err(match fault.kind {
                    FaultKind::Unexpected if after.chain.is_none() => AttemptError::ChainMissing,
                    _ => AttemptError::Config(fault.text),
                });
            }
            _ => return Err(AttemptError::Config("a step of another kind of connector".into())),
        };
        let operation = intended(pen, after, attempt.number, (wire.sending(), reference));
        let operation = operation.map(|operation| {
            let id = operation.id;
            after.operations.push(operation);
            id
        });
        attempt.state = match operation {
            Some(_) => AttemptState::Running,
            None => AttemptState::Asking,
        };
        Ok(Some(Dispatch {
            payment: after.id,
            shop: after.shop,
            operation,
            purpose: Purpose::Attempt { number: attempt.number, step: attempt.step },
            wire,
        }))
    }

    /// Applies an event to the open operation of an attempt it speaks of.
    fn learn_of(
        &self,
        after: &mut Payment,
        attempt: u32,
        event: &Event,
        now: Timestamp,
    ) -> Result<(), Invariant> {
        let kind = kind_of(event.about);
        let open = after
            .operations
            .iter()
            .rev()
            .find(|o| o.attempt == attempt && Some(o.kind) == kind && o.state.is_open())
            .map(|o| o.id);
        if let Some(operation) = open {
            learn::learn(after, operation, event, &self.learning(now))?;
        }
        Ok(())
    }
}

/// Looks once more before an authorisation leaves: the payer may have been long at his bank.
/// Gives how the payment is closed when the bank must not be asked.
fn barred(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    payment: &Payment,
    step: &Step,
) -> Result<Option<Option<Closed>>, EngineError> {
    if !matches!(step, Step::CallWithCard(c) if c.sending.effect == Effect::MovesMoney) {
        return Ok(None);
    }
    if payment.status != Status::ActionRequired {
        return Ok(Some(payment.closed));
    }
    let Some(subject) = save::guard_of(pen, payment) else { return Ok(None) };
    match subject.before_authorise(tx, pen.scope, payment, pen.now) {
        Ok(()) => Ok(None),
        Err(SubjectRefusal::Db(error)) => Err(error.into()),
        Err(SubjectRefusal::Invariant(error)) => Err(error.into()),
        Err(refusal) => Ok(Some(closing(&refusal).or(Some(Closed::HoldLost)))),
    }
}

pub(super) fn end(tx: &mut Tx<'_>, scope: &Scope, attempt: &mut Attempt) -> Result<(), DbError> {
    attempt.state = AttemptState::Ended;
    attempt.step = attempt.step.saturating_add(1);
    attempts::update(tx, scope, attempt).map(drop)
}

/// Fails the authentications of an attempt that can get no answer any more.
pub(super) fn fail_open(payment: &mut Payment, attempt: u32, code: &str) -> Result<(), Invariant> {
    let open: Vec<OperationId> = payment
        .operations
        .iter()
        .filter(|o| o.attempt == attempt && o.kind == Kind::Authenticate && o.state.is_open())
        .map(|o| o.id)
        .collect();
    for id in open {
        payment.settle(id, OpState::Failed, Proof::Proven)?;
        if let Some(operation) = payment.operations.iter_mut().find(|o| o.id == id) {
            operation.code = Some(code.to_owned());
        }
        payment.decline = connectors::Decline::parse(code).map(learn::decline_of);
    }
    Ok(())
}

/// The operation a step sends, as it is stored before the first byte leaves.
fn intended(
    pen: &Pen<'_>,
    payment: &Payment,
    attempt: u32,
    (sending, reference): (&Sending, OperationId),
) -> Option<Operation> {
    let kind = kind_of(sending.kind)?;
    let source = match (payment.initiator, pen.scope.actor()) {
        (_, kernel::Actor::Payer) => Source::Page,
        (_, kernel::Actor::ApiKey(_)) => Source::Api,
        (_, kernel::Actor::User(_)) => Source::Desk,
        (_, kernel::Actor::Clock) => Source::Clock,
    };
    Some(Operation {
        id: reference,
        kind,
        state: OpState::Sent,
        amount: payment.amount,
        attempt,
        code: None,
        raw: Raw::default(),
        authorisation: None,
        provider_id: None,
        guarantee: None,
        author: pen.scope.actor().text(),
        source,
        reason: None,
        at: pen.now,
        sent_at: Some(pen.real_now),
        queries: 0,
        elsewhere: None,
        quiet: false,
    })
}
