//! Partners: software vendors (hotel systems, channel managers) with keys to the vault's own API.
//!
//! A partner applies without being asked who he is ([`apply`]) and has a test key at once: it works
//! on test shops alone. The operator looks at the application and decides ([`desk`]); a live key
//! exists only after that. What a partner may do with the cards of a property, the property itself
//! grants, scope by scope, and takes back at once ([`grants`]).
//!
//! Life: `submitted → in_review → approved → active ⇄ suspended → revoked`, `in_review → refused`.
//! Approved becomes active with the first live key. Suspended stops everything but destroying cards.
//!
//! Every request passes one door ([`door`]): the key, the address of the peer's socket (never a
//! header's), where the partner stands, what he applied for, how often he calls ([`quota`]), and
//! for each property what it grants.
//!
//! Invariants: a key is told once, its SHA-256 alone is kept; at most two keys of a mode work, for
//! a year each; without a network nothing works, and private networks count for test keys alone;
//! cards of a property that grants nothing do not exist for the partner.
//!
//! Limits: buckets of the quotas are in memory, so a restart forgives; peers behind a balancer are
//! seen as the balancer; that new networks are his, the security contact tells the operator, who
//! names him and them when he lets them count. Alarms count whole days: what a partner does on the
//! day of a decision about him is not held against him, and test cards never are. A list of cards
//! ends after the newest 100 and tells no place to go on from: those of a booking are asked for by
//! its name. A number that is on the screen when a grant ends stays there for its seconds.

mod apply;
mod book;
mod desk;
pub(crate) mod door;
mod grants;
pub(crate) mod networks;
pub(crate) mod quota;
pub(crate) mod store;
mod watch;

pub(crate) use book::Partners;
pub(crate) use door::{Answered, Caller, Denied, Doors, Knock};

/// What the log calls the installation itself, which is no merchant.
pub(crate) const NOBODY: [u8; 16] = [0; 16];
