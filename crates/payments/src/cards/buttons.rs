//! What may be done with a card, in one order everywhere: use first, show later, destroy last. A
//! button that does nothing now says why.

use http::Words;
use identity::extract::Staff;
use kernel::{CardToken, Right, ShopId};
use vault_wire::{BlockGet, PinState, ViewerGet, WireError, WireScope};

use super::pages::user;
use crate::engine::Engine;

/// Where a button leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A page that asks first.
    Page(String),
    /// A request that makes something.
    Post(String),
}

/// One button, or why it does nothing now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// Its words.
    pub words: String,
    /// Where it leads.
    pub deed: Deed,
    /// Why not now; empty when it can be pressed.
    pub reason: String,
    /// Where the reason is cured: address and words.
    pub cure: Option<(String, String)>,
    /// The class of its look; empty for a usual one.
    pub look: &'static str,
}

impl Button {
    fn page(words: String, href: String, reason: String) -> Self {
        Self { words, deed: Deed::Page(href), reason, cure: None, look: "" }
    }

    /// The page it leads to; nothing for one that makes something.
    #[must_use]
    pub fn page_of(&self) -> Option<&str> {
        match &self.deed {
            Deed::Page(href) => Some(href),
            Deed::Post(_) => None,
        }
    }

    /// The address it posts to; empty for one that leads to a page.
    #[must_use]
    pub fn post_of(&self) -> &str {
        match &self.deed {
            Deed::Page(_) => "",
            Deed::Post(href) => href,
        }
    }

    /// Whether it can be pressed.
    #[must_use]
    pub fn works(&self) -> bool {
        self.reason.is_empty()
    }
}

/// How the card is charged from where its buttons stand.
#[derive(Debug, Clone)]
pub struct Charge {
    /// The page that asks.
    pub href: String,
    /// Why not now; empty when it can be charged.
    pub reason: String,
    /// The class of its look, where the page has no other button that stands out.
    pub look: &'static str,
}

/// Why a person does not see a number, and whether he should choose a PIN.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoReveal {
    /// The sentence; empty when he may.
    pub reason: String,
    /// He may, once he has a PIN.
    pub enrol: bool,
}

impl NoReveal {
    /// As it stands for a person at the desk.
    ///
    /// # Errors
    /// [`WireError`]: the vault does not answer.
    pub async fn of<R>(engine: &Engine, staff: &Staff<R>, shop: ShopId) -> Result<Self, WireError> {
        let wire = WireScope::of(&staff.scope, shop);
        let (pin, confirmed) = match user(staff) {
            Some(user) => {
                let viewer = engine.vault.ask(&wire, &ViewerGet { user }).await?;
                (viewer.pin, viewer.confirmed)
            }
            None => (PinState::None, false),
        };
        let may = staff.scope.may(Right::CardReveal);
        let is_blocked = engine.vault.ask(&wire, &BlockGet {}).await?.on;
        let key = match (may, pin) {
            (true, _) if is_blocked => "cards-blocked",
            (false, _) => "cards-no-right",
            (true, PinState::Active) if !confirmed => "cards-pin-unconfirmed",
            (true, PinState::Active) => "",
            (true, PinState::Locked) => "cards-pin-locked",
            (true, PinState::Blocked) => "cards-pin-blocked",
            (true, _) => "cards-pin-none",
        };
        let reason = if key.is_empty() { String::new() } else { staff.words.say(key) };
        let enrol = may && !matches!(pin, PinState::Active | PinState::Locked);
        Ok(Self { reason, enrol })
    }
}

/// The buttons of a card for a person, in their order.
#[must_use]
pub fn of_card<R>(
    staff: &Staff<R>,
    card: CardToken,
    (charge, no_reveal): (Charge, NoReveal),
) -> Vec<Button> {
    let words = &*staff.words;
    let here = |what: &str| format!("/cartes/{card}/{what}");
    let right = |right: Right| lacks(words, staff.scope.may(right).then_some(right), right);
    let charge = Button {
        look: charge.look,
        ..Button::page(words.say("cards-charge"), charge.href, charge.reason)
    };
    let verify = Button::page(words.say("cards-verify"), here("verifier"), right(Right::CardUse));
    let later = words.say("cards-not-yet");
    let authenticate = Button::page(words.say("cards-authenticate"), String::new(), later.clone());
    let other = Button::page(words.say("cards-ask-other"), String::new(), later);
    let cure = ("/parametres/cartes#pin".to_owned(), words.say("cards-banner-link"));
    let reveal = Button {
        words: words.say("cards-reveal"),
        deed: Deed::Post(here("voir")),
        reason: no_reveal.reason,
        cure: no_reveal.enrol.then_some(cure),
        look: "",
    };
    let reason = right(Right::CardDelete);
    let delete = Button {
        look: if reason.is_empty() { "danger" } else { "" },
        ..Button::page(words.say("cards-delete"), here("supprimer"), reason)
    };
    vec![charge, verify, authenticate, other, reveal, delete]
}

/// Which right is missing, in a sentence; empty when none is.
fn lacks(words: &Words, held: Option<Right>, right: Right) -> String {
    match held {
        Some(_) => String::new(),
        None => words.with("cards-lacks", &[("right", right.as_str())]),
    }
}
