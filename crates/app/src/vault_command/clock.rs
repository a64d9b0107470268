//! `guichet vault clock`: whether the machine's clock is believed, and that it is right.

use clap::Subcommand;
use serde_json::json;
use vault_wire::{ClockAccept, ClockGet, ClockState, ClockTold};

use super::{Common, Verdict, WAIT, read, tell};

#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Says whether the machine's clock is believed; exit 1 when it was set back by more than a minute
    /// (nothing is shown) or forward by more than a day (nothing is purged)
    Status(Common),
    /// Says that the machine's clock is right as it is: what is due by it is purged at once
    Accept(Common),
}

pub(super) fn run(command: &ClockCommand) -> Result<Verdict, String> {
    let (common, told) = match command {
        ClockCommand::Status(common) => {
            let (_, vault) = read(&common.config)?;
            (common, vault.ask(&ClockGet {}, WAIT))
        }
        ClockCommand::Accept(common) => {
            let (_, vault) = read(&common.config)?;
            (common, vault.ask(&ClockAccept {}, WAIT))
        }
    };
    let told = told.map_err(|error| error.to_string())?;
    tell(common.form(), &json!(told), || text(&told));
    Ok(match told.state {
        ClockState::Safe => Verdict::Good,
        ClockState::Back | ClockState::Forward => Verdict::Finding,
    })
}

fn text(told: &ClockTold) -> String {
    let (wall, seen) = (told.wall, told.seen);
    let lead = fault(told.state, told.offset_seconds);
    let lead = lead.unwrap_or_else(|| "the clock is believed".to_owned());
    format!("{lead}\nthe clock shows {wall}; the highest time believed was {seen}")
}

/// What is wrong with a clock; nothing while it is believed.
pub(super) fn fault(state: ClockState, offset_seconds: i64) -> Option<String> {
    let by = offset_seconds.unsigned_abs();
    match state {
        ClockState::Safe => None,
        ClockState::Back => Some(format!("the clock was set back by {by} s: nothing is shown")),
        ClockState::Forward => {
            Some(format!("the clock was set forward by {by} s: nothing is purged"))
        }
    }
}
