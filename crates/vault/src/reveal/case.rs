//! A link with everything around it, as its pages need it.

use std::sync::Arc;

use db::{DbError, Route};
use kernel::Timestamp;
use serde_json::json;
use vault_wire::PartnerScope;

use super::limits::{self, Limit};
use super::ops::Reveals;
use super::page::{Asked, Gone, RevealAnswer, Visitor};
use super::store::{self, LinkRow, LinkState};
use crate::card::{self, CardRow, KeepError};
use crate::core::codes::Moment;
use crate::figures;
use crate::keys::bytes::sha256;
use crate::log::{self, Line};
use crate::shop::Shop;
use crate::viewer::store::{self as viewer_store, ViewerRow};

/// A link with everything around it.
pub(super) struct Case {
    pub(super) link: LinkRow,
    pub(super) shop: Arc<Shop>,
    pub(super) viewer: ViewerRow,
    pub(super) card: CardRow,
    pub(super) now: Timestamp,
    pub(super) real: Timestamp,
}

impl Case {
    pub(super) fn key(&self) -> (kernel::MerchantId, kernel::RevealLinkId) {
        (self.link.merchant, self.link.id)
    }
}

impl Reveals {
    pub(super) async fn case(&self, secret: &str) -> Result<Option<Case>, KeepError> {
        let hash = sha256(secret.as_bytes());
        let found = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| {
                let Some((merchant, id)) = viewer_store::locate(tx, hash)? else {
                    return Ok(None);
                };
                let Some(link) = store::link(tx, merchant, id.into())? else { return Ok(None) };
                let viewer = viewer_store::viewer(tx, merchant, link.viewer)?;
                let card = card::store::card(tx, merchant, link.card)?;
                Ok(viewer.zip(card).map(|(viewer, card)| (link, viewer, card)))
            })
            .await?;
        let Some((link, viewer, card)) = found else { return Ok(None) };
        let Some(shop) = self.shops.get(link.merchant, link.shop) else { return Ok(None) };
        let real = self.clock.now();
        let now = shop.now(real);
        Ok(Some(Case { link, shop, viewer, card, now, real }))
    }

    pub(super) fn about(&self, case: &Case) -> Asked {
        let held = self.codes.has(case.card.token, Moment { shop: case.now, real: case.real });
        let gone = case.card.code_gone.as_ref().map(|(because, at)| Gone {
            because: because.clone(),
            actor: case.card.held.actor.clone(),
            at: Some(*at),
        });
        Asked {
            shop: case.shop.settings.name.clone(),
            test: case.shop.is_test(),
            zone: case.shop.zone.clone(),
            lang: case.link.request.lang,
            frame_origin: case.link.request.frame_origin.clone(),
            back: case.link.request.return_url.clone(),
            factor: case.viewer.needs_factor(),
            brand: case.card.brand,
            last4: case.card.last4.clone(),
            booking: case.card.booking.clone(),
            code: card::code_status(&case.card, held),
            gone,
        }
    }

    pub(super) fn says(&self, status: u16, what: &'static str, case: &Case) -> RevealAnswer {
        RevealAnswer::Says(status, what, Some(Box::new(self.about(case))))
    }

    pub(super) fn line(&self, event: &'static str, case: &Case, visitor: &Visitor) -> Line {
        let place = (case.link.merchant, case.link.shop);
        let details = json!({
            "initials": card::initials(&case.viewer.name),
            "origin": visitor.network(),
            "link": case.link.id,
            "partner": case.link.request.partner,
        });
        let sealed = json!({ "name": case.viewer.name, "ip": visitor.ip.to_string() });
        Line::new(event, place, &case.viewer.user, case.now, &*self.keeper.rng)
            .card(case.link.card)
            .purpose(&case.link.request.purpose)
            .details(details)
            .sealed(sealed, &*self.keeper.rng)
    }

    pub(super) async fn note(&self, line: Line) -> Result<(), KeepError> {
        let route = Route::of(line.shop.id());
        let noted = self.keeper.db.write::<_, DbError, _>(route, move |tx| log::append(tx, &line));
        noted.await?;
        Ok(())
    }

    /// What a partner's link says once he may make none any more; nothing while he may.
    pub(super) async fn stopped(
        &self,
        event: &'static str,
        case: &Case,
        visitor: &Visitor,
    ) -> Result<Option<RevealAnswer>, KeepError> {
        let Some(partner) = case.link.request.partner else { return Ok(None) };
        if self.partners.may(partner, &case.shop, PartnerScope::RevealLink) {
            return Ok(None);
        }
        self.note(log::refused(self.line(event, case, visitor))).await?;
        Ok(Some(self.says(410, "cancelled", case)))
    }

    /// Why no number is shown to this visit; it is in the log then.
    pub(super) async fn limited(
        &self,
        event: &'static str,
        case: &Case,
        visitor: &Visitor,
    ) -> Result<Option<RevealAnswer>, KeepError> {
        let limit = if limits::is_listed(&case.shop.cards.networks, visitor.ip) {
            self.limit((&case.shop, &case.viewer, &case.card), case.now).await?
        } else {
            Some(Limit::Network)
        };
        let Some(limit) = limit else { return Ok(None) };
        self.note(log::refused(self.line(event, case, visitor))).await?;
        Ok(Some(self.says_limit(limit, case)))
    }

    pub(super) fn says_limit(&self, limit: Limit, case: &Case) -> RevealAnswer {
        figures::QUOTA_REFUSED.add();
        RevealAnswer::Limited(limit, limit.retry_after(case.now), Box::new(self.about(case)))
    }

    pub(super) async fn close(&self, case: &Case, from: LinkState) -> Result<(), KeepError> {
        let (id, now) = (case.key(), case.now);
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(id.1.id()), move |tx| {
                store::go(tx, id, (from, LinkState::Closed), now).map(|_| ())
            })
            .await?;
        Ok(())
    }
}
