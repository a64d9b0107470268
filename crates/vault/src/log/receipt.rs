//! Receipts: a signed statement that a number or a code was destroyed, checkable offline.

use std::collections::BTreeMap;

use db::{DbError, Tx};
use serde_json::{Value, json};
use vault_wire::proof::signed_part;

use super::entry::{canonical, instant};
use super::{Line, Signer, append, store};
use crate::keys::bytes::hex;
use crate::keys::keyring::kind_of;
use crate::slots::{Class, Remains};

/// What a receipt claims when it is signed: the slot was written over and read back from the disk.
/// The epoch key under which a flash disk may still hold the slot exists at that moment.
pub(crate) const LEVEL: &str = "C";
/// The epoch key was written over, too: nothing opens what a flash disk may still hold of the slot.
/// Level A needs a hardware module.
pub(crate) const LEVEL_WITHOUT_EPOCH: &str = "B";

/// The epoch key that a receipt names, as the log names keys.
pub(crate) fn epoch_key(receipt: &Value) -> Option<String> {
    let (class, number) = receipt.get("epoch")?.as_str()?.split_once('/')?;
    let class = Class::ALL.into_iter().find(|known| known.word() == class)?;
    Some(format!("{}/{number}", kind_of(class)))
}

/// Whether a receipt was signed by this vault and not changed since.
pub(crate) fn is_signed(signer: &Signer, receipt: &Value) -> bool {
    signed_part(receipt).is_some_and(|(text, hex)| signer.signed(text.as_bytes(), &hex))
}

/// What was destroyed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Destroyed {
    /// Number or code.
    pub(crate) what: Class,
    /// Why, as a word.
    pub(crate) because: &'static str,
    /// What its slot held; nothing after a crash between slot and row.
    pub(crate) remains: Option<Remains>,
}

/// Logs a destruction and signs its receipt, in one commit.
pub(crate) fn write(
    tx: &mut Tx<'_>,
    signer: &Signer,
    line: &Line,
    destroyed: Destroyed,
) -> Result<(), DbError> {
    let seq = append(tx, line)?;
    let Some(card) = line.card else { return Ok(()) };
    let Destroyed { what, because, remains } = destroyed;
    let log = BTreeMap::from([
        ("origin", json!(signer.origin(&line.merchant.to_string()))),
        ("seq", json!(seq)),
    ]);
    let mut receipt = BTreeMap::from([
        ("card", json!(card)),
        ("what", json!(what.word())),
        ("because", json!(because)),
        ("at", json!(instant(line.at))),
        ("slot_sha256_before", json!(remains.map(|remains| hex(&remains.sha256)))),
        ("epoch", json!(remains.map(|remains| format!("{}/{}", what.word(), remains.epoch)))),
        ("log", json!(log)),
        ("level", json!(LEVEL)),
    ]);
    let signature = signer.sign(canonical(&receipt).as_bytes());
    receipt.insert("signature", format!("ed25519:{signature}").into());
    store::put_receipt(tx, line.merchant, (seq, card), &canonical(&receipt))
}
