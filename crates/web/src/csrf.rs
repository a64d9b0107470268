//! Refuses changes asked for by other sites.
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site`; older ones in `Origin`. Payer
//! pages send no referrer, so their `Origin` is `null` and only the first tells. Programs send
//! neither and are known by their key.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::middleware::{self, Next};
use axum::response::Response;
use kernel::Problem;

use crate::{Context, language, oops};

/// Guards every POST, PUT, PATCH and DELETE of the routes; what comes from elsewhere is answered
/// by a page that says so.
pub fn guard<S: Clone + Send + Sync + 'static>(routes: Router<S>, ctx: &Context) -> Router<S> {
    let ctx = ctx.clone();
    routes.layer(middleware::from_fn(move |request: Request, next: Next| {
        let allowed = is_safe(request.method()) || is_ours(request.headers(), &ctx.urls.app);
        let refusal = (!allowed).then(|| refused(&ctx, &request));
        async move {
            match refusal {
                None => next.run(request).await,
                Some(page) => page,
            }
        }
    }))
}

fn refused(ctx: &Context, request: &Request) -> Response {
    let words = language::choose(ctx, request.uri(), request.headers());
    let text = "This request came from another site and was not carried out.";
    oops::page(&words, &Problem::new(403, "cross_site", text))
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_ours(headers: &HeaderMap, own: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin == own,
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_73_another_site_is_refused() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            pairs
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect()
        };
        let ours = |pairs| is_ours(&headers(pairs), "https://app.example");
        assert!(ours(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site"), ("origin", "https://app.example")]));
        assert!(!ours(&[("origin", "https://evil.example")]));
        assert!(!ours(&[("origin", "null")]));
        assert!(ours(&[]));
    }
}
