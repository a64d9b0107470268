//! `guichet vault partner …`: the operator looks at applications of software vendors and decides.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use kernel::{Id, Mode, PartnerId};
use serde::Serialize;
use vault_wire::{
    DEFAULT_DEADLINE, Operation, Partner, PartnerDecide, PartnerDecision, PartnerGet,
    PartnerKeyEnd, PartnerKeyMake, PartnerList, PartnerRefusal, WireError,
};

use super::{Vault, Verdict, print, read};
use crate::admin::Form;
use crate::command::mode;

/// Who decides, for the log: whoever has a shell on the machine.
const OPERATOR: &str = "operator";

/// What is done with partners; exit 0 done, 1 the vault refuses, 2 could not run.
#[derive(Debug, Args)]
pub(crate) struct PartnerArgs {
    #[command(subcommand)]
    what: PartnerCommand,
    /// The configuration file
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// Prints JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum PartnerCommand {
    /// All of them, newest application first
    List,
    /// One, with everything he applied for
    Show(Which),
    /// Notes that somebody looks at the application
    Review(Which),
    /// Accepts the application
    Approve(Which),
    /// Does not accept it; a new one may come after 30 days
    Refuse {
        #[command(flatten)]
        which: Which,
        /// Why
        #[arg(long, value_enum)]
        code: Refusal,
    },
    /// Stops everything but destroying cards, at once
    Suspend(Reasoned),
    /// Lets a suspended partner go on
    Resume(Which),
    /// Ends a partner for good, with all his keys
    Revoke(Reasoned),
    /// Lets the networks that wait count
    Networks {
        #[command(flatten)]
        which: Which,
        /// Address of the security contact, who has said that they are his
        #[arg(long, value_name = "E-MAIL")]
        confirmed_by: String,
        /// A network that he has said is his; once for each that waits
        #[arg(long = "network", value_name = "NETWORK", required = true)]
        networks: Vec<String>,
    },
    /// Makes a key and prints it, this once
    Key {
        #[command(flatten)]
        which: Which,
        /// For live shops or for test shops
        #[arg(long, value_name = "live|test", value_parser = mode)]
        mode: Mode,
    },
    /// Ends a key at once
    EndKey {
        #[command(flatten)]
        which: Which,
        /// Its name, as `show` tells it
        #[arg(long, value_parser = key)]
        key: Id,
    },
}

#[derive(Debug, Args)]
struct Which {
    /// The partner, `ptn_…`
    partner: PartnerId,
}

#[derive(Debug, Args)]
struct Reasoned {
    #[command(flatten)]
    which: Which,
    /// Why, 3 to 500 characters
    #[arg(long)]
    reason: String,
}

/// Why an application is not accepted.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Refusal {
    /// Who he is could not be verified
    Identity,
    /// His attestation does not hold
    Evidence,
    /// Too little to be worth the risk
    VolumeLow,
    /// More than the installation carries
    VolumeHigh,
    /// What it is for
    Purpose,
    /// His side is not ready
    Technical,
}

impl Refusal {
    const fn code(self) -> PartnerRefusal {
        match self {
            Self::Identity => PartnerRefusal::Identity,
            Self::Evidence => PartnerRefusal::Evidence,
            Self::VolumeLow => PartnerRefusal::VolumeLow,
            Self::VolumeHigh => PartnerRefusal::VolumeHigh,
            Self::Purpose => PartnerRefusal::Purpose,
            Self::Technical => PartnerRefusal::Technical,
        }
    }
}

fn key(text: &str) -> Result<Id, String> {
    Id::parse(text).map_err(|error| error.to_string())
}

/// Runs the command against the running vault.
pub(super) fn run(args: &PartnerArgs) -> Result<Verdict, String> {
    let config = args.config.as_ref().ok_or("--config FILE is missing")?;
    let desk = Desk { vault: read(config)?.1 };
    desk.run(&args.what, if args.json { Form::Json } else { Form::Text })
}

/// The running vault.
struct Desk {
    vault: Vault,
}

impl Desk {
    fn ask<O: Operation>(&self, question: &O) -> Result<O::Answer, WireError> {
        self.vault.ask(question, DEFAULT_DEADLINE)
    }

    fn run(&self, what: &PartnerCommand, form: Form) -> Result<Verdict, String> {
        use PartnerDecision as D;
        let by = || OPERATOR.to_owned();
        match what {
            PartnerCommand::List => told(self.ask(&PartnerList {}), form, |listed| {
                listed.partners.iter().for_each(line);
            }),
            PartnerCommand::Show(which) => {
                told(self.ask(&PartnerGet { partner: which.partner }), form, whole)
            }
            PartnerCommand::Key { which, mode } => {
                let make = PartnerKeyMake { partner: which.partner, mode: *mode, by: by() };
                told(self.ask(&make), form, |made| print(&made.key))
            }
            PartnerCommand::EndKey { which, key } => {
                let end = PartnerKeyEnd { partner: which.partner, key: *key, by: by() };
                told(self.ask(&end), form, line)
            }
            PartnerCommand::Review(which) => self.decide(which, D::Review, form),
            PartnerCommand::Approve(which) => self.decide(which, D::Approve { quotas: None }, form),
            PartnerCommand::Refuse { which, code } => {
                self.decide(which, D::Refuse { code: code.code() }, form)
            }
            PartnerCommand::Suspend(Reasoned { which, reason }) => {
                self.decide(which, D::Suspend { reason: reason.clone() }, form)
            }
            PartnerCommand::Resume(which) => self.decide(which, D::Resume, form),
            PartnerCommand::Revoke(Reasoned { which, reason }) => {
                self.decide(which, D::Revoke { reason: reason.clone() }, form)
            }
            PartnerCommand::Networks { which, confirmed_by, networks } => {
                let (confirmed_by, networks) = (confirmed_by.clone(), networks.clone());
                self.decide(which, D::ApproveNetworks { confirmed_by, networks }, form)
            }
        }
    }

    fn decide(
        &self,
        which: &Which,
        decision: PartnerDecision,
        form: Form,
    ) -> Result<Verdict, String> {
        let by = OPERATOR.to_owned();
        told(self.ask(&PartnerDecide { partner: which.partner, decision, by }), form, line)
    }
}

/// Says the answer; a refusal of the vault is a finding.
fn told<T: Serialize>(
    answer: Result<T, WireError>,
    form: Form,
    text: impl FnOnce(&T),
) -> Result<Verdict, String> {
    match answer {
        Ok(answer) => {
            match form {
                Form::Json => print(&serde_json::to_string(&answer).unwrap_or_default()),
                Form::Text => text(&answer),
            }
            Ok(Verdict::Good)
        }
        Err(WireError::Refused(why)) => {
            tracing::error!("{}: {}", why.code, why.detail);
            Ok(Verdict::Finding)
        }
        Err(error) => Err(error.to_string()),
    }
}

fn line(partner: &Partner) {
    let because = partner.because.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
    let line = format!(
        "{}  {}{because}  {}  since {}",
        partner.id,
        partner.status.as_str(),
        partner.application.company,
        partner.submitted_at,
    );
    print(&printable(&line));
}

fn whole(partner: &Partner) {
    line(partner);
    let text = serde_json::to_string_pretty(partner).unwrap_or_default();
    text.lines().for_each(|line| print(&printable(line)));
}

/// A line as a terminal may print it: what strangers wrote moves no cursor and turns no text around.
fn printable(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '"' | '\'' | '\\' => text.push(c),
            _ => text.extend(c.escape_debug()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn v_109_what_an_applicant_wrote_moves_no_cursor() {
        assert_eq!(printable("L'Étoile \"PMS\""), "L'Étoile \"PMS\"");
        let hostile = "a\u{1b}[2Jb\u{202e}c\u{9b}";
        assert_eq!(printable(hostile), "a\\u{1b}[2Jb\\u{202e}c\\u{9b}");
    }
}
