//! The drill from its stage to its entry in the log.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError};

use aws_lc_rs::digest;
use db::{DbError, Route};
use kernel::rng::OsRng;
use kernel::{CardToken, Id, MerchantId, Mode, ShopId, Timestamp};
use serde_json::json;
use tokio::sync::{Mutex, mpsc};
use vault_wire::{
    Brand, CardSettingsPut, Refused, Searched, ShopLook, ShopPut, ShredDrill, ShredDrilled,
    VaultKey, ViewOnce, ViewerRevoke, WireScope,
};
use zeroize::Zeroizing;

use super::canary::{self, Life, Step};
use super::needle::Hunter;
use super::places::{OwnMemory, Search};
use crate::core::Core;
use crate::edge::Door;
use crate::keys::bytes::hex;
use crate::log::{self, LEVEL, Line};
use crate::relay::call::Relay;
use crate::relay::send::Outcome;
use crate::relay::{Templates, ToRelay};
use crate::shop::{Shop, ShopClock};

const CARDS: std::ops::RangeInclusive<u32> = 5..=100;
/// Canaries of the drill that runs by itself.
const CARDS_BY_ITSELF: u32 = 20;
const EVERY_DAYS: i64 = 30;
/// A new vault is left alone for so long.
const FIRST_AFTER_DAYS: i64 = 1;
/// A card that nobody claims lives for three days.
const LATER_DAYS: i64 = 5;
const DAY_SECONDS: i64 = 24 * 60 * 60;
const DONE: &str = "shred.drilled";
const CLEAN: &str = "nothing_left";
/// Requests to the drill's bank that may wait.
const BANK_QUEUE: usize = 4;

/// The merchant and the shop of the drill, whom nobody else knows.
const NOBODY: Id = Id::from_bytes(*b"guichet's drills");

/// Whether a merchant is the drill's own.
pub(crate) fn is_drill(merchant: MerchantId) -> bool {
    merchant.id() == NOBODY
}

/// What drills need beside the core.
pub(crate) struct Drills {
    turn: Mutex<()>,
    /// The vault's own origin; absent until it is open.
    door: OnceLock<Door>,
    /// The memory of this process; absent where it cannot be read.
    memory: Option<Arc<OwnMemory>>,
    /// The vault's folder.
    dir: PathBuf,
    /// When the one that runs by itself has last failed.
    failed: std::sync::Mutex<Option<Timestamp>>,
}

impl Drills {
    pub(crate) fn new(dir: &Path, memory: Option<Arc<OwnMemory>>) -> Self {
        Self {
            turn: Mutex::default(),
            door: OnceLock::new(),
            memory,
            dir: dir.to_owned(),
            failed: std::sync::Mutex::default(),
        }
    }

    fn failed(&self, at: Timestamp) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// A day has passed since the last failure.
    fn rested(&self, now: Timestamp) -> bool {
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_none_or(|at| at.plus_seconds(DAY_SECONDS) <= now)
    }

    /// The vault's own origin, once it is open.
    pub(crate) fn door(&self) -> Option<&Door> {
        self.door.get()
    }

    /// The vault's own origin is open.
    pub(crate) fn open(&self, door: Door) {
        let _ = self.door.set(door);
    }
}

/// How the last drill ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastDrill {
    pub(crate) at: Timestamp,
    /// Nothing was found, and everything was read.
    pub(crate) was_clean: bool,
}

/// A drill on its way.
pub(super) struct Drill<'c> {
    pub(super) core: &'c Core,
    pub(super) door: &'c Door,
    pub(super) scope: WireScope,
    /// Key of the vault's API for this drill.
    pub(super) key: Zeroizing<String>,
    /// In which the canaries expire.
    pub(super) year: i16,
    /// To the bank in this process.
    pub(super) relay: Relay,
}

impl Core {
    /// Lets canaries live and die, and looks for their remains.
    pub(crate) async fn drill(&self, asked: ShredDrill) -> Result<ShredDrilled, Refused> {
        if !CARDS.contains(&asked.cards) {
            let why = "A drill has 5 to 100 cards.";
            return Err(Refused::new("invalid_field", why).at("$.cards"));
        }
        let busy = || Refused::new("busy", "Another drill is running.");
        let _turn = self.drills.turn.try_lock().map_err(|_| busy())?;
        let outcome = match self.stage().await {
            Ok(drill) => drill.run(asked.cards).await,
            Err(why) => Err(why),
        };
        outcome.map_err(|why| {
            tracing::error!(why, "ALARM: the drill could not be done");
            Refused::new("drill_failed", format!("The drill could not be done: {why}."))
        })
    }

    /// A drill a month, without anybody asking.
    pub(crate) async fn drill_if_due(&self) {
        let real = self.clock.now();
        let due = match self.last_drill().await {
            Ok(Some(last)) => last.at.plus_seconds(EVERY_DAYS * DAY_SECONDS) <= real,
            Ok(None) => {
                let made = self.keeper.keyring.log().ok().map(|key| key.made);
                made.is_some_and(|at| at.plus_seconds(FIRST_AFTER_DAYS * DAY_SECONDS) <= real)
            }
            Err(error) => {
                tracing::error!(%error, "when the last drill was is not known");
                false
            }
        };
        if due && self.drills.door.get().is_some() && self.drills.rested(real) {
            let drilled = self.drill(ShredDrill { cards: CARDS_BY_ITSELF }).await;
            // Its failure is an alarm already; the next try is tomorrow's, or the operator's.
            if drilled.is_err() {
                self.drills.failed(real);
            }
        }
    }

    /// The last drill: its entry is the last one of its log.
    pub(crate) async fn last_drill(&self) -> Result<Option<LastDrill>, DbError> {
        let merchant = MerchantId::from(NOBODY);
        let read = move |tx: &mut db::Tx<'_>| log::store::last_of(tx, merchant, DONE);
        let last = self.keeper.db.read::<_, DbError, _>(read).await?;
        let verdict = format!("\"purpose\":\"{CLEAN}\"");
        Ok(last.map(|(at, entry)| LastDrill { at, was_clean: entry.contains(&verdict) }))
    }

    async fn stage(&self) -> Step<Drill<'_>> {
        let door = self.drills.door.get().ok_or("the vault is not open yet")?;
        let (merchant, shop) = (MerchantId::from(NOBODY), ShopId::from(NOBODY));
        let scope = WireScope::of_house(merchant, shop);
        let key = Zeroizing::new(format!("vk_test_{}", Id::random(&OsRng).text()));
        let (out, requests) = mpsc::channel(BANK_QUEUE);
        tokio::spawn(bank(requests));
        let relay = Relay {
            keeper: Arc::clone(&self.keeper),
            shops: Arc::clone(&self.shops),
            codes: Arc::clone(&self.codes),
            clock: Arc::clone(&self.clock),
            templates: Templates::of_the_release().map_err(|error| error.to_string())?,
            app: self.relay.app.clone(),
            out,
            watch: Arc::clone(&self.watch),
        };
        let real = self.clock.now();
        let drill = Drill { core: self, door, scope, key, year: 0, relay };
        drill.open_shop(real).await?;
        let year = drill.shop()?.today(real).year().saturating_add(2);
        Ok(Drill { year, ..drill })
    }
}

/// Answers what a template asks for in its reference.
async fn bank(mut requests: mpsc::Receiver<ToRelay>) {
    while let Some(request) = requests.recv().await {
        let declines = request.sent.body.windows(8).any(|part| part == b"declined");
        let says = if declines {
            r#"{"outcome":"declined","code":"51"}"#
        } else {
            r#"{"outcome":"approved","code":"00"}"#
        };
        let answer = http::client::Answer {
            status: 200,
            content_type: "application/json".into(),
            location: String::new(),
            body: bytes::Bytes::from_static(says.as_bytes()),
        };
        drop(request.sent.body);
        let _ = request.reply.send(Outcome::Answered(answer, 0));
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Drill<'_> {
    pub(super) fn shop(&self) -> Step<Arc<Shop>> {
        let found = self.core.shops.get(self.scope.merchant, self.scope.shop);
        found.ok_or_else(|| "the drill has no shop".into())
    }

    fn settings(&self, vault_keys: Vec<VaultKey>) -> ShopPut {
        ShopPut {
            merchant: self.scope.merchant,
            shop: self.scope.shop,
            mode: Mode::Test,
            zone: "Europe/Paris".into(),
            name: "Guichet".into(),
            brands: vec![Brand::Visa],
            origins: Vec::new(),
            retention_days: 0,
            cancel_retention_days: 0,
            vault_keys,
            look: ShopLook::default(),
        }
    }

    /// The drill's shop: real time, a key for this drill, codes held.
    async fn open_shop(&self, real: Timestamp) -> Step<()> {
        let hash = digest::digest(&digest::SHA256, self.key.as_bytes());
        let key = VaultKey { hash: hex(hash.as_ref()), ips: vec!["127.0.0.1/32".into()] };
        let shops = &self.core.shops;
        shops.put(self.settings(vec![key]), real).await.map_err(text)?;
        shops.set_clock(&*self.shop()?, ShopClock::Real).await.map_err(text)?;
        let shop = self.shop()?;
        let mut settings = shop.cards.clone();
        settings.view_code_once = Some(ViewOnce {
            reason: "Drill of destruction with canary cards.".into(),
            until: kernel::time::plus_days(shop.today(real), LATER_DAYS).to_string(),
            approved_by: "drill".into(),
        });
        let put = CardSettingsPut { settings, version: shop.cards_version };
        let line = self.line("settings.changed", real);
        shops.put_cards(&shop, put, (line, real)).await.map_err(text)
    }

    fn line(&self, event: &'static str, at: Timestamp) -> Line {
        let place = (self.scope.merchant, self.scope.shop);
        Line::new(event, place, "drill", at, &*self.core.keeper.rng)
    }

    async fn run(self, cards: u32) -> Step<ShredDrilled> {
        let mut hunter = Hunter::new(&OsRng);
        let lived = self.lives(cards, &mut hunter).await;
        let ended = self.end().await;
        let tokens = lived?;
        ended?;
        for token in &tokens {
            let row = self.core.keeper.find(self.scope.merchant, *token).await.map_err(text)?;
            if row.is_none_or(|row| row.purged.is_none() || row.slot.is_some()) {
                return Err(format!("{token} is not destroyed"));
            }
        }
        let hunter = Arc::new(hunter);
        let places = self.search(Arc::clone(&hunter)).await?;
        let (at, level) = (self.core.clock.now(), LEVEL.to_owned());
        let seq = self.note(&places, cards, at).await?;
        let needles = hunter.needles();
        Ok(ShredDrilled { at, cards, level, needles, places, seq })
    }

    /// Canaries enter and live; their tokens, and what they held as marks.
    async fn lives(&self, cards: u32, hunter: &mut Hunter) -> Step<Vec<CardToken>> {
        let seer = self.seer().await?;
        let (mut tokens, run) = (Vec::new(), Id::random(&OsRng));
        for (index, life) in (0..cards).zip(Life::ALL.into_iter().cycle()) {
            let number = canary::number();
            let card = match index % 2 {
                0 => self.enter_by_api(&number, &format!("{}-{index}", run.text())).await?,
                _ => self.enter_by_page(&number).await?,
            };
            hunter.add_number(&number);
            self.remember(card, hunter).await?;
            #[cfg(test)]
            crate::tests::shred::witness(&number);
            self.live((life, card, &number), &seer).await?;
            tokens.push(card);
        }
        let user = seer.user;
        let revoked =
            self.core.viewers.revoke(&self.scope, ViewerRevoke { user: user.to_string() }).await;
        revoked.map_err(|refused| refused.code)?;
        Ok(tokens)
    }

    async fn remember(&self, card: CardToken, hunter: &mut Hunter) -> Step<()> {
        let keeper = &self.core.keeper;
        let row = keeper.find(self.scope.merchant, card).await.map_err(text)?;
        let row = row.ok_or("a canary is not there")?;
        let shop = self.shop()?;
        let see: &mut dyn FnMut(&str, &[u8]) = &mut |what, secret| hunter.add(what, secret);
        keeper.see_card_key(&shop, &row, see).map_err(text)?;
        keeper.see_code_secrets(&shop, &row, see).map_err(text)
    }

    /// All canaries are past their time; the shop takes no more.
    async fn end(&self) -> Step<()> {
        let (core, real) = (self.core, self.core.clock.now());
        let later = real.plus_seconds(LATER_DAYS * DAY_SECONDS);
        core.shops.set_clock(&*self.shop()?, ShopClock::Frozen(later)).await.map_err(text)?;
        core.sweep_shop(&*self.shop()?).await.map_err(text)?;
        core.shops.set_clock(&*self.shop()?, ShopClock::Real).await.map_err(text)?;
        core.shops.put(self.settings(Vec::new()), real).await.map_err(text)?;
        let db = core.keeper.db.clone();
        let emptied = tokio::task::spawn_blocking(move || db.checkpoint()).await.map_err(text)?;
        emptied.map_err(text)
    }

    async fn search(&self, hunter: Arc<Hunter>) -> Step<Vec<Searched>> {
        let drills = &self.core.drills;
        let (dir, memory) = (drills.dir.clone(), drills.memory.clone());
        let backups = self.core.backups.folder();
        let mut tables = None;
        if self.core.keeper.db.is_shared() {
            let hunter = Arc::clone(&hunter);
            let read = move |tx: &mut db::Tx<'_>| super::left::tables(tx, &hunter);
            let read = self.core.keeper.db.read::<_, DbError, _>(read);
            tables = Some(read.await.map_err(text)?);
        }
        let read = move || {
            let memory = in_memory(memory.as_deref(), &hunter);
            let mut places = vec![in_folder(("data directory", &dir), &hunter), memory];
            let backups = backups.as_deref().filter(|dir| dir.exists());
            places.extend(backups.map(|dir| in_folder(("backups", dir), &hunter)));
            places
        };
        let mut places = tokio::task::spawn_blocking(read).await.map_err(text)?;
        places.extend(tables);
        Ok(places)
    }

    async fn note(&self, places: &[Searched], cards: u32, at: Timestamp) -> Step<u64> {
        let hits: usize = places.iter().map(|place| place.hits.len()).sum();
        let unread = places.iter().any(|place| !place.unread.is_empty());
        let bytes: u64 = places.iter().map(|place| place.bytes).sum();
        let verdict = match (hits, unread) {
            (0, false) => CLEAN,
            (0, true) => "not_all_read",
            _ => "remains",
        };
        for hit in places.iter().flat_map(|place| &place.hits) {
            let (what, part) = (&hit.what, &hit.part);
            tracing::error!(what, part, offset = hit.offset, "ALARM: remains of a destroyed card");
        }
        let line = self.line(DONE, at).purpose(verdict);
        let line = line.details(json!({ "cards": cards, "bytes": bytes, "hits": hits }));
        let noted = self
            .core
            .keeper
            .db
            .write::<_, DbError, _>(Route::of(self.scope.shop.id()), move |tx| {
                log::append(tx, &line)
            });
        noted.await.map_err(text)
    }
}

fn in_folder((name, dir): (&str, &Path), hunter: &Hunter) -> Searched {
    let mut search = Search::of(name, hunter);
    search.folder(dir);
    search.done()
}

fn in_memory(memory: Option<&OwnMemory>, hunter: &Hunter) -> Searched {
    let mut search = Search::of("memory of the vault", hunter);
    match memory {
        Some(memory) => search.memory(memory),
        None => search.unread("/proc/self/mem could not be opened at the start".into()),
    }
    search.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_155_a_drill_that_failed_is_tried_again_the_next_day() {
        let drills = Drills::new(Path::new("."), None);
        let at = |hours: i64| Timestamp::from_micros(0).plus_seconds(hours * 60 * 60);
        assert!(drills.rested(at(0)));
        drills.failed(at(1));
        assert!(!drills.rested(at(1)) && !drills.rested(at(24)) && drills.rested(at(25)));
    }
}
