//! What the vault says of itself: keys as they are, pages as they are served, checks that can fail.

use std::collections::BTreeSet;

use db::{Db, DbError, DbOptions, Route};
use vault_wire::{AuditGet, CheckState, InventoryGet, PagesGet};

use super::house::House;
use super::shred;

#[test]
fn v_156_the_inventory_is_the_live_keys_and_no_other() {
    let house = House::open();
    house.card("4242424242424242", |_| ());
    let told = house.ask(&InventoryGet {}).unwrap();
    let ids: BTreeSet<&str> = told.keys.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(ids.len(), told.keys.len());
    let (merchant, shop) = (house.scope.merchant, house.scope.shop);
    let wanted = [
        "root".to_owned(),
        "epoch_number/1".into(),
        "epoch_code/1".into(),
        "log/1".into(),
        format!("property_number/{shop}/1"),
        format!("property_code/{shop}/1"),
        format!("pin_pepper/{merchant}/1"),
        format!("fingerprint/{merchant}/1"),
        format!("body/{merchant}/1"),
    ];
    assert_eq!(ids, wanted.iter().map(String::as_str).collect());
    assert!(told.keys.iter().all(|key| key.state == "active" && key.bits == 256), "{told:?}");
    assert_eq!((told.record_keys.cards, told.record_keys.codes), (1, 0));
    assert!(told.libraries.iter().any(|name| name.starts_with("aws-lc-rs ")), "{told:?}");
    assert!(told.roots_apart && told.custodians.is_empty());
}

#[test]
fn v_138_pages_are_served_as_built_in_and_secret_ones_have_no_script() {
    let house = House::open();
    let told = house.ask(&PagesGet {}).unwrap();
    assert!(told.files.iter().all(|file| file.served && file.integrity.starts_with("sha384-")));
    for path in ["/v/p/x", "/v/r/x"] {
        let page = told.pages.iter().find(|page| page.path == path).unwrap();
        let csp = &page.headers.iter().find(|(n, _)| n == "content-security-policy").unwrap().1;
        assert!(csp.contains("default-src 'none'") && !csp.contains("script-src"), "{csp}");
    }
}

/// State and evidence of the first check of a rule that says this.
fn found(house: &House, what: &str) -> (CheckState, String) {
    let told = house.ask(&AuditGet {}).unwrap();
    let check = told.checks.iter().find(|check| check.what.contains(what));
    let check = check.unwrap_or_else(|| panic!("{what}: {told:?}"));
    (check.state, check.evidence.clone())
}

fn change(house: &House, sql: &'static str) {
    let db = Db::open(&DbOptions::at(crate::place(&house.config)), &[crate::MIGRATIONS]).unwrap();
    db.write_blocking::<_, DbError, _>(Route::any(), move |tx| tx.exec(sql, &[])).unwrap();
}

#[test]
fn v_157_each_check_is_run_and_what_is_wrong_is_found() {
    let house = House::open();
    house.card("4242424242424242", |_| ());
    let canaries = "approved and declined canaries";
    assert_eq!(found(&house, canaries).0, CheckState::NotJudged, "no drill yet");
    shred::drill(&house, 5).unwrap();
    assert_eq!(found(&house, canaries).0, CheckState::Good);
    let told = house.ask(&AuditGet {}).unwrap();
    let findings: Vec<_> =
        told.checks.iter().filter(|check| check.state == CheckState::Finding).collect();
    assert!(findings.is_empty(), "{findings:?}");
    assert!(told.checks.iter().any(|check| check.state == CheckState::NotJudged));
    assert_eq!(found(&house, "another merchant").0, CheckState::Good);

    let root = "root apart from data";
    assert_eq!(found(&house, root).0, CheckState::Good);
    let mode = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(&house.config.root_file, mode(0o440)).unwrap();
    let (state, evidence) = found(&house, root);
    assert_eq!(state, CheckState::Finding);
    assert!(evidence.contains("0440"), "{evidence}");

    change(&house, "UPDATE vault_card SET brand = 'amex' WHERE state = 'active'");
    assert_eq!(found(&house, "first and 4 last").0, CheckState::Finding, "8 are too many of 15");
    change(&house, "UPDATE vault_card SET brand = 'visa' WHERE state = 'active'");
    assert_eq!(found(&house, "first and 4 last").0, CheckState::Good);
    change(&house, "UPDATE vault_card SET bin = '424242424' WHERE state = 'active'");
    assert_eq!(found(&house, "first and 4 last").0, CheckState::Finding);
    change(&house, "UPDATE vault_card SET slot = NULL WHERE state = 'active'");
    assert_eq!(found(&house, "sealed by itself").0, CheckState::Finding);
    change(&house, "UPDATE vault_key SET created_at = 1 WHERE kind = 'pin_pepper'");
    let (state, evidence) = found(&house, "past its period");
    assert_eq!(state, CheckState::Finding);
    assert!(evidence.contains("pin_pepper/"), "{evidence}");
    change(&house, "UPDATE vault_log SET entry = '{}' WHERE seq = 0");
    assert_eq!(found(&house, "log is whole").0, CheckState::Finding);
}

#[test]
fn v_157_the_page_for_assessors_names_tests_that_exist() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/compliance/pci.md")).unwrap();
    let mut named = 0;
    for line in page.lines().filter(|line| line.starts_with('|')) {
        for part in line.split('`').skip(1).step_by(2) {
            let Some((file, test)) = part.split_once("::") else { continue };
            let source = std::fs::read_to_string(root.join(file)).expect(file);
            assert!(source.contains(&format!("fn {test}(")), "{file} has no test {test}");
            named += 1;
        }
    }
    assert!(named > 25, "{named}");
}
