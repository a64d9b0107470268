//! The core: keys, cards, pages and codes. It has no network; edge, socket and relay talk to it
//! with the typed messages of [`ToCore`], today inside one process.
//!
//! Start: root, keyring, database, slots (orphans destroyed), due cards destroyed; only then the
//! doors open. Security codes are in memory alone, so a restart has none.

mod changes;
pub(crate) mod codes;
mod destruction;
pub(crate) mod dispatch;
mod operator;
mod partners;
pub(crate) mod program;
mod stays;
mod sweeper;

use std::path::Path;
use std::sync::Arc;

use db::{Db, DbError};
use http::words::Catalogue;
use kernel::{Clock, Rng, ShopId};
use tokio::sync::{mpsc, oneshot};
use vault_wire::Refused;
use vault_wire::frame::{Answer, Request};

use self::program::Errand;
use crate::add_card::Cards;
use crate::backup::{self, Backups};
use crate::bins::Bins;
use crate::capture::{Captures, CardForm, PageAnswer, VisitWish};
use crate::card::{self, KeepError, Keeper};
use crate::clock::{Machine, Watch};
use crate::edge::Door;
use crate::keys::Root;
use crate::keys::keyring::Keyring;
use crate::log::ops::Log;
use crate::log::{self, Signer};
use crate::news::Desk;
use crate::origin::Origin;
use crate::partner::{Answered, Denied, Doors, Knock, Partners};
use crate::proxy::{Hosts, Message, Passed, Proxy};
use crate::relay::call::Relay;
use crate::relay::{Templates, ToRelay};
use crate::reveal::{RevealAnswer, RevealForm, Reveals, Seen, Visitor};
use crate::rotation::Rotations;
use crate::sealing::{Gate, Seals};
use crate::shop::Shops;
use crate::shop::look::LookFile;
use crate::shred::{Drills, OwnMemory};
use crate::slots::{Class, SlotError, Slots};
use crate::viewer::{PinAnswer, PinForm, Viewers};
use crate::{Config, Hidden, StartError, storage};

/// Messages that may wait for the core.
pub(crate) const QUEUE: usize = 1_024;

/// Where an answer goes.
pub(crate) type Reply<T> = oneshot::Sender<T>;

/// A message to the core.
pub(crate) enum ToCore {
    /// A frame of the app.
    Wire(Box<Request>, Reply<Answer>),
    /// A visit of a card page.
    Visit { secret: String, wish: VisitWish, reply: Reply<Hidden<PageAnswer>> },
    /// A card page was sent.
    Submit { secret: String, form: Box<CardForm>, reply: Reply<Hidden<PageAnswer>> },
    /// The one other site whose form may post to a card page.
    FormOrigin { secret: String, reply: Reply<Hidden<Option<Origin>>> },
    /// A style sheet or logo of a shop's card pages.
    LookFile { shop: ShopId, name: String, reply: Reply<Option<LookFile>> },
    /// A visit of an enrolment's link.
    PinVisit { secret: String, reply: Reply<Hidden<PinAnswer>> },
    /// A form of an enrolment.
    PinSubmit { secret: String, form: Box<PinForm>, seen: Seen, reply: Reply<Hidden<PinAnswer>> },
    /// A visit of a reveal link.
    RevealVisit { secret: String, visitor: Visitor, reply: Reply<Hidden<RevealAnswer>> },
    /// A form of a reveal link.
    RevealSubmit {
        secret: String,
        form: Box<RevealForm>,
        visitor: Visitor,
        reply: Reply<Hidden<RevealAnswer>>,
    },
    /// A program asks something by the vault's own API.
    Program(Box<Errand>, Box<Knock>, Reply<Result<Answered, Denied>>),
    /// A message of a sales channel.
    Message(Box<Message>, Reply<Result<Passed, Denied>>),
}

/// What the core needs from outside.
pub(crate) struct CoreParts<'p> {
    /// Folder of slots and keyring.
    pub(crate) dir: &'p Path,
    /// The tables.
    pub(crate) db: Db,
    /// What it was told at the start.
    pub(crate) config: &'p Config,
    /// The root key.
    pub(crate) root: Arc<Root>,
    /// The machine's clock, and its run.
    pub(crate) machine: Machine,
    /// The operating system's generator.
    pub(crate) rng: Arc<dyn Rng>,
    /// Origin of the vault's pages.
    pub(crate) public_url: String,
    /// Origin of the app.
    pub(crate) app: Origin,
    /// What the proxy may reach.
    pub(crate) hosts: Hosts,
    /// The outgoing role.
    pub(crate) relay: mpsc::Sender<ToRelay>,
    /// What the sandbox of the process lacks.
    pub(crate) sandbox_missing: Vec<String>,
    /// All words.
    pub(crate) words: Catalogue,
    /// The memory of this process.
    pub(crate) memory: Option<Arc<OwnMemory>>,
    /// Shut while the vault is sealed.
    pub(crate) gate: Arc<Gate>,
}

/// The core.
pub(crate) struct Core {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) shops: Arc<Shops>,
    pub(crate) codes: Arc<codes::Codes>,
    pub(crate) captures: Captures,
    cards: Cards,
    pub(super) proxy: Proxy,
    partners: Arc<Partners>,
    doors: Arc<Doors>,
    pub(crate) relay: Relay,
    pub(crate) viewers: Arc<Viewers>,
    pub(crate) reveals: Reveals,
    pub(crate) log: Log,
    news: Desk,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) public_url: String,
    sandbox_missing: Vec<String>,
    pub(crate) drills: Drills,
    pub(crate) rotations: Rotations,
    pub(crate) backups: Backups,
    pub(crate) seals: Seals,
}

impl Core {
    /// Opens everything and destroys what is due.
    pub(crate) async fn open(parts: CoreParts<'_>) -> Result<Arc<Self>, StartError> {
        let CoreParts { dir, db, root, machine, rng, public_url, app, relay, .. } = parts;
        let watch = Arc::new(Watch::open(&db, machine, &rng).await?);
        let clock: Arc<dyn Clock> = Arc::<Watch>::clone(&watch);
        let now = clock.now();
        let keyring = Keyring::open_or_create(dir, &root, &*rng, now)?;
        let backups = Backups::new(parts.config, &root);
        let signer = Arc::new(signer(&keyring, &db, &public_url).await?);
        storage::claim(&db, &signer, now).await?;
        let shops = Arc::new(Shops::open(db.clone(), root, Arc::clone(&rng), now).await?);
        let log = Log { db: db.clone(), signer: Arc::clone(&signer) };
        let slots = open_slots(&shops, &db, (dir, Class::Number), &rng).await?;
        let code_slots = open_slots(&shops, &db, (dir, Class::Code), &rng).await?;
        let bins = Bins::open(dir).map_err(StartError::Storage)?;
        let keeper = Arc::new(Keeper { db, slots, code_slots, bins, keyring, signer, rng });
        keeper.bins.catch_up(&keeper.db, &shops.places()).await?;
        let codes = Arc::new(codes::Codes::default());
        let captures = Captures::new(
            Arc::clone(&keeper),
            Arc::clone(&shops),
            Arc::clone(&codes),
            Arc::clone(&clock),
            (public_url.clone(), app.clone(), parts.words.clone()),
        );
        let all = (&keeper, &shops, &codes, &clock);
        let partners = open_partners(&keeper, &clock).await?;
        let around = (parts.words, Arc::clone(&partners));
        let (viewers, reveals) = people((all, &watch), around, &app, &public_url);
        let doors = Doors::new(Arc::clone(&shops), Arc::clone(&partners), Arc::clone(&clock));
        let doors = Arc::new(doors);
        let cards = Cards {
            doors: Arc::clone(&doors),
            keeper: Arc::clone(&keeper),
            codes: Arc::clone(&codes),
            clock: Arc::clone(&clock),
        };
        let proxy = Proxy::open(&cards, (parts.hosts, &public_url), &relay).await?;
        let relay = outgoing((all, &watch), (app, relay))?;
        let core = Arc::new(Self {
            news: Desk::new(&*keeper.rng),
            keeper,
            shops,
            codes,
            captures,
            cards,
            proxy,
            partners,
            doors,
            relay,
            viewers,
            reveals,
            log,
            clock,
            watch,
            public_url,
            sandbox_missing: parts.sandbox_missing,
            drills: Drills::new(dir, parts.memory),
            rotations: Rotations::default(),
            backups,
            seals: Seals::of(parts.config, parts.gate),
        });
        core.sweep().await?;
        Ok(core)
    }

    /// Answers messages until nobody can send any; each on its own task.
    pub(crate) fn start(self: &Arc<Self>, mut messages: mpsc::Receiver<ToCore>) {
        let core = Arc::clone(self);
        tokio::spawn(async move {
            while let Some(message) = messages.recv().await {
                let core = Arc::clone(&core);
                tokio::spawn(async move { core.answer(message).await });
            }
        });
        tokio::spawn(Arc::clone(self).sweep_forever());
        tokio::spawn(Arc::clone(self).change_keys_forever());
        tokio::spawn(Arc::clone(self).try_backups_forever());
    }

    /// The vault's own origin is open.
    pub(crate) fn opened(&self, door: Door) {
        self.drills.open(door);
    }

    async fn answer(&self, message: ToCore) {
        match message {
            ToCore::Wire(request, reply) => {
                let _ = reply.send(self.wire(*request).await);
            }
            ToCore::Visit { secret, wish, reply } => {
                let _ = reply.send(hide(self.captures.visit(secret, wish).await));
            }
            ToCore::Submit { secret, form, reply } => {
                let answer = self.captures.submit(secret, *form).await;
                let _ = reply.send(hide(answer));
            }
            ToCore::FormOrigin { secret, reply } => {
                let _ = reply.send(hide(self.captures.form_origin(&secret).await));
            }
            ToCore::LookFile { shop, name, reply } => {
                let _ = reply.send(self.shops.look_file(shop, &name));
            }
            ToCore::PinVisit { secret, reply } => {
                let _ = reply.send(hide(self.viewers.visit(&secret).await));
            }
            ToCore::PinSubmit { secret, form, seen, reply } => {
                let _ = reply.send(hide(self.viewers.submit(&secret, (*form, seen)).await));
            }
            ToCore::RevealVisit { secret, visitor, reply } => {
                let _ = reply.send(hide(self.reveals.visit(&secret, visitor).await));
            }
            ToCore::RevealSubmit { secret, form, visitor, reply } => {
                let _ = reply.send(hide(self.reveals.submit(&secret, *form, visitor).await));
            }
            ToCore::Message(message, reply) => {
                let _ = reply.send(self.proxy.pass(*message).await);
            }
            ToCore::Program(errand, knock, reply) => {
                let _ = reply.send(self.program(*errand, *knock).await);
            }
        }
    }
}

/// What goes out with a card.
fn outgoing(
    ((keeper, shops, codes, clock), watch): (Shared<'_>, &Arc<Watch>),
    (app, out): (Origin, mpsc::Sender<ToRelay>),
) -> Result<Relay, StartError> {
    Ok(Relay {
        keeper: Arc::clone(keeper),
        shops: Arc::clone(shops),
        codes: Arc::clone(codes),
        clock: Arc::clone(clock),
        templates: Templates::of_the_release()?,
        watch: Arc::clone(watch),
        app,
        out,
    })
}

type Shared<'s> = (&'s Arc<Keeper>, &'s Arc<Shops>, &'s Arc<codes::Codes>, &'s Arc<dyn Clock>);

/// Those who may see cards, and the links by which they do.
fn people(
    ((keeper, shops, codes, clock), watch): (Shared<'_>, &Arc<Watch>),
    (words, partners): (Catalogue, Arc<Partners>),
    app: &Origin,
    public_url: &str,
) -> (Arc<Viewers>, Reveals) {
    let viewers = Arc::new(Viewers {
        keeper: Arc::clone(keeper),
        shops: Arc::clone(shops),
        clock: Arc::clone(clock),
        words,
        public_url: public_url.to_owned(),
        app: app.clone(),
        verifiers: Arc::default(),
        watch: Arc::clone(watch),
    });
    let reveals = Reveals {
        keeper: Arc::clone(keeper),
        shops: Arc::clone(shops),
        codes: Arc::clone(codes),
        viewers: Arc::clone(&viewers),
        partners,
        clock: Arc::clone(clock),
        app: app.clone(),
        public_url: public_url.to_owned(),
        watch: Arc::clone(watch),
    };
    (viewers, reveals)
}

async fn open_partners(
    keeper: &Keeper,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<Partners>, StartError> {
    let (rng, clock) = (Arc::clone(&keeper.rng), Arc::clone(clock));
    Ok(Arc::new(Partners::open(keeper.db.clone(), rng, clock).await?))
}

/// Whoever signs, and who did before the vault was restored.
async fn signer(keyring: &Keyring, db: &Db, public_url: &str) -> Result<Signer, StartError> {
    let seed = keyring.log().map_err(KeepError::from)?;
    let former = db.read::<_, DbError, _>(backup::former_signers).await?;
    Ok(Signer::new(&seed.key, log::host_of(public_url)).map_err(KeepError::from)?.after(former))
}

/// The slot file of a class, without what no card names.
async fn open_slots(
    shops: &Shops,
    db: &Db,
    (dir, class): (&Path, Class),
    rng: &Arc<dyn Rng>,
) -> Result<Slots, StartError> {
    let used = card::used_slots(db, class, shops.merchants()).await?;
    Ok(Slots::open(dir, class, &used, Arc::clone(rng))?)
}

/// Logs a failure of ours; outside it is only "unavailable".
fn hide<T>(result: Result<T, KeepError>) -> Hidden<T> {
    result.map_err(|error| tracing::error!(%error, "vault"))
}

impl From<SlotError> for StartError {
    fn from(error: SlotError) -> Self {
        Self::Storage(error.to_string())
    }
}

impl From<DbError> for StartError {
    fn from(error: DbError) -> Self {
        Self::Storage(error.to_string())
    }
}

impl From<KeepError> for StartError {
    fn from(error: KeepError) -> Self {
        Self::Storage(error.to_string())
    }
}

/// The refusal for an operation that does not exist.
fn unknown_op() -> Refused {
    Refused::new("unknown_op", "The vault has no such operation.")
}
