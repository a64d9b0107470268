//! `guichet vault log verify`, `log save`, `log check` and `receipt verify`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use kernel::MerchantId;
use serde_json::{Value, json};
use vault_wire::proof::{CARD_FILE_FORM, CardFile, CheckedEntry, LogKey};
use vault_wire::{LogCheckpoint, LogOf, LogsVerify, ProvedEntry, WireScope, saved_log};

use super::backup::replace;
use super::{Common, Verdict, WAIT, read, tell};
use crate::admin::Form;

#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Recomputes every log (merchants, the installation's own, the drill's), compares it with each
    /// head that was ever signed and each entry with what stands beside it; exit 1 names the first
    /// entry that is not what it was
    Verify(Common),
    /// Writes the log of every merchant into a file, each with its signed head: a restore destroys
    /// again what it tells of
    Save(SaveArgs),
    /// Checks the file that a guest took home from the page "who saw my card", without any vault: each
    /// line is under the signed head, its details are those it is bound to, receipts are signed
    Check(CheckArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The file, in JSON
    file: PathBuf,
    /// The key of the log, as somebody you trust names it: no other is believed then; without it the
    /// keys of the file
    #[arg(long)]
    key: Option<String>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SaveArgs {
    /// The file; written beside it first, so that a whole one is never replaced by half of one
    file: PathBuf,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Checks the signature of a receipt; with --key without asking the vault
    Verify(ReceiptArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ReceiptArgs {
    /// The configuration file; not needed with --key
    #[arg(long, required_unless_present = "key")]
    config: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
    /// A file with the receipt, in JSON
    file: PathBuf,
    /// The key of the log, as heads name it: `name+id+key`
    #[arg(long)]
    key: Option<String>,
}

pub(super) fn verify(common: &Common) -> Result<Verdict, String> {
    let (_, vault) = read(&common.config)?;
    let told = vault.ask(&LogsVerify {}, WAIT).map_err(|error| error.to_string())?;
    let sound = told.logs.iter().all(|log| log.found.sound);
    tell(common.form(), &json!({ "sound": sound, "logs": told.logs }), || {
        let line = |log: &LogOf| match log.found.first_fault {
            None => {
                format!("{}: {} entries, {} heads: sound", log.of, log.found.size, log.found.heads)
            }
            Some(seq) => format!("{}: ENTRY {seq} IS NOT WHAT IT WAS", log.of),
        };
        let mut lines: Vec<String> = told.logs.iter().map(line).collect();
        lines.push(if sound { "sound" } else { "NOT SOUND" }.to_owned());
        lines.join("\n")
    });
    Ok(if sound { Verdict::Good } else { Verdict::Finding })
}

pub(super) fn save(args: &SaveArgs) -> Result<Verdict, String> {
    let (_, vault) = read(&args.common.config)?;
    let mut text = String::new();
    let logs = vault.logs()?;
    for log in &logs {
        let saved = vault.runtime.block_on(saved_log(&vault.client, log));
        text.push_str(&saved.map_err(|error| error.to_string())?);
    }
    replace(&args.file, text.as_bytes())?;
    let entries = text.lines().count().saturating_sub(logs.len());
    let (file, logs) = (args.file.display().to_string(), logs.len());
    tell(args.common.form(), &json!({ "file": file, "logs": logs, "entries": entries }), || {
        format!("{file}: {logs} logs, {entries} entries")
    });
    Ok(Verdict::Good)
}

pub(super) fn receipt(args: &ReceiptArgs) -> Result<Verdict, String> {
    let named = |error: String| format!("{}: {error}", args.file.display());
    let text = std::fs::read_to_string(&args.file).map_err(|error| named(error.to_string()))?;
    let receipt: Value = serde_json::from_str(&text).map_err(|error| named(error.to_string()))?;
    let keys = match &args.key {
        Some(key) => vec![key.clone()],
        None => keys_of(args, &receipt)?,
    };
    let signer =
        keys.iter().find(|key| LogKey::parse(key).is_some_and(|key| key.receipt(&receipt)));
    let (signed, key) = (signer.is_some(), signer.or(keys.first()));
    let form = if args.json { Form::Json } else { Form::Text };
    tell(form, &json!({ "signed": signed, "key": key }), || {
        let word = |name: &str| receipt.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
        let said = if signed { "signed by this vault" } else { "NOT SIGNED BY THIS VAULT" };
        format!("{} of {}, destroyed {}: {said}", word("what"), word("card"), word("at"))
    });
    Ok(if signed { Verdict::Good } else { Verdict::Finding })
}

pub(super) fn check(args: &CheckArgs) -> Result<Verdict, String> {
    let named = |error: String| format!("{}: {error}", args.file.display());
    let text = std::fs::read_to_string(&args.file).map_err(|error| named(error.to_string()))?;
    let file: CardFile = serde_json::from_str(&text).map_err(|error| named(error.to_string()))?;
    if file.form != CARD_FILE_FORM {
        return Err(named(format!("its form is not {CARD_FILE_FORM}")));
    }
    let checked = file.check(args.key.as_deref());
    let (sound, complete) = (checked.is_sound(), file.complete);
    let key = args.key.as_deref().unwrap_or(&file.key);
    let form = if args.json { Form::Json } else { Form::Text };
    let told = json!({ "sound": sound, "complete": complete, "key": key, "checked": checked });
    tell(form, &told, || {
        let mut lines: Vec<String> = file.entries.iter().zip(&checked.entries).map(line).collect();
        let signed = |signed: &bool| if *signed { "signed" } else { "NOT SIGNED" };
        lines.extend(checked.receipts.iter().map(|one| format!("receipt: {}", signed(one))));
        lines.push(format!("head: {}, with {key}", signed(&checked.head)));
        if !complete {
            lines.push("NOT COMPLETE: the log has more entries of this card".to_owned());
        }
        lines.push(if sound { "sound" } else { "NOT SOUND" }.to_owned());
        lines.join("\n")
    });
    Ok(if sound { Verdict::Good } else { Verdict::Finding })
}

/// One line of a file: what it says, and what was found.
fn line((entry, checked): (&ProvedEntry, &CheckedEntry)) -> String {
    let said: Value = serde_json::from_str(&entry.entry).unwrap_or_default();
    let word = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
    let found = match (checked.included, checked.opened, checked.has_details) {
        (true, true, true) => "in the log, details open",
        (true, true, false) => "in the log, details erased",
        (true, false, _) => "in the log, DETAILS ARE NOT THE SAME",
        (false, ..) => "NOT IN THE LOG",
    };
    let (seq, at, event, actor) = (checked.seq, word("at"), word("event"), word("actor"));
    format!("{seq} {at} {event} by {actor}: {found}")
}

/// The keys of the log that the receipt names, from the running vault: the present one first.
fn keys_of(args: &ReceiptArgs, receipt: &Value) -> Result<Vec<String>, String> {
    let origin = receipt.pointer("/log/origin").and_then(Value::as_str).unwrap_or_default();
    let merchant = origin.rsplit('/').next().and_then(|name| name.parse::<MerchantId>().ok());
    let merchant = merchant.ok_or("the receipt names no log")?;
    let config = args.config.as_ref().ok_or("--config FILE or --key KEY is needed")?;
    let (_, vault) = read(config)?;
    let logs = vault.logs()?;
    let log = logs.iter().find(|log| log.merchant == merchant);
    let log = log.ok_or("this vault has no such log")?;
    let scope = WireScope::of_house(log.merchant, log.shop);
    let head = vault.ask_as(&scope, &LogCheckpoint {})?;
    Ok([vec![head.key], head.former].concat())
}
