//! What a run has counted and found so far, per book.

use std::collections::BTreeMap;

use kernel::{Currency, MerchantId, Mode};

use super::chain::{Head, Link};
use super::{BookReport, Broken, MAX_LISTED_IDS};
use crate::LedgerError;

/// A book of one merchant.
pub(super) type BookKey = (Mode, Currency);

/// Something broken, and in which book.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) book: BookKey,
    pub(super) id: String,
}

/// Sums of one account or book, in a width that cannot overflow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) debits_posted: i128,
    pub(super) credits_posted: i128,
    pub(super) debits_pending: i128,
    pub(super) credits_pending: i128,
}

#[derive(Debug, Default)]
struct Book {
    transactions: i64,
    postings: i64,
    debits: i128,
    credits: i128,
    head: Head,
    broken: BTreeMap<&'static str, Vec<String>>,
}

/// The books of one merchant.
#[derive(Debug)]
pub(super) struct Books {
    books: BTreeMap<BookKey, Book>,
    from: u64,
}

impl Books {
    /// Books whose transactions are looked at from this number on.
    pub(super) const fn starting_at(from: u64) -> Self {
        Self { books: BTreeMap::new(), from }
    }

    /// Counts a transaction with its number of postings and the sums that have happened.
    pub(super) fn count(&mut self, key: BookKey, postings: usize, sums: Sums) {
        let book = self.books.entry(key).or_default();
        book.transactions = book.transactions.saturating_add(1);
        book.postings = book.postings.saturating_add(i64::try_from(postings).unwrap_or(i64::MAX));
        book.debits = book.debits.saturating_add(sums.debits_posted);
        book.credits = book.credits.saturating_add(sums.credits_posted);
    }

    /// Adds a transaction to the chain of its book; whether it is one to look at.
    pub(super) fn chain(&mut self, key: BookKey, link: &Link<'_>, postings: &[String]) -> bool {
        let book = self.books.entry(key).or_default();
        book.head = book.head.after(link, postings);
        book.head.seq >= self.from
    }

    /// Notes what is broken.
    pub(super) fn broken(&mut self, key: BookKey, invariant: &'static str, id: String) {
        let ids = self.books.entry(key).or_default().broken.entry(invariant).or_default();
        if ids.len() < MAX_LISTED_IDS && !ids.contains(&id) {
            ids.push(id);
        }
    }

    /// The reports, live before test.
    pub(super) fn reports(self, merchant: MerchantId) -> Result<Vec<BookReport>, LedgerError> {
        self.books.into_iter().map(|(key, book)| report(merchant, key, book)).collect()
    }
}

fn report(
    merchant: MerchantId,
    (mode, currency): BookKey,
    mut book: Book,
) -> Result<BookReport, LedgerError> {
    if book.debits != book.credits && !book.broken.contains_key("I1") {
        book.broken.insert("I1", vec!["book".into()]);
    }
    let narrow = |sum: i128| i64::try_from(sum).map_err(|_| LedgerError::AmountRange);
    let broken = book.broken.into_iter();
    Ok(BookReport {
        merchant,
        mode,
        currency,
        transactions: book.transactions,
        postings: book.postings,
        debits: narrow(book.debits)?,
        credits: narrow(book.credits)?,
        head_hash: book.head.text(),
        broken: broken.map(|(invariant, ids)| Broken { invariant, ids }).collect(),
    })
}
