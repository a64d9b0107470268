//! All cards of a shop are destroyed, when two people have asked for it.
//!
//! **Life.** One person types the name of the property and asks; another does the same within a day.
//! In the commit of the second word every card of the shop ends: nobody uses it any more. Then the
//! numbers and codes are written over one by one, each with its receipt; what a crash leaves is gone on
//! with at the next start.
//!
//! **Always true.** Nobody agrees to his own word, and the house itself or a program never asks.

pub(crate) mod store;
