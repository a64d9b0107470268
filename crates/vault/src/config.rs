//! What the vault is told when it starts.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use vault_wire::RootForm;

/// Longest wait for a host's answer, in seconds, unless the configuration says otherwise.
const HOST_SECONDS: u64 = 30;
/// The same in the demo, whose bank is on this machine.
const DEMO_HOST_SECONDS: u64 = 3;

/// Configuration of the vault process. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address of the vault's own origin.
    pub listen: SocketAddr,
    /// The origin as browsers see it, without a slash at the end.
    pub public_url: String,
    /// Origin of the app, where card pages lead back to.
    pub app_origin: String,
    /// Folder of database, slots and keyring; nothing else is in it.
    pub data_dir: PathBuf,
    /// Its tables: `postgres://…`; a file in the folder when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<db::Place>,
    /// Where the app keeps its data, so that the two can be kept apart.
    #[serde(skip)]
    pub app_database: Option<db::Place>,
    /// Socket on which the app asks.
    pub socket: PathBuf,
    /// File of the root key, outside the data folder, mode 0400.
    pub root_file: PathBuf,
    /// In which form the root is kept: `file`; `shares` of several people, who open the vault after
    /// each start; or `token`, a device.
    #[serde(default, skip_serializing_if = "is_file")]
    pub root: RootForm,
    /// What the relay host `sandbox` stands for.
    pub sandbox_addr: SocketAddr,
    /// User who may use the socket; the vault's own when absent.
    #[serde(default)]
    pub allowed_uid: Option<u32>,
    /// The demo: the root file is made at the first start, the app may frame the card page.
    #[serde(default)]
    pub demo: bool,
    /// Longest wait for a host's answer, 1 to 90 seconds; 30, or 3 in the demo, when absent.
    #[serde(default)]
    pub host_seconds: Option<u64>,
    /// Whether the process may start without its whole sandbox.
    #[serde(default)]
    pub sandbox: Sandbox,
    /// Outside the demo, app and vault under one user need a reason: `accepted: <reason>`.
    #[serde(default)]
    pub same_user: Option<String>,
    /// Folder of backups, outside the data folder; the vault writes nowhere else. Without it there
    /// are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup_dir: Option<PathBuf>,
    /// Who opens backups: 1 to 5 lines `guichet-recipient-v1:…` of `guichet vault backup-key`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backup_recipients: Vec<String>,
    /// The device, where the root is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenConfig>,
}

/// The device that holds the root, by its maker's PKCS#11 module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenConfig {
    /// The module: a shared library.
    pub module: PathBuf,
    /// Label of the device.
    pub label: String,
    /// Label of the root's key in it.
    #[serde(default = "root_key_label")]
    pub key: String,
    /// File with its PIN, outside the data folder, readable by the vault's user alone; without it
    /// `guichet vault unseal` asks for the PIN after each start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin_file: Option<PathBuf>,
    /// Folders that the module reads and writes while the vault works: the sandbox lets it. Apart from
    /// the vault's data, root and PIN.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<PathBuf>,
    /// TCP ports that the module connects to, of a device on the network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u16>,
    /// Variables of the environment that the module reads; the process has no others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
}

fn root_key_label() -> String {
    "guichet-root".into()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
const fn is_file(root: &RootForm) -> bool {
    matches!(root, RootForm::File)
}

/// What to do when the kernel cannot give the whole sandbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sandbox {
    /// Start, and say in one line what is missing.
    #[default]
    BestEffort,
    /// Do not start.
    Required,
}

impl Config {
    /// Somebody has accepted in writing that app and vault are not apart on this machine.
    pub(crate) fn accepts_one_user(&self) -> bool {
        self.same_user.as_ref().is_some_and(|text| {
            text.strip_prefix("accepted: ").is_some_and(|reason| !reason.trim().is_empty())
        })
    }

    pub(crate) fn host_seconds(&self) -> u64 {
        let usual = if self.demo { DEMO_HOST_SECONDS } else { HOST_SECONDS };
        self.host_seconds.unwrap_or(usual).clamp(1, 90)
    }
}
