//! `guichet vault audit`, `crypto-inventory` and `pages`: what the vault says of itself.

use vault_wire::{AuditGet, CheckState, InventoryGet, PagesGet, WireError};

use super::{Common, Verdict, WAIT, read, tell};

fn text(error: WireError) -> String {
    error.to_string()
}

/// The self-check, one line for each check.
pub(super) fn audit(common: &Common) -> Result<Verdict, String> {
    let (_, vault) = read(&common.config)?;
    let told = vault.ask(&AuditGet {}, WAIT).map_err(text)?;
    let any = |state| told.checks.iter().any(|check| check.state == state);
    let verdict = match (any(CheckState::Finding), any(CheckState::NotJudged)) {
        (true, _) => Verdict::Finding,
        (false, true) => Verdict::NotJudged,
        (false, false) => Verdict::Good,
    };
    tell(common.form(), &told, || {
        let mut lines =
            vec![format!("{}: a self-check, not an assessment; {}", told.standard, told.at)];
        for check in &told.checks {
            let state = match check.state {
                CheckState::Good => "good      ",
                CheckState::Finding => "FINDING   ",
                CheckState::NotJudged => "not judged",
            };
            lines.push(format!("{state}  {}  {}: {}", check.rule, check.what, check.evidence));
        }
        let count = |state| told.checks.iter().filter(|check| check.state == state).count();
        lines.push(format!(
            "{} good, {} findings, {} not judged",
            count(CheckState::Good),
            count(CheckState::Finding),
            count(CheckState::NotJudged)
        ));
        lines.join("\n")
    });
    Ok(verdict)
}

/// Every key, protocol and library.
pub(super) fn inventory(common: &Common) -> Result<Verdict, String> {
    let (_, vault) = read(&common.config)?;
    let told = vault.ask(&InventoryGet {}, WAIT).map_err(text)?;
    let overdue = told.keys.iter().any(|key| key.state == "overdue");
    tell(common.form(), &told, || {
        let mut lines = Vec::new();
        for key in &told.keys {
            let instant =
                |at: Option<kernel::Timestamp>| at.map_or("-".into(), |at| at.to_string());
            lines.push(format!(
                "{}: {}; {} of {} bits; made {}; {}, change by {}; {}",
                key.id,
                key.r#use,
                key.algorithm,
                key.bits,
                instant(key.created),
                key.state,
                instant(key.next_change),
                key.place
            ));
        }
        let records = told.record_keys;
        lines.push(format!(
            "in slots: {} keys of cards, {} keys of codes; XAES-256-GCM, as long as their record",
            records.cards, records.codes
        ));
        lines.extend(told.protocols.iter().map(|name| format!("protocol: {name}")));
        lines.extend(told.libraries.iter().map(|name| format!("library: {name}")));
        lines.extend(told.custodians.iter().map(|one| format!("custodian: {one}")));
        if told.custodians.is_empty() {
            lines.push("custodians: none, the root is one file".into());
        }
        let apart =
            if told.roots_apart { "one root, one kind of shop" } else { "ONE ROOT FOR BOTH" };
        lines.push(format!("live and test shops: {apart}"));
        lines.join("\n")
    });
    Ok(if overdue { Verdict::Finding } else { Verdict::Good })
}

/// Pages, what they load and why, with which headers.
pub(super) fn pages(common: &Common) -> Result<Verdict, String> {
    let (_, vault) = read(&common.config)?;
    let told = vault.ask(&PagesGet {}, WAIT).map_err(text)?;
    let changed = told.files.iter().any(|file| !file.served);
    tell(common.form(), &told, || {
        let mut lines = Vec::new();
        for page in &told.pages {
            lines.push(format!("{}: {}", page.path, page.r#for));
            lines.extend(page.headers.iter().map(|(name, value)| format!("  {name}: {value}")));
        }
        for file in &told.files {
            let state = if file.served { "served as built in" } else { "NOT SERVED AS BUILT IN" };
            lines.push(format!("{}: {}; {state}", file.path, file.reason));
            lines.push(format!("  {}", file.integrity));
        }
        lines.join("\n")
    });
    Ok(if changed { Verdict::Finding } else { Verdict::Good })
}
