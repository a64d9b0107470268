//! The words of the business, with no input or output.
//!
//! Every other crate speaks in these types: [`Money`] that can only be added with a check,
//! ids that carry what they name, [`Timestamp`]s that come from outside, a [`Scope`] that
//! proves whose data may be touched, a [`Problem`] that says what went wrong and the cure.

pub mod card_text;
pub mod contact;
pub mod format;
pub mod id;
pub mod locale;
pub mod money;
pub mod problem;
pub mod rng;
pub mod scope;
pub mod secret;
pub mod target;
pub mod time;

pub use contact::Email;
pub use id::Id;
pub use locale::Locale;
pub use money::{Currency, Money};
pub use problem::{FieldError, Invariant, Problem};
pub use rng::Rng;
pub use scope::{Actor, Mode, Right, Scope};
pub use secret::Secret;
pub use time::{Clock, Date, Timestamp, Zone};

id::prefixed_ids! {
    /// A legal entity that sells.
    MerchantId => "mer",
    /// A point of acceptance with contracts and keys.
    ShopId => "shop",
    /// A channel of sale of a shop.
    PointOfSaleId => "pos",
    /// A member of staff.
    UserId => "usr",
    /// A key of the API.
    ApiKeyId => "key",
    /// A card in the vault, by its outside name.
    CardToken => "card",
    /// One capture of a card on the vault's page.
    CaptureId => "cap",
    /// A person who may see card numbers of one shop.
    ViewerId => "vwr",
    /// An address under which one person sees one card once.
    RevealLinkId => "rvl",
    /// A software vendor that speaks with the vault's own API.
    PartnerId => "ptn",
    /// How the messages of one sales channel are read.
    ProxyProfileId => "prf",
    /// One intent to collect an amount.
    PaymentId => "pay",
    /// A request to do what is above somebody's ceiling.
    ApprovalId => "apr",
    /// A sale that its payer contests at his bank.
    ChargebackId => "cbk",
    /// One authorise, capture, void, refund…
    OperationId => "op",
    /// An acquirer contract.
    ContractId => "ctr",
    /// A configuration of a connector for one shop.
    ConnectorAccountId => "cna",
    /// An account of the ledger.
    LedgerAccountId => "lac",
    /// A transaction of the ledger.
    LedgerTxId => "ltx",
    /// A temporary block of stock.
    HoldId => "hld",
    /// A basket.
    CartId => "crt",
    /// A booking (dossier).
    BookingId => "bkg",
    /// A guest asked to give a card for his stay.
    CardRequestId => "crq",
    /// The holder of a card asked to let his bank confirm a charge.
    AuthenticationLinkId => "atl",
    /// A lodging type.
    LodgingId => "ldg",
    /// A formula of a lodging.
    FormulaId => "fml",
    /// A tariff entry of a lodging.
    TariffId => "trf",
    /// A photo of a lodging.
    PhotoId => "pho",
    /// A person who buys.
    CustomerId => "cus",
    /// An event of the outbox.
    EventId => "evt",
    /// A job of the queue.
    JobId => "job",
    /// A mail or text message.
    MessageId => "msg",
    /// A line of the audit journal.
    AuditId => "aud",
    /// An address of the merchant's own programs that events are sent to.
    WebhookEndpointId => "whe",
    /// One event on its way to one endpoint.
    DeliveryId => "dlv",
    /// A rule that says who is told of what.
    RuleId => "rul",
    /// A check of a kept card with its issuer.
    VerificationId => "vrf",
}
