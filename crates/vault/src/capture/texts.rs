//! What the pages need to be drawn: typed, without any card field.

use http::page::Look;
use http::words::Words;
use kernel::{CaptureId, Locale, Timestamp, Zone};
use vault_wire::{Brand, CaptureCreate, Purpose};

use crate::card::FieldFault;

/// What a guest agrees to when his card is kept for his stay.
pub(crate) fn consent_text(words: &Words, purpose: Purpose, (shop, days): (&str, u8)) -> String {
    let key = match purpose {
        Purpose::Guarantee => "vault-consent-guarantee",
        Purpose::Payment | Purpose::Save | Purpose::Moto => "vault-consent",
    };
    words.with(key, &[("merchant", shop), ("days", &days.to_string())])
}

/// Answer to a visit or a submission.
pub(crate) enum PageAnswer {
    /// The form.
    Show(Box<CardPage>),
    /// Done: go there.
    Done {
        /// The page that is done.
        capture: CaptureId,
        /// Where it leads.
        location: String,
    },
    /// No more tries here.
    Closed(ClosedPage),
    /// No such page.
    Unknown,
}

/// Which part of the form is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The card.
    Card,
    /// Which scheme of a co-badged card; the first is the preset.
    Brand(Vec<Brand>),
}

/// Whether the number is hidden while it is typed, for a screen that others can see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Masked {
    /// Shown.
    #[default]
    No,
    /// Hidden.
    Yes,
}

/// A number that need not be typed again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Its last digits.
    pub(crate) last4: String,
    /// Its scheme.
    pub(crate) brand: Brand,
    /// Its schemes that the shop takes, the preset first.
    pub(crate) choices: Vec<Brand>,
    /// `03/29`, when that need not be typed again either.
    pub(crate) expiry: Option<String>,
}

/// The form page.
pub(crate) struct CardPage {
    /// Accent and logo of the shop.
    pub(crate) look: Look,
    /// Secret of the address.
    pub(crate) secret: String,
    /// What the app asked for.
    pub(crate) request: CaptureCreate,
    /// Name of the shop.
    pub(crate) shop: String,
    /// Test shop.
    pub(crate) test: bool,
    /// Days a kept card stays after check-out.
    pub(crate) retention_days: u8,
    /// Schemes it takes.
    pub(crate) brands: Vec<Brand>,
    /// Its zone, for the hold clock.
    pub(crate) zone: Zone,
    /// What its clock shows.
    pub(crate) now: Timestamp,
    /// Language.
    pub(crate) lang: Locale,
    /// Card or scheme.
    pub(crate) step: Step,
    /// A number kept.
    pub(crate) kept: Option<Kept>,
    /// Name as typed.
    pub(crate) holder: String,
    /// Address as typed.
    pub(crate) email: String,
    /// Box as ticked.
    pub(crate) save: bool,
    /// Whether the digits are hidden while they are typed.
    pub(crate) masked: Masked,
    /// What is wrong.
    pub(crate) faults: Vec<FieldFault>,
}

/// The page that says that this one is over.
pub(crate) struct ClosedPage {
    /// Accent and logo of the shop.
    pub(crate) look: Look,
    /// Name of the shop.
    pub(crate) shop: String,
    /// Test shop.
    pub(crate) test: bool,
    /// Language.
    pub(crate) lang: Locale,
    /// The way back.
    pub(crate) back_url: Option<String>,
    /// The site that may show it in a frame.
    pub(crate) frame_origin: Option<String>,
}
