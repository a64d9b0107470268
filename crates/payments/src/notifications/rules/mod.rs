//! Rules: which events, under which condition, are told to whom. Pure; SQL is in [`store`].
//!
//! A rule belongs to one shop, and a shop is a live one or a test one, so live and test are told
//! apart by themselves. A shop starts with the [`PRESETS`]; a preset has a row only when somebody
//! switched it.

pub mod api;
pub mod describe;
pub mod pages;
pub mod store;

use db::outbox::Event;
use kernel::{Email, RuleId, ShopId, Timestamp, WebhookEndpointId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{body, kinds};

/// Longest name of a rule, in characters.
pub const MAX_NAME_CHARACTERS: usize = 100;
/// Most patterns of one rule.
pub const MAX_PATTERNS: usize = 40;
/// The pattern of every event.
pub const EVERYTHING: &str = "*";

/// A set of events: kinds (`payment.captured`), families (`payment.*`) or everything (`*`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Events(Vec<String>);

/// A pattern that names no event of this house.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no event is called so")]
pub struct UnknownEvent(pub usize);

impl Events {
    /// Reads patterns.
    ///
    /// # Errors
    /// [`UnknownEvent`] with the place of the first that names nothing.
    pub fn read<T: AsRef<str>>(patterns: &[T]) -> Result<Self, UnknownEvent> {
        let mut kept = Vec::new();
        for (place, pattern) in patterns.iter().enumerate() {
            let pattern = pattern.as_ref().trim();
            if !kinds::ALL.iter().any(|kind| fits(pattern, kind)) {
                return Err(UnknownEvent(place));
            }
            if !kept.iter().any(|known| known == pattern) {
                kept.push(pattern.to_owned());
            }
        }
        if kept.is_empty() || kept.len() > MAX_PATTERNS {
            return Err(UnknownEvent(0));
        }
        Ok(Self(kept))
    }

    /// As stored: patterns separated by blanks.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.join(" ")
    }

    /// As read back.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }

    /// The patterns.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        &self.0
    }

    /// Whether a kind is among them.
    #[must_use]
    pub fn holds(&self, kind: &str) -> bool {
        self.0.iter().any(|pattern| fits(pattern, kind))
    }
}

fn fits(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        None => pattern == kind,
        Some("") => true,
        Some(family) => family.ends_with('.') && kind.starts_with(family),
    }
}

/// What else must be true of an event; an empty one is always met.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Through which door the change came: `page`, `api`, `desk`, `clock`, `connector`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    /// Where the sale was made: `ecommerce`, `moto`…
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channel: Vec<String>,
    /// Least amount of the payment, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_from: Option<i64>,
}

/// The doors that a condition may name.
pub const SOURCES: [&str; 5] = ["page", "api", "desk", "clock", "connector"];

impl Condition {
    /// Whether an event meets it.
    #[must_use]
    pub fn is_met(&self, event: &Event) -> bool {
        let word = |name: &str| event.body.get(name).and_then(Value::as_str).unwrap_or_default();
        let among = |list: &[String], word: &str| list.is_empty() || list.iter().any(|w| w == word);
        let amount = event.body.get("amount").and_then(Value::as_i64).unwrap_or(0);
        among(&self.source, body::source(event).unwrap_or_default())
            && among(&self.channel, word("channel"))
            && self.amount_from.is_none_or(|least| amount >= least)
    }
}

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A program, by JSON.
    Webhook(WebhookEndpointId),
    /// The merchant, by mail; to his own address unless another is given.
    MerchantMail(Option<Email>),
    /// Who pays, by mail in his language; nobody where the event tells of no payer.
    PayerMail,
    /// A telephone of the merchant, by text message.
    Sms(Phone),
}

/// A telephone number as networks write it (ITU-T E.164): `+33612345678`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

/// Digits a number has at most, and at least here.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

impl std::fmt::Display for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no telephone number")]
pub struct NoPhone;

impl std::str::FromStr for Phone {
    type Err = NoPhone;

    fn from_str(text: &str) -> Result<Self, NoPhone> {
        let text: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
        let digits = text.strip_prefix('+').ok_or(NoPhone)?;
        let right = PHONE_DIGITS.contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if right { Ok(Self(text)) } else { Err(NoPhone) }
    }
}

/// The words of targets that are told without a program.
pub const LETTERS: [&str; 3] = ["merchant_mail", "payer_mail", "sms"];

impl Target {
    /// The word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Webhook(_) => "webhook",
            Self::MerchantMail(_) => "merchant_mail",
            Self::PayerMail => "payer_mail",
            Self::Sms(_) => "sms",
        }
    }
}

/// Whether a rule acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// It acts.
    On,
    /// It does not.
    Off,
}

impl Switch {
    /// As stored: 0 is off.
    #[must_use]
    pub const fn stored(number: i64) -> Self {
        if number == 0 { Self::Off } else { Self::On }
    }

    /// Whether it acts.
    #[must_use]
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Whose events.
    pub shop: ShopId,
    /// The preset that it switches, if it is one.
    pub preset: Option<String>,
    /// What its owner calls it.
    pub name: String,
    /// Which events.
    pub events: Events,
    /// Under which condition.
    pub condition: Condition,
    /// Who is told.
    pub target: Target,
    /// Whether it acts.
    pub switch: Switch,
    /// When it was made, real time.
    pub created_at: Timestamp,
}

impl Rule {
    /// Whether it acts on an event.
    #[must_use]
    pub fn takes(&self, event: &Event) -> bool {
        self.switch.is_on() && self.events.holds(&event.kind) && self.condition.is_met(event)
    }
}

/// A rule that every shop starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub key: &'static str,
    /// Which events.
    pub events: &'static [&'static str],
    /// `payer_mail` or `merchant_mail`.
    pub target: &'static str,
    /// Whether it acts until somebody switches it.
    pub switch: Switch,
}

/// Mail to the payer: the money arrived.
pub const PAYER_RECEIPT: &str = "payer_receipt";
/// Mail to the payer: the bank did not answer, and what it said then.
pub const PAYER_CHECKING: &str = "payer_checking";
/// Mail to the payer: money went back.
pub const PAYER_REFUND: &str = "payer_refund";
/// Mail to the merchant: a message could not be delivered.
pub const NOTIFICATION_FAILURE: &str = "merchant_notification_failure";

/// The rules that every shop starts with. A mail to the payer about money that came too late for
/// its place cannot be switched off, so it is none of them.
pub const PRESETS: [Preset; 10] = [
    Preset {
        key: PAYER_RECEIPT,
        events: &["payment.captured"],
        target: "payer_mail",
        switch: Switch::On,
    },
    Preset {
        key: PAYER_CHECKING,
        events: &["payment.unknown", "payment.authorised", "payment.refused"],
        target: "payer_mail",
        switch: Switch::On,
    },
    Preset {
        key: PAYER_REFUND,
        events: &["refund.done"],
        target: "payer_mail",
        switch: Switch::On,
    },
    Preset {
        key: "merchant_accepted",
        events: &["payment.captured"],
        target: "merchant_mail",
        switch: Switch::Off,
    },
    Preset {
        key: "merchant_refused",
        events: &["payment.refused"],
        target: "merchant_mail",
        switch: Switch::Off,
    },
    Preset {
        key: "merchant_refund",
        events: &["refund.done", "refund.refused"],
        target: "merchant_mail",
        switch: Switch::Off,
    },
    Preset {
        key: "merchant_expired",
        events: &["payment.expired", "payment.capture_failed"],
        target: "merchant_mail",
        switch: Switch::On,
    },
    Preset {
        key: "merchant_expiring",
        events: &["payment.expiring"],
        target: "merchant_mail",
        switch: Switch::On,
    },
    Preset {
        key: "merchant_chargeback",
        events: &["chargeback.*"],
        target: "merchant_mail",
        switch: Switch::On,
    },
    Preset { key: NOTIFICATION_FAILURE, events: &[], target: "merchant_mail", switch: Switch::On },
];

/// The preset of a name.
#[must_use]
pub fn preset(key: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.key == key)
}

/// Whether a preset acts, given the rules of a shop.
#[must_use]
pub fn is_on(preset: &Preset, rules: &[Rule]) -> bool {
    let own = rules.iter().find(|rule| rule.preset.as_deref() == Some(preset.key));
    own.map_or(preset.switch, |rule| rule.switch).is_on()
}

/// What an address is usually told of: events and condition in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Its name.
    pub key: &'static str,
    /// Which events.
    pub events: &'static [&'static str],
    /// Through which doors; any when empty.
    pub sources: &'static [&'static str],
}

/// The usual selections: everything; the end of a payment on the page; what changes later by
/// itself; what is done at the desk (the classic silent address); payments; bookings; cards.
pub const SELECTIONS: [Selection; 7] = [
    Selection { key: "all", events: &[EVERYTHING], sources: &[] },
    Selection {
        key: "page",
        events: &[
            "payment.authorised",
            "payment.to_validate",
            "payment.captured",
            "payment.refused",
            "payment.abandoned",
            "payment.unknown",
        ],
        sources: &["page"],
    },
    Selection {
        key: "outside",
        events: &["payment.*", "refund.*", "guarantee.changed"],
        sources: &["clock", "connector"],
    },
    Selection { key: "desk", events: &["payment.*", "refund.*"], sources: &["desk"] },
    Selection { key: "payments", events: &["payment.*", "refund.*"], sources: &[] },
    Selection { key: "bookings", events: &["booking.*"], sources: &[] },
    Selection { key: "cards", events: &["card.*", "reveal.refused", "pin.locked"], sources: &[] },
];

impl Selection {
    /// Its events and condition.
    #[must_use]
    pub fn parts(&self) -> (Events, Condition) {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        let condition = Condition { source: words(self.sources), ..Condition::default() };
        (Events(words(self.events)), condition)
    }
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;
    use kernel::{EventId, MerchantId, Mode};
    use serde_json::json;

    use super::*;

    fn event(kind: &str, body: Value) -> Event {
        let rng = SeededRng::new(1);
        Event {
            id: EventId::random(&rng),
            merchant: MerchantId::random(&rng),
            mode: Mode::Test,
            shop: ShopId::random(&rng),
            kind: kind.into(),
            object: "pay_1".into(),
            body,
            at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn p_126_events_by_kind_family_or_all() {
        let some = Events::read(&["payment.*", "refund.done", "payment.*"]).unwrap();
        assert_eq!(some.patterns(), ["payment.*", "refund.done"]);
        assert!(some.holds("payment.captured") && some.holds("refund.done"));
        assert!(!some.holds("refund.sent") && !some.holds("paymentx"));
        assert_eq!(Events::stored(&some.text()), some);
        assert!(Events::read(&["*"]).unwrap().holds("hold.placed"));
        assert_eq!(Events::read(&["payment.captured", "payment.capured"]), Err(UnknownEvent(1)));
        assert!(Events::read(&["pay*"]).is_err() && Events::read::<&str>(&[]).is_err());
    }

    #[test]
    fn p_126_a_text_message_goes_to_a_number_as_networks_write_it() {
        let read = |text: &str| text.parse::<Phone>().map(|phone| phone.to_string());
        assert_eq!(read("+33 6 12 34 56 78"), Ok("+33612345678".into()));
        for wrong in ["0612345678", "+0612345678", "+33", "+3361234567890123", "+33x6123456"] {
            assert_eq!(read(wrong), Err(NoPhone), "{wrong}");
        }
    }

    #[test]
    fn p_126_a_condition_asks_for_door_channel_and_amount() {
        let body = json!({"source": "desk", "channel": "moto", "amount": 5000});
        let event = event("payment.captured", body);
        let met = |condition: Value| {
            serde_json::from_value::<Condition>(condition).unwrap().is_met(&event)
        };
        assert!(met(json!({})));
        assert!(met(json!({"source": ["page", "desk"], "amount_from": 5000})));
        assert!(!met(json!({"source": ["page"]})));
        assert!(!met(json!({"amount_from": 5001})));
        assert!(!met(json!({"channel": ["ecommerce"]})));
    }

    #[test]
    fn p_126_the_usual_selections_and_presets_name_events_that_exist() {
        for selection in SELECTIONS {
            assert!(Events::read(selection.events).is_ok(), "{}", selection.key);
            assert!(selection.sources.iter().all(|source| SOURCES.contains(source)));
        }
        for preset in PRESETS {
            let read = Events::read(preset.events);
            assert!(preset.events.is_empty() || read.is_ok(), "{}", preset.key);
        }
    }
}
