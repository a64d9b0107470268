//! What the vault can prove of what it did.

use ct_merkle::{InclusionProof, RootHash};
use kernel::rng::OsRng;
use sha2::Sha256;
use vault_wire::proof::{CARD_FILE_FORM, CardFile, LogKey, opens};
use vault_wire::{
    CardDelete, CardGet, LogCheckpoint, LogConsistency, LogEntries, LogEntry, LogInclusion,
    LogOfCard, LogsVerify, ProvedEntry, ReceiptsList, ShopPut, WireScope,
};

use super::bank::Says;
use super::house::House;
use super::reveal::{PIN, card_with_code, clock, link, reveal, view_once, viewer};
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
        let proof = house.ask(&LogInclusion { seq: stored.seq, size: None }).unwrap();
        let path: Vec<u8> =
            proof.path.iter().flat_map(|hash| *unhex::<32>(hash).unwrap()).collect();
        let path = InclusionProof::try_from_bytes(path).unwrap();
        assert!(root.verify_inclusion(&stored.entry, stored.seq, &path).is_ok());
    }
    let path = house.ask(&LogConsistency { old: old.size, new: None }).unwrap().path;
    assert!(!path.is_empty());
    assert!(house.ask(&LogInclusion { seq: head.size, size: None }).is_err());
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

/// The file that the holder of a card takes home.
fn file_of(house: &House, card: kernel::CardToken) -> CardFile {
    let life = house.ask(&LogOfCard { card, from: 0, size: None }).unwrap();
    assert_eq!(life.next, None);
    CardFile {
        form: CARD_FILE_FORM.into(),
        how: String::new(),
        card: card.to_string(),
        key: life.checkpoint.key,
        former: life.checkpoint.former,
        checkpoint: life.checkpoint.note,
        complete: life.next.is_none(),
        entries: life.entries,
        receipts: house.ask(&ReceiptsList { card }).unwrap().receipts,
    }
}

#[test]
fn v_150_v_162_the_holder_checks_who_saw_his_card_and_is_told_nobodys_name() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    view_once(&house);
    let user = viewer(&house);
    let card = card_with_code(&house, "HOP-1");
    assert_eq!(reveal(&house, &link(&house, card, user), PIN, "code").status, 200);
    house.relay(card, "op_1").unwrap();
    house.bank.says(Says::Silence);
    let _ = house.relay(card, "op_2");
    house.ask(&CardDelete { card }).unwrap();
    let file = file_of(&house, card);
    let checked = file.check(None);
    assert!(checked.is_sound(), "{checked:?}");
    let said = |event: &str| -> Vec<&ProvedEntry> {
        let named = format!("\"event\":\"{event}\"");
        file.entries.iter().filter(|one| one.entry.contains(&named)).collect()
    };
    for event in ["card.stored", "link.created", "link.opened", "card.revealed", "card.deleted"] {
        assert_eq!(said(event).len(), 1, "{event}");
    }
    assert_eq!(said("code.destroyed").len(), 1);
    let shown = said("card.revealed")[0].details.clone().unwrap();
    assert!(shown.contains("\"initials\":\"C.\"") && shown.contains("\"127.0.0.0/24\""), "{shown}");
    let results: Vec<serde_json::Value> = said("relay.called")
        .iter()
        .map(|one| serde_json::from_str(one.details.as_deref().unwrap()).unwrap())
        .collect();
    assert_eq!(
        (&results[0]["amount"], &results[0]["result"]),
        (&10_080.into(), &"approved".into())
    );
    assert_eq!(results[1]["result"], "unknown", "it left: it is told");
    let text = serde_json::to_string(&file).unwrap();
    assert!(!text.contains("Claire") && !text.contains("127.0.0.1\\\""), "{text}");
    assert_eq!((file.receipts.len(), checked.receipts.as_slice()), (2, &[true, true][..]));

    // One letter changed anywhere, and it is found.
    let at = file.entries.iter().position(|one| one.entry.contains("card.revealed")).unwrap();
    let forge = |change: &dyn Fn(&mut CardFile)| {
        let mut forged = file.clone();
        change(&mut forged);
        forged.check(None)
    };
    let actor = forge(&|file| {
        let entry = &mut file.entries[at].entry;
        *entry = entry.replace("\"actor\":\"usr_", "\"actor\":\"usr_0");
    });
    assert!(!actor.entries[at].included && actor.entries.iter().filter(|e| e.included).count() > 3);
    let initials = forge(&|file| {
        let details = file.entries[at].details.as_mut().unwrap();
        *details = details.replace("\"C.\"", "\"D.\"");
    });
    assert!(!initials.entries[at].opened && initials.entries[at].included);
    assert!(!forge(&|file| file.card = kernel::CardToken::random(&OsRng).to_string()).is_sound());
    assert!(!forge(&|file| file.checkpoint = file.checkpoint.replacen("\n1", "\n2", 1)).head);
    assert!(!file.check(Some("coffre.example+00000000+AQ==")).head, "another key");
    let none = LogOfCard { card: kernel::CardToken::random(&OsRng), from: 0, size: None };
    assert_eq!(house.ask(&none).unwrap_err().code(), Some("not_found"));
}

#[test]
fn v_147_a_program_reads_the_details_of_its_own_shop_and_nobodys_name() {
    let house = House::open();
    clock(&house, "2026-06-15T08:00:00Z");
    view_once(&house);
    viewer(&house);
    house.card("4242424242424242", |_| ());
    let shop = kernel::ShopId::random(&OsRng);
    let put = ShopPut { shop, vault_keys: Vec::new(), ..house.shop() };
    house.ask_as(&WireScope { shop, ..house.scope.clone() }, &put).unwrap();
    let read = |user: &str, shop: kernel::ShopId| -> Vec<LogEntry> {
        let scope = WireScope { user: user.into(), shop, ..house.scope.clone() };
        let asked = LogEntries { from: 0, limit: 1000, card: None };
        house.ask_as(&scope, &asked).unwrap().entries
    };
    let details = |entries: &[LogEntry]| -> String {
        entries.iter().filter_map(|one| one.details.clone()).collect()
    };
    let whole = read("clock", house.scope.shop);
    assert!(details(&whole).contains("Claire"), "the house saves all of it");
    let own = read("key_1", house.scope.shop);
    assert!(details(&own).contains("sealed") && !details(&own).contains("Claire"));
    let other = read("key_1", shop);
    assert!(other.iter().all(|one| one.salt.is_none() && one.details.is_none()));
    for (number, all) in whole.iter().enumerate() {
        assert_eq!((&own[number].entry, &other[number].entry), (&all.entry, &all.entry));
        let salt = own[number].salt.as_deref().and_then(vault_wire::proof::unhex);
        let shown = (salt.as_deref(), own[number].details.as_deref());
        assert!(opens(&own[number].entry, shown), "{}", all.entry);
    }
}

#[test]
fn v_150_parts_of_a_cards_log_go_together_under_one_head() {
    let house = House::open();
    let card = house.card("4242424242424242", |_| ()).card.token;
    let first = house.ask(&LogOfCard { card, from: 0, size: None }).unwrap();
    house.relay(card, "op_1").unwrap();
    let size = Some(first.checkpoint.size);
    let again = house.ask(&LogOfCard { card, from: 0, size }).unwrap();
    assert_eq!((&again.entries, again.next), (&first.entries, None));
    assert_eq!(again.checkpoint.note, first.checkpoint.note);
    let now = house.ask(&LogOfCard { card, from: 0, size: None }).unwrap();
    assert!(now.entries.len() > first.entries.len());
}

#[test]
fn v_147_proofs_lead_to_older_heads_too() {
    let house = House::open();
    for _ in 0..3 {
        house.card("4242424242424242", |_| ());
    }
    let old = house.ask(&LogCheckpoint {}).unwrap();
    house.card("5555555555554444", |_| ());
    let proof = house.ask(&LogInclusion { seq: 1, size: Some(old.size) }).unwrap();
    let key = LogKey::parse(&proof.checkpoint.key).unwrap();
    assert_eq!(key.head(&proof.checkpoint.note), key.head(&old.note), "the same root, signed");
    let beyond = house.ask(&LogInclusion { seq: old.size, size: Some(old.size) });
    assert_eq!(beyond.unwrap_err().code(), Some("not_found"));
    for size in [0, 1_000] {
        assert!(house.ask(&LogInclusion { seq: 0, size: Some(size) }).is_err(), "{size}");
    }
    assert!(house.ask(&LogConsistency { old: 1, new: Some(old.size) }).is_ok());
    assert!(house.ask(&LogConsistency { old: old.size, new: Some(1) }).is_err());
}
