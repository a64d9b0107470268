//! A card by the vault's own API: `POST /v1/cards` with a vault key, from a listed address.
//!
//! The number enters through the vault's origin, never through the app. A repeat with the same
//! key gives the same answer and no second card; bodies are compared by a keyed hash and never
//! stored. The same door lists cards, reads one without its number, and destroys one.

mod add;
mod body;
mod keep;
mod kept;
mod store;

pub(crate) use add::{Cards, MAX_REFERENCE_CHARACTERS};
pub(crate) use keep::Arrival;
pub(crate) use kept::Wish;
