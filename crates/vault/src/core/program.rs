//! What programs ask by the vault's own API, each with what answers it.

use std::sync::Arc;

use kernel::{CardToken, PartnerId, RevealLinkId, ViewerId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use vault_wire::PartnerApplication;

use super::Core;
use crate::add_card::Wish;
use crate::partner::door::{Place, about_himself};
use crate::partner::store::PartnerRow;
use crate::partner::{Answered, Denied, Knock};
use crate::reveal::AboutLink;
use crate::strict;
use crate::viewer::guests::AboutGuest;

/// What a program wants.
pub(crate) enum Errand {
    /// A card is stored.
    Add,
    /// Cards of a shop.
    List(Wish),
    /// A card is read.
    Look(CardToken),
    /// A card is destroyed.
    Delete(CardToken),
    /// A link to a card, for somebody of the caller's.
    Link(CardToken),
    /// A link of the caller's.
    AboutLink(RevealLinkId, AboutLink),
    /// Somebody of the caller's shall see cards.
    Guest,
    /// Somebody of the caller's.
    AboutGuest(ViewerId, AboutGuest),
    /// Somebody wants to be a partner; no key is asked for.
    Apply,
    /// A partner asks where he stands.
    Partner(PartnerId),
    /// A partner's networks change.
    Networks(PartnerId),
}

/// The networks that a partner wants to call from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworksWish {
    ips: Vec<String>,
}

pub(crate) fn told(status: u16, body: &impl Serialize) -> Result<Answered, Denied> {
    let json = serde_json::to_string(body).map_err(Denied::internal)?;
    Ok(Answered { status, json, again: false })
}

impl Core {
    pub(super) async fn program(&self, errand: Errand, knock: Knock) -> Result<Answered, Denied> {
        match errand {
            Errand::Add => self.cards.add(knock).await,
            Errand::List(wish) => self.cards.list(knock, wish).await,
            Errand::Look(card) => self.cards.look(knock, card).await,
            Errand::Delete(card) => self.cards.delete(knock, card).await,
            Errand::Link(card) => {
                let around = (&*self.doors, &self.cards);
                self.reveals.create_by_program(around, knock, card).await
            }
            Errand::AboutLink(id, what) => {
                self.reveals.about_link(&self.doors, knock, (id, what)).await
            }
            Errand::Guest => self.viewers.add_guest(&self.doors, knock).await,
            Errand::AboutGuest(id, what) => {
                self.viewers.about_guest(&self.doors, knock, (id, what)).await
            }
            Errand::Apply => self.apply(&knock).await,
            Errand::Partner(id) => {
                let (partner, _place) = self.himself(&knock, id)?;
                told(200, &about_himself(&partner))
            }
            Errand::Networks(id) => {
                let (partner, _place) = self.himself(&knock, id)?;
                let wish: NetworksWish = strict::parse(&knock.body)?;
                let asked = self.partners.ask_networks(partner.id, wish.ips).await?;
                told(202, &asked)
            }
        }
    }

    /// The partner of the key, who is also the one that the address names.
    fn himself(&self, knock: &Knock, id: PartnerId) -> Result<(Arc<PartnerRow>, Place), Denied> {
        let (partner, place) = self.doors.himself(knock)?;
        if partner.id == id { Ok((partner, place)) } else { Err(Denied::new(404, "not_found")) }
    }

    async fn apply(&self, knock: &Knock) -> Result<Answered, Denied> {
        self.doors.application_from(knock.from)?;
        let application: PartnerApplication = strict::parse(&knock.body)?;
        let applied = self.partners.apply(application).await;
        let applied = applied.map_err(|problem| Denied::Problem(Box::new(problem)))?;
        let body = json!({
            "id": applied.id, "status": "submitted",
            "test_key": applied.test_key, "test_key_expires_at": applied.expires_at,
        });
        told(201, &body)
    }
}
