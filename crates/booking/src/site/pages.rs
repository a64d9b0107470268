//! The frame of a property's pages, and the pages that say that nothing is there.

use std::sync::Arc;

use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use db::DbError;
use http::page::Band;
use http::{Page, Words};
use identity::merchants::{Merchant, ops as merchants};
use kernel::{Mode, Problem, Scope, ShopId};
use web::Context;

/// A property as seen by a visitor.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) scope: Scope,
    pub(crate) merchant: Merchant,
    pub(crate) shop: ShopId,
    pub(crate) words: Arc<Words>,
}

impl Site {
    /// The property behind a slug, in the visitor's language; an error page when there is none.
    pub(crate) async fn find(
        ctx: &Context,
        slug: &str,
        (uri, headers): (&Uri, &HeaderMap),
    ) -> Result<Self, Response> {
        let words = web::language::choose(ctx, uri, headers);
        let slug = slug.to_owned();
        let found = ctx.db.read(move |tx| merchants::site(tx, &slug)).await;
        match found {
            Ok(Some((scope, merchant, shop))) => Ok(Self { scope, merchant, shop: shop.id, words }),
            Ok(None) => Err(web::oops::page(&words, &Problem::not_found())),
            Err(error) => Err(oops(&words, error)),
        }
    }

    /// The address of the property's page, in the visitor's language.
    pub(crate) fn href(&self, rest: &str) -> String {
        let joint = if rest.contains('?') { '&' } else { '?' };
        let lang = self.words.locale().code();
        format!("/s/{}{rest}{joint}lang={lang}", self.merchant.slug)
    }

    /// A page of the property; `here` is its address without the language.
    pub(crate) fn page(&self, ctx: &Context, title: String, here: &str) -> Page {
        let band = match (ctx.demo, self.scope.mode()) {
            (true, _) => Band::Demo,
            (false, Mode::Test) => Band::Test,
            (false, Mode::Live) => Band::None,
        };
        Page::new(Arc::clone(&self.words), title, self.merchant.name.clone())
            .band(band)
            .look(self.merchant.look(self.shop))
            .script(&http::assets::PAYER_SCRIPT)
            .languages(ctx.catalogue.offered(), here)
    }

    /// How to reach the property, line by line.
    pub(crate) fn contact(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.merchant.address.lines().map(str::to_owned).collect();
        lines.push(self.merchant.phone.clone());
        lines.push(self.merchant.email.to_string());
        lines
    }
}

/// The page for a failing database.
pub(crate) fn oops(words: &Arc<Words>, error: DbError) -> Response {
    web::oops::page(words, &identity::extract::api::internal(error).0)
}
