//! What a ledger transaction is, before it is written: pure, and never unbalanced.

use std::fmt::Write as _;

use aws_lc_rs::digest;
use kernel::money::MAX_MINOR;
use kernel::{Currency, Date, LedgerTxId, Money, Timestamp};

use super::chart::{Account, Reference};
use crate::LedgerError;

/// Left or right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub enum Side {
    /// Left.
    #[serde(rename = "D")]
    Debit,
    /// Right.
    #[serde(rename = "C")]
    Credit,
}

/// Whether a line has happened or reserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// It has happened.
    Posted,
    /// It reserves, or gives a reserve back.
    Pending,
}

/// Declares words stored in a column, with the way back.
macro_rules! stored_words {
    ($name:ident { $($variant:ident => $text:literal),+ $(,)? }) => {
        impl $name {
            /// The word stored.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Reads a stored word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

stored_words!(Side { Debit => "D", Credit => "C" });
stored_words!(Layer { Posted => "posted", Pending => "pending" });

impl Side {
    /// The other side.
    #[must_use]
    pub const fn swapped(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }
}

/// The money event a transaction records; what is not listed cannot be posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Money taken from a payer.
    Capture,
    /// The operator's fee, taken from the wallet.
    FeeNet,
    /// That fee given back.
    FeeReturned,
    /// Money going back to a payer.
    Refund,
    /// Money that went back to a payer by other means than through Guichet.
    RefundOutside,
    /// A deposit set against what the payer owes.
    DepositApplied,
    /// A deposit kept by the merchant.
    DepositKept,
    /// A deposit given back.
    DepositReturned,
    /// A credit given to a customer.
    CreditGranted,
    /// That credit used.
    CreditUsed,
    /// A sale contested: the bank took its money back.
    ChargebackOpened,
    /// What the bank asks for it.
    ChargebackFee,
    /// The bank gave the money back.
    ChargebackWon,
    /// The bank keeps it with the payer.
    ChargebackLost,
    /// The bank gave back what had been lost.
    ChargebackRecovered,
    /// The mirror image of an earlier transaction.
    Reversal,
    /// A reserve that became a fact.
    PendingPost,
    /// A reserve given up.
    PendingVoid,
    /// A reserve whose time is over.
    PendingExpire,
}

stored_words!(Kind {
    Capture => "capture",
    FeeNet => "fee.net",
    FeeReturned => "fee.returned",
    Refund => "refund",
    RefundOutside => "refund.outside",
    DepositApplied => "deposit.applied",
    DepositKept => "deposit.kept",
    DepositReturned => "deposit.returned",
    CreditGranted => "credit.granted",
    CreditUsed => "credit.used",
    ChargebackOpened => "chargeback.opened",
    ChargebackFee => "chargeback.fee",
    ChargebackWon => "chargeback.won",
    ChargebackLost => "chargeback.lost",
    ChargebackRecovered => "chargeback.recovered",
    Reversal => "reversal",
    PendingPost => "pending.post",
    PendingVoid => "pending.void",
    PendingExpire => "pending.expire",
});

/// Where a reserve stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingState {
    /// It reserves.
    Open,
    /// It became a fact.
    Posted,
    /// It was given up.
    Voided,
    /// Its time ran out.
    Expired,
}

stored_words!(PendingState {
    Open => "open",
    Posted => "posted",
    Voided => "voided",
    Expired => "expired",
});

/// One posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The account.
    pub account: Account,
    /// The open item, or the operation the line belongs to.
    pub item: Option<Reference>,
    /// Debit or credit.
    pub side: Side,
    /// Minor units, above zero.
    pub amount: i64,
    /// Fact or reserve.
    pub layer: Layer,
}

/// An earlier transaction this one answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Its mirror image.
    Reverses(LedgerTxId),
    /// The end of its reserve, and the kind of money event that was reserved.
    Resolves(LedgerTxId, Kind),
}

/// What the pending lines of a transaction do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// They reserve.
    Reserve,
    /// They give a reserve back: a line on one side undoes one on the other.
    GiveBack,
}

/// What every template says beside its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The money event.
    pub kind: Kind,
    /// Name of the business event, made before the call; the same name has one effect.
    pub request: String,
    /// The order, booking or payment.
    pub business: Reference,
    /// Business date of the event in the merchant's zone.
    pub on: Date,
}

/// A transaction ready to be written: two lines or more, debits equal to credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    head: Head,
    currency: Currency,
    lines: Vec<Line>,
    link: Option<Link>,
    reason: Option<String>,
    expires_at: Option<Timestamp>,
}

impl Draft {
    /// Moves `amount` from the credited to the debited account; nothing for nothing.
    pub(super) fn transfer(
        head: Head,
        debit: (Account, Reference),
        credit: (Account, Reference),
        amount: Money,
        layer: Layer,
    ) -> Result<Option<Self>, LedgerError> {
        if amount.is_zero() {
            return Ok(None);
        }
        let line = |(account, item), side| Line {
            account,
            item: Some(item),
            side,
            amount: amount.minor(),
            layer,
        };
        let lines = vec![line(debit, Side::Debit), line(credit, Side::Credit)];
        Self::balanced(head, amount.currency(), lines).map(Some)
    }

    /// A transaction of these lines.
    pub(super) fn balanced(
        head: Head,
        currency: Currency,
        lines: Vec<Line>,
    ) -> Result<Self, LedgerError> {
        if lines.iter().any(|line| !(1..=MAX_MINOR).contains(&line.amount)) {
            return Err(LedgerError::AmountRange);
        }
        kernel::ensure!(lines.len() >= 2)?;
        kernel::ensure!(is_balanced(&lines))?;
        kernel::ensure!(lines.iter().all(|line| line.item.is_some() || !line.account.has_items()))?;
        Ok(Self { head, currency, lines, link: None, reason: None, expires_at: None })
    }

    pub(super) fn linked(mut self, link: Link) -> Self {
        self.link = Some(link);
        self
    }

    pub(super) fn because(mut self, reason: String) -> Self {
        self.reason = Some(reason);
        self
    }

    pub(super) fn expiring(mut self, at: Timestamp) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// Kind, request, business and date.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// The one currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The postings, in order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The earlier transaction it answers to.
    #[must_use]
    pub const fn link(&self) -> Option<Link> {
        self.link
    }

    /// Why, for corrections.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// When its reserve runs out.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// What its pending lines do, if it has any.
    #[must_use]
    pub const fn pending(&self) -> Pending {
        match self.link {
            Some(Link::Resolves(..)) => Pending::GiveBack,
            Some(Link::Reverses(_)) | None => Pending::Reserve,
        }
    }

    /// Whether it opens a reserve.
    #[must_use]
    pub fn reserves(&self) -> bool {
        self.pending() == Pending::Reserve
            && self.lines.iter().any(|line| line.layer == Layer::Pending)
    }

    /// What must be equal when a business event is told twice.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(self.head.kind.as_str(), self.currency, self.head.on, &self.lines)
    }

    /// The first field in which another telling of the same event differs.
    pub(super) fn difference(&self, currency: Currency, on: Date, lines: &[Line]) -> String {
        if currency != self.currency {
            return "currency".into();
        }
        if on != self.head.on {
            return "effective_date".into();
        }
        for (n, (mine, stored)) in self.lines.iter().zip(lines).enumerate() {
            if let Some(field) = line_difference(mine, stored) {
                return format!("postings[{n}].{field}");
            }
        }
        "postings".into()
    }
}

fn line_difference(mine: &Line, stored: &Line) -> Option<&'static str> {
    [
        ("account", mine.account != stored.account),
        ("item", mine.item != stored.item),
        ("side", mine.side != stored.side),
        ("amount", mine.amount != stored.amount),
        ("layer", mine.layer != stored.layer),
    ]
    .into_iter()
    .find_map(|(field, differs)| differs.then_some(field))
}

/// Debits less credits of one layer, in a width that cannot overflow.
#[must_use]
pub fn net(lines: &[Line], layer: Layer) -> i128 {
    let signed = |line: &Line| match line.side {
        Side::Debit => i128::from(line.amount),
        Side::Credit => -i128::from(line.amount),
    };
    lines.iter().filter(|line| line.layer == layer).map(signed).sum()
}

/// Whether debits equal credits in each layer.
#[must_use]
pub fn is_balanced(lines: &[Line]) -> bool {
    net(lines, Layer::Posted) == 0 && net(lines, Layer::Pending) == 0
}

/// SHA-256 over kind, currency, date and postings in order, as lines of text.
#[must_use]
pub fn fingerprint(kind: &str, currency: Currency, on: Date, lines: &[Line]) -> [u8; 32] {
    let mut text = format!("guichet-fingerprint-v1\nkind:{kind}\ncurrency:{currency}\ndate:{on}\n");
    for (n, line) in (1_u32..).zip(lines) {
        let item = line.item.as_ref().map_or("", Reference::as_str);
        let (account, side, amount) = (&line.account, line.side.as_str(), line.amount);
        let layer = if line.layer == Layer::Pending { "|pending" } else { "" };
        // Writing into a String cannot fail.
        let _ = writeln!(text, "p:{n}|{account}|{item}|{side}|{amount}{layer}");
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    bytes
}
