//! "Aujourd'hui", `/`: who arrives, who leaves, which payments a person must look at, what was
//! booked last.
//!
//! Invariants: everything shown is a link to the page where something can be done about it.
//!
//! Limits: cards to charge, sessions, calendars and the health of providers are not here yet; a
//! merchant with shops on several test clocks sees the day of the first.

pub mod pages;
