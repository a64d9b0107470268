//! `guichet demo`: the whole product on one machine, without network, account or file to write.
//!
//! The command makes a folder with configuration and keys, starts the app, the vault and the
//! simulated bank on three hosts of the loopback network, and prints one address. Every shop is
//! a test shop. Ctrl-C wipes everything unless `--keep`.

mod args;
pub(crate) mod data;
mod keys;
mod missions;
pub(crate) mod pages;
mod places;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use db::Place;
use serde_json::Value;

use crate::config::{App, Config, Demo};
use crate::slices;
use crate::supervise::{self, House, Part};

pub(crate) use args::DemoArgs;
pub(crate) use data::{Filling, fill};
pub(crate) use keys::{Keys, MerchantKeys};
pub(crate) use missions::Stage;
pub(crate) use pages::Checks;
use places::{Folder, Places};

/// Runs the demo until it is told to end.
///
/// # Errors
/// A sentence for the person at the terminal: a busy port by name, an unusable folder.
pub(crate) fn run(args: &DemoArgs) -> Result<(), String> {
    let places = Places::at(args.port)?;
    for address in places.all() {
        TcpListener::bind(address).map_err(|error| busy(address, &error))?;
    }
    let folder = Folder::open(args.keep.as_deref())?;
    let resumes = folder.file("keys.json").exists();
    let keys = Keys::load_or_make(&folder.file("keys.json"))?;
    let config = config(&folder, &places, args);
    if !resumes {
        must_be_empty(&config)?;
    }
    let config_path = folder.file("guichet.toml");
    config.write(&config_path)?;
    supervise::block_on(live(args, &places, &config_path, &folder, &keys))
}

fn busy(address: SocketAddr, error: &std::io::Error) -> String {
    format!("port {address} is not free ({error}); choose another with --port")
}

fn config(folder: &Folder, places: &Places, args: &DemoArgs) -> Config {
    let vault_folder = folder.file("vault");
    Config {
        app: App {
            listen: places.app,
            public_url: places.app_origin(),
            database: database(folder, args),
            key_file: folder.file("app.key"),
            metrics_listen: None,
            trusted_proxies: Vec::new(),
            limits: None,
            keep_deliveries_days: None,
        },
        vault: vault::Config {
            database: args.vault_database.as_deref().map(Place::parse),
            ..places.vault_config(&vault_folder)
        },
        bank: Some(places.bank_config(&folder.file("bank"))),
        demo: Some(Demo {
            keys_file: folder.file("keys.json"),
            pids_file: folder.file("pids.json"),
            seed: args.seed,
            at: args.at,
            volume: args.volume(),
        }),
    }
}

fn database(folder: &Folder, args: &DemoArgs) -> Place {
    let file = || Place::File(folder.file("app.db"));
    args.database.as_deref().map_or_else(file, Place::parse)
}

/// Refuses a server whose tables belong to something else.
fn must_be_empty(config: &Config) -> Result<(), String> {
    if let Place::Server(_) = &config.app.database {
        let missing = db::missing_migrations(&config.app.database, &slices::migrations());
        never_used("--database", &missing.map_err(|error| error.to_string())?)?;
    }
    if config.vault_on_server() {
        let found = vault::check(&config.vault).map_err(|error| error.to_string())?;
        never_used("--vault-database", &found.missing)?;
    }
    Ok(())
}

/// The first step of all is missing only where nothing was ever applied.
fn never_used(option: &str, missing: &[&str]) -> Result<(), String> {
    if missing.first() == db::MIGRATIONS.first().map(|step| &step.name) {
        return Ok(());
    }
    Err(format!("{option} must name an empty database; this one has tables of Guichet"))
}

async fn live(
    args: &DemoArgs,
    places: &Places,
    config_path: &Path,
    folder: &Folder,
    keys: &Keys,
) -> Result<(), String> {
    let part = |command, origin| Part { command, origin, is_awaited: true };
    let parts = vec![
        part("vault", places.vault_origin()),
        part("bank", places.bank_origin()),
        part("app", places.app_origin()),
    ];
    let house = House::start(config_path, parts, Some(folder.file("pids.json")));
    let ready = tokio::select! {
        ready = house.ready() => ready.map(|()| true),
        () = supervise::asked_to_end() => Ok(false),
    };
    if let Ok(true) = ready {
        announce(args, places, keys, &about(places, config_path, folder, &house));
        supervise::asked_to_end().await;
    }
    house.end().await;
    ready.map(|_| ())
}

/// What `--json` says of the house, without its merchants.
fn about(places: &Places, config_path: &Path, folder: &Folder, house: &House) -> Value {
    serde_json::json!({
        "v": 1,
        "app": places.app_origin(),
        "vault": places.vault_origin(),
        "bank": places.bank_origin(),
        "data": folder.path(),
        "config": config_path,
        "pids": house.pids(),
    })
}

#[expect(clippy::print_stdout, reason = "the one line a person or a program waits for")]
fn announce(args: &DemoArgs, places: &Places, keys: &Keys, about: &Value) {
    let address = format!("{}/demo", places.app_origin());
    if args.json {
        let mut line = about.clone();
        if let Some(members) = line.as_object_mut() {
            members.insert("merchants".into(), keys.public_view());
        }
        println!("{line}");
        return;
    }
    println!("Guichet is open: {address}");
    if !args.no_open {
        open_browser(&address);
    }
}

fn open_browser(address: &str) {
    let quiet = || std::process::Stdio::null();
    let opened = std::process::Command::new("xdg-open")
        .arg(address)
        .stdout(quiet())
        .stderr(quiet())
        .stdin(quiet())
        .spawn();
    if opened.is_err() {
        tracing::info!("no browser to open");
    }
}
