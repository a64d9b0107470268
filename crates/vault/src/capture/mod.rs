//! A card page: opened for one payment or one customer, sent once, then closed.
//!
//! Life: `open` → `done` (a card was stored; sending again gives the same redirect) or `closed`
//! (ten submissions, or a sixth different number: somebody is testing cards), or past its 60
//! minutes. The address holds a secret of 128 bits, of which only the hash is stored.
//!
//! What a guest typed and what was good about it stays in memory for 15 minutes ([`drafts`]); the
//! page shows `•••• 4242` and asks only for what is still missing, and always for the code.

pub(crate) mod drafts;
mod form;
mod open;
pub(crate) mod store;
mod submit;
mod texts;

pub(crate) use form::{CardForm, decode_form};
pub(crate) use open::{Captures, Change, VisitWish, internal, not_found};
pub(crate) use texts::{CardPage, ClosedPage, Kept, Masked, PageAnswer, Step, consent_text};
