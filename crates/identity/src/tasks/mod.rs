//! `/taches`: the list of what a person must look at, and "done".
//!
//! The rows are [`web::tasks`]; this slice shows them with who may see them. A task is seen by
//! whoever holds the right of its object, with a ceiling that reaches its amount where it has one,
//! and ended by the same people, with a line in the journal. A task that asks something is ended by
//! its answer.
//!
//! Limits: the latest ended tasks are shown, the older ones are in the journal.

pub mod model;
pub mod pages;

#[cfg(test)]
mod tests;

pub use model::{Shown, Sight};
