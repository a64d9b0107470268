//! Long work that a person asked for and watches: the making of a large file, or an [errand] done
//! to many things one after another.
//!
//! **Life.** A run is *running* from the commit that asks for it. A process takes it under a
//! lease of real time and works step by step; each step writes what it made together with the
//! place it came to, in one commit. It ends *done*, *failed*, or *stopped* by its owner, who may
//! let it go on. The file stays [`FILE_DAYS`] days. Its end is a task of that person, until he has
//! the file, and a mail to him when it took more than a minute.
//!
//! **Invariants.** After a crash or an interruption the work goes on from the last step, so no row
//! stands in the file twice and none is missing; a workbook, which can only be written in one go,
//! is begun anew, and its percent waits until it is where it was. An errand marks each thing as
//! done in the commit that does it, so that none is done twice. The percent never falls. A run is seen by the person who asked for it, and the file is handed out only while he holds the
//! right the list asks for.
//!
//! **Limits.** One run at a time per process. Files stand in the database, so that any process
//! can hand them out.

pub mod ending;
pub mod errand;
pub mod model;
pub mod pages;
pub mod runner;
pub mod store;

use db::Migration;

pub use errand::{Errand, Turn};
pub use model::{Kind, NewRun, Run, State, path};

#[cfg(test)]
mod tests;

/// A process that says nothing for so long is taken for dead, in seconds of real time.
pub const LEASE_SECONDS: i64 = 60;
/// Who has written nothing of a run for so long is not shown to be at work, in seconds.
pub const SILENT_SECONDS: i64 = 5;
/// Longest silence of a living process where one step may take long: a workbook is written in one
/// go, and an errand may wait for a bank. In seconds.
pub const LONG_STEP_SECONDS: i64 = 30;
/// Days a finished file stays.
pub const FILE_DAYS: i64 = 7;

/// Tables of this slice.
pub const MIGRATIONS: &[Migration] =
    &[Migration { name: "identity/runs/0001_run", sql: include_str!("schema/0001_run.sql") }];
