//! The backup that the operator asks for, and what is known of the last one.

use kernel::{MerchantId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{LogCheckpoint, LogEntries, LogSize, VaultClient, WireError, WireScope};

/// How long a backup may take, in seconds: every row and every slot is read and sealed.
pub const BACKUP_SECONDS: u64 = 3_600;

/// Asks the vault for a backup in the folder that its configuration names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupMake {}

/// Answer to [`BackupMake`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupMade {
    /// Its folder, within that of the configuration.
    pub name: String,
    /// When the tables were read.
    pub at: Timestamp,
    /// Rows of all tables.
    pub rows: u64,
    /// Cards whose number can come back.
    pub cards: u64,
    /// Cards that live and whose key does not open: their number is lost already.
    #[serde(default)]
    pub without_key: u64,
    /// Bytes of all its files.
    pub bytes: u64,
    /// Ids of the keys that open it.
    pub recipients: Vec<String>,
    /// Older backups whose keys of cards were destroyed now.
    pub outdated: Vec<String>,
}

/// Asks the vault to try its newest backup now.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupCheck {}

/// How backups stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupState {
    /// The newest whole backup.
    pub newest: Option<String>,
    /// Its age in seconds.
    pub age_seconds: u64,
    /// When it, or one before it, was last tried.
    pub checked_at: Option<Timestamp>,
    /// What was wrong then; nothing when all was well.
    pub fault: Option<String>,
    /// Cards that were opened in that trial.
    pub opened: u64,
}

/// First word of the app's list of cards that are gone; its time and the number of cards follow.
pub const GONE_FORM: &str = "guichet-gone-v1";

/// The head that leads a merchant's entries in a log saved to a file of JSON lines.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedHead {
    /// Whose.
    pub log: MerchantId,
    /// How many entries follow.
    pub size: u64,
    /// The signed note over them.
    pub note: String,
}

/// An entry in a saved log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedEntry {
    /// Canonical JSON, the bytes that were hashed.
    pub entry: String,
    /// Salt that opens its commitment, hexadecimal.
    pub salt: Option<String>,
    /// The details committed to.
    pub details: Option<String>,
}

/// Entries asked for at once.
const PAGE_ENTRIES: u32 = 1_000;

/// A merchant's whole log as lines for a file, its signed head first.
///
/// # Errors
/// [`WireError`] of the vault.
pub async fn saved_log(client: &VaultClient, log: &LogSize) -> Result<String, WireError> {
    let scope = WireScope::of_house(log.merchant, log.shop);
    let head = client.ask(&scope, &LogCheckpoint {}).await?;
    let text = |line: Result<String, serde_json::Error>| line.unwrap_or_default() + "\n";
    let first = SavedHead { log: log.merchant, size: head.size, note: head.note };
    let (mut lines, mut from) = (text(serde_json::to_string(&first)), 0_u64);
    while from < head.size {
        let left = u32::try_from(head.size.saturating_sub(from)).unwrap_or(u32::MAX);
        let asked = LogEntries { from, limit: left.min(PAGE_ENTRIES), card: None };
        let page = client.ask(&scope, &asked).await?;
        if page.entries.is_empty() {
            // A file that is shorter than its head would replace a good one.
            return Err(WireError::Shape { sent: true });
        }
        for stored in page.entries {
            from = from.saturating_add(1);
            let (entry, salt, details) = (stored.entry, stored.salt, stored.details);
            lines.push_str(&text(serde_json::to_string(&SavedEntry { entry, salt, details })));
        }
    }
    Ok(lines)
}
