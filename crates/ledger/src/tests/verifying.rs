//! Each kind of damage is found and named.

use kernel::CustomerId;

use super::*;
use crate::{
    Correction, Credit, capture, credit_granted, credit_used, fee, refund_asked, refund_refused,
    reverse,
};

/// A house whose books hold every shape of transaction: sale, fee, open and voided refund,
/// reversal, credit with a limit.
fn furnished() -> House {
    let house = House::open();
    let sale = house.sale(10_000);
    let cut = house.fee_of(&sale, 200);
    let open = Movement { operation: house.operation(), amount: eur(1_000), ..sale };
    let voided = Movement { operation: house.operation(), amount: eur(500), ..sale };
    let wrong = house.sale(300);
    let credit = |key: &str, cents| Credit {
        key: key.into(),
        customer: CustomerId::from(kernel::Id::from_bytes([9; 16])),
        order: sale.collected.reference(),
        amount: eur(cents),
    };
    let (granted, used) = (credit("g", 800), credit("u", 300));
    let at: Vec<Stamp> = (0..9).map(|_| house.stamp()).collect();
    let _ = house
        .write(move |tx, scope| {
            let _ = capture(tx, scope, &sale, at[0])?;
            let _ = fee(tx, scope, &cut, at[1])?;
            let _ = refund_asked(tx, scope, &open, at[2])?;
            let _ = refund_asked(tx, scope, &voided, at[3])?;
            let _ = refund_refused(tx, scope, voided.operation, at[4])?;
            let _ = capture(tx, scope, &wrong, at[5])?;
            let reason = "a mistake at the desk".to_owned();
            let correction = Correction { key: "c".into(), of: at[5].id, reason };
            let _ = reverse(tx, scope, &correction, at[6])?;
            let _ = credit_granted(tx, scope, &granted, at[7])?;
            credit_used(tx, scope, &used, at[8])
        })
        .unwrap();
    house
}

/// What opens the guard on a server or in a file.
const fn guard(server: bool) -> &'static [&'static str] {
    if server {
        return &[
            "DROP TRIGGER ledger_tx_guard ON ledger_tx",
            "DROP TRIGGER ledger_posting_guard ON ledger_posting",
        ];
    }
    &[
        "DROP TRIGGER ledger_tx_no_update",
        "DROP TRIGGER ledger_tx_no_delete",
        "DROP TRIGGER ledger_posting_no_update",
        "DROP TRIGGER ledger_posting_no_delete",
    ]
}

/// Opens the guard, as somebody with the file in his hands would, and does damage.
fn damage(statements: &[&'static str]) -> Vec<&'static str> {
    damaged(statements).broken()
}

fn damaged(statements: &[&'static str]) -> House {
    let house = furnished();
    assert!(house.verify().ok, "{:?}", house.verify());
    let statements = statements.to_vec();
    house
        .write(move |tx, _| {
            for opened in guard(std::env::var_os(db::testing::SERVER_VARIABLE).is_some()) {
                tx.exec(opened, &[])?;
            }
            for statement in &statements {
                tx.exec(statement, &[])?;
            }
            Ok(())
        })
        .unwrap();
    house
}

#[test]
fn s_22_from_a_number_on_older_transactions_are_taken_as_they_are() {
    // The fee is the second transaction of the book.
    let house = damaged(&["UPDATE ledger_posting SET amount = amount - 1 \
         WHERE tx_id = (SELECT id FROM ledger_tx WHERE kind = 'fee.net')"]);
    let whole = house.verify();
    for (from, left, broken) in [(1, 9, 1), (2, 8, 1), (3, 7, 0), (10, 0, 0)] {
        let merchant = house.scope.merchant();
        let report = house.read(|tx, _| crate::verify(tx, &[merchant], from));
        let book = &report.books[0];
        assert_eq!((book.transactions, book.broken.len()), (left, broken), "from {from}");
        assert_eq!(report.ok, broken == 0);
        assert_eq!(book.head_hash, whole.books[0].head_hash, "the whole past is in the hash");
        assert_eq!(book.debits, book.credits);
    }
}

#[test]
fn s_22_an_altered_amount_is_found() {
    let found = damage(&["UPDATE ledger_posting SET amount = amount + 1 WHERE n = 1 \
         AND tx_id = (SELECT id FROM ledger_tx WHERE kind = 'fee.net')"]);
    assert_eq!(found, ["I1", "I13"]);
}

#[test]
fn s_22_an_amount_altered_on_both_sides_is_found() {
    let found = damage(&["UPDATE ledger_posting SET amount = amount - 1 \
         WHERE tx_id = (SELECT id FROM ledger_tx WHERE kind = 'fee.net')"]);
    assert_eq!(found, ["I13"]);
}

#[test]
fn s_22_a_missing_posting_or_transaction_is_found() {
    let found = damage(&["DELETE FROM ledger_posting WHERE n = 2 \
         AND tx_id = (SELECT id FROM ledger_tx WHERE kind = 'fee.net')"]);
    assert_eq!(found, ["I1", "I13"]);
    assert_eq!(damage(&["DELETE FROM ledger_tx WHERE kind = 'fee.net'"]), ["I1"]);
}

#[test]
fn s_22_an_altered_item_or_account_is_found() {
    let found = damage(&["UPDATE ledger_item SET debits = debits + 1, credits = credits + 1"]);
    assert_eq!(found, ["I2"]);
    assert_eq!(damage(&["DELETE FROM ledger_item"]), ["I2"]);
    let strict = "UPDATE ledger_account SET credits_posted = 0 WHERE behaviour = 'strict'";
    assert_eq!(damage(&[strict]), ["I2"]);
    let folded = "UPDATE ledger_account SET debits_posted = 1 WHERE code = 'wallet'";
    assert_eq!(damage(&[folded]), ["I2"]);
}

#[test]
fn s_22_a_lost_or_lifted_limit_is_found() {
    let hole = damage(&["DELETE FROM ledger_running WHERE version = 1"]);
    assert_eq!(hole, ["I3"]);
    let over = damage(&["UPDATE ledger_running SET ceiling = -600"]);
    assert_eq!(over, ["I4"]);
}

#[test]
fn s_22_a_reserve_ended_twice_or_by_nobody_is_found() {
    assert_eq!(damage(&["UPDATE ledger_pending SET state = 'posted'"]), ["I2", "I5"]);
    assert_eq!(damage(&["DELETE FROM ledger_pending WHERE state = 'open'"]), ["I2", "I5"]);
    let twice = damage(&[
        "DROP INDEX ledger_tx_resolves",
        "UPDATE ledger_tx SET resolves_id = (SELECT resolves_id FROM ledger_tx \
         WHERE kind = 'pending.void') WHERE kind = 'fee.net'",
    ]);
    assert_eq!(twice, ["I5"]);
}

#[test]
fn s_22_a_second_reversal_is_found() {
    let found = damage(&[
        "DROP INDEX ledger_tx_reverses",
        "UPDATE ledger_tx SET reverses_id = (SELECT reverses_id FROM ledger_tx \
         WHERE kind = 'reversal') WHERE kind = 'fee.net'",
    ]);
    assert_eq!(found, ["I6"]);
}

#[test]
fn s_22_an_item_closed_while_something_is_owed_is_found() {
    let closed = "UPDATE ledger_item SET closed_on = '2026-07-05' WHERE closed_on IS NULL";
    assert_eq!(damage(&[closed]), ["I11"]);
    let opened = "UPDATE ledger_item SET closed_on = NULL";
    assert_eq!(damage(&[opened]), ["I11"]);
}

#[test]
fn s_22_one_event_with_two_effects_is_found() {
    let found = damage(&[
        "DROP INDEX ledger_tx_request",
        "UPDATE ledger_tx SET request_id = 'capture:x' WHERE kind = 'capture'",
    ]);
    assert_eq!(found, ["I13"]);
}

#[test]
fn s_22_the_report_reads_as_the_command_prints_it() {
    let house = furnished();
    let report = serde_json::to_value(house.verify()).unwrap();
    assert_eq!(report["ok"], true);
    let book = &report["books"][0];
    assert_eq!(book["merchant"], house.scope.merchant().to_string());
    assert_eq!((&book["mode"], &book["currency"]), (&"test".into(), &"EUR".into()));
    assert_eq!((&book["transactions"], &book["postings"]), (&9.into(), &18.into()));
    assert_eq!(book["debits"], book["credits"]);
    assert_eq!(book["broken"], serde_json::json!([]));
    let head = book["head_hash"].as_str().unwrap().to_owned();
    assert!(head.len() == 64 && !head.trim_start_matches('0').is_empty(), "{head}");
    assert_eq!(house.verify().books[0].head_hash, head, "reading changes nothing");
    let (sale, at) = (house.sale(100), house.stamp());
    let _ = house.write(move |tx, scope| capture(tx, scope, &sale, at)).unwrap();
    assert_ne!(house.verify().books[0].head_hash, head, "every entry moves the head");
}
