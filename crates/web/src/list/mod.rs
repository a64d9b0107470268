//! The frame of every list of the back office.
//!
//! In order: saved views as tabs with counts, one search field, filter chips, the table, totals of
//! the whole filter, export, pages by cursor. A slice brings its filters, its columns and its SQL;
//! the frame brings what all lists share, so that they look and work alike.
//!
//! - [`search`]: what a person may type into the one field, and how it is understood;
//! - [`view`]: what `list.html` shows;
//! - [`seek`]: pages out of large tables in bounded time;
//! - [`store`]: what a person has set for a list: columns, density, keys, form of exports, and
//!   the views he saved.
//!
//! **Invariants.** Every choice is a link; the address holds the whole filter, so a page can be
//! kept, sent and reloaded. Nothing is counted or skipped on the way to a page: a page is a walk
//! along an index from a cursor, at most [`seek::WALK_ROWS`] rows far; what lies further is one
//! link away. Counts on tabs stop at [`seek::COUNT_ROWS`]. Totals of what does not fit on one
//! page are exact, but they are read on their own, after the page.

pub mod search;
pub mod seek;
pub mod store;
pub mod view;

pub use search::{Reading, folded, readings};

/// Tables of the frame.
pub const MIGRATION: db::Migration =
    db::Migration { name: "web/0003_list", sql: include_str!("schema/0003_list.sql") };
