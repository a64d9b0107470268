//! Recomputes every book from its postings and names what is broken.
//!
//! Reads only, and may run while the house serves: it sees the books as they stood when it began.
//! Transactions stream by in the order of their ids with bounded memory; accounts are few; items,
//! reserves and names of events are compared by the database. The names of the invariants:
//!
//! - `I1` each transaction has two postings or more, and its debits equal its credits;
//! - `I2` stored sums of accounts and items equal the sums of their postings;
//! - `I3` versions of an account with a limit follow each other without a hole;
//! - `I4` its floor and ceiling held at every version;
//! - `I5` each reserve ended at most once, by a transaction that says so;
//! - `I6` each transaction was reversed at most once;
//! - `I11` an item is closed exactly while its debits equal its credits;
//! - `I13` each named event has one effect, and its postings are those it was told with.
//!
//! Who posts may add findings of its own ([`Report::add`]): whether the events told outside are
//! those of the changes that were committed (`I14`) is known only there.
//!
//! Limit: a merchant's transactions are found by walking all ids, which is what makes writing
//! fast (see `docs/adr/0004-ledger-keys-and-items.md`).

mod books;
mod chain;
mod store;
mod stream;

use db::Tx;
use kernel::{Currency, MerchantId, Mode};

use crate::LedgerError;
use books::Books;

/// At most so many ids are listed per broken invariant.
pub const MAX_LISTED_IDS: usize = 100;

/// The state of all books asked for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Whether nothing is broken.
    pub ok: bool,
    /// One per merchant, mode and currency.
    pub books: Vec<BookReport>,
}

/// The state of one book.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BookReport {
    /// Whose.
    pub merchant: MerchantId,
    /// Live or test.
    pub mode: Mode,
    /// Its currency.
    pub currency: Currency,
    /// Transactions.
    pub transactions: i64,
    /// Postings, reserves included.
    pub postings: i64,
    /// Sum of debits that have happened, in minor units.
    pub debits: i64,
    /// Sum of credits that have happened, in minor units.
    pub credits: i64,
    /// Hash of the last link of the book's chain, 64 hexadecimal digits; zeros when it is empty.
    /// The chain is computed here, in the order of ids.
    pub head_hash: String,
    /// What does not hold.
    pub broken: Vec<Broken>,
}

impl Report {
    /// Adds something broken that only the one who posts can see.
    pub fn add(
        &mut self,
        (merchant, mode, currency): (MerchantId, Mode, Currency),
        invariant: &'static str,
        id: String,
    ) {
        self.ok = false;
        let same = |b: &&mut BookReport| {
            b.merchant == merchant && b.mode == mode && b.currency == currency
        };
        if let Some(book) = self.books.iter_mut().find(same) {
            book.add(invariant, id);
            return;
        }
        let mut book = BookReport::empty(merchant, mode, currency);
        book.add(invariant, id);
        self.books.push(book);
    }
}

impl BookReport {
    fn empty(merchant: MerchantId, mode: Mode, currency: Currency) -> Self {
        let head_hash = chain::Head::default().text();
        let (transactions, postings, debits, credits) = (0, 0, 0, 0);
        let broken = Vec::new();
        Self {
            merchant,
            mode,
            currency,
            transactions,
            postings,
            debits,
            credits,
            head_hash,
            broken,
        }
    }

    fn add(&mut self, invariant: &'static str, id: String) {
        let known = self.broken.iter_mut().find(|broken| broken.invariant == invariant);
        match known {
            Some(known) if known.ids.len() < MAX_LISTED_IDS => known.ids.push(id),
            Some(_) => {}
            None => self.broken.push(Broken { invariant, ids: vec![id] }),
        }
    }
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Broken {
    /// Its name, such as `I1`.
    pub invariant: &'static str,
    /// Where: transactions, accounts or items, at most [`MAX_LISTED_IDS`].
    pub ids: Vec<String>,
}

/// Number of the first transaction of a book: from there, everything is verified.
pub const FIRST: u64 = 1;

/// Verifies the books of these merchants, live and test. The transactions of each book before the
/// number `from` (counted from [`FIRST`], in the order of ids) are taken as they are: they enter
/// the hashes and the sums, and are neither looked at one by one nor counted. What holds for a
/// book as a whole is checked as a whole.
///
/// # Errors
/// [`LedgerError::Db`] when the books could not be read; a discrepancy is no error.
pub fn verify(tx: &mut Tx<'_>, merchants: &[MerchantId], from: u64) -> Result<Report, LedgerError> {
    let mut reports = Vec::new();
    for merchant in merchants {
        reports.extend(verify_merchant(tx, *merchant, from)?);
    }
    let ok = reports.iter().all(|book| book.broken.is_empty());
    Ok(Report { ok, books: reports })
}

fn verify_merchant(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    from: u64,
) -> Result<Vec<BookReport>, LedgerError> {
    let mut books = Books::starting_at(from);
    let mut accounts = store::accounts(tx, merchant)?;
    stream::transactions(tx, merchant, &mut accounts, &mut books)?;
    let open = store::open_reserves(tx, merchant)?;
    for (id, account) in &accounts {
        stream::account(account, open.get(id).copied().unwrap_or_default(), &mut books);
        if account.is_strict() {
            stream::versions(account, &store::versions(tx, merchant, *id)?, &mut books);
        }
    }
    let findings = [
        ("I2", store::wrong_items(tx, merchant)?),
        ("I2", store::missing_items(tx, merchant)?),
        ("I11", store::badly_closed_items(tx, merchant)?),
        ("I5", store::badly_ended_reserves(tx, merchant)?),
        ("I5", store::ends_without_reserve(tx, merchant)?),
        ("I6", store::reversed_twice(tx, merchant)?),
        ("I13", store::told_twice(tx, merchant)?),
    ];
    for (invariant, found) in findings {
        for finding in found {
            books.broken(finding.book, invariant, finding.id);
        }
    }
    books.reports(merchant)
}
