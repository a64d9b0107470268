//! The chain of hashes over a book: each link covers the one before, so one hash, printed on
//! paper, stands for everything up to it.
//!
//! A link is the SHA-256 of a text: a version line, the hash before (zeros for the first), the
//! number in the book, then the transaction and its postings, one per line. Numbers follow the
//! order of ids.

use std::fmt::Write as _;

use aws_lc_rs::digest;
use kernel::{Currency, Date};

use crate::book::model::{Layer, Line};

/// Head of a book: how many links, and the last hash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) hash: [u8; 32],
}

/// A transaction, as it stands in its link.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link<'a> {
    pub(super) id: &'a str,
    pub(super) kind: &'a str,
    pub(super) business_ref: &'a str,
    pub(super) request: &'a str,
    pub(super) on: Date,
    /// Milliseconds of the instant at which it was recorded.
    pub(super) at: i64,
}

impl Head {
    /// The head after one more transaction; `postings` are lines of [`posting`].
    pub(super) fn after(self, link: &Link<'_>, postings: &[String]) -> Self {
        let seq = self.seq.saturating_add(1);
        let mut text = format!("guichet-ledger-v1\nprev:{}\nseq:{seq}\n", hex(&self.hash));
        let Link { id, kind, business_ref, request, on, at } = link;
        // Writing into a String cannot fail.
        let _ = writeln!(text, "id:{id}\nkind:{kind}\nref:{business_ref}\nreq:{request}");
        let _ = writeln!(text, "date:{on}\nat:{at}");
        for line in postings {
            let _ = writeln!(text, "{line}");
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        Self { seq, hash }
    }

    /// The hash as 64 hexadecimal digits.
    pub(super) fn text(&self) -> String {
        hex(&self.hash)
    }
}

/// One posting of a link: `p:1|wallet:shop_1|op_1|D|10000|EUR`.
pub(super) fn posting(n: usize, line: &Line, currency: Currency) -> String {
    let item = line.item.as_ref().map_or("", |item| item.as_str());
    let layer = if line.layer == Layer::Pending { "|pending" } else { "" };
    let (account, side) = (&line.account, line.side.as_str());
    format!("p:{n}|{account}|{item}|{side}|{}|{currency}{layer}", line.amount)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link<'a>(id: &'a str, kind: &'a str, request: &'a str) -> Link<'a> {
        let on = "2026-07-04".parse().unwrap();
        Link { id, kind, business_ref: "ord_1", request, on, at: 1_783_159_200_000 }
    }

    #[test]
    fn s_18_the_links_of_the_worked_example() {
        let lines = |all: [&str; 2]| all.map(str::to_owned);
        let first = Head::default().after(
            &link("ltx_1", "capture", "capture:op_1"),
            &lines(["p:1|wallet:shop_1|op_1|D|10000|EUR", "p:2|customers|ord_1|C|10000|EUR"]),
        );
        let head = "752d31a6253d9056844905f39f323fc78bbf085705a38cc62d4f3725040d41e4";
        assert_eq!((first.seq, first.text().as_str()), (1, head));
        let second = |cents: i64| {
            let debit = format!("p:1|operator_fees|op_1|D|{cents}|EUR");
            let credit = format!("p:2|wallet:shop_1|op_1|C|{cents}|EUR");
            first.after(&link("ltx_2", "fee.net", "fee:op_1"), &[debit, credit]).text()
        };
        let head = "b9cd5821c6df6af1d5d08cc838238a7694a7940c89665b28e86e2fae0b658b81";
        assert_eq!(second(200), head);
        assert!(second(199).starts_with("53c60e3d"));
    }
}
