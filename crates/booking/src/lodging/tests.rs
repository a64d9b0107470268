//! The catalogue on a real database file.

use super::ops::{self, EntryError, Overlap};
use super::search::{QueryError, Reason, StayQuery};
use super::tariffs::TariffError;
use crate::testing::{House, adults, at, day};

fn query(arrival: &str, departure: &str) -> StayQuery {
    StayQuery::new((day(arrival), day(departure)), adults(2), day("2026-07-01")).unwrap()
}

#[test]
fn l_66_dates_nobody_can_sleep_are_refused() {
    let ask = |from: &str, to: &str| {
        StayQuery::new((day(from), day(to)), adults(1), day("2026-07-01")).map(|q| q.nights())
    };
    assert_eq!(ask("2026-07-04", "2026-07-04"), Err(QueryError::InvalidDates));
    assert_eq!(ask("2026-07-04", "2026-07-03"), Err(QueryError::InvalidDates));
    assert_eq!(ask("2026-06-30", "2026-07-03"), Err(QueryError::PastDate));
    assert_eq!(ask("2026-07-01", "2027-07-03"), Err(QueryError::StayTooLong));
    assert_eq!(ask("2026-07-01", "2027-07-02"), Ok(366));
    assert_eq!(ask("2028-02-27", "2028-03-01"), Ok(3));
}

#[test]
fn l_52_a_stay_needs_every_night_and_a_price() {
    let house = House::new();
    let (lodging, _) = house.lodging(1, 9_800);
    let (scope, shop) = (house.scope.clone(), house.shop);
    let found = |from: &str, to: &str| {
        let (scope, query) = (scope.clone(), query(from, to));
        let now = at("2026-07-01T08:00:00Z");
        house
            .db
            .read_blocking(move |tx| ops::find_stays(tx, &scope, shop, (&query, now)))
            .unwrap()
            .remove(0)
    };
    let good = found("2026-07-04", "2026-07-08");
    assert_eq!(good.lodging.id, lodging.id);
    assert_eq!((good.units_left, good.offers[0].quote.total.minor()), (1, 4 * 9_800));
    assert_eq!(good.offers[0].quote.deposit.minor(), 11_760);
    // The night of 1 September was never opened, and no tariff begins on it.
    let bad = found("2026-08-31", "2026-09-02");
    assert_eq!(bad.reasons, [Reason::NotOpen(day("2026-09-01")), Reason::NoPrice]);
    assert!(bad.offers.is_empty());
}

#[test]
fn l_51_a_second_price_is_refused_unless_it_replaces() {
    let house = House::new();
    let (lodging, formula) = house.lodging(1, 9_800);
    let scope = house.scope.clone();
    let dearer = house.tariff(&lodging, &formula, (&[1, 2], 12_250));
    let enter = |overlap| {
        let (scope, dearer) = (scope.clone(), dearer.clone());
        house.write(move |tx| ops::add_tariffs(tx, &scope, std::slice::from_ref(&dearer), overlap))
    };
    let refused = enter(Overlap::Refuse);
    let two_prices = |error: &EntryError| {
        matches!(error, EntryError::Tariff(0, TariffError::TwoPrices { nights: 1, .. }))
    };
    assert!(refused.is_err_and(|error| two_prices(&error)));
    enter(Overlap::Replace).unwrap();
    let ask = query("2026-07-04", "2026-07-05");
    let (scope, ids) = (scope.clone(), (lodging.id, formula.id));
    let now = at("2026-07-01T08:00:00Z");
    let found = house.db.read_blocking(move |tx| ops::quote_one(tx, &scope, ids, (&ask, now)));
    assert_eq!(found.unwrap().unwrap().offers[0].quote.total.minor(), 12_250);
}

#[test]
fn l_71_lodgings_are_listed_by_capacity_then_price() {
    let house = House::new();
    let (dear, _) = house.lodging(1, 9_800);
    let (cheap, _) = house.lodging(1, 6_200);
    let (scope, shop, ask) = (house.scope.clone(), house.shop, query("2026-07-04", "2026-07-05"));
    let now = at("2026-07-01T08:00:00Z");
    let found =
        house.db.read_blocking(move |tx| ops::find_stays(tx, &scope, shop, (&ask, now))).unwrap();
    let order: Vec<_> = found.iter().map(|found| found.lodging.id).collect();
    assert_eq!(order, [cheap.id, dear.id]);
}

#[test]
fn lodgings_of_another_merchant_do_not_exist() {
    let (house, other) = (House::new(), House::new());
    let (lodging, _) = house.lodging(1, 9_800);
    let stranger =
        identity::scope::for_house(kernel::MerchantId::from(other.id()), kernel::Mode::Test);
    let id = lodging.id;
    let found = house.db.read_blocking(move |tx| super::store::find(tx, &stranger, id)).unwrap();
    assert_eq!(found, None);
}

#[test]
fn l_48_nobody_sells_a_lodging_for_nobody() {
    use super::model::{Capacity, Lodging, LodgingError, Texts};
    let house = House::new();
    let (good, _) = house.lodging(1, 9_800);
    let create = |change: &dyn Fn(&mut Lodging)| {
        let mut lodging = Lodging { id: house.id().into(), ..good.clone() };
        change(&mut lodging);
        let scope = house.scope.clone();
        house.write(move |tx| ops::create(tx, &scope, &lodging))
    };
    let refused = |change: &dyn Fn(&mut Lodging)| match create(change) {
        Err(EntryError::Lodging(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(create(&|_| ()).is_ok());
    assert_eq!(refused(&|l| l.units = 0), LodgingError::Units);
    let nobody = Capacity { min: 0, standard: 0, max: 0 };
    assert_eq!(refused(&|l| l.capacity = nobody), LodgingError::Capacity);
    assert_eq!(refused(&|l| l.names = Texts::default()), LodgingError::Name);
}
