//! `guichet vault rotate …`: keys change while the vault works.

use std::time::Duration;

use clap::{Args, Subcommand};
use kernel::ShopId;
use vault_wire::{ROTATE_SECONDS, Rotate, RotateWhat};

use super::{Common, Verdict, read, tell};

#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    #[command(subcommand)]
    keys: Keys,
}

#[derive(Debug, Subcommand)]
enum Keys {
    /// The epoch keys of numbers and codes, which also change by themselves: weekly and daily
    Epoch(Common),
    /// The keys of a property, and with them the epoch keys
    Property {
        /// `shop_…`
        #[arg(value_parser = shop)]
        shop: ShopId,
        #[command(flatten)]
        common: Common,
    },
}

fn shop(text: &str) -> Result<ShopId, String> {
    text.parse().map_err(|_| "shop_… with 26 characters".to_owned())
}

/// Waits until no record is under the old keys. Cut off, it changes nothing: the vault goes on by
/// itself, and `vault status` tells how far it is.
pub(super) fn run(args: &RotateArgs) -> Result<Verdict, String> {
    let (common, what) = match &args.keys {
        Keys::Epoch(common) => (common, RotateWhat::Epoch),
        Keys::Property { shop, common } => (common, RotateWhat::Property { shop: *shop }),
    };
    let (_, vault) = read(&common.config)?;
    let told = vault.ask(&Rotate { what }, Duration::from_secs(ROTATE_SECONDS));
    let told = told.map_err(|error| error.to_string())?;
    tell(common.form(), &told, || {
        let mut lines = vec![format!("{} records sealed anew", told.resealed)];
        lines.extend(told.made.iter().map(|key| format!("made: {key}")));
        lines.extend(told.destroyed.iter().map(|key| format!("destroyed: {key}")));
        lines.push(format!("{} records under the old key", told.left));
        if told.left > 0 {
            lines.push("the old keys are kept until the vault has ended the rest".to_owned());
        }
        lines.join("\n")
    });
    Ok(if told.left == 0 { Verdict::Good } else { Verdict::NotJudged })
}
