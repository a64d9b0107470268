//! Figures for whoever watches the vault: counts and ages, never a card, a person or a merchant.

use std::collections::BTreeMap;

use kernel::{Mode, ProxyProfileId};
use serde::{Deserialize, Serialize};

/// Asks for the figures of the whole vault.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FiguresGet {}

/// Answer to [`FiguresGet`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Of live shops and of test shops.
    pub modes: Vec<ModeFigures>,
    /// Security codes in memory.
    pub codes_in_memory: u64,
    /// Entries of all logs.
    pub log_size: u64,
    /// Age of the oldest head under which entries are still missing; 0 when none is behind.
    pub checkpoint_age_seconds: u64,
    /// Age of the oldest key of each kind, in days.
    pub key_age_days: BTreeMap<String, u64>,
    /// Number of the epoch that seals slots, by class: `number`, `code`.
    #[serde(default)]
    pub epochs: BTreeMap<String, u32>,
    /// Records still sealed under keys that are about to go; 0 while no change is running.
    #[serde(default)]
    pub under_old_keys: u64,
    /// Wrong PINs since the vault started.
    pub pin_failures: u64,
    /// Calls with a key from an address that it may not be used from, since the vault started.
    pub denied_addresses: u64,
    /// Reveals and enrolments refused as too many, since the vault started.
    pub quota_refused: u64,
    /// How long it took to store a card, since the vault started.
    #[serde(default)]
    pub stored: Times,
    /// Cards of messages that passed the tokenising proxy, since the vault started.
    #[serde(default)]
    pub proxy_cards: Vec<ProxyCards>,
    /// How far the machine's clock is from what it should show; 0 while it is safe.
    #[serde(default)]
    pub clock_offset_seconds: i64,
    /// Whether it is believed.
    #[serde(default)]
    pub clock: Option<crate::ClockState>,
    /// How backups stand; nothing where the configuration names no folder for them.
    #[serde(default)]
    pub backup: Option<crate::BackupState>,
    /// Whether the vault is sealed: nothing else is known of it then.
    #[serde(default)]
    pub sealed: bool,
}

/// What became of cards of one profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyCards {
    /// The profile.
    pub profile: ProxyProfileId,
    /// `stored`, `known`, `masked`, `refused`, or why there is no card: `retrieval_failed`,
    /// `not_sent`, `invalid`, `brand_not_accepted`, `storage_off`.
    pub result: String,
    /// How many.
    pub count: u64,
}

/// Times that something took, in classes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Upper bound of each class in microseconds, and how many are in it and in none before.
    pub classes: Vec<(u64, u64)>,
    /// How many took longer than the last bound.
    pub longer: u64,
    /// All together, in microseconds.
    pub sum_micros: u64,
}

/// What the shops of one mode have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeFigures {
    /// Which shops.
    pub mode: Mode,
    /// Cards by state: `active`, `pending`, `purging`, `purged`.
    pub cards: BTreeMap<String, u64>,
    /// Held security codes by state: `available`, `reserved`, `unknown`.
    pub codes: BTreeMap<String, u64>,
    /// Cards past their date and not yet destroyed.
    pub due_cards: u64,
    /// For how long the oldest of them is due, on its shop's clock.
    pub sweeper_lag_seconds: u64,
    /// Links to see a card, by how they ended: `used`, `expired`, `cancelled`.
    pub links: BTreeMap<String, u64>,
    /// Cards that were shown.
    pub reveals: u64,
    /// People whose PIN is locked or blocked.
    pub pins_locked: u64,
}

impl ModeFigures {
    /// Nothing yet.
    #[must_use]
    pub fn of(mode: Mode) -> Self {
        Self {
            mode,
            cards: BTreeMap::new(),
            codes: BTreeMap::new(),
            due_cards: 0,
            sweeper_lag_seconds: 0,
            links: BTreeMap::new(),
            reveals: 0,
            pins_locked: 0,
        }
    }
}
