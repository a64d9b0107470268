//! `/v1/shops/{shop}/partner_grants`, `/v1/partner_applications/{id}/decision`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use db::{Route, Tx};
use identity::audit::{self, Line};
use identity::extract::{May, needs};
use kernel::{AuditId, PartnerId, Problem, Scope, ShopId};
use serde::Deserialize;
use serde_json::json;
use vault_wire::{
    GrantEnd, GrantList, GrantPut, PartnerDecide, PartnerDecision, PartnerQuotas, PartnerRefusal,
    PartnerScope, WireError, WireScope,
};

use crate::engine::Engine;
use crate::error::of_vault;
use crate::fields::Body;
use crate::payment::api::{answer, failed};
use crate::payment::once::Failure;

/// The routes of partners.
pub fn routes() -> Router<Engine> {
    Router::new()
        .route("/v1/shops/{shop}/partner_grants", get(list))
        .route("/v1/shops/{shop}/partner_grants/{id}", put(give).delete(withdraw))
        .route("/v1/partner_applications/{id}/decision", post(decide))
}

/// The key's own shop; another one is not there.
fn shop<R>(may: &May<R>, named: &str) -> Result<WireScope, Failure> {
    let known = named.parse::<ShopId>().is_ok_and(|shop| shop == may.shop);
    let missing = || Failure(Problem::not_found());
    known.then(|| WireScope::of(&may.scope, may.shop)).ok_or_else(missing)
}

fn partner(text: &str) -> Result<PartnerId, Failure> {
    text.parse().map_err(|_| Failure(Problem::not_found()))
}

fn refused(error: WireError) -> Failure {
    let not_found = error.code() == Some("not_found");
    Failure(if not_found { Problem::not_found() } else { of_vault(&error) })
}

/// A body without unknown members.
fn read<T: serde::de::DeserializeOwned>(bytes: &Bytes) -> Result<T, Failure> {
    let value = Body::parse(bytes)?;
    serde_json::from_value(value).map_err(|error| {
        let text = error.to_string();
        let path =
            text.split('`').nth(1).map_or_else(|| "$".to_owned(), |name| format!("$.{name}"));
        Failure(Problem::field(path, "invalid_field", "This member is missing, unknown or wrong."))
    })
}

async fn note(engine: &Engine, scope: &Scope, line: Line) -> Result<(), Failure> {
    let real_now = engine.ctx.real_now();
    let id = AuditId::new(real_now, engine.ctx.rng.as_ref());
    let scope = scope.clone();
    let record = move |tx: &mut Tx<'_>| audit::record(tx, &scope, &line, real_now, id);
    Ok(engine.ctx.db.write(Route::any(), record).await?)
}

async fn list(
    may: May<needs::CardSettings>,
    State(engine): State<Engine>,
    Path(named): Path<String>,
) -> Response {
    let listed = async {
        let wire = shop(&may, &named)?;
        let grants = engine.vault.ask(&wire, &GrantList {}).await.map_err(refused)?.grants;
        let body = json!({ "data": grants, "next": null });
        Ok::<Response, Failure>(answer(StatusCode::OK, &body))
    };
    listed.await.unwrap_or_else(failed)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    scopes: Vec<PartnerScope>,
}

async fn give(
    may: May<needs::CardSettings>,
    State(engine): State<Engine>,
    Path((named, id)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let given = async {
        let (wire, partner) = (shop(&may, &named)?, partner(&id)?);
        let Wish { scopes } = read(&body)?;
        let put = GrantPut { partner, scopes };
        let grant = engine.vault.ask(&wire, &put).await.map_err(refused)?;
        note(&engine, &may.scope, may.line("partner.grant", partner)).await?;
        let body = serde_json::to_value(&grant).map_err(|_| Failure(Problem::internal()))?;
        Ok::<Response, Failure>(answer(StatusCode::OK, &body))
    };
    given.await.unwrap_or_else(failed)
}

async fn withdraw(
    may: May<needs::CardSettings>,
    State(engine): State<Engine>,
    Path((named, id)): Path<(String, String)>,
) -> Response {
    let withdrawn = async {
        let (wire, partner) = (shop(&may, &named)?, partner(&id)?);
        engine.vault.ask(&wire, &GrantEnd { partner }).await.map_err(refused)?;
        note(&engine, &may.scope, may.line("partner.withdraw", partner)).await?;
        Ok::<Response, Failure>(StatusCode::NO_CONTENT.into_response())
    };
    withdrawn.await.unwrap_or_else(failed)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    approve: bool,
    code: Option<PartnerRefusal>,
    quotas: Option<PartnerQuotas>,
}

impl Decision {
    fn decision(self) -> Result<PartnerDecision, Failure> {
        match (self.approve, self.code) {
            (true, _) => Ok(PartnerDecision::Approve { quotas: self.quotas }),
            (false, Some(code)) => Ok(PartnerDecision::Refuse { code }),
            (false, None) => {
                let why =
                    "Say why: identity, evidence, volume_low, volume_high, purpose or technical.";
                Err(Failure(Problem::field("$.code", "invalid_field", why)))
            }
        }
    }
}

async fn decide(
    may: May<needs::VaultOperator>,
    State(engine): State<Engine>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let decided = async {
        let partner = partner(&id)?;
        let decision = read::<Decision>(&body)?.decision()?;
        let by = may.scope.actor().text();
        let decide = PartnerDecide { partner, decision, by };
        let told = engine.vault.ask_unscoped(&decide).await.map_err(refused)?;
        note(&engine, &may.scope, may.line("partner.decide", partner)).await?;
        let body = serde_json::to_value(&told).map_err(|_| Failure(Problem::internal()))?;
        Ok::<Response, Failure>(answer(StatusCode::OK, &body))
    };
    decided.await.unwrap_or_else(failed)
}
