//! What a card is, inside the vault: typed fields that were checked when they were read.
//!
//! [`Pan`] and [`Cvv`] exist only in this crate. They cannot be cloned, printed or serialised,
//! and wipe themselves. What leaves the crate is a token with [`Pan::bin`] and [`Pan::last4`],
//! one truncation per number.

mod brands;
pub(crate) mod code;
pub(crate) mod destruction;
mod entry;
mod fault;
mod keep;
mod kind;
pub(crate) mod listing;
mod number;
mod slot;
pub(crate) mod stay;
pub(crate) mod store;
mod view;

pub(crate) use brands::{co_badged_leads, of_digits as scheme_of};
pub(crate) use entry::{Cvv, Expiry, initials, read_code, read_email, read_expiry, read_holder};
pub(crate) use fault::{Fault, Field, FieldFault};
pub(crate) use keep::{KeepError, Keeper, NewCard, first_purge, is_unstored, place, used_slots};
pub(crate) use kind::CardKind;
pub(crate) use number::Pan;
pub(crate) use slot::Anew;
pub(crate) use store::CardRow;
pub(crate) use view::{Code, MAX_REVEALS, code_status, status, view};
