//! How long an authorisation lives: a table, because sources disagree from days to a month.
//!
//! The most specific line wins; each authorisation stores the line that was used. Sources: the
//! acquirers' public documentation of authorisation requests and validity periods.

use kernel::{Timestamp, Zone};

use super::model::Initiator;

/// One line of the table. `None` matches everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Family of the connector.
    pub connector: Option<&'static str>,
    /// Network, lower case.
    pub network: Option<&'static str>,
    /// Who asked.
    pub initiator: Option<Initiator>,
    /// For how long.
    pub lasts: Lasts,
}

/// A length of validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// Until 23:59:59 local of the day that many days after the authorisation.
    Days(i64),
    /// That many seconds exactly.
    Seconds(i64),
}

const fn network(name: &'static str, days: i64) -> Line {
    Line { connector: None, network: Some(name), initiator: None, lasts: Lasts::Days(days) }
}

/// What ships with the release; operator and merchant lines come before it.
pub const SEED: &[Line] = &[
    network("cb", 7),
    network("visa", 7),
    network("mastercard", 7),
    network("visa_electron", 7),
    network("vpay", 7),
    network("maestro", 30),
    network("amex", 7),
    network("cofidis", 6),
    network("alma", 0),
    network("conecs", 30),
    network("paypal", 3),
    network("ancv", 3),
    network("jcb", 7),
    network("diners", 7),
    network("discover", 7),
    Line { connector: None, network: None, initiator: None, lasts: Lasts::Days(7) },
];

impl Line {
    /// The line as stored with an authorisation: `*/cb/*:7d`.
    #[must_use]
    pub fn text(&self) -> String {
        let any = |word: Option<&'static str>| word.unwrap_or("*");
        let lasts = match self.lasts {
            Lasts::Days(days) => format!("{days}d"),
            Lasts::Seconds(seconds) => format!("{seconds}s"),
        };
        let initiator = self.initiator.map(Initiator::as_str);
        format!("{}/{}/{}:{lasts}", any(self.connector), any(self.network), any(initiator))
    }

    /// The last instant at which an authorisation of `at` may be captured.
    #[must_use]
    pub fn ends(&self, at: Timestamp, zone: &Zone) -> Timestamp {
        match self.lasts {
            Lasts::Days(days) => zone.last_second_of(kernel::time::plus_days(zone.date(at), days)),
            Lasts::Seconds(seconds) => at.plus_seconds(seconds),
        }
    }

    fn fits(&self, connector: &str, network: &str, initiator: Initiator) -> bool {
        self.connector.is_none_or(|wanted| wanted == connector)
            && self.network.is_none_or(|wanted| wanted == network)
            && self.initiator.is_none_or(|wanted| wanted == initiator)
    }

    const fn weight(&self) -> u8 {
        (self.connector.is_some() as u8) * 4
            + (self.network.is_some() as u8) * 2
            + (self.initiator.is_some() as u8)
    }
}

/// The most specific line of `table` for an authorisation.
#[must_use]
pub fn line(table: &[Line], connector: &str, network: &str, initiator: Initiator) -> Option<Line> {
    let fitting = table.iter().filter(|line| line.fits(connector, network, initiator));
    fitting.max_by_key(|line| line.weight()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn p_22_days_end_at_the_last_local_second() {
        let line = line(SEED, "sandbox", "cb", Initiator::Payer).unwrap();
        let ends = line.ends(instant("2026-11-23T09:00:00Z"), &Zone::paris());
        assert_eq!(ends.to_string(), "2026-11-30T22:59:59Z");
        assert_eq!(line.text(), "*/cb/*:7d");
    }

    #[test]
    fn p_21_the_most_specific_line_wins() {
        let exact = Line {
            connector: Some("acme"),
            network: Some("visa"),
            initiator: Some(Initiator::Merchant),
            lasts: Lasts::Seconds(410_400),
        };
        let table: Vec<Line> = SEED.iter().copied().chain([exact]).collect();
        let at = instant("2026-11-23T09:00:00Z");
        let merchant = line(&table, "acme", "visa", Initiator::Merchant).unwrap();
        assert_eq!(merchant.ends(at, &Zone::paris()).to_string(), "2026-11-28T03:00:00Z");
        let payer = line(&table, "acme", "visa", Initiator::Payer).unwrap();
        assert_eq!(payer.lasts, Lasts::Days(7));
        assert_eq!(line(SEED, "x", "maestro", Initiator::Payer).unwrap().lasts, Lasts::Days(30));
        assert_eq!(line(SEED, "x", "unheard", Initiator::Payer).unwrap().lasts, Lasts::Days(7));
    }
}
