//! What is out of the ordinary about a showing. Pure.

use vault_wire::{SecondPerson, Unusual};

/// More than these within an hour by one person are unusual.
const MANY_AN_HOUR: usize = 10;
/// This showing of one card within a day is.
const NTH_OF_A_DAY: usize = 4;

/// What is known before the showing to come.
#[derive(Debug, Clone, Copy)]
pub(in crate::reveal) struct Record {
    /// Numbers that the person has seen within the last hour.
    pub(in crate::reveal) by_person: usize,
    /// Showings of this card within the last day.
    pub(in crate::reveal) of_card: usize,
    /// Whether he was seen in this browser; nothing while nobody knows which it will be.
    pub(in crate::reveal) knows_browser: Option<bool>,
    /// The same of the network.
    pub(in crate::reveal) knows_network: Option<bool>,
    /// Whether the shop's hours hold it.
    pub(in crate::reveal) in_hours: bool,
}

/// What a shop wants, where it has not said: two people are needed for one of them to agree.
pub(in crate::reveal) fn rule(said: Option<SecondPerson>, managers: usize) -> SecondPerson {
    let usual = if managers >= 2 { SecondPerson::Outliers } else { SecondPerson::Off };
    said.unwrap_or(usual)
}

/// Why a second person is asked; nothing when nobody is.
pub(in crate::reveal) fn reasons(rule: SecondPerson, record: Record) -> Vec<Unusual> {
    let found = [
        (record.by_person >= MANY_AN_HOUR, Unusual::ManyShown),
        (record.of_card.saturating_add(1) >= NTH_OF_A_DAY, Unusual::SameCard),
        (record.knows_browser == Some(false), Unusual::NewBrowser),
        (record.knows_network == Some(false), Unusual::NewNetwork),
        (!record.in_hours, Unusual::OutsideHours),
    ];
    let mut why: Vec<Unusual> =
        found.into_iter().filter_map(|(is, what)| is.then_some(what)).collect();
    match rule {
        SecondPerson::Off => Vec::new(),
        SecondPerson::Outliers => why,
        SecondPerson::Always => {
            if why.is_empty() {
                why.push(Unusual::EveryTime);
            }
            why
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USUAL: Record = Record {
        by_person: 9,
        of_card: 2,
        knows_browser: Some(true),
        knows_network: Some(true),
        in_hours: true,
    };

    #[test]
    fn v_76_the_eleventh_of_an_hour_and_the_fourth_of_a_card_are_unusual() {
        let why = |record| reasons(SecondPerson::Outliers, record);
        assert_eq!(why(USUAL), []);
        assert_eq!(why(Record { by_person: 10, ..USUAL }), [Unusual::ManyShown]);
        assert_eq!(why(Record { of_card: 3, ..USUAL }), [Unusual::SameCard]);
        assert_eq!(why(Record { knows_browser: Some(false), ..USUAL }), [Unusual::NewBrowser]);
        assert_eq!(why(Record { knows_network: Some(false), ..USUAL }), [Unusual::NewNetwork]);
        assert_eq!(why(Record { in_hours: false, ..USUAL }), [Unusual::OutsideHours]);
        assert_eq!(why(Record { knows_browser: None, knows_network: None, ..USUAL }), []);
        assert_eq!(reasons(SecondPerson::Always, USUAL), [Unusual::EveryTime]);
    }

    #[test]
    fn v_76_two_who_manage_users_make_it_the_rule_unless_the_shop_says_otherwise() {
        assert_eq!(rule(None, 1), SecondPerson::Off);
        assert_eq!(rule(None, 2), SecondPerson::Outliers);
        for said in [SecondPerson::Off, SecondPerson::Outliers, SecondPerson::Always] {
            assert_eq!((rule(Some(said), 0), rule(Some(said), 9)), (said, said));
        }
    }

    proptest! {
        /// More of anything unusual never makes fewer ask; off never asks, always asks always.
        #[test]
        fn v_76_what_is_more_unusual_is_never_asked_less(
            by_person in 0_usize..40, of_card in 0_usize..40, more in 0_usize..40,
            known in any::<[bool; 2]>(), in_hours in any::<bool>(),
        ) {
            let record = Record {
                by_person, of_card, in_hours,
                knows_browser: Some(known[0]), knows_network: Some(known[1]),
            };
            let worse = Record {
                by_person: by_person + more, of_card: of_card + more, in_hours: false,
                knows_browser: Some(false), knows_network: Some(false),
            };
            let (one, other) = (
                reasons(SecondPerson::Outliers, record), reasons(SecondPerson::Outliers, worse),
            );
            prop_assert!(one.iter().all(|why| other.contains(why)));
            prop_assert!(reasons(SecondPerson::Off, worse).is_empty());
            prop_assert!(!reasons(SecondPerson::Always, record).is_empty());
        }
    }
}
