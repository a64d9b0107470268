//! The rest of a stay, charged by staff on the card that the guest left for it.

use db::{DbError, Tx};
use http::Words;
use kernel::money::MoneyError;
use kernel::{Money, Right, Scope, format};
use payments::engine::charge::kept_card;
use payments::payment::model::Session;
use payments::payment::{
    CapturePlan, Channel, Initiator, KeepCard, Line, Parallel, Payer, Purpose, Terms,
};
use payments::payment::{Card, Group, Status, ThreedsWish};
use payments::{NewIds, NewPayment, Payment, Reason, SubjectRef};
use web::Context;

use super::model::Booking;
use super::outside::model::{self as outside, Recorded, RecordedKind};
use super::outside::store;
use super::subject::BOOKING;
use crate::moment::Moment;

/// Why the balance cannot be charged now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// The booking is not firm.
    NotFirm,
    /// Everything was debited.
    NothingDue,
    /// The guest left no card for this stay.
    NoCard,
    /// A payment of it is not decided yet.
    InProgress,
    /// The card is blocked at the vault.
    CardBlocked,
    /// The card's expiry month is over.
    CardExpired,
    /// The person may not charge cards.
    Right,
    /// It is more than the person may move in one operation: this is his ceiling.
    Ceiling(Money),
}

impl WhyNot {
    /// What the keys of its sentences begin with.
    pub const WORDS: &'static str = "booking-no-balance";

    /// The word of it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotFirm => "not_firm",
            Self::NothingDue => "nothing_due",
            Self::NoCard => "no_card",
            Self::InProgress => "in_progress",
            Self::CardBlocked => "card_blocked",
            Self::CardExpired => "card_expired",
            Self::Right => "right",
            Self::Ceiling(_) => "ceiling",
        }
    }

    /// Key of its sentence.
    #[must_use]
    pub fn key(self) -> String {
        format!("{}-{}", Self::WORDS, self.word().replace('_', "-"))
    }

    /// The sentence.
    #[must_use]
    pub fn say(self, words: &Words) -> String {
        match self {
            Self::Ceiling(most) => {
                let most = format::money(most, words.locale());
                words.with(&self.key(), &[("most", &most)])
            }
            _ => words.say(&self.key()),
        }
    }
}

/// What is left to debit. What a bank accepted and can still be debited counts as debited, whoever
/// asked for it; what was given back stays given back: it is not asked again.
///
/// # Errors
/// [`MoneyError`] out of range.
pub fn due(
    booking: &Booking,
    (payments, recorded): (&[Payment], &[Recorded]),
) -> Result<Money, MoneyError> {
    let zero = Money::zero(booking.total.currency());
    let elsewhere = outside::sum(zero, recorded, RecordedKind::Debit)?;
    let debited = payments
        .iter()
        .try_fold(elsewhere, |sum, payment| sum.plus(payment.money(taken(payment))))?;
    let left = booking.total.minus(debited)?;
    Ok(if left.is_negative() { zero } else { left })
}

/// Minor units that a payment debited or still holds for it.
const fn taken(payment: &Payment) -> i64 {
    let counters = &payment.counters;
    let held = counters.capturable().saturating_add(counters.capture_requested);
    counters.captured.saturating_add(held)
}

/// The balance of a booking as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// What is left to debit.
    pub due: Money,
    /// The card kept for the stay.
    pub card: Option<Card>,
    /// Why it cannot be charged now.
    pub why_not: Option<WhyNot>,
}

impl Balance {
    /// As it stands where a card that the guest did not pay with makes up for the missing one.
    #[must_use]
    pub fn on_another_card(mut self, scope: &Scope) -> Self {
        if self.why_not == Some(WhyNot::NoCard) {
            self.why_not = (!scope.may(Right::CardUse)).then_some(WhyNot::Right);
        }
        self
    }

    /// As a person with this ceiling may charge it, in minor units; none is no limit.
    #[must_use]
    pub fn up_to(mut self, ceiling: Option<i64>) -> Self {
        let currency = self.due.currency();
        if let Some(most) = ceiling.filter(|most| self.due.minor() > *most) {
            self.why_not = self.why_not.or(Some(WhyNot::Ceiling(Money::new(most, currency))));
        }
        self
    }

    /// As a person may charge it in parts: his ceiling stops only what is above it.
    #[must_use]
    pub fn in_parts(mut self) -> Self {
        if matches!(self.why_not, Some(WhyNot::Ceiling(most)) if most.minor() > 0) {
            self.why_not = None;
        }
        self
    }

    /// The most that a person with this ceiling may charge now.
    #[must_use]
    pub fn most(&self, ceiling: Option<i64>) -> Money {
        let due = self.due.minor();
        Money::new(ceiling.map_or(due, |most| most.min(due)), self.due.currency())
    }
}

/// Reads what is left and whether it can be charged.
///
/// # Errors
/// [`DbError`]; amounts out of range are corrupt data.
pub fn balance(
    tx: &mut Tx,
    scope: &Scope,
    booking: &Booking,
    payments: &[Payment],
) -> Result<Balance, DbError> {
    let recorded = store::of(tx, scope, booking.id)?;
    let due =
        due(booking, (payments, &recorded)).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let card = kept_card(tx, scope, booking.id)?;
    let why_not = if !booking.state.is_firm() {
        Some(WhyNot::NotFirm)
    } else if due.is_zero() {
        Some(WhyNot::NothingDue)
    } else if is_undecided(payments) {
        Some(WhyNot::InProgress)
    } else if card.is_none() {
        Some(WhyNot::NoCard)
    } else if !scope.may(Right::CardUse) {
        Some(WhyNot::Right)
    } else {
        None
    };
    Ok(Balance { due, card, why_not })
}

/// Whether what is left may already be on its way: whoever asked for it, as long as a bank, a
/// remittance or a person has not decided; a charge of the rest, or one that its payer is asked to
/// confirm with his bank, as long as it is not over.
#[must_use]
pub fn is_undecided(payments: &[Payment]) -> bool {
    payments.iter().any(|payment| {
        let open = matches!(payment.status.group(), Group::InProgress | Group::ToDo);
        let waits = payment.purpose == Purpose::Balance
            || payment.threeds_wish == ThreedsWish::Mandate && payment.session == Session::Open;
        undecided(payment.status) || open && waits
    })
}

/// Whether money may move without anybody asking for it again.
const fn undecided(status: Status) -> bool {
    matches!(
        status,
        Status::Authorising
            | Status::Unknown
            | Status::Capturing
            | Status::ToValidate
            | Status::Review
    )
}

/// The payment of the balance as it is made now, in the guest's words.
#[must_use]
pub fn payment_now(
    ctx: &Context,
    (booking, payments): (&Booking, &[Payment]),
    amount: Money,
) -> NewPayment {
    let moment = Moment::new(ctx.now(booking.shop), ctx.rng.as_ref());
    let words = ctx.words(booking.contact.language);
    let label = words.with("booking-balance-line", &[("number", &booking.number)]);
    NewPayment {
        order_ref: reference(booking, payments),
        ..payment(booking, amount, label, moment)
    }
}

/// The reference of the next charge of the rest: the deposit is the first, and each rest that was
/// charged counts on, so that two presses at once make one payment and a longer stay another.
fn reference(booking: &Booking, payments: &[Payment]) -> String {
    let charged =
        |payment: &&Payment| payment.purpose == Purpose::Balance && payment.counters.captured > 0;
    format!("{}/{}", booking.number, payments.iter().filter(charged).count().saturating_add(2))
}

/// The payment of the balance: without the guest, under the agreement he gave with the deposit.
#[must_use]
pub fn payment(booking: &Booking, amount: Money, label: String, moment: Moment) -> NewPayment {
    NewPayment {
        ids: NewIds::new(moment.now, moment.rng),
        shop: booking.shop,
        point_of_sale: booking.point_of_sale,
        channel: Channel::Counter,
        amount,
        order_ref: format!("{}/2", booking.number),
        parallel: Parallel::Refuse,
        purpose: Purpose::Balance,
        subject: Some(SubjectRef { kind: BOOKING.into(), id: booking.id.id() }),
        booking: Some(booking.id),
        capture: CapturePlan::NOW,
        initiator: Initiator::Merchant,
        reason: Some(Reason::Instalment),
        keep_card: KeepCard::Booking,
        payer: Payer {
            email: Some(booking.contact.email.clone()),
            first_name: booking.contact.first_name.clone(),
            last_name: booking.contact.last_name.clone(),
            language: booking.contact.language,
            country: None,
            phone: None,
        },
        customer: None,
        lines: vec![Line { label, amount: Some(amount) }],
        terms: Terms::default(),
        return_url: None,
        metadata: serde_json::Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_89_whoever_charges_it_is_not_charged_beside_him() {
        use Status::{Abandoned, Authorised, Authorising, Captured, Capturing, Review, ToValidate};
        let open = [Authorising, Status::Unknown, Capturing, ToValidate, Review];
        assert!(open.into_iter().all(undecided));
        let decided = [Authorised, Captured, Abandoned, Status::Refused, Status::Settled];
        assert!(!decided.into_iter().any(undecided));
    }

    #[test]
    fn u_03_a_balance_above_the_persons_ceiling_is_not_his_to_charge() {
        let due = Money::eur(14_994);
        let balance = |why_not| Balance { due, card: None, why_not };
        let why = |ceiling| balance(None).up_to(ceiling).why_not;
        assert_eq!((why(None), why(Some(14_994))), (None, None));
        assert_eq!(why(Some(14_993)), Some(WhyNot::Ceiling(Money::eur(14_993))));
        let no_card = balance(Some(WhyNot::NoCard)).up_to(Some(1));
        assert_eq!(no_card.why_not, Some(WhyNot::NoCard));
        let due = balance(Some(WhyNot::NoCard));
        assert_eq!((due.most(None), due.most(Some(5_000))), (due.due, Money::eur(5_000)));
        let why = |ceiling| balance(None).up_to(Some(ceiling)).in_parts().why_not;
        assert_eq!(why(5_000), None, "a part is his to charge");
        assert_eq!(why(0), Some(WhyNot::Ceiling(Money::eur(0))));
        assert_eq!(due.in_parts().why_not, Some(WhyNot::NoCard));
        let catalogue = crate::testing::catalogue();
        let said = WhyNot::Ceiling(Money::eur(5_000)).say(&catalogue.words(kernel::Locale::Fr));
        assert!(said.contains("50,00\u{a0}€"), "{said}");
    }
}
