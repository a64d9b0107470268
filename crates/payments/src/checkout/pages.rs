//! Routes of the payer's pages.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Router;
use axum::extract::{ConnectInfo, Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Tx};
use http::Words;
use http::security::{Policy, with_policy};
use identity::merchants;
use kernel::{Locale, Problem, Scope};
use vault_wire::Display;

use super::authenticate::view::{AuthenticatePage, Standing};
use super::case::{Case, Letter};
use super::links::Links;
use super::receipt::{self, ReceiptPage};
use super::view::{self, ChallengePage, Looks, OutcomePage, Visit, WaitingPage};
use super::{SubjectPage, authenticate};
use crate::authentication_links::store::of_payment as links_of;
use crate::authentication_links::{AuthenticationLink, OtherCard};
use crate::engine::card_page::{CardPage, CardPageError};
use crate::engine::{AttemptError, Engine};
use crate::page_token;
use crate::payment::page_state::{self, PageState};
use crate::payment::{Payment, SaveCard, ThreedsWish};
use crate::subject::Reader;

/// Seconds between two looks of the waiting page.
pub const LOOK_EVERY_SECONDS: u32 = 2;
/// Looks of the waiting page before it says that a mail will follow.
pub const MOST_LOOKS: u32 = 30;
/// Lines of an order that the card page shows.
const CARD_PAGE_LINES: usize = 20;

/// What the pages work with.
#[derive(Debug, Clone)]
pub(super) struct Counter {
    pub(super) engine: Engine,
}

/// The payer's pages. Each answer carries its own [`Policy`]; `app` puts
/// [`http::security::secure`] and the cross-site guard around them.
pub fn routes(engine: Engine) -> Router {
    let routes = Router::new()
        .route("/p/{token}/abandon", post(abandon))
        .route("/p/{token}", get(pay))
        .route("/p/{token}/carte", get(card))
        .route("/p/{token}/quitte", get(left))
        .route("/p/{token}/retour", get(back_from_vault))
        .route("/p/{token}/3ds", get(challenge))
        .route("/p/{token}/attente", get(waiting))
        .merge(authenticate::pages::routes())
        .route("/r/{token}", get(receipt_or_calendar));
    with_policies(routes, engine)
}

/// Where a bank sends the payer back: a server for strong authentication does it by a POST from
/// its own site, so this page alone stands outside the cross-site guard. What is posted is not
/// even read; the visit only leads to asking the bank what came of the authentication.
pub fn return_routes(engine: Engine) -> Router {
    let routes =
        Router::new().route("/p/{token}/3ds/retour", get(back_from_bank).post(back_from_bank));
    with_policies(routes, engine)
}

fn with_policies(routes: Router<Counter>, engine: Engine) -> Router {
    let vault = engine.ctx.urls.vault.clone();
    let policy = Policy::Payer { forms: vec![vault], frames: engine.ctx.frames() };
    routes.with_state(Counter { engine }).layer(map_response(move |answer: Response| {
        let named = answer.extensions().get::<Policy>().is_some();
        let answer = if named { answer } else { with_policy(answer, policy.clone()) };
        std::future::ready(answer)
    }))
}

pub(super) type Answer = Result<Response, Response>;

/// The payment behind the token of the path, with everything a page needs.
pub(super) struct Caller {
    pub(super) scope: Scope,
    pub(super) visit: Visit,
    /// The last link by which the holder was asked to authenticate.
    pub(super) asked: Option<AuthenticationLink>,
}

impl Caller {
    /// Whether the holder was asked about his card and no other.
    fn is_fixed(&self) -> bool {
        self.asked.as_ref().is_some_and(|link| link.other_card == OtherCard::Refused)
    }
}

impl Counter {
    pub(super) async fn caller(
        &self,
        token: &str,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Caller, Response> {
        let (engine, owned) = (self.engine.clone(), token.to_owned());
        let asked = web::language::asked(uri);
        let read = move |tx: &mut Tx<'_>| look_up(tx, &engine, &owned, asked);
        let fallback = || web::language::choose(&self.engine.ctx, uri, headers);
        match self.engine.ctx.db.read(read).await {
            Ok(Some(caller)) => Ok(caller),
            Ok(None) => Err(web::oops::page(&fallback(), &Problem::not_found())),
            Err(error) => {
                tracing::error!(%error, "payer page not read");
                Err(web::oops::page(&fallback(), &Problem::from(&error)))
            }
        }
    }

    /// Sends the payer to a fresh card page of the vault.
    async fn to_card(&self, caller: &Caller, address: IpAddr) -> Response {
        let Caller { scope, visit, .. } = caller;
        if !visit.payment.is_offered() {
            return outcome(visit, Case::NotOffered);
        }
        match self.engine.is_paused(scope, visit.payment.shop, address).await {
            Ok(false) => {}
            Ok(true) => return outcome(visit, Case::Paused),
            Err(error) => {
                tracing::error!(%error, payment = %visit.payment.id, "refusals not read");
                return outcome(visit, Case::Technical);
            }
        }
        let app = &self.engine.ctx.urls.app;
        let page = CardPage {
            locale: visit.locale(),
            display: display(visit, app),
            return_url: visit.links.back_from_vault(app),
        };
        match self.engine.start_card_session(scope, visit.payment.id, page).await {
            Ok(url) => http::redirect(&url),
            Err(CardPageError::NotNow(payment)) => {
                let visit = Visit { payment: *payment, ..visit.clone() };
                match state(&visit) {
                    PageState::Pay => outcome(&visit, Case::Technical),
                    state => by_state(&visit, state),
                }
            }
            Err(error) => {
                tracing::error!(%error, payment = %visit.payment.id, "no card page");
                outcome(visit, Case::Technical)
            }
        }
    }
}

fn look_up(
    tx: &mut Tx<'_>,
    engine: &Engine,
    token: &str,
    asked: Option<Locale>,
) -> Result<Option<Caller>, DbError> {
    let Some((scope, payment)) = page_token::find(tx, token)? else { return Ok(None) };
    let Some(merchant) = merchants::store::merchant(tx, &scope)? else { return Ok(None) };
    let offered = view::offered(&engine.ctx);
    let asked = asked.filter(|locale| offered.contains(locale));
    let locale = asked.unwrap_or(payment.payer.language);
    let words = engine.ctx.words(locale);
    let now = engine.ctx.now(payment.shop);
    let subject = subject_page(tx, engine, &scope, (&payment, &words))?;
    let links = Links::new(token, asked);
    let demo = engine.ctx.demo;
    let visit = Visit { payment, merchant, subject, words, offered, demo, now, links };
    let asked = match visit.payment.threeds_wish {
        ThreedsWish::Mandate => links_of(tx, &scope, visit.payment.id)?.into_iter().next(),
        _ => None,
    };
    Ok(Some(Caller { scope, visit, asked }))
}

/// What is paid for, in the words of a page.
///
/// # Errors
/// [`DbError`] of the engine.
pub(crate) fn subject_page(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    (payment, words): (&Payment, &Words),
) -> Result<SubjectPage, DbError> {
    let Some(wanted) = &payment.subject else { return Ok(SubjectPage::default()) };
    let found = engine.subjects.iter().find(|subject| subject.kind() == wanted.kind);
    let reader = Reader { locale: words.locale(), now: engine.ctx.now(payment.shop) };
    found.map_or_else(
        || Ok(SubjectPage::default()),
        |subject| subject.page(tx, scope, payment, reader),
    )
}

pub(super) fn state(visit: &Visit) -> PageState {
    state_of(&visit.payment, visit.now)
}

pub(super) fn state_of(payment: &Payment, now: kernel::Timestamp) -> PageState {
    page_state::of(payment, now)
}

/// The page that a state belongs on.
pub(super) fn address(links: &Links, state: PageState) -> String {
    match state {
        PageState::Paid => links.receipt(),
        PageState::Challenge => links.challenge(),
        PageState::Waiting | PageState::Unknown => links.waiting(),
        _ => links.pay(),
    }
}

/// The wording of a state, or the way to the page that has it.
fn by_state(visit: &Visit, state: PageState) -> Response {
    match Case::of(state, &visit.payment) {
        Some(case) => outcome(visit, case),
        None => http::redirect(&address(&visit.links, state)),
    }
}

fn outcome(visit: &Visit, case: Case) -> Response {
    http::html_with(status(case), &OutcomePage::of(visit, case))
}

fn status(case: Case) -> StatusCode {
    StatusCode::from_u16(case.status()).unwrap_or(StatusCode::OK)
}

/// What the vault's card page shows of the sale.
fn display(visit: &Visit, app: &str) -> Display {
    let payment = &visit.payment;
    let line = |line: view::LineView| match line.amount.as_str() {
        "" => line.label,
        amount => format!("{} — {amount}", line.label),
    };
    let title = Some(visit.subject.title.clone()).filter(|title| !title.is_empty());
    let lines = title.into_iter().chain(view::lines(visit).into_iter().map(line));
    let refused = state(visit) == PageState::Refused;
    let letter = Letter::of(payment.decline.as_ref());
    let notice = Case::Refused(letter).text_key();
    Display {
        amount: Some(payment.amount),
        merchant: visit.merchant.name.clone(),
        lines: lines.take(CARD_PAGE_LINES).collect(),
        back_url: Some(format!("{app}{}", visit.links.left())),
        email: payment.payer.email.as_ref().map(ToString::to_string),
        ask_email: payment.payer.email.is_none(),
        test: payment.mode == kernel::Mode::Test,
        button: Some(visit.pay_button()),
        hold_until: visit.subject.hold_until.filter(|until| *until > visit.now),
        notice: refused.then(|| visit.words.say(&notice)),
        offer_save: payment.terms.save_card == SaveCard::Offer,
        ..Display::default()
    }
}

pub(super) type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

pub(super) fn address_of(peer: &Peer) -> IpAddr {
    let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    peer.as_ref().map_or(unknown, |Extension(ConnectInfo(peer))| peer.ip())
}

async fn pay(
    State(counter): State<Counter>,
    Path(token): Path<String>,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let caller = counter.caller(&token, &uri, &headers).await?;
    let visit = &caller.visit;
    Ok(match (state(visit), &caller.asked) {
        (PageState::Pay | PageState::Refused, Some(link)) if link.is_open(visit.now) => {
            http::html(&AuthenticatePage::of(visit, (link, Standing::Usable)))
        }
        (PageState::Abandoned | PageState::Expired, Some(_)) => outcome(visit, Case::LinkExpired),
        (PageState::Pay, _) => counter.to_card(&caller, address_of(&peer)).await,
        (state, _) => by_state(visit, state),
    })
}

async fn card(
    State(counter): State<Counter>,
    Path(token): Path<String>,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let caller = counter.caller(&token, &uri, &headers).await?;
    Ok(match state(&caller.visit) {
        PageState::Pay | PageState::Refused if caller.is_fixed() => {
            http::redirect(&caller.visit.links.pay())
        }
        PageState::Pay | PageState::Refused => counter.to_card(&caller, address_of(&peer)).await,
        state => http::redirect(&address(&caller.visit.links, state)),
    })
}

/// The payer left the card page by its own link: nothing happened, and he may go on.
async fn left(
    State(counter): State<Counter>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let Caller { visit, .. } = counter.caller(&token, &uri, &headers).await?;
    Ok(match state(&visit) {
        PageState::Pay | PageState::Refused => outcome(&visit, Case::Left),
        state => by_state(&visit, state),
    })
}

/// Takes the card the vault captured and tries it. The work goes on when the browser leaves.
async fn back_from_vault(
    State(counter): State<Counter>,
    Path(token): Path<String>,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let caller = counter.caller(&token, &uri, &headers).await?;
    let fixed = caller.is_fixed();
    let Caller { scope, visit, .. } = caller;
    let capture = uri.query().and_then(|query| {
        query.split('&').find_map(|pair| pair.strip_prefix("capture=")?.parse().ok())
    });
    let (Some(capture), false) = (capture, fixed) else {
        return Ok(http::redirect(&visit.links.pay()));
    };
    let offered = (capture, Some(address_of(&peer)));
    let (engine, owned, id) = (counter.engine.clone(), scope.clone(), visit.payment.id);
    let work = tokio::spawn(async move { engine.redeem(&owned, id, offered).await });
    let Ok(result) = work.await else { return Ok(http::redirect(&visit.links.waiting())) };
    Ok(match result {
        Ok(payment) => {
            let state = state_of(&payment, counter.engine.ctx.now(payment.shop));
            http::redirect(&address(&visit.links, state))
        }
        // The vault keeps what was typed until it is back; otherwise a card is typed anew.
        Err(error @ CardPageError::VaultAway) => {
            not_tried(&visit, &error, uri.path_and_query().map_or("", |p| p.as_str()))
        }
        Err(error) => not_tried(&visit, &error, &visit.links.card()),
    })
}

/// What the payer reads when the card was not tried, and where he tries again.
pub(super) fn not_tried(visit: &Visit, error: &CardPageError, again: &str) -> Response {
    tracing::warn!(%error, payment = %visit.payment.id, "card not tried");
    let case = match error {
        CardPageError::VaultAway
        | CardPageError::Attempt(AttemptError::Config(_) | AttemptError::ChainMissing) => {
            Case::Technical
        }
        CardPageError::Attempt(AttemptError::CardBlocked) => Case::Refused(Letter::A),
        CardPageError::Attempt(AttemptError::NotTaken(_) | AttemptError::Virtual(_)) => {
            Case::Refused(Letter::G)
        }
        CardPageError::Attempt(AttemptError::CardPaused | AttemptError::AddressPaused) => {
            Case::Paused
        }
        CardPageError::Attempt(AttemptError::NotOffered(_)) => Case::NotOffered,
        _ => return http::redirect(&visit.links.pay()),
    };
    let mut page = OutcomePage::of(visit, case);
    if let Some(way) = &mut page.pay {
        again.clone_into(&mut way.href);
    }
    http::html_with(status(case), &page)
}

async fn challenge(
    State(counter): State<Counter>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let Caller { scope, visit, .. } = counter.caller(&token, &uri, &headers).await?;
    let state = state(&visit);
    if state != PageState::Challenge {
        return Ok(http::redirect(&address(&visit.links, state)));
    }
    let found = counter.engine.challenge_url(&scope, visit.payment.id).await;
    let url = found.unwrap_or_else(|error| {
        tracing::error!(%error, "challenge not read");
        None
    });
    let Some(url) = url else {
        // The question how it ended was cut off, or waits for its answer in another tab.
        return Ok(match ask_bank(&counter, &scope, &visit).await {
            PageState::Challenge | PageState::Waiting => wait(&visit, 0),
            state => http::redirect(&address(&visit.links, state)),
        });
    };
    let mut forms = vec![counter.engine.ctx.urls.vault.clone()];
    forms.extend(counter.engine.challenge_origins(&scope));
    let policy = Policy::Payer { forms, frames: counter.engine.ctx.frames() };
    Ok(with_policy(http::html(&ChallengePage::of(&visit, &url)), policy))
}

/// The payer is back from his bank: what he brings decides nothing, the bank is asked.
async fn back_from_bank(
    State(counter): State<Counter>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let Caller { scope, visit, .. } = counter.caller(&token, &uri, &headers).await?;
    let state = ask_bank(&counter, &scope, &visit).await;
    Ok(http::redirect(&address(&visit.links, state)))
}

/// Asks the bank what came of its page; gives the state that follows.
async fn ask_bank(counter: &Counter, scope: &Scope, visit: &Visit) -> PageState {
    let (engine, owned, id) = (counter.engine.clone(), scope.clone(), visit.payment.id);
    match tokio::spawn(async move { engine.resume(&owned, id).await }).await {
        Ok(Ok(payment)) => state_of(&payment, counter.engine.ctx.now(payment.shop)),
        Ok(Err(error)) => {
            tracing::error!(%error, payment = %id, "attempt not resumed");
            PageState::Waiting
        }
        Err(_) => PageState::Waiting,
    }
}

async fn abandon(
    State(counter): State<Counter>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let Caller { scope, visit, .. } = counter.caller(&token, &uri, &headers).await?;
    if let Err(error) = counter.engine.cancel_challenge(&scope, visit.payment.id).await {
        tracing::error!(%error, payment = %visit.payment.id, "challenge not given up");
    }
    Ok(http::redirect(&visit.links.pay()))
}

async fn waiting(
    State(counter): State<Counter>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let Caller { visit, .. } = counter.caller(&token, &uri, &headers).await?;
    let state = state(&visit);
    if !matches!(state, PageState::Waiting | PageState::Unknown) {
        return Ok(http::redirect(&address(&visit.links, state)));
    }
    let rounds = uri.query().and_then(|query| {
        query.split('&').find_map(|pair| pair.strip_prefix("tour=")?.parse::<u32>().ok())
    });
    Ok(wait(&visit, rounds.unwrap_or(0)))
}

/// The page that waits, after so many looks.
fn wait(visit: &Visit, rounds: u32) -> Response {
    let round = rounds.saturating_add(1);
    let looks = if round <= MOST_LOOKS { Looks::Again } else { Looks::Over };
    let mut response = http::html(&WaitingPage::of(visit, looks));
    if looks == Looks::Again {
        let next = format!("{LOOK_EVERY_SECONDS}; url={}", visit.links.waiting_round(round));
        http::reply::set(&mut response, header::REFRESH, &next);
    }
    response
}

async fn receipt_or_calendar(
    State(counter): State<Counter>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let token = name.strip_suffix(".ics").unwrap_or(&name);
    let Caller { visit, .. } = counter.caller(token, &uri, &headers).await?;
    let state = state(&visit);
    if !matches!(state, PageState::Paid | PageState::Refunded) {
        return Ok(http::redirect(&address(&visit.links, state)));
    }
    if !receipt::is_readable(visit.payment.created_at, visit.now) {
        return Ok(outcome(&visit, Case::LinkExpired));
    }
    if token.len() == name.len() {
        return Ok(http::html(&ReceiptPage::of(&visit)));
    }
    let Some(text) = visit.subject.calendar.clone() else {
        return Err(web::oops::page(&visit.words, &Problem::not_found()));
    };
    let mut response = Response::new(text.into());
    http::reply::set(&mut response, header::CONTENT_TYPE, "text/calendar; charset=utf-8");
    let attached = format!("attachment; filename=\"{}\"", receipt::calendar_name(&visit));
    http::reply::set(&mut response, header::CONTENT_DISPOSITION, &attached);
    Ok(response)
}
