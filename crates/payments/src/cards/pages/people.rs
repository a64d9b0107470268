//! Those who may see cards: whom another person vouches for, and who may no longer.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Form as Body, State};
use axum::response::Response;
use axum::routing::post;
use identity::extract::{Staff, needs};
use kernel::{Id, Right, ShopId};
use vault_wire::{Grant, GrantList, PinState, ViewerConfirm, ViewerList, ViewerRevoke, WireError};

use super::{Answer, Cards, refused, unknown};

/// Routes of the list.
pub(super) fn routes() -> Router<Cards> {
    Router::new().route("/parametres/cartes/personnes", post(decide))
}

/// A person as a line of the list.
pub(in crate::cards) struct PersonView {
    pub(in crate::cards) user: String,
    pub(in crate::cards) name: String,
    /// Whose person and under which reference, when he does not sign in here.
    pub(in crate::cards) from: String,
    pub(in crate::cards) state: String,
    pub(in crate::cards) tone: &'static str,
    pub(in crate::cards) icon: &'static str,
    /// May be vouched for by the person who looks.
    pub(in crate::cards) confirmable: bool,
    /// The PIN that waits, if one does.
    pub(in crate::cards) recovery: String,
    /// Is the person who looks.
    pub(in crate::cards) is_me: bool,
}

/// The list, for those who manage users; nobody else sees it.
pub(super) async fn list<R>(
    cards: &Cards,
    staff: &Staff<R>,
    shop: ShopId,
) -> Result<Vec<PersonView>, Response> {
    if !staff.scope.may(Right::UsersManage) {
        return Ok(Vec::new());
    }
    let asked = cards.ask(staff, shop, &ViewerList {}).await;
    let listed = asked.map_err(|error| refused(staff, &error))?;
    let granted = cards.ask(staff, shop, &GrantList {}).await;
    let granted = granted.map_err(|error| refused(staff, &error))?.grants;
    let me = staff.scope.actor().text();
    let view = |one: vault_wire::ViewerOfShop| {
        let waits = one.viewer.waits.as_ref();
        let (key, tone, icon) = match (one.viewer.pin, one.viewer.confirmed) {
            (PinState::None | PinState::Revoked, _) => return None,
            _ if waits.is_some() => ("cards-person-reset", "warn", "alert"),
            (PinState::Invited, _) => ("cards-person-invited", "neutral", "mail"),
            (PinState::Disabled, _) => ("cards-person-disabled", "neutral", "clock"),
            (_, false) => ("cards-person-waits", "warn", "alert"),
            (PinState::Locked, true) => ("cards-person-locked", "warn", "lock"),
            (PinState::Blocked, true) => ("cards-person-blocked", "bad", "lock"),
            (PinState::Active, true) => ("cards-person-active", "ok", "check"),
        };
        let user = one.user;
        let is_me = user == me;
        Some(PersonView {
            confirmable: !is_me
                && (waits.is_some()
                    || !one.viewer.confirmed
                        && !matches!(one.viewer.pin, PinState::Invited | PinState::Disabled)),
            recovery: waits.map_or_else(String::new, |waits| waits.recovery.text()),
            from: from(&user, &granted),
            user,
            name: one.name,
            state: staff.words.say(key),
            tone,
            icon,
            is_me,
        })
    };
    Ok(listed.viewers.into_iter().filter_map(view).collect())
}

/// Whose person somebody is: the partner's company, or how the vault names him, and the reference.
/// Nothing for who signs in here.
fn from(user: &str, granted: &[Grant]) -> String {
    match user.split_once(':') {
        None => String::new(),
        Some(("api", reference)) => reference.to_owned(),
        Some((partner, reference)) => {
            let grant = granted.iter().find(|grant| grant.partner.to_string() == partner);
            let company = grant.map_or(partner, |grant| grant.company.as_str());
            format!("{company} · {reference}")
        }
    }
}

async fn decide(
    State(cards): State<Cards>,
    staff: Staff<needs::UsersManage>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let shop = cards.shop(&staff).await?;
    let user = fields.get("user").cloned().ok_or_else(|| unknown(&staff))?;
    let confirms = fields.get("do").is_some_and(|what| what == "confirm");
    let (action, done): (_, Result<(), WireError>) = if confirms {
        let recovery = fields.get("recovery").and_then(|id| Id::parse(id).ok());
        let confirm = ViewerConfirm { user: user.clone(), recovery };
        ("pin.confirm", cards.ask(&staff, shop, &confirm).await.map(drop))
    } else {
        (
            "pin.revoke",
            cards.ask(&staff, shop, &ViewerRevoke { user: user.clone() }).await.map(drop),
        )
    };
    done.map_err(|error| refused(&staff, &error))?;
    cards.note(&staff, staff.line(action, user)).await?;
    Ok(http::redirect("/parametres/cartes#people"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn v_65_who_is_vouched_for_is_named_with_company_and_reference() {
        let partner = "ptn_01k9zzzzzzzzzzzzzzzzzzzzzz";
        let grant: Grant = serde_json::from_value(json!({
            "partner": partner, "company": "Exemple PMS", "status": "active", "scopes": [],
            "wanted": [], "since": "2026-06-15T08:00:00Z", "given_by": "usr_o",
            "last_used_at": null,
        }))
        .unwrap();
        let (granted, user) = ([grant], format!("{partner}:u-17"));
        assert_eq!(from(&user, &granted), "Exemple PMS · u-17");
        assert_eq!(from(&user, &[]), format!("{partner} · u-17"), "the grant is withdrawn");
        assert_eq!(from("api:u-18", &granted), "u-18");
        assert_eq!(from("usr_01k9zzzzzzzzzzzzzzzzzzzzzz", &granted), "");
    }
}
