//! What happens to virtual cards by itself, at five past midnight of the property: those that open
//! are told, those about to be lost become a task, and where the property wants it, what opens is
//! charged.

use db::jobs::{Job, NewJob};
use db::{DbError, Route, Tx, outbox};
use kernel::time::{nights_between, plus_days};
use kernel::{CardToken, Date, EventId, Id, JobId, Money, Scope, ShopId, Timestamp, Zone};
use web::Next;
use web::tasks::{self, NewTask, Owner};

use super::board::{self, Entry};
use super::charge::{NotCharged, Order};
use super::ops::needed;
use super::store::{self, Auto};
use super::{ALERT_DAYS, MOST_AUTO_TRIES, digest};
use crate::engine::Engine;
use crate::jobs;
use crate::payment::Payment;
use crate::payment::save::{Pen, zone};

const DAY_SECONDS: i64 = 86_400;
/// Minutes after midnight at which the day is begun.
const MINUTE: i8 = 5;

/// Plans the next five past midnight, and the next Monday, of a shop that has virtual cards.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn plan(tx: &mut Tx<'_>, pen: &Pen<'_>, shop: ShopId) -> Result<(), DbError> {
    let zone = zone(tx, pen.scope)?;
    let job = NewJob {
        id: JobId::new(pen.now, pen.rng),
        merchant: pen.scope.merchant(),
        mode: pen.scope.mode(),
        shop,
        kind: jobs::VIRTUAL_DAY,
        dedupe: Some(shop.to_string()),
        run_at: next(&zone, pen.now),
        payload: serde_json::Value::Null,
    };
    db::jobs::enqueue(tx, &job)?;
    digest::plan(tx, pen, shop)
}

/// The next five past midnight.
fn next(zone: &Zone, now: Timestamp) -> Timestamp {
    let today = zone.date(now);
    let first = zone.at(today, 0, MINUTE);
    if now < first { first } else { zone.at(plus_days(today, 1), 0, MINUTE) }
}

impl Engine {
    /// Begins the day of a shop's virtual cards; safe to repeat.
    ///
    /// # Errors
    /// A sentence for the log; the job is tried again.
    pub(crate) async fn virtual_day(&self, house: &Scope, job: &Job) -> Result<Next, String> {
        let (engine, scope, shop) = (self.clone(), house.clone(), job.shop);
        let look = move |tx: &mut Tx<'_>| begin(tx, &engine.pen(&scope, shop), shop);
        let found = self.ctx.db.write::<_, DbError, _>(Route::of(shop.id()), look).await;
        let Begun { zone, charges, needs } = found.map_err(|error| error.to_string())?;
        for (card, until) in needs {
            if let Err(error) = self.say_need(house, (card, shop), until).await {
                tracing::warn!(%error, %card, "the vault did not learn how long a card is needed");
            }
        }
        for (card, amount) in charges {
            if let Err(error) = self.charge_by_itself(house, (card, shop), amount).await {
                tracing::warn!(%error, %card, "virtual card not charged by itself");
            }
        }
        Ok(Next::Again(next(&zone, self.ctx.now(shop))))
    }

    /// Charges a card without anybody pressing; a second refusal becomes a task.
    async fn charge_by_itself(
        &self,
        house: &Scope,
        (card, shop): (CardToken, ShopId),
        amount: Money,
    ) -> Result<(), NotCharged> {
        let (scope, now) = (house.clone(), self.ctx.now(shop));
        let mark = move |tx: &mut Tx<'_>| store::count_auto(tx, &scope, card, now);
        let tries = self.ctx.db.write::<_, DbError, _>(Route::of(card.id()), mark).await?;
        let origin = identity::audit::Origin::default();
        let order = Order::new(self, (card, shop), amount, origin);
        let payment = self.charge_virtual(house, order).await?;
        let Some(decline) = payment.decline.as_ref().filter(|_| tries >= MOST_AUTO_TRIES) else {
            return Ok(());
        };
        let task = NewTask {
            id: Id::random(self.ctx.rng.as_ref()),
            kind: tasks::CARD_NOT_CHARGED,
            object: card.to_string(),
            note: note(&payment, &decline.code),
            person: None,
            amount: None,
        };
        let owner = Owner::from(house);
        let raise = move |tx: &mut Tx<'_>| tasks::raise(tx, owner, &task, now);
        Ok(self.ctx.db.write::<_, DbError, _>(Route::of(card.id()), raise).await?)
    }
}

fn note(payment: &Payment, code: &str) -> String {
    format!("{} · {code}", payment.order_ref)
}

/// What follows from the look at a day's beginning.
struct Begun {
    /// Where the property is.
    zone: Zone,
    /// What is to be charged.
    charges: Vec<(CardToken, Money)>,
    /// Until which day each card is needed.
    needs: Vec<(CardToken, Option<Date>)>,
}

/// Tells what opens and what is about to be lost; gives what is to be charged.
fn begin(tx: &mut Tx<'_>, pen: &Pen<'_>, shop: ShopId) -> Result<Begun, DbError> {
    // A shop whose first card is older than its first digest.
    digest::plan(tx, pen, shop)?;
    let zone = zone(tx, pen.scope)?;
    let today = zone.date(pen.now);
    let policy = store::policy(tx, pen.scope, shop)?;
    let (mut charges, mut needs) = (Vec::new(), Vec::new());
    for entry in board::entries(tx, pen, shop)? {
        let card = entry.seen.card.card;
        let auto = store::auto(tx, pen.scope, card)?;
        let first = entry.seen.card.first_day(&zone);
        if first == today && !auto.announced && entry.shut.is_none() {
            announce(tx, pen, &entry)?;
        }
        alert(tx, pen, (&entry, &auto))?;
        needs.push((card, needed(&entry.seen)));
        let wanted = policy.auto_since.is_some_and(|since| since <= first && first <= today);
        if let Some(amount) = due(&entry, &auto, pen.now).filter(|_| wanted) {
            charges.push((card, amount));
        }
    }
    Ok(Begun { zone, charges, needs })
}

/// What a card is charged by itself, if it may be tried.
fn due(entry: &Entry, auto: &Auto, now: Timestamp) -> Option<Money> {
    let since = auto.at.map(|at| now.as_seconds().saturating_sub(at.as_seconds()));
    let rested = since.is_none_or(|seconds| seconds >= DAY_SECONDS);
    let may = entry.shut.is_none() && entry.left().is_some();
    entry.offer.filter(|_| may && rested && auto.tries < MOST_AUTO_TRIES)
}

fn announce(tx: &mut Tx<'_>, pen: &Pen<'_>, entry: &Entry) -> Result<(), DbError> {
    let card = &entry.seen.card;
    let event = outbox::NewEvent {
        id: EventId::new(pen.now, pen.rng),
        kind: "card.virtual_chargeable",
        object: card.card.to_string(),
        shop: card.shop,
        body: serde_json::json!({
            "id": card.card, "virtual": entry.seen.shown(), "version": card.version,
        }),
    };
    store::set_announced(tx, pen.scope, card.card)?;
    outbox::emit(tx, pen.scope, &event, pen.now)
}

/// A task once thirty and once seven days before money is lost.
fn alert(tx: &mut Tx<'_>, pen: &Pen<'_>, (entry, auto): (&Entry, &Auto)) -> Result<(), DbError> {
    let seen = &entry.seen;
    let Some(last) = seen.card.facts.last_day() else { return Ok(()) };
    let days = nights_between(seen.zone.date(pen.now), last);
    let more = seen.possible().is_none_or(|possible| possible.minor() > 0);
    let level = ALERT_DAYS.into_iter().filter(|level| days <= *level).min();
    let told = |level: i64| auto.alerted.is_some_and(|told| told <= level);
    let level = match level.filter(|_| more && days >= 0) {
        None if auto.alerted.is_some() && days >= 0 => {
            return store::set_alerted(tx, pen.scope, (seen.card.card, None));
        }
        None => return Ok(()),
        Some(level) if told(level) => return Ok(()),
        Some(level) => level,
    };
    let task = NewTask {
        id: Id::random(pen.rng),
        kind: tasks::CARD_LOSING,
        object: seen.card.card.to_string(),
        note: format!("{} · {last}", seen.card.booking),
        person: None,
        amount: None,
    };
    store::set_alerted(tx, pen.scope, (seen.card.card, Some(level)))?;
    tasks::raise(tx, Owner::from(pen.scope), &task, pen.now)
}
