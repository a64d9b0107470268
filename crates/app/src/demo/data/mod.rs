//! What the demo starts with: two merchants with their people, the hotel's rooms and its gîte.

pub(crate) mod cards;
mod dice;
pub(crate) mod door;
mod history;
mod large;
mod lodgings;
pub(crate) mod programs;
pub(crate) mod scenes;

use db::{DbError, Route, Tx};
use identity::keys::model::KeyText;
use identity::keys::ops::NewKey;
use identity::merchants::model::{ANY_LOOPBACK, Custody, FeePlan, Merchant, PointOfSale, Shop};
use identity::secrets::AppKeys;
use identity::users::model::Assignment;
use identity::users::ops::NewUser;
use identity::{clocks, keys, merchants, scope, users};
use kernel::rng::{OsRng, SeededRng};
use kernel::{ApiKeyId, ContractId, Currency, Locale, Mode, Right, Scope, Timestamp, Zone};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;
use vault_wire::VaultClient;
use web::{Context, ShopClock};

use crate::config::{Demo, Volume};

use super::keys::{Keys, MerchantKeys, UserKeys};

/// The sample data on its way; a demo that begins anew calls the former one off.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filling {
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
    progress: Progress,
}

/// How much of the sample data is there, in percent.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress(Arc<AtomicU8>);

impl Progress {
    fn tell(&self, done: usize, whole: usize) {
        let percent = done.saturating_mul(100).checked_div(whole).unwrap_or(100);
        self.0.store(u8::try_from(percent).unwrap_or(100), Ordering::Relaxed);
    }
}

impl Filling {
    /// Ends what is being written, and waits until it has ended.
    pub(crate) async fn call_off(&self) {
        let running = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.abort();
            let _ = running.await;
        }
    }

    /// How much is there, in percent; nothing when all of it is.
    pub(crate) fn progress(&self) -> Option<u8> {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = task.as_ref().is_some_and(|task| !task.is_finished());
        under_way.then(|| self.progress.0.load(Ordering::Relaxed))
    }

    /// Writes what the volume asks for beside the catalogue, while the demo answers already. What
    /// was being written before has been called off.
    pub(crate) fn begin(
        &self,
        ctx: Context,
        vault: VaultClient,
        (keys, settings): (Arc<Keys>, Demo),
    ) {
        self.progress.tell(0, 1);
        let task = fill_volume((ctx, vault), keys, settings, self.progress.clone());
        *self.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }
}

fn fill_volume(
    (ctx, vault): (Context, VaultClient),
    keys: Arc<Keys>,
    settings: Demo,
    progress: Progress,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let started = std::time::Instant::now();
        let written = match settings.volume {
            Volume::Catalogue => Ok(0),
            Volume::Town => town(&ctx, &vault, (&keys, &settings), &progress).await,
            Volume::Large(count) => large::write(&ctx, &keys, (&settings, count), &progress).await,
        };
        match written {
            Ok(0) => {}
            Ok(rows) => {
                let millis = started.elapsed().as_millis();
                tracing::warn!(rows, millis, "sample data is there");
            }
            Err(error) => tracing::error!(error, "sample data"),
        }
    })
}

/// A season of the hotel, the programs that listen from now on, then the cards of the stays to
/// come; nothing where it is there already.
async fn town(
    ctx: &Context,
    vault: &VaultClient,
    (keys, settings): (&Keys, &Demo),
    progress: &Progress,
) -> Result<u64, String> {
    match history::write(ctx, keys, settings, progress).await? {
        0 => Ok(0),
        rows => {
            programs::write(ctx, keys).await?;
            Ok(rows + cards::write(ctx, vault, (keys, settings), progress).await?)
        }
    }
}

/// How much of a season there is before the first card comes, in percent: cards take the longer.
const BEFORE_CARDS: usize = 60;

/// The hotel's fee: 1.8 % and 0.20.
const HOTEL_FEE: FeePlan = FeePlan { basis_points: 180, fixed_minor: 20 };

/// Writes the sample data in one transaction, unless it is there already.
///
/// # Errors
/// A sentence with the cause.
pub(crate) async fn fill(ctx: &Context, keys: &Keys, settings: &Demo) -> Result<(), String> {
    let now = settings.at.unwrap_or_else(|| ctx.real_now());
    let rng = Arc::new(SeededRng::new(settings.seed));
    let app_keys = AppKeys::from_root(ctx.app_key.expose());
    for merchant in &keys.merchants {
        let scope = scope::for_house(merchant.id, Mode::Test);
        let known = scope.clone();
        let there = ctx.db.read(move |tx| merchants::store::merchant(tx, &known)).await;
        if there.map_err(text)?.is_some() {
            continue;
        }
        let people = people(merchant, &app_keys).await?;
        let (merchant, rng, at) = (merchant.clone(), Arc::clone(&rng), settings.at);
        let route = Route::of(merchant.id.id());
        let start = Start { merchant, people, now, at, rng };
        ctx.db.write(route, move |tx| start.write(tx, &scope)).await?;
    }
    clocks::ops::load(ctx).await.map_err(text)
}

pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Most the ticket desk gives back in one refund: 50.00.
const DESK_REFUND_CENTS: i64 = 5_000;

/// Why the data could not be written.
#[derive(Debug)]
pub(super) struct Fault(String);

impl From<DbError> for Fault {
    fn from(error: DbError) -> Self {
        Self(error.to_string())
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.0
    }
}

pub(super) fn fault(error: impl std::fmt::Display) -> Fault {
    Fault(error.to_string())
}

/// A role for the whole merchant; the ticket desk gives back small amounts alone.
fn assignment(role: &str) -> Assignment {
    let whole = Assignment::of_role(role);
    if role == "desk" { whole.up_to(Right::PaymentsRefund, DESK_REFUND_CENTS) } else { whole }
}

/// Hashes passwords and seals seeds outside the transaction: hashing takes long by design.
async fn people(merchant: &MerchantKeys, keys: &AppKeys) -> Result<Vec<(NewUser, String)>, String> {
    let (users, keys) = (merchant.users.clone(), keys.clone());
    let hash = move || users.iter().map(|user| new_user(user, &keys)).collect();
    tokio::task::spawn_blocking(hash).await.map_err(text)?
}

fn new_user(user: &UserKeys, keys: &AppKeys) -> Result<(NewUser, String), String> {
    let code_seed = keys.seal(user.id.as_bytes(), &user.seed_bytes(), &OsRng).map_err(text)?;
    let new = NewUser {
        id: user.id,
        email: user.email.parse().map_err(text)?,
        name: user.name.clone(),
        locale: Locale::Fr,
        password_hash: users::password::hash(keys, &user.password, &OsRng).map_err(text)?,
        code_seed,
    };
    Ok((new, user.role.clone()))
}

/// One merchant with everything it starts with.
struct Start {
    merchant: MerchantKeys,
    people: Vec<(NewUser, String)>,
    now: Timestamp,
    at: Option<Timestamp>,
    rng: Arc<SeededRng>,
}

impl Start {
    fn write(&self, tx: &mut Tx<'_>, scope: &Scope) -> Result<(), Fault> {
        let keys = &self.merchant;
        let now = self.now;
        merchants::ops::create(tx, scope, &self.merchant()?, now).map_err(fault)?;
        merchants::ops::add_shop(tx, scope, &self.shop(), now).map_err(fault)?;
        self.points_of_sale(tx, scope)?;
        merchants::ops::open_site(tx, scope, keys.shop, &keys.slug).map_err(fault)?;
        for (user, role) in &self.people {
            let user = users::ops::create(tx, scope, user, now).map_err(fault)?;
            users::ops::assign(tx, scope, user.id, &assignment(role), now).map_err(fault)?;
        }
        for key in self.api_keys()? {
            keys::ops::issue(tx, scope, &key, now).map_err(fault)?;
        }
        let clock = self.at.map_or(ShopClock::Follows { ahead_micros: 0 }, ShopClock::Frozen);
        clocks::store::set(tx, scope, keys.shop, clock, now)?;
        if self.is_hotel() {
            lodgings::write(tx, scope, keys.shop, (now, self.rng.as_ref()))?;
        }
        Ok(())
    }

    /// The page on the web, which programs name and where everything may be sold, is the first.
    fn points_of_sale(&self, tx: &mut Tx<'_>, scope: &Scope) -> Result<(), Fault> {
        let keys = &self.merchant;
        let counter = if self.is_hotel() { "Réception" } else { "Guichet" };
        let mut points = vec![
            (keys.point_of_sale, "Internet", "ecommerce,erp,moto_terminal,counter"),
            (keys.counter, counter, "counter,erp"),
        ];
        if self.is_hotel() {
            points.push((keys.telephone, "Téléphone", "moto_terminal"));
        }
        for ((id, name, channel), after) in points.into_iter().zip(0..) {
            let (name, channel) = (name.into(), channel.into());
            let point = PointOfSale { id, shop: keys.shop, name, channel };
            let at = self.now.plus_millis(after);
            merchants::ops::add_point_of_sale(tx, scope, &point, at).map_err(fault)?;
        }
        Ok(())
    }

    fn is_hotel(&self) -> bool {
        self.merchant.slug == "hotel-des-tuffeaux"
    }

    fn merchant(&self) -> Result<Merchant, Fault> {
        let keys = &self.merchant;
        let (phone, email, address) = if self.is_hotel() {
            ("02 41 50 12 34", "accueil@tuffeaux.example", "12 quai de Loire\n49000 Val-sur-Loire")
        } else {
            ("02 41 50 43 21", "bonjour@batellerie.example", "3 place du Port\n49000 Val-sur-Loire")
        };
        Ok(Merchant {
            id: keys.id,
            name: keys.name.clone(),
            slug: keys.slug.clone(),
            zone: Zone::paris(),
            currency: Currency::EUR,
            locale: Locale::Fr,
            // The museum has its own colour, so that a payer sees whose page he is on.
            accent: (!self.is_hotel()).then(|| "#8a2f1b".to_owned()),
            phone: phone.into(),
            email: email.parse().map_err(fault)?,
            address: address.into(),
            logo: None,
        })
    }

    fn shop(&self) -> Shop {
        Shop {
            id: self.merchant.shop,
            name: self.merchant.name.clone(),
            mode: Mode::Test,
            contract: ContractId::new(self.now, self.rng.as_ref()),
            custody: Custody::Held,
            fee: HOTEL_FEE,
            brands: ["cb", "visa", "mastercard", "amex"].map(str::to_owned).to_vec(),
            return_origins: vec![ANY_LOOPBACK.into()],
            opened_at: None,
        }
    }

    /// One key for everything, two that may next to nothing, and one of the vault's operator.
    fn api_keys(&self) -> Result<[NewKey; 4], Fault> {
        let internal = [Right::VaultOperator, Right::PlatformManage, Right::PayoutForce];
        let rights = Right::ALL.iter().copied().filter(|right| !internal.contains(right)).collect();
        let keys = &self.merchant;
        Ok([
            self.api_key(&keys.api_key, "Démonstration", rights)?,
            self.api_key(&keys.api_key_read, "Lecture", vec![Right::PaymentsRead])?,
            self.api_key(&keys.api_key_scan, "Contrôle", vec![Right::AccessScan])?,
            self.api_key(&keys.api_key_vault, "Coffre", vec![Right::VaultOperator])?,
        ])
    }

    fn api_key(&self, text: &str, name: &str, rights: Vec<Right>) -> Result<NewKey, Fault> {
        Ok(NewKey {
            id: ApiKeyId::new(self.now, self.rng.as_ref()),
            text: KeyText::parse(text).ok_or_else(|| fault("keys file: a key is none"))?,
            shop: self.merchant.shop,
            name: name.into(),
            rights,
            networks: vec!["127.0.0.0/8".parse().map_err(fault)?],
        })
    }
}
