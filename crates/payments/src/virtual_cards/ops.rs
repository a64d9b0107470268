//! Registering a virtual card, changing it, and the look before each charge.

use db::{DbError, Tx, outbox};
use identity::audit;
use kernel::{AuditId, CardToken, Currency, Date, EventId, Money, ShopId, Timestamp, Zone};
use serde_json::{Value, json};
use vault_wire::CardOfBooking;

use super::model::{Facts, Moment, Refusal, Source, Use, VirtualCard};
use super::store;
use crate::payment::save::{Pen, zone};
use crate::subject::{Claim, keeper};

const DAY_SECONDS: i64 = 86_400;

/// Takes in a card that the vault says is virtual; what is known already stays.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn register(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    shop: ShopId,
    given: &CardOfBooking,
) -> Result<(), DbError> {
    let new = first(shop, given);
    match store::find(tx, pen.scope, new.card)? {
        // It was used before the vault could tell for which booking it came.
        Some(known) if known.booking.is_empty() => store::set_booking(tx, pen.scope, &new),
        Some(_) => Ok(()),
        None => {
            super::daily::plan(tx, pen, shop)?;
            store::insert(tx, pen.scope, &new, pen.now)
        }
    }
}

/// A card as the vault gave it, not virtual until somebody says so.
#[must_use]
pub fn first(shop: ShopId, given: &CardOfBooking) -> VirtualCard {
    let card = &given.card;
    let facts = card.virtual_card.as_ref().map(told).unwrap_or_default();
    let balance_at = facts.balance.map(|_| card.received_at);
    VirtualCard {
        card: card.token,
        shop,
        masked: card.masked.clone(),
        channel: card.channel.clone().unwrap_or_default(),
        booking: given.booking.clone().unwrap_or_default(),
        facts: Facts { balance_at, ..facts },
        source: if card.virtual_card.is_some() { Source::Channel } else { Source::Bin },
        version: 1,
        received_at: card.received_at,
    }
}

/// What a channel told when it sent the card.
fn told(given: &Value) -> Facts {
    let day = |name: &str| given[name].as_str().and_then(|text| text.parse::<Date>().ok());
    let balance = &given["balance"];
    let trades = given["mcc_allowed"].as_array().map(Vec::as_slice).unwrap_or_default();
    Facts {
        active_from: day("active_from"),
        active_until: day("active_until"),
        charge_before: day("charge_before"),
        balance: balance["amount"].as_i64(),
        currency: balance["currency"].as_str().and_then(|text| text.parse::<Currency>().ok()),
        mcc_allowed: trades.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        single_use: given["single_use"].as_bool().unwrap_or_default(),
        ..Facts::default()
    }
}

/// Writes what somebody says of a card's window and balance; `false` when another change came
/// first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn change(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    after: &VirtualCard,
    origin: &audit::Origin,
) -> Result<bool, DbError> {
    let before = store::find(tx, pen.scope, after.card)?;
    match &before {
        None if after.version == 1 => {
            super::daily::plan(tx, pen, after.shop)?;
            store::insert(tx, pen.scope, after, pen.now)?;
        }
        None => return Ok(false),
        Some(_) if !store::update(tx, pen.scope, after, pen.now)? => return Ok(false),
        Some(_) => {}
    }
    let Some(seen) = look(tx, pen, after.card)? else { return Ok(false) };
    let shown = seen.shown();
    let was = before.map(|before| serde_json::to_value(before.facts).unwrap_or_default());
    let mut line = audit::Line::new("card.virtual", after.card, origin).after(shown.clone());
    if let Some(was) = was {
        line = line.before(was);
    }
    let id = AuditId::new(pen.real_now, pen.rng);
    audit::record(tx, pen.scope, &line, pen.real_now, id)?;
    let event = outbox::NewEvent {
        id: EventId::new(pen.now, pen.rng),
        kind: "card.virtual_updated",
        object: after.card.to_string(),
        shop: after.shop,
        body: json!({ "id": after.card, "virtual": shown, "version": after.version }),
    };
    outbox::emit(tx, pen.scope, &event, pen.now)?;
    Ok(true)
}

/// A virtual card with everything that decides over it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// As somebody told it.
    pub told: VirtualCard,
    /// The same with what is usual where nobody told anything.
    pub card: VirtualCard,
    /// What was done with it here.
    pub used: Use,
    /// What its booking still owes, when it is one of this house.
    pub claim: Option<Claim>,
    /// Where the property is.
    pub zone: Zone,
    /// The shop's trade, where it is known.
    pub trade: Option<String>,
}

impl Seen {
    /// As the card shows it.
    #[must_use]
    pub fn shown(&self) -> Value {
        self.card.shown(&self.used)
    }

    /// The currency it is charged in.
    #[must_use]
    pub fn currency(&self) -> Currency {
        let due = self.claim.as_ref().map(|claim| claim.due.currency());
        self.card.facts.currency.or(due).unwrap_or(Currency::EUR)
    }

    /// What can be charged in all: what the booking owes, as far as the balance goes; nothing when
    /// neither is known.
    #[must_use]
    pub fn possible(&self) -> Option<Money> {
        let left = self.card.left(&self.used);
        let due = self.claim.as_ref().map(|claim| claim.due);
        match (left, due) {
            (Some(left), Some(due)) if due.currency() == left.currency() => {
                Some(if due.minor() < left.minor() { due } else { left })
            }
            (Some(left), _) => Some(left),
            (None, due) => due,
        }
    }

    /// When it opens, if that is after a moment.
    #[must_use]
    pub fn opens_after(&self, now: Timestamp) -> Option<Timestamp> {
        let at = Moment { now, zone: &self.zone, mcc: None };
        match self.card.open(at) {
            Err(Refusal::NotActive(opens)) => Some(opens),
            _ => None,
        }
    }

    /// Whether this amount can be charged at a moment.
    ///
    /// # Errors
    /// [`Refusal`]: nothing may be sent.
    pub fn admit(&self, amount: Money, now: Timestamp) -> Result<(), Refusal> {
        let at = Moment { now, zone: &self.zone, mcc: self.trade.as_deref() };
        self.card.admit(amount, &self.used, at)
    }
}

/// The last day for which the vault must keep a card: while money is on it, whatever its booking
/// owes, or a charge is not decided.
#[must_use]
pub fn needed(seen: &Seen) -> Option<Date> {
    let left = seen.card.left(&seen.used);
    let more = left.is_none_or(|left| left.minor() > 0) || seen.used.undecided > 0;
    seen.card.facts.last_day().filter(|_| more)
}

/// A card with what decides over it, if it is virtual.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn look(tx: &mut Tx<'_>, pen: &Pen<'_>, card: CardToken) -> Result<Option<Seen>, DbError> {
    let Some(told) = store::find(tx, pen.scope, card)? else { return Ok(None) };
    consider(tx, pen, told).map(Some)
}

/// The same for a card at hand, registered or not.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn consider(tx: &mut Tx<'_>, pen: &Pen<'_>, told: VirtualCard) -> Result<Seen, DbError> {
    let used = store::used(tx, pen.scope, &told, pen.now.plus_seconds(-DAY_SECONDS))?;
    let claim = match (keeper(pen.subjects), told.booking()) {
        (Some(keeper), Some(booking)) => keeper.claim(tx, pen.scope, booking.id())?,
        _ => None,
    };
    let zone = zone(tx, pen.scope)?;
    let trade = Some(store::policy(tx, pen.scope, told.shop)?.mcc).filter(|mcc| !mcc.is_empty());
    Ok(Seen { card: told.for_stay(claim.as_ref()), told, used, claim, zone, trade })
}

/// Whether a card may be charged now: the look in the transaction that would store the attempt.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn admit(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    (card, amount): (CardToken, Money),
) -> Result<Result<(), Refusal>, DbError> {
    Ok(look(tx, pen, card)?.map_or(Ok(()), |seen| seen.admit(amount, pen.now)))
}
