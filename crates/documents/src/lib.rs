//! Files for people: sheets as XLSX, CSV and JSON lines.
//!
//! A [`Column`] says what stands below it, a [`Cell`] carries a typed value, a [`Format`] says
//! how both are written. [`TextSheet`] writes CSV and JSON lines piece by piece, so that a list of
//! any length passes through a few kilobytes; [`Workbook`] writes XLSX with one row in memory.
//!
//! **Invariants.** An amount is a number in every format, a date a date, and a text stays a text:
//! what a spreadsheet program would run as a formula begins with an apostrophe (in XLSX: has the
//! property "text as typed"). Nothing is rounded and nothing is cut.
//!
//! **Limits.** A workbook holds [`xlsx::SHEET_ROWS`] rows on a sheet and goes on with the next.

pub mod cell;
pub mod text;
pub mod xlsx;

pub use cell::{Cell, Column, Format, Kind};
pub use text::TextSheet;
pub use xlsx::{Workbook, WorkbookError};

#[cfg(test)]
mod tests;
