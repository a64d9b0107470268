//! Links that a program asks for by the vault's own API.

use std::net::IpAddr;

use kernel::card_text::holds_card_number;
use kernel::{CardToken, Locale, RevealLinkId, ViewerId};
use serde::Deserialize;
use serde_json::json;
use vault_wire::{LinkAnswer, LinkCancel, LinkGet, PartnerScope};

use super::ops::Reveals;
use super::store::{self, LinkState, LinkWish};
use crate::add_card::Cards;
use crate::partner::{Answered, Denied, Doors, Knock};
use crate::strict;
use crate::viewer::guests::scope_of;

/// A link as a program wants it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    viewer: ViewerId,
    purpose: String,
    frame_origin: Option<String>,
    client_ip: Option<IpAddr>,
    lang: Option<Locale>,
    return_url: Option<String>,
}

/// What is asked about a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AboutLink {
    Show,
    Cancel,
}

impl Reveals {
    /// Makes a link to a card for somebody whom the caller has brought.
    pub(crate) async fn create_by_program(
        &self,
        (doors, cards): (&Doors, &Cards),
        knock: Knock,
        card: CardToken,
    ) -> Result<Answered, Denied> {
        let caller = doors.enter(&knock, PartnerScope::RevealLink)?;
        // A card that is not his does not exist, whatever the body says.
        let (shop, _) = cards.found(doors.shops(&caller), card).await?;
        let wish: Wish = strict::parse(&knock.body)?;
        if wish.return_url.as_deref().is_some_and(holds_card_number) {
            let path = "$.return_url".to_owned();
            return Err(Denied::Simple(422, "pan_in_wrong_field", Some(path)));
        }
        doors.shop(&caller, &shop.settings.shop.to_string()).await?;
        let here = vec![std::sync::Arc::clone(&shop)];
        let (_, viewer) = self.viewers.guest(&caller, here, wish.viewer).await.map_err(
            |denied| match denied {
                Denied::Simple(404, ..) => {
                    Denied::Simple(422, "invalid_field", Some("$.viewer".to_owned()))
                }
                other => other,
            },
        )?;
        doors.count_link(&caller, &shop)?;
        let partner = caller.partner();
        let origins = partner.map_or_else(
            || shop.cards.frame_origins.clone(),
            |partner| partner.about.application.frame_origins.clone(),
        );
        let request = LinkWish {
            card,
            user: viewer.user,
            purpose: wish.purpose,
            frame_origin: wish.frame_origin,
            client_ip: wish.client_ip.map(|ip| ip.to_string()),
            lang: wish.lang.unwrap_or(viewer.lang),
            return_url: wish.return_url,
            partner: partner.map(|partner| partner.id),
        };
        let made = self.make(&scope_of(&caller, &shop), request, &origins).await?;
        let body = json!({
            "id": made.id, "url": made.url, "expires_at": made.expires_at, "status": made.status,
        });
        let status = if made.status == LinkState::AwaitingApproval.word() { 202 } else { 201 };
        Ok(Answered { status, json: body.to_string(), again: false })
    }

    /// Where a link of the caller's stands; or it ends.
    pub(crate) async fn about_link(
        &self,
        doors: &Doors,
        knock: Knock,
        (id, what): (RevealLinkId, AboutLink),
    ) -> Result<Answered, Denied> {
        let caller = doors.enter(&knock, PartnerScope::RevealLink)?;
        let shops = doors.shops(&caller);
        let merchants: Vec<_> = shops.iter().map(|shop| shop.settings.merchant).collect();
        let read = move |tx: &mut db::Tx<'_>| {
            for merchant in &merchants {
                let link = store::link(tx, *merchant, id)?;
                if link.is_some() {
                    return Ok(link);
                }
            }
            Ok(None)
        };
        let found = self.keeper.db.read::<_, db::DbError, _>(read).await;
        let found = found.map_err(Denied::internal)?;
        let his = caller.partner().map(|partner| partner.id);
        let missing = || Denied::new(404, "not_found");
        let link = found.filter(|link| link.request.partner == his).ok_or_else(missing)?;
        let shop = shops.into_iter().find(|shop| shop.settings.shop == link.shop);
        let scope = scope_of(&caller, &*shop.ok_or_else(missing)?);
        match what {
            AboutLink::Show => {
                let told: LinkAnswer = self.get(&scope, LinkGet { id }).await?;
                let json = serde_json::to_string(&told).map_err(Denied::internal)?;
                Ok(Answered { status: 200, json, again: false })
            }
            AboutLink::Cancel => {
                self.cancel(&scope, LinkCancel { id }).await?;
                Ok(Answered { status: 204, json: String::new(), again: false })
            }
        }
    }
}
