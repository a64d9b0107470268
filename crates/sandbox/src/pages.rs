//! The bank's pages: the holder's challenge, and the books.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use db::{Route, Tx};
use http::page::Band;
use http::{Page, Refusal, Words};
use kernel::{Id, Locale, Problem, Zone, format};
use serde::Deserialize;

use crate::model::{Authentication, Choice, Operation, State as Ended};
use crate::ops::{self, BankError};
use crate::{Bank, fault, store};

/// Most lines shown on the books' page.
const SHOWN_LINES: i64 = 200;

/// Routes for people.
pub(crate) fn routes() -> Router<Bank> {
    Router::new()
        .route("/", get(books))
        .route("/3ds/{id}", get(challenge).post(choose))
        .layer(middleware::from_fn(no_foreign_choice))
}

/// A link may lead here from anywhere; a choice is made on the bank's own page only.
async fn no_foreign_choice(request: Request, next: Next) -> Response {
    if request.method() == Method::POST {
        crate::api::no_cross_site(request, next).await
    } else {
        next.run(request).await
    }
}

#[derive(Deserialize)]
struct Language {
    lang: Option<String>,
}

/// The challenge while it is open.
#[derive(Template)]
#[template(path = "challenge.html")]
struct ChallengePage {
    page: Page,
    action: String,
    amount: String,
    merchant: String,
    card: String,
    date: String,
}

/// The challenge once it is over.
#[derive(Template)]
#[template(path = "over.html")]
struct OverPage {
    page: Page,
    sentence: String,
    return_url: String,
}

/// The books.
#[derive(Template)]
#[template(path = "books.html")]
struct BooksPage {
    page: Page,
    lines: Vec<Line>,
}

struct Line {
    at: String,
    reference: String,
    kind: String,
    card: String,
    amount: String,
    state: String,
    tone: &'static str,
    icon: &'static str,
    code: String,
}

async fn challenge(
    State(bank): State<Bank>,
    Path(id): Path<String>,
    Query(language): Query<Language>,
    headers: HeaderMap,
) -> Response {
    let words = words(&bank, &language, &headers);
    let found = match Id::parse(&id) {
        Ok(id) => bank.db.read(move |tx| store::authentication(tx, id)).await,
        Err(_) => Ok(None),
    };
    match found {
        Ok(Some(authentication)) => show(&bank, &authentication, words),
        Ok(None) => unknown(&bank, words),
        Err(error) => failed(&error),
    }
}

fn show(bank: &Bank, a: &Authentication, words: Arc<Words>) -> Response {
    let locale = words.locale();
    let path = format!("/3ds/{}", a.id.text());
    let result = a.result_at(bank.clock.now());
    if result != "C" {
        let sentence = words.say(match result {
            "Y" | "A" => "bank-over-approved",
            "timeout" => "bank-over-timeout",
            _ => "bank-over-refused",
        });
        let page = frame(bank, words, "bank-over-title").languages(&bank.offered(), &path);
        return http::html(&OverPage { page, sentence, return_url: a.return_url.clone() });
    }
    let page = frame(bank, words, "bank-challenge-title").languages(&bank.offered(), &path);
    http::html(&ChallengePage {
        page,
        action: format!("{path}?lang={}", locale.code()),
        amount: format::money(a.amount, locale),
        merchant: a.merchant.clone(),
        card: a
            .card
            .truncated
            .chars()
            .rev()
            .take(4)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect(),
        date: format::date_time(a.at, &Zone::paris(), locale),
    })
}

#[derive(Deserialize)]
struct ChoiceForm {
    choice: String,
}

/// Stores the holder's choice and sends him back. Sent again, it leads to the same place.
async fn choose(
    State(bank): State<Bank>,
    Path(id): Path<String>,
    Query(language): Query<Language>,
    headers: HeaderMap,
    Form(form): Form<ChoiceForm>,
) -> Response {
    let (Ok(id), Some(choice)) = (Id::parse(&id), Choice::parse(&form.choice)) else {
        return unknown(&bank, words(&bank, &language, &headers));
    };
    let now = bank.clock.now();
    let decide = move |tx: &mut Tx<'_>| {
        let by_post = store::take_fault(tx, fault::RETURN)?.is_some();
        Ok::<_, BankError>(ops::choose(tx, id, choice, now)?.map(|a| (a.return_url, by_post)))
    };
    match bank.db.write(Route::of(id), decide).await {
        // 307 has the browser repeat its POST at the shop's address.
        Ok(Some((url, true))) => Redirect::temporary(&url).into_response(),
        Ok(Some((url, false))) => http::redirect(&url),
        Ok(None) => unknown(&bank, words(&bank, &language, &headers)),
        Err(BankError::Db(error)) => failed(&error),
        Err(_) => Refusal(Problem::internal()).into_response(),
    }
}

async fn books(
    State(bank): State<Bank>,
    Query(language): Query<Language>,
    headers: HeaderMap,
) -> Response {
    let words = words(&bank, &language, &headers);
    if !bank.config.demo {
        return unknown(&bank, words);
    }
    match bank.db.read(|tx| store::all(tx, SHOWN_LINES)).await {
        Ok(all) => {
            let lines = all.iter().rev().map(|o| line(o, &words)).collect();
            let page = frame(&bank, words, "bank-books-title").languages(&bank.offered(), "/");
            http::html(&BooksPage { page, lines })
        }
        Err(error) => failed(&error),
    }
}

fn line(o: &Operation, words: &Words) -> Line {
    let (tone, icon) = match o.state {
        Ended::Approved => ("ok", "check"),
        Ended::Declined => ("bad", "cross"),
        Ended::Pending => ("info", "wait"),
    };
    let locale = words.locale();
    Line {
        at: format::date_time(o.at, &Zone::paris(), locale),
        reference: o.reference.clone(),
        kind: words.say(&format!("bank-kind-{}", o.kind.as_str())),
        card: o.card.truncated.clone(),
        amount: format::money(o.amount, locale),
        state: words.say(&format!("bank-state-{}", o.state.as_str())),
        tone,
        icon: http::icon(icon),
        code: match o.state {
            Ended::Declined => o.code.clone(),
            _ => String::new(),
        },
    }
}

fn unknown(bank: &Bank, words: Arc<Words>) -> Response {
    let sentence = words.say("bank-unknown");
    let page = frame(bank, words, "bank-unknown-title");
    let page = OverPage { page, sentence, return_url: String::new() };
    http::html_with(StatusCode::NOT_FOUND, &page)
}

fn failed(error: &db::DbError) -> Response {
    tracing::error!(%error, "books of the simulated bank");
    Refusal(Problem::internal()).into_response()
}

fn frame(bank: &Bank, words: Arc<Words>, title: &str) -> Page {
    let (title, brand) = (words.say(title), words.say("bank-brand"));
    let band = if bank.config.demo { Band::Demo } else { Band::Test };
    Page::new(words, title, brand).band(band)
}

fn words(bank: &Bank, language: &Language, headers: &HeaderMap) -> Arc<Words> {
    let offered = bank.offered();
    let asked = language.lang.as_deref().and_then(Locale::parse).filter(|l| offered.contains(l));
    let header = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let locale = asked.or_else(|| Locale::negotiate(header?, &offered)).unwrap_or(Locale::Fr);
    bank.catalogue.words(locale)
}
