//! Charging a guest's card without seeing it: what is due, or a part of it, on the card that is
//! there for the stay.
//!
//! A card that the guest paid with and left for the stay is charged under the agreement he made
//! then ([`Way::Kept`]). One that a channel or a program sent came with no agreement: it is charged
//! the way the property would key it in itself, as an order by telephone, and the security code
//! goes along where one is held and the person wishes it ([`Way::Keyed`]).
//!
//! **Always true.** What is charged is at most what is due; the card is the one that the question
//! named; what was due when the question was asked is still due in the transaction that stores the
//! request as sent. A form is sent once, and each charge of a stay has a reference of its own that
//! counts on, so that two presses, two windows or two people make one payment.
//!
//! **Limits.** A virtual card has its own question, within its window and balance.

pub mod model;
pub mod pages;
mod send;
