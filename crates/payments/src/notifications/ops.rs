//! Takes events: plans a delivery for each endpoint that a rule names, and the mails that rules
//! ask for, in the transaction that marks the event as handed over.
//!
//! Either all of it is there or none, whatever instant a process dies at; and an event that
//! nobody wants costs one look at the rules of its shop.

use db::outbox::Event;
use db::{DbError, Tx};
use kernel::{DeliveryId, Scope, WebhookEndpointId};
use tokio::sync::Notify;
use web::Context;

use super::deliveries::store::Plan;
use super::rules::{self, PRESETS, Rule, Target};
use super::{deliveries, endpoints, kinds, mails};

/// Writes what follows from an event, and rings the bell of the pump.
///
/// # Errors
/// [`DbError`].
pub fn take(tx: &mut Tx<'_>, ctx: &Context, bell: &Notify, event: &Event) -> Result<(), DbError> {
    let scope = identity::scope::for_house(event.merchant, event.mode);
    if event.kind == kinds::TEST {
        return try_out(tx, ctx, bell, (&scope, event));
    }
    let rules = rules::store::of_shop(tx, &scope, event.shop)?;
    let mut told: Vec<WebhookEndpointId> = Vec::new();
    let mut letters: Vec<&Target> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.preset.is_none() && rule.takes(event)) {
        match &rule.target {
            Target::Webhook(endpoint) if !told.contains(endpoint) => told.push(*endpoint),
            Target::Webhook(_) => {}
            letter if !letters.contains(&letter) => letters.push(letter),
            _ => {}
        }
    }
    for letter in letters {
        mails::of_event(tx, ctx, &scope, (event, letter))?;
    }
    mail_by_preset(tx, ctx, (&scope, &rules), event)?;
    for endpoint in told {
        plan(tx, ctx, &scope, (event, endpoint))?;
        bell.notify_one();
    }
    Ok(())
}

/// The mails to the merchant that every shop starts with. Those to payers are written by
/// [`crate::notices`], under the same rules.
fn mail_by_preset(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (scope, rules): (&Scope, &[Rule]),
    event: &Event,
) -> Result<(), DbError> {
    let wanted = PRESETS.iter().any(|preset| {
        preset.target == "merchant_mail"
            && preset.events.contains(&event.kind.as_str())
            && rules::is_on(preset, rules)
    });
    let to = Target::MerchantMail(None);
    if wanted { mails::of_event(tx, ctx, scope, (event, &to)) } else { Ok(()) }
}

fn try_out(
    tx: &mut Tx<'_>,
    ctx: &Context,
    bell: &Notify,
    (scope, event): (&Scope, &Event),
) -> Result<(), DbError> {
    let Ok(id) = event.object.parse::<WebhookEndpointId>() else { return Ok(()) };
    if endpoints::store::find(tx, scope, id)?.is_some() {
        plan(tx, ctx, scope, (event, id))?;
        bell.notify_one();
    }
    Ok(())
}

/// Plans a delivery to an endpoint that is told; a stopped one is told nothing, and what it
/// missed can be replayed.
fn plan(
    tx: &mut Tx<'_>,
    ctx: &Context,
    scope: &Scope,
    (event, endpoint): (&Event, WebhookEndpointId),
) -> Result<(), DbError> {
    let found = endpoints::store::find(tx, scope, endpoint)?;
    let told =
        |e: &endpoints::Endpoint| e.state == endpoints::State::Enabled || event.kind == kinds::TEST;
    if !found.is_some_and(|endpoint| told(&endpoint)) {
        return Ok(());
    }
    let now = ctx.real_now();
    let id = DeliveryId::new(now, ctx.rng.as_ref());
    let plan = Plan { id, endpoint, event, now, shop_now: ctx.now(event.shop) };
    deliveries::store::plan(tx, scope, &plan)
}
