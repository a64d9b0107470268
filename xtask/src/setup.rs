//! Installs what the tests need and a fresh Debian with Rust lacks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the browser of the journeys stands.
pub(crate) const CHROMIUM: &str = "/usr/bin/chromium";

/// Packages of Debian that are missing, judged by the programs that they bring.
fn missing() -> Vec<&'static str> {
    let mut packages = Vec::new();
    if !Path::new(CHROMIUM).exists() {
        packages.extend(["chromium", "fonts-liberation"]);
    }
    if !answers("node") {
        packages.push("nodejs");
    }
    if !answers("npm") {
        packages.push("npm");
    }
    packages
}

/// Whether a program can be started.
pub(crate) fn answers(program: &str) -> bool {
    let started = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    started.is_ok_and(|status| status.success())
}

/// A device in software for tests of a root in hardware. Its module is Debian's, or the one that
/// `SOFTHSM2_MODULE` names.
pub(crate) fn device() -> Result<(), String> {
    if !answers("softhsm2-util") {
        println!("setup: installing softhsm2");
        apt(&["update", "-q"])?;
        apt(&["install", "-qy", "--no-install-recommends", "softhsm2"])?;
    }
    let module = std::env::var("SOFTHSM2_MODULE");
    let module = module.unwrap_or_else(|_| "/usr/lib/softhsm/libsofthsm2.so".to_owned());
    if Path::new(&module).exists() {
        return Ok(());
    }
    Err(format!("{module} is missing: SOFTHSM2_MODULE names where libsofthsm2.so is"))
}

/// Folder of the newest PostgreSQL server's programs; installs one when there is none.
pub(crate) fn postgres() -> Result<PathBuf, String> {
    if let Some(found) = postgres_programs() {
        return Ok(found);
    }
    println!("setup: installing postgresql");
    apt(&["update", "-q"])?;
    apt(&["install", "-qy", "--no-install-recommends", "postgresql"])?;
    postgres_programs().ok_or_else(|| "no PostgreSQL server under /usr/lib/postgresql".to_owned())
}

fn postgres_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    folders.filter(|folder| folder.join("initdb").exists()).max()
}

/// Makes sure that a browser, its driver and the accessibility checker are there.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let packages = missing();
    if !packages.is_empty() {
        println!("setup: installing {}", packages.join(", "));
        apt(&["update", "-q"])?;
        let mut arguments = vec!["install", "-qy", "--no-install-recommends"];
        arguments.extend(packages);
        apt(&arguments)?;
    }
    node_packages(&root.join("e2e"))
}

pub(crate) fn apt(arguments: &[&str]) -> Result<(), String> {
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
    if !is_root {
        command.args(["-n", "apt-get"]);
    }
    let status = command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .map_err(|e| format!("apt-get: {e}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!(
        "apt-get {} failed: install chromium, nodejs, npm, postgresql and softhsm2 by hand",
        arguments.join(" ")
    ))
}

/// `npm ci`, unless what is installed is what the lock file says.
fn node_packages(folder: &Path) -> Result<(), String> {
    let lock = fs::read(folder.join("package-lock.json")).map_err(|e| format!("e2e: {e}"))?;
    let mark = folder.join("node_modules").join(".installed-from");
    if fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("setup: installing what the browser journeys need");
    let status = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .status()
        .map_err(|e| format!("npm: {e}"))?;
    if !status.success() {
        return Err("npm ci failed".to_owned());
    }
    fs::write(&mark, lock).map_err(|e| format!("{}: {e}", mark.display()))
}
