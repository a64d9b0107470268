//! `/m/{token}`: a guest's own booking, the card kept for it, and who saw that card.
//!
//! **What it is.** Each booking has a page of its guest's own under an address that nobody can
//! guess: 128 bits that follow from the app's key and the booking, so that they are stored nowhere.
//! The mail that confirms a booking leads there, and the receipt of the payment that made it firm:
//! those of later payments, which others may have made, do not. From there the guest reads everything
//! the vault's log says of his card ([`payments::cards::accesses`]), checks each line, and takes the
//! whole home in a file that anybody can check.
//!
//! **Always true.** The page shows every entry of the card's log, or says that it has more; nothing in
//! this house can leave one out. It can be read until 13 months after the card was destroyed. Of a card
//! that was paid with and is not kept for this booking alone the mask is shown, and no log: that would
//! tell of other stays.
//!
//! **Limits.** A booking made before this page existed has none. Changing and cancelling by the guest
//! himself, and paying the rest, are not here yet.

pub mod link;
pub mod pages;
mod view;
