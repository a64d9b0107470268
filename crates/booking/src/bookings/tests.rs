//! From a cart to a firm booking, through the port of payments, on a real database file.

use std::sync::Arc;

use kernel::{CartId, Locale, Money, Timestamp};
use payments::{Payment, Served, Subject, SubjectRefusal, ops as payment_ops};

use super::model::{Booking, BookingState};
use super::ops::{self, BookingError};
use super::store::{self, Filter, Part};
use super::subject::CartSubject;
use crate::carts::error::CartError;
use crate::carts::ops::{self as cart_ops, Calendar, Clicked, NewCart, NewLine, PayWish, Paying};
use crate::carts::{Cart, ContactDraft};
use crate::holds::ops::{NewHold, Placed, Term, place};
use crate::lodging::ops::Overlap;
use crate::lodging::{Formula, Lodging};
use crate::moment::Moment;
use crate::stock::{Lines, Resource};
use crate::testing::{House, adults, at, day};

const TEN: &str = "2026-07-01T10:00:00Z";

fn calendar() -> Calendar {
    Calendar { zone: kernel::Zone::paris(), today: day("2026-07-01") }
}

fn anna() -> ContactDraft {
    ContactDraft {
        last_name: "Weber".into(),
        first_name: "Anna".into(),
        email: "anna@example.org".into(),
        phone: "+49 30 1234567".into(),
        ..ContactDraft::default()
    }
}

#[test]
fn p_160_a_live_shop_that_is_not_open_confirms_nothing_not_even_for_nothing() {
    let house = House::of(kernel::Mode::Live);
    let free = house.lodging(1, 0);
    let cart = house.cart(&free, at(TEN));
    house.contact(&cart, at(TEN)).unwrap();
    let refused = house.pay(&cart, &PayWish::default(), at(TEN));
    assert!(
        matches!(refused, Err(CartError::Payment(payments::CreateError::ShopNotOpen))),
        "{refused:?}"
    );
}

impl House {
    fn cart(&self, (lodging, formula): &(Lodging, Formula), now: Timestamp) -> Cart {
        let new = NewCart {
            id: CartId::from(self.id()),
            token: self.ctx.new_token(),
            shop: self.shop,
            point_of_sale: self.point_of_sale,
            lines: vec![NewLine {
                lodging: lodging.id,
                formula: formula.id,
                dates: (day("2026-07-04"), day("2026-07-08")),
                party: adults(2),
            }],
        };
        let (scope, rng) = (self.scope.clone(), Arc::clone(&self.rng));
        let made = self.write(move |tx| {
            cart_ops::create(tx, &scope, &new, (&calendar(), Moment::new(now, rng.as_ref())))
        });
        made.unwrap()
    }

    fn contact(&self, cart: &Cart, now: Timestamp) -> Result<Placed, CartError> {
        let (scope, rng, id) = (self.scope.clone(), Arc::clone(&self.rng), cart.id);
        self.write(move |tx| {
            let moment = Moment::new(now, rng.as_ref());
            cart_ops::save_contact(tx, &scope, id, (&anna(), Locale::Fr, moment))
                .map(|saved| saved.held)
        })
    }

    fn pay(&self, cart: &Cart, wish: &PayWish, now: Timestamp) -> Result<Clicked, CartError> {
        let (scope, rng, id, wish) =
            (self.scope.clone(), Arc::clone(&self.rng), cart.id, wish.clone());
        let ctx = self.ctx.clone();
        self.write(move |tx| {
            let moment = Moment::new(now, rng.as_ref());
            cart_ops::click_pay(tx, &scope, id, (&ctx, &wish, &calendar(), moment))
        })
    }

    /// The payment a click leads to.
    fn payment(&self, cart: &Cart, now: Timestamp) -> Payment {
        let Clicked::Goes(paying) = self.pay(cart, &PayWish::default(), now).unwrap() else {
            panic!("sold out")
        };
        let Paying::Payment(id, _, _) = *paying else { panic!("booked") };
        self.payment_by_id(id)
    }

    fn payment_by_id(&self, id: kernel::PaymentId) -> Payment {
        let scope = self.scope.clone();
        self.db.read_blocking(move |tx| payment_ops::find(tx, &scope, id)).unwrap().unwrap()
    }

    fn authorise(&self, payment: &Payment, now: Timestamp) -> Result<(), SubjectRefusal> {
        let (scope, payment) = (self.scope.clone(), payment.clone());
        let subject = CartSubject { ctx: self.ctx.clone() };
        self.write(move |tx| subject.before_authorise(tx, &scope, &payment, now))
    }

    fn money_comes(&self, payment: &Payment, now: Timestamp) -> Served {
        let (scope, payment) = (self.scope.clone(), payment.clone());
        let subject = CartSubject { ctx: self.ctx.clone() };
        self.write(move |tx| {
            subject.on_paid(tx, &scope, &payment, payments::Occasion { now, from: "" })
        })
        .unwrap()
    }

    /// Somebody else holds the four nights for an hour.
    fn somebody_else_holds(&self, lodging: &Lodging, now: Timestamp) -> Placed {
        let lines =
            Lines::nights(Resource::Lodging(lodging.id), day("2026-07-04"), day("2026-07-08"), 1);
        let new = NewHold {
            id: self.id().into(),
            shop: self.shop,
            cart: None,
            contact: String::new(),
            lines: lines.unwrap(),
            term: Term::Basket,
        };
        let (scope, rng) = (self.scope.clone(), Arc::clone(&self.rng));
        self.write(move |tx| place(tx, &scope, &new, Moment::new(now, rng.as_ref()))).unwrap()
    }

    fn booking(&self, served: Served) -> Booking {
        let Served::Yes(confirmation) = served else { panic!("place gone") };
        let (scope, id) = (self.scope.clone(), confirmation.booking.unwrap());
        self.db.read_blocking(move |tx| store::find(tx, &scope, id)).unwrap().unwrap()
    }

    /// A firm booking of 392.00.
    pub(super) fn firm(&self) -> Booking {
        let cart = self.cart(&self.lodging(1, 9_800), at(TEN));
        self.contact(&cart, at(TEN)).unwrap();
        let payment = self.payment(&cart, at(TEN));
        self.authorise(&payment, at(TEN)).unwrap();
        self.booking(self.money_comes(&payment, at(TEN)))
    }

    fn letters(&self) -> Vec<String> {
        let sent = self.db.read_blocking(|tx| web::mail::latest(tx, 10)).unwrap();
        sent.into_iter().map(|letter| letter.text).collect()
    }

    fn is_healthy(&self) -> bool {
        let scope = self.scope.clone();
        let wrong = self.db.read_blocking(move |tx| crate::stock::ops::doctor(tx, &scope));
        wrong.unwrap().is_empty()
    }
}

#[test]
fn l_21_from_basket_to_firm_booking() {
    let house = House::new();
    let room = house.lodging(1, 9_800);
    let cart = house.cart(&room, at(TEN));
    let Placed::Held(hold) = house.contact(&cart, at("2026-07-01T10:02:00Z")).unwrap() else {
        panic!("not held")
    };
    assert_eq!(hold.expires_at, at("2026-07-01T11:02:00Z"));
    let payment = house.payment(&cart, at("2026-07-01T10:50:00Z"));
    assert_eq!(
        (payment.amount, payment.order_ref.as_str()),
        (Money::eur(11_760), "DOS-2026-000001/1")
    );
    // Asked at 11:45, the bank has until noon.
    house.authorise(&payment, at("2026-07-01T11:45:00Z")).unwrap();
    let booking = house.booking(house.money_comes(&payment, at("2026-07-01T11:59:00Z")));
    assert_eq!(booking.state, BookingState::Confirmed);
    assert_eq!((booking.number.as_str(), booking.total), ("DOS-2026-000001", Money::eur(39_200)));
    assert!(house.is_healthy());
    assert!(house.letters()[0].contains("Reste à payer\u{a0}: 274,40\u{a0}€"));
}

#[test]
fn p_10_every_click_reaches_the_same_payment() {
    let house = House::new();
    let room = house.lodging(1, 9_800);
    let cart = house.cart(&room, at(TEN));
    house.contact(&cart, at(TEN)).unwrap();
    let first = house.payment(&cart, at(TEN).plus_minutes(1));
    let second = house.payment(&cart, at(TEN).plus_minutes(2));
    assert_eq!(first.id, second.id);
}

#[test]
fn e_16_after_the_end_the_place_is_taken_again_only_if_it_is_free() {
    let house = House::new();
    let room = house.lodging(1, 9_800);
    let cart = house.cart(&room, at(TEN));
    house.contact(&cart, at("2026-07-01T10:02:00Z")).unwrap();
    let payment = house.payment(&cart, at("2026-07-01T10:50:00Z"));
    house.authorise(&payment, at("2026-07-01T11:52:00Z")).unwrap();
    // The bank's quarter of an hour passes without an answer, and another buyer comes.
    house.somebody_else_holds(&room.0, at("2026-07-01T12:08:00Z"));
    let refused = house.authorise(&payment, at("2026-07-01T12:09:00Z"));
    assert!(matches!(refused, Err(SubjectRefusal::HoldLost)));
}

#[test]
fn l_09_e_22_money_that_comes_late_books_if_free_and_goes_back_if_not() {
    let house = House::new();
    let room = house.lodging(2, 9_800);
    let late = |others: u32| {
        let cart = house.cart(&room, at(TEN));
        house.contact(&cart, at(TEN)).unwrap();
        let payment = house.payment(&cart, at(TEN));
        house.authorise(&payment, at("2026-07-01T10:59:00Z")).unwrap();
        for _ in 0..others {
            house.somebody_else_holds(&room.0, at("2026-07-01T11:16:00Z"));
        }
        house.money_comes(&payment, at("2026-07-01T11:17:00Z"))
    };
    house.booking(late(0));
    assert_eq!(late(1), Served::PlaceGone);
    assert!(house.is_healthy());
}

#[test]
fn l_28_a_price_that_changed_must_be_accepted_again() {
    let house = House::new();
    let room = house.lodging(1, 9_800);
    let cart = house.cart(&room, at(TEN));
    house.contact(&cart, at(TEN)).unwrap();
    let first = house.payment(&cart, at(TEN));
    let dearer = house.tariff(&room.0, &room.1, (&[1], 12_000));
    let scope = house.scope.clone();
    house
        .write(move |tx| {
            let one = std::slice::from_ref(&dearer);
            crate::lodging::ops::add_tariffs(tx, &scope, one, Overlap::Replace)
        })
        .unwrap();
    // While the hold lives the frozen price stands.
    house.authorise(&first, at("2026-07-01T10:30:00Z")).unwrap();
    let later = at("2026-07-01T11:30:00Z");
    assert!(matches!(house.authorise(&first, later), Err(SubjectRefusal::AmountChanged)));
    let told = house.pay(&cart, &PayWish::default(), later);
    let Err(CartError::PriceChanged { old, new }) = told else { panic!("{told:?}") };
    assert_eq!((old, new), (Money::eur(39_200), Money::eur(48_000)));
    let wish = PayWish { accepted: Some(new), ..PayWish::default() };
    let Clicked::Goes(paying) = house.pay(&cart, &wish, later).unwrap() else { panic!() };
    let Paying::Payment(second, _, _) = *paying else { panic!() };
    assert_eq!(house.payment_by_id(second).amount, Money::eur(14_400));
    assert!(matches!(house.authorise(&first, later), Err(SubjectRefusal::Replaced)));
    house.authorise(&house.payment_by_id(second), later).unwrap();
}

#[test]
fn l_29_nothing_to_pay_is_firm_at_once() {
    let house = House::new();
    let room = house.lodging(1, 0);
    let cart = house.cart(&room, at(TEN));
    house.contact(&cart, at(TEN)).unwrap();
    let twice: Vec<Booking> = (0..2)
        .map(|_| {
            let Clicked::Goes(paying) = house.pay(&cart, &PayWish::default(), at(TEN)).unwrap()
            else {
                panic!()
            };
            let Paying::Booked(booking) = *paying else { panic!("a payment of nothing") };
            *booking
        })
        .collect();
    assert_eq!(twice[0].id, twice[1].id);
    assert_eq!(twice[0].state, BookingState::Confirmed);
}

#[test]
fn l_29_less_than_the_minimum_is_refused() {
    let house = House::new();
    let room = house.lodging(1, 10);
    let cart = house.cart(&room, at(TEN));
    house.contact(&cart, at(TEN)).unwrap();
    let refused = house.pay(&cart, &PayWish::default(), at(TEN)).unwrap_err();
    assert_eq!(kernel::Problem::from(refused).code, "amount_below_minimum");
}

#[test]
fn l_31_a_cancelled_booking_frees_its_nights_and_stays_cancelled() {
    let house = House::new();
    let room = house.lodging(1, 9_800);
    let cart = house.cart(&room, at(TEN));
    house.contact(&cart, at(TEN)).unwrap();
    let payment = house.payment(&cart, at(TEN));
    let booking = house.booking(house.money_comes(&payment, at(TEN)));
    let cancel = |today: &str| {
        let (scope, rng) = (house.scope.clone(), Arc::clone(&house.rng));
        let (id, today) = (booking.id, day(today));
        house.write(move |tx| {
            let moment = Moment::new(at(TEN), rng.as_ref());
            ops::cancel(tx, &scope, id, (today, "", moment))
        })
    };
    assert!(matches!(cancel("2026-07-05"), Err(BookingError::Past)));
    assert_eq!(cancel("2026-07-04").unwrap().state, BookingState::Cancelled);
    assert!(matches!(cancel("2026-07-04"), Err(BookingError::Illegal(_))));
    assert!(house.is_healthy());
    assert!(matches!(house.somebody_else_holds(&room.0, at(TEN)), Placed::Held(_)));
    let (scope, id) = (house.scope.clone(), booking.id);
    let journal = house.db.read_blocking(move |tx| store::journal(tx, &scope, id)).unwrap();
    let actions: Vec<&str> = journal.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["booking.confirmed", "payment.received", "booking.cancelled"]);
}

#[test]
fn u_19_bookings_are_found_by_number_name_and_mail_whatever_the_accents() {
    let house = House::new();
    let room = house.lodging(3, 0);
    for _ in 0..3 {
        let cart = house.cart(&room, at(TEN));
        house.contact(&cart, at(TEN)).unwrap();
        house.pay(&cart, &PayWish::default(), at(TEN)).unwrap();
    }
    let found = |text: &str| {
        let scope = house.scope.clone();
        let filter = Filter { text: text.into(), ..Filter::default() };
        let part = Part { before: None, limit: 50 };
        house
            .db
            .read_blocking(move |tx| store::list(tx, &scope, &filter, part))
            .unwrap()
            .into_iter()
            .map(|booking| booking.number)
            .collect::<Vec<_>>()
    };
    assert_eq!(found("000002"), ["DOS-2026-000002"]);
    assert_eq!(found("wébér").len(), 3);
    assert_eq!(found("anna@example").len(), 3);
    assert_eq!(found("100%"), Vec::<String>::new());
}

#[test]
fn l_79_the_calendar_file_has_whole_days_and_an_id_that_stays() {
    let house = House::new();
    let room = house.lodging(1, 9_800);
    let cart = house.cart(&room, at(TEN));
    house.contact(&cart, at(TEN)).unwrap();
    let payment = house.payment(&cart, at(TEN));
    let booking = house.booking(house.money_comes(&payment, at(TEN)));
    let place = super::paper::Place {
        name: "Hôtel des Tuffeaux",
        address: "1 quai de la Loire\n49000 Val-sur-Loire",
        host: "guichet.example",
    };
    let text = super::paper::calendar(&booking, &place, Locale::Fr);
    for line in [
        "PRODID:-//Guichet//Guichet//FR\r\n",
        "DTSTART;VALUE=DATE:20260704\r\n",
        "DTEND;VALUE=DATE:20260708\r\n",
        "UID:DOS-2026-000001@guichet.example\r\n",
        "DTSTAMP:20260701T100000Z\r\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
}

#[test]
fn l_30_the_journal_of_a_booking_is_only_ever_added_to() {
    let house = House::new();
    let room = house.lodging(1, 0);
    let cart = house.cart(&room, at(TEN));
    house.contact(&cart, at(TEN)).unwrap();
    house.pay(&cart, &PayWish::default(), at(TEN)).unwrap();
    let lines = |house: &House| {
        let count = |tx: &mut db::Tx<'_>| tx.query("SELECT id FROM booking_journal", &[]);
        house.db.read_blocking(count).unwrap().len()
    };
    let before = lines(&house);
    for sql in ["UPDATE booking_journal SET note = ''", "DELETE FROM booking_journal"] {
        let refused = house.write(move |tx| tx.exec(sql, &[]));
        assert!(matches!(refused, Err(db::DbError::Check(_))), "{sql}: {refused:?}");
    }
    assert!(before > 0 && lines(&house) == before);
}
