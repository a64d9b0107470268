//! The proof that what is destroyed is gone: a drill with canary cards, and what is left of a card.
//!
//! **Drill.** Canary cards enter by the card page and by the vault's API, through the same server,
//! routes and forms as guests' cards ([`crate::edge::Door`]). Their numbers are random, of the
//! family of test numbers for this purpose; their codes are held. Each lives one of five lives: seen
//! with its code behind a PIN, approved, declined, deleted, or forgotten until its time is over. Then
//! all are destroyed, and every file of the vault's folder, its tables on a server, and all memory
//! that the process can write to are searched for what was in them ([`places`]): the number in its
//! usual writings, the key of each card, the key of each code, the random bytes beside each code. The
//! result is in the log of the drill's own merchant, whom the app does not know.
//!
//! What is looked for is kept as marks from which it cannot be read ([`needle`]). So the search finds
//! nothing of its own, and the command may take the marks and look at other places, too.
//!
//! The drill runs when it is asked for, and by itself each month; what it finds is an alarm.
//!
//! Limits: the bank of the drill is in the process, so what an outgoing connection leaves is not
//! seen; a code of three digits cannot be looked for, its 28 bytes of padding stand for it; files of
//! a database server are out of reach, its tables are read.

mod canary;
mod drill;
mod left;
mod needle;
mod outside;
mod places;

pub(crate) use drill::{Drills, LastDrill, is_drill};
pub use outside::search_outside;
pub(crate) use places::OwnMemory;
