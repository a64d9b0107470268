//! The basket of a stay: contact, hold clock, prolonging, the way to the payment page, and the
//! confirmation of a booking of nothing to pay.

pub mod pages;
mod view;
