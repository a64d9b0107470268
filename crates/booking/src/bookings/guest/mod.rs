//! `/m/{token}`: a guest's own booking, the card kept for it, and who saw that card.
//!
//! **What it is.** Each booking has a page of its guest's own under an address that nobody can
//! guess: 128 bits that follow from the app's key and the booking, so that they are stored nowhere.
//! The mail that confirms a booking leads there. From there the guest reads everything the vault's
//! log says of his card ([`payments::cards::accesses`]), checks each line, and takes the whole home
//! in a file that anybody can check.
//!
//! **Always true.** The page shows every entry of the card's log; nothing in this house can leave one
//! out. It can be read until 13 months after the card was destroyed.
//!
//! **Limits.** A booking made before this page existed has none. Changing and cancelling by the guest
//! himself, and paying the rest, are not here yet.

pub mod link;
pub mod pages;
mod view;
