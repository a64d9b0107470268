//! What is done to payments inside a transaction; nothing here opens the network.

use connectors::capabilities::CaptureSupport;
use connectors::{Capabilities, Settings};
use db::{DbError, Tx, outbox};
use kernel::{
    BookingId, CustomerId, EventId, Money, PaymentId, PointOfSaleId, Rng, Scope, ShopId, Timestamp,
    Zone,
};
use serde_json::{Map, Value};

use super::counters::Counters;
use super::model::{
    CapturePlan, Channel, Initiator, KeepCard, Line, Payer, Payment, Purpose, Reason, Session,
    ThreedsWish,
};
use super::status::Status;
use super::store::{self, Parallel};
use super::terms::Terms;
use crate::account::store as account;
use crate::contract::Contract;
use crate::page_token;
use crate::subject::SubjectRef;

/// Longest reference of an order.
pub const MAX_ORDER_REF_CHARACTERS: usize = 64;

/// Names made outside the unit of work, so that it can run again.
#[derive(Debug, Clone)]
pub struct NewIds {
    /// The payment.
    pub payment: PaymentId,
    /// The event `payment.created`.
    pub event: EventId,
    /// The secret of its pages, 128 random bits as text.
    pub token: String,
}

impl NewIds {
    /// Fresh names.
    #[must_use]
    pub fn new(now: Timestamp, rng: &dyn Rng) -> Self {
        Self {
            payment: PaymentId::new(now, rng),
            event: EventId::new(now, rng),
            token: page_token::new(rng),
        }
    }
}

/// What a payment is asked for.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// Names made outside.
    pub ids: NewIds,
    /// The shop.
    pub shop: ShopId,
    /// The point of sale.
    pub point_of_sale: PointOfSaleId,
    /// Where the sale is made.
    pub channel: Channel,
    /// How much.
    pub amount: Money,
    /// The merchant's reference.
    pub order_ref: String,
    /// Whether another live payment of this order is a fault.
    pub parallel: Parallel,
    /// What the amount is for.
    pub purpose: Purpose,
    /// What is paid for, when a slice of this house must answer.
    pub subject: Option<SubjectRef>,
    /// The booking it belongs to, when it exists already.
    pub booking: Option<BookingId>,
    /// When and how the debit follows.
    pub capture: CapturePlan,
    /// Who asks.
    pub initiator: Initiator,
    /// Why without the payer; required with [`Initiator::Merchant`].
    pub reason: Option<Reason>,
    /// Whether the card may be kept.
    pub keep_card: KeepCard,
    /// Who pays.
    pub payer: Payer,
    /// The customer, if known.
    pub customer: Option<CustomerId>,
    /// What is bought, line by line.
    pub lines: Vec<Line>,
    /// What the request adds to the amount.
    pub terms: Terms,
    /// Where the payer goes afterwards.
    pub return_url: Option<String>,
    /// The merchant's own data.
    pub metadata: Map<String, Value>,
}

/// Why a payment was not created. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// A live shop that is not open yet.
    #[error("the shop is not open")]
    ShopNotOpen,
    /// Another live payment of the same order.
    #[error("the order has a live payment")]
    OrderHasLivePayment(PaymentId),
    /// Zero or less, or more than 12 digits.
    #[error("the amount is out of range")]
    AmountOutOfRange,
    /// Under the minimum of the contract.
    #[error("the amount is below the minimum")]
    AmountBelowMinimum(Money),
    /// The contract does not take this currency.
    #[error("currency not supported")]
    CurrencyNotSupported(Vec<String>),
    /// The capture would come too late for the authorisation or for the house.
    #[error("capture too late")]
    CaptureTooLate,
    /// A deferred capture beyond the validity of an authorisation.
    #[error("typology not supported")]
    BeyondValidity,
    /// The contract captures with the authorisation only.
    #[error("no later capture")]
    CaptureNotOffered,
    /// A merchant-initiated charge says why.
    #[error("a reason is missing")]
    ReasonMissing,
    /// An empty or too long order reference.
    #[error("bad order reference")]
    BadOrderRef,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A rule of the house did not hold.
    #[error(transparent)]
    Invariant(#[from] kernel::Invariant),
}

/// Longest capture delay, in days.
pub const MAX_CAPTURE_DELAY_DAYS: u32 = 365;

/// Creates a payment; `now` is the shop's clock.
///
/// # Errors
/// [`CreateError`]; nothing is written.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    new: &NewPayment,
    now: Timestamp,
) -> Result<Payment, CreateError> {
    create_with(tx, scope, new, ThreedsWish::Auto, now)
}

/// Like [`create`], with a wish about strong authentication.
///
/// # Errors
/// As [`create`].
pub fn create_with(
    tx: &mut Tx<'_>,
    scope: &Scope,
    new: &NewPayment,
    threeds_wish: ThreedsWish,
    now: Timestamp,
) -> Result<Payment, CreateError> {
    if !account::is_open(tx, scope, new.shop)? {
        return Err(CreateError::ShopNotOpen);
    }
    let caps = account::capabilities(tx, scope, new.shop)?;
    admit(new, &Contract::of(scope, new.shop), &caps)?;
    if new.parallel == Parallel::Refuse
        && let Some(first) = store::live_of_order(tx, scope, new.shop, &new.order_ref)?
    {
        return Err(CreateError::OrderHasLivePayment(first));
    }
    let zone = super::save::zone(tx, scope)?;
    let payment = Payment { threeds_wish, caps, ..fresh(scope, new, &zone, now) };
    store::insert(tx, scope, &payment, new.parallel)?;
    page_token::register(tx, scope, &payment)?;
    let event = outbox::NewEvent {
        id: new.ids.event,
        kind: "payment.created",
        object: payment.id.to_string(),
        shop: payment.shop,
        body: super::json::event_body_from(&payment, (scope.actor().door(), false)),
    };
    outbox::emit(tx, scope, &event, now)?;
    Ok(payment)
}

/// A payment by its id.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: PaymentId) -> Result<Option<Payment>, DbError> {
    store::find(tx, scope, id)
}

fn admit(new: &NewPayment, contract: &Contract, caps: &Capabilities) -> Result<(), CreateError> {
    let minor = new.amount.minor();
    if minor <= 0 || minor > kernel::money::MAX_MINOR {
        return Err(CreateError::AmountOutOfRange);
    }
    if !contract.currencies.contains(&new.amount.currency()) {
        let accepted = contract.currencies.iter().map(ToString::to_string).collect();
        return Err(CreateError::CurrencyNotSupported(accepted));
    }
    let minimum = caps.minimum(new.amount.currency());
    if minor < minimum.minor() {
        return Err(CreateError::AmountBelowMinimum(minimum));
    }
    if new.capture.delay_days > MAX_CAPTURE_DELAY_DAYS {
        return Err(CreateError::CaptureTooLate);
    }
    if new.capture.delay_days > contract.longest_deferral_days {
        return Err(CreateError::BeyondValidity);
    }
    if caps.capture == CaptureSupport::ImmediateOnly && !new.capture.is_now() {
        return Err(CreateError::CaptureNotOffered);
    }
    if new.initiator == Initiator::Merchant && new.reason.is_none() {
        return Err(CreateError::ReasonMissing);
    }
    let characters = new.order_ref.chars().count();
    if !(1..=MAX_ORDER_REF_CHARACTERS).contains(&characters) {
        return Err(CreateError::BadOrderRef);
    }
    Ok(())
}

fn fresh(scope: &Scope, new: &NewPayment, zone: &Zone, now: Timestamp) -> Payment {
    let delay = i64::from(new.capture.delay_days);
    Payment {
        id: new.ids.payment,
        mode: scope.mode(),
        shop: new.shop,
        point_of_sale: new.point_of_sale,
        channel: new.channel,
        purpose: new.purpose,
        order_ref: new.order_ref.clone(),
        amount: new.amount,
        counters: Counters::default(),
        status: Status::Created,
        capture: new.capture,
        capture_on: (new.capture.mode == super::CaptureMode::Auto)
            .then(|| kernel::time::plus_days(zone.date(now), delay)),
        capture_before: None,
        validity_line: None,
        subject: new.subject.clone(),
        booking: new.booking,
        initiator: new.initiator,
        reason: new.reason,
        keep_card: new.keep_card,
        card: None,
        chain: None,
        threeds_wish: ThreedsWish::Auto,
        threeds: None,
        guarantee: None,
        decline: None,
        attempts: 0,
        session: Session::NotOpened,
        session_ends: None,
        closed: None,
        late: false,
        served: false,
        payer: new.payer.clone(),
        customer: new.customer,
        lines: new.lines.clone(),
        terms: new.terms.clone(),
        return_url: new.return_url.clone(),
        metadata: new.metadata.clone(),
        page_token: new.ids.token.clone(),
        version: 1,
        created_at: now,
        updated_at: now,
        caps: crate::account::capabilities(&Settings::default()),
        operations: Vec::new(),
    }
}

/// A payment of 100.00 that nobody paid yet.
#[cfg(test)]
pub(super) fn sample(rng: &dyn Rng) -> Payment {
    let now = Timestamp::from_micros(1_795_251_600_000_000);
    let merchant = kernel::MerchantId::random(rng);
    let scope = identity::scope::for_house(merchant, kernel::Mode::Test);
    let new = NewPayment {
        ids: NewIds::new(now, rng),
        shop: ShopId::random(rng),
        point_of_sale: PointOfSaleId::random(rng),
        channel: Channel::Ecommerce,
        amount: Money::eur(10_000),
        order_ref: "CMD-1042".into(),
        parallel: Parallel::Refuse,
        purpose: Purpose::Plain,
        subject: None,
        booking: None,
        capture: CapturePlan::MANUAL,
        initiator: Initiator::Payer,
        reason: None,
        keep_card: KeepCard::None,
        payer: Payer::unknown(kernel::Locale::Fr),
        customer: None,
        lines: Vec::new(),
        terms: Terms::default(),
        return_url: None,
        metadata: Map::new(),
    };
    fresh(&scope, &new, &Zone::paris(), now)
}
