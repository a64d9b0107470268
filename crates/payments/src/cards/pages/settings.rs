//! How cards are kept, and the enrolment of a PIN.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Form as Body, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use http::security::with_policy;
use identity::extract::{Staff, needs};
use identity::settings;
use identity::users::model::User;
use identity::users::people::holding;
use kernel::{Right, ShopId, Timestamp, UserId, format};
use vault_wire::{
    BlockGet, Brand, CardSettings, CardSettingsAnswer, CardSettingsGet, CardSettingsPut,
    MAX_OWNERS, Owner, PinChange, PinState, PinWaits, StorageStatus, ViewOnce, ViewerEnrol,
    ViewerGet, WireError,
};
use web::Form;

use super::block::BlockView;
use super::{
    Answer, Cards, approver, failed, guards, leading_to_vault, partners, people, refused, user,
};
use crate::cards::messages;
use crate::cards::view::SettingsPage;

/// Routes of the settings.
pub(super) fn routes() -> Router<Cards> {
    Router::new()
        .route("/parametres/cartes", get(show).post(save))
        .route("/parametres/cartes/pin", post(enrol))
        .route("/parametres/cartes/pin/changer", post(change))
}

const HERE: &str = "/parametres/cartes";
/// A lost PIN is replaced only by who has signed in within this.
const FRESH_MINUTES: i64 = 5;

pub(super) type Fields = BTreeMap<String, String>;

/// What a visit shows beside the settings.
#[derive(Default)]
pub(super) struct Told {
    pub(super) form: Form,
    pub(super) sent: String,
    pub(super) saved: bool,
}

pub(super) async fn settings_of<R>(
    cards: &Cards,
    staff: &Staff<R>,
) -> Result<(ShopId, CardSettingsAnswer), Response> {
    let shop = cards.shop(staff).await?;
    let asked = cards.ask(staff, shop, &CardSettingsGet {}).await;
    Ok((shop, asked.map_err(|error| refused(staff, &error))?))
}

async fn show(State(cards): State<Cards>, staff: Staff<needs::CardSettings>) -> Answer {
    let (_, answer) = settings_of(&cards, &staff).await?;
    let form = filled(&answer.settings, staff.user.email.as_str());
    page(&cards, &staff, &answer, Told { form, ..Told::default() }).await
}

pub(super) fn filled(settings: &CardSettings, email: &str) -> Form {
    let mut form = Form::default();
    form.set("retention", settings.retention_days.to_string());
    form.set("cancel_retention", settings.cancel_retention_days.to_string());
    form.set("email", email);
    guards::fill(&mut form, settings);
    if let Some(once) = &settings.view_code_once {
        form.set("reason", once.reason.clone());
        form.set("until", once.until.clone());
    }
    form
}

pub(super) async fn page<R>(
    cards: &Cards,
    staff: &Staff<R>,
    answer: &CardSettingsAnswer,
    told: Told,
) -> Answer {
    let shop = cards.shop(staff).await?;
    let block = cards.ask(staff, shop, &BlockGet {}).await;
    let block = block.map_err(|error| refused(staff, &error))?;
    let mine = match user(staff) {
        Some(user) if staff.scope.may(Right::CardReveal) => {
            let mine = cards.ask(staff, shop, &ViewerGet { user }).await;
            Some(mine.map_err(|error| refused(staff, &error))?)
        }
        _ => None,
    };
    let pin = mine.as_ref().map_or(PinState::None, |mine| mine.pin);
    let (key, status_icon, status_tone) = match answer.storage {
        StorageStatus::Off => ("cards-storage-off", "minus", "neutral"),
        StorageStatus::AwaitingPin => ("cards-storage-awaiting", "alert", "warn"),
        StorageStatus::On => ("cards-storage-on", "check", "ok"),
    };
    let status =
        if told.form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let settings = &answer.settings;
    let ticked = |brand: Brand| settings.brands.contains(&brand);
    let shown =
        told.form.mark(staff.page(&cards.engine.ctx, staff.words.say("cards-settings-title")));
    let approvers = approver::list(cards, staff, (shop, &told.form, settings)).await?;
    let page = SettingsPage {
        page: shown,
        shell: staff.shell.clone(),
        tabs: settings::tabs(&staff.words, &staff.scope, settings::CARDS),
        version: answer.version,
        brands: Brand::ALL.map(|b| (b.as_str(), b.name(), ticked(b))).to_vec(),
        accepts: settings.accept_cards,
        once: settings.view_code_once.is_some(),
        status: staff.words.say(key),
        status_icon,
        status_tone,
        banner: answer.storage == StorageStatus::AwaitingPin,
        form: told.form,
        sent: told.sent,
        second: guards::rules(staff),
        saved: told.saved,
        pin_waits: mine.and_then(|mine| mine.waits).map(|mine| pin_waits(staff, &mine)),
        has_pin: pin == PinState::Active,
        pin_shut: match pin {
            PinState::Locked => staff.words.say("cards-pin-locked"),
            PinState::Blocked => staff.words.say("cards-pin-blocked"),
            PinState::Disabled => staff.words.say("cards-pin-disabled"),
            _ => String::new(),
        },
        may_reveal: staff.scope.may(Right::CardReveal),
        may_delete: staff.scope.may(Right::CardDelete),
        block: BlockView::of(cards, staff, block).await?,
        people: people::list(cards, staff, shop).await?,
        partners: partners::list(cards, staff, shop).await?,
        scopes: partners::choices(staff),
        approvers,
    };
    Ok(with_policy(http::html_with(status, &page), leading_to_vault(&cards.engine.ctx)))
}

/// What is said of a PIN that replaces a lost one.
fn pin_waits<R>(staff: &Staff<R>, waits: &PinWaits) -> String {
    let from = format::date_time(waits.usable_from, &staff.merchant.zone, staff.words.locale());
    staff.words.with("cards-pin-waits", &[("from", &from)])
}

async fn save(
    State(cards): State<Cards>,
    staff: Staff<needs::CardSettings>,
    Body(fields): Body<Fields>,
) -> Answer {
    let (shop, answer) = settings_of(&cards, &staff).await?;
    let mut form = Form::with_values(&fields);
    form.set("email", staff.user.email.as_str());
    let guarded = guards::read(&fields, &answer.settings).unwrap_or_else(|(field, key)| {
        form.fault(field, staff.words.say(key));
        answer.settings.clone()
    });
    let by = approver::named(&fields, &staff.user.id.to_string());
    let wish = wish(&fields, &guarded, &by);
    let version = fields.get("version").and_then(|text| text.parse().ok()).unwrap_or(0);
    if wish.view_code_once.is_some() && !fields.contains_key("acquirer") {
        form.fault("acquirer", staff.words.say("cards-acquirer-missing"));
    }
    approver::check(&cards, &staff, (shop, &mut form), (&answer.settings, &wish)).await?;
    let mut shown = answer.clone();
    shown.settings = wish.clone();
    if !form.is_right() {
        return page(&cards, &staff, &shown, Told { form, ..Told::default() }).await;
    }
    let planned = cards.engine.plan_mornings(&staff.scope, (shop, &wish)).await;
    planned.map_err(|error| failed(&staff, &error))?;
    let put = CardSettingsPut { settings: wish, version };
    match cards.ask(&staff, shop, &put).await {
        Ok(answer) => {
            cards.note(&staff, staff.line("card.settings", shop)).await?;
            page(&cards, &staff, &answer, Told { form, saved: true, ..Told::default() }).await
        }
        Err(WireError::Refused(why)) => {
            let of_guards = guards::fault(&why);
            let (field, key) = match (of_guards, why.code.as_str(), why.path.as_deref()) {
                (Some(fault), ..) => fault,
                (_, "reason_too_short", _) => ("reason", "cards-reason-short"),
                (_, "until_too_far", _) => ("until", "cards-until-far"),
                (_, "retention_range", Some("$.retention_days")) => {
                    ("retention", "cards-retention-range")
                }
                (_, "retention_range", _) => ("cancel_retention", "cards-retention-range"),
                (_, "precondition_failed", _) => ("form", "cards-settings-stale"),
                (.., Some("$.brands")) => ("brand-cb", "cards-brands-missing"),
                _ => return Err(refused(&staff, &WireError::Refused(why))),
            };
            form.fault(field, staff.words.say(key));
            page(&cards, &staff, &shown, Told { form, ..Told::default() }).await
        }
        Err(error) => Err(refused(&staff, &error)),
    }
}

/// The settings as the form says; what it does not ask stays.
fn wish(fields: &Fields, now: &CardSettings, user: &str) -> CardSettings {
    let days = |name: &str, known: u8| {
        fields.get(name).map_or(known, |text| text.trim().parse().unwrap_or(u8::MAX))
    };
    let text =
        |name: &str| fields.get(name).map_or_else(String::new, |text| text.trim().to_owned());
    let ticked = |brand: &Brand| fields.contains_key(&format!("brand-{}", brand.as_str()));
    CardSettings {
        accept_cards: fields.contains_key("accept"),
        brands: Brand::ALL.into_iter().filter(ticked).collect(),
        retention_days: days("retention", now.retention_days),
        cancel_retention_days: days("cancel_retention", now.cancel_retention_days),
        view_code_once: fields.contains_key("once").then(|| ViewOnce {
            reason: text("reason"),
            until: text("until"),
            approved_by: user.to_owned(),
        }),
        ..now.clone()
    }
}

/// Starts the enrolment of the person's own PIN.
async fn enrol(
    State(cards): State<Cards>,
    staff: Staff<needs::CardReveal>,
    Body(fields): Body<Fields>,
) -> Answer {
    let (shop, answer) = settings_of(&cards, &staff).await?;
    let text = |name: &str| fields.get(name).map_or("", |text| text.trim()).to_owned();
    let mut form = filled(&answer.settings, &text("email"));
    form.set("phone", text("phone"));
    let Some(user) = user(&staff) else {
        return page(&cards, &staff, &answer, Told { form, ..Told::default() }).await;
    };
    let request = ViewerEnrol {
        user,
        name: staff.user.name.clone(),
        email: text("email"),
        phone: text("phone"),
        lang: staff.words.locale(),
        avoid: vec![staff.merchant.phone.clone()],
        return_url: Some(format!("{}{HERE}", cards.engine.ctx.urls.app)),
        owners: owners(&cards, &staff, shop).await?,
    };
    if !is_fresh(staff.session.began_at, cards.engine.ctx.real_now())
        && has_or_had_pin(&cards, &staff, (shop, user)).await?
    {
        form.fault("form", staff.words.say("cards-pin-sign-in-again"));
        return page(&cards, &staff, &answer, Told { form, ..Told::default() }).await;
    }
    let mut left = false;
    let sent = match cards.ask(&staff, shop, &request).await {
        Ok(viewer) => {
            left = !viewer.sent_before;
            let end = viewer.phone_end.unwrap_or_default();
            let key = if viewer.sent_before { "cards-pin-sent-before" } else { "cards-pin-sent" };
            staff.words.with(key, &[("end", &end)])
        }
        Err(WireError::Refused(why)) => {
            let (field, key) = match (why.code.as_str(), why.path.as_deref()) {
                ("contact_missing", Some("$.email")) => ("email", "cards-email-missing"),
                ("contact_missing", _) => ("phone", "cards-phone-missing"),
                ("pin_locked", _) => ("phone", "cards-enrol-locked"),
                ("quota", _) => ("phone", "cards-enrol-quota"),
                _ => return Err(refused(&staff, &WireError::Refused(why))),
            };
            form.fault(field, staff.words.say(key));
            String::new()
        }
        Err(error) => return Err(refused(&staff, &error)),
    };
    if left {
        cards.note(&staff, staff.line("pin.enrol", user)).await?;
        let owner = (staff.merchant.id, staff.scope.mode());
        if let Err(error) = messages::take(&cards.engine, owner, shop).await {
            tracing::info!(%error, "messages of a new PIN follow within seconds");
        }
    }
    page(&cards, &staff, &answer, Told { form, sent, saved: false }).await
}

/// Whether a session that began then, with both factors, is fresh enough to replace a PIN.
pub(super) fn is_fresh(began_at: Timestamp, now: Timestamp) -> bool {
    now <= began_at.plus_minutes(FRESH_MINUTES)
}

/// Whether another PIN would replace one that is lost.
async fn has_or_had_pin<R>(
    cards: &Cards,
    staff: &Staff<R>,
    (shop, user): (ShopId, UserId),
) -> Result<bool, Response> {
    let mine = cards.ask(staff, shop, &ViewerGet { user }).await;
    let pin = mine.map_err(|error| refused(staff, &error))?.pin;
    Ok(!matches!(pin, PinState::None | PinState::Invited))
}

/// The other people who manage users of the shop.
async fn owners<R>(cards: &Cards, staff: &Staff<R>, shop: ShopId) -> Result<Vec<Owner>, Response> {
    let (scope, me) = (staff.scope.clone(), staff.user.id);
    let read = cards.engine.ctx.db.read(move |tx| holding(tx, &scope, (Right::UsersManage, shop)));
    let users = read.await.map_err(|error| failed(staff, &error))?;
    let others = users.into_iter().filter(|user| user.id != me);
    let owner = |user: User| Owner { email: user.email.to_string(), lang: user.locale };
    Ok(others.map(owner).take(MAX_OWNERS).collect())
}

/// Sends the person's browser to the page on which he changes his PIN.
async fn change(State(cards): State<Cards>, staff: Staff<needs::CardReveal>) -> Answer {
    let shop = cards.shop(&staff).await?;
    let Some(user) = user(&staff) else { return Err(super::unknown(&staff)) };
    let return_url = Some(format!("{}{HERE}", cards.engine.ctx.urls.app));
    let asked = cards.ask(&staff, shop, &PinChange { user, return_url }).await;
    let page = asked.map_err(|error| refused(&staff, &error))?;
    cards.note(&staff, staff.line("pin.change", user)).await?;
    Ok(http::redirect(&page.url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_62_five_minutes_after_signing_in_a_lost_pin_needs_another_sign_in() {
        let began = Timestamp::from_micros(0);
        assert!(is_fresh(began, began.plus_minutes(5)));
        assert!(!is_fresh(began, began.plus_minutes(5).plus_seconds(1)));
    }
}
