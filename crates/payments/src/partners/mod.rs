//! Partners of the vault, as the property and the operator meet them: what a property grants a
//! software vendor, and what the operator decides about an application.
//!
//! All of it is kept and checked by the vault; this side asks on behalf of a person or a program
//! with the right for it, and writes a line of the journal. The page is part of the card settings.

pub mod api;
pub mod describe;
