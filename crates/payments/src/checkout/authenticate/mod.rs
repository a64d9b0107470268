//! The page of a holder who was asked by a link to let his bank confirm a charge.
//!
//! `/authentification/{token}` is what the message holds: it leads to the payment's own page, which
//! then shows this one instead of asking for a card. Its button is posted to
//! `/p/{token}/authentifier`; from there on the way is that of every payer.

pub(super) mod pages;
pub mod view;
