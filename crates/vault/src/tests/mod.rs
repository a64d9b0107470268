//! The vault driven from outside: its real pages, its real socket, real files; the bank is a
//! small host that remembers what it was sent.

mod api;
mod audit;
pub(crate) mod backup;
mod backup_edges;
mod bank;
mod bins;
mod clock;
mod figures;
mod guards;
mod hotel;
mod house;
mod journey;
mod keeping;
mod look;
mod lost;
mod news;
mod page;
mod partner_people;
mod partners;
mod people;
mod proofs;
mod proxy;
mod reveal;
pub(crate) mod rotation;
mod sealing;
mod second;
pub(crate) mod shred;
mod sites;
mod starting;
mod stays;
mod suspended;
mod tables;
mod token;
mod untrusted;
