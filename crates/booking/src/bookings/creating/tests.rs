//! Bookings that a program sends whole, on a real database.

use std::sync::Arc;

use kernel::{CartId, Locale, Mode, Money};

use super::is_own_name;
use super::ops::{Created, CreatingError, NewBooking, create};
use crate::bookings::model::{Booking, BookingState, Provenance, Source};
use crate::bookings::store;
use crate::carts::ContactDraft;
use crate::carts::error::CartError;
use crate::carts::ops::{Calendar, NewCart, NewLine};
use crate::lodging::{Formula, Lodging};
use crate::moment::Moment;
use crate::testing::{House, adults, at, day};

const NOW: &str = "2026-07-01T10:00:00Z";

impl House {
    fn sent(
        &self,
        (lodging, formula): &(Lodging, Formula),
        reference: Option<&str>,
    ) -> Result<Created, CreatingError> {
        let draft = ContactDraft {
            last_name: "Weber".into(),
            first_name: "Hans".into(),
            email: "hans@example.org".into(),
            ..ContactDraft::default()
        };
        let new = NewBooking {
            cart: NewCart {
                id: CartId::from(self.id()),
                token: self.ctx.new_token(),
                shop: self.shop,
                point_of_sale: self.point_of_sale,
                lines: vec![NewLine {
                    lodging: lodging.id,
                    formula: formula.id,
                    dates: (day("2026-07-04"), day("2026-07-06")),
                    party: adults(2),
                }],
            },
            contact: draft.check(Locale::Fr).unwrap(),
            source: Source { provenance: Provenance::Api, reference: reference.map(Into::into) },
        };
        let calendar = Calendar { zone: kernel::Zone::paris(), today: day("2026-07-01") };
        let (scope, rng) = (self.scope.clone(), Arc::clone(&self.rng));
        self.write(move |tx| {
            create(tx, &scope, &new, (&calendar, Moment::new(at(NOW), rng.as_ref())))
        })
    }

    fn named(&self, name: &'static str) -> Option<Booking> {
        let scope = self.scope.clone();
        let read = move |tx: &mut db::Tx<'_>| match store::id_of(tx, &scope, name)? {
            Some(id) => store::find(tx, &scope, id),
            None => Ok(None),
        };
        self.db.read_blocking::<_, db::DbError, _>(read).unwrap()
    }
}

#[test]
fn v_23_a_sent_booking_is_firm_and_found_by_the_name_that_its_program_gave_it() {
    let house = House::new();
    let room = house.lodging(1, 8_400);
    let Created::Booked(made) = house.sent(&room, Some("HOP-2026-118")).unwrap() else {
        panic!("sold out")
    };
    let found = house.named("HOP-2026-118").unwrap();
    assert_eq!((&found, found.state), (&*made, BookingState::Confirmed));
    assert_eq!((found.total, found.provenance), (Money::eur(16_800), Provenance::Api));
    assert_eq!(house.named("DOS-2026-000001"), Some(found), "and by its number");
    assert!(house.named("HOP-2026-119").is_none());
}

#[test]
fn l_03_a_sent_booking_takes_its_nights_and_one_that_finds_none_leaves_no_trace() {
    let house = House::new();
    let room = house.lodging(1, 8_400);
    assert!(matches!(house.sent(&room, None), Ok(Created::Booked(_))));
    let second = house.sent(&room, Some("HOP-2"));
    let refused = matches!(&second, Err(CreatingError::Cart(CartError::Line(0, _))));
    assert!(refused, "{second:?}");
    assert!(house.named("HOP-2").is_none());
}

#[test]
fn v_23_one_reference_names_one_booking() {
    let house = House::new();
    let room = house.lodging(2, 8_400);
    let Created::Booked(made) = house.sent(&room, Some("HOP-1")).unwrap() else { panic!() };
    let again = house.sent(&room, Some("HOP-1"));
    let Err(CreatingError::ReferenceTaken(Some(first))) = again else { panic!("{again:?}") };
    assert_eq!(first, made.id);
    assert!(matches!(house.sent(&room, None), Ok(Created::Booked(_))), "its room is still free");
}

#[test]
fn p_160_a_live_shop_that_is_not_open_takes_no_sent_booking() {
    let house = House::of(Mode::Live);
    let room = house.lodging(1, 8_400);
    let refused = house.sent(&room, None);
    let not_open = CartError::Payment(payments::CreateError::ShopNotOpen);
    let Err(CreatingError::Cart(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.to_string(), not_open.to_string());
}

#[test]
fn v_23_a_reference_is_a_short_text_that_is_no_name_of_this_house_and_no_card() {
    assert!(is_own_name("HOP-2026-118") && is_own_name("réf. 7/2"));
    for wrong in ["", " HOP", "DOS-2026-000001", "bkg_1", "5207 0000 0000 0000", "a\nb"] {
        assert!(!is_own_name(wrong), "{wrong}");
    }
    assert!(!is_own_name(&"x".repeat(65)));
}
