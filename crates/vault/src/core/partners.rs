//! Frames about partners: what the operator asks, and what a property grants.

use serde_json::Value;
use vault_wire::{GrantList, PartnerList, WireScope};

use super::dispatch::{Outcome, answer, read};
use super::{Core, unknown_op};

impl Core {
    /// Partners belong to the installation: no merchant, no shop.
    pub(super) async fn partner(&self, op: &str, body: Value) -> Outcome {
        let partners = &self.partners;
        match op {
            "partner.list" => {
                let PartnerList {} = read(body)?;
                answer(&partners.list())
            }
            "partner.get" => answer(&partners.show(&read(body)?)?),
            "partner.decide" => answer(&partners.decide(read(body)?).await?),
            "partner.key_make" => answer(&partners.make_key(read(body)?).await?),
            "partner.key_end" => answer(&partners.end_key(read(body)?).await?),
            _ => Err(unknown_op()),
        }
    }

    pub(super) async fn grant(&self, op: &str, scope: &WireScope, body: Value) -> Outcome {
        self.shop(scope)?;
        match op {
            "grant.list" => {
                let GrantList {} = read(body)?;
                answer(&self.partners.list_grants(scope))
            }
            "grant.put" => answer(&self.partners.put_grant(scope, read(body)?).await?),
            "grant.end" => answer(&self.partners.end_grant(scope, read(body)?).await?),
            _ => Err(unknown_op()),
        }
    }
}
