//! What every HTTP origin of the house shares: the app, the vault and the simulated bank.
//!
//! A server loop with limits and a graceful end ([`server`]), one exact set of security headers
//! per kind of page ([`security`]), refusals as problem+json ([`reply`]), words in eight
//! languages ([`words`]), the style sheet, scripts and icons ([`assets`], [`icons`]), the frame
//! of a page ([`page`]), the accent of a merchant made readable ([`theme`], [`contrast`]), a small
//! client for machines on loopback ([`client`]) and one for addresses that other people chose
//! ([`outside`]).
//! No cookies: the vault uses this crate too.

pub mod assets;
pub mod bare;
pub mod client;
pub mod contrast;
#[cfg(test)]
#[expect(clippy::float_arithmetic, reason = "contrast is a ratio of luminances")]
mod contrast_tests;
pub mod icons;
pub mod limit;
pub mod metrics;
pub mod openapi;
pub mod outside;
pub mod page;
pub mod reply;
pub mod security;
pub mod server;
pub mod stream;
pub mod theme;
pub mod words;

pub use icons::icon;
pub use page::Page;
pub use reply::{Refusal, html, html_with, redirect};
pub use words::{Catalogue, Words};

/// Words of the page frame itself (band, language menu, skip link).
pub const MESSAGES: &[words::Messages] = payer_words!("../messages");
