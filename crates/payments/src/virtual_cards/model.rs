//! Window and balance of a virtual card, what they allow, and where it is listed.

use kernel::time::{plus_days, plus_months};
use kernel::{BookingId, CardToken, Currency, Date, Money, ShopId, Timestamp, Zone};
use serde::{Deserialize, Serialize};

use super::{CHARGE_MONTHS, MOST_ATTEMPTS, REFUND_DAYS};
use crate::payment::words::words;
use crate::subject::Claim;

words! {
    /// Who says that a card is virtual, or what its window is.
    Source {
        /// The sales channel.
        Channel => "channel",
        /// The table of issuer ranges.
        Bin => "bin",
        /// The issuer, in a decline.
        Advice => "advice",
        /// A person.
        Staff => "staff",
    }
}

words! {
    /// The lists of virtual cards.
    Tab {
        /// Opens today.
        Today => "today",
        /// Opens within a week.
        Soon => "soon",
        /// Open since before today, and nothing charged.
        Late => "late",
        /// Charged in part.
        Left => "left",
        /// To be refunded.
        Refund => "refund",
        /// Not chargeable much longer.
        Losing => "losing",
        /// Charged in full.
        Charged => "charged",
    }
}

/// Window and balance, as told. Days are those of the property.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// First day on which it can be charged.
    pub active_from: Option<Date>,
    /// Last day on which it is active.
    pub active_until: Option<Date>,
    /// Last day on which it can be charged.
    pub charge_before: Option<Date>,
    /// What it holds, in minor units.
    pub balance: Option<i64>,
    /// The currency of the balance.
    pub currency: Option<Currency>,
    /// When the balance was told.
    pub balance_at: Option<Timestamp>,
    /// Trades that may charge it (ISO 18245); none named: all.
    pub mcc_allowed: Vec<String>,
    /// Good for one charge.
    pub single_use: bool,
    /// Until when a refund is due.
    pub refund_before: Option<Date>,
}

impl Facts {
    /// The balance, when it is known.
    #[must_use]
    pub fn balance(&self) -> Option<Money> {
        self.balance.zip(self.currency).map(|(minor, currency)| Money::new(minor, currency))
    }

    /// The last day on which it can be charged.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        [self.active_until, self.charge_before].into_iter().flatten().min()
    }
}

/// A virtual card as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualCard {
    /// The card.
    pub card: CardToken,
    /// Whose.
    pub shop: ShopId,
    /// Its number, but for the last four digits.
    pub masked: String,
    /// Who sent it; empty when nobody said.
    pub channel: String,
    /// Id or foreign reference of the booking; empty when there is none.
    pub booking: String,
    /// Window and balance.
    pub facts: Facts,
    /// Who told them last.
    pub source: Source,
    /// Goes up by one with each change.
    pub version: i64,
    /// When the vault received it, by the shop's clock.
    pub received_at: Timestamp,
}

/// What was done with a card here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Use {
    /// Captured in all, in minor units.
    pub captured: i64,
    /// Given back of it.
    pub refunded: i64,
    /// Authorised, or on its way to the bank, since the balance was told.
    pub since_balance: i64,
    /// The part of it that may still come back: not captured yet.
    pub undecided: i64,
    /// Payments that were made with it.
    pub payments: i64,
    /// When it was tried within the last 24 hours, newest first.
    pub tries: Vec<Timestamp>,
}

/// Why a charge is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It opens at this instant.
    NotActive(Timestamp),
    /// Its last day is over.
    WindowClosed(Date),
    /// This much can be charged.
    OverBalance(Money),
    /// It takes this currency only.
    Currency(Currency),
    /// The shop's trade is not among those allowed.
    Mcc,
    /// Tried twice: again at this instant.
    Attempts(Timestamp),
    /// Good for one charge, and charged.
    SingleUse,
}

impl Refusal {
    /// The stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotActive(_) => "vcc_not_active",
            Self::WindowClosed(_) => "vcc_window_closed",
            Self::OverBalance(_) => "vcc_over_balance",
            Self::Currency(_) => "vcc_currency",
            Self::Mcc => "vcc_mcc",
            Self::Attempts(_) => "vcc_attempts",
            Self::SingleUse => "vcc_single_use",
        }
    }
}

impl From<Refusal> for kernel::Problem {
    fn from(refusal: Refusal) -> Self {
        let refused = |text: &str| Self::new(409, refusal.code(), text);
        match &refusal {
            Refusal::NotActive(opens) => {
                refused("The virtual card is not active yet.").with("active_at", opens.to_string())
            }
            Refusal::WindowClosed(last) => refused("The virtual card can no longer be charged.")
                .with("last_day", last.to_string()),
            Refusal::OverBalance(left) => refused("This is more than the virtual card holds.")
                .with("possible", left.minor())
                .with("currency", left.currency().code()),
            Refusal::Currency(currency) => refused("The virtual card takes another currency.")
                .with("currency", currency.code()),
            Refusal::Mcc => refused("The virtual card is not for the trade of this shop."),
            Refusal::Attempts(again) => refused("The virtual card was tried twice in 24 hours.")
                .with("next", again.to_string()),
            Refusal::SingleUse => refused("The virtual card was good for one charge."),
        }
    }
}

/// When and where a charge would be made.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The instant, by the shop's clock.
    pub now: Timestamp,
    /// Where the property is.
    pub zone: &'a Zone,
    /// The shop's trade (ISO 18245), where it is known.
    pub mcc: Option<&'a str>,
}

const DAY_SECONDS: i64 = 86_400;

impl VirtualCard {
    /// The booking, when it is one of this house.
    #[must_use]
    pub fn booking(&self) -> Option<BookingId> {
        self.booking.parse().ok()
    }

    /// With what is usual where the channel told nothing: chargeable until twelve months after
    /// the guest left, a refund due sixty days after a cancellation.
    #[must_use]
    pub fn for_stay(&self, claim: Option<&Claim>) -> Self {
        let mut card = self.clone();
        let Some(claim) = claim else { return card };
        let facts = &mut card.facts;
        let usual = plus_months(claim.check_out, CHARGE_MONTHS);
        facts.charge_before = facts.charge_before.or(Some(usual));
        let due = claim.cancelled.map(|day| plus_days(day, REFUND_DAYS));
        facts.refund_before = facts.refund_before.or(due);
        card
    }

    /// What can still be charged; nothing when no balance was told.
    #[must_use]
    pub fn left(&self, used: &Use) -> Option<Money> {
        let balance = self.facts.balance()?;
        let left = balance.minor().saturating_sub(used.since_balance).max(0);
        Some(Money::new(left, balance.currency()))
    }

    /// Whether it can be charged now, by its window alone.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn open(&self, at: Moment<'_>) -> Result<(), Refusal> {
        let today = at.zone.date(at.now);
        if let Some(first) = self.facts.active_from.filter(|first| today < *first) {
            return Err(Refusal::NotActive(at.zone.start_of(first)));
        }
        match self.facts.last_day().filter(|last| today > *last) {
            Some(last) => Err(Refusal::WindowClosed(last)),
            None => Ok(()),
        }
    }

    /// Whether this amount can be charged now.
    ///
    /// # Errors
    /// [`Refusal`]: nothing may be sent.
    pub fn admit(&self, amount: Money, used: &Use, at: Moment<'_>) -> Result<(), Refusal> {
        self.open(at)?;
        if let Some(currency) = self.facts.currency.filter(|own| *own != amount.currency()) {
            return Err(Refusal::Currency(currency));
        }
        let allowed = &self.facts.mcc_allowed;
        let trades = |mcc: &&str| !allowed.is_empty() && !allowed.iter().any(|one| one == mcc);
        if at.mcc.as_ref().is_some_and(trades) {
            return Err(Refusal::Mcc);
        }
        if self.facts.single_use && used.captured > 0 {
            return Err(Refusal::SingleUse);
        }
        if let Some(left) = self.left(used).filter(|left| amount.minor() > left.minor()) {
            return Err(Refusal::OverBalance(left));
        }
        match used.tries.get(MOST_ATTEMPTS.saturating_sub(1)) {
            Some(oldest) => Err(Refusal::Attempts(oldest.plus_seconds(DAY_SECONDS))),
            None => Ok(()),
        }
    }

    /// The first day on which it can be charged, or that on which it came.
    #[must_use]
    pub fn first_day(&self, zone: &Zone) -> Date {
        self.facts.active_from.unwrap_or_else(|| zone.date(self.received_at))
    }

    /// As the card shows it.
    #[must_use]
    pub fn shown(&self, used: &Use) -> serde_json::Value {
        let facts = &self.facts;
        let balance = facts.balance();
        serde_json::json!({
            "active_from": facts.active_from.map(|day| day.to_string()),
            "active_until": facts.active_until.map(|day| day.to_string()),
            "charge_before": facts.charge_before.map(|day| day.to_string()),
            "balance": balance.map(amount),
            "balance_at": facts.balance_at,
            "mcc_allowed": facts.mcc_allowed,
            "single_use": facts.single_use,
            "source": self.source.as_str(),
            "refund_before": facts.refund_before.map(|day| day.to_string()),
            "attempts_24h": used.tries.len(),
        })
    }
}

/// An amount as programs read it.
#[must_use]
pub fn amount(money: Money) -> serde_json::Value {
    serde_json::json!({ "amount": money.minor(), "currency": money.currency() })
}
