//! Charging what is left of several bookings, on the cards kept for them.

use db::{DbError, Route, Tx};
use http::Words;
use identity::lots::{About, Asker, Chosen, Deed, Halt, Outcome, Stand, Turn};
use kernel::{BookingId, CardToken, Id, Right, Scope};
use payments::lots::{answer_of, send};
use payments::{Engine, NewPayment};
use web::worker::Work;

use super::{chosen, look_each};
use crate::bookings::balance::{self, Balance, WhyNot};
use crate::bookings::listing::PATH;
use crate::bookings::model::Booking;
use crate::bookings::view::card_name;
use crate::bookings::{ops, store};

/// What charging several balances is called, and where it stands.
pub(super) const ABOUT: About = About {
    name: "bookings.charge",
    key: "booking-lot-charge",
    whys: &[WhyNot::WORDS, "booking-lot-why", "payment-lot-why", "vcc-lot-why"],
    path: "/reservations/lots/encaisser",
    list: PATH,
    things: PATH,
    prefix: BookingId::PREFIX,
    audit: "booking.lot",
    right: Right::CardUse,
    view: Right::BookingView,
    export: Right::BookingView,
    ceiling: Some(Right::PaymentsCreate),
    typed: true,
    reason: false,
    danger: false,
};

/// Charging the balance of bookings.
#[derive(Debug, Clone)]
pub struct Balances {
    engine: Engine,
}

impl Balances {
    /// Those of this house.
    #[must_use]
    pub fn new(engine: &Engine) -> Self {
        Self { engine: engine.clone() }
    }

    async fn charge(&self, turn: &Turn) -> Result<(), Halt> {
        let (engine, scope) = (&self.engine, turn.scope.clone());
        let id = BookingId::from(turn.line.thing);
        let find = move |tx: &mut Tx<'_>| {
            let Some(booking) = store::find(tx, &scope, id)? else { return Ok(None) };
            let payments = ops::payments_of(tx, &scope, &booking)?;
            Ok::<_, DbError>(Some((booking, payments)))
        };
        let found = engine.ctx.db.read(find).await?;
        let (booking, payments) = found.ok_or(Halt::Refused("not_found"))?;
        let offer = engine.kept_offer(&turn.scope, (id, booking.shop)).await?;
        let new = balance::payment_now(&engine.ctx, (&booking, &payments), turn.line.amount);
        let (own, line) = (engine.clone(), turn.clone());
        let unit = move |tx: &mut Tx<'_>| -> Result<_, Halt> {
            as_seen(tx, &line, (&new, offer.card.id))?;
            let from = &line.lot.origin;
            let dispatch = own.begin_new(tx, &line.scope, (&new, &offer), from)?;
            line.leave(tx, &own.ctx, &Stand::Asked(new.ids.payment.id()))?;
            Ok(dispatch)
        };
        let dispatch = engine.ctx.db.write(Route::of(turn.line.thing), unit).await?;
        send(engine, turn, dispatch).await;
        Ok(())
    }
}

/// The booking is still as the page showed it, and takes the charge.
fn as_seen(
    tx: &mut Tx<'_>,
    turn: &Turn,
    (new, card): (&NewPayment, CardToken),
) -> Result<(), Halt> {
    let found = store::find(tx, &turn.scope, turn.line.thing.into())?;
    let booking = found.ok_or(Halt::Refused("not_found"))?;
    let balance = balance_of(tx, &turn.scope, &booking)?;
    if let Some(why) = balance.why_not {
        return Err(Halt::Refused(why.word()));
    }
    let same_card = balance.card.is_some_and(|kept| kept.id == card);
    let same = same_card && booking.version == turn.line.version && balance.due == new.amount;
    if same { Ok(()) } else { Err(Halt::Refused("changed")) }
}

fn balance_of(tx: &mut Tx<'_>, scope: &Scope, booking: &Booking) -> Result<Balance, DbError> {
    let payments = ops::payments_of(tx, scope, booking)?;
    balance::balance(tx, scope, booking, &payments)
}

impl Deed for Balances {
    fn about(&self) -> About {
        ABOUT
    }

    fn look(&self, tx: &mut Tx<'_>, asker: &Asker, ids: &[Id]) -> Result<Vec<Chosen>, DbError> {
        look_each(tx, (&asker.scope, ids), |tx, booking| {
            let balance = balance_of(tx, &asker.scope, booking)?.up_to(asker.ceiling);
            let why = balance.why_not.map(|why| why.say(&asker.words));
            let mut line = chosen(&asker.words, booking, (balance.due, why));
            let card = balance.card.map(|card| card_name(&card));
            line.label.detail.extend(card.map(|card| format!(" · {card}")));
            Ok(line)
        })
    }

    fn carry_out(&self, turn: Turn) -> Work<Result<(), Halt>> {
        let deed = self.clone();
        Box::pin(async move { deed.charge(&turn).await })
    }

    fn answer(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        words: &Words,
        made: Id,
    ) -> Result<Outcome, DbError> {
        answer_of(tx, scope, words, made.into())
    }
}
