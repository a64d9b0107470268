//! The sandbox of the process: what it may do shrinks to what a vault needs, before the first
//! request and for ever.
//!
//! Landlock: files of the data folder, of the folder of backups and of those that a device's module
//! needs, none of them as a program; TCP to the ports of the bank and of the database server, no new
//! listening port, no signal or abstract socket outside. It knows ports, not addresses. seccomp: an allow-list of system calls; the rest fails, and calls that
//! only an intruder needs (another program, another process's memory, kernel modules…) end the
//! process. Memory is not dumpable and, where the limit allows, never swapped.
//!
//! Order: everything that must be opened from outside is open already; threads come after, so
//! that each has the same bounds.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, NetPort, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};
use rustix::mm::MlockAllFlags;
use rustix::process::{DumpableBehavior, Resource, Rlimit};
use rustix::thread::{CapabilitySet, CapabilitySets};

/// Newest Landlock that this profile was written for.
const LANDLOCK: ABI = ABI::V6;
#[cfg(target_arch = "aarch64")]
const PROFILE: &str = include_str!("seccomp.aarch64.json");
#[cfg(not(target_arch = "aarch64"))]
const PROFILE: &str = include_str!("seccomp.x86_64.json");

/// Confines this process; gives what could not be done, in words for the operator.
pub(crate) fn confine(folders: &[&Path], ports: &[u16]) -> Vec<String> {
    let mut missing = Vec::new();
    missing.extend(limits());
    missing.extend(threads());
    missing.extend(files_and_ports(folders, ports));
    missing.extend(system_calls());
    missing
}

/// No core dump, no debugger, no swap, files for this user alone, no privilege.
pub(crate) fn limits() -> Vec<String> {
    let mut missing = Vec::new();
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if rustix::process::setrlimit(Resource::Core, none).is_err() {
        missing.push("core dumps are not switched off".to_owned());
    }
    if rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
        missing.push("the process can be dumped".to_owned());
    }
    // With a limit, later allocations would fail instead of being locked.
    let endless = Rlimit { current: None, maximum: None };
    let unlimited = rustix::process::setrlimit(Resource::Memlock, endless).is_ok()
        || rustix::process::getrlimit(Resource::Memlock).current.is_none();
    let all = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    if !unlimited || rustix::mm::mlockall(all).is_err() {
        missing.push("memory may be swapped (LimitMEMLOCK=infinity is needed)".to_owned());
    }
    let none = CapabilitySet::empty();
    let none = CapabilitySets { effective: none, permitted: none, inheritable: none };
    if rustix::thread::set_capabilities(None, none).is_err() {
        missing.push("privileges are not given up".to_owned());
    }
    missing
}

/// Landlock binds the calling thread and its children: there must be no other yet.
fn threads() -> Option<String> {
    let count = std::fs::read_dir("/proc/self/task").map(Iterator::count).ok()?;
    (count > 1).then(|| "a thread that was there before is outside the file sandbox".to_owned())
}

fn files_and_ports(folders: &[&Path], ports: &[u16]) -> Option<String> {
    let status = restrict(folders, ports);
    match status {
        Ok(RulesetStatus::FullyEnforced) => None,
        Ok(RulesetStatus::PartiallyEnforced) => {
            Some("Landlock is only partly there (kernel 6.12 has all)".to_owned())
        }
        Ok(RulesetStatus::NotEnforced) => Some("Landlock is not there".to_owned()),
        Err(error) => Some(format!("Landlock: {error}")),
    }
}

fn restrict(folders: &[&Path], ports: &[u16]) -> Result<RulesetStatus, Box<dyn std::error::Error>> {
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .handle_access(AccessNet::from_all(LANDLOCK))?
        .scope(Scope::from_all(LANDLOCK))?
        .create()?;
    let mut access = AccessFs::from_all(LANDLOCK);
    access.remove(AccessFs::Execute);
    for folder in folders {
        rules = rules.add_rule(PathBeneath::new(PathFd::new(folder)?, access))?;
    }
    for port in ports {
        rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    Ok(rules.restrict_self()?.ruleset)
}

fn system_calls() -> Option<String> {
    let outcome = std::env::consts::ARCH
        .try_into()
        .map_err(|_| "unknown processor".to_owned())
        .and_then(|arch| {
            seccompiler::compile_from_json(PROFILE.as_bytes(), arch)
                .map_err(|error| error.to_string())
        })
        .and_then(|filters| {
            for name in ["deadly", "threads_only", "allowed"] {
                let filter = filters.get(name).ok_or("the profile lacks a filter")?;
                seccompiler::apply_filter_all_threads(filter).map_err(|e| e.to_string())?;
            }
            Ok(())
        });
    outcome.err().map(|error| format!("seccomp: {error}"))
}
