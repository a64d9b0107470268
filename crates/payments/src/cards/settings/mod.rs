//! How a property keeps cards, for programs: read and changed as one document, and the switch that
//! shuts every showing.
//!
//! **What it is.** Most of it is the vault's, which checks it; that virtual cards are charged by
//! themselves is this side's. A program reads the whole with an `ETag`, and writes over the version
//! that it read; what it leaves out stays.
//!
//! **Always true.** The security code is shown once only under the name of a person who manages the
//! settings of the property. Shutting everything is one call; lifting it takes two people, and a key
//! is nobody.
//!
//! **Limits.** The vault's part is written first: when somebody changes the other part at that very
//! moment, the answer is 412 and the vault's part stands. Origins and networks are the shop's own and
//! are not copied to another property; nor is what is this side's: how cards are checked, and
//! whether virtual ones are charged by themselves.

pub mod api;
mod body;
pub mod copying;
pub mod describe;

use db::{DbError, Route, Tx};
use identity::audit::{self, Line};
use kernel::{AuditId, Scope, ShopId};
use serde_json::{Value, json};
use vault_wire::{
    CardSettings, CardSettingsAnswer, CardSettingsGet, CardSettingsPut, StorageStatus, WireScope,
};

use crate::cards::checks;
use crate::engine::Engine;
use crate::payment::once::Failure;
use crate::virtual_cards::store::{self, Policy};

/// Everything that is set of a property's cards.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    pub(super) vault: CardSettingsAnswer,
    pub(super) policy: Policy,
    pub(super) checks: checks::Policy,
}

impl Whole {
    /// The tag of what was read: the versions of its parts.
    pub(super) fn tag(&self) -> String {
        let Self { vault, policy, checks } = self;
        format!("\"{}-{}-{}\"", vault.version, policy.version, checks.version)
    }

    /// As programs read it.
    pub(super) fn shown(&self) -> Value {
        let settings = &self.vault.settings;
        let once = settings.view_code_once.as_ref();
        json!({
            "storage": storage(self.vault.storage),
            "activated_at": self.vault.activated_at,
            "accept_cards": settings.accept_cards,
            "collection": "storage",
            "brands": settings.brands,
            "retention_days": settings.retention_days,
            "cancel_retention_days": settings.cancel_retention_days,
            "view_code_once": {
                "on": once.is_some(),
                "reason": once.map(|once| &once.reason),
                "until": once.map(|once| &once.until),
                "approved_by": once.map(|once| &once.approved_by),
            },
            "verify": self.checks.shown(),
            "reveal": {
                "show_seconds": settings.show_seconds,
                "max_per_card": settings.max_per_card,
                "purpose_required": settings.purpose_required,
                "second_person": settings.second_person,
                "hours": settings.hours,
                "networks": settings.networks,
            },
            "frame_origins": settings.frame_origins,
            "auto_charge_virtual": self.policy.auto_since.is_some(),
        })
    }
}

/// The word for where the storage stands.
pub(super) const fn storage(status: StorageStatus) -> &'static str {
    match status {
        StorageStatus::Off => "off",
        StorageStatus::AwaitingPin => "awaiting_pin",
        StorageStatus::On => "on",
    }
}

/// Why this side's part was not written; nothing of it was.
#[derive(Debug, thiserror::Error)]
enum Unwritten {
    /// Somebody else wrote since.
    #[error("stale")]
    Stale,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What is to be written, over what was read.
pub(super) struct Change {
    pub(super) settings: CardSettings,
    pub(super) auto_charge_virtual: bool,
    pub(super) checks: checks::Policy,
}

impl Engine {
    /// Everything that is set of a property's cards.
    pub(super) async fn card_settings(
        &self,
        scope: &Scope,
        shop: ShopId,
    ) -> Result<Whole, Failure> {
        let wire = WireScope::of(scope, shop);
        let vault = self.vault.ask(&wire, &CardSettingsGet {}).await.map_err(api::refused)?;
        let own = scope.clone();
        let read = move |tx: &mut Tx<'_>| {
            Ok((store::policy(tx, &own, shop)?, checks::store::policy(tx, &own, shop)?))
        };
        let (policy, checks) = self.ctx.db.read::<_, DbError, _>(read).await?;
        Ok(Whole { vault, policy, checks })
    }

    /// Writes it over the versions that were read, with a line of the journal.
    pub(super) async fn put_card_settings(
        &self,
        (scope, shop): (&Scope, ShopId),
        before: &Whole,
        (change, line): (Change, Line),
    ) -> Result<(), Failure> {
        let wire = WireScope::of(scope, shop);
        if change.settings != before.vault.settings {
            self.plan_mornings(scope, (shop, &change.settings)).await?;
            let put = CardSettingsPut { settings: change.settings, version: before.vault.version };
            self.vault.ask(&wire, &put).await.map_err(api::refused)?;
        }
        let known = &before.policy;
        let today = self.today(scope, shop).await?;
        let since = change.auto_charge_virtual.then(|| known.auto_since.unwrap_or(today));
        let version = known.version.saturating_add(1);
        let after = Policy { auto_since: since, version, ..known.clone() };
        let is_same = after.auto_since == known.auto_since;
        let real_now = self.ctx.real_now();
        let (id, own) = (AuditId::new(real_now, self.ctx.rng.as_ref()), scope.clone());
        let wish = Some(change.checks).filter(|checks| *checks != before.checks);
        let engine = self.clone();
        let write = move |tx: &mut Tx<'_>| {
            if !is_same && !store::put_policy(tx, &own, (shop, &after))? {
                return Err(Unwritten::Stale);
            }
            if let Some(wish) = &wish
                && !engine.write_check_policy(tx, &own, (shop, wish))?
            {
                return Err(Unwritten::Stale);
            }
            audit::record(tx, &own, &line, real_now, id)?;
            Ok(())
        };
        match self.ctx.db.write(Route::of(shop.id()), write).await {
            Ok(()) => Ok(()),
            Err(Unwritten::Stale) => Err(Failure(api::stale())),
            Err(Unwritten::Db(error)) => Err(error.into()),
        }
    }

    async fn today(&self, scope: &Scope, shop: ShopId) -> Result<kernel::Date, Failure> {
        let own = scope.clone();
        let read = move |tx: &mut Tx<'_>| crate::payment::save::zone(tx, &own);
        let zone = self.ctx.db.read::<_, DbError, _>(read).await?;
        Ok(zone.date(self.ctx.now(shop)))
    }
}
