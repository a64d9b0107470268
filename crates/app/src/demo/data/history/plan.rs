//! Who came, comes and will come; what was sold at the desk. Pure: numbers of the seed alone.

use kernel::time::plus_days;
use kernel::{Date, Rng};

use super::super::dice::Dice;

/// Days of history, and of stays to come.
pub(super) const PAST_DAYS: i64 = 88;
pub(super) const COMING_DAYS: i64 = 110;
/// Bookings of the rooms: past, to come, called off, held at this moment.
const ROOMS: (usize, usize, usize, usize) = (124, 56, 14, 6);
/// The same for the gîte; nobody holds it now.
const GITE: (usize, usize, usize, usize) = (8, 5, 1, 0);
/// Payments of the hotel in all; what bookings do not bring is sold at the desk.
const PAYMENTS: usize = 742;
/// Of which virtual cards are charged afterwards ([`super::super::cards`]).
const OF_VIRTUAL_CARDS: usize = 2;
const REFUSED: usize = 46;
const ABANDONED: usize = 17;
const CANCELLED: usize = 9;
const REFUNDED: usize = 15;
const TO_VALIDATE: usize = 2;
const AUTHORISED: usize = 13;

/// What becomes of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The guests came, paid and left.
    Past,
    /// Deposit paid.
    Coming,
    /// Called off, the deposit given back.
    CalledOff,
    /// Somebody fills his basket at this moment.
    Held,
}

/// Somebody who wants to stay.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) fate: Fate,
    /// A place of the gîte instead of a room.
    pub(super) gite: bool,
    pub(super) arrival: Date,
    pub(super) nights: i64,
    /// Days between booking and arrival.
    pub(super) lead: i64,
    pub(super) guests: u32,
    pub(super) person: usize,
    /// Which room is tried first.
    pub(super) room: usize,
    /// Minute of the day of the booking.
    pub(super) minute: i64,
}

/// What becomes of a sale at the desk or by telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Captured,
    Refused(&'static str),
    Abandoned,
    Cancelled,
    Refunded,
    ToValidate,
    Authorised,
}

/// Where something is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Page,
    Counter,
    Telephone,
}

/// A sale without a booking: breakfasts, dinners, parking.
#[derive(Debug, Clone)]
pub(super) struct Sale {
    pub(super) number: usize,
    pub(super) outcome: Outcome,
    pub(super) day: Date,
    pub(super) minute: i64,
    pub(super) cents: i64,
    pub(super) person: usize,
    pub(super) place: Place,
}

/// Everything.
pub(super) struct Plan {
    pub(super) stays: Vec<Wish>,
    pub(super) sales: Vec<Sale>,
}

/// The plan of a seed and a day.
pub(super) fn make(rng: &dyn Rng, today: Date) -> Plan {
    let dice = Dice(rng);
    let mut stays = Vec::new();
    for (gite, (past, coming, off, held)) in [(false, ROOMS), (true, GITE)] {
        let fates = [
            (Fate::Past, past),
            (Fate::Coming, coming),
            (Fate::CalledOff, off),
            (Fate::Held, held),
        ];
        for (fate, count) in fates {
            stays.extend((0..count).map(|at| wish(&dice, (fate, gite, at), today)));
        }
    }
    // A basket of this moment comes last: earlier hours would already have let it go.
    stays.sort_by_key(|wish| wish.fate == Fate::Held);
    let of_bookings = ROOMS.0 + ROOMS.1 + ROOMS.2 + GITE.0 + GITE.1 + GITE.2 + ROOMS.0 + GITE.0;
    let at_the_desk = PAYMENTS - OF_VIRTUAL_CARDS - of_bookings;
    Plan { stays, sales: sales(&dice, at_the_desk, today) }
}

fn wish(dice: &Dice<'_>, (fate, gite, at): (Fate, bool, usize), today: Date) -> Wish {
    let nights = if gite { [2, 4, 7, 2][dice.place(4)] } else { dice.between(1, 4) };
    let slot = i64::try_from(at).unwrap_or(0);
    let offset = match (fate, gite) {
        // One house: each guest has his own ten days.
        (Fate::Past, true) => -PAST_DAYS + 1 + slot * 10,
        (Fate::Coming, true) => 6 + slot * 10,
        (_, true) => 76,
        (Fate::Past, false) => dice.between(-PAST_DAYS, -6),
        // Somebody arrives today.
        (Fate::Coming, false) if at < 3 => 0,
        (Fate::CalledOff, false) => dice.between(-60, 40),
        (_, false) => dice.between(1, COMING_DAYS),
    };
    Wish {
        fate,
        gite,
        arrival: plus_days(today, offset),
        nights,
        lead: dice.between(2, 45),
        guests: u32::try_from(dice.between(1, if gite { 4 } else { 2 })).unwrap_or(1),
        person: dice.place(1 << 20),
        room: dice.place(10),
        minute: dice.between(8 * 60, 21 * 60),
    }
}

fn sales(dice: &Dice<'_>, count: usize, today: Date) -> Vec<Sale> {
    let mut outcomes = Vec::with_capacity(count);
    let codes = ["51", "05", "54", "51", "82"];
    outcomes.extend((0..REFUSED).map(|at| Outcome::Refused(codes[at % codes.len()])));
    for (outcome, of) in [
        (Outcome::Abandoned, ABANDONED),
        (Outcome::Cancelled, CANCELLED),
        (Outcome::Refunded, REFUNDED),
        (Outcome::ToValidate, TO_VALIDATE),
        (Outcome::Authorised, AUTHORISED),
    ] {
        outcomes.extend(std::iter::repeat_n(outcome, of));
    }
    outcomes.resize(count, Outcome::Captured);
    let sale = |(number, outcome): (usize, Outcome)| {
        let recent = matches!(outcome, Outcome::ToValidate | Outcome::Authorised);
        let day = if recent { -1 } else { dice.between(-PAST_DAYS, -1) };
        let place = match (outcome, dice.between(0, 7)) {
            (Outcome::Refused(_) | Outcome::Abandoned, _) | (_, 0 | 1) => Place::Page,
            (_, 2) => Place::Telephone,
            _ => Place::Counter,
        };
        Sale {
            number: number + 1,
            outcome,
            day: plus_days(today, day),
            minute: dice.between(7 * 60, 22 * 60),
            cents: dice.between(12, 240) * 50,
            person: dice.place(1 << 20),
            place,
        }
    };
    outcomes.into_iter().enumerate().map(sale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::rng::SeededRng;

    #[test]
    fn u_102_the_hotel_has_its_bookings_and_payments() {
        let today = Date::constant(2026, 6, 15);
        let plan = make(&SeededRng::new(1), today);
        let count = |fate| plan.stays.iter().filter(|wish| wish.fate == fate).count();
        assert_eq!(plan.stays.len(), 214);
        assert_eq!(plan.stays.iter().filter(|wish| wish.gite).count(), 14);
        assert_eq!(count(Fate::Held), 6);
        let of_bookings = 2 * count(Fate::Past) + count(Fate::Coming) + count(Fate::CalledOff);
        assert_eq!(plan.sales.len() + of_bookings + OF_VIRTUAL_CARDS, 742);
    }

    #[test]
    fn u_95_one_seed_gives_one_plan() {
        let today = Date::constant(2026, 6, 15);
        let told = |seed| format!("{:?}", make(&SeededRng::new(seed), today).stays);
        assert_eq!(told(7), told(7));
        assert_ne!(told(7), told(8));
    }
}
