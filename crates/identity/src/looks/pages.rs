//! `/theme/{shop}/{file}`: the style sheet and the logo of a shop's merchant.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use db::{DbError, Tx};
use http::theme::Theme;
use web::Context;

use super::{ops, store};
use crate::extract::api::internal;
use crate::{locator, merchants};

const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `/theme/{shop}/{file}`.
pub fn routes() -> Router<Context> {
    Router::new().route("/theme/{shop}/{file}", get(file))
}

/// What a name stands for.
struct Found {
    kind: &'static str,
    bytes: Vec<u8>,
}

async fn file(State(ctx): State<Context>, Path((shop, name)): Path<(String, String)>) -> Response {
    match ctx.db.read(move |tx| find(tx, &shop, &name)).await {
        Ok(Some(found)) => for_ever(found.kind, found.bytes),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => internal(error).into_response(),
    }
}

/// A file under a name that holds a hash of its content: a browser asks for it once.
pub fn for_ever(kind: &str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    http::reply::set(&mut response, header::CONTENT_TYPE, kind);
    http::reply::set(&mut response, header::CACHE_CONTROL, FOR_EVER);
    response
}

fn find(tx: &mut Tx<'_>, shop: &str, name: &str) -> Result<Option<Found>, DbError> {
    let Some((scope, _)) = locator::find(tx, ops::LOOK, shop)? else { return Ok(None) };
    let Some((hash, ending)) = name.rsplit_once('.') else { return Ok(None) };
    match ending {
        "css" => {
            let merchant = merchants::store::merchant(tx, &scope)?;
            let theme = merchant.and_then(|merchant| merchant.theme());
            let theme = theme.filter(|theme: &Theme| theme.hash() == hash);
            let css = |theme: Theme| Found {
                kind: "text/css; charset=utf-8",
                bytes: theme.css().into_bytes(),
            };
            Ok(theme.map(css))
        }
        "png" => {
            let png = store::logo(tx, &scope, hash)?;
            Ok(png.map(|bytes| Found { kind: "image/png", bytes }))
        }
        _ => Ok(None),
    }
}
