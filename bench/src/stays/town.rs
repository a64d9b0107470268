//! Shops full of lodgings, made by the same calls that a merchant's entries make.

use std::path::Path;

use booking::lodging::model::{Board, Capacity, Guests};
use booking::lodging::ops::{self, EntryError, Overlap};
use booking::lodging::pricing::Policy;
use booking::lodging::tariffs::{Price, TariffPeriod, Weekdays};
use booking::lodging::{Equipment, Formula, Kind, Lodging, Party, StayQuery, Texts};
use db::{Db, DbError, DbOptions, Route, Tx};
use kernel::rng::SeededRng;
use kernel::time::plus_days;
use kernel::{
    Currency, Date, FormulaId, LodgingId, MerchantId, Mode, Rng, Scope, ShopId, TariffId, Timestamp,
};

use crate::Outcome;

/// Nights that are open, from [`FIRST`] on.
pub(crate) const NIGHTS: i64 = 365;
/// Lodgings written in one unit of work.
const GROUP: u32 = 25;
/// Lengths that have prices, and what each costs in cents.
const LENGTHS: [(u16, i64); 4] = [(1, 9_800), (2, 18_900), (4, 36_000), (7, 59_500)];
/// Each season ends here, in days from the first.
const SEASONS: [(i64, i64); 2] = [(0, 181), (182, 364)];

fn first() -> Result<Date, DbError> {
    "2026-01-01".parse().map_err(|_| DbError::Corrupt("date".into()))
}

/// A database file with one shop for each size asked.
pub(crate) struct Town {
    db: Db,
    scope: Scope,
    shops: Vec<ShopId>,
}

impl Town {
    /// Makes it.
    pub(crate) fn build(folder: &Path, sizes: &[u32]) -> Outcome<Self> {
        let db = Db::open(&DbOptions::sqlite(folder.join("stays.db")), &[booking::MIGRATIONS])?;
        let rng = SeededRng::new(11);
        let scope = identity::scope::for_house(MerchantId::random(&rng), Mode::Test);
        let shops: Vec<ShopId> = sizes.iter().map(|_| ShopId::random(&rng)).collect();
        let town = Self { db, scope, shops };
        for (shop, size) in town.shops.iter().zip(sizes) {
            for group in 0..size.div_ceil(GROUP) {
                let here = GROUP.min(size.saturating_sub(group.saturating_mul(GROUP)));
                town.add(*shop, (group.saturating_mul(GROUP), here), &rng)?;
            }
        }
        Ok(town)
    }

    fn add(&self, shop: ShopId, (from, count): (u32, u32), rng: &SeededRng) -> Outcome<()> {
        let first = first()?;
        let made: Vec<_> = (from..from.saturating_add(count))
            .map(|number| {
                let (lodging, formula) = lodging(shop, number, rng);
                let periods = periods(&lodging, &formula, first, rng);
                (lodging, formula, periods)
            })
            .collect();
        let scope = self.scope.clone();
        let unit = move |tx: &mut Tx<'_>| -> Result<(), EntryError> {
            for (lodging, formula, periods) in &made {
                ops::create(tx, &scope, lodging)?;
                ops::add_formula(tx, &scope, formula)?;
                ops::add_tariffs(tx, &scope, periods, Overlap::Refuse)?;
                ops::open_nights(tx, &scope, lodging, (first, plus_days(first, NIGHTS)))?;
            }
            Ok(())
        };
        Ok(self.db.write_blocking(Route::any(), unit)?)
    }

    /// Searches a shop; the number of the search chooses its arrival. Gives the lodgings that can
    /// be sold.
    pub(crate) fn search(&self, shop: usize, (number, nights): (u32, i64)) -> Outcome<usize> {
        let first = first()?;
        let last_start = NIGHTS.saturating_sub(nights).max(1);
        // A step that shares no factor with a year visits all its days.
        let arrival = plus_days(first, i64::from(number).wrapping_mul(101) % last_start);
        let party = Party::new(vec![Guests { bracket: "adult".into(), count: 2 }])?;
        let query = StayQuery::new((arrival, plus_days(arrival, nights)), party, first)?;
        let shop = *self.shops.get(shop).ok_or("no such shop")?;
        let (scope, now) = (self.scope.clone(), Timestamp::parse_rfc3339("2026-01-01T08:00:00Z")?);
        let read = move |tx: &mut Tx<'_>| ops::find_stays(tx, &scope, shop, (&query, now));
        let found: Vec<_> = self.db.read_blocking(read)?;
        Ok(found.iter().filter(|found| !found.offers.is_empty()).count())
    }
}

fn lodging(shop: ShopId, number: u32, rng: &dyn Rng) -> (Lodging, Formula) {
    let id = LodgingId::random(rng);
    let lodging = Lodging {
        id,
        shop,
        kind: Kind::HotelRoom,
        names: Texts::fr_en(&format!("Chambre {number}"), &format!("Room {number}")),
        descriptions: Texts::fr_en("Au calme, vue sur la cour.", "Quiet, over the courtyard."),
        capacity: Capacity { max: 2 + number % 5, standard: 2, min: 1 },
        units: 1 + number % 3,
        check_in: "15:00".into(),
        check_out: "11:00".into(),
        equipment: Equipment::default(),
        conditions: Texts::default(),
        policy: Policy::OpenPro,
        tourist_tax: Texts::default(),
        registration_number: None,
        currency: Currency::EUR,
        version: 1,
    };
    let formula = Formula {
        id: FormulaId::random(rng),
        lodging: id,
        board: Board::RoomOnly,
        names: Texts::fr_en("Chambre seule", "Room only"),
        adjustments: Vec::new(),
        deposit_basis_points: 3_000,
        position: 1,
    };
    (lodging, formula)
}

/// A third of the lodgings has no week and a third no single nights, so that all steps are met.
fn periods(lodging: &Lodging, formula: &Formula, first: Date, rng: &dyn Rng) -> Vec<TariffPeriod> {
    let missing = match lodging.units {
        1 => 7,
        2 => 1,
        _ => 0,
    };
    let priced = |(from, to): (i64, i64)| {
        LENGTHS.iter().filter(move |(nights, _)| *nights != missing).map(move |(nights, cents)| {
            TariffPeriod {
                id: TariffId::random(rng),
                shop: lodging.shop,
                lodging: lodging.id,
                formula: formula.id,
                first_day: plus_days(first, from),
                last_day: plus_days(first, to),
                lengths: vec![*nights],
                arrival_days: Weekdays::ALL,
                price: Price::PerStay(*cents),
                rank: 0,
            }
        })
    };
    SEASONS.into_iter().flat_map(priced).collect()
}
