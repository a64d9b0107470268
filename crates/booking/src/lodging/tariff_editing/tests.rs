use super::edit;
use crate::lodging::ops::{self, EntryError, Overlap};
use crate::lodging::saving::Edited;
use crate::lodging::store::{self, StoredTariff};
use crate::lodging::tariffs::{Price, TariffError};
use crate::testing::{House, day};

#[test]
fn l_51_a_changed_tariff_may_not_begin_to_contradict_another() {
    let house = House::new();
    let (lodging, formula) = house.lodging(1, 9_800);
    let longer = house.tariff(&lodging, &formula, (&[7], 60_000));
    let (scope, id) = (house.scope.clone(), longer.id);
    house
        .write(move |tx| {
            ops::add_tariffs(tx, &scope, std::slice::from_ref(&longer), Overlap::Refuse)
        })
        .unwrap();
    let change = |alter: &dyn Fn(&mut StoredTariff)| {
        let scope = house.scope.clone();
        let own = scope.clone();
        let found = house.db.read_blocking(move |tx| store::tariff(tx, &own, id));
        let mut stored = found.unwrap().unwrap();
        alter(&mut stored);
        house.write(move |tx| edit(tx, &scope, &stored))
    };
    let done = change(&|stored| stored.period.price = Price::PerStay(61_000)).unwrap();
    assert!(matches!(done, Edited::Done(before) if before.period.price == Price::PerStay(60_000)));
    let refused = change(&|stored| stored.period.lengths = vec![1, 7]);
    let two = |error: &EntryError| {
        matches!(error, EntryError::Tariff(0, TariffError::TwoPrices { nights: 1, .. }))
    };
    assert!(refused.is_err_and(|error| two(&error)));
    let late = change(&|stored| stored.version = 1).unwrap();
    assert!(matches!(late, Edited::Both(now) if now.version == 2));
    let wrong = change(&|stored| stored.period.last_day = day("2020-01-01"));
    assert!(matches!(wrong, Err(EntryError::Tariff(0, TariffError::Dates))));
}
