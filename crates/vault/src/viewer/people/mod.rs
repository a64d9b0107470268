//! Who may see cards of a shop and who manages its users, as the app told; and those who may no
//! longer.
//!
//! The app tells it whenever somebody's rights change. A viewer of the app who is not named any more
//! is shut out in that same commit: PIN, links and whatever waits for him.

pub(crate) mod store;

use db::{DbError, Route, Tx};
use kernel::Timestamp;
use vault_wire::{
    Done, MAX_OWNERS, Manager, Owner, PeoplePut, Refused, VaultMessage, ViewerRevoke, WireScope,
};

use super::Viewers;
use super::recovery;
use super::store::{self as viewers, ViewerRow};
use crate::capture::{internal, not_found};
use crate::log::{self, Line};
use crate::reveal;
use crate::shop::Shop;

/// Where second persons answer, at the app.
const APPROVALS_PAGE: &str = "/cartes/accords";
/// So many of each are told at most.
const MAX_PEOPLE: usize = 2_000;

impl Viewers {
    /// Hears who may see cards, and shuts out who may not any more.
    pub(crate) async fn put_people(
        &self,
        scope: &WireScope,
        request: PeoplePut,
    ) -> Result<Done, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        if request.viewers.len().max(request.managers.len()) > MAX_PEOPLE {
            return Err(Refused::new("invalid_field", "At most 2000 people.").at("$.viewers"));
        }
        let (place, now) = ((scope.merchant, scope.shop), shop.now(self.clock.now()));
        let allowed: Vec<String> = request.viewers.iter().map(ToString::to_string).collect();
        let (user, rng) = (scope.user.clone(), std::sync::Arc::clone(&self.keeper.rng));
        let write = move |tx: &mut Tx<'_>| {
            if store::told(tx, place)?.as_ref() != Some(&request) {
                store::put(tx, place, (&request, now))?;
            }
            for viewer in store::of_app(tx, place)? {
                if !allowed.contains(&viewer.user) {
                    let line = Line::new("pin.revoked", place, &user, now, &*rng);
                    shut_out(tx, &viewer, &line.purpose(&viewer.user))?;
                }
            }
            Ok(())
        };
        let route = Route::of(scope.shop.id());
        self.keeper.db.write::<_, DbError, _>(route, write).await.map_err(internal)?;
        Ok(Done {})
    }

    /// Mails to those who may agree that somebody sees a card.
    pub(crate) fn ask_letters(
        &self,
        (shop, viewer): (&Shop, &ViewerRow),
        others: &[Manager],
        card: (&str, &str),
        now: Timestamp,
    ) -> Vec<VaultMessage> {
        let page = format!("{}{APPROVALS_PAGE}", self.app.text());
        let letters = self.letters(shop, viewer, now);
        let owner = |one: &Manager| Owner { email: one.email.clone(), lang: one.lang };
        let asked = others.iter().take(MAX_OWNERS).map(owner);
        asked.map(|owner| letters.asks(&owner, card, &page)).collect()
    }

    /// Takes a person's right away.
    pub(crate) async fn revoke(
        &self,
        scope: &WireScope,
        request: ViewerRevoke,
    ) -> Result<Done, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let (place, user) = ((scope.merchant, scope.shop), request.user);
        let now = shop.now(self.clock.now());
        let line =
            Line::new("pin.revoked", place, &scope.user, now, &*self.keeper.rng).purpose(&user);
        let write = move |tx: &mut Tx<'_>| match viewers::of_user(tx, place, &user)? {
            Some(viewer) => shut_out(tx, &viewer, &line),
            None => Ok(()),
        };
        let route = Route::of(scope.shop.id());
        self.keeper.db.write::<_, DbError, _>(route, write).await.map_err(internal)?;
        Ok(Done {})
    }
}

/// His PIN is forgotten, and nothing that he has begun goes on.
fn shut_out(tx: &mut Tx<'_>, viewer: &ViewerRow, line: &Line) -> Result<(), DbError> {
    let whose = (viewer.merchant, viewer.id);
    recovery::store::end_all(tx, whose)?;
    viewers::end_enrolments(tx, whose)?;
    viewers::revoke(tx, whose)?;
    reveal::store::cancel_links_of(tx, whose)?;
    log::append(tx, line).map(|_| ())
}
