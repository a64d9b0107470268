//! A member of staff, and a role at a place.

use kernel::{Email, Locale, MerchantId, PointOfSaleId, Right, ShopId, Timestamp, UserId};

/// Ceilings per operation, in minor units, for rights that may carry one.
pub const RIGHTS_WITH_CEILING: &[Right] =
    &[Right::PaymentsRefund, Right::PaymentsCreate, Right::CounterTill];

/// A member of staff.
#[derive(Debug, Clone)]
pub struct User {
    /// His id.
    pub id: UserId,
    /// How he signs in.
    pub email: Email,
    /// How others call him.
    pub name: String,
    /// Language of his pages.
    pub locale: Locale,
    /// The merchant whose pages he sees after sign-in.
    pub home: MerchantId,
    /// Since when he may no longer sign in.
    pub disabled_at: Option<Timestamp>,
}

/// Where a role counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Everywhere at the merchant.
    Merchant,
    /// At one shop.
    Shop(ShopId),
    /// At one point of sale.
    PointOfSale(PointOfSaleId),
}

/// A role given to a user at a place.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Name of a role of the merchant.
    pub role: String,
    /// Where it counts.
    pub place: Place,
    /// Rights given by name on top of the role, such as `card.reveal`.
    pub extra: Vec<Right>,
    /// Most he may move in one operation, in minor units of the merchant's currency.
    pub ceilings: Vec<(Right, i64)>,
}

impl Assignment {
    /// A role for the whole merchant, as it is.
    #[must_use]
    pub fn of_role(role: &str) -> Self {
        Self {
            role: role.to_owned(),
            place: Place::Merchant,
            extra: Vec::new(),
            ceilings: Vec::new(),
        }
    }

    /// The same with a right given by name.
    #[must_use]
    pub fn with(mut self, right: Right) -> Self {
        self.extra.push(right);
        self
    }

    /// The same with a ceiling per operation.
    #[must_use]
    pub fn up_to(mut self, right: Right, minor: i64) -> Self {
        self.ceilings.push((right, minor));
        self
    }
}

/// Rights and ceilings of a user after all his assignments are laid together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Powers {
    /// Names of his roles, for the journal.
    pub roles: Vec<String>,
    /// What he may do.
    pub rights: Vec<Right>,
    /// The highest ceiling of each right that has one everywhere he holds it.
    pub ceilings: Vec<(Right, i64)>,
}

impl Powers {
    /// Adds what one assignment gives: rights unite; the wider ceiling wins, and none is widest.
    pub fn add(&mut self, assignment: &Assignment, role_rights: &[Right]) {
        self.roles.push(assignment.role.clone());
        for right in role_rights.iter().chain(&assignment.extra).copied() {
            let own =
                assignment.ceilings.iter().find(|(of, _)| *of == right).map(|(_, most)| *most);
            let held = self.rights.contains(&right);
            let before = self.ceiling(right);
            self.ceilings.retain(|(of, _)| *of != right);
            let widest = match (held, before, own) {
                (false, _, own) => own,
                (true, Some(before), Some(own)) => Some(before.max(own)),
                (true, ..) => None,
            };
            self.ceilings.extend(widest.map(|most| (right, most)));
            if !held {
                self.rights.push(right);
            }
        }
    }

    /// The most he may move in one operation under this right; none means no limit.
    #[must_use]
    pub fn ceiling(&self, right: Right) -> Option<i64> {
        self.ceilings.iter().find(|(of, _)| *of == right).map(|(_, most)| *most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_03_the_wider_ceiling_wins_and_none_is_widest() {
        let refund = Right::PaymentsRefund;
        let narrow = Assignment::of_role("desk").up_to(refund, 5_000);
        let wide = Assignment::of_role("reception").up_to(refund, 20_000);
        let mut powers = Powers::default();
        powers.add(&narrow, &[refund, Right::HomeView]);
        assert_eq!(powers.ceiling(refund), Some(5_000));
        powers.add(&wide, &[refund]);
        assert_eq!(powers.ceiling(refund), Some(20_000));
        powers.add(&Assignment::of_role("owner"), &[refund]);
        assert_eq!(powers.ceiling(refund), None);
        powers.add(&narrow, &[refund]);
        assert_eq!(powers.ceiling(refund), None);
        assert_eq!(powers.rights, [refund, Right::HomeView]);
    }
}
