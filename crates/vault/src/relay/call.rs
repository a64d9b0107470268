//! One relay call: check, note, fill, send, scan, keep.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::digest;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use db::{DbError, Route};
use kernel::{Clock, Id, Timestamp};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use vault_wire::{CardStatus, Refused, RelayCall, RelayCode, Relayed, WireScope};
use zeroize::Zeroizing;

use super::fill::{self, Values};
use super::scan::{Seen, scan};
use super::send::{Host, Lane, Outcome, Sent, ToRelay};
use super::store::{self, Earlier, RelayRow};
use super::template::{CodeUse, Template, Templates};
use crate::capture::{internal, not_found};
use crate::card::code::{CodeEnd, CodeState};
use crate::card::{self, CardRow, Code, KeepError, Keeper};
use crate::clock::Watch;
use crate::core::codes::{Codes, Moment};
use crate::keys::record::Plain;
use crate::log::{self, Line};
use crate::origin::Origin;
use crate::reveal::store::block;
use crate::shop::{Shop, Shops};

const MAX_KEY_CHARACTERS: usize = 255;

/// The part of the core that prepares relay calls.
pub(crate) struct Relay {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) shops: Arc<Shops>,
    pub(crate) codes: Arc<Codes>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) templates: Templates,
    pub(crate) app: Origin,
    pub(crate) out: mpsc::Sender<ToRelay>,
    pub(crate) watch: Arc<Watch>,
}

/// A call that was checked and may be sent.
struct Ready {
    template: Arc<Template>,
    card: CardRow,
    plain: Plain,
    use_code: bool,
    code_follows: bool,
    args: BTreeMap<String, String>,
    shop: Arc<Shop>,
    row: Arc<RelayRow>,
    moment: Moment,
    actor: String,
}

/// What became of the code that went along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spent {
    No,
    FromMemory,
    FromSlot,
}

/// The code that goes along, and where it came from.
struct Lent {
    digits: Option<Zeroizing<String>>,
    /// Reserved in its slot under this name.
    holder: Option<String>,
}

/// Nothing new goes out for the shop.
const BLOCKED: &str = "blocked";

impl Relay {
    /// Does what the app asks, once per name of the call.
    pub(crate) async fn call(
        &self,
        scope: &WireScope,
        request: RelayCall,
    ) -> Result<Relayed, Refused> {
        let ready = self.prepare(scope, request).await?;
        let (row, place) = (Arc::clone(&ready.row), (scope.merchant, scope.shop));
        let (shop, card) = (Arc::clone(&ready.shop), ready.card.clone());
        let earlier = self
            .keeper
            .db
            .write::<_, DbError, _>(Route::of(row.id), move |tx| {
                let earlier = store::begin_relay(tx, &row)?;
                let shut = block(tx, place)?.is_some_and(|block| block.relay);
                if shut && matches!(earlier, Earlier::None) {
                    return Err(DbError::Conflict(BLOCKED.into()));
                }
                if matches!(earlier, Earlier::None) {
                    card::stay::used(tx, (&shop, &card), row.at)?;
                }
                Ok(earlier)
            })
            .await
            .map_err(|error| match error {
                DbError::Conflict(what) if what == BLOCKED => {
                    Refused::new("relay_blocked", "Cards of this shop are not charged now.")
                }
                error => internal(error),
            })?;
        match earlier {
            Earlier::None => self.send(ready).await,
            Earlier::Sent => Err(unknown()),
            Earlier::Answered(json) => serde_json::from_str(&json).map_err(internal),
        }
    }

    async fn prepare(&self, scope: &WireScope, request: RelayCall) -> Result<Ready, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let template = self.templates.get(&request.template).ok_or_else(|| {
            Refused::new("template_unknown", "No template of this name.").at("$.template")
        })?;
        if !shop.is_test() {
            let why = "The template's host serves test shops only.";
            return Err(Refused::new("host_not_allowed", why));
        }
        if !(1..=MAX_KEY_CHARACTERS).contains(&request.idempotency.len()) {
            let why = "The call needs a name of 1 to 255 characters.";
            return Err(Refused::new("invalid_field", why).at("$.idempotency"));
        }
        let args = template.read_args(&request.args, &self.app)?;
        let card = self.usable_card(scope, &shop, &request).await?;
        let real = self.clock.now();
        let plain = match self.keeper.open(&shop, &card) {
            Ok(plain) => plain,
            Err(error @ KeepError::Corrupt) => {
                tracing::error!(%error, "relay");
                self.keeper.doubt(&card, shop.now(real)).await.map_err(internal)?;
                let why = "The card's record does not open.";
                return Err(Refused::new("record_corrupt", why));
            }
            // A disk or a database that fails says nothing about the card.
            Err(error) => return Err(internal(error)),
        };
        let moment = Moment { shop: shop.now(real), real };
        let use_code = request.use_code && template.code_use == CodeUse::Authorise;
        let code_follows = request.code_follows;
        let row = Arc::new(RelayRow {
            merchant: scope.merchant,
            id: call_id(&request),
            card: card.token,
            template: request.template,
            at: moment.shop,
        });
        let actor = scope.user.clone();
        Ok(Ready { template, card, plain, use_code, code_follows, args, shop, row, moment, actor })
    }

    /// The code from memory, else from its slot; refused while somebody else has it.
    async fn lend(&self, ready: &Ready) -> Result<Lent, Refused> {
        let none = Lent { digits: None, holder: None };
        let digits = self.codes.lend(ready.card.token, ready.moment);
        let needed = ready.use_code || ready.code_follows;
        if digits.is_none() && needed && ready.card.code_typed {
            // Neither is the holder asked for a proof that the authorisation could not use.
            let why = "The security code is in memory no more: its holder must type it again.";
            return Err(Refused::new("code_none", why));
        }
        if !ready.use_code {
            return Ok(none);
        }
        if digits.is_some() || ready.card.held.lives() {
            self.watch.must_be_safe()?;
        }
        if digits.is_some() {
            return Ok(Lent { digits, holder: None });
        }
        match ready.card.held.state {
            None | Some(CodeState::Destroyed) => return Ok(none),
            Some(CodeState::Unknown) => {
                let why = "The code was sent before; the bank's answer is not known.";
                return Err(Refused::new("code_unknown", why));
            }
            Some(CodeState::Available | CodeState::Reserved) => {}
        }
        let holder = format!("relay:{}", ready.row.id.text());
        let keeper = &self.keeper;
        let won = keeper.reserve_code(&ready.card, &holder, ready.moment.real).await;
        if !won.map_err(internal)? {
            let why = "Somebody else has just taken the security code.";
            return Err(Refused::new("code_taken", why));
        }
        match keeper.open_code(&ready.shop, &ready.card) {
            Ok(digits) => Ok(Lent { digits: Some(digits), holder: Some(holder) }),
            Err(error) => {
                let back = keeper.set_code(&ready.card, &holder, CodeState::Available).await;
                back.map_err(internal)?;
                Err(internal(error))
            }
        }
    }

    /// Forgets a call that was noted and never left.
    async fn forget(&self, row: &RelayRow) -> Result<(), Refused> {
        let (call, route) = ((row.merchant, row.id), Route::of(row.id));
        let forgotten =
            self.keeper.db.write::<_, DbError, _>(route, move |tx| store::forget_relay(tx, call));
        forgotten.await.map_err(internal)
    }

    async fn code_back(
        &self,
        card: &CardRow,
        lent: &Lent,
        state: CodeState,
    ) -> Result<(), Refused> {
        let Some(holder) = &lent.holder else { return Ok(()) };
        self.keeper.set_code(card, holder, state).await.map_err(internal)
    }

    async fn usable_card(
        &self,
        scope: &WireScope,
        shop: &Shop,
        request: &RelayCall,
    ) -> Result<CardRow, Refused> {
        let found = self.keeper.find(scope.merchant, request.card).await.map_err(internal)?;
        let card = found.filter(|card| card.shop == scope.shop).ok_or_else(not_found)?;
        let real = self.clock.now();
        let past = card.purge_at.is_some_and(|at| at <= shop.now(real));
        match card::status(&card, shop.today(real)) {
            CardStatus::Purged => Err(Refused::new("gone", "The card is destroyed.")),
            CardStatus::Suspended => {
                Err(Refused::new("card_suspended", "The card is blocked; nothing was sent."))
            }
            _ if past => Err(Refused::new("gone", "The card is past its time.")),
            // The holder must be asked: an authorisation without an expiry is refused anyway.
            _ if !card.expiry.is_known() => {
                Err(Refused::new("card_expired", "The card's expiry is not known."))
            }
            CardStatus::Expired => {
                Err(Refused::new("card_expired", "The card's expiry month is over."))
            }
            _ => Ok(card),
        }
    }

    async fn send(&self, ready: Ready) -> Result<Relayed, Refused> {
        let (lent, body) = self.fill(&ready).await?;
        let Ready { template, card, plain, row, moment, actor, args, .. } = ready;
        let line = |result: &str| {
            let place = (row.merchant, card.shop);
            Line::new("relay.called", place, &actor, moment.shop, &*self.keeper.rng)
                .card(card.token)
                .purpose(&row.template)
                .details(told(&template, &args, result))
        };
        let (answer, ms) = match self.leave(&template, body).await {
            Outcome::Answered(answer, ms) => (answer, ms),
            Outcome::NotSent => {
                self.forget(&row).await?;
                self.code_back(&card, &lent, CodeState::Available).await?;
                let why = "The host was not reached; nothing was sent.";
                return Err(Refused::new("relay_not_sent", why));
            }
            Outcome::Unknown => {
                // Whatever the database says now: it was sent. The sweeper settles the code.
                let noted = self.code_back(&card, &lent, CodeState::Unknown).await;
                drop(noted);
                self.note(line("unknown")).await;
                return Err(unknown());
            }
        };
        let held = self.codes.has(card.token, moment);
        // The host answered: the app must hear it, also when the code could not be destroyed now.
        // It stays reserved, and the sweeper destroys it.
        let by = (&*row, moment, actor.as_str());
        let spent = self.spend((&template, &card), &lent, &answer, by).await;
        let spent = spent.unwrap_or(Spent::No);
        let token = card.token.to_string();
        let seen = Seen {
            number: &plain.number,
            code: lent.digits.as_ref().map(|code| code.as_str()),
            token: &token,
        };
        let kind = answer.content_type.split(';').next().unwrap_or_default().trim();
        let expected = template.expect.iter().any(|one| one == kind);
        let body = scan(&answer.body, &seen).filter(|_| expected);
        let Some(body) = body else {
            self.note(line("unknown")).await;
            let why = "The host's answer cannot be searched for card data; its result is unknown.";
            return Err(Refused::new("relay_bad_answer", why));
        };
        let relayed = Relayed {
            attempt: row.id.text(),
            sent: true,
            http_status: answer.status,
            headers: BTreeMap::from([("content-type".to_owned(), kind.to_owned())]),
            body_b64: STANDARD.encode(body),
            code: match (spent != Spent::No, held) {
                (true, _) => RelayCode::Destroyed,
                (false, Code::Held) => RelayCode::Kept,
                (false, Code::Absent) if card.held.lives() => RelayCode::Kept,
                (false, Code::Absent) => RelayCode::None,
            },
            ms,
        };
        let because = cause(&answer.body);
        let line = line(result(answer.status, &answer.body));
        self.keep(&row, &relayed, ((spent == Spent::FromMemory).then_some(because), line)).await?;
        Ok(relayed)
    }

    /// Writes in the log that a call left and what came of it is not known.
    async fn note(&self, line: Line) {
        let route = Route::of(line.shop.id());
        let written = self.keeper.db.write::<_, DbError, _>(route, move |tx| {
            log::append(tx, &line)?;
            Ok(())
        });
        if let Err(error) = written.await {
            tracing::error!(%error, "ALARM: a relay call left and is not in the log");
        }
    }

    /// The body with the code that goes along; when there is none, the call is forgotten.
    async fn fill(&self, ready: &Ready) -> Result<(Lent, Zeroizing<Vec<u8>>), Refused> {
        let lent = match self.lend(ready).await {
            Ok(lent) => lent,
            Err(refused) => {
                self.forget(&ready.row).await?;
                return Err(refused);
            }
        };
        let card = (&ready.card, &ready.plain);
        let of = ((&*ready.shop, ready.moment.shop), &ready.args);
        match filled(&ready.template, card, lent.digits.as_ref(), of) {
            Ok(body) => Ok((lent, body)),
            Err(refused) => {
                self.forget(&ready.row).await?;
                self.code_back(&ready.card, &lent, CodeState::Available).await?;
                Err(refused)
            }
        }
    }

    async fn leave(&self, template: &Template, body: Zeroizing<Vec<u8>>) -> Outcome {
        let (reply, outcome) = oneshot::channel();
        let sent = Sent {
            host: Host::Sandbox,
            method: Method::POST,
            path: template.path.clone(),
            kind: "application/json".into(),
            body: Bytes::from_owner(body),
            lane: Lane::Charge,
        };
        match self.out.send(ToRelay { sent, reply }).await {
            Ok(()) => outcome.await.unwrap_or(Outcome::Unknown),
            Err(_) => Outcome::NotSent,
        }
    }

    /// Destroys the code that went along, when this was an authorisation's answer.
    async fn spend(
        &self,
        (template, card): (&Template, &CardRow),
        lent: &Lent,
        answer: &http::client::Answer,
        (row, moment, actor): (&RelayRow, Moment, &str),
    ) -> Result<Spent, Refused> {
        let authorised =
            template.code_use == CodeUse::Authorise && (200..300).contains(&answer.status);
        if !authorised || lent.holder.is_none() {
            let kept = if answer.status >= 500 { CodeState::Unknown } else { CodeState::Available };
            self.code_back(card, lent, kept).await?;
            // A code that did not go along was not part of the authorisation: it stays.
            let went = lent.digits.is_some();
            let from_memory = went && authorised && self.codes.destroy(card.token);
            return Ok(if from_memory { Spent::FromMemory } else { Spent::No });
        }
        let because = cause(&answer.body);
        let place = (row.merchant, card.shop);
        let line = Line::new("code.destroyed", place, actor, moment.shop, &*self.keeper.rng)
            .card(card.token)
            .purpose(because);
        let end = CodeEnd { because, actor: None, line };
        self.keeper.destroy_code(card, end).await.map_err(internal)?;
        Ok(Spent::FromSlot)
    }

    async fn keep(
        &self,
        row: &Arc<RelayRow>,
        relayed: &Relayed,
        (code_gone, line): (Option<&'static str>, Line),
    ) -> Result<(), Refused> {
        let json = serde_json::to_string(relayed).map_err(internal)?;
        let row = Arc::clone(row);
        let kept = self
            .keeper
            .db
            .write::<_, DbError, _>(Route::of(row.id), move |tx| {
                if let Some(cause) = code_gone {
                    let card = (row.merchant, row.card);
                    card::store::code_gone(tx, card, cause, row.at)?;
                }
                log::append(tx, &line)?;
                store::finish_relay(tx, (row.merchant, row.id), &json)
            })
            .await;
        if let Err(error) = kept {
            // The host answered: the app must hear it, although a repeat will say "unknown".
            tracing::error!(%error, "relay answer not kept");
        }
        Ok(())
    }
}

fn filled(
    template: &Template,
    card: (&CardRow, &Plain),
    code: Option<&Zeroizing<String>>,
    ((shop, shop_now), args): ((&Shop, Timestamp), &BTreeMap<String, String>),
) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let (row, plain) = card;
    let values = Values {
        card: plain,
        code: code.map(|code| code.as_str()),
        brand: row.preferred.unwrap_or(row.brand).as_str(),
        shop: &shop.settings.name,
        shop_now,
        args,
    };
    let filled = fill::fill(&template.body, &values);
    filled.ok_or_else(|| Refused::new("arg_invalid", "A value of the template is missing."))
}

/// The name of a call: of its template, card and key.
fn call_id(request: &RelayCall) -> Id {
    let text = format!("{}\n{}\n{}", request.template, request.card, request.idempotency);
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    Id::from_bytes(short)
}

/// What the log says of a call: to whom, how much, and what came of it.
fn told(template: &Template, args: &BTreeMap<String, String>, result: &str) -> serde_json::Value {
    let amount = args.get("amount").and_then(|text| text.parse::<i64>().ok());
    let host = template.name.split('.').next();
    json!({ "amount": amount, "currency": args.get("currency"), "to": host, "result": result })
}

/// What the host said of a call, as a word.
fn result(status: u16, body: &[u8]) -> &'static str {
    match (status, said(body).as_deref()) {
        (200..300, Some("approved")) => "approved",
        (200..300, Some("declined")) => "declined",
        (200..300, _) => "answered",
        _ => "refused",
    }
}

/// The word for the outcome in a host's answer.
fn said(body: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    answer.get("outcome")?.as_str().map(str::to_owned)
}

/// Why a code was destroyed, as the bank's answer says it.
fn cause(body: &[u8]) -> &'static str {
    match said(body).as_deref() {
        Some("declined") => "declined",
        _ => "authorised",
    }
}

fn unknown() -> Refused {
    Refused::new("relay_unknown", "It was sent; no answer came. Ask the host, never send again.")
}
