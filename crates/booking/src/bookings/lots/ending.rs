//! Ending several bookings: called off, or their guests did not come.

use db::{DbError, Route, Tx};
use http::Words;
use identity::audit::Line;
use identity::lots::{About, Asker, Chosen, Deed, Halt, Outcome, Stand, Turn};
use kernel::{BookingId, Id, Right, Scope};
use web::Context;
use web::worker::Work;

use super::{chosen, look_each, word};
use crate::bookings::ending::{Ending, ops as single};
use crate::bookings::listing::PATH;
use crate::bookings::ops::BookingError;
use crate::bookings::{letters, store};
use crate::moment::Moment;

/// One of the ways in which bookings end.
#[derive(Clone)]
pub struct Endings {
    ctx: Context,
    ending: Ending,
}

impl Endings {
    /// This way.
    #[must_use]
    pub fn new(ctx: &Context, ending: Ending) -> Self {
        Self { ctx: ctx.clone(), ending }
    }

    /// One commit: the booking ends, its line in the journal is written, and the line waits no
    /// longer.
    fn end(&self, tx: &mut Tx<'_>, turn: &Turn) -> Result<(), Halt> {
        let (ctx, scope, lot) = (&self.ctx, &turn.scope, &turn.lot);
        let found = store::find(tx, scope, turn.line.thing.into())?;
        let booking = found.ok_or(Halt::Refused("not_found"))?;
        if booking.version != turn.line.version {
            return Err(Halt::Refused("changed"));
        }
        let moment = Moment::new(ctx.now(booking.shop), ctx.rng.as_ref());
        let moment = moment.from(&lot.origin.address);
        let today = letters::zone(tx, scope)?.date(moment.now);
        let reason = lot.reason.as_deref().unwrap_or_default();
        let line = Line::new(self.ending.action(), booking.id, &lot.origin);
        let how = (today, reason, moment);
        single::end(tx, scope, (self.ending, &booking), how, (line, ctx.real_now()))?;
        turn.leave(tx, ctx, &Stand::Done)
    }
}

impl Deed for Endings {
    fn about(&self) -> About {
        about(self.ending)
    }

    fn look(&self, tx: &mut Tx<'_>, asker: &Asker, ids: &[Id]) -> Result<Vec<Chosen>, DbError> {
        let (scope, words, about) = (&asker.scope, &asker.words, self.about());
        let zone = letters::zone(tx, scope)?;
        look_each(tx, (scope, ids), |_, booking| {
            let today = zone.date(self.ctx.now(booking.shop));
            let why = match single::may_end(scope, (self.ending, booking), (today, "")) {
                Ok(()) => None,
                Err(error) => Some(about.why(words, word(error)?)),
            };
            Ok(chosen(words, booking, (booking.total, why)))
        })
    }

    fn carry_out(&self, turn: Turn) -> Work<Result<(), Halt>> {
        let deed = self.clone();
        Box::pin(async move {
            let (ctx, route) = (deed.ctx.clone(), Route::any());
            ctx.db.write(route, move |tx: &mut Tx<'_>| deed.end(tx, &turn)).await
        })
    }

    /// No ending asks the bank: a line that says so is broken.
    fn answer(&self, _: &mut Tx<'_>, _: &Scope, _: &Words, _: Id) -> Result<Outcome, DbError> {
        Err(DbError::Corrupt("the end of a booking is no question to a bank".to_owned()))
    }
}

impl From<BookingError> for Halt {
    fn from(error: BookingError) -> Self {
        word(error).map_or_else(Self::Db, Self::Refused)
    }
}

/// What ending several bookings is called, and where it stands.
pub(super) fn about(ending: Ending) -> About {
    let (name, key, path, right) = match ending {
        Ending::Cancel => (
            "bookings.cancel",
            "booking-lot-cancel",
            "/reservations/lots/annuler",
            Right::BookingCancel,
        ),
        Ending::NoShow => (
            "bookings.no_show",
            "booking-lot-no-show",
            "/reservations/lots/absence",
            Right::BookingEdit,
        ),
    };
    About {
        name,
        key,
        whys: &["booking-lot-why"],
        path,
        list: PATH,
        things: PATH,
        prefix: BookingId::PREFIX,
        audit: "booking.lot",
        right,
        view: Right::BookingView,
        export: Right::BookingView,
        ceiling: None,
        typed: ending == Ending::Cancel,
        reason: true,
        danger: true,
    }
}
