//! The cards of a message: each is kept, and its token stands in place of its number.

use std::sync::Arc;

use db::{DbError, Route};
use kernel::{CardToken, Date, MerchantId, PartnerId, ShopId, Timestamp};
use serde_json::json;
use zeroize::Zeroizing;

use super::draft::{self, Draft, DraftCard, Given};
use super::pass::{Bearer, Proxy};
use super::store::{self, Came};
use super::visit::Fault;
use crate::add_card::Arrival;
use crate::card::stay::store as stay;
use crate::card::{
    CardKind, CardRow, Code, Expiry, Fault as CardFault, KeepError, NewCard, Pan, read_code,
    read_holder,
};
use crate::figures;
use crate::log::{self, Line};
use crate::partner::Denied;

/// What stands now in place of a number.
enum Became {
    Card(CardToken),
    /// Nothing, and why.
    Missing(&'static str),
    /// What stood there.
    Same,
}

impl Proxy {
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

    /// Stores a number, or finds the card that it is already: then its expiry may be new, and a
    /// name with it; its code was taken when it came first.
    async fn store(
        &self,
        bearer: &Bearer,
        card: &DraftCard,
        pan: Pan,
    ) -> Result<CardToken, KeepError> {
        let print = self.cards.keeper.fingerprint(&bearer.shop, &pan);
        let came = card.booking.clone().map(|booking| Came {
            merchant: bearer.open.merchant,
            profile: bearer.id,
            booking,
        });
        let known = self.known(came.clone(), print).await?;
        if let Some(known) = &known {
            figures::proxy_cards(bearer.id, "known");
            if card.expiry.is_none_or(|expiry| expiry == known.expiry) {
                return Ok(known.token);
            }
        }
        let is_new = known.is_none();
        let length = pan.code_length();
        let code = card.code.as_ref().filter(|_| is_new);
        let arrival = Arrival {
            actor: bearer.actor.clone(),
            counted: self.counted(bearer),
            card: new_card(bearer, card, pan),
            code: code.and_then(|code| read_code(code, length).ok().flatten()),
            known,
        };
        let note = came.clone().filter(|_| is_new);
        let kept = self.cards.keep(&bearer.shop, arrival, move |tx, row, _: Code| {
            note.as_ref().map_or(Ok(()), |came| store::came(tx, row.token, came))
        });
        match kept.await {
            Ok((row, ())) => {
                if is_new {
                    figures::proxy_cards(bearer.id, "stored");
                    tracing::info!(card = %row.token, profile = %bearer.id, "card stored by a feed");
                }
                Ok(row.token)
            }
            // The same message came twice at once and the other one was first, or the card was
            // used meanwhile.
            Err(KeepError::Db(DbError::Conflict(what))) => {
                let known = self.known(came, print).await?;
                known.map(|row| row.token).ok_or(KeepError::Db(DbError::Conflict(what)))
            }
            Err(error) => Err(error),
        }
    }

    /// The card of a number that came under the same reference before.
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

    fn counted(&self, bearer: &Bearer) -> Option<(PartnerId, Date)> {
        bearer.caller.as_ref().and_then(|caller| caller.counted(self.cards.clock.now()))
    }

    async fn note_missing(
        &self,
        bearer: &Bearer,
        card: &DraftCard,
        why: &'static str,
    ) -> Result<(), KeepError> {
        let details = json!({ "booking": card.booking, "path": card.path, "profile": bearer.id });
        let (line, place, now) = self.line(bearer, ("card.missing", why), details);
        let booking = card.booking.clone();
        let write = move |tx: &mut db::Tx<'_>| {
            log::append(tx, &line)?;
            let Some(booking) = &booking else { return Ok(()) };
            stay::note_missing(tx, place, (booking, why, now))
        };
        let keeper = &self.cards.keeper;
        Ok(keeper.db.write::<_, DbError, _>(Route::of(bearer.id.id()), write).await?)
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
        let (line, ..) = self.line(bearer, (event, purpose), details);
        let write = move |tx: &mut db::Tx<'_>| log::append(tx, &line).map(|_| ());
        let keeper = &self.cards.keeper;
        Ok(keeper.db.write::<_, DbError, _>(Route::of(bearer.id.id()), write).await?)
    }

    /// A line of the log, with its place and its moment.
    fn line(
        &self,
        bearer: &Bearer,
        (event, purpose): (&'static str, &str),
        details: serde_json::Value,
    ) -> (Line, (MerchantId, ShopId), Timestamp) {
        let place = (bearer.open.merchant, bearer.shop.settings.shop);
        let now = bearer.shop.now(self.cards.clock.now());
        let line = Line::new(event, place, &bearer.actor, now, &*self.cards.keeper.rng);
        (line.purpose(purpose).details(details), place, now)
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

fn new_card(bearer: &Bearer, card: &DraftCard, pan: Pan) -> NewCard {
    let holder = card.holder.as_ref().and_then(|name| read_holder(name).ok());
    let told = card.virtual_from.map(|day| json!({ "active_from": day, "source": "channel" }));
    NewCard {
        pan,
        expiry: card.expiry.unwrap_or(Expiry::UNKNOWN),
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
