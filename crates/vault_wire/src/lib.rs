//! Message types and client of the socket between the app and the card vault.
//!
//! The vault is another process (often another user, sometimes another machine). Everything the
//! app may ask of it is a type of [`ops`]; everything that crosses is a [`frame`]. No message of
//! this crate has a place for a card number or a security code, so none can cross.
//!
//! Life of a request: [`VaultClient::ask`] writes one frame, the answer comes back in any order
//! and is found by its id. A lost connection is opened again by the next request. What a caller
//! of [`ops::RelayCall`] must know after a failure is whether the vault may have heard the
//! request: [`WireError::may_have_been_heard`].
//!
//! Limits: a frame is at most 1 MiB, 256 requests are in flight per connection, the default
//! deadline is 5 seconds.

mod audit;
mod backup;
mod bins;
mod capture;
mod card;
mod changing;
mod client;
mod clock;
mod figures;
pub mod frame;
mod guards;
mod keeping;
mod log;
mod news;
mod ops;
mod partner;
pub mod proof;
mod proxy;
mod reveal;
mod rotation;
mod sealing;
mod shred;

pub use audit::*;
pub use backup::*;
pub use bins::*;
pub use capture::*;
pub use card::{
    Brand, Card, CardStatus, CodeStatus, Issuer, MissingReason, Reveals, SecurityCode, Verification,
};
pub use changing::*;
pub use client::{DEFAULT_DEADLINE, RELAY_DEADLINE, VaultClient, WireError};
pub use clock::*;
pub use figures::*;
pub use frame::Refused;
pub use guards::*;
pub use keeping::*;
pub use log::*;
pub use news::*;
pub use ops::*;
pub use partner::*;
pub use proxy::*;
pub use reveal::*;
pub use rotation::*;
pub use sealing::*;
pub use shred::*;
