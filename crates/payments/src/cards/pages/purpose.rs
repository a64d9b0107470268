//! Why somebody wants to see a number, where the property asks for it.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use http::Page;
use http::security::with_policy;
use identity::extract::Staff;
use kernel::{CardToken, ShopId};
use vault_wire::WireError;
use web::Form;
use web::shell::Shell;

use super::{Answer, Cards, kept_card, leading_to_vault};

/// The field of the form.
pub(super) const FIELD: &str = "purpose";
/// What the vault takes.
const PURPOSES: [&str; 5] = ["guarantee", "terminal", "check_in", "dispute", "other"];

#[derive(Template)]
#[template(path = "cards/templates/purpose.html")]
struct PurposePage {
    page: Page,
    shell: Shell,
    form: Form,
    here: String,
    back: String,
    /// Word and sentence of each.
    choices: Vec<(&'static str, String)>,
}

/// Whether the vault wants a purpose, or another one.
pub(super) fn is_asked(error: &WireError) -> bool {
    matches!(error, WireError::Refused(why) if why.path.as_deref() == Some("$.purpose"))
}

/// The question before the link is made.
pub(super) async fn question<R>(
    cards: &Cards,
    staff: &Staff<R>,
    (shop, card): (ShopId, CardToken),
    fields: &BTreeMap<String, String>,
) -> Answer {
    let kept = kept_card(cards, staff, (shop, card)).await?;
    let (words, ctx) = (&staff.words, &cards.engine.ctx);
    let mut form = Form::default();
    if fields.contains_key(FIELD) || fields.contains_key("asked") {
        form.fault(FIELD, words.say("cards-purpose-missing"));
    }
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = words.with("cards-purpose-title", &[("number", &kept.card.masked)]);
    let sentence = |word: &&'static str| {
        (*word, words.say(&format!("cards-purpose-{}", word.replace('_', "-"))))
    };
    let shown = PurposePage {
        page: form.mark(staff.page(ctx, title)),
        shell: staff.shell.clone(),
        form,
        here: format!("/cartes/{card}/voir"),
        back: format!("/cartes/{card}"),
        choices: PURPOSES.iter().map(sentence).collect(),
    };
    let page: Response = http::html_with(status, &shown);
    Ok(with_policy(page, leading_to_vault(ctx)))
}
