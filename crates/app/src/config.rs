//! The configuration file: one part per process. Unknown keys are refused.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Everything the processes of an installation need.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Pages, API, jobs.
    pub(crate) app: App,
    /// The card vault.
    pub(crate) vault: vault::Config,
    /// The simulated bank of test shops; where there is none, they take no payment.
    pub(crate) bank: Option<sandbox::Config>,
    /// The demo's own settings; its pages answer 404 without them.
    pub(crate) demo: Option<Demo>,
}

/// The app process.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App {
    /// Address it listens on.
    pub(crate) listen: std::net::SocketAddr,
    /// Its origin as browsers see it, without a slash at the end.
    pub(crate) public_url: String,
    /// The database: a file, or `postgres://…`, which several app processes may share.
    pub(crate) database: db::Place,
    /// File with the key of the app: 64 hexadecimal digits, readable by its user alone.
    pub(crate) key_file: PathBuf,
    /// Address of the private listener that serves `/metrics`; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) metrics_listen: Option<std::net::SocketAddr>,
    /// Addresses of reverse proxies whose `X-Forwarded-For` is believed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) trusted_proxies: Vec<std::net::IpAddr>,
    /// How often the API may be called; generous in the demo when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limits: Option<identity::api::Limits>,
    /// Days that messages to programs of merchants stay after they ended; 90 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keep_deliveries_days: Option<u16>,
}

/// How much there is at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Volume {
    /// People, rooms and prices.
    Catalogue,
    /// A season in the middle: bookings and payments of 90 days, and the stays to come.
    Town,
    /// So many payments in the hotel's books, written in bulk.
    Large(u32),
}

/// The demo.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Demo {
    /// Keys and passwords of its people.
    pub(crate) keys_file: PathBuf,
    /// Process ids of the parts, written by the supervisor.
    pub(crate) pids_file: PathBuf,
    /// Number from which the sample data is made.
    pub(crate) seed: u64,
    /// The instant at which clocks stand still, if any (RFC 3339).
    pub(crate) at: Option<kernel::Timestamp>,
    /// How much there is at the start.
    pub(crate) volume: Volume,
}

impl Config {
    /// How often the API may be called.
    pub(crate) fn limits(&self) -> identity::api::Limits {
        let usual = || match &self.demo {
            Some(_) => identity::api::Limits::generous(),
            None => identity::api::Limits::default(),
        };
        self.app.limits.unwrap_or_else(usual)
    }

    /// Days that messages to programs of merchants stay after they ended.
    pub(crate) fn keep_deliveries_days(&self) -> u16 {
        self.app.keep_deliveries_days.unwrap_or(payments::notifications::purge::KEPT_DAYS)
    }

    /// What the vault is told, with where the app keeps its data.
    pub(crate) fn for_vault(&self) -> vault::Config {
        vault::Config { app_database: Some(self.app.database.clone()), ..self.vault.clone() }
    }

    /// Whether the vault's tables are on a server, which this program may ask about them; a file
    /// is the vault's alone.
    pub(crate) const fn vault_on_server(&self) -> bool {
        self.vault.database.is_some()
    }

    /// Reads the file.
    ///
    /// # Errors
    /// A sentence naming the file and what is wrong.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Writes the file, readable by its user alone.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        let text = toml::to_string(self).map_err(|error| error.to_string())?;
        write_private(path, text.as_bytes())
    }
}

/// How the simulated bank tells the app at this address what it did, sealed with a fresh secret.
pub(crate) fn bank_tells(origin: String) -> sandbox::notices::Notify {
    let mut secret = [0; 32];
    kernel::Rng::fill(&kernel::rng::OsRng, &mut secret);
    sandbox::notices::Notify {
        origin,
        path: payments::inbox::api::path(connectors::sandbox::FAMILY),
        key: secret.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Writes a file that only its user may read.
///
/// # Errors
/// A sentence naming the file.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), String> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let fault = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut options = std::fs::OpenOptions::new();
    let mut file =
        options.create(true).truncate(true).write(true).mode(0o600).open(path).map_err(fault)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fault)
}
