//! Tests across crates: the demo as real processes, driven as programs and browsers drive it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod asked;
mod browser;
mod demo;
mod described;

mod cards;
mod channels;
mod cluster;
mod crashes;
mod debits;
mod guests;
mod holder;
mod keeping;
mod kept;
mod lots;
mod mornings;
mod notices;
mod operations;
mod partners;
mod payments;
mod refusals;
mod reveals;
mod scenes;
mod sent;
mod stays;
mod town;
mod vault_backup;
mod vault_device;
mod vault_sealing;
mod walk;
