//! One named constructor per money event: the only ways to make a [`Draft`].
//!
//! `W` below is the account where money arrives: what the provider owes under one contract when
//! funds go straight to the merchant's bank, or the shop's wallet when they are held for it.

use kernel::{
    BookingId, ChargebackId, ContractId, CustomerId, Date, LedgerTxId, Money, OperationId,
    PaymentId, PointOfSaleId, ShopId, Timestamp,
};

use super::chart::{Account, Reference, Tender};
use super::model::{Draft, Head, Kind, Layer, Line, Link};
use crate::LedgerError;

/// How a contract settles: where the money of its operations stands until the merchant has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// It goes from the merchant's own acquirer to the merchant's bank; we only record.
    RecordOnly(ContractId),
    /// It is held on the operator's account at a licensed institution, for this shop.
    Custody(ShopId),
}

impl Settlement {
    /// The account `W`.
    #[must_use]
    pub const fn account(self) -> Account {
        match self {
            Self::RecordOnly(contract) => Account::PspReceivable(contract),
            Self::Custody(shop) => Account::Wallet(shop),
        }
    }
}

/// Where funds are held in custody; without one a contract only records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    name: String,
    account: String,
}

/// Whether the operator ticked the statement about holding funds of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statement {
    /// Ticked.
    Accepted,
    /// Not ticked.
    Missing,
}

impl Institution {
    /// A licensed institution and the account of client funds there.
    ///
    /// # Errors
    /// [`LedgerError::CustodyNotConfigured`] when a name or the statement is missing.
    pub fn new(name: &str, account: &str, statement: Statement) -> Result<Self, LedgerError> {
        let (name, account) = (name.trim(), account.trim());
        if name.is_empty() || account.is_empty() || statement == Statement::Missing {
            return Err(LedgerError::CustodyNotConfigured);
        }
        Ok(Self { name: name.to_owned(), account: account.to_owned() })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The account of client funds.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }
}

/// What a capture is for. A refund of it names the same, and so debits what it credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collected {
    /// The deposit of a booking.
    Deposit(BookingId),
    /// What is owed for a booking.
    Booking(BookingId),
    /// A payment that stands alone.
    Payment(PaymentId),
}

impl Collected {
    /// The account a capture credits.
    #[must_use]
    pub const fn account(self) -> Account {
        match self {
            Self::Deposit(_) => Account::DepositsReceived,
            Self::Booking(_) | Self::Payment(_) => Account::Customers,
        }
    }

    /// The open item, and the business reference of the entries: the booking, else the payment.
    #[must_use]
    pub fn reference(self) -> Reference {
        match self {
            Self::Deposit(booking) | Self::Booking(booking) => booking.into(),
            Self::Payment(payment) => payment.into(),
        }
    }

    fn leg(self) -> (Account, Reference) {
        (self.account(), self.reference())
    }
}

/// Money of one operation of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    /// The capture or refund.
    pub operation: OperationId,
    /// Where the money stands.
    pub settlement: Settlement,
    /// What it is for.
    pub collected: Collected,
    /// How much; zero posts nothing.
    pub amount: Money,
}

/// A refund that was made without Guichet and is written down afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutsideRefund {
    /// The refund.
    pub operation: OperationId,
    /// By what means.
    pub tender: Tender,
    /// Whose till, terminal or account it came from.
    pub point_of_sale: PointOfSaleId,
    /// What the capture was for.
    pub collected: Collected,
    /// How much; zero posts nothing.
    pub amount: Money,
}

/// A fee of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fee {
    /// The operation it is computed on (for a fee given back: the refund).
    pub operation: OperationId,
    /// The shop whose wallet bears it.
    pub shop: ShopId,
    /// What the operation is for.
    pub collected: Collected,
    /// How much; zero posts nothing.
    pub amount: Money,
}

/// What happens to the money of a contested sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseMove {
    /// The bank took it back.
    Opened,
    /// It asks something for the case.
    Fee,
    /// It gave it back.
    Won,
    /// It keeps it with the payer, or the merchant gave up.
    Lost,
    /// It gave back what had been lost.
    Recovered,
}

/// Money of a contested sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contested {
    /// The case.
    pub chargeback: ChargebackId,
    /// The contract of the sale.
    pub contract: ContractId,
    /// Where the money of the sale stands.
    pub settlement: Settlement,
    /// What the sale was for.
    pub collected: Collected,
    /// How much; zero posts nothing.
    pub amount: Money,
}

/// The end of a deposit that is not refunded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepositEnd {
    /// Name of the event, such as the id of the invoice or of the cancellation.
    pub key: String,
    /// Whose deposit.
    pub booking: BookingId,
    /// How much; zero posts nothing.
    pub amount: Money,
}

/// A credit given to a customer or used by him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// Name of the event.
    pub key: String,
    /// Whose credit.
    pub customer: CustomerId,
    /// The order or booking it comes from or pays.
    pub order: Reference,
    /// How much; zero posts nothing.
    pub amount: Money,
}

type Drafted = Result<Option<Draft>, LedgerError>;

fn head(kind: Kind, name: impl std::fmt::Display, business: Reference, on: Date) -> Head {
    let prefix = match kind {
        Kind::FeeNet => "fee",
        other => other.as_str(),
    };
    Head { kind, request: format!("{prefix}:{name}"), business, on }
}

/// D `W`[operation] / C customers or deposits received [booking or payment].
pub fn capture(m: &Movement, on: Date) -> Drafted {
    let head = head(Kind::Capture, m.operation, m.collected.reference(), on);
    let debit = (m.settlement.account(), m.operation.into());
    Draft::transfer(head, debit, m.collected.leg(), m.amount, Layer::Posted)
}

/// Reserved until the provider answers: D what the capture credited / C `W`[operation].
pub fn refund(m: &Movement, on: Date) -> Drafted {
    let head = head(Kind::Refund, m.operation, m.collected.reference(), on);
    let credit = (m.settlement.account(), m.operation.into());
    Draft::transfer(head, m.collected.leg(), credit, m.amount, Layer::Pending)
}

/// D what the capture credited / C tender: the money came from the merchant's own till, terminal
/// or bank, so nothing of `W` moves.
pub fn refund_outside(refund: &OutsideRefund, on: Date) -> Drafted {
    let head = head(Kind::RefundOutside, refund.operation, refund.collected.reference(), on);
    let tender = Account::Tender(refund.tender, refund.point_of_sale);
    let credit = (tender, refund.operation.into());
    Draft::transfer(head, refund.collected.leg(), credit, refund.amount, Layer::Posted)
}

/// D operator fees / C wallet[operation].
pub fn fee_net(fee: &Fee, on: Date) -> Drafted {
    let head = head(Kind::FeeNet, fee.operation, fee.collected.reference(), on);
    let (debit, credit) = (Account::OperatorFees, Account::Wallet(fee.shop));
    let of = || fee.operation.into();
    Draft::transfer(head, (debit, of()), (credit, of()), fee.amount, Layer::Posted)
}

/// D wallet[operation] / C operator fees.
pub fn fee_returned(fee: &Fee, on: Date) -> Drafted {
    let head = head(Kind::FeeReturned, fee.operation, fee.collected.reference(), on);
    let (debit, credit) = (Account::Wallet(fee.shop), Account::OperatorFees);
    let of = || fee.operation.into();
    Draft::transfer(head, (debit, of()), (credit, of()), fee.amount, Layer::Posted)
}

/// Opened: D chargeback open / C `W`; fee: D chargeback fees / C `W`; won: D `W` / C chargeback
/// open; lost: D chargeback loss / C chargeback open; recovered: D `W` / C chargeback loss. Every
/// line names the case.
pub fn chargeback(case: &Contested, (what, on): (CaseMove, Date)) -> Drafted {
    let (open, w) = (Account::ChargebackOpen(case.contract), case.settlement.account());
    let (kind, debit, credit) = match what {
        CaseMove::Opened => (Kind::ChargebackOpened, open, w),
        CaseMove::Fee => (Kind::ChargebackFee, Account::ChargebackFees, w),
        CaseMove::Won => (Kind::ChargebackWon, w, open),
        CaseMove::Lost => (Kind::ChargebackLost, Account::ChargebackLoss, open),
        CaseMove::Recovered => (Kind::ChargebackRecovered, w, Account::ChargebackLoss),
    };
    let head = head(kind, case.chargeback, case.collected.reference(), on);
    let of = || case.chargeback.into();
    Draft::transfer(head, (debit, of()), (credit, of()), case.amount, Layer::Posted)
}

/// At the invoice: D deposits received[booking] / C customers[booking].
pub fn deposit_applied(end: &DepositEnd, on: Date) -> Drafted {
    deposit(Kind::DepositApplied, end, Account::Customers, on)
}

/// After a late cancellation: D deposits received[booking] / C deposits kept.
pub fn deposit_kept(end: &DepositEnd, on: Date) -> Drafted {
    deposit(Kind::DepositKept, end, Account::DepositKept, on)
}

/// D deposits received[booking] / C `W`[operation], when the money has left already; a refund
/// that still waits for the provider is [`refund`].
pub fn deposit_returned(m: &Movement, on: Date) -> Drafted {
    let business = m.collected.reference();
    let head = head(Kind::DepositReturned, m.operation, business.clone(), on);
    let credit = (m.settlement.account(), m.operation.into());
    let debit = (Account::DepositsReceived, business);
    Draft::transfer(head, debit, credit, m.amount, Layer::Posted)
}

/// D customers[order] / C credit balance.
pub fn credit_granted(credit: &Credit, on: Date) -> Drafted {
    let head = head(Kind::CreditGranted, &credit.key, credit.order.clone(), on);
    let debit = (Account::Customers, credit.order.clone());
    let to = (Account::CreditBalance(credit.customer), credit.order.clone());
    Draft::transfer(head, debit, to, credit.amount, Layer::Posted)
}

/// D credit balance / C customers[order].
pub fn credit_used(credit: &Credit, on: Date) -> Drafted {
    credit_to_order(credit, on, Layer::Posted)
}

/// The same, reserved until an instant while the rest is paid in another way.
pub fn credit_reserved(credit: &Credit, until: Timestamp, on: Date) -> Drafted {
    let draft = credit_to_order(credit, on, Layer::Pending)?;
    Ok(draft.map(|draft| draft.expiring(until)))
}

fn credit_to_order(credit: &Credit, on: Date, layer: Layer) -> Drafted {
    let head = head(Kind::CreditUsed, &credit.key, credit.order.clone(), on);
    let from = (Account::CreditBalance(credit.customer), credit.order.clone());
    let to = (Account::Customers, credit.order.clone());
    Draft::transfer(head, from, to, credit.amount, layer)
}

fn deposit(kind: Kind, end: &DepositEnd, to: Account, on: Date) -> Drafted {
    let booking = Reference::from(end.booking);
    let head = head(kind, &end.key, booking.clone(), on);
    let debit = (Account::DepositsReceived, booking.clone());
    Draft::transfer(head, debit, (to, booking), end.amount, Layer::Posted)
}

/// A correction: the posted lines of an earlier transaction with their sides swapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Name of the event, made before the call.
    pub key: String,
    /// The transaction to undo.
    pub of: LedgerTxId,
    /// Why.
    pub reason: String,
}

/// What is stored of an earlier transaction, as far as a later one answers to it.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Its id.
    pub id: LedgerTxId,
    /// Its money event.
    pub kind: Kind,
    /// Its request.
    pub request: String,
    /// Its order, booking or payment.
    pub business: Reference,
    /// Its currency.
    pub currency: kernel::Currency,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// How a reserve ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// This much became a fact; the rest is released.
    Posted(Money),
    /// Nothing did.
    Voided,
    /// Nothing did in time; the instant is now.
    Expired(Timestamp),
}

pub(super) fn reversal(of: &Earlier, correction: &Correction, on: Date) -> Drafted {
    let posted = of.lines.iter().filter(|line| line.layer == Layer::Posted);
    let lines: Vec<Line> = posted.map(swapped).collect();
    if lines.is_empty() || of.kind == Kind::Reversal {
        return Err(LedgerError::NothingToReverse);
    }
    let head = head(Kind::Reversal, &correction.key, of.business.clone(), on);
    let draft = Draft::balanced(head, of.currency, lines)?;
    Ok(Some(draft.linked(Link::Reverses(of.id)).because(correction.reason.clone())))
}

/// The lines that became facts, then the whole reserve given back, so that reserve and end
/// cancel out on the pending layer.
pub(super) fn resolution(of: &Earlier, ending: Ending, on: Date) -> Result<Draft, LedgerError> {
    let released = of.lines.iter().map(swapped);
    let kind = match ending {
        Ending::Posted(_) => Kind::PendingPost,
        Ending::Voided => Kind::PendingVoid,
        Ending::Expired(_) => Kind::PendingExpire,
    };
    let lines: Vec<Line> = match ending {
        Ending::Posted(amount) => facts(of, amount)?.into_iter().chain(released).collect(),
        Ending::Voided | Ending::Expired(_) => released.collect(),
    };
    let head = Head { kind, request: of.request.clone(), business: of.business.clone(), on };
    let draft = Draft::balanced(head, of.currency, lines)?;
    Ok(draft.linked(Link::Resolves(of.id, of.kind)))
}

fn facts(of: &Earlier, amount: Money) -> Result<Vec<Line>, LedgerError> {
    kernel::ensure!(amount.currency() == of.currency)?;
    // A reserve is one transfer: one debit and one credit of the same amount.
    kernel::ensure!(of.lines.len() == 2)?;
    let reserved = of.lines.iter().map(|line| line.amount).max().unwrap_or(0);
    if amount.minor() > reserved {
        return Err(LedgerError::OverReserve { reserved });
    }
    let fact = |line: &Line| Line { amount: amount.minor(), layer: Layer::Posted, ..line.clone() };
    Ok(of.lines.iter().map(fact).collect())
}

fn swapped(line: &Line) -> Line {
    Line { side: line.side.swapped(), ..line.clone() }
}
