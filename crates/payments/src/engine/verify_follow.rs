//! The planned look at a check of a card: a silence is asked about, what is still reserved is
//! released, and what cannot be released is left to a person.

use connectors::{Asked, Event, Kind, Op, Status, Step};
use db::jobs::Job;
use db::{DbError, Route, Tx};
use kernel::{Scope, Timestamp, VerificationId};
use serde::Deserialize;
use web::{Next, tasks};

use super::handlers::{payload, text};
use super::outgoing::Wire;
use super::verify::{raise, refs};
use super::{Engine, VerifyError};
use crate::jobs::seconds_to_next_query;
use crate::verifications::model::VoidState;
use crate::verifications::{State, Verification, store};

#[derive(Debug, Deserialize)]
struct OfVerification {
    verification: VerificationId,
}

impl Engine {
    /// The planned look: asks about a silence, releases what is still reserved.
    pub(super) async fn follow_verification(
        &self,
        house: &Scope,
        job: &Job,
    ) -> Result<Next, String> {
        let OfVerification { verification } = payload(job)?;
        let owned = house.clone();
        let find = move |tx: &mut Tx<'_>| store::find(tx, &owned, verification);
        let found = self.ctx.db.read::<_, DbError, _>(find).await.map_err(text)?;
        let Some(mut one) = found else { return Ok(Next::Done) };
        let now = self.ctx.now(job.shop);
        if matches!(one.state, State::Sent | State::Unknown) {
            one = self.ask_about(house, &one, now).await.map_err(text)?;
            if let Some(wait) = seconds_to_next_query(one.queries).filter(|_| is_open(&one)) {
                return Ok(Next::Again(now.plus_seconds(wait)));
            }
        }
        let is_new = one.void_tries == 0;
        let is_due = one.holds() && (is_new || one.next_release(one.at) <= Some(now));
        if is_due && one.void == Some(VoidState::Sent) {
            one = self.ask_about_release(house, &one, now).await.map_err(text)?;
        }
        if is_due && one.void == Some(VoidState::Due) {
            one = self.release(house, one).await.map_err(text)?;
        }
        match (one.holds(), one.next_release(now)) {
            (false, _) => Ok(Next::Done),
            (true, Some(next)) => Ok(Next::Again(next)),
            (true, None) => self.leave(house, one).await.map_err(text).map(|()| Next::Done),
        }
    }

    /// Asks the bank what became of a check; what it never received, or never tells, stays
    /// unverified.
    async fn ask_about(
        &self,
        house: &Scope,
        one: &Verification,
        now: Timestamp,
    ) -> Result<Verification, VerifyError> {
        let event = self.ask_once(house, one, (one.id.to_string(), Kind::Authorise), now).await;
        let queries = one.queries.saturating_add(1);
        let heard = one.answered(&event, now);
        let over = event.status == Status::NotFound || seconds_to_next_query(queries).is_none();
        let state = if is_open(&heard) && over { State::Unverified } else { heard.state };
        let after = Verification { state, queries, ..heard };
        let kept = match after.state {
            State::Failed => self.kept_of(house, one.id).await?,
            _ => None,
        };
        let (engine, owned, stored) = (self.clone(), house.clone(), after.clone());
        let write = move |tx: &mut Tx<'_>| {
            if store::settle(tx, &owned, &stored)? {
                let pen = engine.pen(&owned, stored.shop);
                engine.tell_check(tx, &pen, (&stored, kept.as_ref()))?;
            }
            Ok::<(), DbError>(())
        };
        self.ctx.db.write(Route::of(one.id.id()), write).await?;
        Ok(after)
    }

    /// Asks the bank what became of a release; what it never received is due again.
    async fn ask_about_release(
        &self,
        house: &Scope,
        one: &Verification,
        now: Timestamp,
    ) -> Result<Verification, VerifyError> {
        let event = self.ask_once(house, one, (one.void_reference(), Kind::Void), now).await;
        let void = match event.status {
            Status::Voided => VoidState::Done,
            Status::Refused | Status::NotFound => VoidState::Due,
            _ => return Ok(one.clone()),
        };
        let after = Verification { void: Some(void), ..one.clone() };
        self.set_void(house, (one, &after)).await?;
        Ok(after)
    }

    /// One question to the bank. "Unknown reference" counts once it is final.
    async fn ask_once(
        &self,
        house: &Scope,
        one: &Verification,
        (reference, kind): (String, Kind),
        now: Timestamp,
    ) -> Event {
        let age_seconds = now.micros_since(one.at).div_euclid(1_000_000);
        let op = Op { reference, asked: Asked::Query { kind, age_seconds }, at: now };
        let silent = |why| Event::unknown(kind, why);
        let Step::Call(call) = self.connector().operate(&self.settings(), &refs(one), &op) else {
            return silent("the connector cannot ask");
        };
        let wire = Wire::Plain(call);
        let heard = self.reach(house, one.shop, &wire).await;
        let event = self.read_answer(&wire, &heard, (one, kind));
        let is_final = age_seconds >= self.capabilities().not_found_final_after_seconds;
        if event.status == Status::NotFound && !is_final { silent("not yet known") } else { event }
    }

    /// Leaves a release that does not succeed to a person.
    async fn leave(&self, house: &Scope, one: Verification) -> Result<(), VerifyError> {
        let after = Verification { void: Some(VoidState::Left), ..one.clone() };
        let (engine, owned) = (self.clone(), house.clone());
        let write = move |tx: &mut Tx<'_>| {
            if store::set_void(tx, &owned, (&one, &after))? {
                raise(tx, &engine.pen(&owned, one.shop), (tasks::CARD_HELD, &one), String::new())?;
            }
            Ok::<(), DbError>(())
        };
        Ok(self.ctx.db.write(Route::any(), write).await?)
    }
}

fn is_open(one: &Verification) -> bool {
    matches!(one.state, State::Sent | State::Unknown)
}
