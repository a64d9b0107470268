//! A payment created and charged in one call: a kept card at the desk, a card named by the API.

use db::{DbError, Tx};
use identity::audit;
use kernel::{AuditId, BookingId, PaymentId, Scope, ShopId};
use vault_wire::{Refused, WireError};

use super::attempt::Begun;
use super::{AttemptError, CardOffer, Dispatch, Engine, EngineError};
use crate::payment::{
    Card, Channel, CreateError, KeepCard, NewPayment, Payment, Source, ThreedsWish, ops, store,
};

/// Why nothing was charged; nothing was sent and no payment was made.
#[derive(Debug, thiserror::Error)]
pub enum ChargeError {
    /// The booking has no card that was kept for it.
    #[error("no kept card")]
    NoKeptCard,
    /// The vault lends the card to no charge.
    #[error("the vault refused: {}", .0.code)]
    Card(Refused),
    /// The payment could not be created.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// It is called an order by telephone, and the contract or the points of sale take none.
    #[error("no orders by telephone")]
    WithoutMoto,
    /// The attempt could not begin.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
}

impl From<DbError> for ChargeError {
    fn from(error: DbError) -> Self {
        Self::Create(error.into())
    }
}

impl From<EngineError> for ChargeError {
    fn from(error: EngineError) -> Self {
        Self::Attempt(error.into())
    }
}

impl From<ChargeError> for kernel::Problem {
    fn from(error: ChargeError) -> Self {
        match error {
            ChargeError::NoKeptCard => {
                Self::new(409, "card_unknown", "No card was kept for this booking.")
            }
            ChargeError::Card(refused) => crate::error::of_vault(&WireError::Refused(refused)),
            ChargeError::Create(error) => error.into(),
            ChargeError::WithoutMoto => Self::field(
                "$.reason",
                "contract_without_moto",
                "No point of sale of this shop takes orders by telephone.",
            ),
            ChargeError::Attempt(error) => error.into(),
        }
    }
}

impl Engine {
    /// The card kept for a booking as it is offered to the bank, without the payer.
    ///
    /// # Errors
    /// [`ChargeError::NoKeptCard`], [`ChargeError::Card`]; the database.
    pub async fn kept_offer(
        &self,
        scope: &Scope,
        (booking, shop): (BookingId, ShopId),
    ) -> Result<CardOffer, ChargeError> {
        let owned = scope.clone();
        let kept = move |tx: &mut Tx<'_>| kept_card(tx, &owned, booking);
        let card = self.ctx.db.read(kept).await?.ok_or(ChargeError::NoKeptCard)?;
        let fingerprint = match self.card(scope, shop, card.id).await {
            Ok(found) => found.fingerprint,
            Err(WireError::Refused(refused)) if refused.is_final() => {
                return Err(ChargeError::Card(refused));
            }
            // A vault that does not answer now is met again, and told, when the card is to be used.
            Err(_) => None,
        };
        Ok(CardOffer {
            card,
            fingerprint,
            capture: None,
            source: Source::Desk,
            code: connectors::CodeUse::WithCode,
            email: None,
            language: None,
            from: None,
        })
    }

    /// Creates a payment and stores its first request as sent, in the caller's transaction.
    ///
    /// # Errors
    /// [`ChargeError`]; the transaction must end with it.
    pub fn begin_new(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        (new, offer): (&NewPayment, &CardOffer),
        origin: &audit::Origin,
    ) -> Result<Dispatch, ChargeError> {
        self.create(tx, scope, (new, ThreedsWish::Auto), origin)?;
        self.begin_charge(tx, scope, new.ids.payment, offer)
    }

    /// Creates a payment with its line in the journal, in the caller's transaction.
    ///
    /// # Errors
    /// [`CreateError`]; the transaction must end with it.
    pub fn create(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        (new, threeds): (&NewPayment, ThreedsWish),
        origin: &audit::Origin,
    ) -> Result<Payment, CreateError> {
        let now = self.ctx.now(new.shop);
        let payment = ops::create_with(tx, scope, new, threeds, now)?;
        let line =
            audit::Line::new("payment.create", payment.id, origin).after(serde_json::json!({
                "order_ref": payment.order_ref,
                "amount": payment.amount.minor(),
                "currency": payment.currency(),
                "initiator": payment.initiator,
            }));
        let real_now = self.ctx.real_now();
        let id = AuditId::new(real_now, self.ctx.rng.as_ref());
        audit::record(tx, scope, &line, real_now, id)?;
        Ok(payment)
    }

    /// Stores the first attempt of a payment just created, in the caller's transaction.
    ///
    /// # Errors
    /// [`ChargeError`]; the transaction must end with it.
    pub fn begin_charge(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        id: PaymentId,
        offer: &CardOffer,
    ) -> Result<Dispatch, ChargeError> {
        match self.begin_attempt(tx, scope, id, offer)? {
            Begun::Go(dispatch) => Ok(*dispatch),
            Begun::Already(payment) => Err(AttemptError::NotNow(payment).into()),
        }
    }
}

/// The card kept for a booking: that of its latest paid payment which agreed to it. An order by
/// telephone agreed to none, whatever its card says.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn kept_card(
    tx: &mut Tx<'_>,
    scope: &Scope,
    booking: BookingId,
) -> Result<Option<Card>, DbError> {
    let payments = store::of_booking(tx, scope, booking)?;
    let kept = payments.into_iter().rev().filter(agreed);
    Ok(kept.filter_map(|payment| payment.card).find(|card| card.kept))
}

/// Whether its payer was there and agreed to later charges of the booking, or it was made so.
fn agreed(payment: &Payment) -> bool {
    let by_telephone = payment.channel == Channel::MotoTerminal;
    payment.counters.authorised > 0 && !by_telephone && payment.keep_card == KeepCard::Booking
}
