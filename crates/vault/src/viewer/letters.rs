//! What viewers are told by e-mail and text message.

use http::words::{Catalogue, Words};
use kernel::{MessageId, Rng, Timestamp};
use vault_wire::{Owner, VaultMessage};

use super::store::ViewerRow;

/// Writes messages to one viewer.
pub(super) struct Letters<'l> {
    pub(super) words: &'l Catalogue,
    pub(super) viewer: &'l ViewerRow,
    /// Name of the property.
    pub(super) shop: &'l str,
    pub(super) at: Timestamp,
    pub(super) rng: &'l dyn Rng,
}

impl Letters<'_> {
    fn words(&self) -> std::sync::Arc<Words> {
        self.words.words(self.viewer.lang)
    }

    /// A lost PIN is replaced: to its owner by both ways, with the link that stops it.
    pub(super) fn replaced(&self, until: &str, link: &str) -> Vec<VaultMessage> {
        let values = self.about_replaced(until, link);
        let mail = self.mail("vault-mail-reset", &values, Some(link.to_owned()));
        vec![mail, self.sms("vault-sms-reset", &values)]
    }

    /// The same to somebody who manages users; `moved` when the owner is newly reached elsewhere.
    pub(super) fn replaced_of_another(
        &self,
        (owner, moved): (&Owner, bool),
        (until, link): (&str, &str),
    ) -> VaultMessage {
        let key = if moved { "vault-mail-reset-moved" } else { "vault-mail-reset-owner" };
        let values = self.about_replaced(until, link);
        self.mail_to(owner, (key, &values), Some(link.to_owned()))
    }

    /// He wants to see a card, and another must agree.
    pub(super) fn asks(
        &self,
        owner: &Owner,
        (last4, ip): (&str, &str),
        page: &str,
    ) -> VaultMessage {
        let values =
            [("name", &*self.viewer.name), ("shop", self.shop), ("last4", last4), ("ip", ip)];
        self.mail_to(owner, ("vault-mail-ask", &values), Some(page.to_owned()))
    }

    /// Somebody's PIN was typed wrong too often: to one who manages users.
    pub(super) fn shut_of_another(&self, owner: &Owner) -> VaultMessage {
        let values = [("name", self.viewer.name.as_str()), ("shop", self.shop)];
        self.mail_to(owner, ("vault-mail-shut-owner", &values), None)
    }

    fn about_replaced<'v>(&'v self, until: &'v str, link: &'v str) -> [(&'static str, &'v str); 4] {
        [("name", &self.viewer.name), ("shop", self.shop), ("until", until), ("link", link)]
    }

    fn mail(&self, key: &str, values: &[(&str, &str)], link: Option<String>) -> VaultMessage {
        let to = Owner { email: self.viewer.email.clone(), lang: self.viewer.lang };
        self.mail_to(&to, (key, values), link)
    }

    fn mail_to(
        &self,
        to: &Owner,
        (key, values): (&str, &[(&str, &str)]),
        link: Option<String>,
    ) -> VaultMessage {
        let words = self.words.words(to.lang);
        VaultMessage {
            id: MessageId::new(self.at, self.rng),
            sms: false,
            to: to.email.clone(),
            subject: words.with(&format!("{key}-subject"), values),
            text: words.with(key, values),
            link,
            at: self.at,
        }
    }

    fn sms(&self, key: &str, values: &[(&str, &str)]) -> VaultMessage {
        VaultMessage {
            id: MessageId::new(self.at, self.rng),
            sms: true,
            to: self.viewer.phone.clone(),
            subject: String::new(),
            text: self.words().with(key, values),
            link: None,
            at: self.at,
        }
    }

    /// The link, without the code; the code, without the link. `change` is where a wrong number is
    /// corrected.
    pub(super) fn invitation(&self, link: String, code: &str, change: &str) -> Vec<VaultMessage> {
        let end = phone_end(&self.viewer.phone);
        let name = self.viewer.name.as_str();
        let values = [("name", name), ("shop", self.shop), ("end", &end), ("change", change)];
        vec![
            self.mail("vault-mail-enrol", &values, Some(link)),
            self.sms("vault-sms-enrol", &[("shop", self.shop), ("code", code)]),
        ]
    }

    /// Something happened to the PIN: by both ways.
    pub(super) fn news(&self, what: &str, until: &str) -> Vec<VaultMessage> {
        let values = [("name", self.viewer.name.as_str()), ("shop", self.shop), ("until", until)];
        vec![
            self.mail(&format!("vault-mail-{what}"), &values, None),
            self.sms(&format!("vault-sms-{what}"), &values),
        ]
    }

    /// The codes were tried too often.
    pub(super) fn codes_refused(&self, until: &str) -> VaultMessage {
        let values = [("name", self.viewer.name.as_str()), ("shop", self.shop), ("until", until)];
        self.mail("vault-mail-codes", &values, None)
    }
}

/// Last two digits of a phone number.
pub(super) fn phone_end(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    digits.iter().skip(digits.len().saturating_sub(2)).collect()
}
