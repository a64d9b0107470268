//! Several virtual cards charged at once (see [`identity::lots`]): each as one press would.
//!
//! A line leaves the state *waiting* in the transaction that stores its payment's first request as
//! sent. A card whose balance nobody knows is charged one by one.

use db::{DbError, Route, Tx};
use http::Words;
use identity::lots::{About, Asker, Chosen, Deed, Halt, Label, Outcome, Stand, Turn};
use identity::merchants;
use kernel::{CardToken, Id, Money, Right, Scope};
use web::worker::Work;

use super::board::{self, Entry};
use super::charge::{self, NotCharged, Order};
use super::list::PATH;
use super::store;
use super::view::{self, Look};
use crate::engine::Engine;
use crate::lots::{answer_of, send};

/// Charging virtual cards.
#[derive(Debug, Clone)]
pub struct Charges {
    engine: Engine,
}

impl Charges {
    /// Those of this house.
    #[must_use]
    pub fn new(engine: &Engine) -> Self {
        Self { engine: engine.clone() }
    }

    async fn charge(&self, turn: &Turn) -> Result<(), Halt> {
        let (engine, scope) = (&self.engine, turn.scope.clone());
        let card = CardToken::from(turn.line.thing);
        let find = move |tx: &mut Tx<'_>| store::find(tx, &scope, card);
        let told = engine.ctx.db.read(find).await?.ok_or(Halt::Refused("unknown"))?;
        let place = (card, told.shop);
        let offer = engine.virtual_offer(&turn.scope, place).await.map_err(NotCharged::from)?;
        let order = Order::new(engine, place, turn.line.amount, turn.lot.origin.clone());
        let (own, line, route) = (engine.clone(), turn.clone(), Route::of(order.ids.payment.id()));
        let unit = move |tx: &mut Tx<'_>| -> Result<_, Halt> {
            let dispatch = charge::begin_offered(tx, &own, &line.scope, (&order, &offer))?;
            line.leave(tx, &own.ctx, &Stand::Asked(order.ids.payment.id()))?;
            Ok(dispatch)
        };
        let dispatch = engine.ctx.db.write(route, unit).await?;
        send(engine, turn, dispatch).await;
        Ok(())
    }
}

impl Deed for Charges {
    fn about(&self) -> About {
        About {
            name: "virtual_cards.charge",
            key: "vcc-lot",
            whys: &["vcc-lot-why", "payment-lot-why"],
            path: "/cartes/virtuelles/encaisser",
            list: PATH,
            things: "/cartes",
            prefix: CardToken::PREFIX,
            audit: "card.virtual_lot",
            right: Right::CardUse,
            view: Right::CardView,
            export: Right::PaymentsExport,
            ceiling: Some(Right::PaymentsCreate),
            typed: true,
            reason: false,
            danger: false,
        }
    }

    fn look(&self, tx: &mut Tx<'_>, asker: &Asker, ids: &[Id]) -> Result<Vec<Chosen>, DbError> {
        let shops = merchants::store::shops(tx, &asker.scope)?;
        let Some(shop) = shops.first() else { return Ok(Vec::new()) };
        let pen = self.engine.pen(&asker.scope, shop.id);
        let look = Look { words: &asker.words, now: pen.now, ceiling: asker.ceiling };
        let mut all = Vec::new();
        for id in ids {
            let entry = board::entry(tx, &pen, CardToken::from(*id))?;
            all.extend(entry.map(|entry| chosen(&look, &entry)));
        }
        Ok(all)
    }

    fn carry_out(&self, turn: Turn) -> Work<Result<(), Halt>> {
        let deed = self.clone();
        Box::pin(async move { deed.charge(&turn).await })
    }

    fn answer(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        words: &Words,
        made: Id,
    ) -> Result<Outcome, DbError> {
        answer_of(tx, scope, words, made.into())
    }
}

fn chosen(look: &Look<'_>, entry: &Entry) -> Chosen {
    let card = &entry.seen.card;
    let number = entry.seen.claim.as_ref().map(|claim| claim.number.as_str());
    let known = entry.offer.filter(|_| entry.left().is_some());
    let unknown = || known.is_none().then(|| look.words.say("vcc-lot-one-by-one"));
    Chosen {
        thing: card.card.id(),
        label: Label {
            reference: charge::reference(card, number),
            name: view::guest(&entry.seen),
            detail: card.masked.clone(),
        },
        amount: known.unwrap_or_else(|| Money::zero(entry.seen.currency())),
        version: card.version,
        why: look.why_not(entry).or_else(unknown),
    }
}

impl From<NotCharged> for Halt {
    fn from(error: NotCharged) -> Self {
        Self::Refused(match error {
            NotCharged::Unknown => "unknown",
            NotCharged::Card(refusal) => refusal.code(),
            NotCharged::Changed => "changed",
            NotCharged::NoPlace => "no_moto",
            NotCharged::Vault(_) => "vault",
            NotCharged::Charge(error) => return error.into(),
        })
    }
}
