//! Who bears a fraud: the issuer (guaranteed) or the merchant (not).
//!
//! A value with a reason, computed from the facts of the payment, first matching line.
//! Sources: rules of liability shift published by French acquirers (transfer of liability,
//! liability matrix); a CB authentication covers captures up to six days after it.

use kernel::{Date, Timestamp, Zone};
use serde::{Deserialize, Serialize};

use super::model::{Channel, Initiator, Payment, Reason, ThreedsWish};
use super::words::words;

/// Days after the authentication in which a CB capture stays guaranteed.
pub const CB_GUARANTEE_DAYS: i64 = 6;

words! {
    /// Whether the payment is guaranteed.
    GuaranteeValue {
        /// The issuer bears a fraud.
        Yes => "yes",
        /// The merchant bears it.
        No => "no",
        /// Not known.
        Unknown => "unknown",
    }
}

/// The guarantee and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guarantee {
    /// Yes, no or unknown.
    pub value: GuaranteeValue,
    /// Stable word, such as `threeds_y`.
    pub reason: String,
}

impl Guarantee {
    fn new(value: GuaranteeValue, reason: &str) -> Self {
        Self { value, reason: reason.to_owned() }
    }
}

/// What strong authentication said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreeDs {
    /// Protocol version.
    pub version: String,
    /// What we asked: `auto`, `mandate`…
    pub asked: String,
    /// `challenge` or `frictionless`.
    pub flow: String,
    /// `Y`, `A`, `N`, `U`, `R`, `not_enrolled`, `timeout`.
    pub result: String,
    /// Electronic commerce indicator.
    pub eci: Option<String>,
    /// Whether a proof (authentication value) came with it.
    pub proof: bool,
    /// When it was done.
    pub at: Option<Timestamp>,
}

/// The guarantee of a payment as its facts stand. `captured_on` is the day the capture is
/// made or planned, `None` while only authorised.
#[must_use]
pub fn of(payment: &Payment, captured_on: Option<Date>, zone: &Zone) -> Guarantee {
    use GuaranteeValue::{No, Unknown, Yes};
    if payment.channel == Channel::MotoTerminal || payment.reason == Some(Reason::Moto) {
        return Guarantee::new(No, "moto");
    }
    if payment.initiator == Initiator::Merchant {
        return Guarantee::new(No, merchant_reason(payment.reason));
    }
    let mandated = payment.threeds.as_ref().is_some_and(|t| t.flow == "challenge");
    if payment.threeds_wish == ThreedsWish::Avoid && !mandated {
        return Guarantee::new(No, "exemption_requested");
    }
    if payment.card.as_ref().is_some_and(|card| card.funding.as_deref() == Some("prepaid")) {
        return Guarantee::new(No, "prepaid");
    }
    let Some(threeds) = &payment.threeds else { return Guarantee::new(No, "no_3ds") };
    let cb = payment.card.as_ref().is_some_and(|card| card.network() == "cb");
    if cb && threeds.at.zip(captured_on).is_some_and(|(at, on)| after_window(at, on, zone)) {
        return Guarantee::new(No, "captured_late");
    }
    match threeds.result.as_str() {
        "Y" => Guarantee::new(Yes, "threeds_y"),
        "A" if cb || threeds.proof => Guarantee::new(Yes, "threeds_a"),
        "A" => Guarantee::new(No, "threeds_a"),
        "not_enrolled" if cb => Guarantee::new(Yes, "cb_not_enrolled"),
        "U" | "timeout" => Guarantee::new(No, "threeds_u"),
        "I" => Guarantee::new(No, "data_only"),
        "not_enrolled" => Guarantee::new(No, "no_3ds"),
        _ => Guarantee::new(Unknown, "unknown"),
    }
}

const fn merchant_reason(reason: Option<Reason>) -> &'static str {
    match reason {
        Some(Reason::Recurring) => "recurring",
        Some(Reason::Instalment) => "instalment_2n",
        Some(Reason::Reauthorisation) => "captured_late",
        _ => "no_3ds",
    }
}

fn after_window(authenticated: Timestamp, captured_on: Date, zone: &Zone) -> bool {
    captured_on > kernel::time::plus_days(zone.date(authenticated), CB_GUARANTEE_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::ops::sample;

    /// A payment authenticated with this result on 23 November 2026.
    fn authenticated(result: &str) -> Payment {
        let mut payment = sample(&kernel::rng::SeededRng::new(7));
        payment.card = serde_json::from_value(serde_json::json!({
            "id": kernel::CardToken::random(&kernel::rng::SeededRng::new(8)),
            "brand": "visa", "co_brands": ["cb"], "last4": "0154",
            "exp_month": 3, "exp_year": 2029,
        }))
        .unwrap();
        payment.threeds = Some(ThreeDs {
            version: "2.2.0".into(),
            asked: "auto".into(),
            flow: "frictionless".into(),
            result: result.into(),
            eci: None,
            proof: false,
            at: Some(Timestamp::parse_rfc3339("2026-11-23T09:00:00Z").unwrap()),
        });
        payment
    }

    fn said(payment: &Payment, captured_on: Option<&str>) -> (GuaranteeValue, String) {
        let day = captured_on.map(|day| day.parse().unwrap());
        let given = of(payment, day, &Zone::paris());
        (given.value, given.reason.to_string())
    }

    #[test]
    fn p_28_the_first_matching_line_gives_the_guarantee() {
        use GuaranteeValue::{No, Yes};
        let mastercard = |result: &str| {
            let mut payment = authenticated(result);
            let card = payment.card.as_mut().unwrap();
            card.brand = "mastercard".into();
            card.co_brands.clear();
            payment
        };
        let with = |change: fn(&mut Payment)| {
            let mut payment = authenticated("Y");
            change(&mut payment);
            payment
        };
        let proven = {
            let mut payment = mastercard("A");
            payment.threeds.as_mut().unwrap().proof = true;
            payment
        };
        let cases = [
            (with(|p| p.channel = Channel::MotoTerminal), No, "moto"),
            (with(|p| p.initiator = Initiator::Merchant), No, "no_3ds"),
            (with(|p| p.threeds_wish = ThreedsWish::Avoid), No, "exemption_requested"),
            (with(|p| p.card.as_mut().unwrap().funding = Some("prepaid".into())), No, "prepaid"),
            (with(|p| p.threeds = None), No, "no_3ds"),
            (authenticated("Y"), Yes, "threeds_y"),
            (authenticated("A"), Yes, "threeds_a"),
            (mastercard("A"), No, "threeds_a"),
            (proven, Yes, "threeds_a"),
            (authenticated("not_enrolled"), Yes, "cb_not_enrolled"),
            (mastercard("not_enrolled"), No, "no_3ds"),
            (authenticated("U"), No, "threeds_u"),
        ];
        for (payment, value, reason) in cases {
            assert_eq!(said(&payment, None), (value, reason.to_owned()));
        }
        let mut balance = authenticated("Y");
        balance.initiator = Initiator::Merchant;
        balance.reason = Some(Reason::Instalment);
        assert_eq!(said(&balance, None).1, "instalment_2n");
    }

    #[test]
    fn p_28_worked_example_4_the_window_of_a_cb_card() {
        let payment = authenticated("Y");
        assert_eq!(said(&payment, Some("2026-11-29")).0, GuaranteeValue::Yes);
        let late = said(&payment, Some("2026-11-30"));
        assert_eq!(late, (GuaranteeValue::No, "captured_late".to_owned()));
    }
}
