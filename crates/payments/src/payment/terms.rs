//! What a request adds to the amount: the means that may be used, whether the card may be saved,
//! the day of what is bought. Kept as it was asked, one JSON text beside the payment.

use kernel::Date;
use serde::{Deserialize, Serialize};
use vault_wire::Brand;

use super::model::Card;
use super::words::words;

words! {
    /// Whether the payer is asked to save the card for later purchases.
    SaveCard {
        /// He is not asked.
        None => "none",
        /// A box on the card page.
        Offer => "offer",
    }
}

/// The means a payment takes, as the request named them; all that the shop takes when empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Methods(Vec<Brand>);

impl Methods {
    /// These, each once, in the order asked.
    #[must_use]
    pub fn of(asked: impl IntoIterator<Item = Brand>) -> Self {
        let mut brands = Vec::new();
        for brand in asked {
            if !brands.contains(&brand) {
                brands.push(brand);
            }
        }
        Self(brands)
    }

    /// The brands; empty where the shop's settings alone decide.
    #[must_use]
    pub fn brands(&self) -> &[Brand] {
        &self.0
    }

    /// The words of the API, in capitals; `None` where the shop's settings alone decide.
    #[must_use]
    pub fn codes(&self) -> Option<Vec<String>> {
        (!self.0.is_empty()).then(|| self.0.iter().map(|brand| code(*brand)).collect())
    }

    /// The card as this payment may use it: by its usual network where that is among the means,
    /// else by another one that the card has. `None` when it has none of them.
    #[must_use]
    pub fn admit(&self, card: &Card) -> Option<Card> {
        let card = Card { only: None, ..card.clone() };
        let takes = |word: &str| {
            self.0.is_empty() || Brand::parse(word).is_some_and(|brand| self.0.contains(&brand))
        };
        if takes(card.network()) {
            return Some(card);
        }
        let mut all = std::iter::once(&card.brand).chain(&card.co_brands);
        let left = all.find(|word| takes(word)).cloned()?;
        Some(Card { only: Some(left), ..card })
    }
}

/// A brand as the API writes a means of payment.
#[must_use]
pub fn code(brand: Brand) -> String {
    brand.as_str().to_uppercase()
}

/// All means there are, as the API writes them.
#[must_use]
pub fn codes() -> Vec<String> {
    Brand::ALL.map(code).to_vec()
}

/// A means as the API writes it, in capitals or not.
#[must_use]
pub fn parse(text: &str) -> Option<Brand> {
    Brand::parse(&text.to_lowercase())
}

/// What a request adds to the amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The means that may be used.
    #[serde(default)]
    pub methods: Methods,
    /// Whether the payer is asked to save the card.
    pub save_card: SaveCard,
    /// The day of what is bought.
    #[serde(default)]
    pub event_date: Option<Date>,
}

impl Default for Terms {
    fn default() -> Self {
        Self { methods: Methods::default(), save_card: SaveCard::None, event_date: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(brand: &str, co_brands: &[&str], preferred: Option<&str>) -> Card {
        Card {
            id: kernel::CardToken::random(&kernel::rng::OsRng),
            brand: brand.into(),
            co_brands: co_brands.iter().map(|word| (*word).to_owned()).collect(),
            preferred_brand: preferred.map(str::to_owned),
            only: None,
            bin: "49701000".into(),
            last4: "0154".into(),
            exp_month: 3,
            exp_year: 2029,
            country: None,
            funding: None,
            kept: true,
            single_use: false,
        }
    }

    #[test]
    fn p_153_a_card_is_used_by_a_network_that_the_payment_takes_or_not_at_all() {
        let visa = Methods::of([Brand::Visa, Brand::Visa]);
        assert_eq!(visa.codes(), Some(vec!["VISA".to_owned()]));
        let both = card("visa", &["cb"], Some("cb"));
        assert_eq!(visa.admit(&both).unwrap().network(), "visa");
        assert!(visa.admit(&card("mastercard", &["cb"], None)).is_none());
        let any = Methods::default();
        assert_eq!(any.codes(), None);
        let earlier = visa.admit(&both).unwrap();
        assert_eq!(any.admit(&earlier).unwrap().network(), "cb", "one payment binds no other");
    }
}
