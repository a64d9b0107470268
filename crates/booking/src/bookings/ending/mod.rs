//! The two ways in which staff end a firm booking: calling it off, and saying that the guest did
//! not come. Both are restated on a page before they are done, and done once.

pub mod pages;
