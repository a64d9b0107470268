//! A security code that is held for one view or one authorisation, where the shop's acquirer
//! allows that.
//!
//! Its key is in a slot of codes and nowhere else. One consumer wins it, by one conditional
//! update; whoever has it destroys it: the slot is written over, then the row says so. A crash in
//! between loses the code and never shows it twice. Codes of other shops are in memory only
//! ([`crate::core::codes`]).

use db::{DbError, Route};
use kernel::Timestamp;
use zeroize::Zeroizing;

use super::entry::Cvv;
use super::keep::{KeepError, Keeper, place};
use super::kind::CardKind;
use super::store::{self, CardRow};
use crate::keys::{Key, code_record};
use crate::log::{self, Destroyed, Line};
use crate::shop::Shop;
use crate::slots::{Class, SlotIndex};

/// Where a held code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeState {
    /// Nobody has it.
    Available,
    /// Somebody is using it.
    Reserved,
    /// It was sent; no answer came.
    Unknown,
    /// Gone.
    Destroyed,
}

impl CodeState {
    /// The word in the database.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Reserved => "reserved",
            Self::Unknown => "unknown",
            Self::Destroyed => "destroyed",
        }
    }

    /// Reads the word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Available, Self::Reserved, Self::Unknown, Self::Destroyed]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// What a row says of a held code.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeldCode {
    pub(crate) state: Option<CodeState>,
    pub(crate) slot: Option<SlotIndex>,
    pub(crate) record: Option<Vec<u8>>,
    /// Who has it reserved: `view:…` or `relay:…`.
    pub(crate) holder: Option<String>,
    /// Who used it, as people read it.
    pub(crate) actor: Option<String>,
}

impl HeldCode {
    /// Whether it still exists.
    pub(crate) const fn lives(&self) -> bool {
        matches!(self.state, Some(CodeState::Available | CodeState::Reserved | CodeState::Unknown))
    }
}

/// The end of a code.
pub(crate) struct CodeEnd {
    /// `viewed`, `authorised`, `declined`, `unknown_timeout`, `lost`…
    pub(crate) because: &'static str,
    /// Who, as people read it.
    pub(crate) actor: Option<String>,
    /// For the log.
    pub(crate) line: Line,
}

impl Keeper {
    /// Seals a code for its card; durable in its slot when this completes, the row is for the
    /// caller to write.
    async fn seal_code(
        &self,
        shop: &Shop,
        card: &CardRow,
        code: &Cvv,
        now: Timestamp,
    ) -> Result<HeldCode, KeepError> {
        let key = Key::random(&*self.rng);
        let record = code_record::seal(&key, &place(card), code.expose(), &*self.rng)?;
        let sealed = (card.token.id(), &key);
        let slot = self.put_key((shop, Class::Code), sealed, now.as_micros()).await?;
        Ok(HeldCode {
            state: Some(CodeState::Available),
            slot: Some(slot),
            record: Some(record),
            ..HeldCode::default()
        })
    }

    /// Keeps the code of a card in its row, if the shop may hold codes for a booking's card and
    /// holds none of it yet; whether it did. Otherwise the code is for memory alone.
    pub(crate) async fn hold_code(
        &self,
        (shop, real): (&Shop, Timestamp),
        card: &mut CardRow,
        code: Option<&Cvv>,
        now: Timestamp,
    ) -> Result<bool, KeepError> {
        let for_booking = matches!(card.kind, CardKind::Booking | CardKind::Pending);
        let Some(code) = code else { return Ok(false) };
        if !for_booking || !shop.keeps_codes(real) || card.held.lives() {
            return Ok(false);
        }
        card.held = self.seal_code(shop, card, code, now).await?;
        Ok(true)
    }

    /// Takes the right to the code; false when somebody else has it or it is gone.
    pub(crate) async fn reserve_code(
        &self,
        card: &CardRow,
        holder: &str,
        real: Timestamp,
    ) -> Result<bool, KeepError> {
        let (owner, holder) = ((card.merchant, card.token), holder.to_owned());
        let taken = self.db.write::<_, DbError, _>(Route::of(card.token.id()), move |tx| {
            store::reserve_code(tx, owner, &holder, real)
        });
        Ok(taken.await?)
    }

    /// The digits. Only for whoever has reserved them.
    pub(crate) fn open_code(
        &self,
        shop: &Shop,
        card: &CardRow,
    ) -> Result<Zeroizing<String>, KeepError> {
        let key = self.code_key(shop, card)?;
        let record = card.held.record.as_deref().ok_or(KeepError::Corrupt)?;
        Ok(code_record::open(&key, &place(card), record)?)
    }

    fn code_key(&self, shop: &Shop, card: &CardRow) -> Result<Key, KeepError> {
        let slot = card.held.slot.ok_or(KeepError::Corrupt)?;
        self.key_in((shop, Class::Code), card.token, slot)
    }

    /// Shows the key of a held code and the padding of its text: what the drill looks for.
    pub(crate) fn see_code_secrets(
        &self,
        shop: &Shop,
        card: &CardRow,
        see: &mut dyn FnMut(&str, &[u8]),
    ) -> Result<(), KeepError> {
        let key = self.code_key(shop, card)?;
        let record = card.held.record.as_deref().ok_or(KeepError::Corrupt)?;
        see("code_key", key.expose());
        see("code_padding", &code_record::open_padding(&key, &place(card), record)?);
        Ok(())
    }

    /// Gives a reserved code another state without using it.
    pub(crate) async fn set_code(
        &self,
        card: &CardRow,
        holder: &str,
        state: CodeState,
    ) -> Result<(), KeepError> {
        let (owner, holder) = ((card.merchant, card.token), holder.to_owned());
        let set = self.db.write::<_, DbError, _>(Route::of(card.token.id()), move |tx| {
            store::set_code(tx, owner, &holder, state)
        });
        Ok(set.await?)
    }

    /// Destroys a held code: slot first, then row, log entry and receipt in one commit.
    pub(crate) async fn destroy_code(&self, card: &CardRow, end: CodeEnd) -> Result<(), KeepError> {
        let remains = self.destroy_slot((Class::Code, card.held.slot), card.token).await?;
        let (owner, signer) = ((card.merchant, card.token), std::sync::Arc::clone(&self.signer));
        let CodeEnd { because, actor, line } = end;
        let destroyed = Destroyed { what: Class::Code, because, remains };
        self.db
            .write::<_, DbError, _>(Route::of(card.token.id()), move |tx| {
                let gone = (because, actor.as_deref(), line.at);
                if store::end_code(tx, owner, gone)? {
                    log::write_receipt(tx, &signer, &line, destroyed)?;
                }
                Ok(())
            })
            .await?;
        tracing::info!(card = %card.token, because, "security code destroyed");
        Ok(())
    }

    /// Whether the slot of a code still holds it.
    pub(crate) fn code_is_whole(&self, card: &CardRow) -> bool {
        let slot = card.held.slot.and_then(|slot| self.file(Class::Code).get(slot).ok());
        slot.is_some_and(|slot| slot.starts_with(card.token.as_bytes()))
    }
}
