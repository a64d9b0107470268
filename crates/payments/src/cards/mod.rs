//! Cards as programs see them: a capture session is opened, a card is shown or destroyed. All of
//! it is asked of the vault; this side never holds more than the truncated number.

pub mod api;
pub mod request;
