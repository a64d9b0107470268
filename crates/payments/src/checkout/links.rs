//! Addresses of a payer's pages: short French words, the token as the whole session, and the
//! language when the payer chose another one.

use kernel::Locale;

/// Addresses of the pages of one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    token: String,
    language: Option<Locale>,
}

impl Links {
    /// Addresses with the token; `language` stands in them when the payer chose it by hand.
    #[must_use]
    pub fn new(token: &str, language: Option<Locale>) -> Self {
        Self { token: token.to_owned(), language }
    }

    /// The payment page.
    #[must_use]
    pub fn pay(&self) -> String {
        self.with_language(format!("/p/{}", self.token))
    }

    /// Opens the vault's card page.
    #[must_use]
    pub fn card(&self) -> String {
        self.with_language(format!("/p/{}/carte", self.token))
    }

    /// Where the card page's own "cancel" leads.
    #[must_use]
    pub fn left(&self) -> String {
        self.with_language(format!("/p/{}/quitte", self.token))
    }

    /// The page before the bank's.
    #[must_use]
    pub fn challenge(&self) -> String {
        self.with_language(format!("/p/{}/3ds", self.token))
    }

    /// Where giving up is posted.
    #[must_use]
    pub fn abandon(&self) -> String {
        self.with_language(format!("/p/{}/abandon", self.token))
    }

    /// Where a holder's agreement is posted.
    #[must_use]
    pub fn authenticate(&self) -> String {
        self.with_language(format!("/p/{}/authentifier", self.token))
    }

    /// The waiting page.
    #[must_use]
    pub fn waiting(&self) -> String {
        self.with_language(format!("/p/{}/attente", self.token))
    }

    /// The waiting page at its `round`th look.
    #[must_use]
    pub fn waiting_round(&self, round: u32) -> String {
        let address = self.waiting();
        let joint = if address.contains('?') { '&' } else { '?' };
        format!("{address}{joint}tour={round}")
    }

    /// The receipt.
    #[must_use]
    pub fn receipt(&self) -> String {
        self.with_language(format!("/r/{}", self.token))
    }

    /// The calendar file.
    #[must_use]
    pub fn calendar(&self) -> String {
        self.with_language(format!("/r/{}.ics", self.token))
    }

    /// Where the vault sends the payer back.
    #[must_use]
    pub fn back_from_vault(&self, app: &str) -> String {
        format!("{app}{}", self.with_language(format!("/p/{}/retour", self.token)))
    }

    /// Another page of the payer.
    #[must_use]
    pub fn to(&self, path: &str) -> String {
        self.with_language(path.to_owned())
    }

    fn with_language(&self, path: String) -> String {
        match self.language {
            Some(locale) => format!("{path}?lang={}", locale.code()),
            None => path,
        }
    }
}

pub use web::address::{decoded, encoded};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_the_chosen_language() {
        let plain = Links::new("abc", None);
        assert_eq!((plain.pay(), plain.receipt()), ("/p/abc".into(), "/r/abc".into()));
        let english = Links::new("abc", Some(Locale::En));
        assert_eq!(english.waiting_round(3), "/p/abc/attente?lang=en&tour=3");
        assert_eq!(english.back_from_vault("http://a"), "http://a/p/abc/retour?lang=en");
    }
}
