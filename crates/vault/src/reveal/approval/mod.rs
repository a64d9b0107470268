//! A second person agrees before a number is shown: every time, or when something about it is out
//! of the ordinary ([`unusual`]), as the shop has it.
//!
//! Life of such a link: `created → awaiting_approval` when its page is opened (or from the start,
//! when what is unusual was known then) `→ created` once another person agreed, and the page that
//! waited goes on by itself; `→ refused`; `expired` after 15 minutes without a word.
//!
//! Always true: who waits is bound to the link before anybody is asked; who agrees is another than
//! who looks, and one of those whom the app has named as managing the users; what was usual when a
//! link was opened is looked at again in the commit that spends it, so that nobody opens many links
//! first and looks later.
//!
//! Limits: that somebody manages users is the app's word, as with who vouches for a viewer. A browser
//! is known by what it says of itself, a network by the first 24 bits of its address (48 of IPv6).

mod ask;
mod ops;
pub(super) mod store;
pub(super) mod unusual;

pub(super) use ask::Put;
pub(crate) use ops::Seen;
pub(super) use ops::{Asking, Second, Showing, needed, rule};
