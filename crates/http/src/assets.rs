//! The style sheet and the scripts: first-party files under names that hold their hash.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use aws_lc_rs::digest;
use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::response::Response;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kernel::Clock as _;
use kernel::time::SystemClock;

use crate::reply::set;

/// Bytes of the hash that stand in the name of a file.
const NAME_HASH_BYTES: usize = 9;

/// A file served to browsers.
#[derive(Debug)]
pub struct Asset {
    /// `/assets/guichet.<hash>.css`
    pub path: String,
    /// `sha384-…`, for the `integrity` attribute.
    pub integrity: String,
    kind: &'static str,
    bytes: &'static [u8],
}

impl Asset {
    /// Names a file of the release by its content.
    #[must_use]
    pub fn new(stem: &str, extension: &str, kind: &'static str, bytes: &'static [u8]) -> Self {
        let short = digest::digest(&digest::SHA256, bytes);
        let name = URL_SAFE_NO_PAD.encode(short.as_ref().get(..NAME_HASH_BYTES).unwrap_or(&[]));
        let full = digest::digest(&digest::SHA384, bytes);
        Self {
            path: format!("/assets/{stem}.{name}.{extension}"),
            integrity: format!("sha384-{}", STANDARD.encode(full.as_ref())),
            kind,
            bytes,
        }
    }

    /// Whether these are its bytes.
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        self.bytes == bytes
    }

    /// The route of this file.
    pub fn route<S: Clone + Send + Sync + 'static>(&'static self) -> Router<S> {
        Router::new().route(&self.path, get(move || async move { self.response() }))
    }

    fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.bytes));
        set(&mut response, header::CONTENT_TYPE, self.kind);
        set(&mut response, header::CACHE_CONTROL, "public, max-age=31536000, immutable");
        response
    }
}

/// The one style sheet.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/guichet.css");
    Asset::new("guichet", "css", "text/css; charset=utf-8", bytes)
});

/// Script of payer pages: the hold clock, buttons that act once.
pub static PAYER_SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/payer.js");
    Asset::new("payer", "js", "text/javascript; charset=utf-8", bytes)
});

/// Script of staff pages: keys, buttons that act once.
pub static STAFF_SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/staff.js");
    Asset::new("staff", "js", "text/javascript; charset=utf-8", bytes)
});

static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/favicon.svg");
    Asset::new("favicon", "svg", "image/svg+xml", bytes)
});

/// Path of the small icon in the browser's tab.
#[must_use]
pub fn favicon_path() -> &'static str {
    &ICON.path
}

/// Routes of the shared files, and of the reports that browsers send about broken policies.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let files = Router::new()
        .merge(STYLE.route())
        .merge(PAYER_SCRIPT.route())
        .merge(STAFF_SCRIPT.route())
        .merge(ICON.route());
    files.route("/csp-reports", post(report))
}

/// Longest part of a report that is kept.
const REPORT_CHARACTERS: usize = 2_000;
/// Reports told per minute; more are counted as heard and dropped.
const REPORTS_PER_MINUTE: u32 = 10;

async fn report(body: String) -> axum::http::StatusCode {
    static TOLD: AtomicU32 = AtomicU32::new(0);
    static MINUTE: AtomicI64 = AtomicI64::new(0);
    let minute = SystemClock.now().as_seconds().div_euclid(60);
    if MINUTE.swap(minute, Ordering::Relaxed) != minute {
        TOLD.store(0, Ordering::Relaxed);
    }
    if TOLD.fetch_add(1, Ordering::Relaxed) >= REPORTS_PER_MINUTE {
        return axum::http::StatusCode::NO_CONTENT;
    }
    let text: String = body.chars().take(REPORT_CHARACTERS).collect();
    tracing::warn!(report = kernel::card_text::mask(&text), "content security policy");
    axum::http::StatusCode::NO_CONTENT
}
