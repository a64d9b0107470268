//! Drives a running demo by what its description promises (property-based, with Schemathesis):
//! no answer of 5xx, every answer as described, requests against the description refused, and no
//! door open without its key.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// The tool, at the version whose checks were read.
const TOOL: &str = "schemathesis==4.32.5";
/// The demo takes a port and the two after it; tries to find three that are free.
const PORT_TRIES: u32 = 50;
/// Where cases begin, so that a failure is found again.
const SEED: &str = "20261122";
/// Cases per operation of one round of the random phase.
const CASES: &str = "10";
/// Longest wait for one answer: a moved clock runs all that fell due, and a receiver of messages
/// that hangs may hold it up.
const ANSWER_SECONDS: &str = "45";
/// Beyond its time the tool is ended; it should have ended itself.
const GRACE_SECONDS: u32 = 60;
/// The origins, what opens them, and the time for each: rounds go on until it is spent, so that a
/// slow machine tries less, and no machine takes longer.
const ORIGINS: [(&str, &str, u32); 2] = [("app", "api_key", 90), ("vault", "vault_key", 20)];
/// What is looked at. Left out: that data which fits the schema is accepted, because a schema
/// cannot say which dates are over, which cards exist and which lodgings are the shop's.
const LEFT_OUT: &str = "positive_data_acceptance";

/// A demo that ends with this value.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let ended = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        if ended.is_err() {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

/// Installs the tool when it is missing, starts a demo, and drives both its origins.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let tool = tool(root)?;
    crate::test::build_product(root)?;
    let (demo, about) = start(root)?;
    let merchant = &about["merchants"][0];
    for (origin, key, seconds) in ORIGINS {
        let (Some(origin), Some(key)) = (about[origin].as_str(), merchant[key].as_str()) else {
            return Err("the demo did not say where it is".to_owned());
        };
        drive(root, &tool, (origin, key), seconds)?;
    }
    drop(demo);
    Ok(())
}

/// The program, in an environment of its own under `target`.
fn tool(root: &Path) -> Result<PathBuf, String> {
    let folder = root.join("target").join("fuzz-env");
    let program = folder.join("bin").join("schemathesis");
    let mark = folder.join(".installed");
    if program.exists() && fs::read_to_string(&mark).is_ok_and(|text| text == TOOL) {
        return Ok(program);
    }
    println!("fuzz: installing {TOOL}");
    let run = |name: &Path, arguments: &[&str]| {
        let status = Command::new(name).args(arguments).stdin(Stdio::null()).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{}: {status}", name.display())),
            Err(error) => Err(format!("{}: {error}", name.display())),
        }
    };
    // Debian keeps the maker of environments in a package of its own.
    if run(Path::new("python3"), &["-c", "import ensurepip"]).is_err() {
        crate::setup::apt(&["update", "-q"])?;
        crate::setup::apt(&["install", "-qy", "--no-install-recommends", "python3-venv"])?;
    }
    let text = folder.to_string_lossy();
    run(Path::new("python3"), &["-m", "venv", &text])?;
    run(&folder.join("bin").join("pip"), &["install", "--quiet", TOOL])?;
    fs::write(&mark, TOOL).map_err(|error| format!("{}: {error}", mark.display()))?;
    Ok(program)
}

fn start(root: &Path) -> Result<(Demo, Value), String> {
    let program = root.join("target").join("debug").join("guichet");
    let mut child = Command::new(program)
        .args(["demo", "--json", "--port", &free_port()?.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("guichet demo: {error}"))?;
    let out = child.stdout.take().ok_or("guichet demo has no output")?;
    let demo = Demo(child);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line).map_err(|error| error.to_string())?;
    let about = serde_json::from_str(&line).map_err(|_| "the demo did not start".to_owned())?;
    Ok((demo, about))
}

/// A port that is free with the two after it, on the addresses of the demo.
fn free_port() -> Result<u16, String> {
    let any = || TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let is_free = |host: u8, port: Option<u16>| {
        port.is_some_and(|port| TcpListener::bind((Ipv4Addr::new(127, 0, 0, host), port)).is_ok())
    };
    for _ in 0..PORT_TRIES {
        let port = any().map_err(|error| error.to_string())?.port();
        if is_free(2, port.checked_add(1)) && is_free(3, port.checked_add(2)) {
            return Ok(port);
        }
    }
    Err("no three free ports".to_owned())
}

fn drive(
    root: &Path,
    tool: &Path,
    (origin, key): (&str, &str),
    seconds: u32,
) -> Result<(), String> {
    let status = Command::new("timeout")
        .arg((seconds + GRACE_SECONDS).to_string())
        .arg(tool)
        .args(["run", &format!("{origin}/openapi.json"), "--url", origin])
        .args(["--header", &format!("Authorization: Bearer {key}")])
        .args(["--phases", "examples,coverage,fuzzing,stateful"])
        .args(["--max-time", &seconds.to_string(), "--max-examples", CASES, "--seed", SEED])
        .args(["--request-timeout", ANSWER_SECONDS, "--warnings", "off"])
        .args(["--exclude-checks", LEFT_OUT])
        .args(["--no-color", "--generation-database", "none"])
        .current_dir(root.join("target"))
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("schemathesis: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{origin}: the API is not as described")) }
}
