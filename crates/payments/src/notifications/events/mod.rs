//! Events as programs read them: what happened in their shop, latest first.

pub mod api;
pub mod describe;
