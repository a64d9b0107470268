//! Bookings that a program sends whole, on a real database.

use std::sync::Arc;

use db::DbError;
use kernel::{BookingId, CartId, Locale, Mode, Money, ShopId};

use super::ops::{Created, CreatingError, NewBooking, create};
use super::{OF_A_SHOP, is_own_name};
use crate::bookings::model::{Booking, BookingState, Provenance, Source};
use crate::bookings::{ops as bookings, store};
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

    fn called_off(&self, id: BookingId) -> Booking {
        let (scope, rng) = (self.scope.clone(), Arc::clone(&self.rng));
        let cancel = move |tx: &mut db::Tx<'_>| {
            let moment = Moment::new(at(NOW), rng.as_ref());
            bookings::cancel(tx, &scope, id, (day("2026-07-01"), "", moment))
        };
        self.write(cancel).unwrap()
    }

    /// Writes a booking as another process would.
    fn put(&self, booking: &Booking) -> Result<(), DbError> {
        let (scope, booking) = (self.scope.clone(), booking.clone());
        self.write(move |tx| store::insert(tx, &scope, &booking))
    }

    fn named(&self, name: &'static str) -> Option<Booking> {
        self.named_in(name, self.shop)
    }

    fn named_in(&self, name: &'static str, shop: ShopId) -> Option<Booking> {
        let scope = self.scope.clone();
        let read = move |tx: &mut db::Tx<'_>| match store::id_of(tx, &scope, (name, Some(shop)))? {
            Some(id) => store::find(tx, &scope, id),
            None => Ok(None),
        };
        self.db.read_blocking::<_, DbError, _>(read).unwrap()
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
fn v_23_a_booking_that_is_called_off_leaves_its_reference_to_the_next() {
    let house = House::new();
    let room = house.lodging(1, 8_400);
    let Created::Booked(first) = house.sent(&room, Some("HOP-1")).unwrap() else { panic!() };
    let first = house.called_off(first.id);
    assert_eq!(house.named("HOP-1").map(|found| found.id), Some(first.id), "there is no other");
    let Created::Booked(next) = house.sent(&room, Some("HOP-1")).unwrap() else { panic!() };
    assert_ne!(next.id, first.id);
    assert_eq!(house.named("HOP-1"), Some(*next));
    let third = house.sent(&room, Some("HOP-1"));
    assert!(matches!(third, Err(CreatingError::ReferenceTaken(Some(_)))), "{third:?}");
}

#[test]
fn v_23_each_shop_has_its_own_references_and_their_key_alone_says_that_one_is_taken() {
    let house = House::new();
    let room = house.lodging(1, 8_400);
    let Created::Booked(made) = house.sent(&room, Some("1001")).unwrap() else { panic!() };
    let twin = |number: &str, shop: ShopId| Booking {
        id: BookingId::from(house.id()),
        number: number.into(),
        shop,
        ..(*made).clone()
    };
    let elsewhere = twin("DOS-2026-900001", ShopId::from(house.id()));
    house.put(&elsewhere).unwrap();
    let found = |shop| house.named_in("1001", shop).map(|booking| booking.id);
    assert_eq!((found(house.shop), found(elsewhere.shop)), (Some(made.id), Some(elsewhere.id)));
    let taken = house.put(&twin("DOS-2026-900002", house.shop)).unwrap_err();
    assert!(store::is_reference_taken(&taken), "{taken:?}");
    let counted_twice = Booking { reference: None, ..twin(&made.number, house.shop) };
    let other = house.put(&counted_twice).unwrap_err();
    let is_conflict = matches!(other, DbError::Conflict(_));
    assert!(is_conflict && !store::is_reference_taken(&other), "{other:?}");
}

#[test]
fn v_23_a_reference_is_free_in_the_states_out_of_which_no_booking_comes_back() {
    assert!(OF_A_SHOP.sql.contains(store::OVER), "the key and the statements agree");
    for state in BookingState::ALL {
        let is_over = BookingState::ALL.iter().all(|next| !state.may_become(*next));
        let is_free = store::OVER.contains(&format!("'{}'", state.as_str()));
        assert_eq!(is_free, is_over, "{}", state.as_str());
    }
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
    assert!(is_own_name("HOP-2026-118") && is_own_name("réf. 7/2") && is_own_name("abcé"));
    for wrong in ["", " HOP", "DOS-1", "dos-2026-1", "bkg_1", "Bkg_1", "5207 0000 0000 0000", "\n"]
    {
        assert!(!is_own_name(wrong), "{wrong}");
    }
    assert!(!is_own_name(&"x".repeat(65)));
}
