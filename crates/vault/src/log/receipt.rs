//! Receipts: a signed statement that a number or a code was destroyed, checkable offline.

use std::collections::BTreeMap;

use db::{DbError, Tx};
use serde_json::{Value, json};

use super::entry::{canonical, instant};
use super::{Line, Signer, append, store};
use crate::keys::bytes::hex;
use crate::slots::{Class, Remains};

/// Slot and epoch key are in files: what a flash disk may still hold of the slot stays sealed
/// under the epoch's key. Higher levels need a hardware module.
pub(crate) const LEVEL: &str = "B";

/// Whether a receipt was signed by this vault and not changed since.
pub(crate) fn is_signed(signer: &Signer, receipt: &Value) -> bool {
    let Some(fields) = receipt.as_object() else { return false };
    let mut signed: BTreeMap<&str, Value> =
        fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let signature = signed.remove("signature");
    let signature = signature.as_ref().and_then(Value::as_str);
    let signature = signature.and_then(|text| text.strip_prefix("ed25519:"));
    signature.is_some_and(|signature| signer.signed(canonical(&signed).as_bytes(), signature))
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
