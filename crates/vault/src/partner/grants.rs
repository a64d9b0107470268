//! What a property lets a partner do, and takes back at once.

use kernel::{MerchantId, PartnerId, ShopId};
use serde_json::json;
use vault_wire::{
    Done, Grant, GrantEnd, GrantPut, Grants, PartnerScope, PartnerState, Refused, WireScope,
};

use super::book::Partners;
use super::store::{GrantRow, PartnerRow};
use crate::capture::{internal, not_found};
use crate::log::Line;
use crate::shop::Shop;

impl Partners {
    /// The grants of a shop.
    pub(crate) fn list_grants(&self, scope: &WireScope) -> Grants {
        let here = |grant: &GrantRow| grant.merchant == scope.merchant && grant.shop == scope.shop;
        let grants = self.grants(here).into_iter().filter_map(|grant| {
            let partner = self.get(grant.partner)?;
            Some(told(&partner, &grant))
        });
        Grants { grants: grants.collect() }
    }

    /// Grants, or changes what is granted.
    pub(crate) async fn put_grant(
        &self,
        scope: &WireScope,
        request: GrantPut,
    ) -> Result<Grant, Refused> {
        let partner = self.get(request.partner).ok_or_else(not_found)?;
        if matches!(partner.state, PartnerState::Refused | PartnerState::Revoked) {
            return Err(not_found());
        }
        let wanted = &partner.about.application.scopes;
        if request.scopes.is_empty() || !request.scopes.iter().all(|one| wanted.contains(one)) {
            let why = "At least one of the scopes that the partner applied for.";
            return Err(Refused::new("invalid_field", why).at("$.scopes"));
        }
        let now = self.clock.now();
        let known = self.grant(partner.id, scope.shop);
        let mut scopes = request.scopes;
        scopes.sort_unstable();
        scopes.dedup();
        let grant = GrantRow {
            merchant: scope.merchant,
            shop: scope.shop,
            partner: partner.id,
            scopes,
            since: known.as_ref().map_or(now, |known| known.since),
            given_by: scope.user.clone(),
            last_used_at: known.and_then(|known| known.last_used_at),
        };
        let line = self.grant_line("grant.given", scope, partner.id).details(json!({
            "company": partner.about.application.company, "scopes": grant.scopes,
        }));
        let (key, told) = (key(scope, partner.id), told(&partner, &grant));
        self.set_grant(key, (Some(grant), line)).await.map_err(internal)?;
        Ok(told)
    }

    /// Takes a grant back; what is not there is gone already.
    pub(crate) async fn end_grant(
        &self,
        scope: &WireScope,
        request: GrantEnd,
    ) -> Result<Done, Refused> {
        let partner = request.partner;
        if self.grant(partner, scope.shop).is_none_or(|grant| grant.merchant != scope.merchant) {
            return Err(not_found());
        }
        let line = self.grant_line("grant.withdrawn", scope, partner);
        self.set_grant(key(scope, partner), (None, line)).await.map_err(internal)?;
        Ok(Done {})
    }

    /// Whether a partner may do this now with cards of a shop, whatever his key.
    pub(crate) fn may(&self, partner: PartnerId, shop: &Shop, scope: PartnerScope) -> bool {
        let stands = self.get(partner).is_some_and(|row| match row.state {
            PartnerState::Active => true,
            PartnerState::Suspended | PartnerState::Refused | PartnerState::Revoked => false,
            PartnerState::Submitted | PartnerState::InReview | PartnerState::Approved => {
                shop.is_test()
            }
        });
        let grant = self.grant(partner, shop.settings.shop);
        stands && grant.is_some_and(|grant| grant.scopes.contains(&scope))
    }

    fn grant_line(&self, event: &'static str, scope: &WireScope, partner: PartnerId) -> Line {
        let place = (scope.merchant, scope.shop);
        Line::new(event, place, &scope.user, self.clock.now(), &*self.rng)
            .purpose(&partner.to_string())
    }
}

const fn key(scope: &WireScope, partner: PartnerId) -> (MerchantId, ShopId, PartnerId) {
    (scope.merchant, scope.shop, partner)
}

fn told(partner: &PartnerRow, grant: &GrantRow) -> Grant {
    Grant {
        partner: partner.id,
        company: partner.about.application.company.clone(),
        status: partner.state,
        scopes: grant.scopes.clone(),
        wanted: partner.about.application.scopes.clone(),
        since: grant.since,
        given_by: grant.given_by.clone(),
        last_used_at: grant.last_used_at,
    }
}
