//! `/parametres/webhooks/mes-regles`: a mail or a text message by rule, made and removed.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as Fields, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Tx};
use http::Page;
use identity::audit;
use identity::extract::Staff;
use identity::extract::needs::NotificationsManage;
use identity::merchants::Shop;
use kernel::{AuditId, RuleId, Scope, ShopId};
use serde_json::json;
use web::shell::Shell;
use web::{Context, Form, forms};

use super::api::MAX_RULES;
use super::{LETTERS, MAX_NAME_CHARACTERS, Rule, SELECTIONS, Switch, Target, store};
use crate::notifications::choice::Choice;
use crate::notifications::endpoints::ops::{EndpointError, Pen};
use crate::notifications::pages::{self, HOME};

/// Pages of the merchant's own rules.
pub(in crate::notifications) fn routes() -> Router<Context> {
    Router::new()
        .route("/parametres/webhooks/mes-regles/nouvelle", get(ask).post(create))
        .route("/parametres/webhooks/mes-regles/{id}/etat", post(switch))
        .route("/parametres/webhooks/mes-regles/{id}/supprimer", post(remove))
}

type Answer = Result<Response, Response>;
type Typed = BTreeMap<String, String>;
const PATH: &str = "/parametres/webhooks/mes-regles/nouvelle";

#[derive(Template)]
#[template(path = "notifications-rule.html")]
struct RulePage {
    page: Page,
    shell: Shell,
    token: String,
    form: Form,
    shops: Vec<Choice>,
    selections: Vec<Choice>,
    targets: Vec<Choice>,
}

async fn ask(staff: Staff<NotificationsManage>, State(ctx): State<Context>) -> Answer {
    let shops = pages::shops(&ctx, &staff).await?;
    Ok(question((&ctx, &staff), &shops, Form::default()))
}

fn question(
    (ctx, staff): (&Context, &Staff<NotificationsManage>),
    shops: &[Shop],
    form: Form,
) -> Response {
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let words = staff.words.as_ref();
    let target = |word: &str| {
        let dashed = word.replace('_', "-");
        let first = form.value("target").is_empty() && word == LETTERS[0];
        let said = words.say(&format!("notifications-rule-to-{dashed}"));
        let hint = words.say(&format!("notifications-rule-to-{dashed}-hint"));
        Choice { hint, on: first || form.is("target", word), ..Choice::new(word, said) }
    };
    let page = RulePage {
        page: staff.page(ctx, words.say("notifications-rule-title")),
        shell: staff.shell.clone(),
        token: forms::new_token(ctx.rng.as_ref()),
        shops: Choice::of_shops(shops, &form),
        selections: Choice::of_selections(words, &form),
        targets: LETTERS.into_iter().map(target).collect(),
        form,
    };
    http::html_with(status, &page)
}

async fn create(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Fields(typed): Fields<Typed>,
) -> Answer {
    let shops = pages::shops(&ctx, &staff).await?;
    let mut form = Form::with_values(&typed);
    let named = shops.iter().find(|shop| form.is("shop", &shop.id.to_string()));
    let Some(shop) = named.or_else(|| shops.first()) else { return Err(pages::missing(&staff)) };
    let say = |key: &str| staff.words.say(key);
    let name = form.value("name").trim().to_owned();
    if name.chars().count() > MAX_NAME_CHARACTERS {
        form.fault("name", say("notifications-description-long"));
    }
    let target = target(&mut form, say);
    let selection = SELECTIONS.iter().find(|selection| form.is("events", selection.key));
    if selection.is_none() {
        form.fault("events", say("notifications-events-missing"));
    }
    let (Some(selection), Some(target), true) = (selection, target, form.is_right()) else {
        return Ok(question((&ctx, &staff), &shops, form));
    };
    let ((events, condition), now) = (selection.parts(), ctx.real_now());
    let id = RuleId::new(now, ctx.rng.as_ref());
    let (preset, switch, shop) = (None, Switch::On, shop.id);
    let rule = Rule { id, shop, preset, name, events, condition, target, switch, created_at: now };
    let line = staff.line("notification_rule.created", id);
    let line = line.after(json!({"events": rule.events, "target": rule.target.word()}));
    let work = move |tx: &mut Tx<'_>, pen: &Pen<'_>| {
        if store::of_shop(tx, pen.scope, shop)?.len() >= MAX_RULES {
            return Err(EndpointError::TooMany);
        }
        store::insert(tx, pen.scope, &rule)?;
        Ok(audit::record(tx, pen.scope, &line, pen.now, AuditId::new(pen.now, pen.rng))?)
    };
    let there = format!("{HOME}#regles");
    match pages::once((&ctx, &staff), (shop, PATH), (&typed, &there), work).await {
        Ok(location) => Ok(http::redirect(&location)),
        Err(EndpointError::TooMany) => {
            let most = MAX_RULES.to_string();
            form.fault("form", staff.words.with("notifications-rules-many", &[("most", &most)]));
            Ok(question((&ctx, &staff), &shops, form))
        }
        Err(error) => Err(pages::failed(&staff, &error)),
    }
}

/// Who is told; faults stand beside their fields.
fn target(form: &mut Form, say: impl Fn(&str) -> String) -> Option<Target> {
    let typed = form.value("address").trim().to_owned();
    match form.value("target") {
        "payer_mail" => Some(Target::PayerMail),
        "merchant_mail" if typed.is_empty() => Some(Target::MerchantMail(None)),
        "merchant_mail" => match typed.parse() {
            Ok(address) => Some(Target::MerchantMail(Some(address))),
            Err(_) => {
                form.fault("address", say("notifications-rule-mail-wrong"));
                None
            }
        },
        "sms" => match form.value("phone").trim().parse() {
            Ok(phone) => Some(Target::Sms(phone)),
            Err(_) => {
                form.fault("phone", say("notifications-rule-phone-wrong"));
                None
            }
        },
        _ => {
            form.fault("target", say("notifications-rule-to-missing"));
            None
        }
    }
}

async fn switch(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    Fields(typed): Fields<Typed>,
) -> Answer {
    let switch = pages::switched(&typed);
    let change = move |tx: &mut Tx<'_>, scope: &Scope, rule: Rule| {
        store::update(tx, scope, &Rule { switch, ..rule })
    };
    press((&ctx, &staff), (&id, "notification_rule.changed"), change).await
}

async fn remove(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Answer {
    let forget =
        |tx: &mut Tx<'_>, scope: &Scope, rule: Rule| store::delete(tx, scope, rule.id).map(|_| ());
    press((&ctx, &staff), (&id, "notification_rule.removed"), forget).await
}

/// What a button of a rule does. A rule that is gone is gone: a second click changes nothing.
async fn press(
    (ctx, staff): (&Context, &Staff<NotificationsManage>),
    (id, action): (&str, &'static str),
    work: impl Fn(&mut Tx<'_>, &Scope, Rule) -> Result<(), DbError> + Send + 'static,
) -> Answer {
    let id: RuleId = pages::id_of(id).ok_or_else(|| pages::missing(staff))?;
    let shops: Vec<ShopId> =
        pages::shops(ctx, staff).await?.into_iter().map(|shop| shop.id).collect();
    let (scope, line, now) = (staff.scope.clone(), staff.line(action, id), ctx.real_now());
    let line_id = AuditId::new(now, ctx.rng.as_ref());
    let unit = move |tx: &mut Tx<'_>| {
        for shop in &shops {
            let own = store::of_shop(tx, &scope, *shop)?.into_iter();
            for rule in own.filter(|rule| rule.id == id && rule.preset.is_none()) {
                work(tx, &scope, rule)?;
                audit::record(tx, &scope, &line, now, line_id)?;
            }
        }
        Ok::<(), DbError>(())
    };
    let done = ctx.db.write(db::Route::of(id.id()), unit).await;
    done.map_err(|error| pages::failed(staff, &error.into()))?;
    Ok(http::redirect(&format!("{HOME}#regles")))
}
