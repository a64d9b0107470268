//! The table of issuer ranges: who issued a card, where, of which kind.
//!
//! None comes with the release; the operator imports one, a text file of semicolons
//! ([`lines`]). Of ranges that overlap the narrowest holds, then the one with the latest
//! `valid_from` ([`table`]). Without a table the schemes' own ranges give the brand and everything
//! else is unknown; nothing is refused for that.
//!
//! **Life of an import** ([`import`]). Pieces are written to `bins.part`; the last word reads it
//! whole. One bad line, and nothing changes: the first 100 faults are told with line, column and
//! cause. A good file takes the place of `bins.csv` in one rename, so a crash leaves the old table
//! or the new one. Then kept cards get what the new table says of their stored first digits; a
//! crash in between is made up for at the next start.
//!
//! **Of a card.** The look-up is made with the whole number when the card is stored, and what it
//! says is kept on the card with the version of the table (the first digits of its SHA-256). Brand,
//! second brand and `virtual` stay as they were stored: a new table changes funding, product,
//! issuer and country only, and where its ranges divide the stored first digits the card keeps
//! what it has. The brand of a test number is that of the release.
//!
//! **Limits.** [`lines::MAX_LINES`] lines of at most [`lines::MAX_LINE_BYTES`]; one import at a
//! time, a later one takes the place of an unfinished one.

mod import;
mod lines;
mod store;
mod stored;
mod table;

pub(crate) use import::Bins;
pub(crate) use table::{Facts, Known, Table};
