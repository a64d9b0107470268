//! What the holder reads.

use askama::Template;
use http::Page;
use kernel::format;

use crate::authentication_links::{AuthenticationLink, OtherCard};
use crate::checkout::case::{Case, Letter};
use crate::checkout::view::{Contact, Stage, Summary, Visit, large};
use crate::payment::page_state::PageState;
use crate::payment::{KeepCard, page_state};

/// Whether the card can still be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As far as is known.
    Usable,
    /// The vault has it no more, or lends it to nobody.
    Gone,
}

/// One button to the bank, and what it means.
#[derive(Template)]
#[template(path = "checkout-authenticate.html")]
pub struct AuthenticatePage {
    /// Title, brand, band, languages.
    pub page: Page,
    /// The large icon.
    pub icon: String,
    /// Who asks for how much on which card.
    pub lede: String,
    /// What became of the last try, or of the card; empty at first.
    pub notice: String,
    /// What pressing the button agrees to; empty where there is no button.
    pub agreement: String,
    /// Until when the link leads here.
    pub until: String,
    /// Where the button leads; empty when the card is gone.
    pub action: String,
    /// Where another card is given; empty when none may be.
    pub other: String,
    /// What is to be paid.
    pub summary: Summary,
    /// Whom to ask.
    pub contact: Contact,
}

impl AuthenticatePage {
    /// The page of a link.
    #[must_use]
    pub fn of(visit: &Visit, (link, standing): (&AuthenticationLink, Standing)) -> Self {
        let words = &visit.words;
        let amount = visit.amount(visit.payment.amount.minor());
        let until = format::date_time(link.expires_at, &visit.merchant.zone, visit.locale());
        let values = [
            ("amount", amount.as_str()),
            ("merchant", visit.merchant.name.as_str()),
            ("card", &link.card_name()),
            ("until", &until),
        ];
        let refused = page_state::of(&visit.payment, visit.now) == PageState::Refused;
        let tried = link.last_try(&visit.payment).is_some();
        let notice = match (standing, Letter::of(visit.payment.decline.as_ref())) {
            (Standing::Usable, _) if !(refused && tried) => String::new(),
            (Standing::Gone, _) | (Standing::Usable, Letter::G) => {
                words.with("authentication-card-gone", &values)
            }
            // Here is no field to correct, and perhaps no other card to give.
            (Standing::Usable, Letter::A | Letter::E) => words.say("authentication-refused"),
            (Standing::Usable, letter) => words.say(&Case::Refused(letter).text_key()),
        };
        let usable = standing == Standing::Usable;
        let shown = |shown: bool, text: String| if shown { text } else { String::new() };
        let title = words.with("authentication-title", &values);
        Self {
            page: visit.page(title, &visit.links.pay()),
            icon: large("bank"),
            lede: words.with("authentication-lede", &values),
            notice,
            agreement: shown(usable, agreement(visit, link)),
            until: words.with("authentication-until", &values),
            action: shown(usable, visit.links.authenticate()),
            other: shown(link.other_card == OtherCard::Allowed, visit.links.card()),
            summary: Summary::of(visit, Stage::Open),
            contact: Contact::of(&visit.merchant),
        }
    }
}

/// The sentence that the holder agrees to by going on.
#[must_use]
pub fn agreement(visit: &Visit, link: &AuthenticationLink) -> String {
    let key = match visit.payment.keep_card {
        KeepCard::Booking => "authentication-agree-kept",
        KeepCard::None => "authentication-agree",
    };
    let amount = visit.amount(visit.payment.amount.minor());
    let values = [
        ("amount", amount.as_str()),
        ("merchant", visit.merchant.name.as_str()),
        ("card", &link.card_name()),
    ];
    visit.words.with(key, &values)
}
