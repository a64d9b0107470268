//! `guichet vault token make`: the root's key, made in its device.

use clap::Subcommand;
use serde_json::json;
use vault::{GatheredRoot, Pin};

use super::sealing::ask_secret;
use super::{Common, Verdict, tell};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Makes the root's key in the device of the configuration; never a second one. As the vault's
    /// user
    Make(Common),
}

/// Runs the command.
pub(super) fn run(TokenCommand::Make(common): &TokenCommand) -> Result<Verdict, String> {
    let config = Config::read(&common.config)?.for_vault();
    let text = |error: vault::TokenError| error.to_string();
    vault::with_variables(&config).map_err(text)?;
    vault::close_in();
    let made = vault::make_token_key(&config, typed(&config)?).map_err(text)?;
    let next = "next: keep a copy of the key on a second device, as the maker tells: without the \
                key every card is lost; then root = \"token\" under [vault] of the configuration, \
                and start the vault anew (one whose root is a file moves into the device)";
    let told = json!({ "serial": made.serial, "key_id": made.id, "next": next });
    tell(common.form(), &told, || {
        format!("key {} made in the device {}\n{next}", made.id, made.serial)
    });
    Ok(Verdict::Good)
}

/// The root in its device, for a restore.
pub(super) fn root(config: &vault::Config) -> Result<GatheredRoot, String> {
    let text = |error: vault::TokenError| error.to_string();
    vault::with_variables(config).map_err(text)?;
    vault::close_in();
    GatheredRoot::of_token(config, typed(config)?).map_err(text)
}

/// The PIN, where no file holds it.
fn typed(config: &vault::Config) -> Result<Option<Pin>, String> {
    if config.token.as_ref().is_none_or(|token| token.pin_file.is_some()) {
        return Ok(None);
    }
    ask_secret("PIN of the device: ").map(|text| Some(Pin::typed(text)))
}
