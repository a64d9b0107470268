//! Software vendors that may use the property's cards: what, since when, last use; taken back at
//! once.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Form as Body, State};
use axum::response::Response;
use axum::routing::post;
use identity::extract::{Staff, needs};
use kernel::{PartnerId, ShopId, format};
use vault_wire::{Grant, GrantEnd, GrantList, GrantPut, PartnerScope, PartnerState, WireError};

use super::settings::{Told, filled, page, settings_of};
use super::{Answer, Cards, refused};

/// Routes of the list.
pub(super) fn routes() -> Router<Cards> {
    Router::new().route("/parametres/cartes/partenaires", post(decide))
}

/// A partner as a line of the list.
pub(in crate::cards) struct PartnerView {
    pub(in crate::cards) id: String,
    pub(in crate::cards) company: String,
    pub(in crate::cards) state: String,
    pub(in crate::cards) tone: &'static str,
    pub(in crate::cards) icon: &'static str,
    /// What he may do, in words.
    pub(in crate::cards) scopes: Vec<String>,
    /// Since when, and when he last did.
    pub(in crate::cards) told: String,
}

/// What may be granted: word and sentence.
pub(in crate::cards) fn choices<R>(staff: &Staff<R>) -> Vec<(&'static str, String)> {
    PartnerScope::ALL.map(|scope| (scope.as_str(), told_scope(staff, scope))).to_vec()
}

fn told_scope<R>(staff: &Staff<R>, scope: PartnerScope) -> String {
    staff.words.say(match scope {
        PartnerScope::CardsWrite => "cards-scope-write",
        PartnerScope::CardsRead => "cards-scope-read",
        PartnerScope::CardsDelete => "cards-scope-delete",
        PartnerScope::RevealLink => "cards-scope-reveal",
        PartnerScope::Viewers => "cards-scope-viewers",
        PartnerScope::Relay => "cards-scope-relay",
        PartnerScope::Proxy => "cards-scope-proxy",
        PartnerScope::Debit => "cards-scope-debit",
    })
}

pub(super) async fn list<R>(
    cards: &Cards,
    staff: &Staff<R>,
    shop: ShopId,
) -> Result<Vec<PartnerView>, Response> {
    let asked = cards.ask(staff, shop, &GrantList {}).await;
    let granted = asked.map_err(|error| refused(staff, &error))?.grants;
    Ok(granted.into_iter().map(|grant| view(staff, grant)).collect())
}

fn view<R>(staff: &Staff<R>, grant: Grant) -> PartnerView {
    let (key, tone, icon) = match grant.status {
        PartnerState::Active => ("cards-partner-active", "ok", "check"),
        PartnerState::Suspended => ("cards-partner-suspended", "bad", "lock"),
        PartnerState::Revoked | PartnerState::Refused => ("cards-partner-ended", "bad", "lock"),
        _ => ("cards-partner-test", "neutral", "clock"),
    };
    let (zone, locale) = (&staff.merchant.zone, staff.words.locale());
    let since = format::date_time(grant.since, zone, locale);
    let told = match grant.last_used_at {
        Some(at) => {
            let used = format::date_time(at, zone, locale);
            staff.words.with("cards-partner-used", &[("since", &since), ("used", &used)])
        }
        None => staff.words.with("cards-partner-unused", &[("since", &since)]),
    };
    PartnerView {
        id: grant.partner.to_string(),
        company: grant.company,
        state: staff.words.say(key),
        tone,
        icon,
        scopes: grant.scopes.into_iter().map(|scope| told_scope(staff, scope)).collect(),
        told,
    }
}

async fn decide(
    State(cards): State<Cards>,
    staff: Staff<needs::CardSettings>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let (shop, settings) = settings_of(&cards, &staff).await?;
    let named = fields.get("partner").map_or("", |text| text.trim());
    let ends = fields.get("do").is_some_and(|what| what == "withdraw");
    let mut form = filled(&settings.settings, staff.user.email.as_str());
    form.set("partner", named);
    let Ok(partner) = named.parse::<PartnerId>() else {
        form.fault("partner", staff.words.say("cards-partner-unknown"));
        return page(&cards, &staff, &settings, Told { form, ..Told::default() }).await;
    };
    let asked = |scope: &PartnerScope| fields.contains_key(&format!("scope-{}", scope.as_str()));
    let (action, done): (_, Result<(), WireError>) = if ends {
        ("partner.withdraw", cards.ask(&staff, shop, &GrantEnd { partner }).await.map(drop))
    } else {
        let scopes = PartnerScope::ALL.into_iter().filter(asked).collect();
        let put = GrantPut { partner, scopes };
        ("partner.grant", cards.ask(&staff, shop, &put).await.map(drop))
    };
    match done {
        Ok(()) => {
            cards.note(&staff, staff.line(action, partner)).await?;
            Ok(http::redirect("/parametres/cartes#partners"))
        }
        Err(WireError::Refused(why))
            if ["not_found", "invalid_field"].contains(&why.code.as_str()) =>
        {
            let unknown = why.code == "not_found";
            let (field, key) = if unknown {
                ("partner", "cards-partner-unknown")
            } else {
                ("scope-cards.write", "cards-partner-scopes")
            };
            form.fault(field, staff.words.say(key));
            page(&cards, &staff, &settings, Told { form, ..Told::default() }).await
        }
        Err(error) => Err(refused(&staff, &error)),
    }
}
