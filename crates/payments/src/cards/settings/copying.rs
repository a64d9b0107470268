//! The settings of one property, given to others of the same merchant.

use kernel::{Problem, Scope, ShopId};
use vault_wire::{CardSettings, CardSettingsGet, CardSettingsPut, WireScope};

use super::api::refused;
use crate::engine::Engine;

/// What the other property gets: brands, days, and how numbers are shown. Never PINs, the reason for
/// showing codes, origins or networks, which are its own.
fn over(from: &CardSettings, own: &CardSettings) -> CardSettings {
    CardSettings {
        brands: from.brands.clone(),
        retention_days: from.retention_days,
        cancel_retention_days: from.cancel_retention_days,
        show_seconds: from.show_seconds,
        max_per_card: from.max_per_card,
        hours: from.hours,
        second_person: from.second_person,
        purpose_required: from.purpose_required,
        ..own.clone()
    }
}

impl Engine {
    /// Gives the settings of a property to another; `false` when it had them already.
    ///
    /// # Errors
    /// [`Problem`]: the vault does not answer, or somebody changed them at the same moment.
    pub(in crate::cards) async fn copy_card_settings(
        &self,
        scope: &Scope,
        (from, to): (&CardSettings, ShopId),
    ) -> Result<bool, Problem> {
        let wire = WireScope::of(scope, to);
        let asked = self.vault.ask(&wire, &CardSettingsGet {}).await;
        let own = asked.map_err(|error| refused(error).0)?;
        let settings = over(from, &own.settings);
        if settings == own.settings {
            return Ok(false);
        }
        let put = CardSettingsPut { settings, version: own.version };
        let put = self.vault.ask(&wire, &put).await;
        put.map_err(|error| refused(error).0)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use vault_wire::{Brand, ViewOnce};

    use super::*;

    #[test]
    fn v_14_what_is_a_property_s_own_is_not_copied() {
        let own = CardSettings {
            accept_cards: false,
            brands: vec![Brand::Visa],
            retention_days: 3,
            cancel_retention_days: 3,
            view_code_once: None,
            show_seconds: 60,
            max_per_card: 10,
            frame_origins: vec!["https://a.example".into()],
            hours: None,
            networks: vec!["203.0.113.0/24".into()],
            second_person: None,
            purpose_required: false,
        };
        let once = ViewOnce {
            reason: "Our acquirer allows it".into(),
            until: "2027-01-01".into(),
            approved_by: "usr_1".into(),
        };
        let from = CardSettings {
            accept_cards: true,
            brands: vec![Brand::Cb, Brand::Mastercard],
            retention_days: 1,
            view_code_once: Some(once),
            max_per_card: 4,
            purpose_required: true,
            frame_origins: Vec::new(),
            networks: Vec::new(),
            ..own.clone()
        };
        let expected = CardSettings {
            brands: from.brands.clone(),
            retention_days: 1,
            max_per_card: 4,
            purpose_required: true,
            ..own.clone()
        };
        assert_eq!(over(&from, &own), expected);
    }
}
