//! Keeping a card that a program or a channel sends: sealed, its code held where the property may
//! hold one, written and logged in one commit.

use std::time::Instant;

use db::{DbError, Route, Tx};
use kernel::{Date, PartnerId};

use super::Cards;
use crate::card::{self, CardRow, Code, Cvv, KeepError, NewCard};
use crate::core::codes::Moment;
use crate::figures;
use crate::log::{self, Line};
use crate::partner;
use crate::partner::store::Did;
use crate::shop::Shop;

/// A card that has come.
pub(crate) struct Arrival {
    /// Who sends it, for the log.
    pub(crate) actor: String,
    /// The partner whose card it counts as.
    pub(crate) counted: Option<(PartnerId, Date)>,
    /// The card itself.
    pub(crate) card: NewCard,
    /// Its security code.
    pub(crate) code: Option<Cvv>,
    /// The same number as it was kept before: expiry and holder alone are renewed.
    pub(crate) known: Option<CardRow>,
}

impl Cards {
    /// Keeps a card; `also` is written in the same commit.
    pub(crate) async fn keep<T, F>(
        &self,
        shop: &Shop,
        arrival: Arrival,
        mut also: F,
    ) -> Result<(CardRow, T), KeepError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>, &CardRow, Code) -> Result<T, DbError> + Send + 'static,
    {
        let Arrival { actor, counted, card, mut code, known } = arrival;
        let (real, began) = (self.clock.now(), Instant::now());
        let now = shop.now(real);
        let mut row = match &known {
            Some(old) => self.keeper.reseal(shop, old, (card.expiry, card.holder.as_str()))?,
            None => self.keeper.seal(shop, card, now).await?,
        };
        let holds = self.keeper.hold_code((shop, real), &mut row, code.as_ref(), now).await;
        if holds.is_err() && known.is_none() {
            self.keeper.abandon(&row).await;
        }
        let holds = holds?;
        if holds {
            code = None;
        }
        let place = shop.place();
        let line = Line::new("card.stored", place, &actor, now, &*self.keeper.rng)
            .card(row.token)
            .purpose(&row.entry);
        let held = if code.is_some() { Code::Held } else { Code::Absent };
        let (stored, is_new) = (row.clone(), known.is_none());
        let write = move |tx: &mut Tx<'_>| {
            if is_new {
                card::store::insert_card(tx, &stored)?;
            } else {
                card::store::update_card(tx, &stored)?;
                if holds {
                    card::store::put_code(tx, &stored)?;
                }
            }
            log::append(tx, &line)?;
            if let Some(by) = counted.filter(|_| is_new) {
                partner::store::count(tx, by, Did::Stored)?;
            }
            also(tx, &stored, held)
        };
        let written = self.keeper.db.write::<_, DbError, _>(Route::of(row.token.id()), write).await;
        if let Err(error) = &written
            && is_new
            && card::is_unstored(error)
        {
            self.keeper.abandon(&row).await;
        }
        let also = written?;
        figures::STORED.add(began);
        if let Some(code) = code {
            self.codes.hold(row.token, code, Moment { shop: now, real });
        }
        Ok((row, also))
    }
}
