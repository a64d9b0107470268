//! One request to a provider: stored as sent before, told exactly afterwards.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connectors::{Call, CardCall, CodeUse, Effect, Input, Method, Reply, Sending};
use kernel::{CardToken, Id, OperationId, PaymentId, Scope, ShopId, Timestamp};
use vault_wire::{RelayCall, Relayed, WireError, WireScope};

use super::Engine;
use crate::attempts::Exchange;

/// Most characters of an answer kept in a transcript.
const MAX_TRANSCRIPT_CHARACTERS: usize = 4_000;

/// Code of an operation of which nothing left the house.
pub const UNREACHABLE: &str = "connector_unreachable";

/// A request that is ready to leave; its operation is stored as sent.
#[derive(Debug, Clone)]
pub struct Dispatch {
    /// The payment.
    pub payment: PaymentId,
    /// Its shop.
    pub shop: ShopId,
    /// The operation, unless it is a question about an authentication.
    pub operation: Option<OperationId>,
    pub(super) purpose: Purpose,
    pub(super) wire: Wire,
}

/// What the answer is for.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    /// A step of an attempt.
    Attempt {
        /// The attempt, counted from 1.
        number: u32,
        /// The step it belongs to.
        step: i64,
    },
    /// A capture, void or refund.
    Operation,
    /// A question about an operation.
    Query,
}

/// Which way it leaves.
#[derive(Debug, Clone)]
pub(super) enum Wire {
    /// Through the vault, which fills in the card.
    Card(CardToken, CardCall),
    /// Straight to the provider.
    Plain(Call),
}

impl Wire {
    pub(super) const fn sending(&self) -> &Sending {
        match self {
            Self::Card(_, call) => &call.sending,
            Self::Plain(call) => &call.sending,
        }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// An answer.
    Answer(Reply),
    /// Nothing: it may have been heard.
    Silence,
    /// Nothing left the house; the code says why.
    NotSent(String),
}

impl Heard {
    /// The word under which it is counted.
    const fn word(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answered",
            Self::Silence => "silent",
            Self::NotSent(_) => "not_sent",
        }
    }

    /// As the connector takes it; a question that did not leave is like one without answer.
    pub(super) fn input(&self) -> Input {
        match self {
            Self::Answer(reply) => Input::Http(reply.clone()),
            Self::Silence | Self::NotSent(_) => Input::Timeout,
        }
    }
}

impl Engine {
    /// Sends a request once and waits for its answer.
    pub(super) async fn send(&self, scope: &Scope, dispatch: &Dispatch) -> (Heard, Exchange) {
        let sent_at = self.ctx.real_now();
        let heard = self.reach(scope, dispatch.shop, &dispatch.wire).await;
        let exchange = self.transcript(dispatch, &heard, sent_at);
        (heard, exchange)
    }

    /// The same, without a transcript.
    pub(super) async fn reach(&self, scope: &Scope, shop: ShopId, wire: &Wire) -> Heard {
        let started = std::time::Instant::now();
        let heard = match wire {
            _ if self.is_make_believe(scope) => {
                tracing::error!("a call for a live shop stopped before a simulated bank");
                Heard::NotSent(UNREACHABLE.to_owned())
            }
            Wire::Card(card, call) => self.send_card(scope, shop, (*card, call)).await,
            Wire::Plain(call) => self.send_plain(call).await,
        };
        http::metrics::call("bank", heard.word(), started.elapsed());
        heard
    }

    async fn send_card(
        &self,
        scope: &Scope,
        shop: ShopId,
        (card, call): (CardToken, &CardCall),
    ) -> Heard {
        let question = RelayCall {
            template: call.template.to_owned(),
            card,
            args: call.args.clone().into_iter().collect::<BTreeMap<_, _>>(),
            use_code: call.code == CodeUse::WithCode,
            code_follows: call.code_later == CodeUse::WithCode,
            idempotency: call.sending.reference.clone(),
        };
        let wire_scope = WireScope::of(scope, shop);
        let told = self.vault.ask(&wire_scope, &question).await;
        counted(call.template, &told);
        match told {
            Ok(relayed) => match STANDARD.decode(&relayed.body_b64) {
                Ok(body) => Heard::Answer(Reply { status: relayed.http_status, body }),
                Err(_) => Heard::Silence,
            },
            Err(error) if error.may_have_been_heard() => Heard::Silence,
            Err(error) => {
                tracing::warn!(%error, "relay call did not leave");
                Heard::NotSent(unsent(error.code()).to_owned())
            }
        }
    }

    async fn send_plain(&self, call: &Call) -> Heard {
        let request = &call.request;
        let Some((origin, path)) = split(&request.url) else {
            return Heard::NotSent(UNREACHABLE.to_owned());
        };
        let timeouts = self.capabilities().timeouts;
        let seconds = match (call.sending.effect, call.sending.kind) {
            (Effect::Harmless, _) => timeouts.query_seconds,
            (_, connectors::Kind::Refund) => timeouts.refund_seconds,
            _ => timeouts.authorise_seconds,
        };
        let wait = self.patience(seconds);
        let outgoing = match (request.method, &request.body) {
            (Method::Post, Some(body)) => http::client::Call::post_json(origin, path, body, wait),
            _ => http::client::Call::get(origin, path, wait),
        };
        match outgoing.send().await {
            Ok(answer) => {
                Heard::Answer(Reply { status: answer.status, body: answer.body.to_vec() })
            }
            Err(http::client::ClientError::NoAnswer(_)) => Heard::Silence,
            Err(error) => {
                tracing::warn!(%error, "provider not reached");
                Heard::NotSent(UNREACHABLE.to_owned())
            }
        }
    }

    /// How long an answer is awaited.
    fn patience(&self, seconds: u32) -> Duration {
        Duration::from_secs(self.answer_seconds.unwrap_or(seconds).into())
    }

    pub(super) fn transcript(
        &self,
        dispatch: &Dispatch,
        heard: &Heard,
        sent_at: Timestamp,
    ) -> Exchange {
        let (outcome, http_status, answer) = match heard {
            Heard::Answer(reply) => {
                let text = String::from_utf8_lossy(&reply.body);
                ("answered", Some(reply.status), kernel::card_text::mask(&text))
            }
            Heard::Silence => ("silent", None, String::new()),
            Heard::NotSent(code) => ("not_sent", None, code.clone()),
        };
        let request = match &dispatch.wire {
            Wire::Card(_, call) => {
                format!("{} {}", call.template, serde_json::Value::Object(call.args.clone()))
            }
            Wire::Plain(call) => {
                let body = call.request.body.as_ref().map(ToString::to_string);
                format!("{} {}", call.request.url, body.unwrap_or_default())
            }
        };
        Exchange {
            id: Id::ordered(sent_at, self.ctx.rng.as_ref()),
            payment: dispatch.payment,
            operation: dispatch.operation,
            kind: dispatch.wire.sending().kind.as_str(),
            request,
            outcome,
            http_status,
            answer: answer.chars().take(MAX_TRANSCRIPT_CHARACTERS).collect(),
            sent_at,
            millis: self.ctx.real_now().micros_since(sent_at).div_euclid(1_000),
        }
    }
}

/// Counts a call through the vault under the first word of its template, which is the host's.
fn counted(template: &'static str, told: &Result<Relayed, WireError>) {
    let host = template.split('.').next().unwrap_or(template);
    let (result, took) = match told {
        Ok(relayed) => ("answered", Some(Duration::from_millis(relayed.ms))),
        Err(error) if error.may_have_been_heard() => ("unknown", None),
        Err(_) => ("not_sent", None),
    };
    http::metrics::relay(host, result, took);
}

/// The stable word for a card request that did not leave.
fn unsent(code: Option<&str>) -> &'static str {
    match code {
        Some("not_found") => "card_unknown",
        Some("gone") => "card_terminated",
        Some("card_suspended") => "card_suspended",
        Some("card_expired") => "expired_card",
        Some("code_none") => connectors::Decline::CodeLost.code(),
        _ => UNREACHABLE,
    }
}

/// Origin and path of an address.
fn split(url: &str) -> Option<(&str, &str)> {
    let host_at = url.find("://")?.checked_add(3)?;
    let path_at = url.get(host_at..)?.find('/')?.checked_add(host_at)?;
    Some((url.get(..path_at)?, url.get(path_at..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_split_at_its_path() {
        assert_eq!(
            split("http://127.0.0.3:7702/api/x?y=1"),
            Some(("http://127.0.0.3:7702", "/api/x?y=1"))
        );
        assert_eq!(split("http://127.0.0.3:7702"), None);
        assert_eq!(split("nothing"), None);
    }
}
