//! `guichet vault prove-shred`: the drill, and the places that the vault's sandbox does not reach.
//!
//! The vault lets canary cards live and die and searches its own folder, tables and memory. Its
//! answer has marks of what was in them, and no secret; with these the folder of the app's data, the
//! folder of the configuration, the place of core dumps and whatever `--also` names are searched
//! here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use kernel::CardToken;
use serde_json::json;
use vault_wire::{
    DRILL_SECONDS, Needles, Searched, ShredCard, ShredDrill, ShredDrilled, ShredOfCard, WireError,
};

use super::{Common, Vault, Verdict, card, print, read};
use crate::admin::Form;
use crate::config::Config;

const CORE_PATTERN: &str = "/proc/sys/kernel/core_pattern";
const CARD_SECONDS: u64 = 60;

#[derive(Debug, Args)]
pub(crate) struct ProveShredArgs {
    #[command(flatten)]
    common: Common,
    /// How many canary cards live and die
    #[arg(long, value_name = "N", default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(5..=100))]
    drill: u32,
    /// Tells what is left of this card instead
    #[arg(long, value_name = "card_…", value_parser = card, conflicts_with_all = ["drill", "also"])]
    card: Option<CardToken>,
    /// Searches this file or folder, too: logs, backups; may be given several times
    #[arg(long, value_name = "PATH")]
    also: Vec<PathBuf>,
}

pub(super) fn run(args: &ProveShredArgs) -> Result<Verdict, String> {
    let (config, vault) = read(&args.common.config)?;
    match args.card {
        Some(card) => left_of(&vault, card, args.common.form()),
        None => drill(args, &config, &vault),
    }
}

fn drill(args: &ProveShredArgs, config: &Config, vault: &Vault) -> Result<Verdict, String> {
    let asked = ShredDrill { cards: args.drill };
    let told = vault.ask(&asked, Duration::from_secs(DRILL_SECONDS));
    let mut told = told.map_err(|error| error.to_string())?;
    for (place, path) in outside(args, config) {
        let found = look(&told.needles, &place, &path, &config.vault.data_dir);
        told.places.push(found);
    }
    let verdict = judge(&told.places);
    match args.common.form() {
        Form::Text => print(&text(&told, verdict)),
        Form::Json => print(&as_json(&told, verdict)),
    }
    Ok(verdict)
}

fn judge(places: &[Searched]) -> Verdict {
    if places.iter().any(|place| !place.hits.is_empty()) {
        Verdict::Finding
    } else if places.iter().any(|place| !place.unread.is_empty()) {
        Verdict::NotJudged
    } else {
        Verdict::Good
    }
}

/// Places beside the vault's own, each once.
fn outside(args: &ProveShredArgs, config: &Config) -> Vec<(String, PathBuf)> {
    let parent = |path: &Path| path.parent().map(Path::to_owned);
    let app = match &config.app.database {
        db::Place::File(file) => parent(file),
        db::Place::Server(_) => None,
    };
    let named = [
        ("data of the app", app),
        ("folder of the configuration", parent(&args.common.config)),
        ("core dumps", core_dumps()),
    ];
    let named = named.into_iter().filter_map(|(name, path)| Some((name.to_owned(), path?)));
    let whole = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    let also = args.also.iter().map(|path| (whole(path).display().to_string(), path.clone()));
    let mut places: Vec<(String, PathBuf)> = Vec::new();
    for (name, path) in named.chain(also) {
        let path = if path.as_os_str().is_empty() { PathBuf::from(".") } else { path };
        let path = path.canonicalize().unwrap_or(path);
        if places.iter().all(|(_, known)| !path.starts_with(known)) {
            places.push((name, path));
        }
    }
    places
}

/// Where the kernel puts core dumps; a program that takes them is not looked into: the vault's
/// process makes none.
fn core_dumps() -> Option<PathBuf> {
    let pattern = std::fs::read_to_string(CORE_PATTERN).ok()?;
    let path = Path::new(pattern.trim());
    if path.is_absolute() { path.parent().map(Path::to_owned) } else { None }
}

/// A folder; that of the vault is left to the vault.
fn look(needles: &Needles, place: &str, path: &Path, vault: &Path) -> Searched {
    let vault = vault.canonicalize().unwrap_or_else(|_| vault.to_owned());
    vault::search_outside(needles, (place, path), &vault)
}

fn text(told: &ShredDrilled, verdict: Verdict) -> String {
    let mut lines = vec![format!(
        "{} canary cards lived and died; level {}; log entry {} of {}",
        told.cards, told.level, told.seq, told.at
    )];
    lines.push(
        "level C: slots are written over; it is B when their epoch keys are, which end within a \
         day (codes) and a week (numbers)"
            .to_owned(),
    );
    for place in &told.places {
        let said = match (place.hits.len(), place.unread.is_empty()) {
            (0, true) => "nothing left".to_owned(),
            (0, false) => "not all read".to_owned(),
            (hits, _) => format!("{hits} HITS"),
        };
        let (parts, bytes) = (place.parts, place.bytes);
        lines.push(format!("{}: {parts} parts, {bytes} bytes: {said}", place.place));
        let hit =
            |hit: &vault_wire::Hit| format!("  {} in {} at {}", hit.what, hit.part, hit.offset);
        lines.extend(place.hits.iter().map(hit));
        lines.extend(place.unread.iter().map(|why| format!("  not read: {why}")));
    }
    lines.push(
        match verdict {
            Verdict::Good => "nothing is left",
            Verdict::Finding => "REMAINS WERE FOUND",
            Verdict::NotJudged => "could not be judged: not everything was read",
        }
        .to_owned(),
    );
    lines.join("\n")
}

fn as_json(told: &ShredDrilled, verdict: Verdict) -> String {
    let places = serde_json::to_value(&told.places).unwrap_or_default();
    json!({
        "verdict": verdict.word(), "level": told.level, "cards": told.cards, "at": told.at,
        "log_entry": told.seq, "places": places,
    })
    .to_string()
}

fn left_of(vault: &Vault, card: CardToken, form: Form) -> Result<Verdict, String> {
    let left = match vault.ask(&ShredCard { card }, Duration::from_secs(CARD_SECONDS)) {
        Ok(left) => left,
        Err(WireError::Refused(refused)) if refused.code == "not_found" => {
            return Err(format!("no merchant of this vault has had {card}"));
        }
        Err(error) => return Err(error.to_string()),
    };
    let proved = left.receipts.iter().all(|one| one.signed && one.proof.is_some());
    let gone = left.destroyed && left.slots == 0 && !left.record;
    let verdict = match (gone, proved && !left.receipts.is_empty()) {
        (true, true) => Verdict::Good,
        (true, false) => Verdict::NotJudged,
        (false, _) => Verdict::Finding,
    };
    match form {
        Form::Text => print(&card_text(card, &left, verdict)),
        Form::Json => {
            print(&json!({ "verdict": verdict.word(), "card": card, "left": left }).to_string());
        }
    }
    Ok(verdict)
}

fn card_text(card: CardToken, left: &ShredOfCard, verdict: Verdict) -> String {
    let yes = |is: bool| if is { "yes" } else { "NO" };
    let mut lines = vec![
        format!("{card}: destroyed: {}", yes(left.destroyed)),
        format!("slots that carry its name: {}", left.slots),
        format!("sealed record gone: {}", yes(!left.record)),
    ];
    for one in &left.receipts {
        let word = |name: &str| one.receipt.get(name).and_then(|value| value.as_str());
        lines.push(format!(
            "receipt: {} destroyed at {}, because {}, epoch {}, level {} when signed, {} now",
            word("what").unwrap_or("?"),
            word("at").unwrap_or("?"),
            word("because").unwrap_or("?"),
            word("epoch").unwrap_or("unknown"),
            word("level").unwrap_or("?"),
            one.level,
        ));
        let entry = one.receipt.pointer("/log/seq").map(ToString::to_string).unwrap_or_default();
        let under = one.proof.as_ref().map_or(0, |proof| proof.checkpoint.size);
        lines.push(format!(
            "  signed: {}; log entry {entry}, proved under a head of {under}: {}",
            yes(one.signed),
            yes(one.proof.is_some())
        ));
    }
    if left.receipts.is_empty() {
        lines.push("receipts: none".to_owned());
    }
    lines.push(verdict.word().to_owned());
    lines.join("\n")
}
