//! `guichet vault share`: the custodians sit down together, and each leaves with his share.
//!
//! What is said and asked goes to standard error, so that no share ends in a file by a redirection;
//! the report goes to standard output. Standard error that is a file is refused.
//!
//! A slip is asked for again. `no`, `non` or the end of the input ends the ceremony.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::os::fd::AsFd as _;

use clap::{Args, ValueEnum};
use serde_json::json;
use vault::{Ceremony, CeremonyError, RootSource, ShareError};
use zeroize::Zeroizing;

use super::sealing::ask_secret;
use super::{Common, Verdict, tell};
use crate::config::Config;

/// Last signs of a share, which its custodian types to show that he has it.
const PROOF_SIGNS: usize = 8;
/// Longest line that is read.
const MOST_LINE_BYTES: u64 = 1_024;
/// Clears a terminal, then what has scrolled out of it (ECMA-48; xterm for the latter). In this order:
/// some terminals scroll out what they clear.
const CLEAR: &str = "\x1b[H\x1b[2J\x1b[3J";
/// Whoever does not accept says so in one of these words.
const NO: [&str; 2] = ["no", "non"];

#[derive(Debug, Args)]
pub(crate) struct ShareArgs {
    /// How many custodians there are, each with one share: 2 to 10
    #[arg(long)]
    of: u8,
    /// How many of them open the vault: 2 or more
    #[arg(long)]
    needed: u8,
    /// Language of the text that custodians accept
    #[arg(long, value_enum, default_value = "fr")]
    lang: Lang,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    Fr,
    En,
}

impl Lang {
    /// The text, and the word that accepts it.
    const fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Fr => (include_str!("custodian/fr.txt"), "J'ACCEPTE"),
            Self::En => (include_str!("custodian/en.txt"), "I ACCEPT"),
        }
    }
}

/// Makes the shares; each custodian in turn.
pub(super) fn run(args: &ShareArgs) -> Result<Verdict, String> {
    if is_recorded() {
        let why = "standard error is a file, and shares would be written into it: run the ceremony \
                   without a redirection of standard error";
        return Err(why.to_owned());
    }
    let config = Config::read(&args.common.config)?.for_vault();
    let mut ask = |given: u8, needed: Option<u8>, refused: Option<ShareError>| {
        of_present((given, needed), refused)
    };
    let begun = Ceremony::begin(&config, (args.needed, args.of), &mut ask);
    let mut ceremony = begun.map_err(|error| error.to_string())?;
    while let Some(index) = ceremony.next() {
        hand_over(&mut ceremony, index, args).map_err(|error| error.to_string())?;
    }
    let (of, needed, file) = (args.of, args.needed, config.root_file.display().to_string());
    let next = match ceremony.source() {
        RootSource::File => format!(
            "next: root = \"shares\" under [vault] of the configuration, start the vault, let \
             {needed} custodians open it (guichet vault unseal); only then destroy {file} and every \
             copy of it"
        ),
        RootSource::Custodians => format!(
            "next: try the new shares (guichet vault seal, then guichet vault unseal by {needed} \
             custodians), then let the former ones be destroyed"
        ),
        RootSource::Fresh => format!(
            "next: root = \"shares\" under [vault] of the configuration, start the vault, let \
             {needed} custodians open it (guichet vault unseal)"
        ),
    };
    let told = json!({ "shares": of, "needed": needed, "next": next });
    tell(args.common.form(), &told, || format!("{of} shares, {needed} open the vault\n{next}"));
    Ok(Verdict::Good)
}

/// Whether what is said goes into a file; shares go where they can be cleared from, or read at once.
fn is_recorded() -> bool {
    let to = std::io::stderr().as_fd().try_clone_to_owned().map(File::from);
    to.and_then(|to| to.metadata()).map_or(true, |about| about.is_file())
}

/// The next share of the custodians who are in the room, and why the one before was not taken.
pub(super) fn of_present(
    (given, needed): (u8, Option<u8>),
    refused: Option<ShareError>,
) -> Result<Zeroizing<String>, String> {
    if let Some(why) = refused {
        say(&why.to_string());
    }
    let needed = needed.map_or("?".to_owned(), |needed| needed.to_string());
    ask_secret(&format!("present custodians, share {} of {needed}: ", given.saturating_add(1)))
}

fn hand_over(ceremony: &mut Ceremony, index: u8, args: &ShareArgs) -> Result<(), CeremonyError> {
    let (text, word) = args.lang.text();
    let refused = |error: std::io::Error| CeremonyError::Refused(error.to_string());
    say(&format!("\nShare {index} of {}: its custodian alone at the screen.\n\n{text}", args.of));
    let name = name(ceremony)?;
    while answered(&format!("Type {word}: "))?.trim() != word {
        say(&format!("Only {word} accepts, sign by sign; no or non ends the ceremony."));
    }
    let share = ceremony.accept(&name, text)?;
    let _cleared = Cleared;
    say(&format!("\n{}\n", *share));
    say("Write it down, sign by sign.");
    let proof = share.get(share.len().saturating_sub(PROOF_SIGNS)..).unwrap_or_default();
    while ask("Its last eight signs, from your paper: ").map_err(refused)?.trim() != proof {
        say("These are not its last eight signs.");
    }
    Ok(())
}

/// A name that the next custodian may have.
fn name(ceremony: &Ceremony) -> Result<Zeroizing<String>, CeremonyError> {
    loop {
        let name = answered("Name: ")?;
        match ceremony.check_name(&name) {
            Ok(()) => return Ok(name),
            Err(CeremonyError::Name(why)) => say(&why),
            Err(other) => return Err(other),
        }
    }
}

/// A line of the custodian, unless he says no.
fn answered(prompt: &str) -> Result<Zeroizing<String>, CeremonyError> {
    let text = ask(prompt).map_err(|error| CeremonyError::Refused(error.to_string()))?;
    if NO.contains(&text.trim().to_lowercase().as_str()) {
        let why = "the responsibility was not accepted: no share is shown, the ceremony ends";
        return Err(CeremonyError::Refused(why.into()));
    }
    Ok(text)
}

/// Clears the terminal when it goes, whichever way: a share was on it.
struct Cleared;

impl Drop for Cleared {
    fn drop(&mut self) {
        let mut to = std::io::stderr();
        if to.is_terminal() {
            let _ = to.write_all(CLEAR.as_bytes());
            let _ = to.flush();
        }
    }
}

#[expect(clippy::print_stderr, reason = "the dialogue of the command")]
fn say(text: &str) {
    eprintln!("{text}");
}

fn ask(prompt: &str) -> std::io::Result<Zeroizing<String>> {
    let mut to = std::io::stderr();
    to.write_all(prompt.as_bytes())?;
    to.flush()?;
    line(MOST_LINE_BYTES)
}

/// One line of standard input, read sign by sign so that the next reader has the next line.
pub(super) fn line(most: u64) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(most).unwrap_or_default()));
    let mut input = std::io::stdin().lock().take(most);
    let mut sign = [0];
    loop {
        if input.read(&mut sign)? == 0 {
            if text.is_empty() {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            break;
        }
        if sign == *b"\n" {
            break;
        }
        text.extend_from_slice(&sign);
    }
    let text = String::from_utf8(text.to_vec());
    text.map(Zeroizing::new).map_err(|_| std::io::ErrorKind::InvalidData.into())
}
