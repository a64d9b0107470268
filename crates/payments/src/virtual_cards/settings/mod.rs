//! How a shop treats virtual cards: charged by themselves or not, and its trade.

mod pages;

pub(super) use pages::routes;
