//! The process: open what must be opened from outside, confine itself, then serve.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use db::{Db, DbOptions};
use http::security::Frames;
use http::words::Catalogue;
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use vault_wire::RootForm;

use crate::clock::Machine;
use crate::config::{Config, Sandbox};
use crate::confine::confine;
use crate::core::{self, Core, CoreParts, ToCore};
use crate::edge::{self, Edge};
use crate::keys::{Root, root};
use crate::origin::Origin;
use crate::proxy::Hosts;
use crate::relay::RelayRole;
use crate::sealing::{self, Gate, Sealed};
use crate::shred::OwnMemory;
use crate::token::{self, Found, Way};
use crate::{MESSAGES, StartError, backup, environment, kernel_calls, rotation, socket, storage};

const RELAY_QUEUE: usize = 256;
const WORKERS: usize = 2;
const SOCKET_MODE: u32 = 0o660;

/// What is open before the process confines itself.
pub(crate) struct Opened {
    /// The data folder is this process's while this is open.
    alone: Arc<File>,
    /// Nothing while the vault is sealed, or where the root is in a device.
    root: Option<Found>,
    /// To the device that holds the root, where one does.
    way: Option<Way>,
    pages: TcpListener,
    app: UnixListener,
    origin: Origin,
    tables: DbOptions,
    memory: Option<OwnMemory>,
    machine: Machine,
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
    let none = BTreeMap::new();
    let more = config.token.as_ref().map_or(&none, |token| &token.environment);
    environment::begin_anew(&config.data_dir, more)?;
    environment::generator_is_seeded(environment::kernel_generator)?;
    let opened = open(&config)?;
    // Until the last thread has ended: it is dropped after the runtime.
    let _alone = Arc::clone(&opened.alone);
    let ground = kernel_calls::arena();
    let mut ports = opened.tables.ports();
    ports.push(config.sandbox_addr.port());
    ports.extend(hosts(&config).near_ports());
    ports.extend(config.token.iter().flat_map(|token| token.ports.iter().copied()));
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
    match runtime.block_on(serve(config, opened, missing))? {
        End::Told => Ok(()),
        // Every page of memory goes with the process, at once; what runs is cut off as by a crash.
        End::Sealed => kernel_calls::end_at_once(sealing::EXIT),
    }
}

pub(crate) fn open(config: &Config) -> Result<Opened, StartError> {
    kernel_calls::wipe_what_is_freed();
    make_dir(&config.data_dir).map_err(io(&config.data_dir))?;
    environment::ours_alone(&config.data_dir)?;
    backup::restore::must_be_whole(&config.data_dir)?;
    let alone = Arc::new(environment::alone(&config.data_dir)?);
    backup::restore::forget_trial(&config.data_dir)?;
    check_users(config)?;
    let (root, way) = root_now(config)?;
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
    let machine = Machine::here(Arc::new(SystemClock));
    Ok(Opened { alone, root, way, pages, app, origin, tables, memory: memory.ok(), machine })
}

/// The root, where a file holds it and nobody sealed the vault; else the way to the device, if there is
/// one. What the device's module does, it does inside the sandbox.
fn root_now(config: &Config) -> Result<(Option<Found>, Option<Way>), StartError> {
    check_module(config)?;
    if config.root == RootForm::Token {
        return Ok((None, Some(Way::open(config)?.with_former(config)?)));
    }
    if config.root == RootForm::Shares || sealing::is_marked(&config.data_dir) {
        return Ok((None, None));
    }
    if config.demo && !config.root_file.exists() {
        if let Some(parent) = config.root_file.parent() {
            make_dir(parent).map_err(io(parent))?;
        }
        root::create(&config.root_file, &OsRng)?;
    }
    let root = Root::Here(root::read(&config.root_file, &config.data_dir)?);
    Ok((Some(Found::own(root)), None))
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
    } else if config.root_file.exists() && real(&config.root_file)?.starts_with(&backups) {
        "root_file lies inside backup_dir: whoever copies the backups gets the root key, too"
    } else {
        return Ok(());
    };
    Err(StartError::Config(why.into()))
}

/// The sandbox gives the module of a device no folder in which keys, root or PIN are.
fn check_module(config: &Config) -> Result<(), StartError> {
    let Some(token) = &config.token else { return Ok(()) };
    // What is not there yet lies where it is said to.
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let ours = [
        ("data_dir", Some(&config.data_dir)),
        ("root_file", Some(&config.root_file)),
        ("pin_file", token.pin_file.as_ref()),
    ];
    for folder in &token.folders {
        let given = real(folder);
        let is_near = |path: &Path| path.starts_with(&given) || given.starts_with(path);
        let near = ours.iter().find(|(_, path)| path.is_some_and(|path| is_near(&real(path))));
        if let Some((name, _)) = near {
            let folder = folder.display();
            let why = format!("vault.token.folders: {folder} and {name} must be apart");
            return Err(StartError::Config(why));
        }
    }
    Ok(())
}

pub(crate) fn make_dir(path: &Path) -> std::io::Result<()> {
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
    let of_module = config.token.iter().flat_map(|token| &token.folders).map(PathBuf::as_path);
    std::iter::once(config.data_dir.as_path()).chain(backups).chain(of_module).collect()
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

/// Why the vault has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It was told to.
    Told,
    /// It is sealed, or begins anew to be open: memory must go with the process.
    Sealed,
}

pub(crate) async fn serve(
    config: Config,
    opened: Opened,
    missing: Vec<String>,
) -> Result<End, StartError> {
    let Opened { alone: _alone, root, way, pages, app, origin, tables, memory, machine } = opened;
    let words = Catalogue::new(&[http::MESSAGES, MESSAGES])
        .map_err(|error| StartError::Config(error.to_string()))?;
    let db = storage::open(&config, &tables).await?;
    let Some((root, way)) = look(&config, root, way).await else { return Ok(End::Sealed) };
    let gate = Arc::new(if root.is_some() { Gate::opened() } else { Gate::closed() });
    let (to_core, messages) = mpsc::channel(core::QUEUE);
    let app_origin = origin.text();
    let frames = if config.demo { Frames::By(app_origin.clone()) } else { Frames::None };
    let own = Origin::of_url(&config.public_url);
    let (core, listen, allowed) = (to_core.clone(), config.listen, allowed_uid(&config));
    let edge =
        Edge { core, words: words.clone(), app: app_origin, own, frames, gate: Arc::clone(&gate) };
    let routes = edge::routes(edge);
    let door = edge::Door::new(routes.clone());
    let memory = memory.map(Arc::new);
    let gate_of_heart = Arc::clone(&gate);
    let heart = Heart {
        config,
        db,
        words,
        origin,
        missing,
        memory,
        machine,
        door,
        messages,
        gate: gate_of_heart,
    };
    let opening = match root {
        // The doors open only after what is due was destroyed.
        Some(root) => heart.open(root).await.map(|()| None)?,
        None => Some(tokio::spawn(heart.wait_and_open(way))),
    };
    let io = |what: &'static str| move |error| StartError::Io(what.to_owned(), error);
    let app = tokio::net::UnixListener::from_std(app).map_err(io("socket"))?;
    tokio::spawn(socket::serve(app, allowed, to_core));
    let pages = tokio::net::TcpListener::from_std(pages).map_err(io("listen"))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(io("signal"))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(io("signal"))?;
    tracing::info!(%listen, sealed = gate.is_shut(), "vault there");
    let told = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    tokio::select! {
        () = http::server::serve(pages, routes, told) => Ok(End::Told),
        () = gate.ended() => Ok(End::Sealed),
        failed = not_opened(opening) => Err(failed),
    }
}

/// The root of a device that is there, unless somebody sealed the vault; nothing where its module does
/// not answer.
async fn look(
    config: &Config,
    root: Option<Found>,
    way: Option<Way>,
) -> Option<(Option<Found>, Option<Way>)> {
    let way = match way {
        Some(way) if !sealing::is_marked(&config.data_dir) => way,
        way => return Some((root, way)),
    };
    match token::look(way, None).await? {
        (_, Ok(found)) => Some((Some(found), None)),
        (way, Err(fault)) => {
            tracing::warn!(fault = fault.code(), "the root's device does not open the vault");
            Some((None, Some(way)))
        }
    }
}

/// Completes when the custodians' root opened nothing, which no share makes good.
async fn not_opened(opening: Option<JoinHandle<Result<(), StartError>>>) -> StartError {
    match opening {
        Some(task) => match task.await {
            Ok(Ok(())) => std::future::pending().await,
            Ok(Err(error)) => error,
            Err(error) => StartError::Storage(error.to_string()),
        },
        None => std::future::pending().await,
    }
}

/// All that becomes the core once there is a root.
struct Heart {
    config: Config,
    db: Db,
    words: Catalogue,
    origin: Origin,
    missing: Vec<String>,
    memory: Option<Arc<OwnMemory>>,
    machine: Machine,
    door: edge::Door,
    messages: mpsc::Receiver<ToCore>,
    gate: Arc<Gate>,
}

impl Heart {
    /// The vault's own origin, without a slash.
    fn public_url(&self) -> String {
        self.config.public_url.trim_end_matches('/').to_owned()
    }

    /// Answers as a sealed vault until the root is there, then opens.
    async fn wait_and_open(mut self, way: Option<Way>) -> Result<(), StartError> {
        let sealed = Sealed::new(
            &self.config,
            (self.public_url(), self.missing.clone()),
            (self.db.clone(), Arc::clone(&self.gate)),
            way,
        );
        match sealed.wait(&mut self.messages).await {
            Some(root) => self.open(root).await,
            None => Ok(()),
        }
    }

    async fn open(self, found: Found) -> Result<(), StartError> {
        let root = Arc::new(found.root);
        token::watch(&root, &self.gate, &self.db);
        if let Some(former) = found.former {
            let place = (&self.db, self.config.data_dir.as_path());
            rotation::root::change(place, Arc::new(former), &root).await?;
        }
        let (relay, requests) = mpsc::channel(RELAY_QUEUE);
        let role = RelayRole {
            sandbox: self.config.sandbox_addr,
            patience: Duration::from_secs(self.config.host_seconds()),
        };
        tokio::spawn(role.run(requests));
        let core = Core::open(CoreParts {
            dir: &self.config.data_dir,
            config: &self.config,
            db: self.db.clone(),
            root: Arc::clone(&root),
            machine: self.machine.clone(),
            rng: Arc::new(OsRng),
            public_url: self.public_url(),
            app: self.origin.clone(),
            hosts: hosts(&self.config),
            relay,
            sandbox_missing: self.missing.clone(),
            words: self.words.clone(),
            memory: self.memory.clone(),
            gate: Arc::clone(&self.gate),
        })
        .await?;
        core.opened(self.door);
        core.start(self.messages);
        self.gate.open();
        tracing::info!("vault open");
        Ok(())
    }
}
