//! A message passes: who brings it, where it goes, and what is said there.

use std::sync::Arc;

use axum::http::Method;
use bytes::Bytes;
use db::DbError;
use kernel::ProxyProfileId;
use tokio::sync::{mpsc, oneshot};
use vault_wire::{PartnerScope, ProxyDirection};
use zeroize::Zeroizing;

use super::book::{Book, Open};
use super::target::Hosts;
use crate::add_card::Cards;
use crate::partner::{Caller, Denied, Knock};
use crate::relay::ToRelay;
use crate::relay::send::{Lane, Outcome, Sent};
use crate::shop::Shop;

/// A message as it came in.
pub(crate) struct Message {
    pub(crate) profile: ProxyProfileId,
    /// Key, address and body.
    pub(crate) knock: Knock,
    /// Its content type, as the channel wrote it.
    pub(crate) kind: String,
    /// Who begins.
    pub(crate) direction: ProxyDirection,
}

/// What the other side said.
pub(crate) struct Passed {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) body: Bytes,
}

/// The proxy.
pub(crate) struct Proxy {
    pub(crate) cards: Cards,
    pub(crate) book: Book,
    pub(crate) out: mpsc::Sender<ToRelay>,
}

/// Who brings a message, and for whom.
pub(super) struct Bearer {
    pub(super) open: Arc<Open>,
    pub(super) id: ProxyProfileId,
    pub(super) shop: Arc<Shop>,
    /// How the log calls him.
    pub(super) actor: String,
    /// Held while the message passes.
    pub(super) caller: Option<Caller>,
}

impl Proxy {
    /// Reads all profiles.
    pub(crate) async fn open(
        cards: &Cards,
        (hosts, public_url): (Hosts, &str),
        out: &mpsc::Sender<ToRelay>,
    ) -> Result<Self, DbError> {
        let book = Book::open(&cards.keeper, hosts, public_url.to_owned()).await?;
        Ok(Self { cards: cards.clone(), book, out: out.clone() })
    }

    /// A message comes: it goes on to the property, or asks the channel for one.
    pub(crate) async fn pass(&self, message: Message) -> Result<Passed, Denied> {
        let Message { profile, mut knock, kind, direction } = message;
        let bearer = self.bearer(profile, &knock, direction).await?;
        let body = std::mem::take(&mut knock.body);
        match direction {
            ProxyDirection::In => self.push(&bearer, body, kind).await,
            ProxyDirection::Out => self.pull(&bearer, body).await,
        }
    }

    async fn push(
        &self,
        bearer: &Bearer,
        body: Zeroizing<Vec<u8>>,
        kind: String,
    ) -> Result<Passed, Denied> {
        let target = self.book.target(&bearer.open, bearer.shop.settings.mode)?;
        let body = self.tokenise(bearer, body).await?;
        let sent = Sent {
            host: target.host,
            method: Method::POST,
            path: target.path,
            kind: kind.into(),
            body: Bytes::from(body),
            lane: Lane::Message,
        };
        self.send(sent).await
    }

    /// Whoever has the profile's own key, or one of the property or of a partner.
    async fn bearer(
        &self,
        id: ProxyProfileId,
        knock: &Knock,
        direction: ProxyDirection,
    ) -> Result<Bearer, Denied> {
        let doors = &self.cards.doors;
        let open = self.book.get(id).filter(|open| open.profile.told.direction == direction);
        if let Some(open) = open.clone().filter(|open| open.opens(&knock.key)) {
            let told = &open.profile.told;
            let shop = doors.shops.get(open.merchant, told.shop);
            let shop = shop.ok_or_else(|| Denied::new(404, "not_found"))?;
            doors.message(id, (knock.from, &told.ips, shop.settings.mode))?;
            return Ok(Bearer { open, id, shop, actor: id.to_string(), caller: None });
        }
        let caller = doors.enter(knock, PartnerScope::Proxy)?;
        let not_found = || Denied::new(404, "not_found");
        let open = open.ok_or_else(not_found)?;
        let named = open.profile.told.shop.to_string();
        let shop = doors.shop(&caller, &named).await.map_err(|denied| match denied {
            Denied::Simple(..) => not_found(),
            other => other,
        })?;
        let actor = caller.actor();
        Ok(Bearer { open, id, shop, actor, caller: Some(caller) })
    }

    /// Sends once; what went wrong is told so that the channel sends again.
    pub(super) async fn send(&self, sent: Sent) -> Result<Passed, Denied> {
        let (reply, outcome) = oneshot::channel();
        let outcome = match self.out.send(ToRelay { sent, reply }).await {
            Ok(()) => outcome.await.unwrap_or(Outcome::Unknown),
            Err(_) => Outcome::NotSent,
        };
        match outcome {
            Outcome::Answered(answer, _) if answer.status < 500 => {
                let (status, kind, body) = (answer.status, answer.content_type, answer.body);
                Ok(Passed { status, kind, body })
            }
            Outcome::Answered(..) => Err(Denied::new(502, "relay_bad_answer")),
            Outcome::NotSent => Err(Denied::new(502, "relay_not_sent")),
            Outcome::Unknown => Err(Denied::new(504, "relay_unknown")),
        }
    }
}
