//! Opening a card page and exchanging its result.

use kernel::{BookingId, CaptureId, CardToken, CustomerId, Money, PaymentId, ShopId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Brand, Card};

/// Why a card is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To pay now.
    Payment,
    /// To keep it for a booking, while nothing is paid.
    Guarantee,
    /// To keep it for a customer.
    Save,
    /// A member of staff types it while its holder is on the phone: nothing is filled in by the
    /// browser, and the bank cannot ask the holder for a proof.
    Moto,
}

/// Whether the card stays for its booking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// Used once.
    #[default]
    None,
    /// Kept for the booking, with the guest's consent on the page.
    Booking,
}

/// Whether the security code is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePolicy {
    /// Must be typed.
    #[default]
    Required,
    /// May be typed.
    Optional,
    /// Not asked.
    None,
}

/// A field of the card page that must be typed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskAgain {
    /// The number (and with it the expiry and the code).
    Number,
    /// The expiry date.
    Expiry,
    /// The security code.
    Code,
}

/// What the card page shows of the sale.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Display {
    /// What is to be paid.
    pub amount: Option<Money>,
    /// The seller.
    pub merchant: String,
    /// What is bought, at most 20 lines.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Where "cancel" leads; a registered origin.
    pub back_url: Option<String>,
    /// Prefills the e-mail field; absent hides the field unless [`Display::ask_email`].
    #[serde(default)]
    pub email: Option<String>,
    /// Shows the e-mail field.
    #[serde(default)]
    pub ask_email: bool,
    /// Shows the band TEST. Test shops always show it.
    #[serde(default)]
    pub test: bool,
    /// The words of the button ("Payer l'acompte de 100,80 €"); absent: "Payer {amount}".
    #[serde(default)]
    pub button: Option<String>,
    /// "Reserved for you until"; shown in the shop's zone.
    #[serde(default)]
    pub hold_until: Option<Timestamp>,
    /// Why a card is asked again, already in the guest's language.
    #[serde(default)]
    pub notice: Option<String>,
    /// Offers "save this card for my next purchases".
    #[serde(default)]
    pub offer_save: bool,
    /// Asks for the name on the card.
    #[serde(default)]
    pub ask_name: bool,
}

/// Opens a card page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptureCreate {
    /// The shop that asks.
    pub shop: ShopId,
    /// Why.
    pub purpose: Purpose,
    /// The payment the capture is bound to.
    pub payment: Option<PaymentId>,
    /// The booking the card belongs to.
    pub booking: Option<BookingId>,
    /// The customer the card belongs to.
    pub customer: Option<CustomerId>,
    /// Whether the card stays.
    #[serde(default)]
    pub keep: Keep,
    /// Language of the page.
    pub lang: kernel::Locale,
    /// Where the guest goes afterwards; `capture=cap_…` is added. A registered origin.
    pub return_url: String,
    /// The site whose own form may post the card to this page; a registered origin.
    #[serde(default)]
    pub form_origin: Option<String>,
    /// The site that may show this page in a frame; a registered origin.
    #[serde(default)]
    pub frame_origin: Option<String>,
    /// A card whose data must be completed or corrected instead of typed anew.
    #[serde(default)]
    pub card: Option<CardToken>,
    /// What must be typed again of that card; nothing means the code.
    #[serde(default)]
    pub ask: Vec<AskAgain>,
    /// Whether the code is asked for.
    #[serde(default)]
    pub code: CodePolicy,
    /// The only brands taken, of those the shop takes; all of them when empty.
    #[serde(default)]
    pub brands: Vec<Brand>,
    /// What the page shows.
    pub display: Display,
}

/// Answer to [`CaptureCreate`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureCreated {
    /// Its name.
    pub id: CaptureId,
    /// The page, with its secret.
    pub url: String,
    /// When the page closes.
    pub expires_at: Timestamp,
}

/// Exchanges a finished capture for its card; may be repeated for the same payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptureRedeem {
    /// The capture named in the return address.
    pub id: CaptureId,
    /// The payment it was opened for.
    pub payment: Option<PaymentId>,
}

/// Answer to [`CaptureRedeem`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Redeemed {
    /// The card.
    pub card: Card,
    /// The guest ticked "save this card".
    pub save: bool,
    /// What was agreed on the page.
    pub keep: Keep,
    /// The e-mail address typed.
    pub email: Option<String>,
    /// Language the guest ended in.
    pub lang: kernel::Locale,
    /// SHA-256 of the consent text shown, when the card is kept.
    pub consent_sha256: Option<String>,
    /// When the form was sent.
    pub at: Timestamp,
}
