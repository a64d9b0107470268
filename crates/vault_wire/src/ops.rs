//! What the app may ask of the vault, one type per question.
//!
//! Rule of this file: no answer has a field that could carry a number or a security code. The
//! one free text that comes from outside, the relay's answer, is scanned by the vault first.

use std::collections::BTreeMap;

use kernel::{BookingId, CardToken, Date, MerchantId, Mode, Scope, ShopId, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::audit::{
    Audit, AuditGet, Inventory, InventoryGet, LogsVerified, LogsVerify, Pages, PagesGet,
};
use crate::backup::{BackupCheck, BackupMade, BackupMake, BackupState};
use crate::bins::{Bin, BinBegin, BinBegun, BinImport, BinLines, BinLookup, BinReport};
use crate::capture::{CaptureCreate, CaptureCreated, CaptureRedeem, Redeemed};
use crate::changing::{CardList, CardPatch, CardsDestroy, Destruction, DestructionGet};
use crate::clock::{ClockAccept, ClockGet, ClockTold};
use crate::figures::{Figures, FiguresGet};
use crate::guards::{LinkApprove, LinkWaiting, LinksWaiting, PeoplePut};
use crate::keeping::{
    BookingCards, CardExtend, CardKept, CardNeed, CardOfBooking, CardsDue, CardsListed, StayCards,
    StayPut,
};
use crate::log::{
    CardLife, Checkpoint, LogCheckpoint, LogConsistency, LogEntries, LogInclusion, LogOfCard,
    LogPage, LogProof, LogVerified, LogVerify, Receipts, ReceiptsList,
};
use crate::news::{News, NewsGet};
use crate::partner::{
    Grant, GrantEnd, GrantList, GrantPut, Grants, Partner, PartnerDecide, PartnerGet,
    PartnerKeyEnd, PartnerKeyMade, PartnerKeyMake, PartnerList, Partners,
};
use crate::proxy::{ProfileAdd, ProfileAdded, ProfileList, Profiles};
use crate::reveal::{
    BlockAnswer, BlockGet, BlockSet, CardSettingsAnswer, CardSettingsGet, CardSettingsPut,
    LinkAnswer, LinkCancel, LinkCreate, LinkCreated, LinkGet, Messages, MessagesDone, MessagesTake,
    PinChange, PinPage, ViewerAnswer, ViewerConfirm, ViewerEnrol, ViewerGet, ViewerList,
    ViewerRevoke, ViewersListed,
};
use crate::rotation::{Rotate, Rotated};
use crate::sealing::{Seal, SealState, Unseal, UnsealPin, UnsealShare, Unsealing};
use crate::shred::{ShredCard, ShredDrill, ShredDrilled, ShredOfCard};
use crate::{Brand, Card, CodeStatus};

/// One question with the shape of its answer.
pub trait Operation: Serialize + Send + Sync {
    /// Its name on the wire.
    const OP: &'static str;
    /// What comes back.
    type Answer: DeserializeOwned + Send;
}

/// Declares which answer belongs to which question.
macro_rules! operations {
    ($($question:ty => $op:literal, $answer:ty;)+) => {$(
        impl Operation for $question {
            const OP: &'static str = $op;
            type Answer = $answer;
        }
    )+};
}

operations! {
    Hello => "hello", Welcome;
    Health => "health", Healthy;
    Seal => "seal", Done;
    Unseal => "unseal", Done;
    UnsealShare => "unseal.share", Unsealing;
    UnsealPin => "unseal.pin", Done;
    ClockSet => "clock.set", Done;
    ShopPut => "shop.put", Done;
    SettingsGet => "settings.get", ShopPut;
    CaptureCreate => "capture.create", CaptureCreated;
    CaptureRedeem => "capture.redeem", Redeemed;
    CardGet => "card.get", Card;
    CardDelete => "card.delete", Done;
    CardList => "card.list", CardsListed;
    CardPatch => "card.patch", Card;
    CardsDestroy => "card.destroy_all", Destruction;
    DestructionGet => "card.destruction", Destruction;
    CardAttach => "card.attach", Card;
    CardKept => "card.kept", CardOfBooking;
    CardsDue => "card.due", CardsListed;
    CardNeed => "card.need", Card;
    CardExtend => "card.extend", Card;
    BookingCards => "booking.cards", CardsListed;
    StayPut => "booking.stay", StayCards;
    CodeState => "code.state", CodeStateAnswer;
    RelayCall => "relay.call", Relayed;
    BinLookup => "bin.lookup", Bin;
    BinBegin => "bin.begin", BinBegun;
    BinLines => "bin.lines", Done;
    BinImport => "bin.import", BinReport;
    Stats => "stats", StatsAnswer;
    FiguresGet => "figures.get", Figures;
    NewsGet => "news", News;
    CardSettingsGet => "card_settings.get", CardSettingsAnswer;
    CardSettingsPut => "card_settings.put", CardSettingsAnswer;
    ViewerEnrol => "viewer.enrol", ViewerAnswer;
    PinChange => "viewer.change", PinPage;
    ViewerGet => "viewer.get", ViewerAnswer;
    ViewerConfirm => "viewer.confirm", ViewerAnswer;
    ViewerList => "viewer.list", ViewersListed;
    ViewerRevoke => "viewer.revoke", Done;
    LinkCreate => "link.create", LinkCreated;
    LinkGet => "link.get", LinkAnswer;
    LinkCancel => "link.cancel", LinkAnswer;
    LinkWaiting => "link.waiting", LinksWaiting;
    LinkApprove => "link.approve", LinkAnswer;
    PeoplePut => "people.put", Done;
    BlockGet => "block.get", BlockAnswer;
    BlockSet => "block.set", BlockAnswer;
    MessagesTake => "messages.take", Messages;
    MessagesDone => "messages.done", Done;
    LogCheckpoint => "log.checkpoint", Checkpoint;
    LogEntries => "log.entries", LogPage;
    LogOfCard => "log.card", CardLife;
    LogInclusion => "log.inclusion", LogProof;
    LogConsistency => "log.consistency", LogProof;
    LogVerify => "log.verify", LogVerified;
    ReceiptsList => "receipts.list", Receipts;
    ShredDrill => "shred.drill", ShredDrilled;
    ShredCard => "shred.card", ShredOfCard;
    Rotate => "rotate", Rotated;
    ClockGet => "clock.get", ClockTold;
    ClockAccept => "clock.accept", ClockTold;
    BackupMake => "backup.make", BackupMade;
    BackupCheck => "backup.check", BackupState;
    PartnerList => "partner.list", Partners;
    PartnerGet => "partner.get", Partner;
    PartnerDecide => "partner.decide", Partner;
    PartnerKeyMake => "partner.key_make", PartnerKeyMade;
    PartnerKeyEnd => "partner.key_end", Partner;
    GrantPut => "grant.put", Grant;
    GrantEnd => "grant.end", Done;
    GrantList => "grant.list", Grants;
    ProfileAdd => "profile.add", ProfileAdded;
    ProfileList => "profile.list", Profiles;
    InventoryGet => "audit.inventory", Inventory;
    PagesGet => "audit.pages", Pages;
    AuditGet => "audit.pci", Audit;
    LogsVerify => "audit.logs", LogsVerified;
}

/// On whose behalf a request is made. The vault checks what matters for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireScope {
    /// Whose cards.
    pub merchant: MerchantId,
    /// In which shop.
    pub shop: ShopId,
    /// Who acts: `usr_…`, `key_…`, `payer` or `clock`.
    pub user: String,
    /// Rights of the actor.
    pub rights: Vec<String>,
    /// When a second factor was last given.
    pub mfa_at: Option<Timestamp>,
}

impl WireScope {
    /// The wire form of a scope, in one shop.
    #[must_use]
    pub fn of(scope: &Scope, shop: ShopId) -> Self {
        Self {
            merchant: scope.merchant(),
            shop,
            user: scope.actor().text(),
            rights: scope.rights().iter().map(|right| right.as_str().to_owned()).collect(),
            mfa_at: None,
        }
    }

    /// The house itself (jobs, wiring), in one shop of a merchant.
    #[must_use]
    pub fn of_house(merchant: MerchantId, shop: ShopId) -> Self {
        Self { merchant, shop, user: "clock".into(), rights: Vec::new(), mfa_at: None }
    }
}

/// Done, nothing to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}

/// First question on a connection: which versions of the envelope both sides speak.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// Versions the app speaks.
    pub versions: Vec<u32>,
}

/// Answer to [`Hello`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The version chosen.
    pub v: u32,
    /// Origin of the vault's pages.
    pub origin: String,
    /// What the sandbox of the process lacks; empty when it is whole.
    pub sandbox_missing: Vec<String>,
    /// Only of a vault that is sealed.
    #[serde(default)]
    pub sealed: Option<SealState>,
}

/// Is it there and open?
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {}

/// Answer to [`Health`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Healthy {
    /// `ok` or `sealed`.
    pub status: String,
}

/// Sets the clock of a test shop; live shops are refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockSet {
    /// The shop whose clock it is.
    pub shop: ShopId,
    /// The instant it shows, or nothing for real time.
    pub now: Option<Timestamp>,
    /// Whether it runs on from there or stands still.
    #[serde(default)]
    pub pace: Pace,
}

/// How a test clock goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Stands still.
    #[default]
    Frozen,
    /// Runs with real time.
    Running,
}

/// Tells the vault of a shop, or changes what it knows of it. Also the answer of `settings.get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopPut {
    /// Whose shop.
    pub merchant: MerchantId,
    /// The shop.
    pub shop: ShopId,
    /// Live or test.
    pub mode: Mode,
    /// IANA name of the zone in which its days begin and end.
    pub zone: String,
    /// Its name, as a guest reads it.
    pub name: String,
    /// Brands it takes; at least one.
    pub brands: Vec<Brand>,
    /// Origins it may send guests back to: `https://example.org`, or `http://127.0.0.1:*` for
    /// any port of a loopback address in test mode.
    pub origins: Vec<String>,
    /// Days after check-out during which a card stays, 0 to 7.
    pub retention_days: u8,
    /// Days after a cancellation, 0 to 7.
    pub cancel_retention_days: u8,
    /// Keys of the vault's own API.
    pub vault_keys: Vec<VaultKey>,
    /// How its card pages look.
    #[serde(default)]
    pub look: ShopLook,
}

/// The accent and logo of a shop's card pages; nothing is the house's own look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopLook {
    /// The accent chosen, `#rrggbb`; the vault makes it readable as the app does.
    #[serde(default)]
    pub accent: Option<String>,
    /// The logo.
    #[serde(default)]
    pub logo: Option<ShopLogo>,
}

/// A logo, encoded by the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopLogo {
    /// PNG in Base64 (RFC 4648, section 4), at most 192 KiB of text.
    pub png: String,
    /// Its width on a page, in CSS pixels.
    pub width: u32,
    /// Its height on a page, in CSS pixels.
    pub height: u32,
}

/// A key of the vault's own API, and from where it may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultKey {
    /// SHA-256 of the whole key text, 64 hexadecimal digits.
    pub hash: String,
    /// Addresses or networks, such as `192.0.2.0/24`; none means no call works.
    pub ips: Vec<String>,
}

/// What the vault knows of the scope's shop.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsGet {}

/// One card of the scope's merchant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardGet {
    /// Which.
    pub card: CardToken,
}

/// Destroys a card.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardDelete {
    /// Which.
    pub card: CardToken,
}

/// Gives a card to a booking and sets its last day; repeated when the dates move.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardAttach {
    /// Which.
    pub card: CardToken,
    /// Whose.
    pub booking: BookingId,
    /// Local day of departure.
    pub check_out: Date,
    /// Local day of cancellation.
    #[serde(default)]
    pub cancelled_on: Option<Date>,
}

/// Is a security code at hand?
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeState {
    /// Of which card.
    pub card: CardToken,
}

/// Answer to [`CodeState`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeStateAnswer {
    /// Where it stands.
    pub status: CodeStatus,
}

/// Fills a card into a template of the release and sends it to the template's host.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayCall {
    /// Name of the template, such as `sandbox.authorise`.
    pub template: String,
    /// The card.
    pub card: CardToken,
    /// Arguments of the template; each has a type.
    pub args: BTreeMap<String, Value>,
    /// Whether the security code goes along, if the vault still has it.
    pub use_code: bool,
    /// Whether a later call of the same attempt takes it along, such as the authorisation after an
    /// authentication: a code that was typed and is lost is asked for again before either is sent.
    #[serde(default)]
    pub code_follows: bool,
    /// Names the attempt: the same name is never sent twice while the vault lives.
    pub idempotency: String,
}

/// What became of the code in a relay call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelayCode {
    /// There was none, or it was not to be used.
    None,
    /// Still held.
    Kept,
    /// Destroyed by this answer.
    Destroyed,
}

/// Answer to [`RelayCall`]: the host answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relayed {
    /// Name of this attempt in the vault's log.
    pub attempt: String,
    /// Always true here; refusals before sending are errors with code other than `relay_unknown`.
    pub sent: bool,
    /// Status of the host's answer.
    pub http_status: u16,
    /// Its headers (content type only).
    pub headers: BTreeMap<String, String>,
    /// Its body, scanned for card numbers, in base64.
    pub body_b64: String,
    /// What became of the code.
    pub code: RelayCode,
    /// Milliseconds between sending and answer.
    pub ms: u64,
}

/// Counts, without any card data.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stats {}

/// Answer to [`Stats`], for the scope's merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatsAnswer {
    /// Cards held.
    pub cards: u64,
    /// Security codes in memory, of all merchants.
    pub codes: u64,
    /// Cards past their date and not yet destroyed.
    pub due_cards: u64,
}
