//! When a card, or the place it comes from, may not be tried for a while.
//!
//! An issuer's "never again" holds for [`BLOCKED_DAYS`]. A card refused several times in a day
//! pauses, and so does an address from which many cards are refused: somebody may be trying
//! stolen numbers. A card charged without its holder is not tried without end, because networks
//! bill merchants who do. Everything is counted from what is stored, so a restart forgives
//! nothing; days follow the shop's clock, the address real time.

use std::net::IpAddr;

use db::{DbError, Tx};
use kernel::Mode;

use super::store;
use crate::engine::CardOffer;
use crate::payment::Initiator;
use crate::payment::save::Pen;

/// Days in which a card of which an issuer said "never again" is not tried again.
pub const BLOCKED_DAYS: i64 = 30;
/// Refusals of one card in a day, after which it pauses.
pub const MAX_REFUSALS_PER_DAY: i64 = 3;
/// Refusals of one card in [`BLOCKED_DAYS`] when its holder is absent; networks bill above 15.
pub const MAX_ABSENT_REFUSALS: i64 = 10;
/// Refused cards an address may have within [`WINDOW_SECONDS`] in live shops.
pub const ADDRESS_REFUSALS_LIVE: i64 = 10;
/// The same in test shops: far more, because test numbers exist to be refused.
pub const ADDRESS_REFUSALS_TEST: i64 = 200;
/// The time over which refusals of an address are counted, in seconds.
pub const WINDOW_SECONDS: i64 = 3_600;
/// How long a pause lasts, in seconds.
pub const PAUSE_SECONDS: u32 = 900;

const DAY_SECONDS: i64 = 86_400;

/// Why a card is not tried now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// Its issuer said "never again".
    Blocked,
    /// It was refused too often.
    CardPaused,
    /// Too many cards from its address were refused.
    AddressPaused,
}

/// Whether a card may be tried now; `None` when it may.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn halt(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    offer: &CardOffer,
    initiator: Initiator,
) -> Result<Option<Halt>, DbError> {
    let card = offer.card.id;
    let month = pen.now.plus_seconds(BLOCKED_DAYS.saturating_mul(-DAY_SECONDS));
    if store::is_blocked(tx, pen.scope, (card, offer.fingerprint.as_deref()), month)? {
        return Ok(Some(Halt::Blocked));
    }
    let day = pen.now.plus_seconds(-DAY_SECONDS);
    if store::refusals_since(tx, pen.scope, card, day)? >= MAX_REFUSALS_PER_DAY {
        return Ok(Some(Halt::CardPaused));
    }
    if initiator == Initiator::Merchant
        && store::absent_refusals_since(tx, pen.scope, card, month)? >= MAX_ABSENT_REFUSALS
    {
        return Ok(Some(Halt::CardPaused));
    }
    let paused = offer.from.map(|from| is_address_paused(tx, pen, from)).transpose()?;
    Ok(paused.unwrap_or(false).then_some(Halt::AddressPaused))
}

/// Whether no card is taken from an address now.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn is_address_paused(tx: &mut Tx<'_>, pen: &Pen<'_>, from: IpAddr) -> Result<bool, DbError> {
    let most = match pen.scope.mode() {
        Mode::Live => ADDRESS_REFUSALS_LIVE,
        Mode::Test => ADDRESS_REFUSALS_TEST,
    };
    let since = pen.real_now.plus_seconds(-WINDOW_SECONDS);
    let (refusals, last) = store::refusals_of_address(tx, pen.scope, &from.to_string(), since)?;
    let pause = i64::from(PAUSE_SECONDS);
    Ok(refusals >= most && last.is_some_and(|last| last.plus_seconds(pause) > pen.real_now))
}
