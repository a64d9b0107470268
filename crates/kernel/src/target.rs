//! The days on which banks move money between each other: the TARGET calendar (European Central
//! Bank, 14 December 2000). It is closed on weekends, 1 January, Good Friday, Easter Monday, 1 May,
//! 25 and 26 December.

use jiff::civil::Weekday;

use crate::time::{Date, plus_days};

/// Days in a row on which TARGET may be closed, and some more.
const LOOK_BACK_DAYS: i64 = 10;

/// The last working day up to and with a day.
#[must_use]
pub fn last_working_day(until: Date) -> Date {
    let mut days = (0..LOOK_BACK_DAYS).map(|back| plus_days(until, back.saturating_neg()));
    days.find(|day| is_working_day(*day)).unwrap_or(until)
}

/// Whether banks work on a day.
#[must_use]
pub fn is_working_day(day: Date) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let fixed = matches!((day.month(), day.day()), (1, 1) | (5, 1) | (12, 25 | 26));
    let of_easter = easter(day.year())
        .is_some_and(|sunday| day == plus_days(sunday, -2) || day == plus_days(sunday, 1));
    !weekend && !fixed && !of_easter
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).
fn easter(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    let golden = year_number.rem_euclid(19);
    let (century, rest) = (year_number.div_euclid(100), year_number.rem_euclid(100));
    let moon = (century + 8).div_euclid(25);
    let shift = (century - moon + 1).div_euclid(3);
    let epact = (19 * golden + century - century.div_euclid(4) - shift + 15).rem_euclid(30);
    let weekday =
        (32 + 2 * century.rem_euclid(4) + 2 * rest.div_euclid(4) - epact - rest.rem_euclid(4))
            .rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday).div_euclid(451);
    let days = epact + weekday - 7 * late + 114;
    let month = i8::try_from(days.div_euclid(31)).ok()?;
    let day = i8::try_from(days.rem_euclid(31) + 1).ok()?;
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_84_the_last_day_on_which_banks_work() {
        for (until, last) in [
            ("2026-08-30", "2026-08-28"),
            ("2026-04-06", "2026-04-02"),
            ("2027-03-29", "2027-03-25"),
            ("2026-12-26", "2026-12-24"),
            ("2027-01-01", "2026-12-31"),
            ("2026-05-01", "2026-04-30"),
            ("2026-08-25", "2026-08-25"),
        ] {
            let (until, last): (Date, Date) = (until.parse().unwrap(), last.parse().unwrap());
            assert_eq!(last_working_day(until), last);
        }
    }
}
