//! The tokenising proxy: messages of sales channels pass through the vault, and leave it with a
//! token where a card number stood.
//!
//! ```text
//! push   channel ─ POST /v1/in/{profile} ─▶ vault ─ the message with tokens ─▶ the property's app
//! pull   app ─ POST /v1/out/{profile} ─▶ vault ─▶ channel;   its answer, with tokens ─▶ app
//! ```
//!
//! A **profile** ([`profile`]) says where a message carries numbers, expiries, codes and references
//! ([`path`]), what the channel writes where it has none, and where the message goes ([`target`]).
//! The message is read once ([`draft`]); nothing is stored before all of it has passed. Each card is
//! then kept, and only the bytes of mapped values change: order, blanks, namespaces and fields that
//! nobody knows stay as they were.
//!
//! Always true: a code never goes on that a path names, and a field called like one (`cvv`, `cid`)
//! that no path names is refused; a Luhn-valid number of 14 to 19 digits that no path
//! names is refused or masked, and refused where it would be kept (reference, name, expiry); a value
//! that hides parts of a card in a deeper level is refused; the same number under the same reference
//! of the same profile is one card, however often the message comes; a message is forwarded once
//! per time it comes, and the channel hears what became of it.
//!
//! What does not stop a booking: a number that is a placeholder, wrong, or of a brand that the
//! property does not take. It becomes nothing, and the log says why (`card.missing`).
//!
//! A pull asks as the vault alone: it carries no secret of the channel yet, and a number that the
//! channel could not give is not asked for again by itself.
//!
//! Limits: live shops have no host on the list yet; 5 MiB, 200 cards and 200 masked numbers, names of
//! 200 characters, 32 levels of JSON, 64 of XML, 20 s; 20 profiles of a shop, 120 messages a minute
//! of each. A message without a reference stores its cards anew each time.
//!
//! Not seen: a number of 13 digits, or parted by tabs, line ends or `/ _ +`, where no path names it;
//! a code in a field of another name; what an edit makes of its neighbours (the message is not read
//! again once written). A profile is not removed nor its key changed: the networks are what keeps a
//! lost address useless; a denied address is counted and traced, not in the log of the shop. Bodies
//! are read before keys are looked at.

mod book;
mod draft;
mod form;
mod json;
mod pass;
mod path;
mod profile;
mod pull;
mod ready;
mod rehearse;
mod store;
mod target;
#[cfg(test)]
mod tests;
mod tokenise;
mod visit;
mod xml;

pub(crate) use pass::{Message, Passed, Proxy};
pub use ready::{READY_PROFILES, ready_profile};
pub use rehearse::{Rehearsed, RehearsedCard, rehearse};
pub(crate) use target::Hosts;
