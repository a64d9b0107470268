//! Backups beside what else goes on: a backup that is being made, folders in the wrong place, what a
//! kill has left.

use std::time::Duration;

use super::backup::Hotel;

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
