//! Filling a cart, saving its contact, holding its stock and leading to its payment.

use db::Tx;
use identity::locator;
use kernel::{
    BookingId, CartId, Currency, Date, FormulaId, HoldId, Locale, LodgingId, Money, PaymentId,
    PointOfSaleId, Scope, ShopId, Zone,
};

use super::contact::ContactDraft;
use super::error::CartError;
use super::model::{Cart, CartLine, CartState, LineNames, MAX_LINES, Typology};
use super::pay;
use super::store::{self, HoldStarts};
use crate::bookings::model::{Booking, Source};
use crate::bookings::{letters, ops as booking_ops};
use crate::holds::ops::{self as hold_ops, Confirmed, NewHold, Placed, Term};
use crate::holds::store::Ending;
use crate::holds::{Hold, store as hold_store};
use crate::lodging::search::StayQuery;
use crate::lodging::{Party, Reason, ops as lodging_ops};
use crate::moment::Moment;
use web::Context;

/// Kind of the locator rows that lead from a page's token to a cart.
pub const CART: &str = "cart";

/// A stay to be put into a cart.
#[derive(Debug, Clone)]
pub struct NewLine {
    /// Where.
    pub lodging: LodgingId,
    /// Under which formula.
    pub formula: FormulaId,
    /// First night and day of leaving.
    pub dates: (Date, Date),
    /// Who comes.
    pub party: Party,
}

/// A cart to be created.
#[derive(Debug, Clone)]
pub struct NewCart {
    /// Made outside the unit of work.
    pub id: CartId,
    /// The secret in the address of its pages.
    pub token: String,
    /// Where it is sold.
    pub shop: ShopId,
    /// Through which channel.
    pub point_of_sale: PointOfSaleId,
    /// What is booked.
    pub lines: Vec<NewLine>,
}

/// The merchant's calendar: his zone, and the date there.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Where his dates begin and end.
    pub zone: Zone,
    /// The date there, now.
    pub today: Date,
}

/// Creates a cart with prices as they are now. Nothing is blocked yet, unless the shop's hold
/// starts with the cart.
///
/// # Errors
/// [`CartError`]; nothing is written.
pub fn create(
    tx: &mut Tx,
    scope: &Scope,
    new: &NewCart,
    (calendar, moment): (&Calendar, Moment),
) -> Result<Cart, CartError> {
    if new.lines.is_empty() || new.lines.len() > MAX_LINES {
        return Err(CartError::LineCount);
    }
    free_what_is_over(tx, scope, new.shop, moment)?;
    let mut lines = Vec::with_capacity(new.lines.len());
    for (at, line) in new.lines.iter().enumerate() {
        let line = quoted(tx, scope, (new.shop, line), (calendar.today, moment));
        lines.push(line.map_err(|error| error.of_line(at))?);
    }
    let currency = lines.first().map_or(Currency::EUR, |line| line.quote.total.currency());
    let mut cart = Cart {
        id: new.id,
        shop: new.shop,
        point_of_sale: new.point_of_sale,
        state: CartState::Open,
        currency,
        contact: None,
        hold: None,
        booking: None,
        number: None,
        payment: None,
        token: new.token.clone(),
        created_at: moment.now,
        lines,
    };
    cart.total()?;
    store::insert(tx, scope, &cart)?;
    locator::put(tx, scope, CART, locator::hash(&new.token), new.id.id())?;
    if store::hold_starts(tx, scope, new.shop)? == HoldStarts::Cart {
        match hold_ops::place(tx, scope, &wanted(&cart, (Term::Basket, moment))?, moment)? {
            Placed::Held(hold) => cart.hold = Some(hold.id),
            Placed::Refused(refusal) => return Err(CartError::SoldOut(refusal)),
        }
        store::save(tx, scope, &cart)?;
    }
    Ok(cart)
}

/// Expires holds that are over, so that none of them makes a place look taken.
fn free_what_is_over(
    tx: &mut Tx,
    scope: &Scope,
    shop: ShopId,
    moment: Moment,
) -> Result<(), CartError> {
    while hold_ops::expire_due(tx, scope, shop, moment)? == hold_ops::EXPIRY_ROUND {}
    Ok(())
}

/// A stay with its price as it is now.
fn quoted(
    tx: &mut Tx,
    scope: &Scope,
    (shop, line): (ShopId, &NewLine),
    (today, moment): (Date, Moment),
) -> Result<CartLine, CartError> {
    let query = StayQuery::new(line.dates, line.party.clone(), today)?;
    let what = (line.lodging, line.formula);
    let found = lodging_ops::quote_one(tx, scope, what, (&query, moment.now))?;
    let found = found.filter(|found| found.lodging.shop == shop).ok_or(CartError::UnknownStay)?;
    let Some(offered) = found.offers.into_iter().next() else {
        return Err(CartError::NotAvailable(found.reasons));
    };
    Ok(CartLine {
        lodging: line.lodging,
        formula: line.formula,
        arrival: query.arrival,
        departure: query.departure,
        party: query.party,
        names: LineNames { lodging: found.lodging.names, formula: offered.formula.names },
        quote: offered.quote,
    })
}

/// What became of a saved contact. The contact is kept in each case.
#[derive(Debug, Clone)]
pub struct Saved {
    /// The cart.
    pub cart: Cart,
    /// Its hold, or the row that was just taken by somebody else.
    pub held: Placed,
}

/// Saves the contact and starts the hold.
///
/// # Errors
/// [`CartError::Contact`] with all wrong fields, [`CartError::PriceChanged`].
pub fn save_contact(
    tx: &mut Tx,
    scope: &Scope,
    id: CartId,
    (draft, default_language, moment): (&ContactDraft, Locale, Moment),
) -> Result<Saved, CartError> {
    let mut cart = open_cart(tx, scope, id)?;
    let contact = draft.check(default_language).map_err(CartError::Contact)?;
    cart.contact = Some(contact);
    store::save(tx, scope, &cart)?;
    let held = hold(tx, scope, &mut cart, (None, moment))?;
    Ok(Saved { cart, held })
}

/// The hold of a cart: the live one, or a new one. Where nothing was held the price is looked at
/// again, and another one must have been accepted.
///
/// # Errors
/// [`CartError::PriceChanged`]; nothing is held then.
pub(super) fn hold(
    tx: &mut Tx,
    scope: &Scope,
    cart: &mut Cart,
    (accepted, moment): (Option<Money>, Moment),
) -> Result<Placed, CartError> {
    if let Some(live) = live_hold(tx, scope, cart, moment)? {
        return Ok(Placed::Held(live));
    }
    let no_price = CartError::NotAvailable(vec![Reason::NoPrice]);
    let priced = priced_again(tx, scope, cart)?.ok_or(no_price)?;
    let (old, new) = (cart.total()?, priced.total()?);
    if old != new && accepted != Some(new) {
        return Err(CartError::PriceChanged { old, new });
    }
    if *cart != priced {
        store::replace_lines(tx, scope, &priced)?;
        *cart = priced;
    }
    let placed = hold_ops::place(tx, scope, &wanted(cart, (Term::Basket, moment))?, moment)?;
    if let Placed::Held(hold) = &placed {
        cart.hold = Some(hold.id);
        store::save(tx, scope, cart)?;
    }
    Ok(placed)
}

/// The live hold of a cart, if it has one.
///
/// # Errors
/// [`CartError::Db`].
pub fn live_hold(
    tx: &mut Tx,
    scope: &Scope,
    cart: &Cart,
    moment: Moment,
) -> Result<Option<Hold>, CartError> {
    let hold = hold_store::of_cart(tx, scope, cart.id)?;
    Ok(hold.filter(|hold| hold.is_live(moment.now)))
}

/// The cart with the prices of now; `None` when a stay of it has no price any more.
///
/// # Errors
/// [`CartError::Db`].
pub(crate) fn priced_again(
    tx: &mut Tx,
    scope: &Scope,
    cart: &Cart,
) -> Result<Option<Cart>, CartError> {
    let mut priced = cart.clone();
    for line in &mut priced.lines {
        let query = StayQuery {
            arrival: line.arrival,
            departure: line.departure,
            party: line.party.clone(),
        };
        let what = (line.lodging, line.formula);
        match lodging_ops::price_one(tx, scope, what, &query)? {
            Some(quote) => line.quote = quote,
            None => return Ok(None),
        }
    }
    Ok(Some(priced))
}

/// What a cart wants to block.
pub(crate) fn wanted(cart: &Cart, (term, moment): (Term, Moment)) -> Result<NewHold, CartError> {
    Ok(NewHold {
        id: HoldId::new(moment.now, moment.rng),
        shop: cart.shop,
        cart: Some(cart.id),
        contact: cart.contact.as_ref().map_or_else(String::new, |c| c.email.to_string()),
        lines: cart.stock()?,
        term,
    })
}

/// How the buyer goes to pay.
#[derive(Debug, Clone, Default)]
pub struct PayWish {
    /// A deposit or everything.
    pub typology: Typology,
    /// The changed price he accepted.
    pub accepted: Option<Money>,
    /// Where he goes afterwards.
    pub return_url: Option<String>,
}

/// Where a pay click leads.
#[derive(Debug, Clone)]
pub enum Paying {
    /// To the page of this payment; the hold lasts an hour from the click.
    Payment(PaymentId, String, Hold),
    /// Nothing is to pay: the booking is firm.
    Booked(Box<Booking>),
}

/// What a pay click did. A refusal of stock is not an error: what is remembered of it stays.
#[derive(Debug, Clone)]
pub enum Clicked {
    /// Goes on.
    Goes(Box<Paying>),
    /// The place is gone; nothing was charged.
    SoldOut(hold_ops::Refusal),
}

/// The pay click: the hold ends an hour from now, the number is reserved, and the cart has
/// exactly one payment, however often the button is pressed.
///
/// # Errors
/// [`CartError`].
pub fn click_pay(
    tx: &mut Tx,
    scope: &Scope,
    id: CartId,
    (ctx, wish, calendar, moment): (&Context, &PayWish, &Calendar, Moment),
) -> Result<Clicked, CartError> {
    let mut cart = store::find(tx, scope, id)?.ok_or(CartError::NotFound)?;
    if let (CartState::Ordered, Some(booking)) = (cart.state, cart.booking) {
        let booking = crate::bookings::store::find(tx, scope, booking)?;
        let booking = booking.ok_or(CartError::Ordered)?;
        return Ok(Clicked::Goes(Box::new(Paying::Booked(Box::new(booking)))));
    }
    if cart.contact.is_none() {
        return Err(CartError::ContactMissing);
    }
    if !payments::account::store::is_open(tx, scope, cart.shop)? {
        return Err(payments::CreateError::ShopNotOpen.into());
    }
    let held = match hold(tx, scope, &mut cart, (wish.accepted, moment))? {
        Placed::Held(hold) => hold_ops::renew(tx, scope, hold.id, moment)?,
        Placed::Refused(refusal) => return Ok(Clicked::SoldOut(refusal)),
    };
    if cart.number.is_none() {
        cart.number = Some(booking_ops::reserve_number(tx, scope, calendar.today)?);
        cart.booking = Some(BookingId::new(moment.now, moment.rng));
        store::save(tx, scope, &cart)?;
    }
    if cart.total()?.is_zero() {
        let booking = confirm(tx, scope, &cart, (ctx, held.id, calendar, moment))?;
        return Ok(Clicked::Goes(Box::new(Paying::Booked(Box::new(booking)))));
    }
    let payment = pay::payment_of(tx, scope, &cart, (wish, moment))?;
    cart.payment = Some(payment.id);
    store::save(tx, scope, &cart)?;
    let paying = Paying::Payment(payment.id, payment.page_token, held);
    Ok(Clicked::Goes(Box::new(paying)))
}

/// A cart of nothing is firm without a payment; its mail is part of the commit.
fn confirm(
    tx: &mut Tx,
    scope: &Scope,
    cart: &Cart,
    (ctx, hold, calendar, moment): (&Context, HoldId, &Calendar, Moment),
) -> Result<Booking, CartError> {
    if hold_ops::confirm(tx, scope, hold, moment.now)? == Confirmed::TooLate {
        return Err(hold_ops_expired());
    }
    let booking =
        booking_ops::book(tx, scope, (cart, &Source::OWN_WEB), (hold, &calendar.zone, moment))?;
    letters::confirmed(tx, scope, (ctx, &booking, None), moment)?;
    Ok(booking)
}

const fn hold_ops_expired() -> CartError {
    CartError::Hold(hold_ops::HoldError::Expired)
}

/// Adds an hour to the hold, once, while nobody else was refused the same stock.
///
/// # Errors
/// [`CartError::Hold`] that says why not.
pub fn prolong(tx: &mut Tx, scope: &Scope, id: CartId, moment: Moment) -> Result<Hold, CartError> {
    let cart = open_cart(tx, scope, id)?;
    let hold = live_hold(tx, scope, &cart, moment)?.ok_or_else(hold_ops_expired)?;
    Ok(hold_ops::prolong(tx, scope, hold.id, moment)?)
}

/// What became of a change of lines.
#[derive(Debug, Clone)]
pub enum Changed {
    /// The cart as it is now, with its hold if it is live.
    Done(Box<Cart>, Option<Hold>),
    /// The new stay is not free; the cart is as it was.
    SoldOut(hold_ops::Refusal),
}

/// Adds a stay to an open cart; a live hold grows with it and all of it ends at the latest end.
///
/// # Errors
/// [`CartError`].
pub fn add_line(
    tx: &mut Tx,
    scope: &Scope,
    id: CartId,
    (line, calendar, moment): (&NewLine, &Calendar, Moment),
) -> Result<Changed, CartError> {
    let mut cart = open_cart(tx, scope, id)?;
    if cart.lines.len() >= MAX_LINES || cart.payment.is_some() {
        return Err(CartError::LineCount);
    }
    free_what_is_over(tx, scope, cart.shop, moment)?;
    cart.lines.push(quoted(tx, scope, (cart.shop, line), (calendar.today, moment))?);
    change_lines(tx, scope, cart, moment)
}

/// Removes a stay from an open cart; its nights are free at once.
///
/// # Errors
/// [`CartError`]; the last line cannot be removed, the cart is emptied instead.
pub fn remove_line(
    tx: &mut Tx,
    scope: &Scope,
    id: CartId,
    (index, moment): (usize, Moment),
) -> Result<Changed, CartError> {
    let mut cart = open_cart(tx, scope, id)?;
    if index >= cart.lines.len() || cart.lines.len() == 1 || cart.payment.is_some() {
        return Err(CartError::LineCount);
    }
    cart.lines.remove(index);
    change_lines(tx, scope, cart, moment)
}

fn change_lines(
    tx: &mut Tx,
    scope: &Scope,
    mut cart: Cart,
    moment: Moment,
) -> Result<Changed, CartError> {
    let held = match live_hold(tx, scope, &cart, moment)? {
        None => None,
        Some(live) => match hold_ops::set_lines(tx, scope, &live, (&cart.stock()?, moment))? {
            Placed::Held(hold) => Some(hold),
            Placed::Refused(refusal) => return Ok(Changed::SoldOut(refusal)),
        },
    };
    store::replace_lines(tx, scope, &cart)?;
    cart.hold = held.as_ref().map(|hold| hold.id).or(cart.hold);
    Ok(Changed::Done(Box::new(cart), held))
}

/// Frees everything a cart holds: the buyer leaves.
///
/// # Errors
/// [`CartError`].
pub fn leave(tx: &mut Tx, scope: &Scope, id: CartId, moment: Moment) -> Result<(), CartError> {
    let cart = open_cart(tx, scope, id)?;
    if let Some(hold) = live_hold(tx, scope, &cart, moment)? {
        let ending = Ending { by: scope.actor().text(), reason: String::new() };
        hold_ops::release(tx, scope, hold.id, (&ending, moment))?;
    }
    Ok(())
}

fn open_cart(tx: &mut Tx, scope: &Scope, id: CartId) -> Result<Cart, CartError> {
    let cart = store::find(tx, scope, id)?.ok_or(CartError::NotFound)?;
    if cart.state == CartState::Ordered { Err(CartError::Ordered) } else { Ok(cart) }
}
