//! Messages to payers and staff, queued in the commit of what they tell.
//!
//! A message names its object, has one link at most and never holds card data beyond the last
//! four digits. In test shops and the demo the queue is the inbox; nothing leaves the machine.

mod store;

use kernel::{MerchantId, MessageId, Mode, ShopId, Timestamp};
use serde::Serialize;

pub use store::{latest, of_object, send};

/// Longest subject, in characters.
pub const MAX_SUBJECT_CHARACTERS: usize = 60;

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// E-mail.
    Mail,
    /// Text message.
    Sms,
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Made outside the unit of work.
    pub id: MessageId,
    /// How it travels.
    pub channel: Channel,
    /// The shop it speaks for.
    pub shop: ShopId,
    /// Address or number.
    pub to: String,
    /// Subject, with the merchant or the amount.
    pub subject: String,
    /// Text.
    pub text: String,
    /// The one link, on the shop's domain.
    pub link: Option<String>,
    /// Id of the object it is about, as text.
    pub object: String,
}

/// A message read back.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its id.
    pub id: MessageId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// Live or test.
    pub mode: Mode,
    /// How it travelled.
    pub channel: Channel,
    /// Address or number.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// The one link.
    pub link: Option<String>,
    /// Id of the object.
    pub object: String,
    /// When, by the shop's clock.
    pub at: Timestamp,
}
