//! `guichet init`: the folder of a new installation, with its configuration and its root key.
//!
//! Nothing is ever overwritten. The root key of the vault is made here and nowhere else outside
//! the demo; whoever loses it loses every card, so it is the first thing to back up, apart.

use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use clap::Args;
use db::Place;

use crate::config::{self, App, Config};

/// Where the app listens unless told otherwise; a reverse proxy stands before it.
const APP_LISTEN: &str = "127.0.0.1:7700";
/// Where the vault listens.
const VAULT_LISTEN: &str = "127.0.0.1:7701";
/// Where figures are served.
const METRICS_LISTEN: &str = "127.0.0.1:7709";
/// Where the simulated bank of test shops listens.
const BANK_LISTEN: &str = "127.0.0.1:7702";

/// What a new installation is told.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder to make; must not exist
    folder: PathBuf,
    /// Origin of the app as browsers see it, such as <https://pay.example.org>
    #[arg(long, value_name = "URL")]
    app: String,
    /// Origin of the vault as browsers see it, on a host of its own
    #[arg(long, value_name = "URL")]
    vault: String,
    /// Address the app listens on
    #[arg(long, default_value = APP_LISTEN)]
    app_listen: SocketAddr,
    /// Address the vault listens on
    #[arg(long, default_value = VAULT_LISTEN)]
    vault_listen: SocketAddr,
    /// Origin of the simulated bank of test shops as browsers see it; without it only browsers of
    /// this machine reach its page
    #[arg(long, value_name = "URL")]
    bank: Option<String>,
    /// Loopback address the simulated bank listens on
    #[arg(long, default_value = BANK_LISTEN)]
    bank_listen: SocketAddr,
    /// Address of the private listener for `/metrics`
    #[arg(long, default_value = METRICS_LISTEN)]
    metrics_listen: SocketAddr,
    /// The app's data in this PostgreSQL database instead of a file
    #[arg(long, value_name = "postgres://…")]
    database: Option<String>,
    /// The vault's tables in this PostgreSQL database instead of a file, under a role of its own
    #[arg(long, value_name = "postgres://…")]
    vault_database: Option<String>,
    /// App and vault run under one user, for this reason
    #[arg(long, value_name = "REASON")]
    one_user: Option<String>,
}

/// Makes the folder.
///
/// # Errors
/// A sentence naming what is in the way.
pub(crate) fn run(args: &InitArgs) -> Result<(), String> {
    let folder = std::path::absolute(&args.folder).map_err(|error| error.to_string())?;
    if !args.bank_listen.ip().is_loopback() {
        return Err(format!("--bank-listen: {} is not a loopback address", args.bank_listen));
    }
    if folder.exists() {
        return Err(format!("{} exists already; nothing was changed", folder.display()));
    }
    for path in ["", "data", "vault", "bank"].map(|part| folder.join(part)) {
        let fault = |error: std::io::Error| format!("{}: {error}", path.display());
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(fault)?;
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&path, private).map_err(fault)?;
    }
    let config = config(args, &folder);
    vault::make_root(&config.vault.root_file).map_err(|error| error.to_string())?;
    let path = folder.join("guichet.toml");
    config.write(&path)?;
    tell(&path, &config);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of a command")]
fn tell(path: &Path, config: &Config) {
    let root = config.vault.root_file.display();
    println!("configuration  {}", path.display());
    println!("root key       {root}  keep a copy apart from every backup");
    if config.vault_on_server() {
        println!("vault tables   on a server; keys and codes stay in this folder");
    }
    println!("next           guichet doctor --config {}", path.display());
}

fn server(url: Option<&String>) -> Option<Place> {
    url.map(|url| Place::parse(url))
}

fn config(args: &InitArgs, folder: &Path) -> Config {
    Config {
        app: App {
            listen: args.app_listen,
            public_url: origin(&args.app),
            database: server(args.database.as_ref())
                .unwrap_or_else(|| Place::File(folder.join("data").join("app.db"))),
            key_file: folder.join("app.key"),
            metrics_listen: Some(args.metrics_listen),
            trusted_proxies: Vec::new(),
            limits: None,
            keep_deliveries_days: None,
        },
        vault: vault::Config {
            listen: args.vault_listen,
            public_url: origin(&args.vault),
            app_origin: origin(&args.app),
            data_dir: folder.join("vault"),
            database: server(args.vault_database.as_ref()),
            app_database: None,
            socket: folder.join("vault.sock"),
            root_file: folder.join("vault-root.key"),
            root: vault::RootForm::File,
            sandbox_addr: args.bank_listen,
            allowed_uid: None,
            demo: false,
            host_seconds: None,
            sandbox: vault::Sandbox::BestEffort,
            same_user: args.one_user.as_ref().map(|reason| format!("accepted: {reason}")),
            backup_dir: None,
            backup_recipients: Vec::new(),
            token: None,
        },
        bank: Some(bank(args, folder)),
        demo: None,
    }
}

/// The simulated bank, which test shops reach and live ones never.
fn bank(args: &InitArgs, folder: &Path) -> sandbox::Config {
    let here = |listen| format!("http://{listen}");
    sandbox::Config {
        listen: args.bank_listen,
        public_url: args.bank.as_deref().map_or_else(|| here(args.bank_listen), origin),
        data_dir: folder.join("bank"),
        app_origin: origin(&args.app),
        demo: false,
        notify: Some(config::bank_tells(here(args.app_listen))),
    }
}

fn origin(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}
