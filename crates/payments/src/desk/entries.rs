//! The lines of the ledger under a payment, in the words of the cash desk.

use http::Words;
use kernel::format;
use ledger::book::model::{Layer, PendingState, Side};
use ledger::reading::TimelineLine;

use super::words;

/// A transaction of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The day.
    pub on: String,
    /// What it records.
    pub kind: String,
    /// Accounts debited.
    pub debit: String,
    /// Accounts credited.
    pub credit: String,
    /// How much.
    pub amount: String,
}

/// What happened in the ledger, one line per transaction; a reserve is shown while it is open.
pub(super) fn of(words: &Words, ledger: &[TimelineLine]) -> Vec<Entry> {
    let happened = |line: &&TimelineLine| {
        line.layer == Layer::Posted || line.reserve == Some(PendingState::Open)
    };
    let lines: Vec<&TimelineLine> = ledger.iter().filter(happened).collect();
    let groups = lines.chunk_by(|a, b| a.tx == b.tx);
    groups.filter_map(|group| entry(words, group)).collect()
}

fn entry(words: &Words, group: &[&TimelineLine]) -> Option<Entry> {
    let first = group.first()?;
    let of = |side: Side| group.iter().filter(move |line| line.side == side);
    let accounts = |side: Side| {
        let key = |line: &&TimelineLine| words::dashed(line.account.code());
        let names = of(side).map(|line| words.say(&format!("desk-account-{}", key(line))));
        names.collect::<Vec<_>>().join(", ")
    };
    let sum = of(Side::Debit).map(|line| line.amount.minor()).fold(0, i64::saturating_add);
    Some(Entry {
        on: format::date(first.on, words.locale()),
        kind: kind(words, first),
        debit: accounts(Side::Debit),
        credit: accounts(Side::Credit),
        amount: words::money(words, kernel::Money::new(sum, first.amount.currency())),
    })
}

fn kind(words: &Words, line: &TimelineLine) -> String {
    let kind = line.resolves.unwrap_or(line.kind);
    let kind = words.say(&format!("desk-ledger-{}", kind.as_str().replace('.', "-")));
    match line.layer {
        Layer::Pending => words.with("desk-ledger-reserved", &[("kind", &kind)]),
        Layer::Posted => kind,
    }
}
