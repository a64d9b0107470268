//! Tells the vault of every shop, of its look and people, and of every move of a test clock.
//!
//! The vault believes nothing else about shops. What it has heard is remembered here, so that
//! only changes travel; after a failure everything is told again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use db::{DbError, Tx};
use identity::merchants::model::ANY_LOOPBACK;
use identity::merchants::{Merchant, Shop, store};
use identity::users::people::{self, Holder};
use identity::{looks, scope};
use kernel::{MerchantId, Mode, Right, ShopId};
use tokio::sync::oneshot;
use vault_wire::{
    Brand, ClockSet, Manager, Pace, PeoplePut, ShopLogo, ShopLook, ShopPut, VaultClient, VaultKey,
    WireError, WireScope,
};
use web::{Context, ShopClock};

use crate::demo::Keys;

/// Days a card stays after check-out, or after a cancellation.
const CARD_RETENTION_DAYS: u8 = 3;
/// How often the vault is told what it may have forgotten or what another process changed.
const TELL_EVERY: Duration = Duration::from_secs(2);
/// Turns after which people are told again, changed or not: who came and went between two turns may
/// have chosen a PIN.
const PEOPLE_TURNS: u64 = 30;
/// Wait before the vault is told again what it could not hear.
const TELL_AGAIN_AFTER: Duration = Duration::from_millis(300);

/// Tells the vault again and again until it has heard, and then of every change; `first` hears
/// when all was told for the first time.
pub(crate) async fn keep_informed(
    ctx: Context,
    vault: VaultClient,
    keys: Option<Arc<Keys>>,
    first: oneshot::Sender<()>,
) {
    let mut first = Some(first);
    let mut changes = ctx.clocks.changes();
    let mut teller = Teller { ctx, vault, keys, heard: HashMap::new() };
    for turn in 1_u64.. {
        match teller.tell_all().await {
            Ok(()) => {
                if turn.is_multiple_of(PEOPLE_TURNS) {
                    teller.forget_people();
                }
                first.take().map(|first| first.send(()));
                // The vault forgets clocks when it starts again: it is told every two seconds.
                let _ = tokio::time::timeout(TELL_EVERY, changes.changed()).await;
            }
            Err(error) => {
                tracing::info!(%error, "the vault has not heard of the shops yet");
                teller.heard.clear();
                tokio::time::sleep(TELL_AGAIN_AFTER).await;
            }
        }
    }
}

/// Tells a vault that has forgotten everything, once.
///
/// # Errors
/// A sentence with the cause.
pub(crate) async fn tell_anew(
    ctx: &Context,
    vault: &VaultClient,
    keys: &Arc<Keys>,
) -> Result<(), String> {
    let (ctx, vault, keys) = (ctx.clone(), vault.clone(), Some(Arc::clone(keys)));
    let mut teller = Teller { ctx, vault, keys, heard: HashMap::new() };
    teller.tell_all().await.map_err(|error| error.to_string())
}

struct Teller {
    ctx: Context,
    vault: VaultClient,
    keys: Option<Arc<Keys>>,
    heard: HashMap<ShopId, (ShopPut, Option<PeoplePut>)>,
}

/// A shop as the database has it.
struct Known {
    merchant: Merchant,
    shop: Shop,
    logo: Option<Vec<u8>>,
    people: PeoplePut,
}

/// Why the vault was not told.
#[derive(Debug, thiserror::Error)]
enum Untold {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl Teller {
    async fn tell_all(&mut self) -> Result<(), Untold> {
        let all = self.ctx.db.read(shops).await?;
        let is_new = |known: &Known| {
            known.shop.mode == Mode::Test && self.ctx.clocks.state(known.shop.id).is_none()
        };
        if all.iter().any(is_new) {
            // A test shop that another process made: it enters the book of clocks.
            identity::clocks::ops::load(&self.ctx).await?;
        }
        for known in all {
            let scope = WireScope::of_house(known.merchant.id, known.shop.id);
            let (put, people) = (self.shop_for_vault(&known), known.people);
            let heard = self.heard.get(&known.shop.id);
            if heard.map(|(shop, _)| shop) != Some(&put) {
                self.vault.ask(&scope, &put).await?;
            }
            if heard.and_then(|(_, people)| people.as_ref()) != Some(&people) {
                let told = self.vault.ask(&scope, &people).await;
                if let Err(WireError::Refused(why)) = &told {
                    // One shop's fault keeps nobody else's people in.
                    tracing::error!(shop = %known.shop.id, %why.code, "people not taken");
                } else {
                    told?;
                }
            }
            self.heard.insert(known.shop.id, (put, Some(people)));
            if known.shop.mode == Mode::Test {
                self.vault.ask(&scope, &self.clock_for_vault(known.shop.id)).await?;
            }
        }
        Ok(())
    }

    fn forget_people(&mut self) {
        for (_, people) in self.heard.values_mut() {
            *people = None;
        }
    }

    fn shop_for_vault(&self, known: &Known) -> ShopPut {
        let Known { merchant, shop, .. } = known;
        let registered = shop.return_origins.iter().map(|origin| match origin.as_str() {
            ANY_LOOPBACK => "http://127.0.0.1:*".to_owned(),
            other => other.to_owned(),
        });
        ShopPut {
            merchant: merchant.id,
            shop: shop.id,
            mode: shop.mode,
            zone: merchant.zone.name().to_owned(),
            name: merchant.name.clone(),
            brands: shop.brands.iter().filter_map(|brand| Brand::parse(brand)).collect(),
            origins: [self.ctx.urls.app.clone()].into_iter().chain(registered).collect(),
            retention_days: CARD_RETENTION_DAYS,
            cancel_retention_days: CARD_RETENTION_DAYS,
            vault_keys: self.vault_keys(merchant.id, shop.id),
            look: look(known),
        }
    }

    fn vault_keys(&self, merchant: MerchantId, shop: ShopId) -> Vec<VaultKey> {
        let keys = self.keys.iter().flat_map(|keys| &keys.merchants);
        keys.filter(|of| of.id == merchant && of.shop == shop)
            .map(|of| VaultKey {
                hash: hex(&identity::secrets::hash(&of.vault_key)),
                ips: vec!["127.0.0.0/8".into()],
            })
            .collect()
    }

    fn clock_for_vault(&self, shop: ShopId) -> ClockSet {
        let state = self.ctx.clocks.state(shop);
        let follows_real = state == Some(ShopClock::Follows { ahead_micros: 0 });
        let frozen = matches!(state, Some(ShopClock::Frozen(_)));
        ClockSet {
            shop,
            now: (!follows_real).then(|| self.ctx.now(shop)),
            pace: if frozen { Pace::Frozen } else { Pace::Running },
        }
    }
}

fn shops(tx: &mut Tx<'_>) -> Result<Vec<Known>, DbError> {
    let mut all = Vec::new();
    for id in store::all_ids(tx)? {
        for mode in [Mode::Live, Mode::Test] {
            let scope = scope::for_house(id, mode);
            let Some(merchant) = store::merchant(tx, &scope)? else { continue };
            let logo = match &merchant.logo {
                Some(mark) => looks::store::logo(tx, &scope, &mark.hash)?,
                None => None,
            };
            let holders = people::holders(tx, &scope)?;
            for shop in store::shops(tx, &scope)? {
                let (merchant, logo) = (merchant.clone(), logo.clone());
                let people = people_for_vault(&holders, shop.id);
                all.push(Known { merchant, shop, logo, people });
            }
        }
    }
    Ok(all)
}

/// Who may see cards of a shop, wherever at the merchant he has the right, and who manages users.
fn people_for_vault(holders: &[Holder], shop: ShopId) -> PeoplePut {
    let viewers = holders.iter().filter(|one| one.may_somewhere(Right::CardReveal));
    let managers = holders.iter().filter(|one| one.may_in(shop, Right::UsersManage));
    let manager = |one: &Holder| Manager {
        user: one.user.id,
        email: one.user.email.to_string(),
        lang: one.user.locale,
    };
    PeoplePut {
        viewers: viewers.map(|one| one.user.id).collect(),
        managers: managers.map(manager).collect(),
    }
}

fn look(known: &Known) -> ShopLook {
    let size = known.merchant.look(known.shop.id).logo;
    let logo = size.zip(known.logo.as_ref()).map(|(size, png)| ShopLogo {
        png: STANDARD.encode(png),
        width: size.width,
        height: size.height,
    });
    ShopLook { accent: known.merchant.accent.clone(), logo }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
