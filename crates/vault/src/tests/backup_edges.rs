//! Backups beside what else goes on: a backup that is being made, folders in the wrong place, what a
//! kill has left.

use std::os::unix::fs::FileExt as _;
use std::time::Duration;

use vault_wire::{BackupCheck, CardGet};

use super::hotel::{Hotel, refused};
use crate::backup::RestoreWish;

#[test]
fn v_151_a_backup_that_is_being_made_is_no_half_of_one() {
    let mut hotel = Hotel::open();
    hotel.store();
    let made = hotel.path_of(&hotel.backup());
    hotel.house.kill();
    let half = made.with_file_name("backup-20260101T000000Z-0000");
    std::fs::create_dir(&half).unwrap();
    std::fs::remove_file(made.join("manifest.json")).unwrap();
    let ring = || std::fs::read_to_string(hotel.house.config.data_dir.join("keyring")).unwrap();
    super::shred::with_core(&hotel.house, 0, async |core| {
        let turn = core.rotations.hold().await;
        let looked = tokio::time::timeout(Duration::from_secs(60), core.try_backup_if_due()).await;
        assert!(looked.is_ok(), "it waits for nobody");
        assert!(half.exists() && made.exists() && ring().contains("backup "));
        drop(turn);
        core.try_backup_if_due().await;
        assert!(!half.exists() && !made.exists() && !ring().contains("backup "));
    });
}

#[test]
fn v_151_backups_lie_apart_from_what_opens_them() {
    let mut hotel = Hotel::open();
    hotel.house.kill();
    let config = hotel.house.config.clone();
    let said = |backups: &std::path::Path| {
        let config = crate::Config { backup_dir: Some(backups.to_owned()), ..config.clone() };
        crate::run::open(&config).err().unwrap().to_string()
    };
    let within = said(&config.data_dir.join("backups"));
    assert!(within.contains("inside data_dir"), "{within}");
    // By its real path, whatever the configuration calls it.
    let link = config.data_dir.with_file_name("elsewhere");
    std::os::unix::fs::symlink(hotel.house.dir(), &link).unwrap();
    let alone = || std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(hotel.house.dir(), alone()).unwrap();
    let around = said(&link);
    assert!(around.contains("data_dir lies inside"), "{around}");
    let safe = hotel.house.dir().join("safe");
    std::fs::create_dir(&safe).unwrap();
    std::fs::set_permissions(&safe, alone()).unwrap();
    hotel.house.config.root_file = safe.join("root.key");
    std::fs::rename(&config.root_file, &hotel.house.config.root_file).unwrap();
    let config = crate::Config { backup_dir: Some(safe), ..hotel.house.config.clone() };
    let root = crate::run::open(&config).err().unwrap().to_string();
    assert!(root.contains("root_file lies inside"), "{root}");
    assert!(crate::run::open(&hotel.house.config).is_ok());
}

#[test]
fn v_152_a_restore_that_was_cut_off_before_its_first_step_blocks_nothing() {
    let mut hotel = Hotel::open();
    hotel.store();
    let made = hotel.backup();
    let (log, folder) = (hotel.save_log(), hotel.path_of(&made));
    hotel.lose();
    hotel.restore_until("marker", (&folder, &log));
    let wish = RestoreWish { log: Some(log), ..hotel.wish(&folder) };
    assert_eq!(hotel.restore(&wish).unwrap().cards, 1);
    hotel.house.start();
}

#[test]
fn v_152_a_clock_that_is_behind_restores_nothing() {
    let mut hotel = Hotel::open();
    hotel.store();
    let log = hotel.save_log();
    hotel.house.kill();
    let made = super::shred::with_core(&hotel.house, 1, async |core| core.backup().await.unwrap());
    let folder = hotel.path_of(&made);
    hotel.lose();
    let wish = RestoreWish { log: Some(log), ..hotel.wish(&folder) };
    let said = refused(hotel.restore(&wish));
    assert!(said.contains("set the clock"), "{said}");
}

#[test]
fn v_151_a_card_whose_key_does_not_open_is_told_of() {
    let hotel = Hotel::open();
    hotel.store();
    hotel.store();
    let slots = hotel.house.config.data_dir.join("slots.number");
    let slots = std::fs::OpenOptions::new().write(true).open(slots).unwrap();
    slots.write_all_at(&[0; crate::keys::slot_key::SLOT_BYTES], 4_096).unwrap();
    let made = hotel.backup();
    assert_eq!((made.cards, made.without_key), (1, 1), "{made:?}");
    let state = hotel.house.ask_long(&BackupCheck {}, Duration::from_secs(60)).unwrap();
    assert!(state.fault.as_deref().unwrap().contains("keys of 1 card"), "{state:?}");
}

#[test]
fn v_152_a_card_for_one_payment_does_not_return_by_the_app_s_list() {
    let mut hotel = Hotel::open();
    let kept = hotel.store();
    let once = hotel.house.card("4242424242424242", |_| ()).card;
    assert!(once.single_use);
    let folder = hotel.path_of(&hotel.backup());
    let log = hotel.save_log();
    hotel.lose();
    // As the app writes it: it is told of no card for one payment.
    let gone = hotel.house.dir().join("gone");
    let at = kernel::Clock::now(&kernel::time::SystemClock);
    std::fs::write(&gone, format!("{} {at} 0\n", vault_wire::GONE_FORM)).unwrap();
    let wish = RestoreWish { gone: Some(gone), ..hotel.wish(&folder) };
    let told = RestoreWish { log: Some(log), trial: true, ..wish.clone() };
    assert_eq!(hotel.restore(&told).unwrap().cards, 2, "the log knows that it lives");
    let restored = hotel.restore(&wish).unwrap();
    assert_eq!((restored.cards, restored.destroyed), (1, 1));
    hotel.house.start();
    assert!(hotel.house.ask(&CardGet { card: kept }).is_ok());
    let lost = hotel.house.ask(&CardGet { card: once.token }).unwrap_err();
    assert_eq!(lost.code(), Some("gone"));
}

#[test]
fn v_152_a_trial_that_runs_keeps_its_folder_and_a_second_one_waits() {
    let mut hotel = Hotel::open();
    let folder = hotel.path_of(&hotel.backup());
    let log = hotel.save_log();
    hotel.house.kill();
    let trial = hotel.house.config.data_dir.join("restore-trial");
    std::fs::create_dir(&trial).unwrap();
    let running = crate::environment::alone(&trial).unwrap();
    hotel.house.start();
    assert!(trial.exists());
    let wish = RestoreWish { log: Some(log), trial: true, ..hotel.wish(&folder) };
    let said = refused(hotel.restore(&wish));
    assert!(said.contains("restore-trial is in use"), "{said}");
    drop(running);
    assert!(hotel.restore(&wish).is_ok() && !trial.exists());
}
