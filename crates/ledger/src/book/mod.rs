//! The book of a merchant: one per mode and currency, in double entry.
//!
//! **What it is.** Every cent that enters, rests in or leaves Guichet is written once, as a
//! transaction of two postings or more whose debits equal their credits. A transaction is made by
//! a named template ([`templates`]) and by nothing else; it names its business event
//! (`capture:op_…`), so that telling the event twice writes nothing and telling it differently is
//! refused with the field that differs.
//!
//! **Its life.** Written, then never changed and never deleted (triggers refuse it). A mistake is
//! undone by one reversal. Money that may or may not move is *pending*: it reserves, and ends once:
//! posted (at most what was reserved), voided, or expired. An authorisation of a card is not
//! money and writes nothing.
//!
//! **Accounts.** *Strict* ones have a row that is changed in the same commit within a floor and
//! a ceiling; *folded* ones are only inserted into, so that no row is shared between payments,
//! and their balance is a sum; *control* ones are folded and have open items. An open item whose
//! debits differ from its credits *is* what somebody still owes; it is closed exactly while they
//! are equal.
//!
//! **Limits.** One posting is at most 999,999,999,999 minor units. An error of any function here
//! must end the unit of work: what was written before it in the unit is not balanced without it.
//! Not kept yet: seals, folded balances, accounting locks.

pub mod chart;
pub mod fees;
pub mod import;
pub mod model;
pub mod ops;
pub(crate) mod store;
pub mod templates;
