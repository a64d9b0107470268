//! A message passes: who brings it, what it carries, where it goes.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use bytes::Bytes;
use db::{DbError, Route};
use kernel::{CardToken, ProxyProfileId};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use vault_wire::{PartnerScope, ProxyDirection};
use zeroize::Zeroizing;

use super::book::{Book, Open};
use super::draft::{self, Draft, DraftCard, Given};
use super::store::{self, Came};
use super::target::Hosts;
use super::visit::Fault;
use crate::add_card::{Arrival, Cards, MAX_REFERENCE_CHARACTERS};
use crate::card::{
    CardKind, CardRow, Code, Expiry, Fault as CardFault, KeepError, NewCard, Pan, read_code,
    read_holder,
};
use crate::figures;
use crate::log::{self, Line};
use crate::partner::{Caller, Denied, Knock};
use crate::relay::ToRelay;
use crate::relay::send::{Outcome, Sent};
use crate::shop::Shop;

/// Longest wait for the property's answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// Most bytes of an answer that is passed on.
pub(super) const MOST_BYTES: usize = 5 * 1024 * 1024;

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
    id: ProxyProfileId,
    pub(super) shop: Arc<Shop>,
    /// How the log calls him.
    actor: String,
    /// Held while the message passes.
    caller: Option<Caller>,
}

/// What stands now in place of a number.
enum Became {
    Card(CardToken),
    /// Nothing, and why.
    Missing(&'static str),
    /// What stood there.
    Same,
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
            patience: Some(PATIENCE),
            most_bytes: MOST_BYTES,
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

    /// Keeps the cards of a message; the message with tokens in their place. What is long to read
    /// is read beside the workers.
    pub(super) async fn tokenise(
        &self,
        bearer: &Bearer,
        body: Zeroizing<Vec<u8>>,
    ) -> Result<Vec<u8>, Denied> {
        let open = Arc::clone(&bearer.open);
        let read = tokio::task::spawn_blocking(move || {
            let text = text_of(body)?;
            Ok((draft::read(&open.profile, &text)?, text))
        });
        let (draft, text) = read.await.map_err(Denied::internal)?.map_err(|fault| {
            figures::proxy_cards(bearer.id, "refused");
            refused(fault)
        })?;
        if let Some(card) = draft.cards.iter().find(|card| has_broken_reference(card)) {
            return Err(Denied::Simple(400, "document_invalid", Some(card.path.clone())));
        }
        if draft.masked > 0 {
            self.note_masked(bearer, &draft).await?;
        }
        let mut tokens = Vec::with_capacity(draft.cards.len());
        for card in &draft.cards {
            tokens.push(match self.keep(bearer, card).await.map_err(Denied::internal)? {
                Became::Card(token) => Some(token),
                Became::Missing(_) | Became::Same => None,
            });
        }
        let write = tokio::task::spawn_blocking(move || draft.write(&text, &tokens));
        write.await.map_err(Denied::internal)?.map_err(refused)
    }

    /// Keeps the card of a message, or notes why there is none.
    async fn keep(&self, bearer: &Bearer, card: &DraftCard) -> Result<Became, KeepError> {
        let became = match &card.given {
            Given::Token => Became::Same,
            Given::Placeholder => Became::Missing("retrieval_failed"),
            Given::Nothing => Became::Missing("not_sent"),
            Given::Number(_) if !bearer.shop.cards.accept_cards => Became::Missing("storage_off"),
            Given::Number(digits) => {
                let table = self.cards.keeper.bins.current();
                let shop = &bearer.shop;
                let pan = Pan::read(digits, &table).and_then(|pan| {
                    pan.check(shop.settings.mode, &shop.cards.brands).map(|()| pan)
                });
                match pan {
                    Ok(pan) => Became::Card(self.store(bearer, card, pan).await?),
                    Err(CardFault::BrandNotAccepted(_)) => Became::Missing("brand_not_accepted"),
                    Err(_) => Became::Missing("invalid"),
                }
            }
        };
        if let Became::Missing(why) = became {
            figures::proxy_cards(bearer.id, why);
            self.note_missing(bearer, card, why).await?;
        }
        Ok(became)
    }

    /// Stores a number, or finds the card that it is already.
    async fn store(
        &self,
        bearer: &Bearer,
        card: &DraftCard,
        pan: Pan,
    ) -> Result<CardToken, KeepError> {
        let keeper = &self.cards.keeper;
        let print = keeper.fingerprint(&bearer.shop, &pan);
        let came = card.booking.clone().map(|booking| Came {
            merchant: bearer.open.merchant,
            profile: bearer.id,
            booking,
        });
        if let Some(known) = self.known(came.clone(), print).await? {
            return self.again(bearer, (card, came), (known, pan)).await;
        }
        let length = pan.code_length();
        let code = card.code.as_ref().and_then(|code| read_code(code, length).ok().flatten());
        let arrival = Arrival {
            actor: bearer.actor.clone(),
            counted: self.counted(bearer),
            card: new_card(bearer, card, (pan, card.expiry.unwrap_or(Expiry::UNKNOWN))),
            code,
            known: None,
        };
        let note = came.clone();
        let kept = self.cards.keep(&bearer.shop, arrival, move |tx, row, _: Code| {
            note.as_ref().map_or(Ok(()), |came| store::came(tx, row.token, came))
        });
        match kept.await {
            Ok((row, ())) => {
                figures::proxy_cards(bearer.id, "stored");
                tracing::info!(card = %row.token, profile = %bearer.id, "card stored by a feed");
                Ok(row.token)
            }
            // The same message came twice at once, and the other one was first.
            Err(KeepError::Db(DbError::Conflict(what))) => {
                let known = self.known(came, print).await?;
                known.map(|row| row.token).ok_or(KeepError::Db(DbError::Conflict(what)))
            }
            Err(error) => Err(error),
        }
    }

    async fn known(
        &self,
        came: Option<Came>,
        print: [u8; 16],
    ) -> Result<Option<CardRow>, KeepError> {
        let Some(came) = came else { return Ok(None) };
        let read =
            self.cards.keeper.db.read::<_, DbError, _>(move |tx| store::known(tx, &came, print));
        Ok(read.await?)
    }

    /// The card came before: its expiry and name may be new, its code was taken then.
    async fn again(
        &self,
        bearer: &Bearer,
        (card, came): (&DraftCard, Option<Came>),
        (known, pan): (CardRow, Pan),
    ) -> Result<CardToken, KeepError> {
        let print = self.cards.keeper.fingerprint(&bearer.shop, &pan);
        figures::proxy_cards(bearer.id, "known");
        let token = known.token;
        let expiry = card.expiry.unwrap_or(known.expiry);
        if expiry == known.expiry {
            return Ok(token);
        }
        let arrival = Arrival {
            actor: bearer.actor.clone(),
            counted: None,
            card: new_card(bearer, card, (pan, expiry)),
            code: None,
            known: Some(known),
        };
        match self.cards.keep(&bearer.shop, arrival, |_, _, _| Ok(())).await {
            Ok(_) => Ok(token),
            // The same message came twice at once, or the card was used meanwhile.
            Err(KeepError::Db(DbError::Conflict(what))) => {
                let known = self.known(came, print).await?;
                known.map(|row| row.token).ok_or(KeepError::Db(DbError::Conflict(what)))
            }
            Err(error) => Err(error),
        }
    }

    fn counted(&self, bearer: &Bearer) -> Option<(kernel::PartnerId, kernel::Date)> {
        bearer.caller.as_ref().and_then(|caller| caller.counted(self.cards.clock.now()))
    }

    async fn note_missing(
        &self,
        bearer: &Bearer,
        card: &DraftCard,
        why: &'static str,
    ) -> Result<(), KeepError> {
        let details = json!({ "booking": card.booking, "path": card.path, "profile": bearer.id });
        self.note(bearer, ("card.missing", why), details).await
    }

    async fn note_masked(&self, bearer: &Bearer, draft: &Draft) -> Result<(), Denied> {
        figures::proxy_cards(bearer.id, "masked");
        tracing::error!(profile = %bearer.id, count = draft.masked,
            "ALARM: a feed carries card numbers that its profile does not name");
        let details = json!({ "count": draft.masked, "profile": bearer.id });
        let noted = self.note(bearer, ("proxy.masked", "unmapped_number"), details);
        noted.await.map_err(Denied::internal)
    }

    async fn note(
        &self,
        bearer: &Bearer,
        (event, purpose): (&'static str, &str),
        details: serde_json::Value,
    ) -> Result<(), KeepError> {
        let place = (bearer.open.merchant, bearer.shop.settings.shop);
        let now = bearer.shop.now(self.cards.clock.now());
        let keeper = &self.cards.keeper;
        let line = Line::new(event, place, &bearer.actor, now, &*keeper.rng)
            .purpose(purpose)
            .details(details);
        let write = move |tx: &mut db::Tx<'_>| log::append(tx, &line).map(|_| ());
        Ok(keeper.db.write::<_, DbError, _>(Route::of(bearer.id.id()), write).await?)
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

fn refused(fault: Fault) -> Denied {
    let status = match fault.code {
        "too_many_cards" => 413,
        "unmapped_number" | "unmapped_code" => 422,
        _ => 400,
    };
    Denied::Simple(status, fault.code, Some(fault.path))
}

/// The text of a message; bytes that are none are wiped.
fn text_of(mut body: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>, Fault> {
    String::from_utf8(std::mem::take(&mut *body)).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        Fault { code: "document_invalid", path: "$".into() }
    })
}

fn has_broken_reference(card: &DraftCard) -> bool {
    card.booking.as_ref().is_some_and(|text| {
        text.chars().count() > MAX_REFERENCE_CHARACTERS || text.chars().any(char::is_control)
    })
}

fn new_card(bearer: &Bearer, card: &DraftCard, (pan, expiry): (Pan, Expiry)) -> NewCard {
    let holder = card.holder.as_ref().and_then(|name| read_holder(name).ok());
    let told = card.virtual_from.map(|day| json!({ "active_from": day, "source": "channel" }));
    NewCard {
        pan,
        expiry,
        holder: holder.unwrap_or_else(|| Zeroizing::new(String::new())),
        preferred: None,
        kind: CardKind::Pending,
        entry: "feed",
        channel: bearer.open.profile.told.channel.clone(),
        is_virtual: told.is_some(),
        told: told.map(|told| told.to_string()),
        customer: None,
        booking: card.booking.clone(),
        payment: None,
    }
}
