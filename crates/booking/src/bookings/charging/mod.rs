//! Charging a guest's card without seeing it: what is due, or a part of it, on the card that is
//! there for the stay.
//!
//! A card that the guest paid with and left for the stay is charged under the agreement he made
//! then ([`Way::Kept`]). One that a channel or a program sent came with no agreement: it is charged
//! the way the property would key it in itself, as an order by telephone, and the security code
//! goes along where one is held and the person wishes it ([`Way::Keyed`]). So is a card that the
//! guest gave when he was asked for one: it is newer than the one he paid with, and he gave it to
//! be charged instead. He agreed to that on the vault's page, but no strong authentication was
//! made: the charge has no first payment to name.
//!
//! **Always true.** What is charged is at most what is due and at most what the person may move in
//! one operation; the card is the one that the question named; what was due when the question was
//! asked is still due in the transaction that stores the request as sent. A form is sent once, and
//! each charge of a stay has a reference of its own that counts on, so that two presses, two
//! windows or two people make one payment.
//!
//! **Limits.** A virtual card has its own question, within its window and balance. Charging several
//! bookings together takes the cards they were paid with, not those given on request.

pub mod model;
pub mod pages;
mod send;
