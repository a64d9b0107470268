//! The public page of a property, `/s/{slug}`: search, offers with "why this price?", basket with
//! contact and hold, and the way to the payment page.
//!
//! Life: a search is a GET that changes nothing; choosing an offer makes a cart under an
//! unguessable address; saving the contact starts the hold; the pay button leads to `/p/{token}`.
//!
//! Invariants: pages work without scripts and set no cookie, the token in the path is the whole
//! session; what was typed is kept on errors, except anything that looks like a card number.
//!
//! Limits: one stay per basket on the pages; the API takes several.

pub mod basket;
pub mod pages;
mod results;
#[cfg(test)]
mod tests;
pub mod view;
