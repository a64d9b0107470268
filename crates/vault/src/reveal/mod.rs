//! Showing a card number to one person, once per link, behind his PIN.
//!
//! The app asks for a link; the person's own browser opens it within two minutes. The first visit
//! binds it to that browser; a second visit, a prefetch or a visit of another site's frame finds it
//! shut. The PIN then shows number and expiry for a minute, and, where a security code is held, the
//! code: once, and it is destroyed before the page leaves the vault.
//!
//! Life: `created → opened → unlocked → closed`; `expired` after two minutes unopened or five
//! without a right PIN; `cancelled`. What is out of the ordinary waits for a second person first
//! ([`approval`]).
//!
//! Order of a view: the try is counted, the PIN is checked, the log has its entry, the code's slot
//! is written over, the row says so, and only then the page is sent. A crash in between may lose a
//! code; it never shows one twice.
//!
//! However right the PIN is, no more is shown than [`limits`] allow: by person, card and shop, within
//! the hours and from the networks of the shop. They are looked at when a link is made, when it is
//! opened, before a PIN is tried, and once more in the commit that spends the link.
//!
//! One person may shut all of it for a shop at once ([`block`]); two lift it.
//!
//! A partner's program asks for links by the vault's own API ([`door`]); their page asks for the code
//! of an authenticator beside the PIN.
//!
//! Limits: the second factor of staff is that of the back office's sign-in. The hours of a shop that
//! has a second person do not shut it: outside of them he is asked.

mod approval;
mod block;
mod case;
mod door;
mod limits;
mod ops;
mod page;
mod show;
pub(crate) mod store;
mod visit;

pub(crate) use approval::Seen;
pub(crate) use door::AboutLink;
pub(crate) use limits::Limit;
pub(crate) use ops::Reveals;
pub(crate) use page::{Ask, Asked, RevealAnswer, RevealForm, Shown, Visitor, Wanted};
