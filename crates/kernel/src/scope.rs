//! Whose data may be touched, and by whom: the proof every store function asks for.

use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, MerchantId, UserId};

/// Whether money is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Real money.
    Live,
    /// Simulated bank, test numbers only.
    Test,
}

impl Mode {
    /// The word stored and shown in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "live" => Some(Self::Live),
            "test" => Some(Self::Test),
            _ => None,
        }
    }
}

/// Declares the catalogue of rights; a right outside it does not compile.
macro_rules! rights {
    ($($name:ident => $text:literal),+ $(,)?) => {
        /// A right of the catalogue, `noun.verb`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Right {
            $(#[doc = concat!("`", $text, "`")] $name),+
        }

        impl Right {
            /// All rights there are.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word used in roles, pages and API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// Reads a word of the catalogue.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

rights! {
    HomeView => "home.view",
    BookingView => "booking.view",
    BookingEdit => "booking.edit",
    BookingCancel => "booking.cancel",
    BookingPastOverride => "booking.past.override",
    HoldRelease => "hold.release",
    PlanningEdit => "planning.edit",
    CatalogueEdit => "catalogue.edit",
    CounterSell => "counter.sell",
    CounterTill => "counter.till",
    AccessScan => "access.scan",
    AccessUndo => "access.undo",
    AccessManage => "access.manage",
    PaymentsRead => "payments.read",
    PaymentsCreate => "payments.create",
    PaymentsValidate => "payments.validate",
    PaymentsModify => "payments.modify",
    PaymentsCapture => "payments.capture",
    PaymentsCancel => "payments.cancel",
    PaymentsRefund => "payments.refund",
    PaymentsDuplicate => "payments.duplicate",
    PaymentsForce => "payments.force",
    PaymentsResolve => "payments.resolve",
    PaymentsExport => "payments.export",
    SchedulesManage => "schedules.manage",
    BatchesSend => "batches.send",
    JournalsRead => "journals.read",
    RemittancesRead => "remittances.read",
    RemittancesClose => "remittances.close",
    ChargebackManage => "chargeback.manage",
    CardView => "card.view",
    CardUse => "card.use",
    CardEnter => "card.enter",
    CardManage => "card.manage",
    CardReveal => "card.reveal",
    CardDelete => "card.delete",
    CardSettings => "card.settings",
    CardApprove => "card.approve",
    CardRequest => "card.request",
    CardRetention => "card.retention",
    CustomersView => "customers.view",
    CustomersManage => "customers.manage",
    CustomersLimits => "customers.limits",
    VouchersManage => "vouchers.manage",
    PromoManage => "promo.manage",
    MoneyRead => "money.read",
    PayoutRequest => "payout.request",
    PayoutRelease => "payout.release",
    PayoutForce => "payout.force",
    BankAccountChange => "bank_account.change",
    StatementImport => "statement.import",
    Reconcile => "reconcile",
    ReconcileWriteOff => "reconcile.write_off",
    LedgerAdjust => "ledger.adjust",
    LedgerLock => "ledger.lock",
    DocumentsIssue => "documents.issue",
    ExportAccounting => "export.accounting",
    RiskRead => "risk.read",
    RiskManage => "risk.manage",
    DistributionManage => "distribution.manage",
    PageManage => "page.manage",
    MethodsManage => "methods.manage",
    NotificationsManage => "notifications.manage",
    NotificationsResend => "notifications.resend",
    SettingsManage => "settings.manage",
    UsersManage => "users.manage",
    KeysManage => "keys.manage",
    ClockMove => "clock.move",
    AuditRead => "audit.read",
    ArchiveRead => "archive.read",
    VaultOperator => "vault.operator",
    PlatformManage => "platform.manage",
}

/// Who acts; stored with every operation and audit line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A member of staff.
    User(UserId),
    /// A program with a key.
    ApiKey(ApiKeyId),
    /// The person paying, known by the token of a page.
    Payer,
    /// The clock: jobs, sweepers.
    Clock,
}

impl Actor {
    /// `usr_…`, `key_…`, `payer` or `clock`.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::User(id) => id.to_string(),
            Self::ApiKey(id) => id.to_string(),
            Self::Payer => "payer".into(),
            Self::Clock => "clock".into(),
        }
    }

    /// Through which door he acts: `desk`, `api`, `page` or `clock`.
    #[must_use]
    pub const fn door(&self) -> &'static str {
        match self {
            Self::User(_) => "desk",
            Self::ApiKey(_) => "api",
            Self::Payer => "page",
            Self::Clock => "clock",
        }
    }
}

/// One merchant, one mode, one actor and his rights.
#[derive(Debug, Clone)]
pub struct Scope {
    merchant: MerchantId,
    mode: Mode,
    actor: Actor,
    rights: Vec<Right>,
}

impl Scope {
    /// Called by the crate `identity` alone, after it has checked a session, a key, a page token
    /// or a job of the house (`xtask tidy` looks for other callers).
    #[must_use]
    pub const fn granted_by_identity(
        merchant: MerchantId,
        mode: Mode,
        actor: Actor,
        rights: Vec<Right>,
    ) -> Self {
        Self { merchant, mode, actor, rights }
    }

    /// The merchant whose rows may be touched.
    #[must_use]
    pub const fn merchant(&self) -> MerchantId {
        self.merchant
    }

    /// Live or test.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The rights of the actor.
    #[must_use]
    pub fn rights(&self) -> &[Right] {
        &self.rights
    }

    /// Whether the actor holds a right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}
