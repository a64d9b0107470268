//! `/v1/notification_rules`, and the parts of a rule as programs write them.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, patch};
use db::{DbError, Route, Tx};
use identity::audit;
use identity::extract::{May, needs};
use kernel::{AuditId, Problem, RuleId, Scope, ShopId, Timestamp, WebhookEndpointId};
use serde_json::{Value, json};
use web::Context;

use super::{
    Condition, Events, MAX_NAME_CHARACTERS, PRESETS, Phone, Rule, SOURCES, Switch, Target, preset,
    store,
};
use crate::fields::{Body, Object};
use crate::notifications::api::Failure;
use crate::notifications::endpoints;
use crate::payment::api::answer;

/// Most rules of one shop beside the presets.
pub(super) const MAX_RULES: usize = 50;
pub(super) const MAX_CHANNEL_CHARACTERS: usize = 40;

/// Rules; `app` adds the limits of keys and the state.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/v1/notification_rules", get(list_rules).post(create))
        .route("/v1/notification_rules/{id}", patch(change).delete(remove))
}

/// The member `events` of a request.
pub(in crate::notifications) fn events(root: &Object<'_>) -> Option<Events> {
    let value = root.value("events")?;
    let texts: Option<Vec<&str>> =
        value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
    let Some(texts) = texts else {
        root.fault("events", "Give a list of kinds such as [\"payment.*\"], or [\"*\"].");
        return None;
    };
    match Events::read(&texts) {
        Ok(events) => Some(events),
        Err(unknown) => {
            root.fault(&format!("events[{}]", unknown.0), "No event is called so.");
            None
        }
    }
}

/// The member `condition` of a request.
pub(in crate::notifications) fn condition(root: &Object<'_>) -> Option<Condition> {
    let sent = root.object("condition");
    root.value("condition")?;
    let amount_from = sent.integer("amount_from");
    let source = list(&sent, "source", |word| SOURCES.contains(&word));
    let channel = list(&sent, "channel", |word| word.len() <= MAX_CHANNEL_CHARACTERS);
    sent.close();
    Some(Condition { source, channel, amount_from })
}

fn list(object: &Object<'_>, name: &'static str, is_known: impl Fn(&str) -> bool) -> Vec<String> {
    let Some(value) = object.value(name) else { return Vec::new() };
    let words: Option<Vec<&str>> =
        value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
    match words.filter(|words| words.iter().all(|word| is_known(word))) {
        Some(words) => words.into_iter().map(str::to_owned).collect(),
        None => {
            object.fault(name, "Give a list of known words.");
            Vec::new()
        }
    }
}

fn shape(rule: &Rule) -> Value {
    let (endpoint, address, phone) = match &rule.target {
        Target::Webhook(endpoint) => (Some(*endpoint), None, None),
        Target::MerchantMail(address) => (None, address.as_ref().map(ToString::to_string), None),
        Target::Sms(phone) => (None, None, Some(phone.to_string())),
        Target::PayerMail => (None, None, None),
    };
    json!({
        "id": rule.id,
        "object": "notification_rule",
        "preset": rule.preset,
        "name": rule.name,
        "events": rule.events,
        "condition": rule.condition,
        "target": rule.target.word(),
        "endpoint": endpoint,
        "address": address,
        "phone": phone,
        "enabled": rule.switch.is_on(),
    })
}

/// The rules of a shop: the presets as they stand, then its own.
fn shown(rules: &[Rule]) -> Vec<Value> {
    let presets = PRESETS.iter().map(|preset| {
        json!({
            "id": preset.key,
            "object": "notification_rule",
            "preset": preset.key,
            "name": preset.key,
            "events": preset.events,
            "condition": {},
            "target": preset.target,
            "endpoint": null,
            "address": null,
            "phone": null,
            "enabled": super::is_on(preset, rules),
        })
    });
    presets.chain(rules.iter().filter(|rule| rule.preset.is_none()).map(shape)).collect()
}

async fn list_all(ctx: &Context, scope: Scope, shop: ShopId) -> Result<Vec<Value>, DbError> {
    let read = move |tx: &mut Tx<'_>| store::of_shop(tx, &scope, shop);
    Ok(shown(&ctx.db.read(read).await?))
}

async fn list_rules(may: May<needs::NotificationsManage>, State(ctx): State<Context>) -> Response {
    match list_all(&ctx, may.scope, may.shop).await {
        Ok(data) => answer(StatusCode::OK, &json!({"data": data, "next": null})),
        Err(error) => *Failure::from(error).0,
    }
}

async fn create(
    may: May<needs::NotificationsManage>,
    State(ctx): State<Context>,
    bytes: Bytes,
) -> Response {
    let made = async {
        let value = Body::parse(&bytes)?;
        let now = ctx.real_now();
        let rule = read(&value, may.shop, RuleId::new(now, ctx.rng.as_ref()), now)?;
        let (scope, kept) = (may.scope.clone(), rule.clone());
        let line = may.line("notification_rule.created", rule.id).after(shape(&rule));
        let id = AuditId::new(now, ctx.rng.as_ref());
        let unit = move |tx: &mut Tx<'_>| {
            if let Target::Webhook(endpoint) = kept.target {
                let found = endpoints::store::find(tx, &scope, endpoint)?;
                if found.is_none_or(|endpoint| endpoint.shop != kept.shop) {
                    return Ok(Some(Problem::field("$.endpoint", "invalid_field", "Unknown.")));
                }
            }
            if store::of_shop(tx, &scope, kept.shop)?.len() >= MAX_RULES {
                let text = format!("A shop has at most {MAX_RULES} rules.");
                return Ok(Some(Problem::new(409, "too_many_rules", text)));
            }
            store::insert(tx, &scope, &kept)?;
            audit::record(tx, &scope, &line, now, id)?;
            Ok::<Option<Problem>, DbError>(None)
        };
        match ctx.db.write(Route::of(may.shop.id()), unit).await? {
            Some(problem) => Err(Failure::from(problem)),
            None => Ok(answer(StatusCode::CREATED, &shape(&rule))),
        }
    };
    made.await.unwrap_or_else(|failure| *failure.0)
}

fn read(value: &Value, own: ShopId, id: RuleId, now: Timestamp) -> Result<Rule, Failure> {
    let sent = Body::new();
    let root = sent.root(value);
    let shop = root.parsed::<ShopId>("shop", "the id of a shop").unwrap_or(own);
    let name = root.text("name", MAX_NAME_CHARACTERS).unwrap_or_default();
    let events = root.required("events", events(&root));
    let condition = condition(&root).unwrap_or_default();
    let endpoint = root.parsed::<WebhookEndpointId>("endpoint", "the id of an endpoint");
    let address = root.parsed("address", "an e-mail address");
    let phone = root.parsed::<Phone>("phone", "a telephone number such as +33612345678");
    let target = match (root.text("target", 20).as_deref(), endpoint) {
        (Some("webhook") | None, Some(endpoint)) => Some(Target::Webhook(endpoint)),
        (Some("merchant_mail"), None) => Some(Target::MerchantMail(address)),
        (Some("payer_mail"), None) => Some(Target::PayerMail),
        (Some("sms"), None) => root.required("phone", phone).map(Target::Sms),
        (Some("webhook") | None, None) => {
            root.fault("endpoint", "This field is required.");
            None
        }
        _ => {
            root.fault("target", "Give one of: webhook, merchant_mail, payer_mail, sms.");
            None
        }
    };
    root.close();
    sent.finish()?;
    let (Some(events), Some(target), true) = (events, target, shop == own) else {
        return Err(Problem::not_found().into());
    };
    let (preset, switch) = (None, Switch::On);
    Ok(Rule { id, shop, preset, name, events, condition, target, switch, created_at: now })
}

async fn change(
    may: May<needs::NotificationsManage>,
    State(ctx): State<Context>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Response {
    let changed = async {
        let value = Body::parse(&bytes)?;
        let wish = Wish::read(&value)?;
        let now = ctx.real_now();
        let fresh = RuleId::new(now, ctx.rng.as_ref());
        let line = may.line("notification_rule.changed", &name);
        let id = AuditId::new(now, ctx.rng.as_ref());
        let (scope, shop, wanted) = (may.scope.clone(), may.shop, name.clone());
        let unit = move |tx: &mut Tx<'_>| {
            let known = apply(tx, &scope, (shop, &wanted), (&wish, fresh, now))?;
            if known {
                audit::record(tx, &scope, &line.clone().after(value.clone()), now, id)?;
            }
            Ok::<bool, DbError>(known)
        };
        if !ctx.db.write(Route::of(may.shop.id()), unit).await? {
            return Err(Failure::from(Problem::not_found()));
        }
        let all = list_all(&ctx, may.scope.clone(), may.shop).await?;
        let one = all.into_iter().find(|rule| rule["id"] == name);
        Ok(answer(StatusCode::OK, &one.unwrap_or_default()))
    };
    changed.await.unwrap_or_else(|failure| *failure.0)
}

/// What may be changed of a rule; of a preset only whether it acts.
struct Wish {
    name: Option<String>,
    events: Option<Events>,
    condition: Option<Condition>,
    switch: Option<Switch>,
}

impl Wish {
    fn read(value: &Value) -> Result<Self, Failure> {
        let sent = Body::new();
        let root = sent.root(value);
        let wish = Self {
            name: root.text("name", MAX_NAME_CHARACTERS),
            events: events(&root),
            condition: condition(&root),
            switch: root.yes("enabled").map(|on| Switch::stored(on.into())),
        };
        root.close();
        sent.finish()?;
        Ok(wish)
    }
}

/// Changes a rule or switches a preset; false when there is none of that name.
fn apply(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (shop, name): (ShopId, &str),
    (wish, fresh, now): (&Wish, RuleId, Timestamp),
) -> Result<bool, DbError> {
    if preset(name).is_some() {
        if let Some(switch) = wish.switch {
            switch_preset(tx, scope, (shop, name), (switch, fresh, now))?;
        }
        return Ok(true);
    }
    let rules = store::of_shop(tx, scope, shop)?;
    let own = |rule: &Rule| rule.preset.is_none() && rule.id.to_string() == name;
    let Some(mut rule) = rules.into_iter().find(own) else { return Ok(false) };
    rule.name = wish.name.clone().unwrap_or(rule.name);
    rule.events = wish.events.clone().unwrap_or(rule.events);
    rule.condition = wish.condition.clone().unwrap_or(rule.condition);
    rule.switch = wish.switch.unwrap_or(rule.switch);
    store::update(tx, scope, &rule)?;
    Ok(true)
}

/// Switches a rule that every shop starts with.
///
/// # Errors
/// [`DbError`].
pub(in crate::notifications) fn switch_preset(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (shop, key): (ShopId, &str),
    (switch, fresh, now): (Switch, RuleId, Timestamp),
) -> Result<(), DbError> {
    let Some(preset) = preset(key) else { return Ok(()) };
    let rules = store::of_shop(tx, scope, shop)?;
    if let Some(rule) = rules.into_iter().find(|rule| rule.preset.as_deref() == Some(key)) {
        return store::update(tx, scope, &Rule { switch, ..rule });
    }
    let target = match preset.target {
        "payer_mail" => Target::PayerMail,
        _ => Target::MerchantMail(None),
    };
    let rule = Rule {
        id: fresh,
        shop,
        preset: Some(key.to_owned()),
        name: key.to_owned(),
        events: Events::stored(&preset.events.join(" ")),
        condition: Condition::default(),
        target,
        switch,
        created_at: now,
    };
    store::insert(tx, scope, &rule)
}

async fn remove(
    may: May<needs::NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse::<RuleId>() else { return *Failure::from(Problem::not_found()).0 };
    let now = ctx.real_now();
    let line = may.line("notification_rule.removed", id);
    let audit_id = AuditId::new(now, ctx.rng.as_ref());
    let (scope, shop) = (may.scope.clone(), may.shop);
    let unit = move |tx: &mut Tx<'_>| {
        let rules = store::of_shop(tx, &scope, shop)?;
        let known = rules.iter().any(|rule| rule.id == id && rule.preset.is_none());
        if known && store::delete(tx, &scope, id)? {
            audit::record(tx, &scope, &line, now, audit_id)?;
            return Ok(true);
        }
        Ok::<bool, DbError>(false)
    };
    match ctx.db.write(Route::of(may.shop.id()), unit).await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => *Failure::from(Problem::not_found()).0,
        Err(error) => *Failure::from(error).0,
    }
}
