//! One booking, from the basket to the day of leaving.

use booking::bookings::{self, Booking, balance};
use booking::carts::ContactDraft;
use booking::carts::error::CartError;
use booking::carts::ops::{self as carts, Calendar, Clicked, NewCart, NewLine, PayWish, Paying};
use booking::holds::ops::Placed;
use booking::lodging::model::{Guests, Kind};
use booking::lodging::{Formula, Lodging, Party, store as lodging_store};
use booking::moment::Moment;
use db::Tx;
use kernel::time::plus_days;
use kernel::{CartId, Locale, PaymentId, Timestamp};
use payments::payment::store as payment_store;
use sandbox::history::Past;

use super::plan::{Fate, PAST_DAYS, Wish};
use super::{House, money};
use crate::demo::data::{Fault, fault, text};

/// Names and towns of guests; a number chooses one of each.
const FIRST: &[&str] = &[
    "Anne", "Marc", "Sofia", "Karim", "Élise", "Thomas", "Nadia", "Hugo", "Inès", "Paul", "Léa",
    "Jonas", "Camille", "Ahmed", "Clara", "Louis", "Greta", "Olivier", "Maeva", "Yves",
];
const LAST: &[&str] = &[
    "Roy", "Garnier", "Diallo", "Weber", "Moreau", "Lefèvre", "Benali", "Rossi", "Petit", "Martin",
    "Schmidt", "Durand", "Leroy", "Fontaine", "Novak", "Bernard", "Girard", "Lambert", "Silva",
];
/// The hour at which guests settle the rest.
const SETTLING_HOUR: i8 = 17;

/// A place with what it is sold under.
#[derive(Clone)]
pub(super) struct Place {
    lodging: Lodging,
    formulas: Vec<Formula>,
}

impl House {
    /// The places of the hotel, as the catalogue has them.
    pub(super) async fn lodgings(&self) -> Result<Vec<Place>, String> {
        let (scope, shop) = (self.scope.clone(), self.merchant.shop);
        let read = move |tx: &mut Tx<'_>| {
            let formulas = lodging_store::formulas(tx, &scope, shop)?;
            let of = |lodging: Lodging| Place {
                formulas: formulas.iter().filter(|f| f.lodging == lodging.id).cloned().collect(),
                lodging,
            };
            let all = lodging_store::of_shop(tx, &scope, shop)?;
            Ok::<Vec<Place>, db::DbError>(all.into_iter().map(of).collect())
        };
        self.ctx.db.read(read).await.map_err(text)
    }

    fn moment(&self, now: Timestamp) -> Moment<'_> {
        Moment::new(now, self.rng.as_ref())
    }

    fn calendar(&self, now: Timestamp) -> Calendar {
        Calendar { zone: self.zone.clone(), today: self.zone.date(now) }
    }
}

/// Who a number stands for.
pub(super) fn person(number: usize) -> (&'static str, &'static str, String) {
    let pick =
        |list: &[&'static str], at: usize| list.get(at % list.len()).copied().unwrap_or("Roy");
    let (first, last) = (pick(FIRST, number), pick(LAST, number / FIRST.len()));
    let plain: String = format!("{first}.{last}").to_lowercase().replace(['é', 'è'], "e");
    let plain = plain.replace('ï', "i");
    (first, last, format!("{plain}@exemple.fr"))
}

/// Writes one booking. Where a place is full the next one is taken; nobody is turned away, or the
/// history would depend on chance.
pub(super) fn write(
    tx: &mut Tx<'_>,
    house: &House,
    (places, wish): (&[Place], &Wish),
    lines: &mut Vec<Past>,
) -> Result<(), Fault> {
    let created = created(house, wish);
    let moment = house.moment(created);
    let cart = basket(tx, house, (places, wish), created)?;
    let (first, last, email) = person(wish.person);
    let contact = ContactDraft {
        first_name: first.into(),
        last_name: last.into(),
        email,
        phone: format!("06{:08}", wish.person % 100_000_000),
        ..ContactDraft::default()
    };
    let saved = carts::save_contact(tx, &house.scope, cart, (&contact, Locale::Fr, moment));
    if let Placed::Refused(_) = saved.map_err(fault)?.held {
        return Err(fault("the basket of the history was not held"));
    }
    if wish.fate == Fate::Held {
        return Ok(());
    }
    let (wanted, calendar) = (PayWish::default(), house.calendar(created));
    let clicked =
        carts::click_pay(tx, &house.scope, cart, (&house.ctx, &wanted, &calendar, moment));
    let Clicked::Goes(paying) = clicked.map_err(fault)? else {
        return Err(fault("the place of the history was gone"));
    };
    let Paying::Payment(payment, _, _) = *paying else { return Ok(()) };
    money::accept(tx, house, (payment, created), lines)?;
    let booking = booked(tx, house, payment)?;
    match wish.fate {
        Fate::Past => settle_and_leave(tx, house, (&booking, wish), lines),
        Fate::CalledOff => call_off(tx, house, (&booking, payment, created), lines),
        Fate::Coming | Fate::Held => Ok(()),
    }
}

fn created(house: &House, wish: &Wish) -> Timestamp {
    let today = house.zone.date(house.now);
    if wish.fate == Fate::Held {
        return house.now.plus_minutes(-(wish.minute % 40));
    }
    let first = plus_days(today, -PAST_DAYS - 2);
    let yesterday = plus_days(today, -1);
    let day = plus_days(wish.arrival, -wish.lead).max(first).min(yesterday);
    house.zone.start_of(day).plus_minutes(wish.minute)
}

/// A basket with the first place that is free for the wish, beginning with the wished one.
fn basket(
    tx: &mut Tx<'_>,
    house: &House,
    (places, wish): (&[Place], &Wish),
    now: Timestamp,
) -> Result<CartId, Fault> {
    let fits = |place: &&Place| {
        let of_kind = (place.lodging.kind == Kind::Furnished) == wish.gite;
        // The one suite stays free for visitors of the demo.
        let is_single = place.lodging.units == 1 && !wish.gite;
        of_kind && !is_single && place.lodging.capacity.max >= wish.guests
    };
    let fitting: Vec<&Place> = places.iter().filter(fits).collect();
    let moment = house.moment(now);
    for turn in 0..fitting.len() {
        let at = wish.room.wrapping_add(turn) % fitting.len();
        let Some(place) = fitting.get(at) else { continue };
        let Some(formula) = place.formulas.get(wish.room % place.formulas.len().max(1)) else {
            continue;
        };
        let guests = vec![Guests { bracket: "adult".into(), count: wish.guests }];
        let line = NewLine {
            lodging: place.lodging.id,
            formula: formula.id,
            dates: (wish.arrival, plus_days(wish.arrival, wish.nights)),
            party: Party::new(guests).map_err(fault)?,
        };
        let new = NewCart {
            id: CartId::new(now, house.rng.as_ref()),
            token: kernel::Id::random(house.rng.as_ref()).text(),
            shop: house.merchant.shop,
            point_of_sale: house.merchant.point_of_sale,
            lines: vec![line],
        };
        let calendar = house.calendar(now);
        match carts::create(tx, &house.scope, &new, (&calendar, moment)) {
            Ok(cart) => return Ok(cart.id),
            Err(CartError::NotAvailable(_)) => {}
            Err(CartError::Line(_, why)) if matches!(*why, CartError::NotAvailable(_)) => {}
            Err(other) => return Err(fault(other)),
        }
    }
    Err(fault(format!("no place is free on {}", wish.arrival)))
}

fn booked(tx: &mut Tx<'_>, house: &House, payment: PaymentId) -> Result<Booking, Fault> {
    let payment = payment_store::find(tx, &house.scope, payment)?;
    let id = payment.and_then(|payment| payment.booking).ok_or_else(|| fault("not booked"))?;
    let booking = bookings::store::find(tx, &house.scope, id)?;
    booking.ok_or_else(|| fault("no such booking"))
}

/// The rest is paid on the first evening, and the stay ends on its last day.
fn settle_and_leave(
    tx: &mut Tx<'_>,
    house: &House,
    (booking, wish): (&Booking, &Wish),
    lines: &mut Vec<Past>,
) -> Result<(), Fault> {
    let evening = house.zone.at(wish.arrival, SETTLING_HOUR, 0).plus_minutes(wish.minute % 120);
    let payments = bookings::ops::payments_of(tx, &house.scope, booking)?;
    let due = balance::due(booking, (&payments, &[])).map_err(fault)?;
    if !due.is_zero() {
        let moment = house.moment(evening);
        let new = balance::payment(booking, due, booking.number.clone(), moment);
        let made = payments::ops::create(tx, &house.scope, &new, evening).map_err(fault)?;
        money::accept(tx, house, (made.id, evening), lines)?;
    }
    let end = house.zone.at(booking.ends, 12, 0);
    if end < house.now {
        bookings::ops::finish(tx, &house.scope, booking.id, house.moment(end)).map_err(fault)?;
    }
    Ok(())
}

/// Two days later the guest writes that he cannot come; the deposit goes back.
fn call_off(
    tx: &mut Tx<'_>,
    house: &House,
    (booking, payment, created): (&Booking, PaymentId, Timestamp),
    lines: &mut Vec<Past>,
) -> Result<(), Fault> {
    let at = created.plus_minutes(60 * 20).min(house.now.plus_minutes(-30));
    let today = house.zone.date(created);
    let why = (today, "Le client ne peut pas venir", house.moment(at));
    bookings::ops::cancel(tx, &house.scope, booking.id, why).map_err(fault)?;
    money::give_back(tx, house, (payment, at), lines)
}
