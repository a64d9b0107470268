//! The table of issuer ranges: taken whole or not at all, and what cards say under it.

use vault_wire::{BinBegin, BinImport, BinLines, BinLookup, BinReport, CardGet};

use super::house::House;

const HEADER: &str = "bin_start;bin_end;brand;co_brand;funding;product;issuer;country;currency;\
                      virtual;commercial;lengths;valid_from";

fn import(house: &House, lines: &[&str]) -> BinReport {
    let begun = house.ask(&BinBegin {}).unwrap();
    let text = format!("{HEADER}\n{}\n", lines.join("\n"));
    let (first, second) = text.split_at(text.len() / 2);
    for piece in [first, second] {
        house.ask(&BinLines { import: begun.import.clone(), lines: piece.into() }).unwrap();
    }
    house.ask(&BinImport { import: begun.import }).unwrap()
}

const US: &str = "520700;520700;mastercard;;credit;Standard;New England Bankcard;US;USD;0;0;;";
const FR: &str = "520700;520700;mastercard;;debit;Gold;Banque de Loire;FR;EUR;0;1;16;2026-01-01";
const VIRTUAL: &str = "555555;555555;mastercard;;prepaid;;Voyages;GB;GBP;1;1;;";

#[test]
fn v_30_cards_say_what_the_imported_table_says() {
    let mut house = House::open();
    let early = house.card("5207000000000000", |_| ()).card;
    assert_eq!((early.funding.clone(), early.issuer.country.clone()), (None, None));
    let report = import(&house, &[US, VIRTUAL]);
    assert!(report.applied, "{report:?}");
    assert_eq!((report.ranges, report.added, report.changed, report.removed), (2, 2, 0, 0));
    assert_eq!(report.cards_changing_country, 1, "the card that was there");

    let kept = house.ask(&CardGet { card: early.token }).unwrap();
    assert_eq!(kept.funding.as_deref(), Some("credit"));
    assert_eq!(kept.issuer.name.as_deref(), Some("New England Bankcard"));
    assert_eq!(kept.issuer.country.as_deref(), Some("US"));
    assert_eq!(kept.bin_table_version.as_ref(), Some(&report.version));
    let virtual_card = house.card("5555555555554444", |_| ()).card;
    assert!(virtual_card.card_virtual, "the table says so");
    let bin = house.ask(&BinLookup { bin: "555555".into() }).unwrap();
    assert!(bin.is_virtual && bin.country.as_deref() == Some("GB"), "{bin:?}");

    let newer = import(&house, &[US, FR]);
    let counted = (newer.ranges, newer.added, newer.changed, newer.removed);
    assert_eq!(counted, (2, 1, 0, 1), "the latest of equal ranges holds");
    assert_eq!(newer.cards_changing_country, 2);
    house.kill();
    house.start();
    let kept = house.ask(&CardGet { card: early.token }).unwrap();
    assert_eq!(kept.issuer.country.as_deref(), Some("FR"), "the table survives a restart");
    assert_eq!((kept.product.as_deref(), kept.commercial), (Some("Gold"), Some(true)));
    let again = import(&house, &[US, FR]);
    assert_eq!((again.added, again.changed, again.removed), (0, 0, 0));
    assert_eq!(again.cards_changing_country, 0);
}

#[test]
fn v_30_one_bad_line_and_nothing_changes() {
    let house = House::open();
    let first = import(&house, &[US]);
    let bad = import(&house, &[FR, "520800;520799;visa;;;;;;;;;;"]);
    assert!(!bad.applied);
    assert_eq!(bad.version, first.version, "the table in use stays");
    let told: Vec<(u64, &str)> = bad.faults.iter().map(|f| (f.line, f.column.as_str())).collect();
    assert_eq!(told, [(3, "bin_end")]);
    let card = house.card("5207000000000000", |_| ()).card;
    assert_eq!(card.issuer.country.as_deref(), Some("US"));
    assert!(!house.config.data_dir.join("bins.part").exists(), "nothing is left behind");

    let begun = house.ask(&BinBegin {}).unwrap();
    house.ask(&BinBegin {}).unwrap();
    let late = house.ask(&BinImport { import: begun.import }).unwrap_err();
    assert_eq!(late.code(), Some("import_unknown"), "a later import takes its place");
}
