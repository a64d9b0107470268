//! Keeping cards: seal, open, attach, destroy.
//!
//! Order of storing: slot durable, then row. Order of destroying: row marked (nobody can use the
//! card any more), slot overwritten, row emptied. A crash between any two is repaired by the
//! sweeper or at the next start; a card never comes back.

use std::collections::BTreeSet;
use std::sync::Arc;

use db::{Db, DbError, Route};
use kernel::time::plus_days;
use kernel::{CardToken, Date, MerchantId, Rng, Timestamp};
use vault_wire::{Brand, Suspension, SuspensionCause};
use zeroize::Zeroizing;

use super::code::HeldCode;
use super::kind::CardKind;
use super::store::{self, CardRow};
use super::{Expiry, Pan, initials, stay};
use crate::bins::Bins;
use crate::keys::keyring::{Keyring, KeyringError};
use crate::keys::record::{self, Place, Plain};
use crate::keys::{Corrupt, Key, fingerprint};
use crate::log::{self, Destroyed, Line, Signer};
use crate::shop::{Shop, ShopError};
use crate::slots::{Class, SlotError, SlotIndex, Slots};

const SINGLE_USE_MINUTES: i64 = 15;
/// Hours that a card waits for its booking.
pub(super) const UNCLAIMED_HOURS: i64 = 72;
/// Years that a saved card stays after the end of its expiry month.
const SAVED_YEARS: i16 = 1;

/// Why a card cannot be kept or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The record or its slot does not open.
    #[error("a record does not open")]
    Corrupt,
    /// The slot file failed.
    #[error(transparent)]
    Slot(#[from] SlotError),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The keyring failed.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The keys of a shop failed.
    #[error(transparent)]
    Shop(#[from] ShopError),
}

impl From<Corrupt> for KeepError {
    fn from(_: Corrupt) -> Self {
        Self::Corrupt
    }
}

/// A card about to be stored.
pub(crate) struct NewCard {
    pub(crate) pan: Pan,
    pub(crate) expiry: Expiry,
    pub(crate) holder: Zeroizing<String>,
    pub(crate) preferred: Option<Brand>,
    pub(crate) kind: CardKind,
    pub(crate) entry: &'static str,
    pub(crate) channel: Option<String>,
    pub(crate) is_virtual: bool,
    /// Window and balance, as the channel told them.
    pub(crate) told: Option<String>,
    pub(crate) customer: Option<String>,
    pub(crate) booking: Option<String>,
    pub(crate) payment: Option<String>,
}

/// The database of cards together with their slots.
pub(crate) struct Keeper {
    pub(crate) db: Db,
    pub(crate) slots: Slots,
    pub(crate) code_slots: Slots,
    pub(crate) bins: Bins,
    pub(crate) keyring: Keyring,
    pub(crate) signer: Arc<Signer>,
    pub(crate) rng: Arc<dyn Rng>,
}

impl Keeper {
    /// Seals a new card: its slot is durable, its row is for the caller to insert. If that fails,
    /// the caller gives it to [`Keeper::abandon`].
    pub(crate) async fn seal(
        &self,
        shop: &Shop,
        card: NewCard,
        now: Timestamp,
    ) -> Result<CardRow, KeepError> {
        let token = CardToken::random(&*self.rng);
        let table = self.bins.current();
        let found = table.look_up(card.pan.expose());
        let merchant = shop.settings.merchant;
        let mut row = CardRow {
            merchant,
            token,
            shop: shop.settings.shop,
            purged: None,
            kind: card.kind,
            brand: card.pan.scheme().brand,
            co_brand: card.pan.scheme().co_brand,
            preferred: card.preferred,
            bin: card.pan.bin(),
            last4: card.pan.last4(),
            expiry: card.expiry,
            initials: initials(&card.holder),
            fingerprint: Some(self.fingerprint(shop, &card.pan)),
            entry: card.entry.to_owned(),
            channel: card.channel,
            told: card.told,
            is_virtual: card.is_virtual || found.is_some_and(|found| found.is_virtual()),
            facts: found.map(|found| found.facts()),
            bin_table: table.version.clone(),
            customer: card.customer,
            booking: card.booking,
            payment: card.payment,
            received_at: now,
            purge_at: first_purge(shop, card.kind, card.expiry, now),
            version: 1,
            number_version: 1,
            slot: None,
            record: None,
            code_gone: None,
            code_typed: false,
            held: HeldCode::default(),
            reveals: 0,
            revealed_at: None,
            suspension: None,
        };
        let card_key = Key::random(&*self.rng);
        let plain = plain(&card.pan, card.expiry, &card.holder);
        row.record = Some(record::seal(&card_key, &place(&row), &plain, &*self.rng)?);
        let sealed = (token.id(), &card_key);
        row.slot = Some(self.put_key((shop, Class::Number), sealed, now.as_micros()).await?);
        Ok(row)
    }

    /// Destroys the slot of a card whose row was not stored.
    pub(crate) async fn abandon(&self, card: &CardRow) {
        for slot in [(Class::Number, card.slot), (Class::Code, card.held.slot)] {
            if let Err(error) = self.destroy_slot(slot, card.token).await {
                let class = slot.0.word();
                tracing::error!(%error, card = %card.token, class, "slot of an abandoned card");
            }
        }
    }

    /// The same number with another expiry or name: the row with its record sealed anew.
    pub(crate) fn reseal(
        &self,
        shop: &Shop,
        card: &CardRow,
        changed: (Expiry, &str),
    ) -> Result<CardRow, KeepError> {
        let key = self.card_key(shop, card)?;
        let old = self.open_with(&key, card)?;
        let (expiry, holder) = changed;
        let holder = if holder.is_empty() { old.holder.clone() } else { holder.to_owned() };
        let plain =
            Plain { number: old.number.clone(), month: expiry.month, year: expiry.year, holder };
        let mut row = card.clone();
        row.expiry = expiry;
        row.initials = initials(&plain.holder);
        row.record = Some(record::seal(&key, &place(card), &plain, &*self.rng)?);
        row.version = row.version.saturating_add(1);
        Ok(row)
    }

    /// The text of a card. The caller may use it for one purpose and drops it.
    pub(crate) fn open(&self, shop: &Shop, card: &CardRow) -> Result<Plain, KeepError> {
        let key = self.card_key(shop, card)?;
        self.open_with(&key, card)
    }

    fn open_with(&self, key: &Key, card: &CardRow) -> Result<Plain, KeepError> {
        let sealed = card.record.as_deref().ok_or(KeepError::Corrupt)?;
        let opened = record::open(key, &place(card), sealed);
        if opened.is_err() {
            tracing::error!(card = %card.token, "ALARM: a card record does not open");
        }
        Ok(opened?)
    }

    fn card_key(&self, shop: &Shop, card: &CardRow) -> Result<Key, KeepError> {
        let slot = card.slot.ok_or(KeepError::Corrupt)?;
        self.key_in((shop, Class::Number), card.token, slot)
    }

    /// Shows the key of a card: what the drill looks for.
    pub(crate) fn see_card_key(
        &self,
        shop: &Shop,
        card: &CardRow,
        see: &mut dyn FnMut(&str, &[u8]),
    ) -> Result<(), KeepError> {
        see("card_key", self.card_key(shop, card)?.expose());
        Ok(())
    }

    /// The fingerprint of a number at the shop's merchant.
    pub(crate) fn fingerprint(
        &self,
        shop: &Shop,
        pan: &Pan,
    ) -> [u8; fingerprint::FINGERPRINT_BYTES] {
        fingerprint::of_digits(&shop.keys.fingerprint, pan.expose())
    }

    /// A card of a merchant, purged ones included.
    pub(crate) async fn find(
        &self,
        merchant: MerchantId,
        token: CardToken,
    ) -> Result<Option<CardRow>, KeepError> {
        Ok(self.db.read::<_, DbError, _>(move |tx| store::card(tx, merchant, token)).await?)
    }

    /// Blocks a card whose record does not open: somebody must look, nothing of it is believed.
    pub(crate) async fn doubt(&self, card: &CardRow, now: Timestamp) -> Result<(), KeepError> {
        let cause = SuspensionCause::Alarm;
        let line =
            Line::new("card.suspended", (card.merchant, card.shop), "clock", now, &*self.rng)
                .card(card.token)
                .purpose(cause.as_str());
        let suspension = Suspension { cause, reason: String::new(), at: now };
        let owner = (card.merchant, card.token);
        let write = move |tx: &mut db::Tx<'_>| {
            if stay::store::suspend(tx, owner, &suspension)? {
                log::append(tx, &line)?;
            }
            Ok(())
        };
        Ok(self.db.write::<_, DbError, _>(Route::of(card.token.id()), write).await?)
    }

    /// Destroys a card and its code; doing it again changes nothing. `line` is what the log says of
    /// it, under the event `card.purged` or `card.deleted`.
    pub(crate) async fn destroy(
        &self,
        card: &CardRow,
        why: &'static str,
        line: Line,
    ) -> Result<(), KeepError> {
        let route = Route::of(card.token.id());
        let row = card.clone();
        let due = (why == "purged").then_some(line.at);
        let begin = move |tx: &mut db::Tx<'_>| stay::store::begin_purge(tx, &row, (why, due));
        if !self.db.write::<_, DbError, _>(route, begin).await? {
            return Ok(());
        }
        let code = self.destroy_slot((Class::Code, card.held.slot), card.token).await?;
        let number = self.destroy_slot((Class::Number, card.slot), card.token).await?;
        let (row, signer) = (card.clone(), Arc::clone(&self.signer));
        let because = if why == "deleted" { "card_deleted" } else { "retention" };
        let code_line = Line::new(
            "code.destroyed",
            (line.merchant, line.shop),
            &line.actor,
            line.at,
            &*self.rng,
        )
        .card(card.token)
        .purpose(because);
        let lives = card.held.lives();
        self.db
            .write::<_, DbError, _>(route, move |tx| {
                if !stay::store::finish_purge(tx, &row, (because, &line))? {
                    return Ok(());
                }
                if lives {
                    let destroyed = Destroyed { what: Class::Code, because, remains: code };
                    log::write_receipt(tx, &signer, &code_line, destroyed)?;
                }
                let destroyed = Destroyed { what: Class::Number, because: why, remains: number };
                log::write_receipt(tx, &signer, &line, destroyed)
            })
            .await?;
        tracing::info!(card = %card.token, why, "card destroyed");
        Ok(())
    }
}

/// Whether an error tells that a row was not stored. After a commit of unknown outcome it may have
/// been: its slot stays, and is swept later if no row names it.
pub(crate) const fn is_unstored(error: &DbError) -> bool {
    !matches!(error, DbError::CommitUnknown)
}

fn plain(pan: &Pan, expiry: Expiry, holder: &str) -> Plain {
    Plain {
        number: pan.expose().to_owned(),
        month: expiry.month,
        year: expiry.year,
        holder: holder.to_owned(),
    }
}

pub(crate) fn place(card: &CardRow) -> Place {
    Place {
        merchant: card.merchant.to_string(),
        shop: card.shop.to_string(),
        card: card.token.to_string(),
        version: card.number_version,
    }
}

/// When a card goes if nothing more is heard of it.
pub(crate) fn first_purge(
    shop: &Shop,
    kind: CardKind,
    expiry: Expiry,
    now: Timestamp,
) -> Option<Timestamp> {
    match kind {
        CardKind::SingleUse => Some(now.plus_minutes(SINGLE_USE_MINUTES)),
        CardKind::Booking | CardKind::Pending => Some(now.plus_minutes(UNCLAIMED_HOURS * 60)),
        CardKind::Saved => {
            let day = expiry.ends_before()?;
            let year = day.year().checked_add(SAVED_YEARS)?;
            Date::new(year, day.month(), 1).ok().map(|day| shop.zone.start_of(day))
        }
    }
}

/// The instant at which the card of a stay goes: the local midnight after check-out and the days
/// of retention, or after a cancellation and its days if that is earlier.
pub(super) fn stay_purge(shop: &Shop, check_out: Date, cancelled_on: Option<Date>) -> Timestamp {
    let after = |day: Date, days: u8| plus_days(day, i64::from(days).saturating_add(1));
    let stay = after(check_out, shop.cards.retention_days);
    let cancelled = cancelled_on.map(|day| after(day, shop.cards.cancel_retention_days));
    shop.zone.start_of(cancelled.map_or(stay, |day| day.min(stay)))
}

/// The slots of a class that rows name, of all merchants; read once at start.
pub(crate) async fn used_slots(
    db: &Db,
    class: Class,
    merchants: BTreeSet<MerchantId>,
) -> Result<BTreeSet<SlotIndex>, DbError> {
    let read = move |tx: &mut db::Tx<'_>| {
        let mut used = BTreeSet::new();
        for merchant in merchants {
            used.extend(store::used_slots(tx, class, merchant)?);
        }
        Ok(used)
    };
    db.read::<_, DbError, _>(read).await
}
