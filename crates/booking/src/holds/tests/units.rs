//! Identical units are counted, not named: whatever is sold can be seated, each stay in one unit.

use kernel::Date;
use kernel::time::plus_days;
use proptest::prelude::*;

use super::TEN;
use crate::holds::ops::Placed;
use crate::stock::{Lines, Resource};
use crate::testing::{House, at, day};

const UNITS: u32 = 3;

/// Seats stays in order of arrival, each in the first unit that is free; how many have none.
fn without_unit(mut stays: Vec<(Date, Date)>) -> usize {
    stays.sort();
    let mut free_from = vec![Date::MIN; UNITS as usize];
    let seated = stays.iter().filter(|(arrival, departure)| {
        let unit = free_from.iter_mut().find(|free| **free <= *arrival);
        unit.map(|free| *free = *departure).is_some()
    });
    let seated = seated.count();
    stays.len() - seated
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(db::testing::cases(40)))]

    #[test]
    fn l_64_every_stay_that_is_sold_has_one_unit_throughout(
        wishes in proptest::collection::vec((0_i64..14, 1_i64..6), 1..30)
    ) {
        let house = House::new();
        let (lodging, _) = house.lodging(UNITS, 9_800);
        let mut sold = Vec::new();
        for (start, nights) in wishes {
            let arrival = plus_days(day("2026-07-04"), start);
            let departure = plus_days(arrival, nights);
            let resource = Resource::Lodging(lodging.id);
            let lines = Lines::nights(resource, arrival, departure, 1).unwrap();
            let placed = house.place(&house.wish(&lines), at(TEN)).unwrap();
            let mut with_it = sold.clone();
            with_it.push((arrival, departure));
            let fits = without_unit(with_it.clone()) == 0;
            prop_assert_eq!(matches!(placed, Placed::Held(_)), fits);
            if fits {
                sold = with_it;
            }
        }
    }
}
