//! `guichet vault backup`, `backup-key` and `gone`: what a restore will need, made while all is well.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use db::DbError;
use kernel::Clock;
use kernel::time::SystemClock;
use serde_json::json;
use vault_wire::{BACKUP_SECONDS, BackupCheck, BackupMake, GONE_FORM};

use super::{Common, Vault, Verdict, print, read, tell};
use crate::config::{Config, write_private};

/// The event by which the app was told that a card is destroyed.
const GONE: &str = "card.purged";

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The folder `vault.backup_dir` of the configuration: the vault may write nowhere else, and a
    /// folder that is named here and is another one is refused
    dir: Option<PathBuf>,
    /// Makes none: tries the newest one now, as the vault does each day; exit 1 when it does not open
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// The new file of the secret half, on a stick that leaves this machine; never overwritten
    file: PathBuf,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GoneArgs {
    /// The file, one card a line
    file: PathBuf,
    #[command(flatten)]
    common: Common,
}

/// Waits until the backup is whole.
pub(super) fn run(args: &BackupArgs) -> Result<Verdict, String> {
    let (config, vault) = read(&args.common.config)?;
    let folder = config.vault.backup_dir.as_ref().ok_or(
        "vault.backup_dir is not set in the configuration: the vault writes backups there alone",
    )?;
    if let Some(dir) = args.dir.as_ref().filter(|dir| !is_same(dir, folder)) {
        let (dir, folder) = (dir.display(), folder.display());
        return Err(format!(
            "the vault may write backups into {folder} alone (vault.backup_dir), not into {dir}"
        ));
    }
    if args.check {
        return check(args, &vault);
    }
    let asked = vault.ask(&BackupMake {}, Duration::from_secs(BACKUP_SECONDS));
    let made = asked.map_err(|error| error.to_string())?;
    tell(args.common.form(), &made, || {
        let mut lines = vec![
            format!("{}: whole", folder.join(&made.name).display()),
            format!("{} rows, {} card numbers, {} bytes", made.rows, made.cards, made.bytes),
            format!("opens with the root key and one of: {}", made.recipients.join(", ")),
        ];
        let gone = made.outdated.iter().map(|name| format!("keys of cards destroyed: {name}"));
        lines.extend(gone);
        if made.without_key > 0 {
            let lost = made.without_key;
            lines.push(format!("{lost} cards whose key does not open: their numbers are lost"));
        }
        lines.join("\n")
    });
    Ok(if made.without_key == 0 { Verdict::Good } else { Verdict::Finding })
}

fn check(args: &BackupArgs, vault: &Vault) -> Result<Verdict, String> {
    let told = vault.ask(&BackupCheck {}, Duration::from_secs(BACKUP_SECONDS));
    let told = told.map_err(|error| error.to_string())?;
    tell(args.common.form(), &told, || {
        let name = told.newest.clone().unwrap_or_else(|| "no backup".to_owned());
        match &told.fault {
            None => format!("{name}: every file as written, {} cards opened", told.opened),
            Some(fault) => format!("{name}: {fault}"),
        }
    });
    Ok(if told.fault.is_none() { Verdict::Good } else { Verdict::Finding })
}

/// The app's user may not enter the folder: names are compared, as far as they can be made real.
fn is_same(one: &Path, other: &Path) -> bool {
    let real =
        |path: &Path| std::path::absolute(path).and_then(|path| path.canonicalize().or(Ok(path)));
    matches!((real(one), real(other)), (Ok(one), Ok(other)) if one == other)
}

pub(super) fn make_key(args: &KeyArgs) -> Result<Verdict, String> {
    let line = vault::make_recipient(&args.file).map_err(|error| error.to_string())?;
    let file = args.file.display().to_string();
    if args.json {
        print(&json!({ "file": file, "recipient": line }).to_string());
    } else {
        print(&format!(
            "{file}: the secret key. Keep it off this machine, apart from the root key; without it \
             no number comes back.\nFor the configuration, in [vault]:\n\
             backup_recipients = [\"{line}\"]"
        ));
    }
    Ok(Verdict::Good)
}

/// Reads the app's database; the vault need not run.
pub(super) fn gone(args: &GoneArgs) -> Result<Verdict, String> {
    let config = Config::read(&args.common.config)?;
    // Before the question: what is destroyed meanwhile is in the next list.
    let at = SystemClock.now();
    let read = |tx: &mut db::Tx<'_>| db::outbox::objects_of(tx, GONE);
    let cards = db::read_once::<_, DbError, _>(&config.app.database, read);
    let cards = cards.map_err(|error| error.to_string())?;
    let head = format!("{GONE_FORM} {at} {}\n", cards.len());
    let lines = cards.iter().map(|card| format!("{card}\n"));
    let list: String = std::iter::once(head).chain(lines).collect();
    replace(&args.file, list.as_bytes())?;
    let (file, count) = (args.file.display().to_string(), cards.len());
    tell(args.common.form(), &json!({ "file": file, "cards": count }), || {
        format!("{file}: {count} cards that are destroyed")
    });
    Ok(Verdict::Good)
}

/// Writes a file beside its name first.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    write_private(&beside, bytes)?;
    std::fs::rename(&beside, path).map_err(|error| format!("{}: {error}", path.display()))
}
