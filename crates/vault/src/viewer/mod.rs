//! Viewers: people who may see card numbers of one shop, and their PINs.
//!
//! A PIN is eight digits that its owner alone knows. It is a step after the sign-in of the back
//! office, not a password. It begins with an enrolment ([`enrol`]): a link by e-mail and a code by
//! text message, so that neither mailbox nor phone alone is enough; the link leads to `/v/p/…`, a
//! page of the vault ([`choose`]). Who knows his PIN changes it on the same page, without messages.
//!
//! Nobody brings in others alone: whoever is new waits until another person vouches for him
//! ([`confirm`]); the very first viewer of a shop is trusted.
//!
//! Who has lost his PIN goes the same way as at first; the new one then waits for another person or
//! for 48 hours, and everybody concerned gets a link that stops it ([`recovery`]).
//!
//! Life: `invited → active`; wrong tries lock it for half an hour, a second lock within a day or
//! ten wrong tries block it until a new enrolment; `disabled` after 90 days without use, until a
//! new enrolment ([`idle`]); `revoked` when the right was taken away ([`people`]).
//!
//! Invariants: a try is counted, durably, before the PIN is looked at ([`guard`]); a verifier is
//! Argon2id under a key of the vault ([`verifier`]), so that a copy of the database alone does not
//! tell eight digits; messages never carry link and code together.
//!
//! Who does not sign in at the app (somebody of a partner, [`guests`]) connects an authenticator on
//! the page on which he chooses his PIN, and types its code beside the PIN each time ([`factor`]).
//!
//! Limits: messages go through the app's queue until the vault has gateways of its own, so that an
//! app that is taken over could read them. A PIN has no end of its own: it is never the only factor.

mod check;
mod choose;
mod confirm;
pub(crate) mod enrol;
mod factor;
pub(crate) mod guard;
pub(crate) mod guests;
mod idle;
mod letters;
mod page;
mod people;
mod post;
mod recovery;
mod rules;
pub(crate) mod store;
mod verifier;

pub(crate) use check::{Checked, Proof};
pub(crate) use enrol::Viewers;
pub(crate) use guard::{Guard, Shut};
pub(crate) use page::{Frame, PinAnswer, PinForm, PinStep};
pub(crate) use people::store::managers;
pub(crate) use post::queue;
pub(crate) use rules::PinFault;
pub(crate) use verifier::{Busy, Verifiers};

/// What is stored of a temporary code: tied to its enrolment, and worth nothing without the key.
fn code_mac(shop: &crate::shop::Shop, enrolment: kernel::Id, code: &str) -> [u8; 32] {
    shop.keys.pepper.hmac(&[b"guichet.enrol.v1\0", enrolment.as_bytes(), code.as_bytes()])
}
