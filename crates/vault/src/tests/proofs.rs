//! What the vault can prove of what it did.

use ct_merkle::{InclusionProof, RootHash};
use sha2::Sha256;
use vault_wire::{
    CardDelete, CardGet, LogCheckpoint, LogConsistency, LogEntries, LogInclusion, LogsVerify,
    ReceiptsList,
};

use super::house::House;
use super::reveal::{card_with_code, clock, view_once};
use crate::keys::bytes::unhex;

#[test]
fn v_147_every_entry_is_proved_under_a_signed_head() {
    let mut house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    for n in 0..5 {
        let card = house.card("4242424242424242", |_| ()).card.token;
        house.relay(card, &format!("op_{n}")).unwrap();
    }
    let old = house.ask(&LogCheckpoint {}).unwrap();
    house.card("5555555555554444", |_| ());
    house.kill();
    house.start();
    let head = house.ask(&LogCheckpoint {}).unwrap();
    assert!(head.size > old.size);
    let origin = house.config.public_url.strip_prefix("http://").unwrap();
    assert!(head.note.starts_with(&format!("{origin}/log/mer_")), "{}", head.note);
    let all = house.ask(&LogEntries { from: 0, limit: 1000, card: None }).unwrap().entries;
    assert_eq!(u64::try_from(all.len()).unwrap(), head.size);
    assert!(all.iter().any(|entry| entry.entry.contains("\"card.stored\"")));
    assert!(all.iter().any(|entry| entry.entry.contains("\"relay.called\"")));
    let root = head.note.lines().nth(2).unwrap();
    let root = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, root).unwrap();
    let root = RootHash::<Sha256>::new((*root.first_chunk::<32>().unwrap()).into(), head.size);
    for stored in &all {
        let proof = house.ask(&LogInclusion { seq: stored.seq }).unwrap();
        let path: Vec<u8> =
            proof.path.iter().flat_map(|hash| *unhex::<32>(hash).unwrap()).collect();
        let path = InclusionProof::try_from_bytes(path).unwrap();
        assert!(root.verify_inclusion(&stored.entry, stored.seq, &path).is_ok());
    }
    let path = house.ask(&LogConsistency { old: old.size }).unwrap().path;
    assert!(!path.is_empty());
    assert!(house.ask(&LogInclusion { seq: head.size }).is_err());
}

#[test]
fn v_87_what_was_destroyed_has_a_signed_receipt() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    view_once(&house);
    let card = card_with_code(&house, "HOP-1");
    assert!(house.ask(&ReceiptsList { card }).unwrap().receipts.is_empty());
    house.relay(card, "op_1").unwrap();
    house.ask(&CardDelete { card }).unwrap();
    house.ask(&CardDelete { card }).unwrap();
    assert_eq!(house.ask(&CardGet { card }).unwrap_err().code(), Some("gone"));
    let receipts = house.ask(&ReceiptsList { card }).unwrap().receipts;
    let what: Vec<(&str, &str)> = receipts
        .iter()
        .map(|one| (one["what"].as_str().unwrap(), one["because"].as_str().unwrap()))
        .collect();
    assert_eq!(what, [("code", "authorised"), ("number", "deleted")]);
    let head = house.ask(&LogCheckpoint {}).unwrap();
    let key = head.key.splitn(3, '+').nth(2).unwrap();
    let key = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, key).unwrap();
    for receipt in receipts {
        assert_eq!(receipt["level"], "C");
        assert_eq!(receipt["slot_sha256_before"].as_str().unwrap().len(), 64);
        let mut text = receipt.clone();
        let signature = text.as_object_mut().unwrap().remove("signature").unwrap();
        let signature = signature.as_str().unwrap().strip_prefix("ed25519:").unwrap().to_owned();
        let signature = unhex::<64>(&signature).unwrap();
        let known = aws_lc_rs::signature::UnparsedPublicKey::new(
            &aws_lc_rs::signature::ED25519,
            key.get(1..).unwrap(),
        );
        assert!(known.verify(text.to_string().as_bytes(), signature.as_slice()).is_ok());
        text["because"] = "viewed".into();
        assert!(known.verify(text.to_string().as_bytes(), signature.as_slice()).is_err());
        let seq = receipt["log"]["seq"].as_u64().unwrap();
        let entry = house.ask(&LogEntries { from: seq, limit: 1, card: Some(card) }).unwrap();
        assert!(
            entry.entries[0].entry.contains("destroyed")
                || entry.entries[0].entry.contains("deleted")
        );
    }
}

#[test]
fn v_148_one_altered_or_missing_entry_is_found() {
    use vault_wire::LogVerify;
    let mut house = House::open();
    for _ in 0..4 {
        house.card("4242424242424242", |_| ());
    }
    let sound = house.ask(&LogVerify {}).unwrap();
    assert_eq!((sound.sound, sound.size, sound.heads), (true, 4, 1));
    house.kill();
    let tables = db::DbOptions::at(crate::place(&house.config));
    let tamper = |sql: &'static str| {
        let db = db::Db::open(&tables, &[crate::MIGRATIONS]).unwrap();
        db.write_blocking::<_, db::DbError, _>(db::Route::any(), move |tx| tx.exec(sql, &[]))
            .unwrap();
    };
    tamper(
        "UPDATE vault_log SET entry = replace(entry, 'card.stored', 'card.looked') WHERE seq = 2",
    );
    house.start();
    let found = house.ask(&LogVerify {}).unwrap();
    assert_eq!((found.sound, found.first_fault), (false, Some(4)), "the head does not fit");
    house.kill();
    tamper("DELETE FROM vault_log WHERE seq = 1");
    house.start();
    let found = house.ask(&LogVerify {}).unwrap();
    assert_eq!((found.sound, found.first_fault), (false, Some(1)));
}

#[test]
fn v_145_v_148_what_stands_beside_an_entry_must_be_what_it_says() {
    let house = House::open();
    house.card("4242424242424242", |_| ());
    let db = db::Db::open(&db::DbOptions::at(crate::place(&house.config)), &[crate::MIGRATIONS]);
    let db = db.unwrap();
    let change = |sql: &'static str| {
        db.write_blocking::<_, db::DbError, _>(db::Route::any(), move |tx| tx.exec(sql, &[]))
            .unwrap();
    };
    let unsound = || -> Vec<String> {
        let mut logs = house.ask(&LogsVerify {}).unwrap().logs;
        logs.retain(|log| !log.found.sound);
        logs.into_iter().map(|log| log.of).collect()
    };
    let all: Vec<String> =
        house.ask(&LogsVerify {}).unwrap().logs.into_iter().map(|log| log.of).collect();
    assert_eq!(all, [house.scope.merchant.to_string(), "installation".to_owned()]);
    assert_eq!(unsound(), [""; 0]);
    let (merchant, none) = ([house.scope.merchant.to_string()], Vec::<String>::new());
    change("UPDATE vault_log SET details = details || ' ' WHERE card IS NOT NULL");
    assert_eq!(unsound(), merchant, "details");
    change("UPDATE vault_log SET details = NULL WHERE card IS NOT NULL");
    assert_eq!(unsound(), merchant, "details without their salt");
    change("UPDATE vault_log SET salt = NULL WHERE card IS NOT NULL");
    assert_eq!(unsound(), none, "erased together");
    change("UPDATE vault_log SET at = at + 1000 WHERE card IS NOT NULL");
    assert_eq!(unsound(), merchant, "time");
    change("UPDATE vault_log SET at = at - 1000 WHERE card IS NOT NULL");
    assert_eq!(unsound(), none);
    change("UPDATE vault_log SET at = at + 1000 WHERE card IS NULL");
    assert_eq!(unsound(), ["installation"]);
    change("UPDATE vault_log SET card = NULL WHERE card IS NOT NULL");
    assert_eq!(unsound().len(), 2, "card");
}
