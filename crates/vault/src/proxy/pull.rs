//! The property asks the channel; what the channel answers leaves with tokens.

use axum::http::{Method, Uri};
use bytes::Bytes;
use kernel::card_text::holds_card_number;
use serde::Deserialize;
use vault_wire::ProxyFormat;
use zeroize::Zeroizing;

use super::pass::{Bearer, Passed, Proxy};
use crate::partner::Denied;
use crate::relay::send::{Lane, Sent};
use crate::strict;

/// What the channel is asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    path: String,
    query: Option<String>,
    method: Asked,
    body: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
enum Asked {
    #[serde(rename = "GET")]
    Get,
    #[serde(rename = "POST")]
    Post,
    #[serde(rename = "PUT")]
    Put,
    #[serde(rename = "DELETE")]
    Delete,
}

impl Asked {
    const fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
            Self::Delete => Method::DELETE,
        }
    }
}

impl Proxy {
    /// Asks once; nothing of the answer is told that was not read whole.
    pub(super) async fn pull(
        &self,
        bearer: &Bearer,
        asked: Zeroizing<Vec<u8>>,
    ) -> Result<Passed, Denied> {
        let question: Question = strict::parse(&asked)?;
        drop(asked);
        let target = self.book.target(&bearer.open, bearer.shop.settings.mode)?;
        let path = address(&question)?;
        let body = question.body.unwrap_or_default();
        if holds_card_number(&body) {
            return Err(Denied::Simple(422, "pan_in_wrong_field", Some("$.body".into())));
        }
        let kind = match bearer.open.profile.told.format {
            ProxyFormat::Json => "application/json",
            ProxyFormat::Xml => "text/xml; charset=utf-8",
            ProxyFormat::Form => "application/x-www-form-urlencoded",
        };
        let sent = Sent {
            host: target.host,
            method: question.method.method(),
            path,
            kind: kind.into(),
            body: Bytes::from(body),
            lane: Lane::Message,
        };
        let mut passed = self.send(sent).await?;
        if !passed.body.is_empty() {
            let read = self.tokenise(bearer, Zeroizing::new(passed.body.to_vec())).await;
            passed.body = Bytes::from(read.map_err(|denied| match denied {
                // It is not the asking program's message that is broken.
                Denied::Simple(400, _, path) => Denied::Simple(502, "relay_bad_answer", path),
                other => other,
            })?);
        }
        Ok(passed)
    }
}

/// Path and query, as they may stand in a request line.
fn address(question: &Question) -> Result<String, Denied> {
    let fault = |path: &str| Denied::Simple(422, "invalid_field", Some(path.to_owned()));
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic() && c != '#');
    let path = &question.path;
    if !path.starts_with('/') || path.contains('?') || !plain(path) || holds_card_number(path) {
        return Err(fault("$.path"));
    }
    let query = question.query.as_deref().unwrap_or_default();
    if !plain(query) || holds_card_number(query) {
        return Err(fault("$.query"));
    }
    let whole = if query.is_empty() { path.clone() } else { format!("{path}?{query}") };
    match whole.parse::<Uri>() {
        Ok(uri) if uri.authority().is_none() => Ok(whole),
        _ => Err(fault("$.path")),
    }
}
