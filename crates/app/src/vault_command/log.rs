//! `guichet vault log verify` and `receipt verify`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use kernel::MerchantId;
use serde_json::{Value, json};
use vault_wire::{LogCheckpoint, LogVerify, WireScope};

use super::{Common, Verdict, read, tell};

#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Recomputes every merchant's log and compares it with each head that was ever signed; exit 1
    /// names the first entry that is not what it was
    Verify(Common),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Checks the signature of a receipt; with --key without asking the vault
    Verify(ReceiptArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ReceiptArgs {
    #[command(flatten)]
    common: Common,
    /// A file with the receipt, in JSON
    file: PathBuf,
    /// The key of the log, as heads name it: `name+id+key`
    #[arg(long)]
    key: Option<String>,
}

pub(super) fn verify(common: &Common) -> Result<Verdict, String> {
    let (_, vault) = read(&common.config)?;
    let mut logs = Vec::new();
    for log in vault.logs()? {
        let scope = WireScope::of_house(log.merchant, log.shop);
        logs.push((log.merchant, vault.ask_as(&scope, &LogVerify {})?));
    }
    let sound = logs.iter().all(|(_, told)| told.sound);
    let told: Vec<Value> =
        logs.iter().map(|(merchant, told)| json!({ "merchant": merchant, "log": told })).collect();
    tell(common.form(), &json!({ "sound": sound, "logs": told }), || {
        let line = |(merchant, told): &(MerchantId, vault_wire::LogVerified)| match told.first_fault
        {
            None => format!("{merchant}: {} entries, {} heads: sound", told.size, told.heads),
            Some(seq) => format!("{merchant}: ENTRY {seq} IS NOT WHAT IT WAS"),
        };
        let mut lines: Vec<String> = logs.iter().map(line).collect();
        lines.push(if sound { "sound" } else { "NOT SOUND" }.to_owned());
        lines.join("\n")
    });
    Ok(if sound { Verdict::Good } else { Verdict::Finding })
}

pub(super) fn receipt(args: &ReceiptArgs) -> Result<Verdict, String> {
    let named = |error: String| format!("{}: {error}", args.file.display());
    let text = std::fs::read_to_string(&args.file).map_err(|error| named(error.to_string()))?;
    let receipt: Value = serde_json::from_str(&text).map_err(|error| named(error.to_string()))?;
    let key = match &args.key {
        Some(key) => key.clone(),
        None => key_of(args, &receipt)?,
    };
    let signed = vault::verify_receipt(&receipt, &key);
    tell(args.common.form(), &json!({ "signed": signed, "key": key }), || {
        let word = |name: &str| receipt.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
        let said = if signed { "signed by this vault" } else { "NOT SIGNED BY THIS VAULT" };
        format!("{} of {}, destroyed {}: {said}", word("what"), word("card"), word("at"))
    });
    Ok(if signed { Verdict::Good } else { Verdict::Finding })
}

/// The key of the log that the receipt names, from the running vault.
fn key_of(args: &ReceiptArgs, receipt: &Value) -> Result<String, String> {
    let origin = receipt.pointer("/log/origin").and_then(Value::as_str).unwrap_or_default();
    let merchant = origin.rsplit('/').next().and_then(|name| name.parse::<MerchantId>().ok());
    let merchant = merchant.ok_or("the receipt names no log")?;
    let (_, vault) = read(&args.common.config)?;
    let logs = vault.logs()?;
    let log = logs.iter().find(|log| log.merchant == merchant);
    let log = log.ok_or("this vault has no such log")?;
    let scope = WireScope::of_house(log.merchant, log.shop);
    Ok(vault.ask_as(&scope, &LogCheckpoint {})?.key)
}
