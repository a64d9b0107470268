//! Handlers of the planned work of payments, as the worker takes them.

use std::sync::Arc;

use db::jobs::Job;
use db::outbox::{self, NewEvent};
use db::{Route, Tx};
use identity::scope;
use kernel::{BookingId, CardToken, EventId, OperationId, PaymentId, Scope, Timestamp};
use serde::Deserialize;
use vault_wire::{CardAttach, CardDelete, CardGet, WireScope};
use web::{JobKind, Next};

use super::desk::{Ask, PLACE_GONE, PLANNED, What};
use super::{DeskError, Engine, UNREACHABLE};
use crate::attempts;
use crate::jobs;
use crate::payment::rules::Why;
use crate::payment::{
    CaptureMode, Kind, Movement, OpState, Operation, Payment, Raw, Source, Validation, save, store,
};

/// How long a job waits when the bank is being asked about the same payment.
const BUSY_SECONDS: i64 = 60;

/// What is told before an authorisation lapses.
const EXPIRING: &str = "payment.expiring";

#[derive(Debug, Deserialize)]
struct OfPayment {
    payment: PaymentId,
}

#[derive(Debug, Deserialize)]
struct OfOperation {
    payment: PaymentId,
    operation: OperationId,
}

#[derive(Debug, Deserialize)]
struct OfCard {
    card: CardToken,
    booking: BookingId,
    check_out: String,
}

#[derive(Debug, Deserialize)]
struct OfSpentCard {
    card: CardToken,
}

impl Engine {
    /// The handlers of all jobs of payments.
    #[must_use]
    pub fn job_kinds(&self) -> Vec<JobKind> {
        [
            jobs::QUERY,
            jobs::SESSION_END,
            jobs::AUTHENTICATION_REMINDER,
            jobs::CAPTURE_DUE,
            jobs::EXPIRE,
            jobs::EXPIRING,
            jobs::GIVE_BACK,
            jobs::ATTACH_CARD,
            jobs::DROP_CARD,
            jobs::CARD_STORED,
            jobs::STAY_MOVED,
            jobs::VIRTUAL_DAY,
            jobs::VIRTUAL_DIGEST,
            jobs::CARD_MORNING,
            jobs::VERIFICATION,
            crate::books::VERIFY,
        ]
        .into_iter()
        .map(|kind| {
            let engine = self.clone();
            let run = move |job: Job| -> web::worker::Work<Result<Next, String>> {
                let engine = engine.clone();
                Box::pin(async move { engine.run_job(&job).await })
            };
            JobKind { kind, run: Arc::new(run) }
        })
        .collect()
    }

    /// Runs one job; safe to repeat.
    ///
    /// # Errors
    /// A sentence for the log; the job is tried again.
    pub async fn run_job(&self, job: &Job) -> Result<Next, String> {
        let house = scope::for_house(job.merchant, job.mode);
        let done = match job.kind.as_str() {
            jobs::QUERY => return self.query_job(&house, job).await,
            jobs::ATTACH_CARD => return self.attach_card(&house, job).await,
            jobs::VERIFICATION => return self.follow_verification(&house, job).await,
            jobs::DROP_CARD => return self.drop_card(&house, job).await,
            jobs::VIRTUAL_DAY => return self.virtual_day(&house, job).await,
            jobs::VIRTUAL_DIGEST => return self.virtual_digest(&house, job).await,
            jobs::CARD_MORNING => return self.card_morning(&house, job).await,
            jobs::CARD_STORED => return self.card_stored(&house, job).await,
            jobs::STAY_MOVED => return self.stay_moved(&house, job).await,
            jobs::AUTHENTICATION_REMINDER => return self.remind_holder(&house, job).await,
            crate::books::VERIFY => return crate::books::verify_books(&self.ctx, job).await,
            jobs::SESSION_END => {
                let id = payload::<OfPayment>(job)?.payment;
                let later = self.time_out_session(&house, id).await.map_err(text)?;
                return Ok(later.map_or(Next::Done, Next::Again));
            }
            jobs::CAPTURE_DUE => self.capture_due(&house, payload::<OfPayment>(job)?.payment).await,
            jobs::EXPIRE => self.expire(&house, payload::<OfPayment>(job)?.payment).await,
            jobs::EXPIRING => {
                let id = payload::<OfPayment>(job)?.payment;
                let next = self.warn(&house, id).await.map_err(text)?;
                return Ok(next.map_or(Next::Done, Next::Again));
            }
            jobs::GIVE_BACK => self.give_back(&house, payload::<OfPayment>(job)?.payment).await,
            other => return Err(format!("no handler for {other}")),
        };
        match done {
            Ok(()) => Ok(Next::Done),
            Err(DeskError::NotAllowed { payment, .. }) if is_busy(&payment) => {
                Ok(Next::Again(self.ctx.now(job.shop).plus_seconds(BUSY_SECONDS)))
            }
            Err(DeskError::NotAllowed { .. } | DeskError::NotFound) => Ok(Next::Done),
            Err(error) => Err(text(error)),
        }
    }

    async fn query_job(&self, house: &Scope, job: &Job) -> Result<Next, String> {
        let asked: OfOperation = payload(job)?;
        let now = self.query(house, asked.payment, asked.operation).await.map_err(text)?;
        let Some(operation) = now.filter(|o| o.state.is_open()) else { return Ok(Next::Done) };
        let Some(wait) = jobs::seconds_to_next_query(operation.queries) else {
            tracing::error!(operation = %operation.id, "the bank does not tell; a person must resolve");
            return Ok(Next::Done);
        };
        Ok(Next::Again(self.ctx.now(job.shop).plus_seconds(wait)))
    }

    async fn capture_due(&self, house: &Scope, id: PaymentId) -> Result<(), DeskError> {
        let payment = self.payment(house, id).await?;
        let planned = payment.capture.mode == CaptureMode::Auto
            && payment.capture.validation != Validation::Pending;
        if !planned || payment.counters.capturable() == 0 {
            return Ok(());
        }
        let ask = Ask::by_clock(id, PLANNED);
        let payment = self.operate(house, ask, What::Capture(None)).await?;
        left_the_house(&payment, Kind::Capture)
    }

    /// Ends what is left of an authorisation after its validity.
    async fn expire(&self, house: &Scope, id: PaymentId) -> Result<(), DeskError> {
        let (engine, owned) = (self.clone(), house.clone());
        let lapse = move |tx: &mut Tx<'_>| {
            let before = store::find(tx, &owned, id)?.ok_or(DeskError::NotFound)?;
            let pen = engine.pen(&owned, before.shop);
            let over = before.capture_before.is_some_and(|end| end < pen.now);
            let left = before.counters.capturable();
            if !over || left == 0 {
                return Ok(());
            }
            if is_busy(&before) {
                let why = Why::AtTheBank;
                return Err(DeskError::NotAllowed { payment: Box::new(before), why });
            }
            let mut after = before.clone();
            after.apply(Movement::Expired(left))?;
            after.operations.push(lapsed(&pen, before.money(left)));
            Ok::<(), DeskError>(save::save(tx, &pen, &before, &mut after)?)
        };
        self.ctx.db.write(Route::of(id.id()), lapse).await
    }

    /// Tells that what a person must still debit lapses soon, once for each warning; gives the
    /// next one.
    async fn warn(&self, house: &Scope, id: PaymentId) -> Result<Option<Timestamp>, DeskError> {
        let (engine, owned) = (self.clone(), house.clone());
        let warn = move |tx: &mut Tx<'_>| {
            let payment = store::find(tx, &owned, id)?.ok_or(DeskError::NotFound)?;
            let pen = engine.pen(&owned, payment.shop);
            let ends = payment.capture_before.filter(|ends| *ends > pen.now);
            let waits = payment.waits_for_a_person() && payment.counters.capturable() > 0;
            let Some(ends) = ends.filter(|_| waits) else { return Ok(None) };
            let told = outbox::of_object(tx, &owned, &id.to_string())?;
            let last = told.iter().rfind(|event| event.kind == EXPIRING).map(|event| event.at);
            let due = last.map_or(Some(pen.now), |last| jobs::next_warning(ends, last));
            if due.is_some_and(|due| due <= pen.now) {
                let event = NewEvent {
                    id: EventId::new(pen.now, pen.rng),
                    kind: EXPIRING,
                    object: id.to_string(),
                    shop: payment.shop,
                    body: crate::payment::json::event_body_from(
                        &payment,
                        (Source::Clock.as_str(), false),
                    ),
                };
                outbox::emit(tx, &owned, &event, pen.now)?;
            }
            Ok::<Option<Timestamp>, DeskError>(jobs::next_warning(ends, pen.now))
        };
        self.ctx.db.write(Route::of(id.id()), warn).await
    }

    /// Gives back the money of a payment whose place is gone: void what is not debited, refund
    /// what is.
    async fn give_back(&self, house: &Scope, id: PaymentId) -> Result<(), DeskError> {
        let payment = self.payment(house, id).await?;
        if payment.served {
            return Ok(());
        }
        if payment.counters.capturable() > 0 {
            let ask = Ask::by_clock(id, PLACE_GONE);
            let payment = self.operate(house, ask, What::Cancel).await?;
            left_the_house(&payment, Kind::Void)?;
        }
        let refundable = self.payment(house, id).await?.counters.refundable();
        if refundable > 0 {
            let amount = payment.money(refundable);
            let ask = Ask::by_clock(id, PLACE_GONE);
            let what = What::Refund { amount, expected: amount };
            let payment = self.operate(house, ask, what).await?;
            left_the_house(&payment, Kind::Refund)?;
        }
        Ok(())
    }

    /// A card given for one payment goes when that payment needs it no more. The vault's word
    /// decides: by now its holder may have agreed to have it kept.
    async fn drop_card(&self, house: &Scope, job: &Job) -> Result<Next, String> {
        let OfSpentCard { card } = payload(job)?;
        let owned = house.clone();
        let forget = move |tx: &mut Tx<'_>| attempts::store::forget_card(tx, &owned, card);
        let scope = WireScope::of(house, job.shop);
        let gone = |error| match error {
            vault_wire::WireError::Refused(refused) if refused.is_final() => {
                tracing::info!(code = refused.code, %card, "the vault has the card no more");
                Ok(Next::Done)
            }
            other => Err(text(other)),
        };
        match self.vault.ask(&scope, &CardGet { card }).await {
            Ok(found) if !found.single_use => return Ok(Next::Done),
            Ok(_) => self.ctx.db.write(Route::any(), forget).await.map_err(text)?,
            Err(error) => return gone(error),
        }
        match self.vault.ask(&scope, &CardDelete { card }).await {
            Ok(_) => Ok(Next::Done),
            Err(error) => gone(error),
        }
    }

    async fn attach_card(&self, house: &Scope, job: &Job) -> Result<Next, String> {
        let what: OfCard = payload(job)?;
        let (engine, scope, booking) = (self.clone(), house.clone(), what.booking.to_string());
        let read = move |tx: &mut Tx<'_>| engine.claim_of(tx, &scope, &booking);
        let stay = self.ctx.db.read::<_, db::DbError, _>(read).await.map_err(text)?;
        // The stay as it is by now: it may have moved, or be called off.
        let (check_out, cancelled_on) = match stay {
            Some(stay) => (stay.check_out, stay.cancelled),
            None => (what.check_out.parse().map_err(text)?, None),
        };
        let question =
            CardAttach { card: what.card, booking: what.booking, check_out, cancelled_on };
        match self.vault.ask(&WireScope::of(house, job.shop), &question).await {
            Ok(_) => Ok(Next::Done),
            Err(vault_wire::WireError::Refused(refused)) if refused.is_final() => {
                tracing::error!(code = refused.code, "the vault does not keep the card");
                Ok(Next::Done)
            }
            Err(error) => Err(text(error)),
        }
    }
}

/// An operation of which nothing left is tried again later; a refusal of the bank is not.
fn left_the_house(payment: &Payment, kind: Kind) -> Result<(), DeskError> {
    let Some(last) = payment.last(kind).filter(|o| o.state == OpState::Failed) else {
        return Ok(());
    };
    if last.code.as_deref() == Some(UNREACHABLE) {
        return Err(DeskError::CapabilityMissing("the bank was not reached".into()));
    }
    tracing::error!(operation = %last.id, "the bank refused; a person must look at it");
    Ok(())
}

fn lapsed(pen: &save::Pen<'_>, amount: kernel::Money) -> Operation {
    Operation {
        id: OperationId::new(pen.now, pen.rng),
        kind: Kind::Expire,
        state: OpState::Success,
        amount,
        attempt: 0,
        code: None,
        raw: Raw::default(),
        authorisation: None,
        provider_id: None,
        guarantee: None,
        author: pen.scope.actor().text(),
        source: Source::Clock,
        reason: None,
        at: pen.now,
        sent_at: None,
        queries: 0,
        elsewhere: None,
        quiet: false,
    }
}

fn is_busy(payment: &Payment) -> bool {
    payment.in_flight().is_some() || payment.unknown().is_some()
}

pub(super) fn payload<T: for<'de> Deserialize<'de>>(job: &Job) -> Result<T, String> {
    serde_json::from_value(job.payload.clone()).map_err(text)
}

pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
