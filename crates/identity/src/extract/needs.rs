//! One type per right, so that the right a handler needs is part of its signature.

use kernel::Right;

/// What a handler needs.
pub trait Need: Send + Sync + 'static {
    /// The right; none when being known is enough.
    const RIGHT: Option<Right>;
}

/// Any key or session will do.
#[derive(Debug, Clone, Copy)]
pub struct Known;

impl Need for Known {
    const RIGHT: Option<Right> = None;
}

/// Declares a type for each right named.
macro_rules! needs {
    ($($right:ident),+ $(,)?) => {
        $(
            #[doc = concat!("Needs the right [`Right::", stringify!($right), "`].")]
            #[derive(Debug, Clone, Copy)]
            pub struct $right;

            impl Need for $right {
                const RIGHT: Option<Right> = Some(Right::$right);
            }
        )+

        /// The rights that have a type here.
        pub const ALL: &[Right] = &[$(Right::$right),+];
    };
}

needs! {
    HomeView,
    BookingView,
    BookingEdit,
    BookingCancel,
    BookingPastOverride,
    HoldRelease,
    PlanningEdit,
    CatalogueEdit,
    CounterSell,
    CounterTill,
    AccessScan,
    AccessUndo,
    AccessManage,
    PaymentsRead,
    PaymentsCreate,
    PaymentsValidate,
    PaymentsModify,
    PaymentsCapture,
    PaymentsCancel,
    PaymentsRefund,
    PaymentsDuplicate,
    PaymentsForce,
    PaymentsResolve,
    PaymentsExport,
    SchedulesManage,
    BatchesSend,
    JournalsRead,
    RemittancesRead,
    RemittancesClose,
    ChargebackManage,
    CardView,
    CardUse,
    CardEnter,
    CardManage,
    CardReveal,
    CardDelete,
    CardSettings,
    CardApprove,
    CardRequest,
    CardRetention,
    CustomersView,
    CustomersManage,
    CustomersLimits,
    VouchersManage,
    PromoManage,
    MoneyRead,
    PayoutRequest,
    PayoutRelease,
    PayoutForce,
    BankAccountChange,
    StatementImport,
    Reconcile,
    ReconcileWriteOff,
    LedgerAdjust,
    LedgerLock,
    DocumentsIssue,
    ExportAccounting,
    RiskRead,
    RiskManage,
    DistributionManage,
    PageManage,
    MethodsManage,
    NotificationsManage,
    NotificationsResend,
    SettingsManage,
    UsersManage,
    KeysManage,
    ClockMove,
    AuditRead,
    ArchiveRead,
    VaultOperator,
    PlatformManage,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_of_the_catalogue_has_a_type() {
        assert_eq!(ALL, Right::ALL);
    }
}
