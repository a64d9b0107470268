//! SQL of deliveries and tries.

use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{DeliveryId, EventId, MerchantId, Mode, Scope, ShopId, Timestamp, WebhookEndpointId};

use super::{Delivery, Outcome, State, Try};

static TRY: Insert = Insert {
    table: "webhook_try",
    columns: &["delivery_id", "merchant_id", "number", "at", "took_ms", "outcome", "answer"],
};
const COLUMNS: &str = "id, merchant_id, mode, shop_id, endpoint_id, event_id, kind, object, \
     state, step, tries, due_shop, lease_until, outcome, planned_at";
/// Deliveries of one page.
pub const PAGE_DELIVERIES: u32 = 50;

/// An event to be brought to an endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The delivery, if there is none for this event and endpoint yet.
    pub id: DeliveryId,
    /// To whom.
    pub endpoint: WebhookEndpointId,
    /// What is told.
    pub event: &'a db::outbox::Event,
    /// Real time.
    pub now: Timestamp,
    /// The shop's time.
    pub shop_now: Timestamp,
}

impl Plan<'_> {
    fn values(&self, scope: &Scope) -> Vec<Val> {
        params![
            self.id,
            scope.merchant(),
            scope.mode().as_str(),
            self.event.shop,
            self.endpoint,
            self.event.id,
            &self.event.kind,
            &self.event.object,
            self.now,
            self.shop_now,
        ]
    }
}

const INSERT: &str = "INSERT INTO webhook_delivery (id, merchant_id, mode, shop_id, endpoint_id, \
     event_id, kind, object, state, step, tries, due_at, due_shop, lease_until, created_at, \
     planned_at";
const FIRST: &str = "$1, $2, $3, $4, $5, $6, $7, $8, 'waiting', 0, 0, $9, $10, 0, $9, $10";

/// Plans a delivery; does nothing when the event was planned for this endpoint before.
///
/// # Errors
/// [`DbError`].
pub fn plan(tx: &mut Tx<'_>, scope: &Scope, plan: &Plan<'_>) -> Result<(), DbError> {
    let sql = format!(
        "{INSERT}) VALUES ({FIRST}) ON CONFLICT (event_id, endpoint_id, merchant_id) DO NOTHING"
    );
    tx.exec(&sql, &plan.values(scope)).map(|_| ())
}

/// Plans a delivery, or a planned one anew; once for each replay, so that a replay which starts
/// again after a crash repeats nothing.
///
/// # Errors
/// [`DbError`].
pub fn replay(
    tx: &mut Tx<'_>,
    scope: &Scope,
    plan: &Plan<'_>,
    replay: kernel::JobId,
) -> Result<(), DbError> {
    let sql = format!(
        "{INSERT}, replay) VALUES ({FIRST}, $11) \
         ON CONFLICT (event_id, endpoint_id, merchant_id) DO UPDATE SET state = 'waiting', \
         step = 0, due_at = $9, due_shop = $10, lease_until = 0, replay = $11 \
         WHERE webhook_delivery.replay IS NULL OR webhook_delivery.replay <> $11"
    );
    let mut values = plan.values(scope);
    values.push(replay.into());
    tx.exec(&sql, &values).map(|_| ())
}

/// Plans a delivery anew if it was given up.
///
/// # Errors
/// [`DbError`].
pub fn replay_failed(tx: &mut Tx<'_>, scope: &Scope, plan: &Plan<'_>) -> Result<(), DbError> {
    let sql = "UPDATE webhook_delivery SET state = 'waiting', step = 0, due_at = $1, \
         due_shop = $2, lease_until = 0 WHERE event_id = $3 AND endpoint_id = $4 \
         AND merchant_id = $5 AND state = 'failed'";
    let merchant = scope.merchant();
    let values = params![plan.now, plan.shop_now, plan.event.id, plan.endpoint, merchant];
    tx.exec(sql, &values).map(|_| ())
}

/// Plans a delivery anew, at once; `now` is real time and the shop's.
///
/// # Errors
/// [`DbError`].
pub fn again(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: DeliveryId,
    (now, shop_now): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    let sql = "UPDATE webhook_delivery SET state = 'waiting', step = 0, due_at = $1, \
         due_shop = $2, lease_until = 0 WHERE id = $3 AND merchant_id = $4";
    tx.exec(sql, &params![now, shop_now, id, scope.merchant()]).map(|_| ())
}

/// Forgets deliveries of all merchants that ended and were made before an instant; how many went.
///
/// # Errors
/// [`DbError`].
pub fn forget(tx: &mut Tx<'_>, before: Timestamp, most: u32) -> Result<u32, DbError> {
    let sql = "SELECT id, merchant_id FROM webhook_delivery \
         WHERE state <> 'waiting' AND created_at < $1 ORDER BY created_at LIMIT $2";
    let mut gone = 0_u32;
    for row in tx.query(sql, &params![before, most])? {
        let (id, merchant): (DeliveryId, MerchantId) = (row.get("id")?, row.get("merchant_id")?);
        let values = params![id, merchant];
        tx.exec("DELETE FROM webhook_try WHERE delivery_id = $1 AND merchant_id = $2", &values)?;
        tx.exec("DELETE FROM webhook_delivery WHERE id = $1 AND merchant_id = $2", &values)?;
        gone = gone.saturating_add(1);
    }
    Ok(gone)
}

/// Takes deliveries of an endpoint that are due, under a lease (real time).
///
/// # Errors
/// [`DbError`].
pub fn claim(
    tx: &mut Tx<'_>,
    scope: &Scope,
    endpoint: WebhookEndpointId,
    (now, lease_until): (Timestamp, Timestamp),
    most: u32,
) -> Result<Vec<Delivery>, DbError> {
    let sql = format!(
        "UPDATE webhook_delivery SET lease_until = $1, tries = tries + 1 \
         WHERE merchant_id = $2 AND state = 'waiting' AND lease_until <= $3 AND id IN (\
         SELECT id FROM webhook_delivery WHERE endpoint_id = $4 AND merchant_id = $2 \
         AND state = 'waiting' AND due_at <= $3 AND lease_until <= $3 \
         ORDER BY due_at, id LIMIT $5) RETURNING {COLUMNS}"
    );
    let values = params![lease_until, scope.merchant(), now, endpoint, most];
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// What a try leaves behind.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// The try.
    pub done: &'a Try,
    /// How far the delivery is now.
    pub state: State,
    /// Tries of the plan that were made.
    pub step: u32,
    /// The next one, real time and the shop's.
    pub due: (Timestamp, Timestamp),
}

/// Writes a try down and, if its lease still holds, what follows; false when it does not.
///
/// # Errors
/// [`DbError`].
pub fn finish(
    tx: &mut Tx<'_>,
    scope: &Scope,
    delivery: &Delivery,
    end: &End<'_>,
) -> Result<bool, DbError> {
    let (done, merchant) = (end.done, scope.merchant());
    let outcome = done.outcome.text();
    tx.insert(
        &TRY,
        params![delivery.id, merchant, done.number, done.at, done.took_ms, &outcome, &done.answer],
    )?;
    let sql = "UPDATE webhook_delivery SET state = $1, step = $2, due_at = $3, due_shop = $4, \
         lease_until = 0, outcome = $5 WHERE id = $6 AND merchant_id = $7 AND state = 'waiting' \
         AND lease_until = $8";
    let values = params![
        end.state.word(),
        end.step,
        end.due.0,
        end.due.1,
        outcome,
        delivery.id,
        merchant,
        delivery.lease_until,
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// When the next try of a test shop is due, on its clock; those under way and those of stopped
/// endpoints left out.
///
/// # Errors
/// [`DbError`].
pub fn next_due(
    tx: &mut Tx<'_>,
    shop: ShopId,
    now_real: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let sql = "SELECT MIN(d.due_shop) AS due FROM webhook_delivery d JOIN webhook_endpoint e \
         ON e.id = d.endpoint_id AND e.merchant_id = d.merchant_id WHERE d.shop_id = $1 \
         AND d.state = 'waiting' AND d.mode = 'test' AND d.lease_until <= $2 \
         AND e.state = 'enabled'";
    let row = tx.query_opt(sql, &params![shop, now_real])?;
    row.map_or(Ok(None), |row| row.get("due"))
}

/// Makes the tries of a test shop due that its clock has reached.
///
/// # Errors
/// [`DbError`].
pub fn bring_forward(
    tx: &mut Tx<'_>,
    shop: ShopId,
    (shop_now, now_real): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    let sql = "UPDATE webhook_delivery SET due_at = $1 WHERE shop_id = $2 AND state = 'waiting' \
         AND mode = 'test' AND due_shop <= $3 AND due_at > $1 AND endpoint_id IN (\
         SELECT e.id FROM webhook_endpoint e WHERE e.shop_id = $2 \
         AND e.merchant_id = webhook_delivery.merchant_id AND e.state = 'enabled')";
    tx.exec(sql, &params![now_real, shop, shop_now]).map(|_| ())
}

/// A delivery of the scope's merchant and mode.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: DeliveryId) -> Result<Option<Delivery>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_delivery WHERE id = $1 AND merchant_id = $2 AND mode = $3"
    );
    let row = tx.query_opt(&sql, &params![id, scope.merchant(), scope.mode().as_str()])?;
    row.as_ref().map(read).transpose()
}

/// The deliveries of an event, oldest endpoint first.
///
/// # Errors
/// [`DbError`].
pub fn of_event(tx: &mut Tx<'_>, scope: &Scope, event: EventId) -> Result<Vec<Delivery>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_delivery WHERE event_id = $1 AND merchant_id = $2 \
         AND mode = $3 ORDER BY endpoint_id"
    );
    let values = params![event, scope.merchant(), scope.mode().as_str()];
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// A page of the deliveries to an endpoint, latest first, older than the cursor when there is
/// one.
///
/// # Errors
/// [`DbError`].
pub fn page(
    tx: &mut Tx<'_>,
    scope: &Scope,
    endpoint: WebhookEndpointId,
    (state, older_than): (Option<State>, Option<DeliveryId>),
) -> Result<Vec<Delivery>, DbError> {
    let states: &str = match state {
        None => "'waiting', 'delivered', 'failed'",
        Some(State::Waiting) => "'waiting'",
        Some(State::Delivered) => "'delivered'",
        Some(State::Failed) => "'failed'",
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_delivery WHERE endpoint_id = $1 AND merchant_id = $2 \
         AND mode = $3 AND id < $4 AND state IN ({states}) ORDER BY id DESC LIMIT $5"
    );
    let before = older_than.map_or(Val::Blob(vec![0xff; 16]), Val::from);
    let mode = scope.mode().as_str();
    let values = params![endpoint, scope.merchant(), mode, before, PAGE_DELIVERIES];
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// The tries of a delivery, the first first.
///
/// # Errors
/// [`DbError`].
pub fn tries(tx: &mut Tx<'_>, scope: &Scope, id: DeliveryId) -> Result<Vec<Try>, DbError> {
    let sql = "SELECT number, at, took_ms, outcome, answer FROM webhook_try \
         WHERE delivery_id = $1 AND merchant_id = $2 ORDER BY number";
    let rows = tx.query(sql, &params![id, scope.merchant()])?;
    let read = |row: &Row| {
        Ok(Try {
            number: row.get("number")?,
            at: row.get("at")?,
            took_ms: row.get("took_ms")?,
            outcome: outcome(&row.get::<String>("outcome")?)?,
            answer: row.get("answer")?,
        })
    };
    rows.iter().map(read).collect()
}

fn outcome(text: &str) -> Result<Outcome, DbError> {
    Outcome::read(text).ok_or_else(|| DbError::Corrupt("outcome of a try".into()))
}

fn read(row: &Row) -> Result<Delivery, DbError> {
    let corrupt = |what: &str| DbError::Corrupt(format!("delivery {what}"));
    let (mode, state): (String, String) = (row.get("mode")?, row.get("state")?);
    let last: Option<String> = row.get("outcome")?;
    Ok(Delivery {
        id: row.get("id")?,
        merchant: row.get::<MerchantId>("merchant_id")?,
        mode: Mode::parse(&mode).ok_or_else(|| corrupt("mode"))?,
        shop: row.get("shop_id")?,
        endpoint: row.get("endpoint_id")?,
        event: row.get("event_id")?,
        kind: row.get("kind")?,
        object: row.get("object")?,
        state: State::read(&state).ok_or_else(|| corrupt("state"))?,
        step: row.get("step")?,
        tries: row.get("tries")?,
        due_at: row.get("due_shop")?,
        lease_until: row.get("lease_until")?,
        outcome: last.as_deref().map(outcome).transpose()?,
        planned_at: row.get("planned_at")?,
    })
}
