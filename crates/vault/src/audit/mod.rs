//! What the vault says of itself: its keys ([`inventory`]), its pages ([`pages`]), and how it stands
//! against the rules of PCI DSS 4.0.1 that concern it ([`checks`]).
//!
//! Each check is run when it is asked for, against the tables, keys and pages as they are now. What
//! no program of this vault can judge says so; a report with such a line never says that all is good.
//! It is a self-check, not an assessment.

mod checks;
mod inventory;
mod pages;
mod store;
