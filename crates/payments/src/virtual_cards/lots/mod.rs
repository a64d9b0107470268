//! Several virtual cards charged at once.
//!
//! **Life of a lot.** Rows of the board are ticked; a page shows what each card would be charged,
//! what it comes to, and which are left out and why. One button, with a one-time token, stores the
//! lot with its lines and a run of the same id, in one transaction. The run charges one card after
//! another, under the name of whoever asked.
//!
//! **Always true.** A line leaves the state *waiting* in the transaction that stores its payment's
//! first request as sent: a crash neither skips it nor charges twice. What the page showed is what
//! the button does; when it changed meanwhile, the page is shown again. All lines are in one
//! currency.

mod pages;
pub mod store;
mod work;

pub(super) use pages::routes;
pub use work::errand;

/// Most cards of one lot.
pub const MAX_LINES: usize = 200;
