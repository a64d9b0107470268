//! The process: open what must be opened from outside, confine itself, then serve.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use db::DbOptions;
use http::security::Frames;
use http::words::Catalogue;
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use kernel::{Clock, Rng};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::config::{Config, Sandbox};
use crate::confine::confine;
use crate::core::{Core, CoreParts};
use crate::edge::{self, Edge};
use crate::keys::{Key, root};
use crate::origin::Origin;
use crate::proxy::Hosts;
use crate::relay::RelayRole;
use crate::shred::OwnMemory;
use crate::{MESSAGES, StartError, backup, environment, socket, storage};

const RELAY_QUEUE: usize = 256;
const WORKERS: usize = 2;
const SOCKET_MODE: u32 = 0o660;

/// What is open before the process confines itself.
pub(crate) struct Opened {
    /// The data folder is this process's while this is open.
    alone: Arc<File>,
    root: Key,
    pages: TcpListener,
    app: UnixListener,
    origin: Origin,
    tables: DbOptions,
    memory: Option<OwnMemory>,
}

/// Runs the vault until it is told to end (SIGTERM, Ctrl-C).
///
/// # Errors
/// [`StartError`], naming what is in the way.
pub fn run(config: Config) -> Result<(), StartError> {
    run_and(config, || ())
}

/// Like [`run`]; `confined` is called once the process has its sandbox, for threads of the
/// caller that should be inside it too.
///
/// # Errors
/// [`StartError`], naming what is in the way.
pub fn run_and(config: Config, confined: impl FnOnce()) -> Result<(), StartError> {
    make_dir(&config.data_dir).map_err(io(&config.data_dir))?;
    environment::begin_anew(&config.data_dir)?;
    environment::generator_is_seeded(environment::kernel_generator)?;
    let opened = open(&config)?;
    // Until the last thread has ended: it is dropped after the runtime.
    let _alone = Arc::clone(&opened.alone);
    let ground = crate::kernel_calls::arena();
    let mut ports = opened.tables.ports();
    ports.push(config.sandbox_addr.port());
    ports.extend(hosts(&config).near_ports());
    let mut missing = confine(&folders(&config), &ports);
    missing.extend(ground.missing().map(str::to_owned));
    if !missing.is_empty() {
        let list = missing.join("; ");
        if config.sandbox == Sandbox::Required {
            return Err(StartError::Sandbox(list));
        }
        tracing::warn!(missing = list, "the vault's sandbox is not whole");
    }
    confined();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .map_err(|error| StartError::Io("runtime".into(), error))?;
    runtime.block_on(serve(config, opened, missing))
}

pub(crate) fn open(config: &Config) -> Result<Opened, StartError> {
    crate::kernel_calls::wipe_what_is_freed();
    make_dir(&config.data_dir).map_err(io(&config.data_dir))?;
    environment::ours_alone(&config.data_dir)?;
    backup::restore::must_be_whole(&config.data_dir)?;
    let alone = Arc::new(environment::alone(&config.data_dir)?);
    backup::restore::forget_trial(&config.data_dir)?;
    check_users(config)?;
    if config.demo && !config.root_file.exists() {
        if let Some(parent) = config.root_file.parent() {
            make_dir(parent).map_err(io(parent))?;
        }
        root::create(&config.root_file, &OsRng)?;
    }
    let root = root::read(&config.root_file, &config.data_dir)?;
    if let Some(dir) = &config.backup_dir {
        open_backups(dir, config)?;
    }
    let pages = TcpListener::bind(config.listen)
        .map_err(|error| StartError::Io(config.listen.to_string(), error))?;
    pages.set_nonblocking(true).map_err(|error| StartError::Io("listen".into(), error))?;
    let app = bind_socket(&config.socket).map_err(io(&config.socket))?;
    let origin = Origin::of_url(&config.app_origin)
        .ok_or_else(|| StartError::Config("app_origin is not an origin".into()))?;
    let tables = storage::options(config)?;
    let memory = OwnMemory::open();
    if let Err(error) = &memory {
        tracing::warn!(%error, "the drill will not search the memory");
    }
    Ok(Opened { alone, root, pages, app, origin, tables, memory: memory.ok() })
}

fn io(what: &Path) -> impl FnOnce(std::io::Error) -> StartError {
    let what = what.display().to_string();
    move |error| StartError::Io(what, error)
}

/// The folder of backups is this user's alone, and neither where a lost disk takes it along nor where
/// whoever copies it gets what opens it.
fn open_backups(dir: &Path, config: &Config) -> Result<(), StartError> {
    make_dir(dir).map_err(io(dir))?;
    environment::ours_alone(dir)?;
    let real = |path: &Path| path.canonicalize().map_err(io(path));
    let (backups, data) = (real(dir)?, real(&config.data_dir)?);
    let why = if backups.starts_with(&data) {
        "backup_dir lies inside data_dir: a disk that is lost takes both"
    } else if data.starts_with(&backups) {
        "data_dir lies inside backup_dir: whoever copies the backups gets the keys, too"
    } else if real(&config.root_file)?.starts_with(&backups) {
        "root_file lies inside backup_dir: whoever copies the backups gets the root key, too"
    } else {
        return Ok(());
    };
    Err(StartError::Config(why.into()))
}

fn make_dir(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Replaces the socket of a vault that has ended; anything else in its place stays.
fn bind_socket(path: &Path) -> std::io::Result<UnixListener> {
    if std::fs::symlink_metadata(path).is_ok_and(|about| about.file_type().is_socket()) {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, PermissionsExt::from_mode(SOCKET_MODE))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Outside the demo, app and vault run under two users, or somebody has accepted in writing that
/// they do not.
fn check_users(config: &Config) -> Result<(), StartError> {
    if config.demo || config.accepts_one_user() || allowed_uid(config) != own_uid() {
        return Ok(());
    }
    let why = "app and vault run under the same user: give the vault its own, or set \
               same_user = \"accepted: <reason>\"";
    Err(StartError::Config(why.into()))
}

/// What the process may read and write: its data, and backups where there are some.
fn folders(config: &Config) -> Vec<&Path> {
    let backups = config.backup_dir.as_deref();
    std::iter::once(config.data_dir.as_path()).chain(backups).collect()
}

/// What the proxy may reach.
fn hosts(config: &Config) -> Hosts {
    Hosts::new(config.sandbox_addr, &config.app_origin, &[])
}

fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn allowed_uid(config: &Config) -> u32 {
    config.allowed_uid.unwrap_or_else(own_uid)
}

pub(crate) async fn serve(
    config: Config,
    opened: Opened,
    missing: Vec<String>,
) -> Result<(), StartError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let rng: Arc<dyn Rng> = Arc::new(OsRng);
    let words = Catalogue::new(&[http::MESSAGES, MESSAGES])
        .map_err(|error| StartError::Config(error.to_string()))?;
    let (relay, requests) = mpsc::channel(RELAY_QUEUE);
    let role = RelayRole {
        sandbox: config.sandbox_addr,
        patience: Duration::from_secs(config.host_seconds()),
    };
    tokio::spawn(role.run(requests));
    let db = storage::open(&config, &opened.tables).await?;
    let core = Core::open(CoreParts {
        dir: &config.data_dir,
        config: &config,
        db,
        root: opened.root,
        root_file: &config.root_file,
        clock,
        rng,
        public_url: config.public_url.trim_end_matches('/').to_owned(),
        app: opened.origin.clone(),
        hosts: hosts(&config),
        relay,
        sandbox_missing: missing,
        words: words.clone(),
        memory: opened.memory.map(Arc::new),
    })
    .await?;
    let to_core = core.start();
    let io = |what: &'static str| move |error| StartError::Io(what.to_owned(), error);
    let app = tokio::net::UnixListener::from_std(opened.app).map_err(io("socket"))?;
    tokio::spawn(socket::serve(app, allowed_uid(&config), to_core.clone()));
    let app_origin = opened.origin.text();
    let frames = if config.demo { Frames::By(app_origin.clone()) } else { Frames::None };
    let own = Origin::of_url(&config.public_url);
    let routes = edge::routes(Edge { core: to_core, words, app: app_origin, own, frames });
    core.opened(edge::Door::new(routes.clone()));
    let pages = tokio::net::TcpListener::from_std(opened.pages).map_err(io("listen"))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(io("signal"))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(io("signal"))?;
    tracing::info!(listen = %config.listen, "vault open");
    http::server::serve(pages, routes, async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
    .await;
    Ok(())
}
