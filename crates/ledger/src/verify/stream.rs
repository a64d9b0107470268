//! The checks that walk rows: every transaction, every account, every version of a limit.

use std::collections::BTreeMap;

use db::{Row, Tx};
use kernel::{LedgerAccountId, LedgerTxId, MerchantId};

use super::books::{BookKey, Books, Sums};
use super::chain::{self, Link};
use super::store::{self, AccountRow, Accounts, TxRow, VersionRow};
use crate::LedgerError;
use crate::book::chart::Reference;
use crate::book::model::{self, Layer, Line, Pending, Side};
use crate::book::store::word;

/// Walks all transactions with their postings, and sums the accounts on the way.
pub(super) fn transactions(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    accounts: &mut Accounts,
    books: &mut Books,
) -> Result<(), LedgerError> {
    let mut after: Option<LedgerTxId> = None;
    loop {
        let page = store::transactions(tx, merchant, after)?;
        let last = page.last().map(|row| row.id);
        let rows = store::postings(tx, merchant, after, last)?;
        let mut postings = group(&rows)?;
        for row in &page {
            let lines = postings.remove(&row.id).unwrap_or_default();
            transaction(row, &lines, accounts, books);
        }
        for (orphan, rows) in postings {
            let book = rows.first().and_then(|row| book_of(row, accounts));
            if let Some(book) = book {
                books.broken(book, "I1", orphan.to_string());
            }
        }
        if last.is_none() {
            return Ok(());
        }
        after = last;
    }
}

fn group(rows: &[Row]) -> Result<BTreeMap<LedgerTxId, Vec<&Row>>, LedgerError> {
    let mut grouped: BTreeMap<LedgerTxId, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        grouped.entry(row.get("tx_id")?).or_default().push(row);
    }
    Ok(grouped)
}

fn book_of(row: &Row, accounts: &Accounts) -> Option<BookKey> {
    let id: LedgerAccountId = row.get("account_id").ok()?;
    accounts.get(&id).map(|account| account.book)
}

fn transaction(row: &TxRow, postings: &[&Row], accounts: &mut Accounts, books: &mut Books) {
    let mut sums = Sums::default();
    let mut lines = Vec::with_capacity(postings.len());
    let mut sound = postings.len() >= 2;
    for (n, posting) in (1_i64..).zip(postings) {
        let numbered = posting.get::<i64>("n").is_ok_and(|stored| stored == n);
        match read(row, posting, accounts) {
            Ok(line) => {
                add(&mut sums, &line, row.pending);
                if let Ok(id) = posting.get::<LedgerAccountId>("account_id")
                    && let Some(account) = accounts.get_mut(&id)
                {
                    add(&mut account.recomputed, &line, row.pending);
                }
                lines.push(line);
                sound &= numbered;
            }
            Err(_) => sound = false,
        }
    }
    let (_, currency) = row.book;
    let texts: Vec<String> =
        (1..).zip(&lines).map(|(n, line)| chain::posting(n, line, currency)).collect();
    let (id, on, at) = (row.id.to_string(), row.on, row.recorded_at.as_micros().div_euclid(1_000));
    let (kind, business_ref, request) = (&row.kind, &row.business_ref, &row.request);
    let link = Link { id: &id, kind, business_ref, request, on, at };
    if !books.chain(row.book, &link, &texts) {
        return;
    }
    books.count(row.book, postings.len(), sums);
    if !sound || !model::is_balanced(&lines) {
        books.broken(row.book, "I1", row.id.to_string());
    }
    if model::fingerprint(&row.kind, currency, row.on, &lines) != row.fingerprint {
        books.broken(row.book, "I13", row.id.to_string());
    }
}

/// A posting of this book; one on another book's account is no posting of it.
fn read(tx: &TxRow, row: &Row, accounts: &Accounts) -> Result<Line, LedgerError> {
    let id: LedgerAccountId = row.get("account_id")?;
    let account = accounts.get(&id).filter(|account| account.book == tx.book);
    let account = account.and_then(|a| a.account).ok_or(LedgerError::UnknownAccount)?;
    let item = row.get::<Option<String>>("item_ref")?.map(Reference::stored);
    kernel::ensure!(item.is_some() || !account.has_items())?;
    Ok(Line {
        account,
        item,
        side: word(row, "side", Side::parse)?,
        amount: row.get("amount")?,
        layer: word(row, "layer", Layer::parse)?,
    })
}

fn add(sums: &mut Sums, line: &Line, pending: Pending) {
    let amount = i128::from(line.amount);
    match (line.layer, line.side, pending) {
        (Layer::Posted, Side::Debit, _) => sums.debits_posted += amount,
        (Layer::Posted, Side::Credit, _) => sums.credits_posted += amount,
        (Layer::Pending, Side::Debit, Pending::Reserve) => sums.debits_pending += amount,
        (Layer::Pending, Side::Credit, Pending::Reserve) => sums.credits_pending += amount,
        (Layer::Pending, Side::Debit, Pending::GiveBack) => sums.credits_pending -= amount,
        (Layer::Pending, Side::Credit, Pending::GiveBack) => sums.debits_pending -= amount,
    }
}

/// Compares what is stored of an account with what its postings and open reserves say.
pub(super) fn account(account: &AccountRow, open: Sums, books: &mut Books) {
    let found = account.recomputed;
    let reserved = found.debits_pending == open.debits_pending
        && found.credits_pending == open.credits_pending;
    // Folded accounts are not folded yet: nothing is stored beside their postings.
    let expected = if account.is_strict() { found } else { Sums::default() };
    if !reserved || account.stored != expected || account.account.is_none() {
        books.broken(account.book, "I2", account.name.clone());
    }
}

/// Walks the versions of an account with a limit.
pub(super) fn versions(account: &AccountRow, rows: &[VersionRow], books: &mut Books) {
    let mut before = 0_i64;
    let mut next = 1_i64;
    for row in rows {
        if row.version != next {
            books.broken(account.book, "I3", format!("{} v{}", account.name, row.version));
        }
        let rose = row.balance_after > before;
        let fell = row.balance_after < before;
        let over = rose && row.ceiling.is_some_and(|ceiling| row.balance_after > ceiling);
        let under = fell && row.floor.is_some_and(|floor| row.balance_after < floor);
        if over || under {
            books.broken(account.book, "I4", format!("{} v{}", account.name, row.version));
        }
        if Some(i128::from(row.balance_after) - i128::from(before)) != row.moved {
            books.broken(account.book, "I3", format!("{} v{}", account.name, row.version));
        }
        before = row.balance_after;
        next = row.version.saturating_add(1);
    }
    let last = account.recomputed.debits_posted - account.recomputed.credits_posted;
    if i128::from(before) != last || account.version != next.saturating_sub(1) {
        books.broken(account.book, "I3", account.name.clone());
    }
}
