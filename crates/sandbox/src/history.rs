//! The bank's past, for a demo that begins in the middle of a season; and forgetting it.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Router, middleware};
use db::Route;
use kernel::{Currency, Id, Money, Timestamp};
use serde::{Deserialize, Serialize};

use crate::api::{Failure, demo_only, no_cross_site};
use crate::model::{CardTrace, Kind, Operation, State as Ended, Taking};
use crate::{Bank, requests, store};

/// What the bank did before the demo began. It knows the card's digits as everybody does, not
/// the card: a later charge on it has to bring a payment that its holder made since.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Past {
    /// `authorise` or `refund`.
    pub kind: String,
    /// Our reference of the operation.
    #[serde(rename = "ref")]
    pub reference: String,
    /// How much, in minor units.
    pub amount: i64,
    /// Of which currency.
    pub currency: Currency,
    /// Whether the bank accepted it.
    pub approved: bool,
    /// The bank's code.
    pub code: String,
    /// Number of the authorisation; empty for a refusal.
    pub number: String,
    /// Reference that later charges on the card name.
    pub chain: String,
    /// The network it went over.
    pub network: String,
    /// The card's digits as they may be shown.
    pub card: String,
    /// What of an authorisation was taken, in minor units.
    pub captured: i64,
    /// What of it was released.
    pub voided: i64,
    /// What of it was given back.
    pub refunded: i64,
    /// When.
    pub at: Timestamp,
}

/// Routes of the past.
pub(crate) fn routes() -> Router<Bank> {
    Router::new()
        .route("/api/history", post(remember))
        .route("/api/reset", post(forget))
        .layer(middleware::from_fn(no_cross_site))
}

async fn remember(State(bank): State<Bank>, body: Bytes) -> Result<StatusCode, Failure> {
    demo_only(&bank)?;
    let lines: Vec<Past> = requests::read(&body)?;
    let lines: Vec<Operation> = lines.into_iter().filter_map(|past| past.line(&bank)).collect();
    let add =
        move |tx: &mut db::Tx<'_>| lines.iter().try_for_each(|line| store::add_operation(tx, line));
    bank.db.write(Route::any(), add).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn forget(State(bank): State<Bank>) -> Result<StatusCode, Failure> {
    demo_only(&bank)?;
    bank.db.write(Route::any(), store::forget).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Past {
    fn line(self, bank: &Bank) -> Option<Operation> {
        let mut mac = [0; 32];
        bank.rng.fill(&mut mac);
        Some(Operation {
            id: Id::ordered(self.at, &*bank.rng),
            kind: Kind::parse(&self.kind)?,
            reference: self.reference,
            amount: Money::new(self.amount, self.currency),
            state: if self.approved { Ended::Approved } else { Ended::Declined },
            code: self.code,
            number: self.number,
            chain: self.chain,
            card: CardTrace { truncated: self.card, mac, network: self.network },
            initiator: "payer".to_owned(),
            taking: if self.captured > 0 { Taking::Now } else { Taking::Later },
            late_from: None,
            captured: self.captured,
            voided: self.voided,
            refunded: self.refunded,
            at: self.at,
            local_at: self.at,
            repeats: 0,
        })
    }
}
