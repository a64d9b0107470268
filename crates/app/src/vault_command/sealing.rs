//! `guichet vault seal` and `unseal`.

use std::io::IsTerminal as _;
use std::time::Duration;

use serde_json::json;
use vault_wire::{
    Done, Hello, RootForm, Seal, SealState, Unseal, UnsealPin, UnsealShare, WireError,
};
use zeroize::Zeroizing;

use super::{Common, Vault, Verdict, WAIT, read, tell};

/// How long the vault's next process may take to answer.
const TRIES: u32 = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);
/// Longest line that a share is looked for in.
const MOST_SHARE_BYTES: u64 = 256;

/// How a sealed vault is, and what opens it.
pub(super) fn sealed_text(origin: &str, state: &SealState) -> String {
    let mut lines = vec![format!("{origin}: SEALED since {}", state.since)];
    lines.push(match (state.root, state.needed, state.until) {
        (RootForm::File, ..) => "guichet vault unseal opens it".to_owned(),
        (RootForm::Token, ..) => match state.fault {
            Some(fault) => format!("{}: {}", fault.code(), fault.cure()),
            None => "guichet vault unseal opens it".to_owned(),
        },
        (RootForm::Shares, Some(needed), Some(until)) => {
            format!("{} of {needed} shares given; the others by {until}", state.given)
        }
        (RootForm::Shares, ..) => {
            "no share given: each custodian runs guichet vault unseal".to_owned()
        }
    });
    lines.join("\n")
}

fn state(vault: &Vault) -> Result<Option<SealState>, WireError> {
    let versions = vec![vault_wire::frame::VERSION];
    vault.ask(&Hello { versions }, WAIT).map(|welcome| welcome.sealed)
}

/// Waits until the vault's next process is as wished.
fn becomes(vault: &Vault, wished: impl Fn(&Option<SealState>) -> bool) -> bool {
    for _ in 0..TRIES {
        if state(vault).is_ok_and(|state| wished(&state)) {
            return true;
        }
        std::thread::sleep(BETWEEN_TRIES);
    }
    false
}

/// What became of a vault that was to be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    /// It says that it is sealed.
    Sealed,
    /// It has its keys again, or still.
    Open,
    /// Nothing answers.
    Silent,
}

/// Seals, and waits until the vault says so. An answer that is lost, or a refusal, is no reason not to
/// look what became of it.
pub(super) fn seal(common: &Common) -> Result<Verdict, String> {
    let (_, vault) = read(&common.config)?;
    let why = match vault.ask(&Seal {}, WAIT) {
        Ok(_) => None,
        Err(error) if error.may_have_been_heard() || error.code().is_some() => {
            Some(error.to_string())
        }
        Err(error) => return Err(error.to_string()),
    };
    let became = if becomes(&vault, Option::is_some) {
        Became::Sealed
    } else if state(&vault).is_ok_and(|state| state.is_none()) {
        Became::Open
    } else {
        Became::Silent
    };
    let (verdict, text) = judged(became, why.as_deref());
    let is_sealed = verdict == Verdict::Good;
    let told = json!({ "sealed": is_sealed, "answers": became != Became::Silent });
    tell(common.form(), &told, || text);
    Ok(verdict)
}

/// What that comes to, where the vault promised to be sealed, and where it did not.
fn judged(became: Became, why: Option<&str>) -> (Verdict, String) {
    match (became, why) {
        (Became::Sealed, _) => (Verdict::Good, "sealed".to_owned()),
        (Became::Open, None) => (Verdict::Finding, "NOT sealed, it is open again".to_owned()),
        (Became::Open, Some(why)) => {
            (Verdict::Finding, format!("NOT sealed, it is open again: {why}"))
        }
        (Became::Silent, None) => {
            let text = "sealed: the vault's process has ended, and nothing has started it again";
            (Verdict::Good, text.to_owned())
        }
        (Became::Silent, Some(why)) => {
            let text =
                format!("the vault did not say that it is sealed ({why}), and is silent now");
            (Verdict::NotJudged, text)
        }
    }
}

/// Opens, or gives one share.
pub(super) fn unseal(common: &Common) -> Result<Verdict, String> {
    let (config, vault) = read(&common.config)?;
    vault::close_in();
    let text = |error: WireError| error.to_string();
    let Some(state) = state(&vault).map_err(text)? else {
        tell(common.form(), &json!({ "open": true }), || "the vault is open".to_owned());
        return Ok(Verdict::Good);
    };
    match state.root {
        RootForm::File => {
            vault.ask(&Unseal {}, WAIT).map_err(text)?;
            opened(common, &vault)
        }
        RootForm::Shares => give(common, &vault),
        RootForm::Token => {
            let has_file = config.vault.token.is_some_and(|token| token.pin_file.is_some());
            let asked = if has_file {
                vault.ask(&Unseal {}, WAIT)
            } else {
                let pin = ask_secret("PIN of the device: ")?.to_string();
                vault.ask(&UnsealPin { pin }, WAIT)
            };
            by_device(common, &vault, asked)
        }
    }
}

/// What became of a vault whose device was asked for.
fn by_device(
    common: &Common,
    vault: &Vault,
    asked: Result<Done, WireError>,
) -> Result<Verdict, String> {
    if let Err(WireError::Refused(why)) = asked {
        let told = json!({ "open": false, "code": why.code, "detail": why.detail });
        tell(common.form(), &told, || format!("{}: {}", why.code, why.detail));
        return Ok(Verdict::Finding);
    }
    asked.map_err(|error| error.to_string())?;
    let decided = |state: &Option<SealState>| state.as_ref().is_none_or(|one| one.fault.is_some());
    becomes(vault, decided);
    match state(vault) {
        Ok(Some(sealed)) if sealed.fault.is_some() => {
            let told = json!({ "open": false, "fault": sealed.fault });
            tell(common.form(), &told, || sealed_text("the vault", &sealed));
            Ok(Verdict::Finding)
        }
        _ => opened(common, vault),
    }
}

/// Waits until the vault is open.
fn opened(common: &Common, vault: &Vault) -> Result<Verdict, String> {
    let open = becomes(vault, Option::is_none);
    tell(common.form(), &json!({ "open": open }), || {
        if open { "the vault is open" } else { "the vault does not answer" }.to_owned()
    });
    Ok(if open { Verdict::Good } else { Verdict::NotJudged })
}

fn give(common: &Common, vault: &Vault) -> Result<Verdict, String> {
    let share = ask_secret("share: ")?.to_string();
    match vault.ask(&UnsealShare { share }, WAIT) {
        Ok(told) if told.given >= told.needed => opened(common, vault),
        Ok(told) => {
            tell(common.form(), &json!({ "open": false, "shares": told }), || {
                format!("{} of {} shares; the others by {}", told.given, told.needed, told.until)
            });
            Ok(Verdict::Good)
        }
        Err(WireError::Refused(why)) => {
            let told = json!({ "open": false, "code": why.code, "detail": why.detail });
            tell(common.form(), &told, || format!("{}: {}", why.code, why.detail));
            Ok(Verdict::Finding)
        }
        Err(error) => Err(error.to_string()),
    }
}

/// A secret line: from a terminal without showing it, else from standard input.
pub(super) fn ask_secret(prompt: &str) -> Result<Zeroizing<String>, String> {
    let failed = |error: std::io::Error| format!("nothing can be read: {error}");
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(failed);
    }
    super::share::line(MOST_SHARE_BYTES).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_127_only_a_vault_that_promised_it_or_says_it_is_told_to_be_sealed() {
        let verdict = |became, why| judged(became, why).0;
        assert_eq!(verdict(Became::Sealed, None), Verdict::Good);
        assert_eq!(verdict(Became::Sealed, Some("no answer")), Verdict::Good);
        assert_eq!(verdict(Became::Silent, None), Verdict::Good, "its process has ended");
        assert_eq!(verdict(Became::Silent, Some("no answer")), Verdict::NotJudged);
        for why in [None, Some("seal_not_kept")] {
            let (verdict, text) = judged(Became::Open, why);
            assert_eq!(verdict, Verdict::Finding);
            assert!(text.starts_with("NOT sealed, it is open again"), "{text}");
        }
    }
}
