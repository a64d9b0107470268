#![expect(unreachable_pub, reason = "modules of one test binary")]
//! Tests across crates: the demo as real processes, driven as programs and browsers drive it.

mod browser;
mod demo;

mod crashes;
mod payments;
mod stays;
mod walk;
