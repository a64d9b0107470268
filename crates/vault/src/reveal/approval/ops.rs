//! Asking a second person, and hearing him.

use std::net::IpAddr;

use db::{DbError, Route, Tx};
use kernel::{CardToken, MerchantId, ShopId, Timestamp, ViewerId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use vault_wire::{
    LinkAnswer, LinkApprove, LinkGet, LinkWaits, LinksWaiting, Manager, Refused, SecondPerson,
    Unusual, WireScope,
};

use super::store;
use super::unusual::{self, Record};
use crate::capture::{internal, not_found};
use crate::card;
use crate::keys::bytes::sha256;
use crate::log::{self, Line};
use crate::reveal::ops::Reveals;
use crate::reveal::page::Visitor;
use crate::reveal::store::{self as links, LinkRow, LinkState};
use crate::viewer::managers;
use crate::viewer::store::{self as viewers, ViewerRow};

const HOUR_MINUTES: i64 = 60;
const DAY_MINUTES: i64 = 24 * HOUR_MINUTES;
/// What was not seen within this is new.
const NEW_AFTER_DAYS: i64 = 90;
/// More than these are not looked at: they are many already.
const COUNTED: u32 = 16;
const MAX_WAITING: u32 = 100;

/// What the second person is told beside who looks at which card.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Asking {
    /// The address of who waits.
    pub(crate) ip: String,
    /// What is out of the ordinary.
    pub(crate) why: Vec<Unusual>,
}

/// Browser and network of a visit, as they are remembered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    browser: [u8; 32],
    network: [u8; 32],
}

impl Seen {
    /// Of this visit. A browser that was brought up to date is the same browser: its numbers do
    /// not count.
    pub(crate) fn of(visitor: &Visitor) -> Self {
        let is_name = |letter: &char| !letter.is_ascii_digit() && *letter != '.';
        let agent: String = visitor.agent.chars().filter(is_name).collect();
        let browser = sha256(format!("browser\n{agent}").as_bytes());
        let network = match visitor.ip.to_canonical() {
            IpAddr::V4(ip) => ip.octets().get(..3).map(sha256),
            IpAddr::V6(ip) => ip.octets().get(..6).map(sha256),
        };
        Self { browser, network: network.unwrap_or_default() }
    }

    /// Is known from now on.
    pub(crate) fn note(
        self,
        tx: &mut Tx<'_>,
        viewer: (MerchantId, ViewerId),
        now: Timestamp,
    ) -> Result<(), DbError> {
        store::note_seen(tx, viewer, (self.browser, now))?;
        store::note_seen(tx, viewer, (self.network, now))
    }
}

/// A showing to come.
#[derive(Debug, Clone)]
pub(in crate::reveal) struct Showing {
    pub(in crate::reveal) shop: (MerchantId, ShopId),
    pub(in crate::reveal) viewer: ViewerRow,
    pub(in crate::reveal) card: CardToken,
    /// Nothing before the person is there.
    pub(in crate::reveal) seen: Option<Seen>,
    /// What the shop has said.
    pub(in crate::reveal) rule: Option<SecondPerson>,
    pub(in crate::reveal) in_hours: bool,
}

/// Whether a second person is asked.
pub(in crate::reveal) enum Second {
    /// Nobody is.
    Nobody,
    /// For these reasons, one of these people.
    Ask(Vec<Unusual>, Vec<Manager>),
    /// Somebody must be, and there is nobody but who looks.
    Alone,
}

/// What a shop wants of second persons, as many as manage its users.
pub(in crate::reveal) fn rule(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    said: Option<SecondPerson>,
) -> Result<SecondPerson, DbError> {
    Ok(unusual::rule(said, managers(tx, shop)?.len()))
}

/// Whether a second person must agree to this showing.
pub(in crate::reveal) fn needed(
    tx: &mut Tx<'_>,
    showing: &Showing,
    now: Timestamp,
) -> Result<Second, DbError> {
    let managers = managers(tx, showing.shop)?;
    let rule = unusual::rule(showing.rule, managers.len());
    if rule == SecondPerson::Off {
        return Ok(Second::Nobody);
    }
    let (merchant, viewer) = (showing.shop.0, (showing.shop.0, showing.viewer.id));
    let since = |minutes: i64| (now.plus_minutes(-minutes), COUNTED);
    let new_after = now.plus_minutes(-NEW_AFTER_DAYS * DAY_MINUTES);
    let mut knows = |mark: Option<[u8; 32]>| {
        mark.map(|mark| store::was_seen(tx, viewer, (mark, new_after))).transpose()
    };
    let (knows_browser, knows_network) = (
        knows(showing.seen.map(|seen| seen.browser))?,
        knows(showing.seen.map(|seen| seen.network))?,
    );
    let record = Record {
        by_person: links::shown_to(tx, viewer, since(HOUR_MINUTES))?.len(),
        of_card: store::shown_of(tx, (merchant, showing.card), since(DAY_MINUTES))?,
        knows_browser,
        knows_network,
        in_hours: showing.in_hours,
    };
    let why = unusual::reasons(rule, record);
    if why.is_empty() {
        return Ok(Second::Nobody);
    }
    let others = managers.into_iter().filter(|one| !is_same(one, &showing.viewer));
    let others: Vec<Manager> = others.collect();
    Ok(if others.is_empty() { Second::Alone } else { Second::Ask(why, others) })
}

/// Whether a manager is the viewer himself, also where a partner's program knows him by another
/// name.
fn is_same(manager: &Manager, viewer: &ViewerRow) -> bool {
    let mail = |text: &str| text.trim().to_lowercase();
    manager.user.to_string() == viewer.user || mail(&manager.email) == mail(&viewer.email)
}

impl Reveals {
    /// Links whose people wait for a second one.
    pub(crate) async fn waiting(&self, scope: &WireScope) -> Result<LinksWaiting, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let (place, now) = (shop.place(), shop.now(self.clock.now()));
        let since = now.plus_seconds(-links::APPROVAL_SECONDS);
        let read = move |tx: &mut Tx<'_>| {
            let mut waiting = Vec::new();
            for id in store::waiting(tx, place, (since, MAX_WAITING))? {
                let Some(link) = links::link(tx, place.0, id)? else { continue };
                let viewer = viewers::viewer(tx, place.0, link.viewer)?;
                let card = card::store::card(tx, place.0, link.card)?;
                let told = viewer.zip(card).and_then(|(viewer, card)| {
                    let (asking, asked_at) = link.asked.clone()?;
                    Some(LinkWaits {
                        id: link.id,
                        user: viewer.user,
                        name: viewer.name,
                        card: link.card,
                        brand: card.brand,
                        last4: card.last4,
                        booking: card.booking,
                        purpose: link.request.purpose.clone(),
                        ip: asking.ip,
                        why: asking.why,
                        asked_at,
                        until: link.waits_until(),
                    })
                });
                waiting.extend(told);
            }
            Ok(waiting)
        };
        let links = self.keeper.db.read::<_, DbError, _>(read).await.map_err(internal)?;
        Ok(LinksWaiting { links })
    }

    /// The scope's user agrees to a showing, or refuses it.
    pub(crate) async fn decide(
        &self,
        scope: &WireScope,
        request: LinkApprove,
    ) -> Result<LinkAnswer, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let (place, now) = (shop.place(), shop.now(self.clock.now()));
        let link = self.row(scope, request.id).await?;
        let (id, whose) = ((link.merchant, link.id), link.viewer);
        let read =
            move |tx: &mut Tx<'_>| Ok((viewers::viewer(tx, place.0, whose)?, managers(tx, place)?));
        let (viewer, managers) =
            self.keeper.db.read::<_, DbError, _>(read).await.map_err(internal)?;
        let viewer = viewer.ok_or_else(not_found)?;
        let own = || Refused::new("self_approval", "Another person must agree.");
        if viewer.user == scope.user {
            return Err(own());
        }
        match managers.iter().find(|one| one.user.to_string() == scope.user) {
            Some(manager) if is_same(manager, &viewer) => return Err(own()),
            Some(_) => {}
            None => {
                let why = "Only who manages the users of the shop may agree.";
                return Err(Refused::new("not_granted", why));
            }
        }
        let over = || Refused::new("link_expired", "Nobody waits in front of this link any more.");
        let state = link.state_at(now, shop.cards.show_seconds);
        if state != LinkState::AwaitingApproval || link.asked.is_none() {
            return Err(over());
        }
        let line = decided(&link, (&viewer, &scope.user), now, &*self.keeper.rng);
        let (state, line) = match request.approve {
            true => (LinkState::Created, line),
            false => (LinkState::Refused, log::refused(line)),
        };
        let write = move |tx: &mut Tx<'_>| {
            let spoken = store::decide(tx, id, (state, now))?;
            if spoken {
                log::append(tx, &line)?;
            }
            Ok(spoken)
        };
        let route = Route::of(id.1.id());
        let spoken = self.keeper.db.write::<_, DbError, _>(route, write).await.map_err(internal)?;
        if !spoken {
            return Err(over());
        }
        self.get(scope, LinkGet { id: request.id }).await
    }
}

fn decided(
    link: &LinkRow,
    (viewer, by): (&ViewerRow, &str),
    now: Timestamp,
    rng: &dyn kernel::Rng,
) -> Line {
    Line::new("link.decided", (link.merchant, link.shop), by, now, rng)
        .card(link.card)
        .purpose(&link.request.purpose)
        .details(json!({ "initials": card::initials(&viewer.name), "link": link.id }))
        .sealed(json!({ "viewer": viewer.id, "name": viewer.name }), rng)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_76_a_browser_brought_up_to_date_is_the_same_and_another_is_not() {
        let seen = |agent: &str| {
            let ip = IpAddr::from([127, 0, 0, 1]);
            let agent = agent.to_owned();
            Seen::of(&Visitor { ip, agent, dest: None, ahead: false, on_stage: false }).browser
        };
        let of = |version: &str| seen(&format!("Mozilla/5.0 (X11) Chrome/{version} Safari/537.36"));
        assert_eq!(of("141.0.7390.54"), of("142.0.7444.59"));
        assert_ne!(of("142.0.7444.59"), seen("Mozilla/5.0 (X11) Gecko/20100101 Firefox/142.0"));
    }
}
