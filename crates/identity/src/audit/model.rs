//! A line of the journal.

use kernel::{AuditId, Timestamp, card_text};
use serde_json::Value;

/// Most bytes of a stored value.
pub const MAX_VALUE_BYTES: usize = 4096;
/// Most characters of a device's description.
pub const MAX_DEVICE_CHARACTERS: usize = 200;

/// From where an action came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Address of the peer.
    pub address: String,
    /// What the browser or program says it is.
    pub device: String,
    /// Names of the actor's roles.
    pub role: String,
}

/// A line to write; the actor comes from the scope.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// What was done, `noun.verb`, such as `payment.refunded`.
    pub action: &'static str,
    /// Id of what it was done to.
    pub object: String,
    /// What it was before.
    pub before: Option<Value>,
    /// What it is now.
    pub after: Option<Value>,
    /// From where.
    pub origin: Origin,
}

impl Line {
    /// A line about an object.
    #[must_use]
    pub fn new(action: &'static str, object: impl std::fmt::Display, origin: &Origin) -> Self {
        Self { action, object: object.to_string(), origin: origin.clone(), ..Self::default() }
    }

    /// Adds the value before.
    #[must_use]
    pub fn before(mut self, value: impl Into<Value>) -> Self {
        self.before = Some(value.into());
        self
    }

    /// Adds the value after.
    #[must_use]
    pub fn after(mut self, value: impl Into<Value>) -> Self {
        self.after = Some(value.into());
        self
    }
}

/// A line read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id, in order of time.
    pub id: AuditId,
    /// When, in real time.
    pub at: Timestamp,
    /// Who: a name for staff, else `key_…`, `payer`, `clock`.
    pub actor: String,
    /// His roles then.
    pub role: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: String,
    /// Before, as JSON text.
    pub before: Option<String>,
    /// After, as JSON text.
    pub after: Option<String>,
    /// From which address.
    pub address: String,
    /// With which device.
    pub device: String,
}

/// A value as stored: card numbers cut, length limited.
pub(super) fn stored(value: &Value) -> String {
    cut(&card_text::mask(&value.to_string()), MAX_VALUE_BYTES)
}

/// The first bytes of a text, up to a whole character.
pub(super) fn cut(text: &str, most_bytes: usize) -> String {
    let mut end = most_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_87_values_keep_no_card_number() {
        let value = serde_json::json!({ "name": "Anne 4242 4242 4242 4242" });
        assert_eq!(stored(&value), r#"{"name":"Anne ******4242"}"#);
        assert_eq!(cut("éé", 3), "é");
    }
}
