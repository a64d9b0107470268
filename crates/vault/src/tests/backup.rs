//! Backups are made beside traffic and restored on an empty machine; a card that was destroyed
//! stays so.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kernel::rng::OsRng;
use vault_wire::{
    BackupCheck, BackupMake, BlockGet, BlockSet, CardDelete, CardGet, CodeStatus, FiguresGet,
    LogCheckpoint, LogsVerify, NewsGet, PinState, Rotate, RotateWhat, ShredCard, ViewerGet,
    ViewerRevoke,
};

use super::hotel::{Hotel, refused};
use super::people::change_pin;
use super::reveal::{card_with_code, clock, key_of, link, open, reveal, send, viewer};
use crate::backup::{Accepted, RestoreWish, make_recipient, restore_here};

pub(super) const NUMBER: &str = "4242424242424242";

#[test]
fn ve_18_v_152_monday_s_backup_and_today_s_log() {
    let mut hotel = Hotel::open();
    let [kept, deleted, other] = hotel.stores();
    let made = hotel.backup();
    assert_eq!(made.cards, 3);
    hotel.house.ask(&CardDelete { card: deleted }).unwrap();
    let log = hotel.save_log();
    let folder = hotel.path_of(&made);
    hotel.lose();
    let said = refused(hotel.restore(&hotel.wish(&folder)));
    assert!(said.contains("--log") && said.contains("--accept-return"), "{said}");
    let wish = RestoreWish { log: Some(log), ..hotel.wish(&folder) };
    let would = hotel.restore(&RestoreWish { trial: true, ..wish.clone() }).unwrap();
    assert_eq!((would.cards, would.destroyed, would.codes), (2, 1, 3), "{would:?}");
    let restored = hotel.restore(&wish).unwrap();
    assert_eq!(serde_json::json!(restored), serde_json::json!(would), "as it was told before");
    hotel.house.start();
    assert_eq!(hotel.fault(deleted).as_deref(), Some("gone"));
    for card in [kept, other] {
        assert!(hotel.charges(card), "{card}");
        let code = hotel.house.ask(&CardGet { card }).unwrap().security_code;
        assert_eq!(code.status, CodeStatus::Destroyed);
        assert_eq!(code.destroyed_because.as_deref(), Some("lost"));
    }
    assert!(!hotel.charges(deleted));
    let logs = hotel.house.ask(&LogsVerify {}).unwrap().logs;
    assert!(logs.iter().all(|log| log.found.sound), "{logs:?}");
}

/// Two people whose names the log keeps.
fn two() -> Vec<String> {
    vec!["Anne Martin".into(), "Paul Durand".into()]
}

#[test]
fn v_152_what_nothing_tells_of_returns_only_by_the_word_of_two() {
    let mut hotel = Hotel::open();
    let [deleted] = hotel.stores();
    let made = hotel.backup();
    hotel.house.ask(&CardDelete { card: deleted }).unwrap();
    hotel.lose();
    // The folder of all backups: the newest is taken.
    let folder = hotel.house.config.backup_dir.clone().unwrap();
    let base = hotel.wish(&folder);
    let accept = |operators: Vec<String>| RestoreWish {
        accept: vec![Accepted::Return],
        operators,
        ..base.clone()
    };
    let same = vec!["Anne Martin".into(), " anne martin ".into()];
    for operators in [Vec::new(), vec!["Anne Martin".into()], same] {
        assert!(refused(hotel.restore(&accept(operators))).contains("two operators"));
    }
    assert!(hotel.restore(&RestoreWish { operators: two(), ..hotel.wish(&folder) }).is_err());
    // The app knows it, too.
    let gone = hotel.house.dir().join("gone");
    let list = |at: &str, count: u32| format!("guichet-gone-v1 {at} {count}\n{deleted}\n");
    std::fs::write(&gone, list("2999-01-01T00:00:00Z", 1)).unwrap();
    let told = RestoreWish { gone: Some(gone.clone()), trial: true, ..hotel.wish(&folder) };
    let would = hotel.restore(&told).unwrap();
    assert_eq!((would.cards, would.destroyed), (0, 1));
    for (bent, why) in [
        (String::new(), "no list"),
        (list("2999-01-01T00:00:00Z", 2), "not whole"),
        (list("2026-01-01T00:00:00Z", 1), "before the backup"),
        ("guichet-gone-v1 2999-01-01T00:00:00Z 1\ncard_x\n".to_owned(), "line 2"),
    ] {
        std::fs::write(&gone, bent).unwrap();
        assert!(refused(hotel.restore(&told)).contains(why), "{why}");
    }
    let data = hotel.house.config.data_dir.clone();
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 0, "a trial leaves nothing");
    // Nor does one that was killed.
    std::fs::create_dir(data.join("restore-trial")).unwrap();
    std::fs::write(data.join("restore-trial/keyring"), "x").unwrap();
    let restored = hotel.restore(&accept(two())).unwrap();
    assert_eq!((restored.name, restored.cards, restored.destroyed), (made.name, 1, 0));
    assert!(!data.join("restore-trial").exists());
    hotel.house.start();
    assert!(hotel.charges(deleted), "they have accepted it");
    hotel.house.kill();
    let again = refused(hotel.restore(&accept(two())));
    assert!(again.contains("not empty"), "{again}");
}

#[test]
fn ve_18_v_153_without_its_keys_a_backup_gives_tokens_and_history_only() {
    let mut hotel = Hotel::open();
    let [one, other] = hotel.stores();
    let made = hotel.backup();
    let folder = hotel.path_of(&made);
    let log = Some(hotel.save_log());
    hotel.lose();
    let no_key = RestoreWish { keys: Vec::new(), log: log.clone(), ..hotel.wish(&folder) };
    assert!(refused(hotel.restore(&no_key)).contains("--without-numbers"));
    let stranger = hotel.house.dir().join("stranger.key");
    make_recipient(&stranger).unwrap();
    let wrong = RestoreWish { keys: vec![stranger], ..no_key.clone() };
    assert!(refused(hotel.restore(&wrong)).contains(&made.recipients.concat()));
    let accepted = RestoreWish { accept: vec![Accepted::NoNumbers], ..no_key.clone() };
    let would = hotel.restore(&RestoreWish { trial: true, ..accepted }).unwrap();
    assert_eq!((would.cards, would.without_number), (0, 2));
    std::fs::remove_file(folder.join("slots.bak")).unwrap();
    let restored = hotel.restore(&no_key).unwrap();
    assert_eq!((restored.cards, restored.without_number), (0, 2));
    hotel.house.start();
    for card in [one, other] {
        assert_eq!(hotel.fault(card).as_deref(), Some("gone"));
        assert!(!hotel.charges(card));
    }
    let news = hotel.house.ask(&NewsGet { seen: None }).unwrap();
    assert!(news.logs.iter().any(|log| log.size > 2), "history is there");
}

#[test]
fn v_152_a_backup_that_was_changed_or_is_another_root_s_is_refused() {
    let mut hotel = Hotel::open();
    hotel.store();
    let made = hotel.backup();
    let folder = hotel.path_of(&made);
    let log = hotel.save_log();
    hotel.lose();
    let wish = RestoreWish { log: Some(log.clone()), trial: true, ..hotel.wish(&folder) };
    for name in ["cards.bak", "slots.bak", "heads.txt", "manifest.json"] {
        let path = folder.join(name);
        let whole = std::fs::read(&path).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 2] {
            let mut bent = whole.clone();
            bent[at] ^= 1;
            std::fs::write(&path, bent).unwrap();
            let said = refused(hotel.restore(&wish));
            assert!(said.contains("damaged"), "{name} at {at}: {said}");
        }
        std::fs::write(&path, whole).unwrap();
    }
    // What a saved log says is believed as far as its signature goes.
    let saved = std::fs::read_to_string(&log).unwrap();
    let mut without_last: Vec<&str> = saved.lines().collect();
    without_last.pop();
    let first_of_all = saved.lines().take(1).collect();
    for bent in
        [without_last.join("\n"), saved.replacen("card.stored", "card.deleted", 1), first_of_all]
    {
        std::fs::write(&log, bent).unwrap();
        assert!(refused(hotel.restore(&wish)).contains("signed"));
    }
    std::fs::write(&log, "").unwrap();
    assert!(refused(hotel.restore(&wish)).contains("older than the backup"));
    std::fs::write(&log, saved).unwrap();
    assert!(hotel.restore(&wish).is_ok());
    let manifest = folder.join("manifest.json");
    std::fs::rename(&manifest, folder.join("manifest.json.new")).unwrap();
    assert!(refused(hotel.restore(&wish)).contains("half"));
    std::fs::rename(folder.join("manifest.json.new"), &manifest).unwrap();
    std::fs::remove_file(&hotel.house.config.root_file).unwrap();
    crate::make_root(&hotel.house.config.root_file).unwrap();
    assert!(refused(hotel.restore(&wish)).contains("root key"));
}

#[test]
fn v_151_a_thief_of_the_folder_reads_nothing() {
    let hotel = Hotel::open();
    let [card] = hotel.stores();
    let folder = hotel.path_of(&hotel.backup());
    let name = hotel.house.shop().name;
    let last4 = "\"4242\"".to_owned();
    let needles = [NUMBER.to_owned(), card.to_string(), name, last4, "vk_test".into()];
    for name in ["cards.bak", "slots.bak", "heads.txt", "manifest.json"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        for needle in &needles {
            let found = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!found, "{name}: {needle}");
        }
        let id = card.id();
        assert!(!bytes.windows(16).any(|window| window == id.as_bytes()), "{name}");
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(folder.join(name)).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(hotel.house.files_with(NUMBER).is_empty());
}

#[test]
fn v_151_keys_that_changed_before_or_after_the_backup_do_not_matter() {
    let mut hotel = Hotel::open();
    let [before] = hotel.stores();
    let property = RotateWhat::Property { shop: hotel.house.scope.shop };
    let rotate = |hotel: &Hotel, what| {
        hotel.house.ask_long(&Rotate { what }, Duration::from_secs(60)).unwrap()
    };
    rotate(&hotel, property);
    let [after] = hotel.stores();
    let made = hotel.backup();
    rotate(&hotel, property);
    rotate(&hotel, RotateWhat::Epoch);
    let log = hotel.save_log();
    let folder = hotel.path_of(&made);
    hotel.lose();
    hotel.restore(&RestoreWish { log: Some(log), ..hotel.wish(&folder) }).unwrap();
    hotel.house.start();
    for card in [before, after] {
        assert!(hotel.charges(card));
    }
    let epochs = hotel.house.ask(&FiguresGet {}).unwrap().epochs;
    assert!(epochs["number"] >= 3, "no name of a key comes twice: {epochs:?}");
    // It is a whole vault: it rotates, is backed up, and comes back once more.
    rotate(&hotel, property);
    let [third] = hotel.stores();
    let made = hotel.backup();
    let (log, folder) = (hotel.save_log(), hotel.path_of(&made));
    hotel.lose();
    hotel.restore(&RestoreWish { log: Some(log), ..hotel.wish(&folder) }).unwrap();
    hotel.house.start();
    for card in [before, after, third] {
        assert!(hotel.charges(card));
    }
    let logs = hotel.house.ask(&LogsVerify {}).unwrap().logs;
    assert!(logs.iter().all(|log| log.found.sound), "under three signers: {logs:?}");
}

/// Gives a backup's folder the name of one that was made earlier.
fn older(folder: &Path, days: i64) -> PathBuf {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let day: &str = name.split(['-', 'T']).nth(1).unwrap();
    let date: kernel::Date = format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]).parse().unwrap();
    let before = kernel::time::plus_days(date, -days).to_string().replace('-', "");
    let older = folder.with_file_name(name.replace(day, &before));
    std::fs::rename(folder, &older).unwrap();
    older
}

#[test]
fn v_151_v_153_the_newest_backup_is_tried_and_outdated_keys_and_halves_go() {
    let hotel = Hotel::open();
    let [_one, _two, deleted] = hotel.stores();
    let check = || hotel.house.ask_long(&BackupCheck {}, Duration::from_secs(60)).unwrap();
    assert!(check().fault.unwrap().contains("no whole backup"));
    let first = older(&hotel.path_of(&hotel.backup()), 8);
    let half = first.with_file_name("backup-20260101T000000Z-0000");
    std::fs::create_dir(&half).unwrap();
    std::fs::write(half.join("slots.bak"), "x").unwrap();
    let made = hotel.backup();
    assert_eq!(made.outdated, [first.file_name().unwrap().to_str().unwrap()]);
    assert!(!first.join("slots.bak").exists() && first.join("cards.bak").exists());
    assert!(!half.exists(), "half a backup");
    hotel.house.ask(&CardDelete { card: deleted }).unwrap();
    let state = check();
    assert_eq!((state.opened, state.fault.clone()), (3, None), "{state:?}");
    assert_eq!(state.newest, Some(made.name.clone()));
    let told = hotel.house.ask(&FiguresGet {}).unwrap().backup.unwrap();
    let age_seconds = told.age_seconds;
    assert_eq!(told, vault_wire::BackupState { age_seconds, ..state });
    assert!(!hotel.house.config.data_dir.join("backup-trial").exists());
    let ring = || std::fs::read_to_string(hotel.house.config.data_dir.join("keyring")).unwrap();
    assert_eq!(ring().matches("backup ").count(), 1, "the key of the newest alone");
    let slots = hotel.path_of(&made).join("slots.bak");
    let mut bent = std::fs::read(&slots).unwrap();
    bent[40] ^= 1;
    std::fs::write(&slots, bent).unwrap();
    assert!(check().fault.unwrap().contains("slots.bak"));
}

#[test]
fn v_151_a_kill_at_every_file_leaves_a_half_that_nobody_restores() {
    let mut hotel = Hotel::open();
    let [card] = hotel.stores();
    let whole = hotel.backup();
    hotel.house.kill();
    for at in ["begun", "cards", "slots", "heads"] {
        let mut command = super::starting::vault_process(&hotel.house);
        command.env(super::rotation::DIE_AT, format!("backup_{at}:1"));
        hotel.house.start_process(command);
        assert!(hotel.house.ask_long(&BackupMake {}, Duration::from_secs(60)).is_err(), "{at}");
        hotel.house.died();
        let all: Vec<PathBuf> = std::fs::read_dir(hotel.house.config.backup_dir.as_ref().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(all.len(), 2, "{at}: the whole one and a half");
        let half = all.iter().find(|path| !path.ends_with(&whole.name)).unwrap();
        let wish = RestoreWish {
            trial: true,
            accept: vec![Accepted::Return],
            operators: two(),
            ..hotel.wish(half)
        };
        assert!(refused(hotel.restore(&wish)).contains("half"), "{at}");
        let newest = RestoreWish { folder: half.parent().unwrap().to_owned(), ..wish };
        assert_eq!(hotel.restore(&newest).unwrap().name, whole.name, "{at}");
        // In its sandbox the next one is whole, and the half is gone.
        let command = super::starting::vault_process(&hotel.house);
        hotel.house.start_process(command);
        let made = hotel.backup();
        assert_eq!(made.cards, 1, "{at}");
        assert!(!half.exists(), "{at}");
        assert!(hotel.charges(card), "{at}");
        hotel.house.kill();
        std::fs::remove_dir_all(hotel.path_of(&made)).unwrap();
    }
}

pub(super) const WISH: &str = "GUICHET_TEST_RESTORE";

/// Does nothing unless another test runs it: folder, key and log in a line each.
#[test]
fn restore_child() {
    let Ok(wish) = std::env::var(WISH) else { return };
    let config = serde_json::from_str(&std::env::var(super::starting::CONFIG).unwrap()).unwrap();
    let mut lines = wish.lines().map(PathBuf::from);
    let mut next = || lines.next().unwrap();
    let wish = RestoreWish {
        folder: next(),
        keys: vec![next()],
        log: Some(next()),
        ..RestoreWish::default()
    };
    std::process::exit(restore_here(&config, &wish).is_err().into());
}

#[test]
fn v_152_a_restore_that_was_cut_off_does_not_start_and_begins_anew() {
    let mut hotel = Hotel::open();
    let [kept, deleted] = hotel.stores();
    let made = hotel.backup();
    hotel.house.ask(&CardDelete { card: deleted }).unwrap();
    let (log, folder) = (hotel.save_log(), hotel.path_of(&made));
    for at in ["begun", "loaded", "keyring", "replayed", "slots", "whole"] {
        hotel.lose();
        hotel.restore_until(at, (&folder, &log));
        let said = crate::run::open(&hotel.house.config).err().unwrap().to_string();
        assert!(said.contains("cut off"), "{at}: {said}");
        let wish = RestoreWish { log: Some(log.clone()), ..hotel.wish(&folder) };
        let restored = hotel.restore(&wish).unwrap();
        assert_eq!((restored.cards, restored.destroyed), (1, 1), "{at}");
        hotel.house.start();
        assert!(hotel.charges(kept), "{at}");
        assert_eq!(hotel.fault(deleted).as_deref(), Some("gone"), "{at}");
    }
}

#[test]
fn v_152_links_are_void_and_nobody_gets_new_tries_an_old_pin_or_a_right_back() {
    let mut hotel = Hotel::open();
    clock(&hotel.house, "2026-06-15T07:00:00Z");
    let card = card_with_code(&hotel.house, "HOP-1");
    let [tries, changes, leaves, quiet] = [(); 4].map(|()| viewer(&hotel.house));
    let before = link(&hotel.house, card, quiet);
    let made = hotel.backup();
    clock(&hotel.house, "2026-06-15T08:00:00Z");
    let path = link(&hotel.house, card, tries);
    let mut page = open(&hotel.house, &path);
    for _ in 0..4 {
        page =
            send(&hotel.house, &path, &format!("key={}&pin=47120939&show=number", key_of(&page)));
    }
    assert!(page.has("il reste 1 essai"), "{}", page.body);
    hotel.house.ask(&ViewerRevoke { user: leaves.to_string() }).unwrap();
    change_pin(&hotel.house, changes);
    let shut = BlockSet { on: true, relay: false, reason: "A stolen tablet".into() };
    hotel.house.ask(&shut).unwrap();
    let (log, folder) = (hotel.save_log(), hotel.path_of(&made));
    hotel.lose();
    let restored = hotel.restore(&RestoreWish { log: Some(log), ..hotel.wish(&folder) }).unwrap();
    assert_eq!((restored.links, restored.viewers, restored.codes), (1, 3, 1), "{restored:?}");
    hotel.house.start();
    assert!(hotel.house.ask(&BlockGet {}).unwrap().on, "it was shut, and is");
    let pin = |user| hotel.house.ask(&ViewerGet { user }).unwrap().pin;
    assert_eq!(pin(quiet), PinState::Active);
    assert_eq!(pin(changes), PinState::Blocked, "the PIN of the backup is an old one");
    assert_eq!(pin(leaves), PinState::Revoked);
    for _ in 0..2 {
        let mut scope = hotel.house.scope.clone();
        scope.user = format!("usr_{}", kernel::Id::random(&OsRng).text());
        let lift = BlockSet { on: false, ..shut.clone() };
        hotel.house.ask_as(&scope, &lift).unwrap();
    }
    let path = link(&hotel.house, card, tries);
    let page = reveal(&hotel.house, &path, "47120939", "number");
    assert!(page.has("Bloqué"), "the fifth try: {}", page.body);
    assert!(open(&hotel.house, &before).status >= 400, "a link of before");
}

#[test]
fn v_151_whoever_has_the_socket_does_not_fill_the_disk() {
    let hotel = Hotel::open();
    let made = hotel.backup();
    let folder = hotel.path_of(&made);
    for number in 1..24 {
        let other = folder.with_file_name(format!("{}{number:04}", &made.name[..24]));
        std::fs::create_dir(&other).unwrap();
        std::fs::copy(folder.join("manifest.json"), other.join("manifest.json")).unwrap();
    }
    let refused = hotel.house.ask_long(&BackupMake {}, Duration::from_secs(60)).unwrap_err();
    assert!(refused.to_string().contains("24 backups"), "{refused}");
}

#[test]
fn v_152_a_receipt_of_before_a_restore_is_still_good() {
    let mut hotel = Hotel::open();
    let [deleted] = hotel.stores();
    hotel.house.ask(&CardDelete { card: deleted }).unwrap();
    let made = hotel.backup();
    let (log, folder) = (hotel.save_log(), hotel.path_of(&made));
    hotel.lose();
    hotel.restore(&RestoreWish { log: Some(log), ..hotel.wish(&folder) }).unwrap();
    hotel.house.start();
    let left = hotel.house.ask(&ShredCard { card: deleted }).unwrap();
    assert!(left.receipts.len() == 2 && left.receipts.iter().all(|one| one.signed), "{left:?}");
    let levels: Vec<&str> = left.receipts.iter().map(|one| one.level.as_str()).collect();
    assert_eq!(levels, ["C", "C"], "nobody saw the lost machine's keys destroyed");
    let head = hotel.house.ask(&LogCheckpoint {}).unwrap();
    let receipt = &left.receipts[0].receipt;
    assert!(!signed(receipt, &head.key));
    assert!(signed(receipt, &head.former[0]));
}

/// Whether a receipt was signed with a key, as somebody without the vault finds out.
fn signed(receipt: &serde_json::Value, key: &str) -> bool {
    vault_wire::proof::LogKey::parse(key).unwrap().receipt(receipt)
}
