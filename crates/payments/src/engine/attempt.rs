//! One card tried on one payment: the loop over the connector's steps.

use connectors::{CaptureWish, Challenge, CodeUse, Intent, Network};
use db::{DbError, Route, Tx};
use kernel::{CaptureId, Invariant, OperationId, PaymentId, Scope, Timestamp};

use super::outgoing::Dispatch;
use super::session::end_attempt;
use super::{Engine, EngineError};
use crate::attempts::{Attempt, AttemptState, limits, store as attempts};
use crate::payment::save::{self, SaveError};
use crate::payment::{
    Card, Channel, Closed, Initiator, KeepCard, Methods, Payment, Source, ThreedsWish, store,
};
use crate::subject::SubjectRefusal;
use crate::virtual_cards;

/// A card offered for a payment.
#[derive(Debug, Clone)]
pub struct CardOffer {
    /// The card, as the vault describes it.
    pub card: Card,
    /// The vault's fingerprint of its number at this merchant, when the vault was asked.
    pub fingerprint: Option<String>,
    /// The capture that brought it; none for a kept card.
    pub capture: Option<CaptureId>,
    /// Through which door it came.
    pub source: Source,
    /// Whether a code that the vault holds goes with it.
    pub code: CodeUse,
    /// E-mail address typed on the vault's page.
    pub email: Option<kernel::Email>,
    /// Language the payer ended in there.
    pub language: Option<kernel::Locale>,
    /// Address of the payer's browser.
    pub from: Option<std::net::IpAddr>,
}

/// Why no attempt was begun; nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// No such payment.
    #[error("no such payment")]
    NotFound,
    /// The payment is paid, waiting, unknown or over: see its status.
    #[error("the payment takes no card now")]
    NotNow(Box<Payment>),
    /// The account takes no card for so small an amount.
    #[error("below the minimum of the account")]
    NotOffered(kernel::Money),
    /// The card has none of the networks that the payment takes.
    #[error("the payment does not take this card")]
    NotTaken(Methods),
    /// What was to be paid for refused; the payment is closed if that is final.
    #[error(transparent)]
    Subject(SubjectRefusal),
    /// An issuer said "never again" to this card less than 30 days ago.
    #[error("card blocked by its issuer")]
    CardBlocked,
    /// The card was refused too often lately.
    #[error("card paused")]
    CardPaused,
    /// Too many cards from the payer's address were refused lately.
    #[error("address paused")]
    AddressPaused,
    /// A virtual card that cannot take this charge.
    #[error("virtual card: {}", .0.code())]
    Virtual(virtual_cards::Refusal),
    /// A charge by the merchant without a first payment by the holder.
    #[error("no chain reference")]
    ChainMissing,
    /// The set-up of the connector is wrong.
    #[error("configuration: {0}")]
    Config(String),
    /// It could not be written.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl From<DbError> for AttemptError {
    fn from(error: DbError) -> Self {
        Self::Save(error.into())
    }
}

impl From<Invariant> for AttemptError {
    fn from(error: Invariant) -> Self {
        Self::Save(error.into())
    }
}

impl From<limits::Halt> for AttemptError {
    fn from(halt: limits::Halt) -> Self {
        match halt {
            limits::Halt::Blocked => Self::CardBlocked,
            limits::Halt::CardPaused => Self::CardPaused,
            limits::Halt::AddressPaused => Self::AddressPaused,
        }
    }
}

impl From<EngineError> for AttemptError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NotFound => Self::NotFound,
            EngineError::Save(error) => Self::Save(error),
        }
    }
}

/// An attempt that is stored.
#[derive(Debug)]
pub enum Begun {
    /// Its first request is ready to leave.
    Go(Box<Dispatch>),
    /// This capture was used before: the payment as it stands.
    Already(Box<Payment>),
}

impl Engine {
    /// Tries a card on a payment and goes as far as possible without the payer.
    ///
    /// # Errors
    /// [`AttemptError`]: nothing was sent.
    pub async fn attempt(
        &self,
        scope: &Scope,
        payment: PaymentId,
        offer: CardOffer,
    ) -> Result<Payment, AttemptError> {
        let (engine, owned) = (self.clone(), scope.clone());
        let begin = move |tx: &mut Tx<'_>| engine.begin_attempt(tx, &owned, payment, &offer);
        let begun = self.ctx.db.write(Route::of(payment.id()), begin).await;
        self.proceed(scope, payment, begun).await
    }

    /// Sends what was stored, or closes the payment for which there is nothing to pay any more.
    pub(super) async fn proceed(
        &self,
        scope: &Scope,
        payment: PaymentId,
        begun: Result<Begun, AttemptError>,
    ) -> Result<Payment, AttemptError> {
        match begun {
            Ok(Begun::Already(payment)) => Ok(*payment),
            Ok(Begun::Go(dispatch)) => Ok(self.run(scope, *dispatch).await?),
            Err(AttemptError::Subject(refusal)) => {
                self.close(scope, payment, &refusal).await?;
                Err(AttemptError::Subject(refusal))
            }
            Err(error) => Err(error),
        }
    }

    /// Stores an attempt and its first request as sent, in the caller's transaction.
    ///
    /// # Errors
    /// [`AttemptError`]; the transaction must end with it.
    pub fn begin_attempt(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        id: PaymentId,
        offer: &CardOffer,
    ) -> Result<Begun, AttemptError> {
        let before = store::find(tx, scope, id)?.ok_or(AttemptError::NotFound)?;
        if let Some(capture) = offer.capture
            && attempts::of_capture(tx, scope, capture)?.is_some()
        {
            return Ok(Begun::Already(Box::new(before)));
        }
        let pen = self.pen(scope, before.shop);
        admit(&before, pen.now)?;
        let offer = &taken(&before, offer)?;
        if let Some(halt) = limits::halt(tx, &pen, offer, before.initiator)? {
            return Err(halt.into());
        }
        let taken = virtual_cards::ops::admit(tx, &pen, (offer.card.id, before.amount))?;
        taken.map_err(AttemptError::Virtual)?;
        if let Some(subject) = save::guard_of(&pen, &before) {
            subject.before_authorise(tx, scope, &before, pen.now).map_err(AttemptError::Subject)?;
        }
        let mut after = before.clone();
        // The payer chose another card than the one that waits at the bank's page.
        end_attempt(tx, scope, &mut after, "cancelled_by_payer")?;
        take_card(&mut after, offer);
        let by_telephone = after.channel == Channel::MotoTerminal;
        if after.initiator == Initiator::Merchant && !by_telephone {
            after.chain = store::chain_of_card(tx, scope, offer.card.id)?;
        }
        let intent = self.intent(&after, offer);
        let reference = OperationId::new(pen.now, pen.rng);
        let step = self.connector().begin(&self.settings(), &intent, &reference.to_string());
        let mut attempt = fresh(&after, offer, pen.now);
        let Some(dispatch) = self.take(&pen, &mut after, &mut attempt, (step, reference))? else {
            return Err(AttemptError::Config("the connector sends nothing".into()));
        };
        attempts::insert(tx, scope, &attempt)?;
        save::save(tx, &pen, &before, &mut after)?;
        Ok(Begun::Go(Box::new(dispatch)))
    }

    fn intent(&self, payment: &Payment, offer: &CardOffer) -> Intent {
        let moto = payment.channel == Channel::MotoTerminal;
        Intent {
            amount: payment.amount,
            network: Network::parse(offer.card.network()),
            // An order by telephone is the holder's own, keyed in for him.
            initiator: match payment.initiator {
                Initiator::Merchant if !moto => connectors::Initiator::Merchant,
                Initiator::Payer | Initiator::Merchant => connectors::Initiator::Payer,
            },
            channel: if moto { connectors::Channel::Moto } else { connectors::Channel::Ecommerce },
            chain: payment.chain.clone(),
            challenge: challenge(payment),
            capture: match payment.capture.is_now() {
                true => CaptureWish::Now,
                false => CaptureWish::Later,
            },
            code: offer.code,
            return_url: crate::page_token::challenge_return_url(&self.ctx.urls.app, payment),
        }
    }

    /// Closes a payment whose place or price is gone, so that every page says so.
    pub(super) async fn close(
        &self,
        scope: &Scope,
        id: PaymentId,
        refusal: &SubjectRefusal,
    ) -> Result<(), AttemptError> {
        let Some(why) = closing(refusal) else { return Ok(()) };
        let (engine, owned) = (self.clone(), scope.clone());
        let close = move |tx: &mut Tx<'_>| {
            let before = store::find(tx, &owned, id)?.ok_or(EngineError::NotFound)?;
            let mut after = before.clone();
            after.closed = Some(why);
            let pen = engine.pen(&owned, before.shop);
            Ok::<(), EngineError>(save::save(tx, &pen, &before, &mut after)?)
        };
        Ok(self.ctx.db.write(Route::of(id.id()), close).await?)
    }
}

pub(super) const fn closing(refusal: &SubjectRefusal) -> Option<Closed> {
    match refusal {
        SubjectRefusal::HoldLost => Some(Closed::HoldLost),
        SubjectRefusal::AmountChanged => Some(Closed::AmountChanged),
        SubjectRefusal::Replaced => Some(Closed::Replaced),
        SubjectRefusal::Closed => Some(Closed::NothingDue),
        SubjectRefusal::Db(_) | SubjectRefusal::Invariant(_) => None,
    }
}

/// A card that is kept for later charges is authenticated with a challenge; otherwise as wished.
fn challenge(payment: &Payment) -> Challenge {
    match (payment.keep_card, payment.threeds_wish) {
        (KeepCard::Booking, _) | (_, ThreedsWish::Mandate) => Challenge::Mandate,
        (_, ThreedsWish::Auto | ThreedsWish::NoPreference) => Challenge::NoPreference,
        (_, ThreedsWish::Avoid) => Challenge::Avoid,
        (_, ThreedsWish::Prefer) => Challenge::Prefer,
    }
}

/// Whether a card may be tried now.
fn admit(payment: &Payment, now: Timestamp) -> Result<(), AttemptError> {
    if !payment.is_offered() {
        return Err(AttemptError::NotOffered(payment.caps.minimum(payment.currency())));
    }
    let over = payment.session_ends.is_some_and(|ends| ends <= now);
    if payment.may_attempt() && !over && payment.in_flight().is_none() {
        Ok(())
    } else {
        Err(AttemptError::NotNow(Box::new(payment.clone())))
    }
}

/// The card by a network that the payment takes.
fn taken(payment: &Payment, offer: &CardOffer) -> Result<CardOffer, AttemptError> {
    let methods = &payment.terms.methods;
    let card = methods.admit(&offer.card).ok_or_else(|| AttemptError::NotTaken(methods.clone()))?;
    Ok(CardOffer { card, ..offer.clone() })
}

fn take_card(after: &mut Payment, offer: &CardOffer) {
    after.attempts = after.attempts.saturating_add(1);
    after.card = Some(offer.card.clone());
    after.threeds = None;
    after.decline = None;
    after.payer.language = offer.language.unwrap_or(after.payer.language);
    if let Some(email) = &offer.email {
        after.payer.email = Some(email.clone());
    }
}

fn fresh(payment: &Payment, offer: &CardOffer, now: Timestamp) -> Attempt {
    Attempt {
        payment: payment.id,
        number: payment.attempts,
        capture: offer.capture,
        card: offer.card.id,
        fingerprint: offer.fingerprint.clone(),
        address: offer.from.map(|from| from.to_string()),
        initiator: payment.initiator,
        state: AttemptState::Running,
        step: 0,
        flow: connectors::FlowState::default(),
        challenge_url: None,
        challenged_at: None,
        started_at: now,
    }
}
