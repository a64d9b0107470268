//! Card storage of a shop, the people who may see numbers, and the links they see them by.
//!
//! The app asks; the vault decides. A link's page belongs to the vault, asks for a PIN that only
//! the vault knows, and shows the number to the person's browser. No answer here has a number, a
//! code or a PIN in it.

use kernel::{CardToken, Id, Locale, MessageId, RevealLinkId, Timestamp, UserId, ViewerId};
use serde::{Deserialize, Serialize};

use crate::{Brand, Hours, SecondPerson};

/// Showing a held security code once: off unless the merchant's acquirer allows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewOnce {
    /// Why, 20 to 500 characters.
    pub reason: String,
    /// Last local day, at most a year ahead: `2027-06-30`.
    pub until: String,
    /// Who took the responsibility: `usr_…`.
    pub approved_by: String,
}

/// How a shop keeps cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardSettings {
    /// Whether cards are stored for bookings.
    pub accept_cards: bool,
    /// Brands it takes; at least one.
    pub brands: Vec<Brand>,
    /// Days after check-out, 0 to 7.
    pub retention_days: u8,
    /// Days after a cancellation, 0 to 7.
    pub cancel_retention_days: u8,
    /// Whether a held code may be shown once.
    pub view_code_once: Option<ViewOnce>,
    /// Seconds a number stays on the screen, 15 to 120.
    pub show_seconds: u16,
    /// Times one card may be shown, 1 to 99.
    pub max_per_card: u16,
    /// Origins that may frame the page of a link, each written out, at most 10.
    pub frame_origins: Vec<String>,
    /// The hours within which numbers are shown; at all hours when absent.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// Networks from which numbers are shown, such as `203.0.113.0/24`, at most 32; from
    /// everywhere when there is none.
    #[serde(default)]
    pub networks: Vec<String>,
    /// Whether a second person must agree; to what is out of the ordinary when absent and two
    /// people manage the users.
    #[serde(default)]
    pub second_person: Option<SecondPerson>,
    /// Whether who wants to see a number says why.
    #[serde(default)]
    pub purpose_required: bool,
}

/// Where the storage of cards stands in a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageStatus {
    /// Nothing new is kept.
    Off,
    /// Cards are kept; nobody can see them yet.
    AwaitingPin,
    /// Cards are kept and somebody may see them.
    On,
}

/// Asks for the card settings of the scope's shop.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardSettingsGet {}

/// Changes them; refused with `precondition_failed` when `version` is not the present one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardSettingsPut {
    /// All settings.
    pub settings: CardSettings,
    /// The version they were read with.
    pub version: u32,
}

/// Card settings with where they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSettingsAnswer {
    /// All settings.
    pub settings: CardSettings,
    /// Counts their changes; 0 before the first.
    pub version: u32,
    /// Where the storage stands.
    pub storage: StorageStatus,
    /// When a person of the property could first see cards.
    pub activated_at: Option<Timestamp>,
}

/// Begins the enrolment of a viewer: a link by e-mail, a code by text message. Within a minute
/// the same request sends nothing more. Who has a PIN and has lost it chooses another on the same
/// way; that one then waits for another person, or for 48 hours.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewerEnrol {
    /// Whose PIN.
    pub user: UserId,
    /// How others call him.
    pub name: String,
    /// Where the link goes.
    pub email: String,
    /// Where the code goes, in any usual writing.
    pub phone: String,
    /// Language of messages and pages.
    pub lang: Locale,
    /// Numbers of the property that a PIN may not be cut from (phone, SIREN).
    pub avoid: Vec<String>,
    /// Where the page leads back to; a registered origin.
    #[serde(default)]
    pub return_url: Option<String>,
    /// The others who manage users: told when a lost PIN is replaced; at most [`MAX_OWNERS`].
    #[serde(default)]
    pub owners: Vec<Owner>,
}

/// So many are told when a lost PIN is replaced.
pub const MAX_OWNERS: usize = 20;

/// Somebody who is told what happens to the PINs of others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// His address.
    pub email: String,
    /// Language of what he is sent.
    pub lang: Locale,
}

/// Opens a page on which a viewer who knows his PIN gives himself another.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinChange {
    /// Whose PIN.
    pub user: UserId,
    /// Where the page leads back to; a registered origin.
    pub return_url: Option<String>,
}

/// Answer to [`PinChange`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinPage {
    /// The page, with its secret.
    pub url: String,
    /// When it can no longer be used.
    pub expires_at: Timestamp,
}

/// Asks for a viewer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewerGet {
    /// Whose.
    pub user: UserId,
}

/// Takes a viewer's right to see cards away, at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewerRevoke {
    /// Whose.
    pub user: String,
}

/// Another person vouches for a viewer: from then on he may see cards, and a PIN that replaces a
/// lost one is used.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewerConfirm {
    /// For whom, as the list of viewers names him; never oneself.
    pub user: String,
    /// The PIN that waited when the person looked; another one is not agreed to.
    #[serde(default)]
    pub recovery: Option<Id>,
}

/// Asks for all viewers of the scope's shop.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewerList {}

/// Answer to [`ViewerList`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewersListed {
    /// Oldest first, at most 200.
    pub viewers: Vec<ViewerOfShop>,
}

/// A viewer with whose he is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewerOfShop {
    /// Whose PIN: `usr_…`, or somebody of a partner, `ptn_…:` and the partner's name for him.
    pub user: String,
    /// How others call him.
    pub name: String,
    /// Where he stands.
    pub viewer: ViewerAnswer,
}

/// Where a PIN stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinState {
    /// Never asked for.
    None,
    /// Link and code were sent.
    Invited,
    /// Usable.
    Active,
    /// Too many wrong tries; opens by itself.
    Locked,
    /// Too many locks; needs a new enrolment.
    Blocked,
    /// Of no use for 90 days; needs a new enrolment.
    Disabled,
    /// Taken away.
    Revoked,
}

/// A PIN that waits for another person, or for its hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinWaits {
    /// Its name, for who agrees.
    pub recovery: Id,
    /// When it is used without anybody.
    pub usable_from: Timestamp,
}

/// A viewer, without anything that would help to be him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewerAnswer {
    /// His name in the vault; absent before the first enrolment.
    pub id: Option<ViewerId>,
    /// Where his PIN stands.
    pub pin: PinState,
    /// When a lock opens.
    pub locked_until: Option<Timestamp>,
    /// A PIN that was chosen instead of a lost one, and waits; the present one stays what it is.
    #[serde(default)]
    pub waits: Option<PinWaits>,
    /// Last two digits of his phone.
    pub phone_end: Option<String>,
    /// Whether somebody vouches for him; the first viewer of a shop needs nobody.
    pub confirmed: bool,
    /// Link and code were sent less than a minute ago: this time nothing was.
    #[serde(default)]
    pub sent_before: bool,
}

/// Opens a link by which one person sees one card.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkCreate {
    /// Which card.
    pub card: CardToken,
    /// Who will look.
    pub user: UserId,
    /// `guarantee`, `terminal`, `dispute`, `check_in` or `other`; empty is `other`, unless the
    /// property wants it said.
    pub purpose: String,
    /// The one origin that may frame the page; a listed one.
    pub frame_origin: Option<String>,
    /// The address the person comes from, if known.
    pub client_ip: Option<String>,
    /// Language of the page.
    pub lang: Locale,
    /// Where the page leads back to; a registered origin.
    pub return_url: Option<String>,
}

/// Answer to [`LinkCreate`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCreated {
    /// Its name.
    pub id: RevealLinkId,
    /// The page, with its secret; to be opened by the person's browser, once.
    pub url: String,
    /// When it can no longer be opened.
    pub expires_at: Timestamp,
    /// `created`, or `awaiting_approval`: whoever opens it waits for a second person.
    #[serde(default = "created")]
    pub status: String,
}

fn created() -> String {
    "created".into()
}

/// Asks where a link stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkGet {
    /// Which.
    pub id: RevealLinkId,
}

/// Ends a link that was not used.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkCancel {
    /// Which.
    pub id: RevealLinkId,
}

/// Answer to [`LinkGet`] and [`LinkCancel`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkAnswer {
    /// Its name.
    pub id: RevealLinkId,
    /// `created`, `awaiting_approval`, `opened`, `unlocked`, `closed`, `refused`, `expired` or
    /// `cancelled`.
    pub status: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was opened.
    pub opened_at: Option<Timestamp>,
    /// When the number was shown.
    pub unlocked_at: Option<Timestamp>,
}

/// Asks whether cards of the scope's shop may be seen at all.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockGet {}

/// Shuts all showing of cards in the scope's shop, at once, or asks to lift that: it is lifted
/// when two people have asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockSet {
    /// Shut, or lift.
    pub on: bool,
    /// Whether charges stop, too.
    pub relay: bool,
    /// Why, 3 to 500 characters; not asked when it is lifted.
    pub reason: String,
}

/// Answer to [`BlockGet`] and [`BlockSet`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockAnswer {
    /// Nobody sees a card.
    pub on: bool,
    /// Nobody charges one, either.
    pub relay: bool,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Who has shut: `usr_…`.
    pub set_by: Option<String>,
    /// Who has asked to lift it; a second person must.
    pub lift_asked_by: Option<String>,
    /// Links that this request ended.
    pub cancelled_links: u64,
}

/// Asks for messages that the vault wants sent and has no gateway of its own for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessagesTake {}

/// A message to a viewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultMessage {
    /// Its name; the same message is told again until it is reported as queued.
    pub id: MessageId,
    /// By text message instead of e-mail.
    pub sms: bool,
    /// Address or number.
    pub to: String,
    /// Subject; empty for a text message.
    pub subject: String,
    /// Text.
    pub text: String,
    /// The one link.
    pub link: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Answer to [`MessagesTake`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Messages {
    /// Oldest first, at most 50.
    pub messages: Vec<VaultMessage>,
}

/// Reports messages as queued: the vault wipes them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessagesDone {
    /// Which.
    pub ids: Vec<MessageId>,
}
