//! The chart of accounts: every account money may stand on, and how it behaves.

use std::fmt;
use std::str::FromStr;

use kernel::{
    BookingId, ChargebackId, ContractId, CustomerId, OperationId, PaymentId, PointOfSaleId, ShopId,
};

use crate::LedgerError;

/// An account by its meaning; one with an id exists once per shop, contract or customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Account {
    /// Card money the acquirer or provider owes for one contract.
    PspReceivable(ContractId),
    /// Money held for one shop of the merchant (custody).
    Wallet(ShopId),
    /// What payers owe (debit) or have prepaid (credit).
    Customers,
    /// Deposits received before the invoice.
    DepositsReceived,
    /// A customer's balance in his favour; can never go below zero.
    CreditBalance(CustomerId),
    /// Deposits kept after a late cancellation.
    DepositKept,
    /// What banks took back and merchants contest, under one contract.
    ChargebackOpen(ContractId),
    /// What banks ask for contested sales.
    ChargebackFees,
    /// What was lost by contested sales.
    ChargebackLoss,
    /// What the operator takes for its service.
    OperatorFees,
    /// Money taken or given by other means than through Guichet, at one point of sale.
    Tender(Tender, PointOfSaleId),
}

/// A way in which money changes hands without Guichet.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Tender {
    /// A payment terminal of its own.
    Terminal,
    /// The provider's own desk on the web.
    Processor,
    /// A transfer between banks.
    Bank,
    /// Cash.
    Cash,
    /// A cheque.
    Cheque,
}

impl Tender {
    /// All of them, in the order of forms.
    pub const ALL: [Self; 5] =
        [Self::Terminal, Self::Processor, Self::Bank, Self::Cash, Self::Cheque];

    /// The word stored and used by programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Processor => "processor",
            Self::Bank => "bank",
            Self::Cash => "cash",
            Self::Cheque => "cheque",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tender| tender.as_str() == text)
    }

    /// Number in the French general ledger: the till, cheques, other values to be collected.
    const fn number(self) -> &'static str {
        match self {
            Self::Cash => "530000",
            Self::Cheque => "511200",
            Self::Terminal | Self::Processor | Self::Bank => "511800",
        }
    }
}

/// How an account is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Its balance row is changed in the commit of the posting, within a floor and a ceiling.
    Strict,
    /// Posting touches no shared row; the balance is the sum of the postings.
    Folded,
    /// Folded, and every posting names the open item it belongs to.
    Control,
}

/// What the chart says of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartRow {
    /// Stable code, without the id of the shop, contract or customer.
    pub code: &'static str,
    /// How it is kept.
    pub behaviour: Behaviour,
    /// Highest value of debits less credits (strict accounts).
    pub ceiling: Option<i64>,
    /// Default number in the French general ledger (plan comptable général).
    pub number: &'static str,
}

const fn row(code: &'static str, behaviour: Behaviour, number: &'static str) -> ChartRow {
    ChartRow { code, behaviour, ceiling: None, number }
}

impl Account {
    /// The account's line of the chart.
    #[must_use]
    pub const fn chart(&self) -> ChartRow {
        match self {
            Self::PspReceivable(_) => row("psp_receivable", Behaviour::Control, "511500"),
            Self::Wallet(_) => row("wallet", Behaviour::Folded, "517100"),
            Self::Customers => row("customers", Behaviour::Control, "411000"),
            Self::DepositsReceived => row("deposits_received", Behaviour::Control, "419100"),
            Self::CreditBalance(_) => {
                ChartRow { ceiling: Some(0), ..row("credit_balance", Behaviour::Strict, "419700") }
            }
            Self::DepositKept => row("deposit_kept", Behaviour::Folded, "758300"),
            Self::ChargebackOpen(_) => row("chargeback_open", Behaviour::Control, "416000"),
            Self::ChargebackFees => row("chargeback_fees", Behaviour::Folded, "627850"),
            Self::ChargebackLoss => row("chargeback_loss", Behaviour::Folded, "654000"),
            Self::OperatorFees => row("operator_fees", Behaviour::Folded, "622600"),
            Self::Tender(tender, _) => row("tender", Behaviour::Folded, tender.number()),
        }
    }

    /// The stable code without the id.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.chart().code
    }

    /// The id after the code; empty for accounts that exist once per book.
    #[must_use]
    pub fn sub(&self) -> String {
        match self {
            Self::PspReceivable(id) | Self::ChargebackOpen(id) => id.to_string(),
            Self::Wallet(id) => id.to_string(),
            Self::CreditBalance(id) => id.to_string(),
            Self::Tender(tender, place) => format!("{}:{place}", tender.as_str()),
            Self::Customers
            | Self::DepositsReceived
            | Self::DepositKept
            | Self::ChargebackFees
            | Self::ChargebackLoss
            | Self::OperatorFees => String::new(),
        }
    }

    /// Whether each posting must name an open item.
    #[must_use]
    pub fn has_items(&self) -> bool {
        self.chart().behaviour == Behaviour::Control
    }

    /// Reads code and id as stored.
    ///
    /// # Errors
    /// [`LedgerError::UnknownAccount`] for what is not in the chart.
    pub fn from_parts(code: &str, sub: &str) -> Result<Self, LedgerError> {
        let unknown = || LedgerError::UnknownAccount;
        match code {
            "psp_receivable" => sub.parse().map(Self::PspReceivable).map_err(|_| unknown()),
            "wallet" => sub.parse().map(Self::Wallet).map_err(|_| unknown()),
            "credit_balance" => sub.parse().map(Self::CreditBalance).map_err(|_| unknown()),
            "customers" if sub.is_empty() => Ok(Self::Customers),
            "deposits_received" if sub.is_empty() => Ok(Self::DepositsReceived),
            "deposit_kept" if sub.is_empty() => Ok(Self::DepositKept),
            "chargeback_open" => sub.parse().map(Self::ChargebackOpen).map_err(|_| unknown()),
            "chargeback_fees" if sub.is_empty() => Ok(Self::ChargebackFees),
            "chargeback_loss" if sub.is_empty() => Ok(Self::ChargebackLoss),
            "operator_fees" if sub.is_empty() => Ok(Self::OperatorFees),
            "tender" => {
                let (tender, place) = sub.split_once(':').ok_or_else(unknown)?;
                let tender = Tender::parse(tender).ok_or_else(unknown)?;
                place.parse().map(|place| Self::Tender(tender, place)).map_err(|_| unknown())
            }
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        match self.sub() {
            sub if sub.is_empty() => Ok(()),
            sub => write!(f, ":{sub}"),
        }
    }
}

impl FromStr for Account {
    type Err = LedgerError;
    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let (code, sub) = text.split_once(':').unwrap_or((text, ""));
        Self::from_parts(code, sub)
    }
}

impl serde::Serialize for Account {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Behaviour {
    /// The word stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Folded => "folded",
            Self::Control => "control",
        }
    }
}

/// A thing outside the ledger, by its id and nothing else: names and addresses never enter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct Reference(String);

impl Reference {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) const fn stored(text: String) -> Self {
        Self(text)
    }
}

macro_rules! reference_from {
    ($($id:ty),+) => {$(impl From<$id> for Reference {
        fn from(id: $id) -> Self { Self(id.to_string()) }
    })+};
}
reference_from!(BookingId, PaymentId, OperationId, CustomerId, ChargebackId);

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    #[test]
    fn s_09_accounts_read_back_and_others_are_unknown() {
        let rng = SeededRng::new(9);
        let all = [
            Account::PspReceivable(ContractId::random(&rng)),
            Account::Wallet(ShopId::random(&rng)),
            Account::Customers,
            Account::DepositsReceived,
            Account::CreditBalance(CustomerId::random(&rng)),
            Account::DepositKept,
            Account::ChargebackOpen(ContractId::random(&rng)),
            Account::ChargebackFees,
            Account::ChargebackLoss,
            Account::OperatorFees,
            Account::Tender(Tender::Cash, PointOfSaleId::random(&rng)),
        ];
        for account in all {
            assert_eq!(account.to_string().parse::<Account>().unwrap(), account);
        }
        for text in ["cash", "tender:cash", "wallet", "wallet:shop_1", "customers:x", ""] {
            assert!(matches!(text.parse::<Account>(), Err(LedgerError::UnknownAccount)), "{text}");
        }
    }
}
