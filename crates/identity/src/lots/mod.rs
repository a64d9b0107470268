//! One action on several things of a list: payments, virtual cards, bookings.
//!
//! A slice says what its action is ([`Deed`]); everything else is here. It puts the two pages of
//! the action beside its own ([`pages::ask`], [`pages::start`]), and `app` gathers all actions in
//! [`Lots`], which has the pages of results and the errand that does the work.
//!
//! **Life of a lot.** Rows of a list are ticked; a page shows what the action would do to each of
//! them, what it comes to, and which are left out and why. One button, with a one-time token,
//! stores the lot with its lines and a run of the same id, in one transaction. The run works on
//! the lines one after another, under the name of whoever asked; its page shows how far it is,
//! and the page of the lot what became of each line. The lot is forgotten with its run.
//!
//! **Always true.** A line leaves the state *waiting* in the transaction that does it, or that
//! stores its question to the bank as sent: a crash neither skips it nor does it twice, and an
//! answer that never came is settled by asking the bank. What the page showed (which, how much)
//! is what the button does; when it changed meanwhile, the page is shown again. All lines are in
//! one currency.
//!
//! **Limits.** The rows of one page of a list, [`MAX_LINES`]. There is no moment to think again,
//! as there is for some single actions: the run can be interrupted instead. The lines whose turn
//! comes after their owner lost the right or his account, or that are above his ceiling by then, are
//! left out; so is a line that fails for a reason of ours. A database that is away is waited for.

mod list;
pub mod model;
pub mod pages;
mod store;
mod view;
mod work;

#[cfg(test)]
mod tests;

pub use model::{About, Asker, Chosen, Deed, Halt, Label, Outcome, Stand, Turn};

use std::sync::Arc;

use db::Migration;
use web::Context;

/// Most lines of one lot.
pub const MAX_LINES: usize = 200;
/// Most characters of the reason a person gives.
pub const MAX_REASON_CHARACTERS: usize = 500;

/// Tables of this slice.
pub const MIGRATIONS: &[Migration] =
    &[Migration { name: "identity/lots/0001_lot", sql: include_str!("schema/0001_lot.sql") }];

/// Every action that is done to several things at once.
#[derive(Clone)]
pub struct Lots {
    ctx: Context,
    deeds: Arc<[Arc<dyn Deed>]>,
}

impl Lots {
    /// Those of a house.
    #[must_use]
    pub fn new(ctx: &Context, deeds: Vec<Arc<dyn Deed>>) -> Self {
        Self { ctx: ctx.clone(), deeds: deeds.into() }
    }

    /// The action of this name.
    ///
    /// # Errors
    /// [`db::DbError::Corrupt`] when a lot names one that this house does not know.
    fn deed(&self, name: &str) -> Result<Arc<dyn Deed>, db::DbError> {
        let known = self.deeds.iter().find(|deed| deed.about().name == name);
        known.cloned().ok_or_else(|| db::DbError::Corrupt(format!("no deed {name}")))
    }
}

impl std::fmt::Debug for Lots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lots({})", self.deeds.len())
    }
}
