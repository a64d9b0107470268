//! What the acquirer's contract of a shop allows: data read by the rules of payments.

use db::{DbError, Tx};
use identity::merchants;
use kernel::{Currency, Mode, PointOfSaleId, Scope, ShopId};

use crate::payment::Channel;

/// The contract of one shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Family of the connector that reaches the acquirer.
    pub connector: &'static str,
    /// Currencies it takes.
    pub currencies: Vec<Currency>,
    /// Longest capture delay inside the validity of an authorisation.
    pub longest_deferral_days: u32,
    /// Whether it takes orders by mail and telephone, for which no card is present.
    pub moto: Moto,
}

/// Whether a contract takes orders by mail and telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moto {
    /// It does.
    Taken,
    /// It does not.
    NotTaken,
}

/// Why a sale cannot be made through a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelRefusal {
    /// The point of sale does not list it.
    NotAllowed,
    /// The contract takes no orders by mail and telephone.
    WithoutMoto,
}

/// Family of the only connector there is.
pub const CONNECTOR: &str = "sandbox";
/// Days of validity every network grants at least.
pub const LONGEST_DEFERRAL_DAYS: u32 = 6;
/// Months in which networks take a refund of a capture.
pub const REFUND_WINDOW_MONTHS: u32 = 15;

impl Contract {
    /// Whether a sale may be made through a channel at a point of sale, which lists those it may
    /// use (`ecommerce,erp`); a phone shows the page of `ecommerce`.
    ///
    /// # Errors
    /// [`ChannelRefusal`].
    pub fn admits(&self, listed: &str, channel: Channel) -> Result<(), ChannelRefusal> {
        let asked = if channel == Channel::Mobile { Channel::Ecommerce } else { channel };
        let listed = listed.split([',', ' ']).any(|word| Channel::parse(word) == Some(asked));
        match (listed, channel, self.moto) {
            (false, ..) => Err(ChannelRefusal::NotAllowed),
            (_, Channel::MotoTerminal, Moto::NotTaken) => Err(ChannelRefusal::WithoutMoto),
            _ => Ok(()),
        }
    }

    /// The contract of a shop. Until other providers exist each shop has the simulated one,
    /// in euros; of live shops none says yet that it takes orders by telephone.
    #[must_use]
    pub fn of(scope: &Scope, _shop: ShopId) -> Self {
        Self {
            connector: CONNECTOR,
            currencies: vec![Currency::EUR],
            longest_deferral_days: LONGEST_DEFERRAL_DAYS,
            moto: match scope.mode() {
                Mode::Test => Moto::Taken,
                Mode::Live => Moto::NotTaken,
            },
        }
    }
}

/// Where a shop sells through a channel: the point of sale that takes least beside it, for that
/// one was made for it; nothing when none takes it.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn place_for(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (shop, channel): (ShopId, Channel),
) -> Result<Option<PointOfSaleId>, DbError> {
    let contract = Contract::of(scope, shop);
    let points = merchants::store::points_of_sale(tx, scope, shop)?;
    let takes = points.iter().filter(|point| contract.admits(&point.channel, channel).is_ok());
    Ok(takes.min_by_key(|point| point.channel.split(',').count()).map(|point| point.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_31_a_channel_is_listed_by_its_point_of_sale_and_telephone_needs_a_contract() {
        let shop = ShopId::random(&kernel::rng::OsRng);
        let merchant = kernel::MerchantId::random(&kernel::rng::OsRng);
        let at = |mode| Contract::of(&identity::scope::for_house(merchant, mode), shop);
        let (test, live) = (at(Mode::Test), at(Mode::Live));
        assert_eq!(test.admits("ecommerce", Channel::Ecommerce), Ok(()));
        assert_eq!(test.admits("ecommerce", Channel::Mobile), Ok(()));
        let off = Err(ChannelRefusal::NotAllowed);
        assert_eq!(test.admits("ecommerce", Channel::MotoTerminal), off);
        assert_eq!(test.admits("", Channel::Ecommerce), off);
        let both = "ecommerce,moto_terminal";
        assert_eq!(test.admits(both, Channel::MotoTerminal), Ok(()));
        let without = Err(ChannelRefusal::WithoutMoto);
        assert_eq!(live.admits(both, Channel::MotoTerminal), without);
        assert_eq!(live.admits(both, Channel::Ecommerce), Ok(()));
    }
}
