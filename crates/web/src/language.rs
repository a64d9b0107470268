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

/// Words for payers' pages, which exist in eight languages.
#[must_use]
pub fn choose(ctx: &Context, uri: &Uri, headers: &HeaderMap) -> Arc<Words> {
    ctx.words(among(ctx.catalogue.offered(), uri, headers))
}

/// Words for staff pages, which exist in French and English.
#[must_use]
pub fn choose_staff(ctx: &Context, uri: &Uri, headers: &HeaderMap) -> Arc<Words> {
    ctx.words(among(&STAFF_LANGUAGES, uri, headers))
}

fn among(offered: &[Locale], uri: &Uri, headers: &HeaderMap) -> Locale {
    let wished = headers.get("accept-language").and_then(|value| value.to_str().ok());
    asked(uri)
        .filter(|locale| offered.contains(locale))
        .or_else(|| Locale::negotiate(wished?, offered))
        .unwrap_or(Locale::Fr)
}
