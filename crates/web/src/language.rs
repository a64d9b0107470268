//! The language of a visitor: the address says it, else the browser, else French.

use std::sync::Arc;

use axum::http::{HeaderMap, Uri};
use http::Words;
use http::words::STAFF_LANGUAGES;
use kernel::Locale;

use crate::Context;

/// The language asked for, if it is one of ours: by the language menu of a form that keeps what
/// was typed ([`http::page::LANGUAGE_FIELD`]), else by `?lang=`.
#[must_use]
pub fn asked(uri: &Uri) -> Option<Locale> {
    let query = uri.query()?;
    let value = |name: &str| {
        let pair = |pair| str::strip_prefix(pair, name)?.strip_prefix('=').and_then(Locale::parse);
        query.split('&').find_map(pair)
    };
    value(http::page::LANGUAGE_FIELD).or_else(|| value("lang"))
}

/// Chooses among the languages that have words.
#[must_use]
pub fn choose(ctx: &Context, uri: &Uri, headers: &HeaderMap) -> Arc<Words> {
    let offered = ctx.catalogue.offered();
    let wished = headers.get("accept-language").and_then(|value| value.to_str().ok());
    let locale = asked(uri)
        .filter(|locale| offered.contains(locale))
        .or_else(|| Locale::negotiate(wished?, offered))
        .unwrap_or(Locale::Fr);
    ctx.words(locale)
}

/// Words for staff pages, which exist in French and English.
#[must_use]
pub fn choose_staff(ctx: &Context, uri: &Uri, headers: &HeaderMap) -> Arc<Words> {
    let words = choose(ctx, uri, headers);
    if STAFF_LANGUAGES.contains(&words.locale()) { words } else { ctx.words(Locale::Fr) }
}
