//! A vault that is sealed, and the people who open it.

use std::time::Duration;

use vault_wire::{
    AuditGet, CardGet, CheckState, Figures, FiguresGet, Health, Hello, InventoryGet, Keep,
    LogsVerify, RootForm, Seal, SealState, Unseal, UnsealShare, Unsealing, WireError,
};
use zeroize::Zeroizing;

use super::hotel::Hotel;
use super::house::{APP, House, VAULT_KEY};
use super::starting::vault_process;
use crate::backup::RestoreWish;
use crate::sealing::share;
use crate::{Ceremony, CeremonyError, GatheredRoot, RootSource, ShareError};

fn state(house: &House) -> Option<SealState> {
    house.ask(&Hello { versions: vec![1] }).unwrap().sealed
}

fn give(house: &House, share: &str) -> Result<Unsealing, String> {
    house
        .ask(&UnsealShare { share: share.to_owned() })
        .map_err(|error| error.code().unwrap_or("none").to_owned())
}

fn nobody(_: u8, _: Option<u8>, _: Option<ShareError>) -> Result<Zeroizing<String>, String> {
    Err("nobody is here".into())
}

/// Each custodian in turn takes his share.
fn shares(house: &House, needed: u8, names: &[&str]) -> (RootSource, Vec<String>) {
    let all = u8::try_from(names.len()).unwrap();
    let mut ceremony = Ceremony::begin_here(&house.config, (needed, all), &mut nobody).unwrap();
    let taken = |name: &&str| ceremony.accept(name, "the text").unwrap().to_string();
    let shares = names.iter().map(taken).collect();
    assert_eq!(ceremony.next(), None);
    (ceremony.source(), shares)
}

const THREE: [&str; 3] = ["Anne Martin", "Paul Durand", "Lea Petit"];

/// A house with a kept card, whose root is in shares by now.
fn in_shares() -> (House, kernel::CardToken, Vec<String>) {
    let mut house = House::open();
    let card = kept(&house);
    house.kill();
    let (source, shares) = shares(&house, 2, &THREE);
    assert_eq!(source, RootSource::File);
    house.config.root = RootForm::Shares;
    std::fs::remove_file(&house.config.root_file).unwrap();
    house.start();
    (house, card, shares)
}

fn kept(house: &House) -> kernel::CardToken {
    let card = house.card("4242424242424242", |request| {
        request.keep = Keep::Booking;
        request.booking = Some(kernel::BookingId::random(&kernel::rng::OsRng));
    });
    card.card.token
}

fn opens(house: &House) {
    let limit = std::time::Instant::now() + Duration::from_secs(60);
    while state(house).is_some() {
        assert!(std::time::Instant::now() < limit, "the vault does not open");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn v_127_a_sealed_vault_says_so_at_every_door_and_does_nothing() {
    let (house, card, _) = in_shares();
    let page = house.get("/v/c/whatever?lang=fr");
    assert_eq!((page.status, page.header("retry-after")), (503, "60"));
    assert!(page.has("momentanément indisponible") && page.has("rien n&#39;a été débité"));
    for (lang, words) in [("en", "nothing was debited"), ("de", "nichts abgebucht")] {
        assert!(house.get(&format!("/v/r/whatever?lang={lang}")).has(words), "{lang}");
    }
    let form = house.post("/v/c/whatever", "number=4242424242424242&exp=12/30&code=123");
    assert_eq!(form.status, 503);
    assert_eq!(house.get("/v/p/whatever").status, 503);
    let key = format!("Bearer {VAULT_KEY}");
    let api = house.send("POST /v1/cards HTTP/1.1\r\n", &[("authorization", &key)], "{}");
    assert_eq!((api.status, api.header("retry-after")), (503, "60"));
    assert_eq!(api.json()["code"], "vault_sealed");
    assert_eq!(house.get("/nowhere").status, 404, "what is not there is not sealed");
    assert_eq!(house.get("/health").status, 200);
    let away = house.ask(&CardGet { card }).unwrap_err();
    assert_eq!((&away, away.may_have_been_heard()), (&WireError::Sealed, false));
    assert_eq!(away.code(), Some("vault_sealed"));
    assert_eq!(house.ask(&Health {}).unwrap().status, "sealed");
    let figures = house.ask(&FiguresGet {}).unwrap();
    assert_eq!(figures, Figures { sealed: true, ..Figures::default() });
    assert!(!house.get("/v/c/whatever").has(APP));
}

#[test]
fn v_126_two_of_three_custodians_open_the_vault_and_its_cards_are_there() {
    let (house, card, shares) = in_shares();
    let sealed = state(&house).unwrap();
    assert_eq!((sealed.root, sealed.given, sealed.needed), (RootForm::Shares, 0, None));
    assert_eq!(give(&house, "gs1-nothing").unwrap_err(), "share_invalid");
    assert_eq!(house.ask(&Unseal {}).unwrap_err().code(), Some("share_needed"));
    let first = give(&house, &shares[2]).unwrap();
    assert_eq!((first.given, first.needed), (1, 2));
    assert_eq!(state(&house).unwrap().until, Some(first.until));
    assert_eq!(give(&house, &shares[2]).unwrap_err(), "share_duplicate");
    let rng = kernel::rng::OsRng;
    let other = share::split(&crate::keys::Key::random(&rng), (2, 3), &rng).unwrap();
    assert_eq!(give(&house, &other[0].text()).unwrap_err(), "share_set_wrong");
    assert_eq!(state(&house).unwrap().given, 0, "all begin again");
    assert_eq!(give(&house, &shares[0]).unwrap().given, 1);
    assert_eq!(give(&house, &shares[1]).unwrap().given, 2);
    opens(&house);
    assert_eq!(house.ask(&CardGet { card }).unwrap().last4, "4242");
    kept(&house);
    assert_eq!(give(&house, &shares[0]).unwrap_err(), "not_sealed");
    let inventory = house.ask(&InventoryGet {}).unwrap();
    assert_eq!(inventory.custodians.len(), 3);
    for (told, name) in inventory.custodians.iter().zip(THREE) {
        assert!(told.starts_with(name) && told.contains("of 3, 2 open the vault"), "{told}");
    }
    let found = |what: &str| {
        let told = house.ask(&AuditGet {}).unwrap();
        told.checks.into_iter().find(|check| check.what.contains(what)).unwrap()
    };
    let dual = found("one person cannot unseal");
    assert_eq!(dual.state, CheckState::Good, "{dual:?}");
    assert_eq!(found("where the shares were made").state, CheckState::NotJudged);
    assert_eq!(found("in shares alone").state, CheckState::Good);
    std::fs::write(&house.config.root_file, "left behind").unwrap();
    assert_eq!(found("in shares alone").state, CheckState::Finding);
    let logged = house.ask(&LogsVerify {}).unwrap();
    assert!(logged.logs.iter().all(|log| log.found.sound), "{logged:?}");
    assert!(!house.ask(&FiguresGet {}).unwrap().sealed);
}

#[test]
fn v_126_shares_of_another_root_open_no_keyring() {
    let (house, _, shares) = in_shares();
    let rng = kernel::rng::OsRng;
    let other = share::split(&crate::keys::Key::random(&rng), (2, 2), &rng).unwrap();
    assert_eq!(give(&house, &other[0].text()).unwrap().given, 1);
    assert_eq!(give(&house, &other[1].text()).unwrap_err(), "share_set_wrong");
    assert!(state(&house).is_some());
    assert_eq!(give(&house, &shares[0]).unwrap().given, 1);
    assert_eq!(give(&house, &shares[2]).unwrap().given, 2);
    opens(&house);
}

#[test]
fn v_127_a_vault_sealed_by_hand_stays_so_until_the_operator_opens_it() {
    let mut house = House::open();
    let card = kept(&house);
    house.kill();
    for _ in 0..2 {
        let command = vault_process(&house);
        house.start_process(command);
        assert_eq!(state(&house), None);
        house.ask(&Seal {}).unwrap();
        assert_eq!(house.died().code(), Some(crate::sealing::EXIT), "keys go with the process");
        for _ in 0..2 {
            let command = vault_process(&house);
            house.start_process(command);
            assert_eq!(state(&house).unwrap().root, RootForm::File, "over a restart, too");
            assert_eq!(house.ask(&CardGet { card }).unwrap_err(), WireError::Sealed);
            assert_eq!(give(&house, "gs1").unwrap_err(), "share_not_needed");
            house.ask(&Seal {}).unwrap();
            house.kill();
        }
        let command = vault_process(&house);
        house.start_process(command);
        house.ask(&Unseal {}).unwrap();
        assert_eq!(
            house.died().code(),
            Some(crate::sealing::EXIT),
            "the next start reads the file"
        );
    }
    let command = vault_process(&house);
    house.start_process(command);
    assert_eq!(house.ask(&CardGet { card }).unwrap().last4, "4242");
    assert_eq!(house.ask(&Unseal {}).unwrap_err().code(), Some("not_sealed"));
}

/// A house without keyring and root file, whose root its custodians have yet to make.
fn fresh() -> House {
    let mut house = House::open();
    house.kill();
    house.move_to_an_empty_machine();
    house.config.root = RootForm::Shares;
    house.config.demo = false;
    house.config.same_user = Some("accepted: a test".into());
    std::fs::remove_file(&house.config.root_file).unwrap();
    house
}

#[test]
fn v_126_shares_of_a_first_ceremony_that_was_cut_off_open_nothing() {
    let mut house = fresh();
    let mut cut_off = Ceremony::begin_here(&house.config, (2, 3), &mut nobody).unwrap();
    let old = ["Anne Martin", "Paul Durand"].map(|name| cut_off.accept(name, "the text").unwrap());
    drop(cut_off);
    let command = vault_process(&house);
    house.start_process(command);
    assert_eq!(give(&house, &old[0]).unwrap().given, 1);
    assert_eq!(give(&house, &old[1]).unwrap_err(), "share_set_wrong", "there is no whole set");
    house.kill();
    let (source, shares) = shares(&house, 2, &THREE);
    assert_eq!(source, RootSource::Fresh);
    let command = vault_process(&house);
    house.start_process(command);
    assert_eq!(give(&house, &old[0]).unwrap().given, 1);
    assert_eq!(give(&house, &old[1]).unwrap_err(), "share_set_wrong", "it is another root");
    assert!(state(&house).is_some());
    for share in &shares[1..] {
        give(&house, share).unwrap();
    }
    opens(&house);
    house.ask(&house.shop()).unwrap();
    let card = kept(&house);
    assert_eq!(house.ask(&CardGet { card }).unwrap().last4, "4242");
    assert_eq!(house.ask(&InventoryGet {}).unwrap().custodians.len(), 3);
}

#[test]
fn v_126_custodians_in_the_sandbox_open_a_vault_that_never_had_a_file() {
    let mut house = fresh();
    let (source, shares) = shares(&house, 3, &THREE);
    assert_eq!(source, RootSource::Fresh);
    assert!(!house.config.root_file.exists());
    let command = vault_process(&house);
    house.start_process(command);
    let rng = kernel::rng::OsRng;
    let stranger = share::split(&crate::keys::Key::random(&rng), (2, 2), &rng).unwrap();
    assert!(give(&house, &stranger[0].text()).is_ok());
    assert_eq!(give(&house, &stranger[1].text()).unwrap_err(), "share_set_wrong");
    for share in &shares {
        give(&house, share).unwrap();
    }
    opens(&house);
    house.ask(&house.shop()).unwrap();
    let card = kept(&house);
    house.ask(&Seal {}).unwrap();
    assert_eq!(house.died().code(), Some(crate::sealing::EXIT));
    let command = vault_process(&house);
    house.start_process(command);
    assert_eq!(house.ask(&CardGet { card }).unwrap_err(), WireError::Sealed);
    for share in &shares {
        give(&house, share).unwrap();
    }
    opens(&house);
    assert_eq!(house.ask(&CardGet { card }).unwrap().last4, "4242");
}

#[test]
fn v_127_a_seal_that_would_not_last_is_not_told_as_one() {
    let mut house = House::open();
    house.kill();
    let command = vault_process(&house);
    house.start_process(command);
    // The mark cannot be made where something else has its name and leads nowhere.
    let mark = house.config.data_dir.join("sealed");
    std::os::unix::fs::symlink("/nowhere/at/all", &mark).unwrap();
    let told = house.ask(&Seal {}).unwrap_err();
    assert!(told.may_have_been_heard(), "nothing was promised: {told:?}");
    assert_eq!(house.died().code(), Some(crate::sealing::EXIT), "the keys go all the same");
    std::fs::remove_file(&mark).unwrap();
    let command = vault_process(&house);
    house.start_process(command);
    assert_eq!(state(&house), None, "and it is open again");
}

#[test]
fn v_126_a_custodian_accepts_under_his_name_before_he_sees_his_share() {
    let mut house = House::open();
    house.kill();
    let begin = |of| Ceremony::begin_here(&house.config, of, &mut nobody);
    assert!(begin((1, 3)).is_err() && begin((2, 11)).is_err() && begin((4, 3)).is_err());
    let cut_off = house.config.data_dir.join("restoring");
    std::fs::write(&cut_off, "").unwrap();
    assert!(begin((2, 2)).is_err(), "a restore into this folder was cut off");
    std::fs::remove_file(&cut_off).unwrap();
    let mut ceremony = begin((2, 2)).unwrap();
    let unnamed = ceremony.accept("  ", "the text").err();
    assert!(matches!(unnamed, Some(CeremonyError::Name(_))), "a name");
    ceremony.accept("Anne Martin", "the text").unwrap();
    let twice = ceremony.accept(" anne martin", "the text").unwrap_err().to_string();
    assert!(twice.contains("one custodian, one share"), "{twice}");
    drop(ceremony);
    house.start();
    let told = house.ask(&vault_wire::InventoryGet {}).unwrap();
    assert!(told.custodians.is_empty(), "a set that was cut off has no custodians: {told:?}");
}

/// Custodians in one room, each with his share.
fn room(
    shares: &[&String],
) -> impl FnMut(u8, Option<u8>, Option<ShareError>) -> Result<Zeroizing<String>, String> {
    let mut waiting: Vec<String> = shares.iter().rev().map(|share| share.to_string()).collect();
    move |_, _, _| waiting.pop().map(Zeroizing::new).ok_or_else(|| "nobody is left".to_owned())
}

#[test]
fn v_126_present_custodians_make_new_shares_and_old_and_new_ones_do_not_mix() {
    let (mut house, card, old) = in_shares();
    house.kill();
    let config = house.config.clone();
    let begin = |shares: &[&String]| Ceremony::begin_here(&config, (2, 2), &mut room(shares));
    assert!(begin(&[&old[0]]).is_err(), "one of them alone makes nothing");
    let rng = kernel::rng::OsRng;
    let other = share::split(&crate::keys::Key::random(&rng), (2, 3), &rng).unwrap();
    let other: Vec<String> = other.iter().map(|share| share.text().to_string()).collect();
    let refused = begin(&[&other[0], &other[1]]).err().unwrap().to_string();
    assert!(refused.contains("does not open the vault"), "{refused}");
    let (mut told, mut left) = (Vec::new(), vec![&old[1], &old[2], &other[0], &old[1]]);
    let mut ask = |given: u8, _: Option<u8>, why: Option<ShareError>| {
        told.push((given, why));
        left.pop().map(|share| Zeroizing::new(share.clone())).ok_or_else(|| "nobody".to_owned())
    };
    assert!(GatheredRoot::gather(&mut ask).is_ok());
    let all_again = (0, Some(ShareError::SetWrong));
    assert_eq!(told, [(0, None), (1, None), all_again, (1, None)], "why, and all begin again");
    let mut ceremony = begin(&[&"gs1-slip".to_owned(), &old[2], &old[2], &old[1]]).unwrap();
    assert_eq!(ceremony.source(), RootSource::Custodians);
    let taken = ["Anne Martin", "Zoe Blanc"].map(|name| ceremony.accept(name, "the text").unwrap());
    drop(ceremony);
    house.start();
    assert_eq!(give(&house, &taken[0]).unwrap().given, 1);
    assert_eq!(give(&house, &old[1]).unwrap_err(), "share_set_wrong");
    assert_eq!(give(&house, &taken[1]).unwrap().given, 1);
    assert_eq!(give(&house, &taken[0]).unwrap().given, 2);
    opens(&house);
    assert_eq!(house.ask(&CardGet { card }).unwrap().last4, "4242");
    let custodians = house.ask(&InventoryGet {}).unwrap().custodians;
    assert_eq!(custodians.len(), 2, "those of the newest set: {custodians:?}");
    assert!(custodians[1].starts_with("Zoe Blanc"), "{custodians:?}");
}

#[test]
fn v_126_v_152_the_custodians_bring_a_backup_back_where_no_file_holds_the_root() {
    let mut hotel = Hotel::open();
    let [card] = hotel.stores();
    let made = hotel.backup();
    let (log, folder) = (hotel.save_log(), hotel.path_of(&made));
    hotel.house.kill();
    let (_, shares) = shares(&hotel.house, 2, &THREE);
    hotel.house.config.root = RootForm::Shares;
    std::fs::remove_file(&hotel.house.config.root_file).unwrap();
    hotel.lose();
    let wish = RestoreWish { log: Some(log), ..hotel.wish(&folder) };
    assert!(hotel.restore(&wish).is_err(), "nobody brought the root");
    let root = GatheredRoot::gather(&mut room(&[&shares[1], &shares[2]])).unwrap();
    let restored = hotel.restore(&RestoreWish { root: Some(root), ..wish }).unwrap();
    assert_eq!(restored.cards, 1);
    hotel.house.start();
    assert_eq!(hotel.fault(card).as_deref(), Some("vault_sealed"));
    for share in &shares[..2] {
        give(&hotel.house, share).unwrap();
    }
    opens(&hotel.house);
    assert!(hotel.charges(card));
}
