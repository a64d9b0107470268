//! `/authentification/{token}`, `/p/{token}/authentifier`.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::{get, post};
use db::{Route, Tx};
use kernel::{Problem, Timestamp};

use super::view::{self, AuthenticatePage, Standing};
use crate::authentication_links::{self, Agreement, AuthenticationLink, ops};
use crate::checkout::case::Case;
use crate::checkout::links::Links;
use crate::checkout::pages::{
    Answer, Caller, Counter, Peer, address, address_of, not_tried, state, state_of,
};
use crate::checkout::view::OutcomePage;
use crate::engine::CardPageError;
use crate::payment::Payment;
use crate::payment::page_state::PageState;

/// The routes of the slice.
pub(in crate::checkout) fn routes() -> Router<Counter> {
    Router::new()
        .route("/authentification/{token}", get(enter))
        .route("/p/{token}/authentifier", post(agree))
}

/// The link of the message. One that has ended says so and leads nowhere, whoever holds it.
async fn enter(
    State(counter): State<Counter>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let (engine, owned) = (counter.engine.clone(), token.clone());
    let open = move |tx: &mut Tx<'_>| ops::open(tx, &engine, &owned);
    let found = counter.engine.ctx.db.write(Route::any(), open).await;
    let words = || web::language::choose(&counter.engine.ctx, &uri, &headers);
    let (payment, link) = match found {
        Ok(Some(found)) => found,
        Ok(None) => return Err(web::oops::page(&words(), &Problem::not_found())),
        Err(error) => {
            tracing::error!(%error, "authentication link not read");
            return Err(web::oops::page(&words(), &Problem::from(&error)));
        }
    };
    if leads(&link, &payment, counter.engine.ctx.now(payment.shop)) {
        let links = Links::new(&payment.page_token, web::language::asked(&uri));
        return Ok(http::redirect(&links.pay()));
    }
    let Caller { visit, .. } = counter.caller(&payment.page_token, &uri, &headers).await?;
    let over = OutcomePage::of(&visit, Case::LinkExpired);
    let here = format!("/authentification/{token}");
    let page = visit.page(over.page.title.clone(), &here);
    Ok(http::html_with(StatusCode::GONE, &OutcomePage { page, ways: Vec::new(), ..over }))
}

/// Whether a link leads to its payment: as long as it lasts or its bank is asked, and, when it has
/// done its work, to what came of it.
fn leads(link: &AuthenticationLink, payment: &Payment, now: Timestamp) -> bool {
    use PageState::{Challenge, Unknown, Waiting};
    let asked = matches!(state_of(payment, now), Challenge | Waiting | Unknown);
    let done = link.state == authentication_links::State::Done;
    done || link.is_open(now) || asked && link.ended_at.is_none()
}

/// The holder agrees: his bank is asked about him. The work goes on when the browser leaves.
async fn agree(
    State(counter): State<Counter>,
    Path(token): Path<String>,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let Caller { scope, visit, asked } = counter.caller(&token, &uri, &headers).await?;
    let state = state(&visit);
    let asked = asked.filter(|link| link.is_open(visit.now));
    let (PageState::Pay | PageState::Refused, Some(link)) = (state, asked) else {
        return Ok(http::redirect(&address(&visit.links, state)));
    };
    let text = identity::secrets::hash(&view::agreement(&visit, &link));
    let agreed = Agreement {
        at: visit.now,
        from: address_of(&peer).to_string(),
        text_sha256: text.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    let (engine, ours) = (counter.engine.clone(), link.clone());
    let work = tokio::spawn(async move { engine.authenticate(&scope, &ours, agreed).await });
    let Ok(result) = work.await else { return Ok(http::redirect(&visit.links.waiting())) };
    Ok(match result {
        Ok(payment) => {
            let state = state_of(&payment, counter.engine.ctx.now(payment.shop));
            http::redirect(&address(&visit.links, state))
        }
        Err(CardPageError::Refused(refused)) => {
            tracing::info!(code = refused.code, payment = %visit.payment.id, "card of a link");
            let page = AuthenticatePage::of(&visit, (&link, Standing::Gone));
            http::html_with(StatusCode::CONFLICT, &page)
        }
        Err(error) => not_tried(&visit, &error, &visit.links.pay()),
    })
}
