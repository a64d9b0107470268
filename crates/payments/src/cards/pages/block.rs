//! "Tout bloquer": one person shuts all showing of cards, two people lift it.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Form as Body, State};
use axum::response::Response;
use axum::routing::post;
use db::{DbError, Tx};
use identity::extract::{Staff, needs};
use identity::users;
use kernel::{Right, UserId, format};
use vault_wire::{BlockAnswer, BlockSet, WireError};

use super::settings::{Told, filled, page, settings_of};
use super::{Answer, Cards, failed, refused};

/// Routes of the switch.
pub(super) fn routes() -> Router<Cards> {
    Router::new().route("/parametres/cartes/blocage", post(set))
}

/// Where the switch stands, in words.
#[derive(Default)]
pub(in crate::cards) struct BlockView {
    /// Everything is shut.
    pub(in crate::cards) on: bool,
    /// Since when, by whom and why.
    pub(in crate::cards) told: String,
    /// Charges are shut, too.
    pub(in crate::cards) relay: bool,
    /// Who has asked to lift it; empty while nobody has.
    pub(in crate::cards) half: String,
    /// This person may use it.
    pub(in crate::cards) may: bool,
    /// He has asked to lift it: another must.
    pub(in crate::cards) waits: bool,
}

impl BlockView {
    pub(super) async fn of<R>(
        cards: &Cards,
        staff: &Staff<R>,
        answer: BlockAnswer,
    ) -> Result<Self, Response> {
        let may = staff.scope.may(Right::UsersManage);
        if !answer.on {
            return Ok(Self { may, ..Self::default() });
        }
        let by = name(cards, staff, answer.set_by).await?;
        let me = staff.scope.actor().text();
        let waits = answer.lift_asked_by.as_ref() == Some(&me);
        let first = name(cards, staff, answer.lift_asked_by).await?;
        let half = match first.as_str() {
            "" => String::new(),
            first => staff.words.with("cards-block-half", &[("user", first)]),
        };
        let (zone, locale) = (&staff.merchant.zone, staff.words.locale());
        let date = answer.since.map(|at| format::date_time(at, zone, locale)).unwrap_or_default();
        let values = [("date", date.as_str()), ("user", &by), ("reason", &answer.reason)];
        let told = staff.words.with("cards-block-told", &values);
        Ok(Self { on: true, told, relay: answer.relay, half, may, waits })
    }
}

/// How a person is called here; the empty text for nobody.
pub(super) async fn name<R>(
    cards: &Cards,
    staff: &Staff<R>,
    who: Option<String>,
) -> Result<String, Response> {
    let Some(who) = who else { return Ok(String::new()) };
    let Ok(id) = who.parse::<UserId>() else { return Ok(who) };
    let read = move |tx: &mut Tx<'_>| users::store::find(tx, id);
    let found = cards.engine.ctx.db.read::<_, DbError, _>(read).await;
    let found = found.map_err(|error| failed(staff, &error))?;
    Ok(found.map_or(who, |user| user.name))
}

async fn set(
    State(cards): State<Cards>,
    staff: Staff<needs::UsersManage>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let (shop, settings) = settings_of(&cards, &staff).await?;
    let on = fields.get("on").is_some_and(|on| on == "1");
    let reason = fields.get("block_reason").cloned().unwrap_or_default();
    let mut form = filled(&settings.settings, staff.user.email.as_str());
    form.set("block_reason", reason.clone());
    let set = BlockSet { on, relay: fields.contains_key("relay"), reason };
    match cards.ask(&staff, shop, &set).await {
        Ok(_) => {
            let action = if on { "cards.block" } else { "cards.unblock" };
            cards.note(&staff, staff.line(action, shop).after(set.reason)).await?;
            Ok(http::redirect("/parametres/cartes#block"))
        }
        Err(WireError::Refused(why)) if why.code == "reason_too_short" => {
            form.fault("block_reason", staff.words.say("cards-block-reason-missing"));
            page(&cards, &staff, &settings, Told { form, ..Told::default() }).await
        }
        Err(error) => Err(refused(&staff, &error)),
    }
}
