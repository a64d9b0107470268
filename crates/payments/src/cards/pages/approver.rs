//! Who answers for showing security codes: a person who manages the settings of the property.

use axum::response::Response;
use db::{DbError, Tx};
use identity::extract::Staff;
use identity::users::people::holding;
use kernel::{Right, ShopId};
use vault_wire::CardSettings;
use web::Form;

use super::settings::Fields;
use super::{Cards, failed};

/// The field of the form.
const FIELD: &str = "approver";

/// Somebody who may answer for it.
pub(in crate::cards) struct Approver {
    /// `usr_…`.
    pub(in crate::cards) id: String,
    /// How others call him.
    pub(in crate::cards) name: String,
    /// Whether the form names him.
    pub(in crate::cards) chosen: bool,
}

/// Everybody who may answer for it; chosen is who did last, else the person at the desk.
pub(super) async fn list<R>(
    cards: &Cards,
    staff: &Staff<R>,
    (shop, form, settings): (ShopId, &Form, &CardSettings),
) -> Result<Vec<Approver>, Response> {
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| holding(tx, &scope, (Right::SettingsManage, shop));
    let people = cards.engine.ctx.db.read::<_, DbError, _>(read).await;
    let people = people.map_err(|error| failed(staff, &error))?;
    let typed = Some(form.value(FIELD).to_owned()).filter(|typed| !typed.is_empty());
    let before = settings.view_code_once.as_ref().map(|once| once.approved_by.clone());
    let chosen = typed.or(before).unwrap_or_else(|| staff.user.id.to_string());
    let one = |user: identity::users::model::User| {
        let id = user.id.to_string();
        Approver { chosen: id == chosen, id, name: user.name }
    };
    Ok(people.into_iter().map(one).collect())
}

/// Who the form says answers for it.
pub(super) fn named(fields: &Fields, staff_id: &str) -> String {
    let typed = fields.get(FIELD).map_or("", |text| text.trim());
    if typed.is_empty() { staff_id.to_owned() } else { typed.to_owned() }
}

/// Notes in the form when the person named may not answer for what changes.
pub(super) async fn check<R>(
    cards: &Cards,
    staff: &Staff<R>,
    (shop, form): (ShopId, &mut Form),
    (before, wish): (&CardSettings, &CardSettings),
) -> Result<(), Response> {
    let Some(once) = wish.view_code_once.as_ref() else { return Ok(()) };
    if before.view_code_once.as_ref() == Some(once) {
        return Ok(());
    }
    let people = list(cards, staff, (shop, &Form::default(), wish)).await?;
    if !people.iter().any(|person| person.id == once.approved_by) {
        form.fault(FIELD, staff.words.say("cards-approver-wrong"));
    }
    Ok(())
}
