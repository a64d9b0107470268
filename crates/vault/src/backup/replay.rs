//! What happened after a backup: told by a log that was saved, and by the app's list of cards that
//! are gone.
//!
//! A saved log is lines of JSON: for each merchant its signed head, then its entries from the first.
//! It is believed if the head is signed by the key that the backup names, if its entries give the
//! head's root, and if they go on where the backup's log ends.

use std::path::Path;

use db::Tx;
use kernel::{CardToken, MerchantId, ShopId, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use vault_wire::proof;
use vault_wire::{GONE_FORM, SavedEntry, SavedHead};

use super::BackupError;
use super::manifest::Manifest;
use super::people::People;
use super::store::{self, Saved};
use crate::keys::bytes::unhex;
use crate::log::{self, check_head};
use crate::reveal::{self, store::BlockRow};

/// A merchant's log as it was saved.
#[derive(Debug)]
struct SavedLog {
    head: SavedHead,
    entries: Vec<SavedEntry>,
}

/// Everything that was saved of what happened.
#[derive(Debug, Default)]
pub(super) struct Since {
    logs: Vec<SavedLog>,
    gone: Vec<CardToken>,
    /// Whether there is a list. It names no card for one payment, because the app is told of none:
    /// with the list alone, all of these are destroyed.
    listed: bool,
    /// The time of the newest entry of the saved log.
    pub(super) until: Option<Timestamp>,
}

/// What was done again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Replayed {
    pub(super) destroyed: u64,
    pub(super) entries: u64,
    pub(super) viewers: u64,
}

/// What of an entry is done again.
#[derive(Deserialize)]
pub(super) struct Said {
    pub(super) event: String,
    pub(super) ok: bool,
    seq: u64,
    pub(super) at: String,
    pub(super) shop: ShopId,
    card: Option<CardToken>,
    pub(super) actor: String,
    #[serde(default)]
    pub(super) purpose: String,
}

impl Since {
    /// Reads and believes a saved log, if there is one, and a list, if there is one.
    ///
    /// # Errors
    /// [`BackupError::Refused`] with what is wrong with the file.
    pub(super) fn read(
        (log, gone): (Option<&Path>, Option<&Path>),
        manifest: &Manifest,
    ) -> Result<Self, BackupError> {
        let mut since = Self::default();
        if let Some(path) = log {
            let text = std::fs::read_to_string(path).map_err(BackupError::io(path))?;
            let named = |why: String| BackupError::Refused(format!("{}: {why}", path.display()));
            since.logs = logs(&text).map_err(named)?;
            for log in &since.logs {
                since.until = since.until.max(believe(log, manifest).map_err(named)?);
            }
            since.covers(manifest).map_err(named)?;
        }
        if let Some(path) = gone {
            since.listed = true;
            let text = std::fs::read_to_string(path).map_err(BackupError::io(path))?;
            let named = |why: String| BackupError::Refused(format!("{}: {why}", path.display()));
            since.gone = gone_of(&text, manifest.at).map_err(named)?;
        }
        Ok(since)
    }

    /// Every log of the backup is there, and none is shorter.
    fn covers(&self, manifest: &Manifest) -> Result<(), String> {
        let (installation, _) = log::installation();
        for (merchant, size) in &manifest.logs {
            if *merchant == installation || crate::shred::is_drill(*merchant) {
                continue;
            }
            let saved = self.logs.iter().find(|log| log.head.log == *merchant);
            if saved.map_or(0, |log| log.head.size) < *size {
                return Err(format!("it is older than the backup: the log of {merchant}"));
            }
        }
        Ok(())
    }

    /// Does again what is known, in the transaction of a restore.
    pub(super) fn replay(
        &self,
        tx: &mut Tx<'_>,
        (merchants, now): (&[MerchantId], Timestamp),
    ) -> Result<Replayed, BackupError> {
        let mut done = Replayed::default();
        for log in &self.logs {
            log.replay(tx, &mut done)?;
        }
        if self.logs.is_empty() && self.listed {
            for merchant in merchants {
                let went = store::destroy_for_one_payment(tx, *merchant, now)?;
                done.destroyed = done.destroyed.saturating_add(went);
            }
        }
        for card in &self.gone {
            for merchant in merchants {
                let went = ("purged", now, "app");
                let again = store::destroy_again(tx, (*merchant, *card), went)?;
                done.destroyed = done.destroyed.saturating_add(again.into());
            }
        }
        Ok(done)
    }
}

impl SavedLog {
    fn replay(&self, tx: &mut Tx<'_>, done: &mut Replayed) -> Result<(), BackupError> {
        let merchant = self.head.log;
        let known = log::store::next(tx, merchant)?;
        let from = usize::try_from(known).unwrap_or(usize::MAX);
        if let Some(last) = from.checked_sub(1) {
            let seq = known.saturating_sub(1);
            let ours = log::store::texts(tx, merchant, (seq, 1))?;
            if ours.first() != self.entries.get(last).map(|line| &line.entry) {
                let why = format!("the saved log of {merchant} does not go on from the backup's");
                return Err(BackupError::Refused(why));
            }
        }
        let mut people = People::default();
        for line in self.entries.iter().skip(from) {
            let said = said(line).map_err(BackupError::Refused)?;
            self.put(tx, line, &said)?;
            done.entries = done.entries.saturating_add(1);
            match (said.event.as_str(), said.ok, said.card) {
                ("card.purged" | "card.deleted", true, Some(card)) => {
                    let why = said.event.trim_start_matches("card.");
                    let went = (why, instant(&said.at)?, said.actor.as_str());
                    let again = store::destroy_again(tx, (merchant, card), went)?;
                    done.destroyed = done.destroyed.saturating_add(again.into());
                }
                ("reveals.blocked", true, _) => shut_again(tx, merchant, (&said, line))?,
                _ => {
                    let more = people.hear(tx, merchant, &said)?;
                    done.viewers = done.viewers.saturating_add(more);
                }
            }
        }
        let more = people.settle(tx, merchant)?;
        done.viewers = done.viewers.saturating_add(more);
        Ok(())
    }

    fn put(&self, tx: &mut Tx<'_>, line: &SavedEntry, said: &Said) -> Result<(), BackupError> {
        let saved = Saved {
            merchant: self.head.log,
            seq: said.seq,
            card: said.card,
            text: &line.entry,
            salt: line.salt.as_deref().and_then(unhex::<{ log::SALT_BYTES }>).map(|s| s.to_vec()),
            details: line.details.clone(),
            at: instant(&said.at)?,
        };
        Ok(store::put_entry(tx, &saved)?)
    }
}

/// A property that was shut after the backup is shut again; its people lift it again.
fn shut_again(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    (said, line): (&Said, &SavedEntry),
) -> Result<(), BackupError> {
    let details: Value =
        serde_json::from_str(line.details.as_deref().unwrap_or_default()).unwrap_or_default();
    let reason = details.get("reason").and_then(Value::as_str);
    let row = BlockRow {
        relay: details.get("relay").and_then(Value::as_bool).unwrap_or(true),
        reason: reason.unwrap_or("restored").to_owned(),
        set_by: said.actor.clone(),
        set_at: instant(&said.at)?,
        lifted_by: None,
    };
    Ok(reveal::store::put_block(tx, (merchant, said.shop), &row)?)
}

fn said(line: &SavedEntry) -> Result<Said, String> {
    serde_json::from_str(&line.entry).map_err(|_| "an entry cannot be read".to_owned())
}

pub(super) fn instant(text: &str) -> Result<Timestamp, BackupError> {
    Timestamp::parse_rfc3339(text).map_err(|_| BackupError::Refused(format!("{text}: no time")))
}

fn logs(text: &str) -> Result<Vec<SavedLog>, String> {
    let mut all: Vec<SavedLog> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let value: Value = serde_json::from_str(line).unwrap_or_default();
        let wrong = || format!("line {} is not of a saved log", number.saturating_add(1));
        if value.get("log").is_some() {
            let head = serde_json::from_value(value).map_err(|_| wrong())?;
            all.push(SavedLog { head, entries: Vec::new() });
        } else {
            let entry = serde_json::from_value(value).map_err(|_| wrong())?;
            all.last_mut().ok_or_else(wrong)?.entries.push(entry);
        }
    }
    Ok(all)
}

/// The time of the last entry of a log that is whole and signed by the backup's vault.
fn believe(log: &SavedLog, manifest: &Manifest) -> Result<Option<Timestamp>, String> {
    let merchant = log.head.log;
    let public = unhex::<32>(&manifest.log_key).ok_or("the backup names no key of the log")?;
    let signed = check_head(public.as_slice(), &merchant.to_string(), &log.head.note);
    let texts = log.entries.iter().map(|line| line.entry.clone());
    let (size, root) = log::root_of(texts);
    if signed != Some((size, root)) || log.head.size != size {
        return Err(format!("the log of {merchant} is not what the vault of the backup signed"));
    }
    for (line, seq) in log.entries.iter().zip(0_u64..) {
        let said = said(line)?;
        let salt = line.salt.as_deref().and_then(unhex::<{ log::SALT_BYTES }>);
        let beside = (salt.as_ref().map(|salt| salt.as_slice()), line.details.as_deref());
        if said.seq != seq || !proof::opens(&line.entry, beside) {
            return Err(format!("entry {seq} of {merchant} is not what it was"));
        }
    }
    let last = log.entries.last().map(said).transpose()?;
    Ok(last.and_then(|said| Timestamp::parse_rfc3339(&said.at).ok()))
}

/// The cards of the app's list: its head with form, time and count, then one token a line. A list that
/// is cut off, empty by a slip, or from before the backup tells nothing.
fn gone_of(text: &str, backup: Timestamp) -> Result<Vec<CardToken>, String> {
    let (head, rest) = text.split_once('\n').unwrap_or((text, ""));
    let mut words = head.split(' ');
    let form = words.next() == Some(GONE_FORM);
    let at = words.next().and_then(|at| Timestamp::parse_rfc3339(at).ok());
    let count = words.next().and_then(|count| count.parse::<usize>().ok());
    let (Some(at), Some(count), true) = (at, count, form) else {
        return Err("it is no list of guichet vault gone".to_owned());
    };
    if at < backup {
        return Err(format!("it was made at {at}, before the backup"));
    }
    let read = |(line, number): (&str, usize)| {
        line.parse().map_err(|_| format!("line {number} is not card_…"))
    };
    let cards: Vec<CardToken> = rest.lines().zip(2_usize..).map(read).collect::<Result<_, _>>()?;
    if cards.len() == count { Ok(cards) } else { Err("it is not whole".to_owned()) }
}
