//! `/parametres/moyens`: the matrix, for those who set things.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::Page;
use identity::extract::{Staff, needs};
use identity::settings::{MEANS, Tab, tabs};
use web::Context;
use web::shell::Shell;

use super::{Row, heads, matrix};

#[derive(Template)]
#[template(path = "means/templates/means.html")]
struct MeansPage {
    page: Page,
    shell: Shell,
    tabs: Vec<Tab>,
    heads: Vec<String>,
    rows: Vec<Row>,
}

/// `/parametres/moyens`.
pub fn routes() -> Router<Context> {
    Router::new().route("/parametres/moyens", get(show))
}

async fn show(State(ctx): State<Context>, staff: Staff<needs::SettingsManage>) -> Response {
    let page = MeansPage {
        page: staff.page(&ctx, staff.words.say("means-title")),
        shell: staff.shell.clone(),
        tabs: tabs(&staff.words, &staff.scope, MEANS),
        heads: heads(staff.words.locale()),
        rows: matrix(&staff.words),
    };
    http::html(&page)
}
