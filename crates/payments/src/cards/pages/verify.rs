//! `/cartes/{id}/verifier`: what a check does and what the guest sees of it, then one button.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as Body, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use connectors::CodeUse;
use db::{Route, Tx};
use http::{Page, Words};
use identity::extract::{Staff, needs};
use kernel::{CardToken, Currency, Money, Zone, format};
use vault_wire::{Card, CardGet, CodeStatus};
use web::Form;
use web::forms::{self, Submit};
use web::shell::Shell;

use super::{Answer, Cards, failed, refused, unknown};
use crate::engine::{Asked, VerifyAsk, VerifyError};
use crate::verifications::{Refusal, Way, Wish};

#[derive(Template)]
#[template(path = "cards/templates/verify.html")]
struct VerifyPage {
    page: Page,
    shell: Shell,
    form: Form,
    token: String,
    here: String,
    back: String,
    /// What happens, one sentence each.
    what: Vec<String>,
    has_code: bool,
}

/// The routes of the check.
pub(super) fn routes() -> Router<Cards> {
    Router::new().route("/cartes/{id}/verifier", get(ask).post(verify))
}

async fn ask(
    State(cards): State<Cards>,
    staff: Staff<needs::CardUse>,
    Path(id): Path<String>,
) -> Answer {
    let card = card_of(&cards, &staff, &id).await?;
    question(&cards, &staff, &card, Form::default()).await
}

async fn card_of<R>(cards: &Cards, staff: &Staff<R>, id: &str) -> Result<Card, Response> {
    let card: CardToken = id.parse().map_err(|_| unknown(staff))?;
    let shop = cards.shop(staff).await?;
    let asked = cards.ask(staff, shop, &CardGet { card }).await;
    asked.map_err(|error| refused(staff, &error))
}

async fn question<R>(cards: &Cards, staff: &Staff<R>, card: &Card, form: Form) -> Answer {
    let shop = cards.shop(staff).await?;
    let policy = cards.engine.check_policy(&staff.scope, shop).await;
    let policy = policy.map_err(|error| failed(staff, &error))?;
    let small = Money::new(policy.amount_fallback, Currency::EUR);
    let (words, ctx) = (&staff.words, &cards.engine.ctx);
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page =
        form.mark(staff.page(ctx, words.with("cards-verify-title", &[("number", &card.masked)])));
    let way = cards.engine.way_of_check(Wish::Auto, card);
    let shown = VerifyPage {
        page,
        shell: staff.shell.clone(),
        token: forms::new_token(ctx.rng.as_ref()),
        here: format!("/cartes/{}/verifier", card.token),
        back: format!("/cartes/{}", card.token),
        what: what(words, (&staff.merchant.name, small), way),
        has_code: has_code(card),
        form,
    };
    Ok(http::html_with(status, &shown))
}

const fn has_code(card: &Card) -> bool {
    matches!(card.security_code.status, CodeStatus::Available)
}

/// What the bank is asked, and what the guest's statement will say.
fn what(words: &Words, (merchant, small): (&str, Money), way: Result<Way, Refusal>) -> Vec<String> {
    let values = [("name", merchant), ("amount", &format::money(small, words.locale()))];
    match way {
        Ok(Way::Zero) => vec![words.say("cards-verify-zero")],
        Ok(Way::OneUnit) => vec![words.with("cards-verify-small", &values)],
        Err(_) => vec![words.say("cards-verify-not-virtual")],
    }
}

/// What a submit came to.
enum Done {
    /// A repetition of the same form.
    Again,
    /// It is stored and must leave.
    New(Asked),
}

async fn verify(
    State(cards): State<Cards>,
    staff: Staff<needs::CardUse>,
    Path(id): Path<String>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let card = card_of(&cards, &staff, &id).await?;
    let (token, there) = (card.token, format!("/cartes/{}", card.token));
    let sent = fields.get(forms::TOKEN_FIELD).cloned().unwrap_or_default();
    if sent.is_empty() {
        return fault(&cards, &staff, &card, staff.words.say("form-token-missing")).await;
    }
    let ask = VerifyAsk {
        shop: cards.shop(&staff).await?,
        card: token,
        wish: Wish::Auto,
        code: match fields.contains_key("with_code") {
            true => CodeUse::WithCode,
            false => CodeUse::WithoutCode,
        },
        origin: staff.origin.clone(),
    };
    let ready = match cards.engine.look_at_card(&staff.scope, &ask).await {
        Ok(ready) => ready,
        Err(error) => return told(&cards, &staff, &card, error).await,
    };
    let (engine, scope, location) = (cards.engine.clone(), staff.scope.clone(), there.clone());
    let unit = move |tx: &mut Tx<'_>| {
        let (real_now, place) = (engine.ctx.real_now(), format!("verify {token}"));
        match forms::begin(tx, &scope, &place, &sent, real_now)? {
            Submit::First => {}
            Submit::Again(_) | Submit::Running => return Ok(Done::Again),
        }
        forms::finish(tx, &scope, &place, &sent, &location)?;
        engine.store_verification(tx, &scope, (&ask, &ready)).map(Done::New)
    };
    match cards.engine.ctx.db.write(Route::of(token.id()), unit).await {
        Ok(Done::New(Asked::Go(checking))) => {
            if let Err(error) = cards.engine.verify(&staff.scope, *checking).await {
                tracing::error!(%error, card = %token, "check of a card");
            }
            Ok(http::redirect(&there))
        }
        Ok(Done::Again | Done::New(Asked::Running(_))) => Ok(http::redirect(&there)),
        Err(error) => told(&cards, &staff, &card, error).await,
    }
}

async fn fault<R>(cards: &Cards, staff: &Staff<R>, card: &Card, message: String) -> Answer {
    let mut form = Form::default();
    form.fault("form", message);
    question(cards, staff, card, form).await
}

/// Nothing was sent: the question again, with the reason.
async fn told<R>(cards: &Cards, staff: &Staff<R>, card: &Card, error: VerifyError) -> Answer {
    match error {
        VerifyError::Refused(why) => {
            let message = reason(&staff.words, &staff.merchant.zone, why);
            fault(cards, staff, card, message).await
        }
        VerifyError::Vault(error) => Err(refused(staff, &error)),
        VerifyError::Db(error) => Err(failed(staff, &error)),
        VerifyError::Config(text) => {
            tracing::error!(text, "connector configuration");
            Err(web::oops::page(&staff.words, &kernel::Problem::internal()))
        }
    }
}

/// Why a card is not checked, in a sentence.
pub(super) fn reason(words: &Words, zone: &Zone, why: Refusal) -> String {
    match why {
        Refusal::Limit { next: Some(next), .. } => {
            let at = format::date_time(next, zone, words.locale());
            words.with("cards-verify-limit", &[("date", &at)])
        }
        Refusal::Limit { next: None, .. } => words.say("cards-verify-over"),
        Refusal::NotActive(opens) => {
            let at = format::date_time(opens, zone, words.locale());
            words.with("cards-verify-not-active", &[("date", &at)])
        }
        Refusal::DoNotRetry => words.say("cards-verify-stopped"),
        Refusal::NoCode => words.say("cards-code-none"),
        Refusal::Suspended => words.say("cards-suspended-why"),
        Refusal::Expired => words.say("cards-verify-expired"),
        Refusal::ShopNotOpen => words.say("cards-verify-not-open"),
        Refusal::NotForVirtual | Refusal::NoZero => words.say("cards-verify-not-virtual"),
    }
}
