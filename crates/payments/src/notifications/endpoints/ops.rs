//! What staff and programs do with endpoints; every change leaves a line in the journal.

use db::outbox::{self, NewEvent};
use db::{DbError, Tx};
use http::outside::BadAddress;
use identity::audit::{self, Line};
use identity::secrets::AppKeys;
use kernel::{AuditId, EventId, Rng, RuleId, Scope, ShopId, Timestamp, WebhookEndpointId};
use serde_json::json;

use super::{Endpoint, Format, MAX_ENDPOINTS, State, address, store};
use crate::notifications::rules::{self, Condition, Events, Rule, Switch, Target};
use crate::notifications::sign::Key;
use crate::notifications::{deliveries, kinds};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// No such endpoint.
    #[error("no such endpoint")]
    Unknown,
    /// The shop has its fill.
    #[error("too many endpoints")]
    TooMany,
    /// The address cannot be used.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// Somebody else changed it meanwhile.
    #[error("changed by somebody else meanwhile")]
    Raced,
    /// The secret could not be sealed or opened.
    #[error("the secret does not open with the key of this house")]
    Secret,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<identity::secrets::Unreadable> for EndpointError {
    fn from(_: identity::secrets::Unreadable) -> Self {
        Self::Secret
    }
}

/// What a unit of work is given from outside.
#[derive(Clone, Copy)]
pub struct Pen<'a> {
    /// Whose data, and who acts.
    pub scope: &'a Scope,
    /// Keys of the app.
    pub keys: &'a AppKeys,
    /// Real time.
    pub now: Timestamp,
    /// The shop's time.
    pub shop_now: Timestamp,
    /// Randomness.
    pub rng: &'a dyn Rng,
}

/// An endpoint to be made.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Its secret.
    pub key: Key,
    /// Whose events.
    pub shop: ShopId,
    /// Where to.
    pub url: String,
    /// What its owner calls it.
    pub description: String,
    /// How messages to it are written.
    pub format: Format,
    /// Which events.
    pub events: Events,
    /// Under which condition.
    pub condition: Condition,
}

/// Makes an endpoint and the rule that sends it its events.
///
/// # Errors
/// [`EndpointError`]; nothing is written.
pub fn create(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    new: &NewEndpoint,
    line: Line,
) -> Result<Endpoint, EndpointError> {
    address(&new.url, pen.scope.mode())?;
    if store::of_shop(tx, pen.scope, new.shop)?.len() >= MAX_ENDPOINTS {
        return Err(EndpointError::TooMany);
    }
    let endpoint = Endpoint {
        id: new.id,
        mode: pen.scope.mode(),
        shop: new.shop,
        url: new.url.clone(),
        description: new.description.clone(),
        format: new.format,
        state: State::Enabled,
        failing_since: None,
        secret: pen.keys.seal(new.id.as_bytes(), new.key.expose(), pen.rng)?,
        old_secret: None,
        version: 1,
        created_at: pen.shop_now,
    };
    store::insert(tx, pen.scope, &endpoint)?;
    let rule = Rule {
        id: RuleId::new(pen.now, pen.rng),
        shop: new.shop,
        preset: None,
        name: new.description.clone(),
        events: new.events.clone(),
        condition: new.condition.clone(),
        target: Target::Webhook(new.id),
        switch: Switch::On,
        created_at: pen.shop_now,
    };
    rules::store::insert(tx, pen.scope, &rule)?;
    note(tx, pen, line.after(json!({"url": new.url, "events": new.events})))?;
    Ok(endpoint)
}

/// What may be changed of an endpoint; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Where to.
    pub url: Option<String>,
    /// What its owner calls it.
    pub description: Option<String>,
    /// How messages to it are written.
    pub format: Option<Format>,
    /// Which events its own rule takes.
    pub events: Option<Events>,
    /// Under which condition.
    pub condition: Option<Condition>,
    /// On or off. Switched on again, it gets what waited for it.
    pub switch: Option<Switch>,
}

/// Changes an endpoint.
///
/// # Errors
/// [`EndpointError`]; nothing is written.
pub fn change(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    (shop, id): (ShopId, WebhookEndpointId),
    (change, line): (&Change, Line),
) -> Result<Endpoint, EndpointError> {
    let before = find(tx, pen.scope, shop, id)?;
    let mut after = before.clone();
    if let Some(url) = &change.url {
        address(url, after.mode)?;
        after.url.clone_from(url);
    }
    if let Some(description) = &change.description {
        after.description.clone_from(description);
    }
    after.format = change.format.unwrap_or(after.format);
    match change.switch {
        Some(Switch::On) if after.state != State::Enabled => {
            after.state = State::Enabled;
            after.failing_since = None;
        }
        Some(Switch::Off) => after.state = State::Disabled,
        _ => {}
    }
    if let Some(mut rule) = own_rule(tx, pen.scope, &before)? {
        rule.events = change.events.clone().unwrap_or(rule.events);
        rule.condition = change.condition.clone().unwrap_or(rule.condition);
        rules::store::update(tx, pen.scope, &rule)?;
    }
    put(tx, pen, &after)?;
    let told = |e: &Endpoint| json!({"url": e.url, "state": e.state.word()});
    note(tx, pen, line.before(told(&before)).after(told(&after)))?;
    find(tx, pen.scope, shop, id)
}

/// Exchanges the secret of an endpoint.
///
/// # Errors
/// [`EndpointError`]; nothing is written.
pub fn rotate(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    (shop, id): (ShopId, WebhookEndpointId),
    (key, line): (&Key, Line),
) -> Result<Endpoint, EndpointError> {
    let mut endpoint = find(tx, pen.scope, shop, id)?;
    endpoint.rotate((pen.keys, key), pen.shop_now, pen.rng)?;
    put(tx, pen, &endpoint)?;
    note(tx, pen, line)?;
    find(tx, pen.scope, shop, id)
}

/// Removes an endpoint, its rules and what was on its way to it.
///
/// # Errors
/// [`EndpointError`]; nothing is written.
pub fn remove(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    (shop, id): (ShopId, WebhookEndpointId),
    line: Line,
) -> Result<(), EndpointError> {
    let endpoint = find(tx, pen.scope, shop, id)?;
    rules::store::delete_of(tx, pen.scope, (shop, id))?;
    store::delete(tx, pen.scope, id)?;
    Ok(note(tx, pen, line.before(json!({"url": endpoint.url})))?)
}

/// Emits an event that only this endpoint is told of. Gives the event.
///
/// # Errors
/// [`EndpointError`]; nothing is written.
pub fn try_out(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    (shop, id): (ShopId, WebhookEndpointId),
    line: Line,
) -> Result<EventId, EndpointError> {
    let endpoint = find(tx, pen.scope, shop, id)?;
    let event = NewEvent {
        id: EventId::new(pen.shop_now, pen.rng),
        kind: kinds::TEST,
        object: id.to_string(),
        shop: endpoint.shop,
        body: json!({
            "id": id, "object": "webhook_endpoint", "url": endpoint.url,
            "version": endpoint.version, "source": pen.scope.actor().door(),
        }),
    };
    outbox::emit(tx, pen.scope, &event, pen.shop_now)?;
    note(tx, pen, line)?;
    Ok(event.id)
}

/// Plans one more round of tries for a delivery, now.
///
/// # Errors
/// [`EndpointError::Unknown`].
pub fn resend(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    id: kernel::DeliveryId,
    line: Line,
) -> Result<deliveries::Delivery, EndpointError> {
    let found = deliveries::store::find(tx, pen.scope, id)?.ok_or(EndpointError::Unknown)?;
    deliveries::store::again(tx, pen.scope, id, (pen.now, pen.shop_now))?;
    note(tx, pen, line.after(json!({"event": found.event, "endpoint": found.endpoint})))?;
    Ok(found)
}

/// An endpoint of a shop.
///
/// # Errors
/// [`EndpointError::Unknown`] for one that is not there or of another shop.
pub fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    id: WebhookEndpointId,
) -> Result<Endpoint, EndpointError> {
    let found = store::find(tx, scope, id)?.filter(|endpoint| endpoint.shop == shop);
    found.ok_or(EndpointError::Unknown)
}

/// The rule that was made with an endpoint: the oldest that leads to it.
///
/// # Errors
/// [`DbError`].
pub fn own_rule(
    tx: &mut Tx<'_>,
    scope: &Scope,
    endpoint: &Endpoint,
) -> Result<Option<Rule>, DbError> {
    let rules = rules::store::of_shop(tx, scope, endpoint.shop)?;
    Ok(rules.into_iter().find(|rule| rule.target == Target::Webhook(endpoint.id)))
}

fn put(tx: &mut Tx<'_>, pen: &Pen<'_>, endpoint: &Endpoint) -> Result<(), EndpointError> {
    if store::update(tx, pen.scope, endpoint)? { Ok(()) } else { Err(EndpointError::Raced) }
}

/// Writes a line of the journal.
///
/// # Errors
/// [`DbError`].
pub fn note(tx: &mut Tx<'_>, pen: &Pen<'_>, line: Line) -> Result<(), DbError> {
    audit::record(tx, pen.scope, &line, pen.now, AuditId::new(pen.now, pen.rng))
}
