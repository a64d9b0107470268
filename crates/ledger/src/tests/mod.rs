//! The ledger on a real file, driven as the other slices drive it.

mod contested;
mod posting;
mod reserves;
mod sequences;
mod verifying;

use std::sync::atomic::{AtomicI64, Ordering};

use db::{Db, Route, Tx};
use kernel::rng::SeededRng;
use kernel::{
    Actor, BookingId, Currency, Date, LedgerTxId, MerchantId, Mode, Money, OperationId, PaymentId,
    Scope, ShopId, Timestamp,
};

use crate::book::chart::Account;
use crate::{Collected, Fee, LedgerError, Movement, Reference, Settlement, Stamp, reading};

/// One merchant with one shop, on a file of his own.
struct House {
    db: Db,
    scope: Scope,
    shop: ShopId,
    rng: SeededRng,
    ticks: AtomicI64,
    _dir: tempfile::TempDir,
}

const EUR: Currency = Currency::EUR;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn eur(cents: i64) -> Money {
    Money::eur(cents)
}

impl House {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = db::testing::scratch(dir.path(), "guichet.db").unwrap();
        let db = Db::open(&options, &[crate::MIGRATIONS]).unwrap();
        let rng = SeededRng::new(7);
        let merchant = MerchantId::random(&rng);
        let scope = Scope::granted_by_identity(merchant, Mode::Test, Actor::Clock, Vec::new());
        Self { db, scope, shop: ShopId::random(&rng), rng, ticks: AtomicI64::new(0), _dir: dir }
    }

    /// The start of the story.
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_783_159_200_000_000)
    }

    /// Each thing is made a millisecond after the one before, as ids expect.
    fn tick(&self) -> Timestamp {
        self.now().plus_millis(self.ticks.fetch_add(1, Ordering::Relaxed))
    }

    fn stamp(&self) -> Stamp {
        let id = LedgerTxId::new(self.tick(), &self.rng);
        Stamp { id, on: day("2026-07-04"), now: self.now() }
    }

    fn operation(&self) -> OperationId {
        OperationId::new(self.tick(), &self.rng)
    }

    fn booking(&self) -> BookingId {
        BookingId::new(self.tick(), &self.rng)
    }

    fn movement(&self, collected: Collected, cents: i64) -> Movement {
        let settlement = Settlement::Custody(self.shop);
        Movement { operation: self.operation(), settlement, collected, amount: eur(cents) }
    }

    fn sale(&self, cents: i64) -> Movement {
        let payment = PaymentId::new(self.tick(), &self.rng);
        self.movement(Collected::Payment(payment), cents)
    }

    fn fee_of(&self, movement: &Movement, cents: i64) -> Fee {
        let Movement { operation, collected, .. } = *movement;
        Fee { operation, shop: self.shop, collected, amount: eur(cents) }
    }

    /// Runs a unit of work as one commit, or none.
    fn write<T, F>(&self, unit: F) -> Result<T, LedgerError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Scope) -> Result<T, LedgerError> + Send + 'static,
    {
        let scope = self.scope.clone();
        self.db.write_blocking(Route::any(), move |tx| unit(tx, &scope))
    }

    fn read<T>(&self, read: impl FnOnce(&mut Tx<'_>, &Scope) -> Result<T, LedgerError>) -> T {
        self.db.read_blocking(|tx| read(tx, &self.scope)).unwrap()
    }

    fn balance(&self, account: &Account) -> i64 {
        self.sums(account).balance().unwrap().minor()
    }

    fn sums(&self, account: &Account) -> reading::Balance {
        self.read(|tx, scope| reading::balance(tx, scope, account, EUR))
    }

    fn wallet(&self) -> i64 {
        self.balance(&Account::Wallet(self.shop))
    }

    fn item(&self, account: &Account, item: impl Into<Reference>) -> Option<reading::OpenItem> {
        let item = item.into();
        self.read(|tx, scope| reading::item(tx, scope, account, &item, EUR))
    }

    fn verify(&self) -> crate::Report {
        let merchant = self.scope.merchant();
        self.read(|tx, _| crate::verify(tx, &[merchant], crate::FIRST))
    }

    /// Names of the invariants found broken.
    fn broken(&self) -> Vec<&'static str> {
        let books = self.verify().books;
        books.iter().flat_map(|book| &book.broken).map(|b| b.invariant).collect()
    }
}
