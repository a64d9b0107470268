//! The card of a booking, as lists and the page of the booking show it.
//!
//! The vault knows which cards were given for a booking, what became of those that are gone, and
//! since when cards are kept at all; this side knows what issuers said and what virtual cards
//! hold. A vault that does not answer costs a list nothing but this sign.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use db::{DbError, Tx};
use http::Words;
use identity::users;
use kernel::{BookingId, CardToken, Right, Scope, ShopId, Timestamp, UserId, Zone, format};
use vault_wire::{
    BookingCards, Card, CardOfBooking, CardSettingsAnswer, CardSettingsGet, CardsListed, Gone,
    MOST_BOOKINGS, MissingReason, StorageStatus, WireError, WireScope,
};
use web::list::view::Sign;

use super::view::{state_icon, verification_icon};
use crate::engine::Engine;
use crate::subject::Claim;
use crate::verifications::{self, Standing};
use crate::virtual_cards::{self, VirtualCard};

/// Names of one booking at most.
const MOST_NAMES: usize = 3;
/// Bookings of one question to the vault, whatever names each of them has.
const BOOKINGS_AT_ONCE: usize = MOST_BOOKINGS / MOST_NAMES;

/// A booking whose card is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its id.
    pub id: BookingId,
    /// The number under which a card may have come.
    pub number: String,
    /// The same of the program that sent the booking.
    pub reference: Option<String>,
    /// Its shop.
    pub shop: ShopId,
    /// When it was made.
    pub made_at: Timestamp,
}

impl Asked {
    /// The names under which the vault may have its cards.
    fn names(&self) -> impl Iterator<Item = String> {
        let all: [Option<String>; MOST_NAMES] =
            [Some(self.id.to_string()), Some(self.number.clone()), self.reference.clone()];
        all.into_iter().flatten()
    }
}

/// The card of a booking.
#[derive(Debug, Clone)]
pub enum Found {
    /// There is one.
    Card(Box<CardOfBooking>, Option<VirtualCard>),
    /// There is none.
    None(Cause),
    /// The vault does not answer.
    Unknown,
}

/// Why a booking has no card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// It was made before anybody could see cards here.
    BeforeActivation,
    /// The shop keeps no cards.
    StorageOff,
    /// None was left or sent.
    NotSent,
    /// What its channel sent could not be kept: `retrieval_failed`, `brand_not_accepted`, `invalid`.
    Unusable(MissingReason),
    /// Somebody deleted it.
    Deleted {
        /// Who, in words; empty when nobody knows.
        by: String,
    },
    /// It went at its date.
    Purged(Option<Timestamp>),
}

impl Cause {
    /// The word for programs.
    const fn reason(&self) -> MissingReason {
        match self {
            Self::BeforeActivation => MissingReason::BeforeActivation,
            Self::StorageOff => MissingReason::StorageOff,
            Self::NotSent => MissingReason::NotSent,
            Self::Unusable(why) => *why,
            Self::Deleted { .. } => MissingReason::Deleted,
            Self::Purged(_) => MissingReason::Purged,
        }
    }

    /// The sentence for staff.
    #[must_use]
    pub fn say(&self, words: &Words, zone: &Zone) -> String {
        match self {
            Self::BeforeActivation => words.say("cards-cause-before-activation"),
            Self::StorageOff => words.say("cards-cause-storage-off"),
            Self::NotSent => words.say("cards-cause-not-sent"),
            Self::Unusable(MissingReason::RetrievalFailed) => words.say("cards-cause-retrieval"),
            Self::Unusable(MissingReason::BrandNotAccepted) => words.say("cards-cause-brand"),
            Self::Unusable(_) => words.say("cards-cause-invalid"),
            Self::Deleted { by } if by.is_empty() => words.say("cards-cause-deleted"),
            Self::Deleted { by } => words.with("cards-cause-deleted-by", &[("user", by)]),
            Self::Purged(None) => words.say("cards-cause-purged"),
            Self::Purged(Some(at)) => {
                let day = format::date(zone.date(*at), words.locale());
                words.with("cards-cause-purged-on", &[("date", &day)])
            }
        }
    }
}

impl Found {
    /// What a list shows of it at a moment.
    #[must_use]
    pub fn sign(&self, words: &Words, (zone, now): (&Zone, Timestamp)) -> Sign {
        let of = |icon, word| Sign { icon, word, why: String::new() };
        match self {
            Self::Card(one, _) if one.card.suspension.is_some() => {
                let (icon, word) = state_icon(words, &one.card);
                of(icon, word)
            }
            Self::Card(_, Some(told)) => {
                let first = told.facts.active_from.filter(|first| zone.date(now) < *first);
                let word = match first {
                    Some(first) => {
                        let day = format::date(first, words.locale());
                        words.with("cards-virtual-from", &[("date", &day)])
                    }
                    None => words.say("cards-virtual-open"),
                };
                of("clock", word)
            }
            Self::Card(one, None) => {
                let (icon, word) = verification_icon(words, &one.card.verification.status);
                of(icon, word)
            }
            Self::None(cause) => Sign {
                why: words.with("cards-cause-said", &[("cause", &cause.say(words, zone))]),
                ..of("minus", words.say("cards-cause-none"))
            },
            Self::Unknown => of("question", words.say("cards-vault-away")),
        }
    }
}

/// What the vault says of the bookings of one shop.
type Told = (CardSettingsAnswer, CardsListed);

/// What this side knows of cards.
#[derive(Default)]
struct Known {
    standings: HashMap<CardToken, Standing>,
    virtuals: HashMap<CardToken, VirtualCard>,
    names: BTreeMap<String, String>,
}

impl Engine {
    /// The cards of bookings; a booking that is not in the answer was not asked for.
    ///
    /// # Errors
    /// [`DbError`] of this house's own database.
    pub async fn cards_of(
        &self,
        scope: &Scope,
        bookings: &[Asked],
    ) -> Result<HashMap<BookingId, Found>, DbError> {
        let mut found = HashMap::with_capacity(bookings.len());
        let shops: BTreeSet<ShopId> = bookings.iter().map(|one| one.shop).collect();
        for shop in shops {
            let of_shop: Vec<&Asked> = bookings.iter().filter(|one| one.shop == shop).collect();
            let told = match self.ask_cards(scope, shop, &of_shop).await {
                Ok(told) => Some(told),
                Err(error) => {
                    tracing::warn!(%error, "cards of bookings");
                    None
                }
            };
            let known = match &told {
                Some((_, listed)) => self.known_of(scope, &listed.cards).await?,
                None => Known::default(),
            };
            for one in of_shop {
                let of_one = told.as_ref().map_or(Found::Unknown, |told| choose(one, told, &known));
                found.insert(one.id, of_one);
            }
        }
        Ok(found)
    }

    async fn ask_cards(
        &self,
        scope: &Scope,
        shop: ShopId,
        bookings: &[&Asked],
    ) -> Result<Told, WireError> {
        let wire = WireScope::of(scope, shop);
        let settings = self.vault.ask(&wire, &CardSettingsGet {});
        tokio::try_join!(settings, self.ask_in_parts(&wire, bookings))
    }

    /// As many questions as the vault's limit makes of it; all cards of a booking are in one answer.
    async fn ask_in_parts(
        &self,
        wire: &WireScope,
        bookings: &[&Asked],
    ) -> Result<CardsListed, WireError> {
        let mut listed = CardsListed { cards: Vec::new(), missing: Vec::new() };
        for part in bookings.chunks(BOOKINGS_AT_ONCE) {
            let names = part.iter().flat_map(|one| one.names());
            let asked = BookingCards { bookings: names.collect() };
            let told = self.vault.ask(wire, &asked).await?;
            listed.cards.extend(told.cards);
            listed.missing.extend(told.missing);
        }
        Ok(listed)
    }

    async fn known_of(&self, scope: &Scope, cards: &[CardOfBooking]) -> Result<Known, DbError> {
        let tokens: Vec<CardToken> = cards.iter().map(|one| one.card.token).collect();
        let by = cards.iter().filter_map(|one| one.gone.as_ref()?.by.clone());
        let by: BTreeSet<String> = by.collect();
        let scope = scope.clone();
        let read = move |tx: &mut Tx<'_>| {
            let mut known = Known {
                standings: verifications::store::standings(tx, &scope, &tokens)?,
                virtuals: virtual_cards::store::these(tx, &scope, &tokens)?,
                names: BTreeMap::new(),
            };
            for actor in &by {
                let Ok(id) = actor.parse::<UserId>() else { continue };
                if let Some(user) = users::store::find(tx, id)? {
                    known.names.insert(actor.clone(), user.name);
                }
            }
            Ok(known)
        };
        self.ctx.db.read(read).await
    }
}

/// The cards of a booking as programs read them.
#[derive(Debug, Clone)]
pub struct OfBooking {
    /// Those that are left, newest first.
    pub cards: Vec<Card>,
    /// Why there is none, with when and by whom where that is known.
    pub missing: Option<(MissingReason, Option<Timestamp>, Option<String>)>,
}

impl Engine {
    /// All cards of one booking, for who may see cards; nothing when the vault does not answer.
    ///
    /// # Errors
    /// [`DbError`] of this house's own database.
    pub async fn all_cards_of(
        &self,
        scope: &Scope,
        asked: &Asked,
    ) -> Result<Option<OfBooking>, DbError> {
        let told = match self.ask_cards(scope, asked.shop, &[asked]).await {
            Ok(told) => told,
            Err(error) => {
                tracing::warn!(%error, booking = %asked.id, "cards of a booking");
                return Ok(None);
            }
        };
        let left = of_one(asked, &told).filter(|one| one.gone.is_none());
        let mut cards: Vec<Card> = left.map(|one| one.card.clone()).collect();
        self.with_verifications(scope, cards.iter_mut()).await?;
        for card in &mut cards {
            self.with_virtual(scope, asked.shop, card).await?;
        }
        let gone = of_one(asked, &told).find_map(|one| one.gone.clone());
        let missing = cards.is_empty().then(|| match gone {
            Some(gone) => (gone.why, gone.at, gone.by),
            None => (never(asked, &told).reason(), None, None),
        });
        Ok(Some(OfBooking { cards, missing }))
    }
}

/// The stays that cards are kept for, by the name that the vault has of each.
pub(super) type Stays = BTreeMap<String, Claim>;

impl Engine {
    /// The stays of a shop's cards, for who may see bookings; none for what is no booking of it.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub(super) async fn stays_of(
        &self,
        scope: &Scope,
        (cards, shop): (&[CardOfBooking], ShopId),
    ) -> Result<Stays, DbError> {
        if !scope.may(Right::BookingView) {
            return Ok(Stays::new());
        }
        let names: BTreeSet<String> = cards.iter().filter_map(|one| one.booking.clone()).collect();
        let (engine, scope) = (self.clone(), scope.clone());
        let read = move |tx: &mut Tx<'_>| {
            let mut stays = Stays::new();
            for name in &names {
                if let Some(claim) = engine.claim_in(tx, &scope, (name, shop))? {
                    stays.insert(name.clone(), claim);
                }
            }
            Ok(stays)
        };
        self.ctx.db.read(read).await
    }
}

/// The card that counts for a booking: the newest that is left, else why the newest went.
fn choose(asked: &Asked, told: &Told, known: &Known) -> Found {
    let its: Vec<&CardOfBooking> = of_one(asked, told).collect();
    if let Some(left) = its.iter().find(|one| one.gone.is_none()) {
        let mut one = (*left).clone();
        if let Some(standing) = known.standings.get(&one.card.token) {
            one.card.verification = standing.shown();
        }
        let told = known.virtuals.get(&one.card.token).cloned();
        return Found::Card(Box::new(one), told);
    }
    let gone = its.first().and_then(|one| one.gone.as_ref());
    Found::None(gone.map_or_else(|| never(asked, told), |gone| cause(gone, known)))
}

/// The cards of one booking, newest first.
fn of_one<'t>(asked: &Asked, (_, listed): &'t Told) -> impl Iterator<Item = &'t CardOfBooking> {
    let names: Vec<String> = asked.names().collect();
    listed.cards.iter().filter(move |one| one.booking.as_ref().is_some_and(|n| names.contains(n)))
}

fn cause(gone: &Gone, known: &Known) -> Cause {
    match gone.why {
        MissingReason::Deleted => {
            let by = gone.by.as_ref().and_then(|by| known.names.get(by));
            Cause::Deleted { by: by.cloned().unwrap_or_default() }
        }
        _ => Cause::Purged(gone.at),
    }
}

/// Why a booking never had a card.
fn never(asked: &Asked, (settings, listed): &Told) -> Cause {
    let names: Vec<String> = asked.names().collect();
    let sent = listed.missing.iter().find(|one| names.contains(&one.booking));
    match sent.map(|one| one.why) {
        None | Some(MissingReason::NotSent | MissingReason::StorageOff) => {}
        Some(why) => return Cause::Unusable(why),
    }
    match settings.activated_at {
        Some(since) if asked.made_at < since => Cause::BeforeActivation,
        _ if settings.storage == StorageStatus::Off => Cause::StorageOff,
        _ => Cause::NotSent,
    }
}
