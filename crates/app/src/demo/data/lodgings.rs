//! The rooms of the Hôtel des Tuffeaux and the Gîte La Tour, with a year of prices and nights.

use booking::lodging::Equipment;
use booking::lodging::model::{
    AdjustmentRule, AgeBracket, Board, Capacity, Formula, Kind, Lodging, Texts,
};
use booking::lodging::ops::{self, Overlap};
use booking::lodging::pricing::Policy;
use booking::lodging::tariffs::{Price, TariffPeriod, Weekdays};
use db::Tx;
use kernel::time::plus_days;
use kernel::{
    Currency, Date, FormulaId, LodgingId, Money, Rng, Scope, ShopId, TariffId, Timestamp, Zone,
};

use super::{Fault, fault};

/// How far back rooms were open, and how far ahead they are, in days.
const PAST_DAYS: i64 = 95;
const OPEN_DAYS: i64 = 365;
/// Share of the total asked at booking: 30 %.
const DEPOSIT_BASIS_POINTS: u32 = 3_000;
const SUMMER_BASIS_POINTS: i64 = 12_500;
const WINTER_BASIS_POINTS: i64 = 8_500;
/// The weeks in which the gîte has prices for one and two nights only, in days from today.
const SHORT_STAYS_ONLY: (i64, i64) = (60, 74);

struct Room {
    names: (&'static str, &'static str),
    about: (&'static str, &'static str),
    units: u32,
    persons: u32,
    cents: i64,
}

const ROOMS: &[Room] = &[
    Room {
        names: ("Chambre simple", "Single room"),
        about: (
            "Sous les toits, lit de 120, vue sur la cour.",
            "Under the roof, view of the yard.",
        ),
        units: 4,
        persons: 1,
        cents: 6_200,
    },
    Room {
        names: ("Double jardin", "Double, garden side"),
        about: ("Au calme, lit de 160, fenêtre sur le jardin.", "Quiet, large bed, garden window."),
        units: 7,
        persons: 2,
        cents: 8_400,
    },
    Room {
        names: ("Twin accessible", "Accessible twin"),
        about: (
            "Deux lits, douche de plain-pied, rez-de-jardin.",
            "Two beds, level-access shower.",
        ),
        units: 2,
        persons: 2,
        cents: 8_800,
    },
    Room {
        names: ("Double Loire", "Double, river side"),
        about: ("Lit de 160, balcon sur le fleuve.", "Large bed, balcony over the river."),
        units: 6,
        persons: 2,
        cents: 9_800,
    },
    Room {
        names: ("Suite", "Suite"),
        about: ("Salon, lit de 180, terrasse sur la Loire.", "Sitting room and river terrace."),
        units: 1,
        persons: 3,
        cents: 16_800,
    },
    Room {
        names: ("Familiale", "Family room"),
        about: (
            "Deux pièces, un grand lit et deux petits.",
            "Two rooms, one large and two small beds.",
        ),
        units: 4,
        persons: 4,
        cents: 13_200,
    },
];

/// Lengths in nights and their prices for the gîte.
const GITE_PRICES: &[(u16, i64)] = &[(1, 13_000), (2, 24_000), (4, 44_000), (7, 69_000)];

/// What every room of the hotel has.
const ROOM_HAS: &[&str] = &["wifi", "private_bathroom", "television", "desk", "kettle", "lift"];
/// What the gîte has.
const GITE_HAS: &[&str] = &["wifi", "kitchen", "washing_machine", "cot", "garden", "parking"];

fn equipment(words: &[&str]) -> Equipment {
    Equipment::new(words.iter().copied()).unwrap_or_default()
}

/// Enters everything.
pub(super) fn write(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    (now, rng): (Timestamp, &dyn Rng),
) -> Result<(), Fault> {
    let entry = Entry { scope, shop, now, rng, today: Zone::paris().date(now) };
    ops::set_brackets(tx, scope, &brackets()).map_err(fault)?;
    for room in ROOMS {
        entry.room(tx, room)?;
    }
    entry.gite(tx)
}

fn brackets() -> Vec<AgeBracket> {
    vec![
        AgeBracket {
            code: "child".into(),
            names: Texts::fr_en("Enfants, 0 à 11 ans", "Children, 0 to 11"),
            from: 0,
            to: Some(11),
        },
        AgeBracket {
            code: "adult".into(),
            names: Texts::fr_en("Adultes", "Adults"),
            from: 12,
            to: None,
        },
    ]
}

struct Entry<'a> {
    scope: &'a Scope,
    shop: ShopId,
    now: Timestamp,
    rng: &'a dyn Rng,
    today: Date,
}

impl Entry<'_> {
    fn room(&self, tx: &mut Tx<'_>, room: &Room) -> Result<(), Fault> {
        let lodging = Lodging {
            capacity: Capacity { min: 1, standard: room.persons, max: room.persons },
            units: room.units,
            equipment: equipment(ROOM_HAS),
            ..self.lodging(Kind::HotelRoom, room.names, room.about)
        };
        self.enter(tx, &lodging)?;
        let long_stay = adjustment("long_stay", -1_200, 5);
        let flexible = Formula {
            adjustments: vec![long_stay.clone()],
            ..self.formula(lodging.id, ("Flexible, chambre seule", "Flexible, room only"), 1)
        };
        let firm = Formula {
            adjustments: vec![long_stay, adjustment("non_refundable", -1_000, 1)],
            ..self.formula(lodging.id, ("Non remboursable", "Non-refundable"), 2)
        };
        for formula in [flexible, firm] {
            ops::add_formula(tx, self.scope, &formula).map_err(fault)?;
            let periods = self.nightly(&formula, room.cents)?;
            ops::add_tariffs(tx, self.scope, &periods, Overlap::Refuse).map_err(fault)?;
        }
        Ok(())
    }

    fn gite(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let names = ("Gîte La Tour", "La Tour cottage");
        let about = (
            "Meublé de tourisme pour six, cuisine, jardin clos, à 200 m de l'hôtel.",
            "Furnished house for six, kitchen, walled garden, 200 m from the hotel.",
        );
        let lodging = Lodging {
            capacity: Capacity { min: 1, standard: 4, max: 6 },
            units: 1,
            check_in: "16:00".into(),
            check_out: "10:00".into(),
            registration_number: Some("49999TOUR00A1".into()),
            equipment: equipment(GITE_HAS),
            conditions: Texts::fr_en(
                "Draps et ménage de fin de séjour compris. Non-fumeur. Fêtes non admises.",
                "Linen and cleaning at the end of the stay included. No smoking. No parties.",
            ),
            ..self.lodging(Kind::Furnished, names, about)
        };
        self.enter(tx, &lodging)?;
        let formula = self.formula(lodging.id, ("Location", "Let"), 1);
        ops::add_formula(tx, self.scope, &formula).map_err(fault)?;
        let (short_from, short_to) = SHORT_STAYS_ONLY;
        let spans = [
            (-PAST_DAYS, short_from - 1, GITE_PRICES),
            (short_from, short_to, GITE_PRICES.get(..2).unwrap_or(GITE_PRICES)),
            (short_to + 1, OPEN_DAYS, GITE_PRICES),
        ];
        for (from, to, prices) in spans {
            let span = (plus_days(self.today, from), plus_days(self.today, to));
            let periods: Vec<TariffPeriod> = prices
                .iter()
                .map(|(nights, cents)| self.period(&formula, span, vec![*nights], *cents))
                .collect();
            ops::add_tariffs(tx, self.scope, &periods, Overlap::Refuse).map_err(fault)?;
        }
        Ok(())
    }

    fn enter(&self, tx: &mut Tx<'_>, lodging: &Lodging) -> Result<(), Fault> {
        ops::create(tx, self.scope, lodging).map_err(fault)?;
        let span = (plus_days(self.today, -PAST_DAYS), plus_days(self.today, OPEN_DAYS));
        ops::open_nights(tx, self.scope, lodging, span).map_err(fault)
    }

    fn lodging(&self, kind: Kind, names: (&str, &str), about: (&str, &str)) -> Lodging {
        Lodging {
            id: LodgingId::new(self.now, self.rng),
            shop: self.shop,
            kind,
            names: Texts::fr_en(names.0, names.1),
            descriptions: Texts::fr_en(about.0, about.1),
            capacity: Capacity { min: 1, standard: 2, max: 2 },
            units: 1,
            check_in: "15:00".into(),
            check_out: "11:00".into(),
            equipment: Equipment::default(),
            conditions: Texts::default(),
            policy: Policy::OpenPro,
            tourist_tax: Texts::fr_en(
                "Taxe de séjour de 1,10\u{a0}€ par adulte et par nuit, à régler sur place.",
                "Tourist tax of €1.10 per adult and night, to be paid on site.",
            ),
            registration_number: None,
            currency: Currency::EUR,
            version: 1,
        }
    }

    fn formula(&self, lodging: LodgingId, names: (&str, &str), position: u32) -> Formula {
        Formula {
            id: FormulaId::new(self.now, self.rng),
            lodging,
            board: Board::RoomOnly,
            names: Texts::fr_en(names.0, names.1),
            adjustments: Vec::new(),
            deposit_basis_points: DEPOSIT_BASIS_POINTS,
            position,
        }
    }

    /// One-night tariffs through the seasons, one period for each run of days of one season.
    fn nightly(&self, formula: &Formula, cents: i64) -> Result<Vec<TariffPeriod>, Fault> {
        let days = (-PAST_DAYS..=OPEN_DAYS).map(|day| plus_days(self.today, day));
        let mut runs: Vec<(i64, Date, Date)> = Vec::new();
        for day in days {
            let season = season_basis_points(day);
            match runs.last_mut() {
                Some((same, _, last)) if *same == season => *last = day,
                _ => runs.push((season, day, day)),
            }
        }
        runs.into_iter()
            .map(|(season, first, last)| {
                let price = Money::eur(cents).share_basis_points(season).map_err(fault)?;
                Ok(self.period(formula, (first, last), vec![1], price.minor()))
            })
            .collect()
    }

    fn period(
        &self,
        formula: &Formula,
        (first_day, last_day): (Date, Date),
        lengths: Vec<u16>,
        cents: i64,
    ) -> TariffPeriod {
        TariffPeriod {
            id: TariffId::new(self.now, self.rng),
            shop: self.shop,
            lodging: formula.lodging,
            formula: formula.id,
            first_day,
            last_day,
            lengths,
            arrival_days: Weekdays::ALL,
            price: Price::PerStay(cents),
            rank: 0,
        }
    }
}

fn adjustment(code: &str, basis_points: i64, min_nights: u32) -> AdjustmentRule {
    AdjustmentRule { code: code.into(), basis_points, min_nights }
}

fn season_basis_points(day: Date) -> i64 {
    match day.month() {
        7 | 8 => SUMMER_BASIS_POINTS,
        11 | 12 | 1..=3 => WINTER_BASIS_POINTS,
        _ => 10_000,
    }
}
