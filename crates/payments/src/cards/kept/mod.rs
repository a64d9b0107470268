//! Cards that are kept, as programs find and change them: a list with filters, what may change of
//! one without its number, and the booking it belongs to.
//!
//! **Always true.** The vault decides what a card may become; this side adds what issuers said and
//! what virtual cards hold, and writes the change in the journal. An end is only moved to an earlier
//! instant, and no stay that is moved later takes that back. A blocked card is neither charged nor
//! seen; refunds do not need it.
//!
//! **Limits.** `verification` and `virtual` are known on this side alone: an answer looks at
//! [`MOST_LOOKED_AT`] cards at most and may have fewer than `limit` with a `next` behind them.

pub mod api;
pub mod describe;

use kernel::{CardToken, Scope, ShopId};
use vault_wire::{Card, CardFilter, CardList, WireScope};

use crate::engine::Engine;
use crate::payment::once::Failure;

/// Cards in one answer unless asked otherwise.
pub(super) const USUAL_CARDS: u32 = 50;
/// Cards in one answer.
pub(super) const MOST_CARDS: u32 = 100;
/// Cards of one question to the vault.
const PAGE_CARDS: u32 = 200;
/// Cards that one answer looks at.
const MOST_LOOKED_AT: u32 = 2_000;

/// Which cards a program wants.
pub(super) struct Wanted {
    pub(super) filter: CardFilter,
    /// What their issuer said.
    pub(super) verification: Option<String>,
    /// Virtual ones alone, or all others.
    pub(super) is_virtual: Option<bool>,
    pub(super) limit: u32,
    /// Where the page before ended.
    pub(super) after: Option<CardToken>,
}

impl Wanted {
    fn takes(&self, card: &Card) -> bool {
        let said = self.verification.as_ref();
        said.is_none_or(|said| *said == card.verification.status)
            && self.is_virtual.is_none_or(|is_virtual| is_virtual == card.card_virtual)
    }

    /// How many the vault is asked for: one more than an answer has, or a page of them where this
    /// side chooses.
    fn page(&self) -> u32 {
        let chooses = self.verification.is_some() || self.is_virtual.is_some();
        if chooses { PAGE_CARDS } else { self.limit.saturating_add(1) }
    }
}

impl Engine {
    /// A page of the cards that a shop keeps, and where the next one begins.
    ///
    /// # Errors
    /// [`Failure`]: a wrong filter, a vault or a database that does not answer.
    pub(super) async fn list_cards(
        &self,
        scope: &Scope,
        shop: ShopId,
        wanted: Wanted,
    ) -> Result<(Vec<Card>, Option<CardToken>), Failure> {
        let wire = WireScope::of(scope, shop);
        let (size, page) = (usize::try_from(wanted.limit).unwrap_or(usize::MAX), wanted.page());
        let full = usize::try_from(page).unwrap_or(usize::MAX);
        let (mut found, mut after, mut looked_at) = (Vec::new(), wanted.after, 0_u32);
        loop {
            let ask = CardList { limit: page, filter: wanted.filter.clone(), after };
            let listed = self.vault.ask(&wire, &ask).await.map_err(api::refused)?;
            let mut cards: Vec<Card> = listed.cards.into_iter().map(|one| one.card).collect();
            let more = cards.len() >= full;
            self.with_verifications(scope, cards.iter_mut()).await?;
            for card in &mut cards {
                self.with_virtual(scope, shop, card).await?;
            }
            for card in cards {
                if found.len() == size {
                    return Ok((found, after));
                }
                after = Some(card.token);
                if wanted.takes(&card) {
                    found.push(card);
                }
            }
            looked_at = looked_at.saturating_add(page);
            if !more || found.len() == size || looked_at >= MOST_LOOKED_AT {
                return Ok((found, after.filter(|_| more)));
            }
        }
    }
}
