//! `guichet vault …`: what the operator asks of the vault.
//!
//! Each command speaks to the running vault over its socket, as the user that the vault accepts
//! there (the app's), and says the same in text and, with `--json`, in JSON. Exit codes: 0 good,
//! 1 a finding, 2 could not judge, 64 the command line is wrong.

mod about;
mod backup;
mod clock;
mod log;
mod partner;
mod profile;
mod prove_shred;
mod restore;
mod rotate;
mod sealing;
mod share;
mod status;
mod token;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use kernel::CardToken;
use vault_wire::{LogSize, NewsGet, Operation, VaultClient, WireError, WireScope};

use crate::admin::Form;
use crate::config::Config;

/// Exit code for a wrong command line (`EX_USAGE` of `sysexits.h`).
pub(crate) const USAGE: u8 = 64;
const FINDING: u8 = 1;
const COULD_NOT_JUDGE: u8 = 2;

#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Lets canary cards live and die and searches files and memory for what was in them; with
    /// --card, tells what is left of one card. Exit 0 nothing left, 1 something found, 2 could not
    /// judge
    ProveShred(prove_shred::ProveShredArgs),
    /// Changes keys while the vault works; exit 0 when no record is under the old ones, which are
    /// destroyed then, 2 when some are left for later
    Rotate(rotate::RotateArgs),
    /// Makes a backup while the vault works: of no use to whoever has neither the root key nor a
    /// recipient's
    Backup(backup::BackupArgs),
    /// Makes a recipient's key pair: the secret half goes to a file that leaves this machine, the
    /// line for the configuration is printed
    BackupKey(backup::KeyArgs),
    /// Restores a backup into an empty data folder, while no vault runs; as the vault's user. A card
    /// that was destroyed does not come back. Exit 0 restored, 1 some numbers are lost, 2 refused
    Restore(restore::RestoreArgs),
    /// Writes the list of the cards that the app knows to be destroyed, for a restore
    Gone(backup::GoneArgs),
    /// Software vendors with keys to the vault's own API: applications, decisions, keys
    Partner(partner::PartnerArgs),
    /// Where messages of sales channels carry cards: profiles of the tokenising proxy
    Profile(profile::ProfileArgs),
    /// Seals the vault: within a second no key is in memory, and nothing opens a card
    Seal(Common),
    /// Opens a sealed vault. Where its root is in shares, each custodian runs this by himself, within
    /// ten minutes, and types his share, which is not shown; where it is in a device whose PIN no
    /// file holds, the PIN is typed. Exit 0 open or taken, 1 the share is
    /// refused
    Unseal(Common),
    /// Makes shares of the root for several people, while the vault does not run; as the vault's user
    Share(share::ShareArgs),
    /// The device that holds the root
    Token {
        #[command(subcommand)]
        what: token::TokenCommand,
    },
    /// Says how the vault is; exit 0 well, 1 something is wrong, 2 it does not answer
    Status(Common),
    /// Checks the vault against the rules of PCI DSS that concern it: a self-check, not an
    /// assessment. Exit 0 all is good, 1 a finding, 2 something cannot be judged
    Audit {
        /// Against PCI DSS 4.0.1
        #[arg(long, required = true)]
        pci: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Lists every key, protocol and library; exit 1 when a key is past its period
    CryptoInventory(Common),
    /// Lists pages, scripts, their hashes and headers; exit 1 when a file is not served as built in
    Pages(Common),
    /// The clock of the vault's machine
    Clock {
        #[command(subcommand)]
        what: clock::ClockCommand,
    },
    /// The transparency log
    Log {
        #[command(subcommand)]
        what: log::LogCommand,
    },
    /// Receipts of destruction
    Receipt {
        #[command(subcommand)]
        what: log::ReceiptCommand,
    },
}

/// Where the installation is, and how to answer.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The configuration file
    #[arg(long)]
    pub(crate) config: PathBuf,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Common {
    const fn form(&self) -> Form {
        if self.json { Form::Json } else { Form::Text }
    }
}

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    Finding,
    NotJudged,
}

impl Verdict {
    fn exit(self) -> ExitCode {
        match self {
            Self::Good => ExitCode::SUCCESS,
            Self::Finding => ExitCode::from(FINDING),
            Self::NotJudged => ExitCode::from(COULD_NOT_JUDGE),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Finding => "finding",
            Self::NotJudged => "not_judged",
        }
    }
}

/// Runs a command.
pub(crate) fn run(command: &VaultCommand) -> ExitCode {
    let outcome = match command {
        VaultCommand::ProveShred(args) => prove_shred::run(args),
        VaultCommand::Rotate(args) => rotate::run(args),
        VaultCommand::Backup(args) => backup::run(args),
        VaultCommand::BackupKey(args) => backup::make_key(args),
        VaultCommand::Restore(args) => restore::run(args),
        VaultCommand::Gone(args) => backup::gone(args),
        VaultCommand::Partner(args) => partner::run(args),
        VaultCommand::Profile(args) => profile::run(args),
        VaultCommand::Seal(common) => sealing::seal(common),
        VaultCommand::Unseal(common) => sealing::unseal(common),
        VaultCommand::Share(args) => share::run(args),
        VaultCommand::Token { what } => token::run(what),
        VaultCommand::Status(common) => status::run(common),
        VaultCommand::Audit { common, .. } => about::audit(common),
        VaultCommand::CryptoInventory(common) => about::inventory(common),
        VaultCommand::Pages(common) => about::pages(common),
        VaultCommand::Clock { what } => clock::run(what),
        VaultCommand::Log { what: log::LogCommand::Verify(common) } => log::verify(common),
        VaultCommand::Log { what: log::LogCommand::Save(args) } => log::save(args),
        VaultCommand::Log { what: log::LogCommand::Check(args) } => log::check(args),
        VaultCommand::Receipt { what: log::ReceiptCommand::Verify(args) } => log::receipt(args),
    };
    outcome.map_or_else(|error| crate::command::could_not_run(&error), Verdict::exit)
}

/// The running vault of an installation.
struct Vault {
    client: VaultClient,
    runtime: tokio::runtime::Runtime,
}

impl Vault {
    fn of(config: &Config) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let client = VaultClient::connect(config.vault.socket.clone());
        Ok(Self { client, runtime: runtime.map_err(|error| error.to_string())? })
    }

    /// Asks on behalf of a merchant.
    fn ask_as<O: Operation>(&self, scope: &WireScope, question: &O) -> Result<O::Answer, String> {
        let asked = self.client.ask_within(Some(scope), question, WAIT);
        self.runtime.block_on(asked).map_err(|error| error.to_string())
    }

    /// Every merchant with a log, and a shop to ask for it with.
    fn logs(&self) -> Result<Vec<LogSize>, String> {
        let (mut all, mut seen) = (Vec::new(), None);
        loop {
            let news = self.ask(&NewsGet { seen }, WAIT).map_err(|error| error.to_string())?;
            if news.logs.is_empty() {
                return Ok(all);
            }
            all.extend(news.logs);
            seen = Some(news.mark);
        }
    }

    /// Asks what concerns the whole vault.
    fn ask<O: Operation>(&self, question: &O, wait: Duration) -> Result<O::Answer, WireError> {
        self.runtime.block_on(self.client.ask_within(None, question, wait))
    }
}

fn read(config: &Path) -> Result<(Config, Vault), String> {
    let config = Config::read(config)?;
    let vault = Vault::of(&config)?;
    Ok((config, vault))
}

/// How long an ordinary question waits; the self-check reads all tables and logs.
const WAIT: Duration = Duration::from_secs(120);

/// The answer in the wanted form.
fn tell(form: Form, value: &impl serde::Serialize, text: impl FnOnce() -> String) {
    match form {
        Form::Text => print(&text()),
        Form::Json => print(&serde_json::to_string(value).unwrap_or_default()),
    }
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn print(text: &str) {
    println!("{text}");
}

/// Reads `card_…`.
fn card(text: &str) -> Result<CardToken, String> {
    text.parse().map_err(|_| "card_… with 26 characters".to_owned())
}
