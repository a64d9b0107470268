//! Where the demo listens and where it keeps its files.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::config;

/// Three hosts of the loopback network, so that cookies and origins are really apart.
pub(super) struct Places {
    pub(super) app: SocketAddr,
    vault: SocketAddr,
    bank: SocketAddr,
}

impl Places {
    /// The app on `port`, the vault on the next, the bank on the one after.
    pub(super) fn at(port: u16) -> Result<Self, String> {
        let next = |step: u16| port.checked_add(step).ok_or("--port is too high");
        Ok(Self {
            app: SocketAddr::from(([127, 0, 0, 1], port)),
            vault: SocketAddr::from(([127, 0, 0, 2], next(1)?)),
            bank: SocketAddr::from(([127, 0, 0, 3], next(2)?)),
        })
    }

    pub(super) fn all(&self) -> [SocketAddr; 3] {
        [self.app, self.vault, self.bank]
    }

    pub(super) fn app_origin(&self) -> String {
        format!("http://{}", self.app)
    }

    pub(super) fn vault_origin(&self) -> String {
        format!("http://{}", self.vault)
    }

    /// The vault keeps its files in `folder`, its root key and socket beside it.
    pub(super) fn vault_config(&self, folder: &Path) -> vault::Config {
        vault::Config {
            listen: self.vault,
            public_url: self.vault_origin(),
            app_origin: self.app_origin(),
            data_dir: folder.to_owned(),
            database: None,
            app_database: None,
            socket: folder.with_file_name("vault.sock"),
            root_file: folder.with_file_name("vault-root.key"),
            root: vault::RootForm::File,
            sandbox_addr: self.bank,
            allowed_uid: None,
            demo: true,
            host_seconds: None,
            sandbox: vault::Sandbox::BestEffort,
            same_user: None,
            backup_dir: None,
            backup_recipients: Vec::new(),
            token: None,
        }
    }

    /// The bank keeps its books in `folder`.
    pub(super) fn bank_config(&self, folder: &Path) -> sandbox::Config {
        sandbox::Config {
            listen: self.bank,
            public_url: self.bank_origin(),
            data_dir: folder.to_owned(),
            app_origin: self.app_origin(),
            demo: true,
            notify: Some(config::bank_tells(self.app_origin())),
        }
    }

    pub(super) fn bank_origin(&self) -> String {
        format!("http://{}", self.bank)
    }
}

/// A folder that is wiped at the end unless it was asked to be kept.
pub(super) struct Folder {
    path: PathBuf,
    kept: Kept,
}

#[derive(PartialEq, Eq)]
enum Kept {
    Yes,
    No,
}

impl Folder {
    /// The folder to keep, or a new one under the system's temporary folder.
    pub(super) fn open(keep: Option<&Path>) -> Result<Self, String> {
        let fresh = || {
            let mut bytes = [0; 8];
            kernel::Rng::fill(&kernel::rng::OsRng, &mut bytes);
            let name = format!("guichet-demo-{:016x}", u64::from_be_bytes(bytes));
            std::env::temp_dir().join(name)
        };
        let path = keep.map_or_else(fresh, Path::to_owned);
        let fault = |error: std::io::Error| format!("{}: {error}", path.display());
        std::fs::create_dir_all(&path).map_err(fault)?;
        let private: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(&path, private.clone()).map_err(fault)?;
        let path = path.canonicalize().map_err(fault)?;
        for part in ["vault", "bank"] {
            let folder = path.join(part);
            std::fs::create_dir_all(&folder).map_err(fault)?;
            std::fs::set_permissions(&folder, private.clone()).map_err(fault)?;
        }
        Ok(Self { path, kept: if keep.is_some() { Kept::Yes } else { Kept::No } })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.kept == Kept::No
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            tracing::warn!(%error, "the demo's folder was not wiped");
        }
    }
}
