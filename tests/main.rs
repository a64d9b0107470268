//! Tests across crates: the demo as real processes, driven as programs and browsers drive it.

mod browser;
mod demo;

mod crashes;
mod payments;
mod walk;
