//! A database file, a merchant and a hotel for tests.

use std::sync::Arc;

use db::{Db, DbError, Route, Tx};
use identity::merchants::{Custody, FeePlan, Merchant, PointOfSale, Shop, ops as merchants};
use kernel::rng::SeededRng;
use kernel::time::SystemClock;
use kernel::{
    ContractId, Currency, Date, FormulaId, Id, Locale, LodgingId, MerchantId, Mode, PointOfSaleId,
    Rng, Scope, Secret, ShopId, TariffId, Timestamp, Zone,
};
use web::{Clocks, Context, ShopClock, Urls};

use crate::lodging::Equipment;
use crate::lodging::model::{
    AgeBracket, Board, Capacity, Formula, Guests, Kind, Lodging, Party, Texts,
};
use crate::lodging::ops::{self as lodging_ops, Overlap};
use crate::lodging::pricing::Policy;
use crate::lodging::tariffs::{Price, TariffPeriod, Weekdays};
use crate::stock::{Line, Lines, Resource, Slot};

pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) ctx: Context,
    pub(crate) scope: Scope,
    pub(crate) shop: ShopId,
    pub(crate) point_of_sale: PointOfSaleId,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn adults(count: u32) -> Party {
    Party::new(vec![Guests { bracket: "adult".into(), count }]).unwrap()
}

/// The words of this crate.
pub(crate) fn catalogue() -> http::Catalogue {
    let lists: Vec<_> = crate::SLICES.iter().map(|slice| slice.messages).collect();
    http::Catalogue::new(&lists).unwrap()
}

impl House {
    pub(crate) fn new() -> Self {
        Self::of(Mode::Test)
    }

    /// A hotel whose shop is of this mode; a live one is not open.
    pub(crate) fn of(mode: Mode) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(7));
        let merchant = MerchantId::random(rng.as_ref());
        let scope = identity::scope::for_house(merchant, mode);
        let shop = ShopId::random(rng.as_ref());
        let point_of_sale = PointOfSaleId::random(rng.as_ref());
        let db = Self::open(folder.path());
        let ctx = Self::context(&db, &rng);
        ctx.clocks.set(shop, ShopClock::Frozen(at("2026-07-01T08:00:00Z")));
        let house = Self { db, ctx, scope, shop, point_of_sale, rng, folder };
        house.open_hotel();
        house
    }

    fn context(db: &Db, rng: &Arc<dyn Rng>) -> Context {
        let urls = Urls {
            app: "http://127.0.0.1:7700".into(),
            vault: "http://127.0.0.2:7701".into(),
            bank: "http://127.0.0.3:7702".into(),
        };
        let words: Vec<_> = identity::SLICES
            .iter()
            .map(|slice| slice.messages)
            .chain(crate::SLICES.iter().map(|slice| slice.messages))
            .chain([http::MESSAGES, web::PAYER_MESSAGES, web::SLICE.messages])
            .collect();
        Context {
            db: db.clone(),
            clocks: Clocks::new(Arc::new(SystemClock)),
            rng: Arc::clone(rng),
            urls: Arc::new(urls),
            catalogue: http::Catalogue::new(&words).unwrap(),
            app_key: Arc::new(Secret::new([0; 32])),
            demo: false,
        }
    }

    fn open(folder: &std::path::Path) -> Db {
        let options = db::testing::scratch(folder, "test.db").unwrap();
        let all: Vec<&[db::Migration]> = identity::SLICES
            .iter()
            .map(|slice| slice.migrations)
            .chain([
                web::SLICE.migrations,
                ledger::MIGRATIONS,
                payments::MIGRATIONS,
                crate::MIGRATIONS,
            ])
            .collect();
        Db::open(&options, &all).unwrap()
    }

    fn open_hotel(&self) {
        let now = self.ctx.now(self.shop);
        let merchant = Merchant {
            id: self.scope.merchant(),
            name: "Hôtel des Tuffeaux".into(),
            slug: "hotel-des-tuffeaux".into(),
            zone: Zone::paris(),
            currency: Currency::EUR,
            locale: Locale::Fr,
            accent: None,
            phone: "02 41 50 12 34".into(),
            email: "accueil@tuffeaux.example".parse().unwrap(),
            address: "1 quai de la Loire\n49000 Val-sur-Loire".into(),
            logo: None,
        };
        let shop = Shop {
            id: self.shop,
            name: "Internet".into(),
            mode: self.scope.mode(),
            contract: ContractId::from(self.id()),
            custody: Custody::Held,
            fee: FeePlan { basis_points: 180, fixed_minor: 20 },
            brands: vec!["cb".into(), "visa".into()],
            return_origins: Vec::new(),
            opened_at: None,
        };
        let point = PointOfSale {
            id: self.point_of_sale,
            shop: self.shop,
            name: "Internet".into(),
            channel: "ecommerce".into(),
        };
        let scope = self.scope.clone();
        self.write(move |tx| {
            merchants::create(tx, &scope, &merchant, now)?;
            merchants::add_shop(tx, &scope, &shop, now)?;
            merchants::add_point_of_sale(tx, &scope, &point, now)?;
            merchants::open_site(tx, &scope, shop.id, "hotel-des-tuffeaux")
        })
        .unwrap();
    }

    /// The same file after a restart.
    pub(crate) fn reopened(self) -> Self {
        let Self { db, ctx, scope, shop, point_of_sale, rng, folder } = self;
        drop((db, ctx));
        let db = Self::open(folder.path());
        let ctx = Self::context(&db, &rng);
        Self { db, ctx, scope, shop, point_of_sale, rng, folder }
    }

    pub(crate) fn write<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.db.write_blocking(Route::any(), unit)
    }

    pub(crate) fn id(&self) -> Id {
        Id::random(self.rng.as_ref())
    }

    /// One row with a capacity, without a date.
    pub(crate) fn gauge(&self, capacity: u32) -> Line {
        let resource = Resource::Lodging(LodgingId::from(self.id()));
        let line = Line { resource, slot: Slot::all(), quantity: capacity };
        let lines = Lines::new([line.clone()]).unwrap();
        let scope = self.scope.clone();
        self.write(move |tx| crate::stock::ops::set_capacity(tx, &scope, &lines)).unwrap();
        line
    }

    /// A lodging of `units` units, open all July and August 2026, adults of any age.
    pub(crate) fn lodging(&self, units: u32, per_night: i64) -> (Lodging, Formula) {
        let id = LodgingId::from(self.id());
        let lodging = Lodging {
            id,
            shop: self.shop,
            kind: Kind::HotelRoom,
            names: Texts::fr_en("Double Loire", "Double Loire"),
            descriptions: Texts::default(),
            capacity: Capacity { max: 2, standard: 2, min: 1 },
            units,
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
            id: FormulaId::from(self.id()),
            lodging: id,
            board: Board::RoomOnly,
            names: Texts::fr_en("Chambre seule", "Room only"),
            adjustments: Vec::new(),
            deposit_basis_points: 3_000,
            position: 1,
        };
        let tariff = self.tariff(&lodging, &formula, (&[1], per_night));
        let scope = self.scope.clone();
        let made = (lodging.clone(), formula.clone());
        self.write(move |tx| {
            let (lodging, formula) = &made;
            lodging_ops::create(tx, &scope, lodging)?;
            lodging_ops::add_formula(tx, &scope, formula)?;
            lodging_ops::set_brackets(tx, &scope, &[everybody()])?;
            lodging_ops::open_nights(tx, &scope, lodging, (day("2026-07-01"), day("2026-09-01")))?;
            lodging_ops::add_tariffs(tx, &scope, std::slice::from_ref(&tariff), Overlap::Refuse)
        })
        .unwrap();
        (lodging, formula)
    }

    pub(crate) fn tariff(
        &self,
        lodging: &Lodging,
        formula: &Formula,
        (lengths, per_stay): (&[u16], i64),
    ) -> TariffPeriod {
        TariffPeriod {
            id: TariffId::from(self.id()),
            shop: self.shop,
            lodging: lodging.id,
            formula: formula.id,
            first_day: day("2026-07-01"),
            last_day: day("2026-08-31"),
            lengths: lengths.to_vec(),
            arrival_days: Weekdays::ALL,
            price: Price::PerStay(per_stay),
            rank: 0,
        }
    }
}

fn everybody() -> AgeBracket {
    AgeBracket { code: "adult".into(), names: Texts::fr_en("Adultes", "Adults"), from: 0, to: None }
}
