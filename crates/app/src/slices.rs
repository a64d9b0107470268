//! The slices of the product, one line each: reading this file is reading the product.

use db::Migration;
use http::words::Messages;
use web::MenuEntry;

/// Tables of every slice, in the order of the arrows.
pub(crate) fn migrations() -> Vec<&'static [Migration]> {
    let mut all = vec![web::SLICE.migrations];
    all.extend(identity::SLICES.iter().map(|slice| slice.migrations));
    all.extend([ledger::MIGRATIONS, payments::MIGRATIONS, booking::MIGRATIONS]);
    all
}

/// What every slice offers to programs.
pub(crate) fn described() -> Vec<http::openapi::Part> {
    let own = vec![crate::watch::api::described()];
    [payments::api::described(), booking::described(), identity::api::described(), own].concat()
}

/// Words of every slice.
pub(crate) fn messages() -> Vec<&'static [Messages]> {
    let mut all = vec![http::MESSAGES, web::PAYER_MESSAGES, web::SLICE.messages];
    all.extend(identity::SLICES.iter().map(|slice| slice.messages));
    all.extend(payments::SLICES.iter().map(|slice| slice.messages));
    all.extend(booking::SLICES.iter().map(|slice| slice.messages));
    all.extend([crate::reference::MESSAGES, crate::demo::pages::MESSAGES]);
    all
}

/// Places in the staff menu.
pub(crate) fn menu() -> Vec<MenuEntry> {
    let slices = identity::SLICES.iter().chain(payments::SLICES);
    let mut all: Vec<MenuEntry> = slices.flat_map(|slice| slice.menu).copied().collect();
    all.extend_from_slice(booking::MENU);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_word() {
        let catalogue = http::Catalogue::new(&messages()).unwrap();
        assert_eq!(catalogue.missing(), []);
        assert_eq!(catalogue.offered(), kernel::Locale::ALL);
        let french = catalogue.words(kernel::Locale::Fr);
        for entry in menu() {
            assert!(french.has(entry.label), "{}", entry.label);
        }
    }

    #[test]
    fn every_table_and_statement_is_accepted_by_the_engine() {
        let folder = tempfile::tempdir().unwrap();
        let options = db::testing::scratch(folder.path(), "a.db").unwrap();
        db::Db::open(&options, &migrations()).unwrap();
    }
}
