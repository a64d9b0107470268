//! The worked cases of the price of a stay, and its laws.

use proptest::prelude::*;

use kernel::Id;

use super::*;

fn arrival() -> Date {
    "2026-07-04".parse().unwrap()
}

/// `(nights, day, euros)`.
type Tariff = (usize, usize, i64);

fn offers(nights: usize, tariffs: &[Tariff]) -> Offers {
    let mut offers = Offers::new(arrival(), nights, Currency::EUR);
    for (index, (length, day, euros)) in tariffs.iter().enumerate() {
        let mut bytes = [0; 16];
        bytes[15] = u8::try_from(index % 256).unwrap();
        let tariff = TariffId::from(Id::from_bytes(bytes));
        offers.add(*day, Offer { nights: *length, amount: Money::eur(euros * 100), tariff });
    }
    offers
}

/// Step, total in euros, lengths of the segments.
fn found(nights: usize, tariffs: &[Tariff], policy: Policy) -> Option<(Step, i64, Vec<usize>)> {
    price(&offers(nights, tariffs), policy).map(|cover| {
        let lengths = cover.segments.iter().map(|segment| segment.nights).collect();
        (cover.step, cover.total.minor() / 100, lengths)
    })
}

fn every_day(days: usize, lengths: &[(usize, i64)]) -> Vec<Tariff> {
    (0..days).flat_map(|day| lengths.iter().map(move |(n, euros)| (*n, day, *euros))).collect()
}

fn open_pro(nights: usize, tariffs: &[Tariff]) -> Option<(Step, i64, Vec<usize>)> {
    found(nights, tariffs, Policy::OpenPro)
}

fn cheapest(nights: usize, tariffs: &[Tariff]) -> Option<i64> {
    found(nights, tariffs, Policy::Cheapest).map(|(_, total, _)| total)
}

#[test]
fn l_57_e_01_two_weeks_are_two_tariffs_each_of_its_own_day() {
    let tariffs = [(7, 0, 500), (7, 7, 600)];
    assert_eq!(open_pro(14, &tariffs), Some((Step::Cover, 1_100, vec![7, 7])));
    assert_eq!(cheapest(14, &tariffs), Some(1_100));
}

#[test]
fn e_02_single_nights_add_up() {
    let tariffs = [(1, 0, 100), (1, 1, 150)];
    assert_eq!(open_pro(2, &tariffs), Some((Step::SingleNights, 250, vec![1, 1])));
    assert_eq!(cheapest(2, &tariffs), Some(250));
}

#[test]
fn l_54_l_56_e_03_single_nights_win_over_cheaper_pairs() {
    let tariffs = every_day(4, &[(1, 100), (2, 160)]);
    assert_eq!(open_pro(4, &tariffs), Some((Step::SingleNights, 400, vec![1; 4])));
    assert_eq!(cheapest(4, &tariffs), Some(320));
}

#[test]
fn e_04_the_exact_length_wins_over_all() {
    let mut tariffs = every_day(4, &[(1, 100), (2, 160)]);
    tariffs.push((4, 0, 350));
    assert_eq!(open_pro(4, &tariffs), Some((Step::Exact, 350, vec![4])));
    assert_eq!(cheapest(4, &tariffs), Some(320));
}

#[test]
fn l_55_e_05_equal_covers_take_the_longer_segment_first() {
    let tariffs = [(2, 0, 160), (2, 2, 170), (3, 0, 210), (1, 3, 120)];
    assert_eq!(open_pro(4, &tariffs), Some((Step::Cover, 330, vec![3, 1])));
    assert_eq!(cheapest(4, &tariffs), Some(330));
}

#[test]
fn e_06_a_cover_may_mix_lengths() {
    let tariffs = [(1, 0, 100), (1, 1, 100), (2, 2, 150), (2, 0, 300)];
    assert_eq!(open_pro(4, &tariffs), Some((Step::Cover, 350, vec![1, 1, 2])));
    assert_eq!(cheapest(4, &tariffs), Some(350));
}

#[test]
fn e_07_tariffs_that_do_not_meet_are_no_cover() {
    let tariffs = [(3, 0, 210), (3, 2, 210)];
    assert_eq!(open_pro(4, &tariffs), None);
    assert_eq!(cheapest(4, &tariffs), None);
}

#[test]
fn e_08_a_week_and_three_nights() {
    let tariffs = [(7, 0, 500), (1, 7, 90), (1, 8, 90), (1, 9, 90)];
    assert_eq!(open_pro(10, &tariffs), Some((Step::Cover, 770, vec![7, 1, 1, 1])));
    assert_eq!(cheapest(10, &tariffs), Some(770));
}

#[test]
fn e_09_weeks_from_saturday_do_not_serve_a_tuesday() {
    // Day 0 is a Tuesday: the next Saturday is day 4.
    assert_eq!(open_pro(7, &[(7, 4, 500)]), None);
    assert_eq!(cheapest(7, &[(7, 4, 500)]), None);
}

#[test]
fn e_10_the_cottage_with_four_lengths() {
    let lengths = [(1, 130), (2, 240), (4, 440), (7, 690)];
    let expected = [
        (3, 390, 370),
        (4, 440, 440),
        (5, 650, 570),
        (7, 690, 690),
        (8, 1_040, 820),
        (14, 1_820, 1_380),
    ];
    for (nights, ours, least) in expected {
        let tariffs = every_day(nights, &lengths);
        assert_eq!(open_pro(nights, &tariffs).map(|found| found.1), Some(ours), "{nights}");
        assert_eq!(cheapest(nights, &tariffs), Some(least), "{nights}");
    }
}

#[test]
fn e_11_the_cottage_with_one_and_two_nights_only() {
    let tariffs = every_day(4, &[(1, 130), (2, 240)]);
    assert_eq!(open_pro(4, &tariffs), Some((Step::SingleNights, 520, vec![1; 4])));
    assert_eq!(cheapest(4, &tariffs), Some(480));
}

#[test]
fn e_12_same_total_same_number_longer_first() {
    let tariffs = [(2, 0, 200), (2, 2, 200), (3, 0, 250), (1, 3, 150), (1, 0, 100)];
    assert_eq!(open_pro(4, &tariffs), Some((Step::Cover, 400, vec![3, 1])));
    assert_eq!(cheapest(4, &tariffs), Some(400));
}

#[test]
fn l_61_e_13_zero_is_a_price_and_nothing_is_not() {
    let tariffs = [(1, 0, 0), (1, 1, 90)];
    assert_eq!(open_pro(2, &tariffs), Some((Step::SingleNights, 90, vec![1, 1])));
    assert_eq!(open_pro(2, &[(1, 1, 90)]), None);
    assert_eq!(open_pro(2, &[(1, 0, -5), (1, 1, 90)]), None);
}

#[test]
fn l_63_a_year_of_sixty_lengths_is_priced_quickly() {
    let lengths: Vec<(usize, i64)> = (1..=60).map(|n| (n, 100)).collect();
    let tariffs = every_day(MAX_NIGHTS, &lengths);
    let offers = offers(MAX_NIGHTS, &tariffs);
    let cover = price(&offers, Policy::Cheapest).unwrap();
    assert_eq!(cover.segments.len(), 7);
    assert_eq!(price(&Offers::new(arrival(), 0, Currency::EUR), Policy::OpenPro), None);
}

/// All covers by brute force.
fn all(nights: usize, tariffs: &[Tariff], day: usize) -> Vec<Vec<Tariff>> {
    if day == nights {
        return vec![Vec::new()];
    }
    let mut covers = Vec::new();
    for tariff in tariffs.iter().filter(|t| t.1 == day && day + t.0 <= nights) {
        for mut rest in all(nights, tariffs, day + tariff.0) {
            rest.insert(0, *tariff);
            covers.push(rest);
        }
    }
    covers
}

fn tariffs() -> impl Strategy<Value = (usize, Vec<Tariff>)> {
    (1_usize..9).prop_flat_map(|nights| {
        let one = (1_usize..5, 0..nights, 0_i64..400);
        let list = proptest::collection::vec(one, 0..20).prop_map(|mut list| {
            list.sort_unstable();
            list.dedup_by_key(|tariff| (tariff.0, tariff.1));
            list
        });
        (Just(nights), list)
    })
}

proptest! {
    #[test]
    fn covers_are_exact_and_least((nights, tariffs) in tariffs()) {
        let by_hand = all(nights, &tariffs, 0);
        let offers = offers(nights, &tariffs);
        let least = price(&offers, Policy::Cheapest);
        let ours = price(&offers, Policy::OpenPro);
        prop_assert_eq!(least.is_some(), !by_hand.is_empty());
        prop_assert_eq!(ours.is_some(), least.is_some());
        let (Some(least), Some(ours)) = (least, ours) else { return Ok(()) };
        // The whole order: total, number of segments, longer first.
        let expected = by_hand
            .iter()
            .map(|cover| {
                let total: i64 = cover.iter().map(|t| t.2 * 100).sum();
                let lengths: Vec<_> = cover.iter().map(|t| std::cmp::Reverse(t.0)).collect();
                (total, cover.len(), lengths)
            })
            .min()
            .unwrap();
        let lengths: Vec<_> = least.segments.iter().map(|s| std::cmp::Reverse(s.nights)).collect();
        prop_assert_eq!((least.total.minor(), least.segments.len(), lengths), expected);
        prop_assert!(least.total.minor() <= ours.total.minor());
        for cover in [&least, &ours] {
            let covered: usize = cover.segments.iter().map(|s| s.nights).sum();
            let sum: i64 = cover.segments.iter().map(|s| s.amount.minor()).sum();
            prop_assert_eq!(covered, nights);
            prop_assert_eq!(sum, cover.total.minor());
            let mut day = arrival();
            for segment in &cover.segments {
                prop_assert_eq!(segment.arrival, day);
                day = kernel::time::plus_days(day, i64::try_from(segment.nights).unwrap());
            }
        }
    }
}
