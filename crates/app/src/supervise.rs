//! Keeps the processes of an installation alive: each is this executable with another command.
//!
//! A part that dies is started again at once. A part ends when its standard input closes, so
//! the death of the supervisor, however it comes, ends them all.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::client::Call;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::config::Config;

/// A file of this name, with the part's at its end, beside the configuration: the part's own
/// folder is emptied before it starts again.
pub(crate) const WIPE_PREFIX: &str = "wipe-";
/// Wait before a dead part is started again; doubled for one that dies at once, over and over.
const RESTART_AFTER: Duration = Duration::from_millis(100);
/// Longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// A part that lived that long did not die at once.
const LIVED: Duration = Duration::from_secs(5);
/// Longest wait for parts to end by themselves.
const END_SECONDS: u64 = 12;
/// Longest wait for all parts to answer after the start.
const START_SECONDS: u64 = 30;

/// One process to keep alive.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The command: `app`, `vault`, `bank`.
    pub(crate) command: &'static str,
    /// Where it answers `GET /health`.
    pub(crate) origin: String,
    /// Whether the others are of no use before it answers.
    pub(crate) is_awaited: bool,
}

/// The supervised processes.
pub(crate) struct House {
    pids: Arc<Mutex<BTreeMap<&'static str, u32>>>,
    stop: watch::Sender<bool>,
    parts: Vec<Part>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl House {
    /// Starts the parts; `pids_file` is rewritten whenever one is started again.
    pub(crate) fn start(config: &Path, parts: Vec<Part>, pids_file: Option<PathBuf>) -> Self {
        let (stop, stopping) = watch::channel(false);
        let pids = Arc::new(Mutex::new(BTreeMap::new()));
        let tasks = parts
            .iter()
            .map(|part| {
                let keeper = Keeper {
                    command: part.command,
                    config: config.to_owned(),
                    pids: Arc::clone(&pids),
                    pids_file: pids_file.clone(),
                };
                tokio::spawn(keeper.keep(stopping.clone()))
            })
            .collect();
        Self { pids, stop, parts, tasks }
    }

    /// Waits until every awaited part answers.
    ///
    /// # Errors
    /// Names the part that does not.
    pub(crate) async fn ready(&self) -> Result<(), String> {
        let limit = tokio::time::Instant::now() + Duration::from_secs(START_SECONDS);
        for part in self.parts.iter().filter(|part| part.is_awaited) {
            while !answers(&part.origin).await {
                if tokio::time::Instant::now() > limit {
                    return Err(format!("the part `{}` does not answer", part.command));
                }
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
        }
        Ok(())
    }

    /// Process ids by command.
    #[must_use]
    pub(crate) fn pids(&self) -> BTreeMap<&'static str, u32> {
        self.pids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends all parts and waits for them.
    pub(crate) async fn end(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

struct Keeper {
    command: &'static str,
    config: PathBuf,
    pids: Arc<Mutex<BTreeMap<&'static str, u32>>>,
    pids_file: Option<PathBuf>,
}

impl Keeper {
    async fn keep(self, mut stopping: watch::Receiver<bool>) {
        let mut wait = RESTART_AFTER;
        while !*stopping.borrow() {
            let started = tokio::time::Instant::now();
            match self.spawn() {
                Ok(child) => self.watch(child, &mut stopping).await,
                Err(error) => tracing::error!(part = self.command, %error, "not started"),
            }
            if started.elapsed() > LIVED {
                wait = RESTART_AFTER;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = told_to_stop(&mut stopping) => {}
            }
            wait = LONGEST_WAIT.min(wait.saturating_mul(2));
        }
    }

    /// The note that asks for the part's folder to be emptied (the demo begins anew), when there
    /// is one.
    fn wipe_note(&self) -> Option<PathBuf> {
        let note = self.config.parent()?.join(format!("{WIPE_PREFIX}{}", self.command));
        note.exists().then_some(note)
    }

    /// Empties the part's folder when it was asked for.
    fn wipe_if_asked(&self) -> std::io::Result<()> {
        let Some(note) = self.wipe_note() else { return Ok(()) };
        for entry in std::fs::read_dir(note.with_file_name(self.command))? {
            let path = entry?.path();
            if path.is_dir() { std::fs::remove_dir_all(path)? } else { std::fs::remove_file(path)? }
        }
        std::fs::remove_file(note)
    }

    fn spawn(&self) -> std::io::Result<Child> {
        self.wipe_if_asked()?;
        // The running program itself, also when its file was replaced meanwhile.
        let child = Command::new("/proc/self/exe")
            .arg0("guichet")
            .arg(self.command)
            .arg("--config")
            .arg(&self.config)
            .arg("--supervised")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        self.remember(child.id().unwrap_or(0));
        Ok(child)
    }

    fn remember(&self, pid: u32) {
        let mut pids = self.pids.lock().unwrap_or_else(PoisonError::into_inner);
        pids.insert(self.command, pid);
        if let Some(path) = &self.pids_file {
            let text = serde_json::to_string(&*pids).unwrap_or_default();
            if let Err(error) = crate::config::write_private(path, text.as_bytes()) {
                tracing::error!(error, "process ids not written");
            }
        }
    }

    async fn watch(&self, mut child: Child, stopping: &mut watch::Receiver<bool>) {
        // Waiting for a child closes its input, which would end it: the input is held apart.
        let held = child.stdin.take();
        tokio::select! {
            ended = child.wait() => {
                let ended_well = ended.as_ref().is_ok_and(ExitStatus::success);
                if ended_well && self.wipe_note().is_some() {
                    tracing::info!(part = self.command, "begins anew, as it was asked to");
                } else {
                    tracing::error!(part = self.command, ?ended, "died, starting again");
                }
            }
            () = told_to_stop(stopping) => {
                drop(held);
                end(child).await;
            }
        }
    }
}

async fn told_to_stop(stopping: &mut watch::Receiver<bool>) {
    while !*stopping.borrow() {
        if stopping.changed().await.is_err() {
            return;
        }
    }
}

/// Waits for a part whose input was closed; kills it when it does not end.
async fn end(mut child: Child) {
    let wait = Duration::from_secs(END_SECONDS);
    if tokio::time::timeout(wait, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

async fn answers(origin: &str) -> bool {
    let call = Call::get(origin, "/health", Duration::from_secs(1));
    call.send().await.is_ok_and(|answer| answer.status == 200)
}

/// Ends this process when standard input closes: the supervisor holds it open.
pub(crate) fn end_with_parent() {
    std::thread::spawn(|| {
        let mut nothing = [0; 64];
        let mut input = std::io::stdin();
        while input.read(&mut nothing).is_ok_and(|read| read > 0) {}
        if rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TERM)
            .is_err()
        {
            std::process::exit(0);
        }
    });
}

/// Completes on SIGTERM or Ctrl-C.
pub(crate) async fn asked_to_end() {
    let terminate = signal(SignalKind::terminate());
    let interrupt = signal(SignalKind::interrupt());
    let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) else {
        tracing::error!("signals cannot be heard");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// `guichet serve`: the app and the vault of an installation, and the simulated bank of its test
/// shops when it has one.
///
/// # Errors
/// A sentence for the operator.
pub(crate) fn serve(config_path: &Path) -> Result<(), String> {
    let config = Config::read(config_path)?;
    let part = |command, listen: &SocketAddr| Part {
        command,
        origin: format!("http://{listen}"),
        is_awaited: true,
    };
    let mut parts = vec![part("vault", &config.vault.listen)];
    // Real payers do not wait for what only test shops need.
    let bank = config.bank.as_ref().map(|bank| part("bank", &bank.listen));
    parts.extend(bank.map(|bank| Part { is_awaited: false, ..bank }));
    parts.push(part("app", &config.app.listen));
    block_on(async {
        let house = House::start(config_path, parts, None);
        house.ready().await?;
        asked_to_end().await;
        house.end().await;
        Ok(())
    })
}

/// Runs a future on one thread.
///
/// # Errors
/// What the future returns, or that no runtime could be made.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(work)
}
