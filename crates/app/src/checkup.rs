//! `guichet doctor`: walks through an installation and says what is wrong, one line each.
//!
//! It reads, and writes nothing but one small file that it removes again (to time the disk). It
//! runs beside the app while that serves, and before the first start.

use std::fs::File;
use std::io::Write as _;
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use db::{DbError, Place};
use http::client::Call;
use serde_json::json;
use vault_wire::{Health, VaultClient};

use crate::admin::{self, Form};
use crate::config::Config;
use crate::{migrate, supervise};

/// Free space under which work should stop, and under which somebody should know.
const LITTLE_MIB: u64 = 256;
const ENOUGH_MIB: u64 = 2_048;
/// A flush that takes longer slows every payment.
const SLOW_FLUSH: Duration = Duration::from_millis(20);
/// Flushes that are timed; the middle one counts.
const FLUSHES: usize = 11;
const FLUSHED_BYTES: usize = 4_096;
/// The service of the system that keeps the clock says here that it has heard the time.
const CLOCK_MARKS: [&str; 2] = ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid"];
const WAIT: Duration = Duration::from_secs(2);

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fine,
    /// Works, and somebody should know.
    Warning,
    Wrong,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
        }
    }
}

#[derive(Debug)]
struct Check {
    what: &'static str,
    state: State,
    said: String,
}

fn fine(what: &'static str, said: impl Into<String>) -> Check {
    Check { what, state: State::Fine, said: said.into() }
}

fn warning(what: &'static str, said: impl Into<String>) -> Check {
    Check { what, state: State::Warning, said: said.into() }
}

fn wrong(what: &'static str, said: impl Into<String>) -> Check {
    Check { what, state: State::Wrong, said: said.into() }
}

/// The command. Exit 0: nothing wrong; 1: something is; 2: the configuration cannot be read.
pub(crate) fn run(path: &Path, form: Form) -> ExitCode {
    let config = match Config::read(path) {
        Ok(config) => config,
        Err(error) => return crate::command::could_not_run(&error),
    };
    let mut checks = vec![fine("configuration", path.display().to_string())];
    checks.extend(origins(&config));
    checks.extend(rights(path, &config));
    checks.push(space(&config));
    checks.push(clock());
    checks.push(flush(&config));
    checks.push(schema(&config));
    if config.vault_on_server() {
        checks.extend(vault_tables(&config));
    }
    match &config.app.database {
        Place::File(file) if !file.exists() => {}
        Place::File(file) => checks.extend([integrity(file), ledger(path)]),
        Place::Server(_) => checks.push(ledger(path)),
    }
    checks.extend(processes(&config));
    print(&checks, form);
    let sick = checks.iter().any(|check| check.state == State::Wrong);
    if sick { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

#[expect(clippy::print_stdout, reason = "the answer of a command")]
fn print(checks: &[Check], form: Form) {
    let ok = checks.iter().all(|check| check.state != State::Wrong);
    if form == Form::Json {
        let one = |check: &Check| json!({"what": check.what, "state": check.state.word(), "said": check.said});
        let checks: Vec<_> = checks.iter().map(one).collect();
        println!("{}", json!({"ok": ok, "checks": checks}));
        return;
    }
    for Check { what, state, said } in checks {
        println!("{:8} {what:14} {said}", state.word());
    }
}

/// Browsers must reach both over HTTPS, at two hosts, or the origins are not apart.
fn origins(config: &Config) -> Vec<Check> {
    let (app, vault) = (&config.app.public_url, &config.vault.public_url);
    let mut checks = Vec::new();
    let bank = config.bank.as_ref().map(|bank| ("bank", &bank.public_url, bank.listen));
    let both = [("app", app, config.app.listen), ("vault", vault, config.vault.listen)];
    for (what, url, listen) in both.into_iter().chain(bank) {
        let said = format!("{url}, listening on {listen}");
        let is_safe = url.starts_with("https://") || url.starts_with("http://127.");
        checks.push(if is_safe {
            fine(what, said)
        } else {
            wrong(what, format!("{said}: not HTTPS"))
        });
    }
    if host(app) == host(vault) {
        checks.push(wrong("origins", "app and vault have the same host: give the vault its own"));
    }
    if config.vault.app_origin != *app {
        let said = format!("vault.app_origin is {}, not {app}", config.vault.app_origin);
        checks.push(wrong("origins", said));
    }
    checks
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split([':', '/']).next().unwrap_or_default()
}

/// Secrets are readable by their user alone.
fn rights(path: &Path, config: &Config) -> Vec<Check> {
    let files = [
        ("config file", path),
        ("app key", &config.app.key_file),
        ("vault folder", &config.vault.data_dir),
    ];
    let root = match config.vault.root {
        vault::RootForm::File => right("root key", &config.vault.root_file),
        vault::RootForm::Shares => {
            elsewhere(&config.vault.root_file, "in shares of its custodians")
        }
        vault::RootForm::Token => elsewhere(&config.vault.root_file, "in a device"),
    };
    let database = match &config.app.database {
        Place::File(file) => Some(right("database", file)),
        Place::Server(_) => None,
    };
    let files = files.into_iter().map(|(what, file)| right(what, file));
    files.chain([root]).chain(device(&config.vault)).chain(database).collect()
}

/// Where several people or a device hold the root, no file does.
fn elsewhere(file: &Path, place: &str) -> Check {
    match std::fs::symlink_metadata(file) {
        Ok(_) => {
            let named = file.display();
            wrong("root key", format!("it is {place}, and {named} is still there: destroy it"))
        }
        Err(_) => fine("root key", place.to_owned()),
    }
}

/// Module and PIN of the device that holds the root.
fn device(config: &vault::Config) -> Vec<Check> {
    if config.root != vault::RootForm::Token {
        return Vec::new();
    }
    let Some(token) = &config.token else {
        return vec![wrong("root device", "root = \"token\" needs a part [vault.token]")];
    };
    let module = token.module.display();
    let mut checks = vec![if token.module.is_file() {
        fine("root device", format!("{} by {module}", token.label))
    } else {
        wrong("root device", format!("the module {module} is not there: install it"))
    }];
    checks.push(match &token.pin_file {
        None => fine("device PIN", "typed after each start (guichet vault unseal)"),
        Some(file) => right("device PIN", file),
    });
    checks
}

fn right(what: &'static str, file: &Path) -> Check {
    let named = file.display();
    match std::fs::metadata(file) {
        Ok(about) if about.mode() & 0o077 == 0 => fine(what, format!("{named}")),
        Ok(about) => {
            let mode = about.mode() & 0o777;
            wrong(what, format!("{named} has mode {mode:04o}: others may use it (chmod go=)"))
        }
        // A key that the first start makes, or a file of another user.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && what != "root key" => {
            fine(what, format!("{named} is made at the first start"))
        }
        Err(error) => warning(what, format!("{named}: {error}")),
    }
}

/// Where the app writes; with a database server only the vault does.
fn folder(config: &Config) -> &Path {
    let folder = match &config.app.database {
        Place::File(file) => file.parent(),
        Place::Server(_) => Some(config.vault.data_dir.as_path()),
    };
    folder.unwrap_or(Path::new("/"))
}

fn space(config: &Config) -> Check {
    let what = "disk space";
    let folder = folder(config);
    let Ok(about) = rustix::fs::statvfs(folder) else {
        return wrong(what, format!("{} is not there", folder.display()));
    };
    let free = about.f_bavail.saturating_mul(about.f_frsize) >> 20;
    let said = format!("{free} MiB free at {}", folder.display());
    match free {
        0..LITTLE_MIB => wrong(what, said),
        LITTLE_MIB..ENOUGH_MIB => warning(what, said),
        _ => fine(what, said),
    }
}

/// Time codes, leases and authorisations depend on the time of day.
fn clock() -> Check {
    let said = kernel::Clock::now(&kernel::time::SystemClock).to_string();
    if CLOCK_MARKS.iter().any(|mark| Path::new(mark).exists()) {
        fine("clock", format!("{said}, kept by the system"))
    } else {
        warning("clock", format!("{said}; no time service was found that keeps it"))
    }
}

/// How long the disk takes to keep what it was given: each commit waits for it once.
fn flush(config: &Config) -> Check {
    let what = "disk flush";
    let folder = folder(config);
    match time_flush(folder) {
        Ok(took) => {
            let said = format!("{} µs for {FLUSHED_BYTES} bytes", took.as_micros());
            if took < SLOW_FLUSH { fine(what, said) } else { warning(what, said) }
        }
        Err(error) => wrong(what, format!("{}: {error}", folder.display())),
    }
}

fn time_flush(folder: &Path) -> std::io::Result<Duration> {
    let path = folder.join(format!(".guichet-doctor-{}", std::process::id()));
    let timed = (|| {
        let mut file = File::create_new(&path)?;
        let mut times = Vec::with_capacity(FLUSHES);
        for _ in 0..FLUSHES {
            file.write_all(&[0; FLUSHED_BYTES])?;
            let start = Instant::now();
            file.sync_data()?;
            times.push(start.elapsed());
        }
        times.sort();
        Ok(times.get(FLUSHES / 2).copied().unwrap_or_default())
    })();
    let _ = std::fs::remove_file(&path);
    timed
}

fn schema(config: &Config) -> Check {
    let what = "schema";
    match migrate::missing(config) {
        Ok(missing) if missing.is_empty() => fine(what, "up to date"),
        Ok(missing) => {
            let said = format!("{} migrations are applied at the next start", missing.len());
            warning(what, said)
        }
        Err(error) => wrong(what, error),
    }
}

/// Nobody but the vault's role has a right on its tables.
fn vault_tables(config: &Config) -> Vec<Check> {
    let what = "vault tables";
    match vault::check(&config.for_vault()) {
        Ok(found) if found.faults.is_empty() => {
            vec![fine(what, "on a server, open to the vault's role alone")]
        }
        Ok(found) => found.faults.into_iter().map(|fault| wrong(what, fault)).collect(),
        Err(error) => vec![wrong(what, error.to_string())],
    }
}

fn integrity(file: &Path) -> Check {
    let what = "database file";
    let look = |tx: &mut db::Tx<'_>| -> Result<Vec<String>, DbError> {
        tx.query("PRAGMA quick_check(5)", &[])?.iter().map(|row| row.get("quick_check")).collect()
    };
    match db::read_once(&Place::File(file.to_owned()), look) {
        Ok(said) if said == ["ok"] => fine(what, "whole"),
        Ok(said) => wrong(what, said.join("; ")),
        Err(error) => wrong(what, error.to_string()),
    }
}

fn ledger(path: &Path) -> Check {
    let what = "ledger";
    match admin::read_report(path, (None, 1)) {
        Ok(report) if report.ok => fine(what, format!("{} books balance", report.books.len())),
        Ok(_) => wrong(what, "books do not balance: guichet admin ledger verify"),
        Err(error) => wrong(what, error),
    }
}

/// Whether the processes answer; before the first start none does.
fn processes(config: &Config) -> Vec<Check> {
    let runs = supervise::block_on(async {
        let ready = Call::get(origin(config.app.listen), "/ready", WAIT).send().await;
        let vault = Call::get(origin(config.vault.listen), "/health", WAIT).send().await;
        let client = VaultClient::connect(config.vault.socket.clone());
        let wire = client.ask_within(None, &Health {}, WAIT).await;
        let bank = match &config.bank {
            Some(bank) => {
                Some(Call::get(origin(bank.listen), "/health", WAIT).send().await.is_ok())
            }
            None => None,
        };
        Ok((ready, vault.is_ok_and(|vault| vault.status == 200), wire, bank))
    });
    let Ok((ready, vault, wire, bank)) = runs else { return Vec::new() };
    let app = match ready {
        Ok(answer) if answer.status == 200 => fine("app runs", "ready"),
        Ok(answer) => wrong("app runs", format!("answers {} at /ready", answer.status)),
        Err(_) => warning("app runs", "no: nothing answers at its address"),
    };
    let runs = |what, answers| match answers {
        true => fine(what, "answers"),
        false => warning(what, "no: nothing answers at its address"),
    };
    let page = runs("vault runs", vault);
    let socket = match wire {
        Ok(vault) if vault.status == "ok" => fine("vault socket", "open"),
        Ok(vault) => wrong("vault socket", vault.status),
        Err(error) => warning("vault socket", error.to_string()),
    };
    let bank = bank.map(|answers| runs("bank runs", answers));
    [app, page, socket].into_iter().chain(bank).collect()
}

/// An address of this machine for one that listens everywhere.
fn origin(listen: std::net::SocketAddr) -> String {
    let ip = if listen.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { listen.ip() };
    format!("http://{}", std::net::SocketAddr::new(ip, listen.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_others_may_read_is_wrong() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.key");
        assert_eq!(right("app key", &file).state, State::Fine);
        assert_eq!(right("root key", &file).state, State::Warning);
        std::fs::write(&file, "secret").unwrap();
        for (mode, state) in [(0o600, State::Fine), (0o640, State::Wrong), (0o604, State::Wrong)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(right("app key", &file).state, state, "{mode:o}");
        }
    }

    #[test]
    fn the_disk_is_timed_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        assert!(time_flush(folder.path()).unwrap() > Duration::ZERO);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn hosts_are_compared_without_scheme_and_port() {
        assert_eq!(host("https://a.example:8443/x"), "a.example");
        assert_eq!(host("http://127.0.0.1:7700"), "127.0.0.1");
    }
}
