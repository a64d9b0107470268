//! `guichet vault restore`: a vault comes back on an empty machine.

use std::path::PathBuf;

use clap::Args;
use vault::{Accepted, GatheredRoot, RestoreWish, Restored, RootForm, ShareError};

use super::{Common, Verdict, tell};
use crate::config::Config;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct RestoreArgs {
    /// A backup, or the folder with all of them: the newest one, then
    dir: PathBuf,
    /// A file with a recipient's secret key; may be given several times
    #[arg(long)]
    key: Vec<PathBuf>,
    /// The newest log that `guichet vault log save` wrote
    #[arg(long)]
    log: Option<PathBuf>,
    /// The list that `guichet vault gone` wrote
    #[arg(long)]
    gone: Option<PathBuf>,
    /// Nothing tells which cards were destroyed since: they return. Two operators
    #[arg(long)]
    accept_return: bool,
    /// Uses keys of cards that are older than seven days. Two operators
    #[arg(long)]
    old_slots: bool,
    /// Tokens and history only, no number
    #[arg(long)]
    without_numbers: bool,
    /// Name of an operator who accepts it; twice for two of them. The log keeps it
    #[arg(long)]
    operator: Vec<String>,
    /// Only tells what would return
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    common: Common,
}

/// What is left to people.
const AFTERWARDS: &str = "next: start the vault, then guichet vault backup (the log has another key \
    now); look through guichet vault partner list (what was withdrawn after the backup stands \
    again); import the table of issuer ranges; where shares were made after this backup, hold the \
    ceremony again (guichet vault share): it does not know their custodians";

pub(super) fn run(args: &RestoreArgs) -> Result<Verdict, String> {
    let config = Config::read(&args.common.config)?;
    let switches = [
        (args.accept_return, Accepted::Return),
        (args.old_slots, Accepted::OldSlots),
        (args.without_numbers, Accepted::NoNumbers),
    ];
    let mut ask = |given: u8, needed: Option<u8>, refused: Option<ShareError>| {
        super::share::of_present((given, needed), refused)
    };
    let root = match config.vault.root {
        RootForm::File => None,
        RootForm::Token => Some(super::token::root(&config.vault)?),
        RootForm::Shares => {
            vault::close_in();
            Some(GatheredRoot::gather(&mut ask).map_err(|error| error.to_string())?)
        }
    };
    let wish = RestoreWish {
        root,
        folder: args.dir.clone(),
        keys: args.key.clone(),
        log: args.log.clone(),
        gone: args.gone.clone(),
        accept: switches.into_iter().filter_map(|(on, what)| on.then_some(what)).collect(),
        operators: args.operator.clone(),
        trial: args.dry_run,
    };
    let told = vault::restore(&config.for_vault(), &wish).map_err(|error| error.to_string())?;
    tell(args.common.form(), &told, || text(&told, args));
    Ok(if told.without_number == 0 { Verdict::Good } else { Verdict::Finding })
}

fn text(told: &Restored, args: &RestoreArgs) -> String {
    let made = told.at.map(|at| at.to_string()).unwrap_or_default();
    let verb = if args.dry_run { "would be restored" } else { "restored" };
    let mut lines = vec![
        format!("{} of {made}: {verb}", told.name),
        format!("{} cards with their numbers, {} of them due at the start", told.cards, told.due),
        format!("{} cards destroyed again, as after the backup", told.destroyed),
        format!("{} cards without their number: tokens and history only", told.without_number),
        format!(
            "{} security codes lost; {} links and {} card pages void",
            told.codes, told.links, told.pages
        ),
    ];
    if let Some(until) = told.log_until {
        lines.push(format!(
            "the log tells of destructions up to {until} ({} entries taken over, {} people brought \
             up to date)",
            told.entries, told.viewers
        ));
    }
    lines.push(if args.dry_run { "nothing was written" } else { AFTERWARDS }.to_owned());
    lines.join("\n")
}
