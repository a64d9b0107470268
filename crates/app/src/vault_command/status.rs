//! `guichet vault status`: whether the vault is well, in one look.

use serde_json::json;
use vault_wire::{BackupState, FiguresGet, Hello};

use super::clock::fault;
use super::{Common, Verdict, WAIT, read, sealing, tell};

/// A card past its date, or entries under no head, for longer than this are alarms.
const MOST_LAG_SECONDS: u64 = 300;
const MOST_HEAD_SECONDS: u64 = 180;
/// A backup is older than this, or was tried longer ago, only when something is wrong.
const MOST_BACKUP_SECONDS: u64 = 2 * 24 * 60 * 60;
const HOUR_SECONDS: u64 = 60 * 60;

pub(super) fn run(common: &Common) -> Result<Verdict, String> {
    let (_, vault) = read(&common.config)?;
    let text = |error: vault_wire::WireError| error.to_string();
    let versions = vec![vault_wire::frame::VERSION];
    let welcome = vault.ask(&Hello { versions }, WAIT).map_err(text)?;
    if let Some(state) = &welcome.sealed {
        let told = json!({
            "verdict": Verdict::Finding.word(), "origin": welcome.origin, "sealed": state,
        });
        tell(common.form(), &told, || sealing::sealed_text(&welcome.origin, state));
        return Ok(Verdict::Finding);
    }
    let figures = vault.ask(&FiguresGet {}, WAIT).map_err(text)?;
    let mut wrong: Vec<String> =
        welcome.sandbox_missing.iter().map(|what| format!("sandbox: {what}")).collect();
    for mode in &figures.modes {
        if mode.sweeper_lag_seconds > MOST_LAG_SECONDS {
            let (mode, lag) = (mode.mode.as_str(), mode.sweeper_lag_seconds);
            wrong.push(format!("{mode}: a card is {lag} s past its date"));
        }
    }
    if figures.checkpoint_age_seconds > MOST_HEAD_SECONDS {
        let age = figures.checkpoint_age_seconds;
        wrong.push(format!("entries of the log are under no head since {age} s"));
    }
    let clock = figures.clock.and_then(|state| fault(state, figures.clock_offset_seconds));
    wrong.extend(clock);
    wrong.extend(figures.backup.as_ref().and_then(backup_fault));
    let verdict = if wrong.is_empty() { Verdict::Good } else { Verdict::Finding };
    let told = json!({
        "verdict": verdict.word(), "origin": welcome.origin, "wrong": wrong, "figures": figures,
    });
    tell(common.form(), &told, || {
        let mut lines = vec![format!("{}: running", welcome.origin)];
        for mode in &figures.modes {
            let of = |counts: &std::collections::BTreeMap<String, u64>, state: &str| {
                counts.get(state).copied().unwrap_or(0)
            };
            lines.push(format!(
                "{}: {} cards, {} codes held, {} due, {} reveals, {} people locked out",
                mode.mode.as_str(),
                of(&mode.cards, "active").saturating_add(of(&mode.cards, "pending")),
                of(&mode.codes, "available"),
                mode.due_cards,
                mode.reveals,
                mode.pins_locked
            ));
        }
        let epochs: Vec<String> =
            figures.epochs.iter().map(|(class, number)| format!("{class}/{number}")).collect();
        let (epochs, old) = (epochs.join(", "), figures.under_old_keys);
        lines.push(format!("epochs: {epochs}; {old} records under old keys"));
        lines.push(format!("log: {} entries", figures.log_size));
        lines.push(figures.backup.as_ref().map_or_else(|| "backup: none".to_owned(), backup_text));
        lines.extend(wrong.iter().map(|what| format!("WRONG: {what}")));
        lines.join("\n")
    });
    Ok(verdict)
}

/// What is wrong with backups, where the configuration has a folder for them.
fn backup_fault(state: &BackupState) -> Option<String> {
    match (&state.newest, &state.fault) {
        (None, _) => Some("there is no backup: guichet vault backup".to_owned()),
        (_, Some(fault)) => Some(format!("the newest backup does not open: {fault}")),
        _ if state.age_seconds > MOST_BACKUP_SECONDS => {
            Some(format!("the newest backup is {} h old", state.age_seconds / HOUR_SECONDS))
        }
        _ => None,
    }
}

fn backup_text(state: &BackupState) -> String {
    let Some(name) = &state.newest else { return "backup: none".to_owned() };
    let hours = state.age_seconds / HOUR_SECONDS;
    let tried = match (state.checked_at, &state.fault) {
        (None, _) => "not tried yet".to_owned(),
        (Some(at), None) => format!("tried {at}: {} cards opened", state.opened),
        (Some(at), Some(_)) => format!("tried {at}: FAILED"),
    };
    format!("backup: {name}, {hours} h old, {tried}")
}
