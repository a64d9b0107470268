//! Any sequence of placing, confirming, releasing, waiting and freeing, beside plain values.

use kernel::{HoldId, Timestamp};
use proptest::prelude::*;

use super::{TEN, one_of};
use crate::holds::model::HoldState;
use crate::holds::ops::{self, Confirmed, Placed};
use crate::holds::store;
use crate::testing::{House, at};

/// What a buyer, the clock or staff may do, by small numbers.
#[derive(Debug, Clone)]
enum Step {
    Place { row: usize, quantity: u32 },
    Confirm { hold: usize },
    Release { hold: usize },
    Wait { minutes: i64 },
    FreeSale { hold: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0_usize..2, 1_u32..4).prop_map(|(row, quantity)| Step::Place { row, quantity }),
        (0_usize..8).prop_map(|hold| Step::Confirm { hold }),
        (0_usize..8).prop_map(|hold| Step::Release { hold }),
        (1_i64..50).prop_map(|minutes| Step::Wait { minutes }),
        (0_usize..8).prop_map(|hold| Step::FreeSale { hold }),
    ];
    proptest::collection::vec(step, 1..40)
}

/// The same holds as plain values: row, quantity, end, state.
struct Model {
    now: Timestamp,
    holds: Vec<(HoldId, usize, u32, Timestamp, HoldState, bool)>,
}

impl Model {
    fn used(&self, row: usize) -> u32 {
        let counts = |hold: &&(HoldId, usize, u32, Timestamp, HoldState, bool)| {
            let live = hold.4 == HoldState::Active && self.now < hold.3;
            let sold = hold.4 == HoldState::Confirmed && !hold.5;
            hold.1 == row && (live || sold)
        };
        self.holds.iter().filter(counts).map(|hold| hold.2).sum()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(db::testing::cases(60)))]

    #[test]
    fn l_03_holds_behave_like_the_simple_model(steps in steps()) {
        let house = House::new();
        let rows = [house.gauge(5), house.gauge(3)];
        let capacity = [5, 3];
        let mut model = Model { now: at(TEN), holds: Vec::new() };
        for step in steps {
            let now = model.now;
            match step {
                Step::Wait { minutes } => model.now = now.plus_minutes(minutes),
                Step::Place { row, quantity } => {
                    let placed = house.place(&house.wish(&one_of(&rows[row], quantity)), now).unwrap();
                    let fits = model.used(row) + quantity <= capacity[row];
                    prop_assert_eq!(matches!(placed, Placed::Held(_)), fits);
                    if let Placed::Held(hold) = placed {
                        let state = HoldState::Active;
                        model.holds.push((hold.id, row, quantity, hold.expires_at, state, false));
                    }
                }
                Step::Confirm { hold } => {
                    let Some(known) = model.holds.get_mut(hold) else { continue };
                    let id = known.0;
                    let got = house.at(now, move |tx, scope, m| ops::confirm(tx, scope, id, m.now));
                    let live = known.4 == HoldState::Active && now < known.3;
                    let expected = match known.4 {
                        HoldState::Confirmed => Confirmed::Already,
                        _ if live => Confirmed::Now,
                        _ => Confirmed::TooLate,
                    };
                    prop_assert_eq!(got.unwrap(), expected);
                    if live {
                        known.4 = HoldState::Confirmed;
                    }
                }
                Step::Release { hold } => {
                    let Some(known) = model.holds.get_mut(hold) else { continue };
                    let id = known.0;
                    let ending = store::Ending { by: "payer".into(), reason: String::new() };
                    let got = house.at(now, move |tx, scope, m| ops::release(tx, scope, id, (&ending, m)));
                    prop_assert_eq!(got.is_err(), known.4 == HoldState::Confirmed);
                    if known.4 == HoldState::Active {
                        known.4 = HoldState::Released;
                    }
                }
                Step::FreeSale { hold } => {
                    let Some(known) = model.holds.get_mut(hold) else { continue };
                    if known.4 == HoldState::Confirmed {
                        let id = known.0;
                        house.at(now, move |tx, scope, _| ops::free_sale(tx, scope, id)).unwrap();
                        known.5 = true;
                    }
                }
            }
            prop_assert!(house.is_sound());
            for (row, line) in rows.iter().enumerate() {
                let (taken, held) = house.counts(line);
                prop_assert!(taken + held <= capacity[row]);
                prop_assert!(taken + held >= model.used(row));
            }
        }
    }
}
