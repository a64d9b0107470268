//! What a provider tells by itself: found, weighed, written once, and only then acknowledged.
//!
//! News about an operation are weighed by the lattice of `connectors`, so that their order does
//! not matter. Two things are left to what is under way: a refusal while the answer to our own
//! request is awaited (the flow may still go on after it, with a stronger authentication), and
//! the end of an authentication, after which the attempt goes on by asking the bank.

use connectors::lattice::{self, Merge};
use connectors::{
    Ack, Event, FaultKind, FlowState, Input, Kind as Asked, RawRequest, Status as Said, Step,
};
use db::{DbError, Route, Tx};
use identity::scope;
use kernel::{OperationId, Scope};

use super::flow::end;
use super::outgoing::Dispatch;
use super::{Engine, EngineError, learn, verify};
use crate::attempts::{Attempt, AttemptState, store as attempts};
use crate::chargebacks::ops::{self, Told};
use crate::inbox::model::{Entry, Outcome};
use crate::inbox::store as inbox;
use crate::payment::operations::store::{self as operations, Stranded};
use crate::payment::save::{self, SaveError};
use crate::payment::{Kind, OpState, Operation, Payment, store};

/// Why a notification is not acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// No such connector account.
    #[error("no such connector account")]
    NoAccount,
    /// The seal is missing or wrong: nothing was read.
    #[error("wrong seal")]
    BadSeal,
    /// It cannot be read.
    #[error("unreadable notification")]
    Unreadable,
    /// It needs news that have not come yet.
    #[error("news that came too early")]
    TooEarly,
    /// It could not be written.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<DbError> for NotifyError {
    fn from(error: DbError) -> Self {
        Self::Engine(error.into())
    }
}

impl From<SaveError> for NotifyError {
    fn from(error: SaveError) -> Self {
        Self::Engine(error.into())
    }
}

/// One event with where it came from.
#[derive(Clone)]
struct News {
    account: String,
    key: String,
    event: Event,
    body: String,
    of: Stranded,
}

impl Engine {
    /// Takes a notification in. The acknowledgement is given once everything it changed is
    /// committed.
    ///
    /// # Errors
    /// [`NotifyError`]: nothing was changed.
    pub async fn notified(&self, account: &str, request: RawRequest) -> Result<Ack, NotifyError> {
        let connector = self.connector();
        if connector.meta().family != account {
            return Err(NotifyError::NoAccount);
        }
        let (located, body) = (connector.locate(&request), request.body.clone());
        let (state, input) = (FlowState::default(), Input::Notify(request));
        let (events, ack) = match connector.resume(&self.settings(), &state, &input, "").step {
            Step::Settle { events, ack } => (events, ack),
            Step::Fault(fault) if fault.kind == FaultKind::BadSeal => {
                tracing::warn!(account, "a notification with a wrong seal was refused");
                return Err(NotifyError::BadSeal);
            }
            _ => return Err(NotifyError::Unreadable),
        };
        if located.as_deref().is_some_and(verify::is_reference) {
            // A check of a card is settled by its answer, or by asking.
            return Ok(ack);
        }
        let Some(of) = self.owner(located.as_deref()).await? else {
            tracing::warn!(account, "a notification names no operation of ours");
            return Ok(ack);
        };
        let many = events.len() > 1;
        for (place, event) in events.into_iter().enumerate() {
            let named = event.key.clone().unwrap_or_else(|| digest(&body));
            let news = News {
                account: account.to_owned(),
                key: if many { format!("{named}/{place}") } else { named },
                event,
                body: connectors::scrub::transcript(&body, connector.scrub()),
                of,
            };
            let engine = self.clone();
            let take = move |tx: &mut Tx<'_>| engine.take_news(tx, &news);
            if let Some(next) = self.ctx.db.write(Route::of(of.payment.id()), take).await? {
                self.go_on(&of, next);
            }
        }
        Ok(ack)
    }

    async fn owner(&self, reference: Option<&str>) -> Result<Option<Stranded>, NotifyError> {
        let Some(id) = reference.and_then(|text| text.parse::<OperationId>().ok()) else {
            return Ok(None);
        };
        let read = move |tx: &mut Tx<'_>| operations::owner(tx, id);
        Ok(self.ctx.db.read::<_, DbError, _>(read).await?)
    }

    /// Sends what follows, while the acknowledgement leaves.
    fn go_on(&self, of: &Stranded, next: Dispatch) {
        let (engine, house) = (self.clone(), scope::for_house(of.merchant, of.mode));
        tokio::spawn(async move {
            if let Err(error) = engine.run(&house, next).await {
                tracing::error!(%error, "what follows a notification was not written");
            }
        });
    }

    /// Writes one event and what it changes; gives what must be sent after the commit.
    fn take_news(&self, tx: &mut Tx<'_>, news: &News) -> Result<Option<Dispatch>, NotifyError> {
        let house = scope::for_house(news.of.merchant, news.of.mode);
        if inbox::count_repeat(tx, &house, (&news.account, &news.key))? {
            return Ok(None);
        }
        let payment = store::find(tx, &house, news.of.payment)?.ok_or(EngineError::NotFound)?;
        let (outcome, next) = self.weigh(tx, &house, payment, news)?;
        let entry = Entry {
            event: news.key.clone(),
            account: news.account.clone(),
            payment: news.of.payment,
            operation: news.of.operation,
            outcome,
            body: news.body.clone(),
            received_at: self.ctx.real_now(),
        };
        inbox::insert(tx, &house, &entry)?;
        Ok(next)
    }

    fn weigh(
        &self,
        tx: &mut Tx<'_>,
        house: &Scope,
        payment: Payment,
        news: &News,
    ) -> Result<(Outcome, Option<Dispatch>), NotifyError> {
        let (id, event) = (news.of.operation, &news.event);
        let operation = payment.operation(id).cloned().ok_or(EngineError::NotFound)?;
        if let Some(case) = &event.case {
            let told = Told { account: &news.account, case, amount: event.amount };
            let outcome = ops::told(tx, &self.pen(house, payment.shop), &payment, &told)?;
            return outcome.map(|outcome| (outcome, None)).ok_or(NotifyError::TooEarly);
        }
        if learn::kind_of(event.about) != Some(operation.kind) {
            tracing::error!(operation = %id, "ALARM: the bank tells of another kind of operation");
            return Ok((Outcome::Quarantined, None));
        }
        if event.about == Asked::Authenticate {
            let next = self.wake(tx, house, payment.id, &Input::Poll)?;
            let asked = if next.is_some() { Outcome::Asked } else { Outcome::Ignored };
            return Ok((asked, next));
        }
        if event.amount.is_some_and(|told| told != operation.amount) {
            tracing::error!(
                operation = %id, told = ?event.amount, ours = ?operation.amount,
                "ALARM: the bank tells of another amount"
            );
            return Ok((Outcome::Quarantined, None));
        }
        match lattice::merge(known(&payment, &operation), event.status) {
            Merge::Ignored => Ok((Outcome::Ignored, None)),
            Merge::TooEarly => Err(NotifyError::TooEarly),
            Merge::Ask => {
                let next = self.plan_query(tx, house, payment.id, id)?;
                Ok((Outcome::Asked, next))
            }
            Merge::Becomes(_) => Ok((self.settle(tx, house, payment, (id, event))?, None)),
        }
    }

    /// Applies news that lift an operation, unless its own answer decides.
    fn settle(
        &self,
        tx: &mut Tx<'_>,
        house: &Scope,
        before: Payment,
        (id, event): (OperationId, &Event),
    ) -> Result<Outcome, NotifyError> {
        let attempt = attempts::latest(tx, house, before.id)?;
        let own = |attempt: &Attempt, operation: &Operation| {
            operation.kind == Kind::Authorise
                && operation.attempt == attempt.number
                && attempt.state == AttemptState::Running
        };
        let running = attempt.filter(|a| before.operation(id).is_some_and(|o| own(a, o)));
        let sent = before.operation(id).is_some_and(|o| o.state == OpState::Sent);
        if running.is_some() && sent && is_refusal(event.status) {
            return Ok(Outcome::Awaited);
        }
        let pen = self.pen(house, before.shop);
        let mut after = before.clone();
        if !learn::learn(&mut after, id, event, &self.learning(pen.now))
            .map_err(EngineError::from)?
        {
            return Ok(Outcome::Ignored);
        }
        if let Some(mut attempt) = running.filter(|_| !matches!(event.status, Said::Pending)) {
            end(tx, house, &mut attempt)?;
        }
        save::save(tx, &pen, &before, &mut after)?;
        Ok(Outcome::Applied)
    }
}

const fn is_refusal(status: Said) -> bool {
    matches!(status, Said::Refused | Said::Cancelled | Said::Expired)
}

/// What is known of an operation, in the words of the lattice. A refund stands on its capture.
fn known(payment: &Payment, operation: &Operation) -> Said {
    let captured = |o: &Operation| {
        o.kind == Kind::Capture && o.attempt == operation.attempt && o.state == OpState::Success
    };
    match (operation.kind, operation.state) {
        (Kind::Authorise, OpState::Success) if payment.operations.iter().any(captured) => {
            Said::Captured
        }
        (Kind::Capture, OpState::Success) => Said::Captured,
        (Kind::Void, OpState::Success) => Said::Voided,
        (Kind::Refund, OpState::Success) => Said::Refunded,
        (_, OpState::Success) => Said::Authorised,
        (Kind::Refund, OpState::Failed) => Said::RefundRefused,
        (Kind::Refund, OpState::Pending) => Said::RefundPending,
        (Kind::Refund, _) => Said::Captured,
        (_, OpState::Failed) => Said::Refused,
        (_, OpState::Pending) => Said::Pending,
        (_, OpState::Init | OpState::Sent | OpState::Unknown) => Said::Created,
    }
}

/// SHA-256 of the bytes, in hexadecimal digits.
fn digest(body: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
