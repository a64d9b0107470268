//! The bank's pages: the holder's challenge, and the books.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use db::{Route, Tx};
use http::page::Band;
use http::{Page, Refusal, Words};
use kernel::{Id, Locale, Money, Problem, Zone, format};
use serde::Deserialize;

use crate::cases::{Case, Stage};
use crate::fault::{Fault, Until};
use crate::model::{Authentication, Choice, Kind, Operation, State as Ended};
use crate::ops::{self, BankError};
use crate::{Bank, api, fault, notices, store};

/// Most lines shown on the books' page.
const SHOWN_LINES: i64 = 200;

/// Routes for people.
pub(crate) fn routes() -> Router<Bank> {
    Router::new()
        .route("/", get(books))
        .route("/faults", post(order_fault))
        .route("/cases", post(open_case))
        .route("/cases/{number}", post(decide_case))
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
    action: String,
    faults: Vec<FaultChoice>,
    /// What is ordered now; empty when the bank works as it should.
    ordered: String,
    lasting: bool,
    /// Sales that can be contested: reference and label.
    sales: Vec<(String, String)>,
    /// Where a case is opened.
    contest: String,
    cases: Vec<CaseLine>,
}

/// A contested sale.
struct CaseLine {
    number: String,
    amount: String,
    state: String,
    tone: &'static str,
    icon: &'static str,
    /// Where it is decided.
    action: String,
    /// What the bank may still decide: word and button.
    choices: Vec<(&'static str, String)>,
}

/// One thing the bank can do wrong.
struct FaultChoice {
    word: &'static str,
    label: String,
    chosen: bool,
}

/// Faults of the panel, in order.
const FAULTS: &[&str] = &[
    "accept",
    "05",
    "51",
    "54",
    "82",
    "91",
    "silence",
    "late_success",
    "cut",
    "refund_refused",
    "double_notification",
    "notification_before_return",
    fault::CHARGEBACK,
];

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
        date: format::date_time(a.local_at, &Zone::paris(), locale),
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
    let notice = Id::ordered(now, &*bank.rng);
    let decide = move |tx: &mut Tx<'_>| {
        let fault = store::take_fault(tx, fault::RETURN)?;
        let chosen = ops::choose(tx, id, choice, now)?;
        if let (Some(decided), Some(Fault::NotificationFirst)) = (&chosen, &fault) {
            notices::tell_decided(tx, decided, (notice, now))?;
        }
        Ok::<_, BankError>(chosen.map(|a| (a.return_url, fault)))
    };
    match bank.db.write(Route::of(id), decide).await {
        // 307 has the browser repeat its POST at the shop's address.
        Ok(Some((url, Some(Fault::PostReturn)))) => Redirect::temporary(&url).into_response(),
        Ok(Some((url, fault))) => {
            if fault.is_some() {
                bank.tell_now(notice).await;
            }
            http::redirect(&url)
        }
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
    let read = |tx: &mut db::Tx<'_>| {
        let (all, fault) = (store::all(tx, SHOWN_LINES)?, store::fault(tx)?);
        Ok((all, fault, store::cases(tx, SHOWN_LINES)?))
    };
    match bank.db.read::<_, db::DbError, _>(read).await {
        Ok((all, fault, cases)) => {
            http::html(&books_page(&bank, &words, (&all, &cases), fault.as_ref()))
        }
        Err(error) => failed(&error),
    }
}

fn books_page(
    bank: &Bank,
    words: &Arc<Words>,
    (all, cases): (&[Operation], &[Case]),
    fault: Option<&(Fault, Until)>,
) -> BooksPage {
    let now = fault.map_or("accept", |(fault, _)| fault.word());
    let choice = |word: &&'static str| FaultChoice {
        word,
        label: words.say(&format!("bank-fault-{}", word.replace('_', "-"))),
        chosen: *word == now,
    };
    let known = FAULTS.contains(&now);
    let ordered = match fault {
        None => String::new(),
        Some(_) if known => words.say(&format!("bank-fault-{}", now.replace('_', "-"))),
        Some(_) => now.to_owned(),
    };
    BooksPage {
        page: frame(bank, Arc::clone(words), "bank-books-title").languages(&bank.offered(), "/"),
        lines: all.iter().rev().map(|o| line(o, words)).collect(),
        action: format!("/faults?lang={}", words.locale().code()),
        faults: FAULTS.iter().map(choice).collect(),
        lasting: matches!(fault, Some((_, Until::Changed))),
        ordered,
        sales: sales(all, cases, words),
        contest: format!("/cases?lang={}", words.locale().code()),
        cases: cases.iter().map(|case| case_line(case, words)).collect(),
    }
}

/// Sales that were debited and are not contested, the latest first.
fn sales(all: &[Operation], cases: &[Case], words: &Words) -> Vec<(String, String)> {
    let free = |o: &&Operation| {
        o.kind == Kind::Authorise
            && o.captured > 0
            && !cases.iter().any(|case| case.reference == o.reference)
    };
    let label = |o: &Operation| {
        let amount = format::money(Money::new(o.captured, o.amount.currency()), words.locale());
        let at = format::date_time(o.local_at, &Zone::paris(), words.locale());
        (o.reference.clone(), format!("{at} · {amount} · {}", o.card.truncated))
    };
    all.iter().rev().filter(free).map(label).collect()
}

fn case_line(case: &Case, words: &Words) -> CaseLine {
    let (tone, icon) = match case.stage {
        Stage::Opened => ("warn", "alert"),
        Stage::Won => ("ok", "check"),
        Stage::Lost => ("bad", "cross"),
    };
    let choice =
        |next: Stage| (next.as_str(), words.say(&format!("bank-case-{}-do", next.as_str())));
    let open = [Stage::Won, Stage::Lost].into_iter().filter(|next| case.stage.may_become(*next));
    CaseLine {
        number: case.number.clone(),
        amount: format::money(case.amount, words.locale()),
        state: words.say(&format!("bank-case-{}", case.stage.as_str())),
        tone,
        icon: http::icon(icon),
        action: format!("/cases/{}?lang={}", case.number, words.locale().code()),
        choices: open.map(choice).collect(),
    }
}

#[derive(Deserialize)]
struct CaseForm {
    #[serde(rename = "ref")]
    reference: String,
}

/// Opens a case on the chosen sale.
async fn open_case(
    State(bank): State<Bank>,
    Query(language): Query<Language>,
    headers: HeaderMap,
    Form(form): Form<CaseForm>,
) -> Response {
    let words = words(&bank, &language, &headers);
    if !bank.config.demo {
        return unknown(&bank, words);
    }
    let opened = api::contest(&bank, Some(form.reference)).await;
    after_case(&bank, words, opened.map(|_| ()))
}

#[derive(Deserialize)]
struct DecisionForm {
    outcome: String,
}

/// Decides a case.
async fn decide_case(
    State(bank): State<Bank>,
    Path(number): Path<String>,
    Query(language): Query<Language>,
    headers: HeaderMap,
    Form(form): Form<DecisionForm>,
) -> Response {
    let words = words(&bank, &language, &headers);
    let Some(next) = Stage::parse(&form.outcome).filter(|_| bank.config.demo) else {
        return unknown(&bank, words);
    };
    let decided = api::decide(&bank, (number, next)).await;
    after_case(&bank, words, decided.map(|_| ()))
}

/// Back to the books; they show what became of it, also when there was nothing left to do.
fn after_case(bank: &Bank, words: Arc<Words>, done: Result<(), BankError>) -> Response {
    match done {
        Ok(()) | Err(BankError::Message(_)) => {
            http::redirect(&format!("/?lang={}", words.locale().code()))
        }
        Err(BankError::Db(error)) => failed(&error),
        Err(BankError::Cut) => unknown(bank, words),
    }
}

#[derive(Deserialize)]
struct FaultForm {
    next: String,
    until: Option<String>,
}

/// The panel's button.
async fn order_fault(
    State(bank): State<Bank>,
    Query(language): Query<Language>,
    headers: HeaderMap,
    Form(form): Form<FaultForm>,
) -> Response {
    let words = words(&bank, &language, &headers);
    let until = form.until.as_deref().and_then(Until::parse).unwrap_or(Until::Once);
    if form.next == fault::CHARGEBACK && bank.config.demo {
        let opened = api::contest(&bank, None).await;
        return after_case(&bank, words, opened.map(|_| ()));
    }
    let Some(fault) = Fault::parse(&form.next).ok().filter(|_| bank.config.demo) else {
        return unknown(&bank, words);
    };
    let order = move |tx: &mut db::Tx<'_>| store::set_fault(tx, fault.as_ref(), until);
    match bank.db.write(Route::any(), order).await {
        Ok(()) => http::redirect(&format!("/?lang={}", words.locale().code())),
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
        at: format::date_time(o.local_at, &Zone::paris(), locale),
        reference: o.reference.clone(),
        kind: words.say(&format!("bank-kind-{}", o.kind.as_str())),
        card: o.card.truncated.clone(),
        amount: format::money(o.amount, locale),
        state: words.say(&format!("bank-state-{}", o.state.as_str())),
        tone,
        icon: http::icon(icon),
        code: match o.state {
            Ended::Declined => reason(&o.code, words),
            _ => String::new(),
        },
    }
}

/// Why, in words, with the code that messages carry.
fn reason(code: &str, words: &Words) -> String {
    let key = format!("bank-code-{code}");
    if words.has(&key) { format!("{} ({code})", words.say(&key)) } else { code.to_owned() }
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
