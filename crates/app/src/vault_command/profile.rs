//! `guichet vault profile …`: where messages of sales channels carry cards.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use kernel::rng::OsRng;
use serde::de::DeserializeOwned;
use vault::{READY_PROFILES, Rehearsed, ready_profile, rehearse};
use vault_wire::{ProfileAdd, ProfileList, ProxyProfile};

use super::{Verdict, WAIT, print, read, tell};
use crate::admin::Form;

/// Profiles of the tokenising proxy; exit 0 done, 1 a message or a profile does not pass, 2 could
/// not run.
#[derive(Debug, Args)]
pub(crate) struct ProfileArgs {
    #[command(subcommand)]
    what: ProfileCommand,
    /// The configuration file
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// Prints JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum ProfileCommand {
    /// All of them
    List,
    /// Prints a profile to begin with: generic-json, ota-xml or form
    Ready {
        #[arg(value_parser = READY_PROFILES)]
        name: String,
    },
    /// Adds the profile of a JSON file; prints the address to post to, with its key, this once
    Add {
        /// The profile
        file: PathBuf,
    },
    /// Prints what a message would become and what would be stored, and stores nothing
    Test {
        /// The message
        file: PathBuf,
        /// `prf_…`, or the name of a ready profile
        #[arg(long)]
        profile: String,
    },
}

/// Runs the command.
pub(super) fn run(args: &ProfileArgs) -> Result<Verdict, String> {
    let form = if args.json { Form::Json } else { Form::Text };
    let config = || args.config.as_deref().ok_or("--config FILE is missing");
    match &args.what {
        ProfileCommand::List => {
            let all = list(config()?)?;
            tell(form, &all, || all.iter().map(line).collect::<Vec<_>>().join("\n"));
        }
        ProfileCommand::Ready { name } => {
            let ready = ready_profile(name);
            print(&serde_json::to_string_pretty(&ready).unwrap_or_default());
        }
        ProfileCommand::Add { file } => {
            let profile: ProxyProfile = json_file(file)?;
            let (_, vault) = read(config()?)?;
            match vault.ask(&ProfileAdd { profile }, WAIT) {
                Ok(added) => {
                    let url = added.url.clone().unwrap_or_default();
                    tell(form, &added, || format!("{}\n{url}", line(&added.profile)));
                }
                Err(vault_wire::WireError::Refused(why)) => {
                    let path = why.path.unwrap_or_default();
                    tracing::error!("{} {path}: {}", why.code, why.detail);
                    return Ok(Verdict::Finding);
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        ProfileCommand::Test { file, profile } => {
            let message = bytes(file)?;
            return test(named(profile, config)?, &message, form);
        }
    }
    Ok(Verdict::Good)
}

fn list(config: &Path) -> Result<Vec<ProxyProfile>, String> {
    let (_, vault) = read(config)?;
    let all = vault.ask(&ProfileList {}, WAIT).map_err(|error| error.to_string())?;
    Ok(all.profiles)
}

/// A ready profile, or one of the running vault.
fn named<'c>(
    name: &str,
    config: impl FnOnce() -> Result<&'c Path, &'static str>,
) -> Result<ProxyProfile, String> {
    if let Some(ready) = ready_profile(name) {
        return Ok(ready);
    }
    let all = list(config()?)?;
    let found = all.into_iter().find(|one| one.id.is_some_and(|id| id.to_string() == name));
    found.ok_or_else(|| format!("{name}: no such profile"))
}

/// The message is read here: no number goes to the vault for a try.
fn test(profile: ProxyProfile, message: &[u8], form: Form) -> Result<Verdict, String> {
    match rehearse(profile, message, &OsRng) {
        Ok(told) => {
            tell(form, &told, || text(&told));
            Ok(Verdict::Good)
        }
        Err(why) => {
            tracing::error!("{why}");
            Ok(Verdict::Finding)
        }
    }
}

fn text(told: &Rehearsed) -> String {
    let mut lines = vec![told.document.clone(), String::new()];
    for card in &told.cards {
        let booking = card.booking.as_deref().unwrap_or("no reference");
        let number = card.masked.as_deref().unwrap_or("-");
        let expiry = card.expiry.as_deref().unwrap_or("expiry unknown");
        let code = if card.code { "with a code" } else { "without a code" };
        lines
            .push(format!("{}  {}  {number}  {expiry}  {code}  {booking}", card.path, card.result));
    }
    lines.push(format!("{} cards, {} masked", told.cards.len(), told.masked));
    lines.join("\n")
}

fn line(profile: &ProxyProfile) -> String {
    let id = profile.id.map(|id| id.to_string()).unwrap_or_default();
    let upstream = profile.upstream.as_ref().map(|upstream| upstream.host.clone());
    let target = profile.forward_to.clone().or(upstream).unwrap_or_default();
    format!("{id}  {}  {target}", profile.shop)
}

fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn json_file<T: DeserializeOwned>(file: &Path) -> Result<T, String> {
    let read = serde_json::from_slice(&bytes(file)?);
    read.map_err(|error| format!("{}: {error}", file.display()))
}
