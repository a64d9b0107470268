//! What is new in the vault, of all merchants at once: the one question that the app repeats.

use kernel::{MerchantId, ShopId};
use serde::{Deserialize, Serialize};

/// Asks whose log has grown since an earlier answer, and who has messages waiting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewsGet {
    /// The mark of that answer; without one, or with one of an earlier life of the vault, every
    /// log is told.
    #[serde(default)]
    pub seen: Option<NewsMark>,
}

/// Up to where an answer told. Only the vault reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewsMark {
    /// Which life of the vault.
    pub run: String,
    /// The number of the newest change told.
    pub number: u64,
}

/// Answer to [`NewsGet`]; what does not fit follows in the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// What to ask with next time.
    pub mark: NewsMark,
    /// Logs that have another size than at the mark, at most 1,000.
    pub logs: Vec<LogSize>,
    /// Shops whose messages wait, at most 200.
    pub messages: Vec<MessagesWait>,
}

/// How long a merchant's log is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogSize {
    /// Whose log.
    pub merchant: MerchantId,
    /// A shop of his that the vault knows, to ask for entries with.
    pub shop: ShopId,
    /// Its entries.
    pub size: u64,
}

/// A shop whose messages wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagesWait {
    /// Whose shop.
    pub merchant: MerchantId,
    /// The shop.
    pub shop: ShopId,
}
