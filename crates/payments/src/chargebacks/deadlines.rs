//! How long there is to answer.

use kernel::Date;
use kernel::time::plus_days;

/// A line of the table of deadlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// Network of the card, or the wallet.
    pub network: &'static str,
    /// Calendar days from the day of opening.
    pub days: i64,
    /// Where the number comes from.
    pub source: &'static str,
}

/// Days to answer, to be confirmed with the acquirer; the first line of a network counts, and the
/// last line stands for every other network.
pub const DEADLINES: &[Deadline] = &[
    Deadline { network: "cb", days: 15, source: "support.lyra.com, que faire en cas d'impayé" },
    Deadline { network: "visa", days: 30, source: "docs.chargeflow.io, network timelines" },
    Deadline { network: "mastercard", days: 45, source: "docs.chargeflow.io, network timelines" },
    Deadline { network: "amex", days: 20, source: "docs.chargeflow.io, network timelines" },
    Deadline { network: "paypal", days: 7, source: "pdscouncil.com" },
    Deadline { network: "", days: 15, source: "the shortest of the card networks" },
];

/// The last day to answer a case opened on a day; a date of the provider counts when it is
/// earlier.
#[must_use]
pub fn respond_by(network: &str, opened_on: Date, told: Option<Date>) -> Date {
    let fits = |line: &&Deadline| line.network == network || line.network.is_empty();
    let days = DEADLINES.iter().find(fits).map_or(0, |line| line.days);
    let by_table = plus_days(opened_on, days);
    told.map_or(by_table, |told| told.min(by_table))
}

#[cfg(test)]
mod tests {
    use kernel::target::last_working_day;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn s_84_worked_example_23_deadlines_by_network() {
        let opened = day("2026-08-10");
        for (network, by, send) in [
            ("cb", "2026-08-25", "2026-08-25"),
            ("visa", "2026-09-09", "2026-09-09"),
            ("mastercard", "2026-09-24", "2026-09-24"),
            ("amex", "2026-08-30", "2026-08-28"),
            ("paypal", "2026-08-17", "2026-08-17"),
            ("jcb", "2026-08-25", "2026-08-25"),
        ] {
            let last = respond_by(network, opened, None);
            assert_eq!((last, last_working_day(last)), (day(by), day(send)), "{network}");
        }
    }

    #[test]
    fn s_84_a_date_of_the_provider_counts_when_it_is_earlier() {
        let opened = day("2026-08-10");
        assert_eq!(respond_by("visa", opened, Some(day("2026-08-16"))), day("2026-08-16"));
        assert_eq!(respond_by("cb", opened, Some(day("2026-12-01"))), day("2026-08-25"));
    }
}
