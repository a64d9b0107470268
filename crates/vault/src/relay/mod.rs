//! The relay: fills a card into a template of the release and sends it to the template's host.
//!
//! The app names a template and gives typed arguments. It can name no host, no path and no body
//! of its own ([`template`]). A call is noted before its first byte leaves and never sent again
//! by itself ([`call`]); the answer is scanned for card numbers before the app sees it
//! ([`scan`]). Today there is one host, `sandbox`, for test shops.

pub(crate) mod call;
mod fill;
mod scan;
pub(crate) mod send;
mod store;
mod template;

pub(crate) use send::{RelayRole, ToRelay};
pub use template::TemplateError;
pub(crate) use template::Templates;
