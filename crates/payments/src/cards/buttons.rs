//! What may be done with a card, in one order everywhere: use first, show later, destroy last. A
//! button that does nothing now says why.

use db::{DbError, Tx};
use identity::extract::Staff;
use kernel::{CardToken, Right, ShopId};
use vault_wire::{BlockGet, Card, PinState, ViewerGet, WireError, WireScope};

use super::pages::user;
use crate::engine::Engine;
use crate::virtual_cards::{board, why_not};

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

impl Charge {
    /// By a page that asks; for who may use cards.
    #[must_use]
    pub fn page<R>(staff: &Staff<R>, href: String) -> Self {
        Self { href, reason: lacks(staff, Right::CardUse), look: "" }
    }

    /// Not at all, for this reason.
    #[must_use]
    pub const fn never(reason: String) -> Self {
        Self { href: String::new(), reason, look: "" }
    }

    /// Of a virtual card, within what the card, its booking and the person's ceiling allow.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub async fn of_virtual<R>(
        engine: &Engine,
        staff: &Staff<R>,
        (card, shop): (CardToken, ShopId),
    ) -> Result<Self, DbError> {
        let charge = Self::page(staff, format!("/cartes/{card}/encaisser"));
        if !charge.reason.is_empty() {
            return Ok(charge);
        }
        let (own, scope) = (engine.clone(), staff.scope.clone());
        let read = move |tx: &mut Tx<'_>| board::entry(tx, &own.pen(&scope, shop), card);
        let entry = engine.ctx.db.read::<_, DbError, _>(read).await?;
        let ceiling = staff.ceiling(Right::PaymentsCreate);
        let now = engine.ctx.now(shop);
        let why = |entry| why_not(&staff.words, (ceiling, now), &entry).unwrap_or_default();
        Ok(Self { reason: entry.map_or_else(String::new, why), ..charge })
    }
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
            (true, PinState::Disabled) => "cards-pin-disabled",
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
    card: &Card,
    (charge, no_reveal): (Charge, NoReveal),
    booking_href: Option<&str>,
) -> Vec<Button> {
    let words = &*staff.words;
    let here = |what: &str| format!("/cartes/{}/{what}", card.token);
    // Nobody uses or sees a blocked card, whatever else he lacks.
    let blocked = card.suspension.as_ref().map(|_| words.say("cards-suspended-why"));
    let stopped = |reason: String| blocked.clone().unwrap_or(reason);
    let mut authenticate = ask_holder(staff, &charge, booking_href);
    authenticate.reason = stopped(authenticate.reason);
    let charge = Button {
        look: charge.look,
        ..Button::page(words.say("cards-charge"), charge.href, stopped(charge.reason))
    };
    let verify = stopped(lacks(staff, Right::CardUse));
    let verify = Button::page(words.say("cards-verify"), here("verifier"), verify);
    let other = ask_guest(staff, "cards-ask-other", booking_href);
    let cure = ("/parametres/cartes#pin".to_owned(), words.say("cards-banner-link"));
    let reveal = Button {
        words: words.say("cards-reveal"),
        deed: Deed::Post(here("voir")),
        reason: stopped(no_reveal.reason),
        cure: (no_reveal.enrol && blocked.is_none()).then_some(cure),
        look: "",
    };
    let reason = lacks(staff, Right::CardDelete);
    let delete = Button {
        look: if reason.is_empty() { "danger" } else { "" },
        ..Button::page(words.say("cards-delete"), here("supprimer"), reason)
    };
    vec![charge, verify, authenticate, other, reveal, delete]
}

/// Asking the guest of a booking to confirm a charge with his bank: what cannot be charged cannot
/// be confirmed either.
fn ask_holder<R>(staff: &Staff<R>, charge: &Charge, booking_href: Option<&str>) -> Button {
    let words = staff.words.say("cards-authenticate");
    let Some(href) = booking_href else {
        return Button::page(words, String::new(), staff.words.say("cards-ask-nobody"));
    };
    let reason = match charge.href.is_empty() {
        true => charge.reason.clone(),
        false => lacks(staff, Right::CardUse),
    };
    Button::page(words, format!("{href}/authentifier"), reason)
}

/// Asking the guest of a booking for a card; `key` names the button.
#[must_use]
pub fn ask_guest<R>(staff: &Staff<R>, key: &str, booking_href: Option<&str>) -> Button {
    let words = staff.words.say(key);
    match booking_href {
        Some(href) => {
            Button::page(words, format!("{href}/demander-carte"), lacks(staff, Right::CardRequest))
        }
        None => Button::page(words, String::new(), staff.words.say("cards-ask-nobody")),
    }
}

/// Which right is missing, in a sentence; empty when it is there.
fn lacks<R>(staff: &Staff<R>, right: Right) -> String {
    match staff.scope.may(right) {
        true => String::new(),
        false => staff.words.with("cards-lacks", &[("right", right.as_str())]),
    }
}
