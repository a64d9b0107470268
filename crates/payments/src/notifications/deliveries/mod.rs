//! Deliveries: one event on its way to one endpoint, and the tries made. Pure; SQL is in
//! [`store`].

pub mod store;

use http::outside::{BadAddress, Failure, Heard};
use kernel::{
    DeliveryId, EventId, MerchantId, Mode, ShopId, Timestamp, WebhookEndpointId, card_text,
};
use serde_json::{Value, json};

/// Characters kept of an answer.
pub const ANSWER_CHARACTERS: usize = 500;

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// To be tried, now or later.
    Waiting,
    /// Taken by the receiver.
    Delivered,
    /// Given up after the last try.
    Failed,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Failed];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// Live or test.
    pub mode: Mode,
    /// The shop of the event.
    pub shop: ShopId,
    /// To whom.
    pub endpoint: WebhookEndpointId,
    /// What is told.
    pub event: EventId,
    /// Kind of the event.
    pub kind: String,
    /// The object that the event tells of.
    pub object: String,
    /// How far it is.
    pub state: State,
    /// Tries of the plan that were made.
    pub step: u32,
    /// Tries ever begun, those before a replay and those cut off included.
    pub tries: u32,
    /// When the next try is due, on the shop's clock.
    pub due_at: Timestamp,
    /// The lease of the try under way, real time.
    pub lease_until: Timestamp,
    /// How the last try ended.
    pub outcome: Option<Outcome>,
    /// When it was planned, on the shop's clock.
    pub planned_at: Timestamp,
}

impl Delivery {
    /// As programs see it.
    #[must_use]
    pub fn shape(&self) -> Value {
        json!({
            "id": self.id,
            "object": "webhook_delivery",
            "endpoint": self.endpoint,
            "event": self.event,
            "type": self.kind,
            "subject": self.object,
            "state": self.state.word(),
            "tries": self.tries,
            "outcome": self.outcome.map(Outcome::text),
            "next_try_at": (self.state == State::Waiting).then_some(self.due_at),
            "created_at": self.planned_at,
        })
    }
}

impl Try {
    /// As programs see it.
    #[must_use]
    pub fn shape(&self) -> Value {
        json!({
            "number": self.number,
            "at": self.at,
            "took_ms": self.took_ms,
            "outcome": self.outcome.text(),
            "answer": self.answer,
        })
    }
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this status.
    Status(u16),
    /// The name of the host is not known.
    Name,
    /// The name leads to an address that is not reached in live mode.
    Private,
    /// No connection.
    Connection,
    /// The certificate is not accepted.
    Tls,
    /// No answer in time.
    Timeout,
    /// What came is not an answer.
    Broken,
    /// The address cannot be used.
    Address,
    /// The secret does not open with the app's key.
    Secret,
}

/// The words of the outcomes without an answer.
const WORDS: [(Outcome, &str); 8] = [
    (Outcome::Name, "name"),
    (Outcome::Private, "private"),
    (Outcome::Connection, "connection"),
    (Outcome::Tls, "tls"),
    (Outcome::Timeout, "timeout"),
    (Outcome::Broken, "broken"),
    (Outcome::Address, "address"),
    (Outcome::Secret, "secret"),
];

impl Outcome {
    /// The status, or a word.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            other => {
                let found = WORDS.iter().find(|(outcome, _)| *outcome == other);
                found.map_or("broken", |(_, word)| word).to_owned()
            }
        }
    }

    /// Reads what [`Self::text`] wrote.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let word = WORDS.iter().find(|(_, word)| *word == text).map(|(outcome, _)| *outcome);
        word.or_else(|| text.parse().ok().map(Self::Status))
    }

    /// Only 2xx is success; a redirect is not.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Status(200..=299))
    }

    /// Whether the receiver says that it is gone for good.
    #[must_use]
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Status(410))
    }

    /// The likely cause of a failure, as the end of a key of words.
    #[must_use]
    pub fn cause(self) -> String {
        match self {
            Self::Status(300..=399) => "redirect".into(),
            Self::Status(401 | 403) => "forbidden".into(),
            Self::Status(404 | 405) => "missing".into(),
            Self::Status(410) => "gone".into(),
            Self::Status(429) => "busy".into(),
            Self::Status(500..=599) => "server".into(),
            Self::Status(_) => "refused".into(),
            other => other.text(),
        }
    }
}

impl From<&Failure> for Outcome {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Name => Self::Name,
            Failure::Private => Self::Private,
            Failure::Connection(_) => Self::Connection,
            Failure::Tls(_) => Self::Tls,
            Failure::Time => Self::Timeout,
            Failure::Broken(_) => Self::Broken,
        }
    }
}

impl From<BadAddress> for Outcome {
    fn from(bad: BadAddress) -> Self {
        if bad == BadAddress::Private { Self::Private } else { Self::Address }
    }
}

/// A try that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// Counts from 1.
    pub number: u32,
    /// When it began, on the shop's clock.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// The beginning of the answer, or what the network said.
    pub answer: String,
}

/// What a try brought: its end, what to keep of the answer, and the wait that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Result {
    /// How it ended.
    pub outcome: Outcome,
    /// The beginning of the answer.
    pub answer: String,
    /// `Retry-After` as sent.
    pub retry_after: Option<String>,
}

impl Result {
    /// Of an exchange.
    #[must_use]
    pub fn of(exchange: &std::result::Result<Heard, Failure>) -> Self {
        match exchange {
            Ok(heard) => Self {
                outcome: Outcome::Status(heard.status),
                answer: kept(&String::from_utf8_lossy(&heard.body)),
                retry_after: heard.retry_after.clone(),
            },
            Err(failure) => Self {
                outcome: Outcome::from(failure),
                answer: kept(&failure.to_string()),
                retry_after: None,
            },
        }
    }

    /// Of a try that could not begin.
    #[must_use]
    pub const fn not_begun(outcome: Outcome) -> Self {
        Self { outcome, answer: String::new(), retry_after: None }
    }
}

/// The first characters of a text, without control characters and card numbers.
fn kept(text: &str) -> String {
    let plain = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let short: String = text.chars().filter(plain).take(ANSWER_CHARACTERS).collect();
    card_text::mask(&short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_128_only_2xx_is_success() {
        for status in [200, 201, 204, 299] {
            assert!(Outcome::Status(status).is_success());
        }
        for status in [100, 199, 300, 302, 307, 400, 404, 410, 429, 500, 503] {
            assert!(!Outcome::Status(status).is_success(), "{status}");
        }
        assert!(!Outcome::Timeout.is_success());
    }

    #[test]
    fn outcomes_read_back() {
        let all = WORDS.iter().map(|(outcome, _)| *outcome).chain([Outcome::Status(503)]);
        for outcome in all {
            assert_eq!(Outcome::read(&outcome.text()), Some(outcome));
        }
    }

    #[test]
    fn p_128_500_characters_of_the_answer_are_kept_and_no_card_number() {
        let heard = Heard {
            status: 500,
            retry_after: None,
            body: format!("card 4970 1000 0000 0154 \0{}", "é".repeat(600)).into(),
        };
        let result = Result::of(&Ok(heard));
        assert!(result.answer.chars().count() <= ANSWER_CHARACTERS);
        assert!(!result.answer.contains("4970 1000") && !result.answer.contains('\0'));
    }
}
