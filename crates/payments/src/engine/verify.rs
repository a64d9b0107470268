//! A card checked with its issuer, without a payment: intend, commit, call, commit.

use connectors::capabilities::AccountCheck;
use connectors::{
    Asked as AskedOf, CaptureWish, CardCall, Challenge, CodeUse, Event, Initiator, Intent, Kind,
    Network, Op, Refs, Status, Step,
};
use db::jobs::NewJob;
use db::{DbError, Route, Tx, jobs, outbox};
use identity::audit;
use kernel::{
    AuditId, CardToken, Currency, EventId, Id, JobId, Money, Scope, ShopId, VerificationId,
};
use serde_json::json;
use vault_wire::{
    CardGet, CardKept, CardOfBooking, CardStatus, CodeStatus, Keep, WireError, WireScope,
};
use web::tasks::{self, NewTask, Owner};

use super::Engine;
use super::card_page::known;
use super::outgoing::{Heard, Wire};
use crate::attempts::limits::BLOCKED_DAYS;
use crate::attempts::store::is_blocked;
use crate::cards::checks;
use crate::contract::Contract;
use crate::jobs::{FIRST_QUERY_SECONDS, VERIFICATION};
use crate::payment::save::{self, Pen};
use crate::verifications::model::{self, VoidState};
use crate::verifications::{Refusal, State, Verification, Way, Wish, store};

const DAY_SECONDS: i64 = 86_400;

/// What is asked of a card's issuer.
#[derive(Debug, Clone)]
pub struct VerifyAsk {
    /// Whose card.
    pub shop: ShopId,
    /// Which.
    pub card: CardToken,
    /// Which way.
    pub wish: Wish,
    /// Whether the security code goes along, and is spent.
    pub code: CodeUse,
    /// From where, for the journal.
    pub origin: audit::Origin,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The vault does not give the card.
    #[error(transparent)]
    Vault(#[from] WireError),
    /// Not now, or not this way.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// The set-up of the connector is wrong.
    #[error("configuration: {0}")]
    Config(&'static str),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<Refusal> for VerifyError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What a question came to.
#[derive(Debug, Clone)]
pub enum Asked {
    /// It is stored and ready to leave.
    Go(Box<Checking>),
    /// Another one of the same card is at the bank.
    Running(Box<Verification>),
}

impl Asked {
    /// The verification.
    #[must_use]
    pub fn id(&self) -> VerificationId {
        match self {
            Self::Go(checking) => checking.verification.id,
            Self::Running(running) => running.id,
        }
    }
}

/// A card that can be checked, and how.
#[derive(Debug, Clone)]
pub struct ReadyCard {
    card: Box<vault_wire::Card>,
    way: Way,
}

/// A verification that is stored as sent.
#[derive(Debug, Clone)]
pub struct Checking {
    /// The verification.
    pub verification: Verification,
    call: CardCall,
}

/// Whether a reference at the bank is that of a check, or of its release.
pub(super) fn is_reference(reference: &str) -> bool {
    reference.strip_prefix(VerificationId::PREFIX).is_some_and(|rest| rest.starts_with('_'))
}

impl Engine {
    /// Which way a card is checked.
    ///
    /// # Errors
    /// [`Refusal`] when the way wished does not exist for it.
    pub fn way_of_check(&self, wish: Wish, card: &vault_wire::Card) -> Result<Way, Refusal> {
        let has_zero = self.capabilities().check == AccountCheck::Zero;
        match wish {
            Wish::Auto | Wish::Zero if has_zero => Ok(Way::Zero),
            Wish::Zero => Err(Refusal::NoZero),
            Wish::Auto | Wish::OneUnit if card.card_virtual => Err(Refusal::NotForVirtual),
            Wish::Auto | Wish::OneUnit => Ok(Way::OneUnit),
        }
    }

    /// Cards of the vault with what their issuers said of them.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub async fn with_verifications<'c>(
        &self,
        scope: &Scope,
        cards: impl Iterator<Item = &'c mut vault_wire::Card>,
    ) -> Result<(), DbError> {
        let cards: Vec<&mut vault_wire::Card> = cards.collect();
        let tokens: Vec<CardToken> = cards.iter().map(|card| card.token).collect();
        let owned = scope.clone();
        let read = move |tx: &mut Tx<'_>| store::standings(tx, &owned, &tokens);
        let known = self.ctx.db.read(read).await?;
        for card in cards {
            if let Some(standing) = known.get(&card.token) {
                card.verification = standing.shown();
            }
        }
        Ok(())
    }

    /// Whether the vault's card can be checked as asked, and how.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn look_at_card(
        &self,
        scope: &Scope,
        ask: &VerifyAsk,
    ) -> Result<ReadyCard, VerifyError> {
        let wire = WireScope::of(scope, ask.shop);
        let mut found = self.vault.ask(&wire, &CardGet { card: ask.card }).await?;
        let seen = self.with_virtual(scope, ask.shop, &mut found).await?;
        let now = self.ctx.now(ask.shop);
        if let Some(opens) = seen.and_then(|seen| seen.opens_after(now)) {
            return Err(Refusal::NotActive(opens).into());
        }
        if found.status == CardStatus::Suspended {
            return Err(Refusal::Suspended.into());
        }
        if found.status == CardStatus::Expired {
            return Err(Refusal::Expired.into());
        }
        let code = found.security_code.status;
        if ask.code == CodeUse::WithCode
            && !matches!(code, CodeStatus::Available | CodeStatus::Transit)
        {
            return Err(Refusal::NoCode.into());
        }
        let way = self.way_of_check(ask.wish, &found)?;
        Ok(ReadyCard { card: Box::new(found), way })
    }

    /// Stores a verification as sent, with its line in the journal.
    ///
    /// # Errors
    /// [`VerifyError`]; the transaction must end with it.
    pub fn store_verification(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        (ask, ready): (&VerifyAsk, &ReadyCard),
    ) -> Result<Asked, VerifyError> {
        if !crate::account::store::is_open(tx, scope, ask.shop)? {
            return Err(Refusal::ShopNotOpen.into());
        }
        let (card, way) = (&ready.card, ready.way);
        let pen = self.pen(scope, ask.shop);
        let all = store::of_card(tx, scope, ask.card)?;
        if let Some(running) = all.first().filter(|one| one.state == State::Sent) {
            return Ok(Asked::Running(Box::new(running.clone())));
        }
        model::admit(&all, pen.now)?;
        let month = pen.now.plus_seconds(BLOCKED_DAYS.saturating_mul(-DAY_SECONDS));
        let print = Some(card.fingerprint.as_str()).filter(|print| !print.is_empty());
        if is_blocked(tx, scope, (ask.card, print), month)? {
            return Err(Refusal::DoNotRetry.into());
        }
        let small = checks::store::policy(tx, scope, ask.shop)?.amount_fallback;
        let verification = fresh(&pen, ask, (way, small));
        let call = self.check_of(&verification, card, ask.code)?;
        store::insert(tx, scope, &verification)?;
        let line = audit::Line::new("card.verify", ask.card, &ask.origin)
            .after(json!({ "method": way.as_str(), "with_code": ask.code == CodeUse::WithCode }));
        let audit_id = AuditId::new(pen.real_now, pen.rng);
        audit::record(tx, scope, &line, pen.real_now, audit_id)?;
        jobs::enqueue(tx, &self.look_later(&pen, &verification))?;
        Ok(Asked::Go(Box::new(Checking { verification, call })))
    }

    fn check_of(
        &self,
        verification: &Verification,
        card: &vault_wire::Card,
        code: CodeUse,
    ) -> Result<CardCall, VerifyError> {
        let intent = Intent {
            amount: verification.amount,
            network: Network::parse(known(card, Keep::None).network()),
            initiator: Initiator::Payer,
            channel: connectors::Channel::Moto,
            chain: None,
            challenge: Challenge::Off,
            capture: CaptureWish::Later,
            code,
            return_url: String::new(),
        };
        let reference = verification.id.to_string();
        match self.connector().begin(&self.settings(), &intent, &reference) {
            Step::CallWithCard(call) => Ok(call),
            _ => Err(VerifyError::Config("the connector checks no cards")),
        }
    }

    fn look_later(&self, pen: &Pen<'_>, verification: &Verification) -> NewJob {
        let wait = i64::from(self.longest_answer_seconds()).saturating_add(FIRST_QUERY_SECONDS);
        NewJob {
            id: JobId::new(pen.now, pen.rng),
            merchant: pen.scope.merchant(),
            mode: pen.scope.mode(),
            shop: verification.shop,
            kind: VERIFICATION,
            dedupe: Some(verification.id.to_string()),
            run_at: pen.now.plus_seconds(wait),
            payload: json!({ "verification": verification.id }),
        }
    }

    /// Sends a stored verification and follows it until it rests.
    ///
    /// # Errors
    /// [`VerifyError`]: an answer could not be written; the bank is asked later.
    pub async fn verify(
        &self,
        scope: &Scope,
        checking: Checking,
    ) -> Result<Verification, VerifyError> {
        // A caller who goes away must not leave an answer unwritten.
        let (engine, owned) = (self.clone(), scope.clone());
        let flow = tokio::spawn(async move { engine.check_card(&owned, checking).await });
        flow.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the check of a card ended before its answer was written");
            Err(DbError::Panicked.into())
        })
    }

    async fn check_card(
        &self,
        scope: &Scope,
        Checking { verification, call }: Checking,
    ) -> Result<Verification, VerifyError> {
        let wire = Wire::Card(verification.card, call);
        let heard = self.reach(scope, verification.shop, &wire).await;
        let said = match &heard {
            Heard::NotSent(code) => Err(code.clone()),
            heard => Ok(self.read_answer(&wire, heard, (&verification, Kind::Authorise))),
        };
        let now = self.settle_verification(scope, verification.id, said).await?;
        if now.void == Some(VoidState::Due) { self.release(scope, now).await } else { Ok(now) }
    }

    /// What an answer says, as the connector reads it.
    pub(super) fn read_answer(
        &self,
        wire: &Wire,
        heard: &Heard,
        (verification, kind): (&Verification, Kind),
    ) -> Event {
        let state = match wire {
            Wire::Card(_, call) => &call.state,
            Wire::Plain(call) => &call.state,
        };
        let reference = verification.id.to_string();
        let turn = self.connector().resume(&self.settings(), state, &heard.input(), &reference);
        match (turn.closes, turn.step) {
            (Some(event), _) | (None, Step::Done(event)) => event,
            _ => Event::unknown(kind, "the flow goes on"),
        }
    }

    /// Writes what became of a verification, with its event; `Err` is why nothing left the house.
    async fn settle_verification(
        &self,
        scope: &Scope,
        id: VerificationId,
        said: Result<Event, String>,
    ) -> Result<Verification, VerifyError> {
        let kept = match &said {
            Ok(event) if event.status == Status::Refused => self.kept_of(scope, id).await?,
            _ => None,
        };
        let (engine, owned) = (self.clone(), scope.clone());
        let settle = move |tx: &mut Tx<'_>| {
            let before = store::find(tx, &owned, id)?.ok_or(DbError::Corrupt(id.to_string()))?;
            let pen = engine.pen(&owned, before.shop);
            let after = match &said {
                Ok(event) => before.answered(event, pen.now),
                Err(code) => Verification {
                    state: State::NotSent,
                    raw_code: Some(code.clone()),
                    ..before.clone()
                },
            };
            if !store::settle(tx, &owned, &after)? {
                return Ok(before);
            }
            engine.tell_check(tx, &pen, (&after, kept.as_ref()))?;
            Ok::<Verification, DbError>(after)
        };
        Ok(self.ctx.db.write(Route::of(id.id()), settle).await?)
    }

    /// Releases what a verification reserved, once.
    pub(super) async fn release(
        &self,
        scope: &Scope,
        held: Verification,
    ) -> Result<Verification, VerifyError> {
        let after = Verification {
            void: Some(VoidState::Sent),
            void_tries: held.void_tries.saturating_add(1),
            ..held.clone()
        };
        let at = self.ctx.now(held.shop);
        let op = Op { reference: after.void_reference(), asked: AskedOf::Void, at };
        let Step::Call(call) = self.connector().operate(&self.settings(), &refs(&held), &op) else {
            return Err(VerifyError::Config("the connector releases nothing"));
        };
        if !self.set_void(scope, (&held, &after)).await? {
            return Ok(after);
        }
        let wire = Wire::Plain(call);
        let heard = self.reach(scope, held.shop, &wire).await;
        let void = match &heard {
            Heard::NotSent(_) => VoidState::Due,
            heard => match self.read_answer(&wire, heard, (&after, Kind::Void)).status {
                Status::Voided => VoidState::Done,
                Status::Refused => VoidState::Due,
                _ => VoidState::Sent,
            },
        };
        let done = Verification { void: Some(void), ..after.clone() };
        if void != VoidState::Sent {
            self.set_void(scope, (&after, &done)).await?;
        }
        Ok(done)
    }

    pub(super) async fn set_void(
        &self,
        scope: &Scope,
        (before, after): (&Verification, &Verification),
    ) -> Result<bool, VerifyError> {
        let (owned, before, after) = (scope.clone(), before.clone(), after.clone());
        let write = move |tx: &mut Tx<'_>| store::set_void(tx, &owned, (&before, &after));
        Ok(self.ctx.db.write::<_, DbError, _>(Route::any(), write).await?)
    }
}

pub(super) fn refs(of: &Verification) -> Refs {
    Refs { authorisation: of.authorisation.clone(), ..Refs::default() }
}

fn fresh(pen: &Pen<'_>, ask: &VerifyAsk, (way, small): (Way, i64)) -> Verification {
    let contract = Contract::of(pen.scope, ask.shop);
    let currency = contract.currencies.first().copied().unwrap_or(Currency::EUR);
    let amount = match way {
        Way::Zero => Money::zero(currency),
        Way::OneUnit => Money::new(small, currency),
    };
    let id = VerificationId::new(pen.now, pen.rng);
    Verification::sent(id, (ask.shop, ask.card), (way, amount), pen.now)
}

impl Engine {
    /// The card of a verification as the vault keeps it, so that a task can say to whom a refusal is
    /// reported; nothing when the vault does not say.
    pub(super) async fn kept_of(
        &self,
        scope: &Scope,
        id: VerificationId,
    ) -> Result<Option<CardOfBooking>, DbError> {
        let owned = scope.clone();
        let found =
            self.ctx.db.read::<_, DbError, _>(move |tx| store::find(tx, &owned, id)).await?;
        let Some(Verification { shop, card, .. }) = found else { return Ok(None) };
        let kept = self.vault.ask(&WireScope::of(scope, shop), &CardKept { card }).await;
        Ok(kept.ok().filter(|kept| kept.gone.is_none()))
    }

    /// Tells what the issuer said; a refused card is a task that says to whom it is reported.
    pub(super) fn tell_check(
        &self,
        tx: &mut Tx<'_>,
        pen: &Pen<'_>,
        (after, kept): (&Verification, Option<&CardOfBooking>),
    ) -> Result<(), DbError> {
        let zone = save::zone(tx, pen.scope)?;
        let note = match kept {
            Some(kept) => self.report_of(tx, pen.scope, (kept, after.shop, &zone))?.note(&zone),
            None => String::new(),
        };
        tell(tx, pen, (after, note))
    }
}

/// The event of what the issuer said, and a task when he refuses the card.
fn tell(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    (after, note): (&Verification, String),
) -> Result<(), DbError> {
    let kind = match (after.state, after.decline) {
        (State::Verified, _) => "card.verified",
        (State::Failed, _) | (State::Unverified, Some(_)) => "card.verification_failed",
        _ => return Ok(()),
    };
    if after.state == State::Failed {
        raise(tx, pen, (tasks::CARD_REFUSED, after), note)?;
    }
    let event = outbox::NewEvent {
        id: EventId::new(pen.now, pen.rng),
        kind,
        object: after.card.to_string(),
        shop: after.shop,
        body: after.event_body(),
    };
    outbox::emit(tx, pen.scope, &event, pen.now)
}

pub(super) fn raise(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    (kind, of): (&'static str, &Verification),
    note: String,
) -> Result<(), DbError> {
    let task = NewTask {
        id: Id::random(pen.rng),
        kind,
        object: of.card.to_string(),
        note,
        person: None,
        amount: None,
    };
    tasks::raise(tx, Owner::from(pen.scope), &task, pen.now)
}
