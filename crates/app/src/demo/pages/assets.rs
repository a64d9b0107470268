//! The style sheet and the script of the split screen.

use std::sync::LazyLock;

use axum::Router;
use http::assets::Asset;

/// Style of the split screen, beside the one style sheet.
pub(super) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../../../assets/demo.css");
    Asset::new("demo", "css", "text/css; charset=utf-8", bytes)
});

/// Script of the split screen.
pub(super) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../../../assets/demo.js");
    Asset::new("demo", "js", "text/javascript; charset=utf-8", bytes)
});

/// Their routes.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().merge(STYLE.route()).merge(SCRIPT.route())
}
