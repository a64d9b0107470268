//! Roles as data: the presets every merchant starts with, as copies he may edit.

use kernel::Right;
use kernel::Right::{
    AccessManage, AccessScan, AccessUndo, ArchiveRead, AuditRead, BookingCancel, BookingEdit,
    BookingView, CardEnter, CardRequest, CardUse, CardView, CatalogueEdit, ClockMove, CounterSell,
    CounterTill, CustomersManage, CustomersView, DistributionManage, DocumentsIssue,
    ExportAccounting, HoldRelease, HomeView, JournalsRead, KeysManage, MoneyRead,
    NotificationsManage, PageManage, PaymentsCancel, PaymentsCreate, PaymentsExport, PaymentsRead,
    PaymentsRefund, PaymentsValidate, PayoutForce, PayoutRequest, PlanningEdit, PlatformManage,
    PromoManage, Reconcile, RemittancesRead, SettingsManage, StatementImport, UsersManage,
    VaultOperator, VouchersManage,
};

/// A named set of rights to start from.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Name in data and API; its label is the message `role-{name}`.
    pub name: &'static str,
    rights: Rights,
}

#[derive(Debug, Clone, Copy)]
enum Rights {
    Only(&'static [Right]),
    AllBut(&'static [Right]),
}

impl Preset {
    /// The rights of the preset, in the order of the catalogue.
    #[must_use]
    pub fn rights(&self) -> Vec<Right> {
        let holds = |right: &Right| match self.rights {
            Rights::Only(list) => list.contains(right),
            Rights::AllBut(list) => !list.contains(right),
        };
        Right::ALL.iter().copied().filter(holds).collect()
    }
}

/// The preset of this name.
#[must_use]
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// Role of the person who owns the business.
pub const OWNER: &str = "owner";
/// Role of the front desk of a hotel.
pub const RECEPTION: &str = "reception";

/// What every merchant starts with.
pub const PRESETS: &[Preset] = &[
    Preset { name: OWNER, rights: Rights::AllBut(&[VaultOperator, PlatformManage, PayoutForce]) },
    Preset {
        name: RECEPTION,
        rights: Rights::Only(&[
            HomeView,
            BookingView,
            BookingEdit,
            BookingCancel,
            HoldRelease,
            PlanningEdit,
            CounterSell,
            PaymentsRead,
            PaymentsCreate,
            PaymentsValidate,
            PaymentsCancel,
            PaymentsRefund,
            CardView,
            CardUse,
            CardEnter,
            CardRequest,
            CustomersView,
            CustomersManage,
        ]),
    },
    Preset {
        name: "desk",
        rights: Rights::Only(&[
            HomeView,
            BookingView,
            BookingEdit,
            CounterSell,
            CounterTill,
            AccessScan,
            PaymentsRead,
            PaymentsRefund,
            CustomersView,
        ]),
    },
    Preset { name: "controller", rights: Rights::Only(&[AccessScan]) },
    Preset {
        name: "activity",
        rights: Rights::Only(&[
            HomeView,
            BookingView,
            BookingEdit,
            BookingCancel,
            PlanningEdit,
            CatalogueEdit,
            CounterSell,
            AccessScan,
            AccessUndo,
            AccessManage,
            PaymentsRead,
            PaymentsRefund,
            CustomersView,
            CustomersManage,
            VouchersManage,
            PromoManage,
            MoneyRead,
            PayoutRequest,
            PaymentsExport,
        ]),
    },
    Preset {
        name: "distributor",
        rights: Rights::Only(&[
            HomeView,
            BookingView,
            BookingEdit,
            BookingCancel,
            CounterSell,
            PaymentsRead,
            PaymentsCreate,
            PaymentsRefund,
            CustomersView,
            CustomersManage,
            MoneyRead,
            DistributionManage,
            PaymentsExport,
        ]),
    },
    Preset {
        name: "accountant",
        rights: Rights::Only(&[
            PaymentsRead,
            PaymentsExport,
            RemittancesRead,
            MoneyRead,
            StatementImport,
            Reconcile,
            JournalsRead,
            ExportAccounting,
            AuditRead,
            ArchiveRead,
        ]),
    },
    Preset {
        name: "treasurer",
        rights: Rights::Only(&[
            HomeView,
            CounterSell,
            CounterTill,
            PaymentsRead,
            RemittancesRead,
            MoneyRead,
            StatementImport,
            Reconcile,
            DocumentsIssue,
            ExportAccounting,
        ]),
    },
    Preset {
        name: "integrator",
        rights: Rights::Only(&[
            HomeView,
            DistributionManage,
            PageManage,
            KeysManage,
            NotificationsManage,
            ClockMove,
        ]),
    },
    Preset {
        name: "admin",
        rights: Rights::Only(&[
            PlatformManage,
            UsersManage,
            SettingsManage,
            KeysManage,
            AuditRead,
            PayoutForce,
        ]),
    },
    Preset { name: "vault_operator", rights: Rights::Only(&[VaultOperator]) },
];

/// Reads a list of rights from data; the first word that is no right is given back as the fault,
/// with its place in the list.
///
/// # Errors
/// [`UnknownRight`] names the place.
pub fn parse_rights<'a>(
    words: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Right>, UnknownRight> {
    words
        .into_iter()
        .enumerate()
        .map(|(place, word)| Right::parse(word).ok_or(UnknownRight { place }))
        .collect()
}

/// The words of the rights, as stored.
#[must_use]
pub fn to_json(rights: &[Right]) -> String {
    let words: Vec<&str> = rights.iter().map(|right| right.as_str()).collect();
    serde_json::Value::from(words).to_string()
}

/// Reads stored rights; a word that the catalogue no longer has gives nothing.
#[must_use]
pub fn from_json(text: &str) -> Option<Vec<Right>> {
    let words: Vec<String> = serde_json::from_str(text).ok()?;
    Some(words.iter().filter_map(|word| Right::parse(word)).collect())
}

/// A word that is no right of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no right of the catalogue at place {place}")]
pub struct UnknownRight {
    /// Place in the list, from 0.
    pub place: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_04_presets_hold_what_the_role_needs_and_no_more() {
        let owner = preset(OWNER).unwrap().rights();
        assert_eq!(owner.len(), Right::ALL.len() - 3);
        assert!(owner.contains(&Right::CardReveal));
        for other in PRESETS.iter().filter(|preset| preset.name != OWNER) {
            assert!(!other.rights().contains(&Right::CardReveal), "{}", other.name);
        }
        let reception = preset(RECEPTION).unwrap().rights();
        assert!(reception.contains(&Right::PaymentsRefund));
        assert!(!reception.contains(&Right::UsersManage));
        assert!(preset("king").is_none());
    }

    #[test]
    fn u_02_an_unknown_right_is_refused_with_its_place() {
        assert_eq!(parse_rights(["payments.read"]), Ok(vec![Right::PaymentsRead]));
        assert_eq!(parse_rights(["payments.read", "all"]), Err(UnknownRight { place: 1 }));
    }
}
