//! What was made without this house, on a real database file.

use kernel::{Money, OperationId, ShopId, Timestamp};
use ledger::Tender;

use super::model::{Recorded, RecordedKind};
use super::ops::{self, RecordError};
use super::store;
use crate::bookings::model::Booking;
use crate::bookings::{balance, ops as bookings};
use crate::moment::Moment;
use crate::testing::{House, at};

const NOON: &str = "2026-07-01T12:00:00Z";

/// A debit of 5.00 on the property's terminal, an hour ago.
fn slip(house: &House, reference: &str) -> Recorded {
    Recorded {
        id: OperationId::from(house.id()),
        kind: RecordedKind::Debit,
        means: Tender::Terminal,
        amount: Money::eur(500),
        reference: reference.into(),
        auth_code: "A17F3C".into(),
        at: at("2026-07-01T11:00:00Z"),
        card: None,
        card_consumed: false,
        author: "key".into(),
    }
}

impl House {
    fn record(&self, booking: &Booking, one: &Recorded, now: Timestamp) -> Result<(), RecordError> {
        let (scope, rng) = (self.scope.clone(), std::sync::Arc::clone(&self.rng));
        let (booking, one) = (booking.clone(), one.clone());
        self.write(move |tx| {
            ops::record(tx, &scope, &booking, (&one, Moment::new(now, rng.as_ref())))
        })
    }

    /// What is left to charge, and what counts as paid.
    fn owed(&self, booking: &Booking) -> (i64, i64) {
        let (scope, booking) = (self.scope.clone(), booking.clone());
        self.write(move |tx| -> Result<_, db::DbError> {
            let recorded = store::of(tx, &scope, booking.id)?;
            let due = balance::due(&booking, (&[], &recorded)).unwrap();
            let paid = bookings::paid(&booking, (&[], &recorded)).unwrap();
            Ok((due.minor(), paid.minor()))
        })
        .unwrap()
    }
}

#[test]
fn v_98_what_was_made_elsewhere_counts_once() {
    let house = House::new();
    let booking = house.firm();
    let now = at(NOON);
    house.record(&booking, &slip(&house, "T-9"), now).unwrap();
    assert_eq!(house.owed(&booking), (38_700, 500));
    let twice = house.record(&booking, &slip(&house, "T-9"), now);
    assert!(matches!(twice, Err(RecordError::Already(Some(first))) if first == booking.id));
    let transfer = Recorded { means: Tender::Bank, ..slip(&house, "T-9") };
    house.record(&booking, &transfer, now).unwrap();
    assert_eq!(house.owed(&booking), (38_200, 1_000), "a transfer has numbers of its own");
    let held = Recorded { kind: RecordedKind::Preauthorisation, ..slip(&house, "slip 10") };
    house.record(&booking, &held, now).unwrap();
    assert_eq!(house.owed(&booking), (38_200, 1_000), "no money moved");
    let back = Recorded { kind: RecordedKind::Refund, ..slip(&house, "slip 11") };
    house.record(&booking, &back, now).unwrap();
    assert_eq!(house.owed(&booking), (38_200, 500), "what was given back is not asked again");
    let more = Recorded { amount: Money::eur(501), ..slip(&house, "slip 12") };
    let more = Recorded { kind: RecordedKind::Refund, ..more };
    let above = house.record(&booking, &more, now);
    assert!(matches!(above, Err(RecordError::AboveRefundable(most)) if most == Money::eur(500)));
    let elsewhere = Booking { shop: ShopId::from(house.id()), ..booking.clone() };
    house.record(&elsewhere, &slip(&house, "T-9"), now).unwrap();
}

#[test]
fn v_98_what_cannot_have_happened_is_refused() {
    let house = House::new();
    let booking = house.firm();
    let now = at(NOON);
    let later = Recorded { at: at("2026-07-01T12:00:01Z"), ..slip(&house, "T-1") };
    assert!(matches!(house.record(&booking, &later, now), Err(RecordError::Future)));
    let back = Recorded { kind: RecordedKind::Refund, ..slip(&house, "T-2") };
    let refused = house.record(&booking, &back, now);
    assert!(matches!(refused, Err(RecordError::AboveRefundable(most)) if most.is_zero()));
    let dollars =
        Recorded { amount: Money::new(500, "USD".parse().unwrap()), ..slip(&house, "T-3") };
    assert!(matches!(house.record(&booking, &dollars, now), Err(RecordError::Currency(_))));
    assert_eq!(house.owed(&booking), (39_200, 0));
}
