//! People of a partner, or of the property's own program: they do not sign in at the app.

use std::sync::Arc;

use db::{DbError, Tx};
use kernel::card_text::holds_card_number;
use kernel::{Locale, ViewerId};
use serde::Deserialize;
use serde_json::{Value, json};
use vault_wire::{PartnerScope, ViewerRevoke, WireScope};

use super::enrol::{Invitation, Viewers, answer, waits_for};
use super::recovery;
use super::store::{self, ViewerRow};
use crate::partner::{Answered, Caller, Denied, Doors, Knock};
use crate::shop::Shop;
use crate::strict::{self, is_plain_line};

const MAX_REFERENCE_CHARACTERS: usize = 64;
const MAX_NAME_CHARACTERS: usize = 64;

/// Somebody as a program names him.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    shop: String,
    external_ref: String,
    name: String,
    email: String,
    phone: String,
    lang: Option<Locale>,
}

/// What is asked about somebody who is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AboutGuest {
    Show,
    Enrol,
    Revoke,
}

/// On whose behalf the vault's own operations are asked.
pub(crate) fn scope_of(caller: &Caller, shop: &Shop) -> WireScope {
    let (merchant, id) = shop.place();
    let user = caller.actor();
    WireScope { merchant, shop: id, user, rights: Vec::new(), mfa_at: None }
}

fn answered(status: u16, body: &Value) -> Answered {
    Answered { status, json: body.to_string(), again: false }
}

impl Viewers {
    /// Link and code are sent to somebody of the caller's.
    pub(crate) async fn add_guest(&self, doors: &Doors, knock: Knock) -> Result<Answered, Denied> {
        let caller = doors.enter(&knock, PartnerScope::Viewers)?;
        let wish: Wish = strict::parse(&knock.body)?;
        let shop = doors.shop(&caller, &wish.shop).await?;
        let plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
        for (text, most, path) in [
            (&wish.external_ref, MAX_REFERENCE_CHARACTERS, "$.external_ref"),
            (&wish.name, MAX_NAME_CHARACTERS, "$.name"),
        ] {
            let fine = !text.trim().is_empty() && is_plain_line(text);
            if !fine || text.chars().count() > most {
                return Err(Denied::Simple(422, "invalid_field", Some(path.to_owned())));
            }
        }
        for (text, path) in [
            (&wish.external_ref, "$.external_ref"),
            (&wish.name, "$.name"),
            (&wish.email, "$.email"),
            (&wish.phone, "$.phone"),
        ] {
            if holds_card_number(text) {
                return Err(Denied::Simple(422, "pan_in_wrong_field", Some(path.to_owned())));
            }
        }
        if !plain(&wish.external_ref) {
            let path = "$.external_ref".to_owned();
            return Err(Denied::Simple(422, "invalid_field", Some(path)));
        }
        let scope = scope_of(&caller, &shop);
        let invitation = Invitation {
            user: format!("{}:{}", scope.user, wish.external_ref),
            name: wish.name,
            email: wish.email,
            phone: wish.phone,
            lang: wish.lang.unwrap_or(Locale::Fr),
            avoid: Vec::new(),
            return_url: None,
            owners: Vec::new(),
        };
        let told = self.invite(&scope, invitation).await?;
        Ok(answered(201, &json!({ "id": told.id, "pin": told.pin })))
    }

    /// Somebody of the caller's is shown, sent a new link, or shut out.
    pub(crate) async fn about_guest(
        &self,
        doors: &Doors,
        knock: Knock,
        (id, what): (ViewerId, AboutGuest),
    ) -> Result<Answered, Denied> {
        let caller = doors.enter(&knock, PartnerScope::Viewers)?;
        let (shop, viewer) = self.guest(&caller, doors.shops(&caller), id).await?;
        let scope = scope_of(&caller, &shop);
        match what {
            AboutGuest::Show => self.show_guest(&shop, &viewer).await,
            AboutGuest::Enrol => {
                let invitation = Invitation {
                    user: viewer.user,
                    name: viewer.name,
                    email: viewer.email,
                    phone: viewer.phone,
                    lang: viewer.lang,
                    avoid: viewer.avoid,
                    return_url: None,
                    owners: Vec::new(),
                };
                let told = self.invite(&scope, invitation).await?;
                Ok(answered(202, &json!({ "id": told.id, "pin": told.pin })))
            }
            AboutGuest::Revoke => {
                self.revoke(&scope, ViewerRevoke { user: viewer.user }).await?;
                Ok(answered(204, &Value::Null))
            }
        }
    }

    /// Somebody whom this caller has brought, in a shop that grants it.
    pub(crate) async fn guest(
        &self,
        caller: &Caller,
        shops: Vec<Arc<Shop>>,
        id: ViewerId,
    ) -> Result<(Arc<Shop>, ViewerRow), Denied> {
        let merchants: Vec<_> = shops.iter().map(|shop| shop.settings.merchant).collect();
        let read = move |tx: &mut Tx<'_>| {
            for merchant in &merchants {
                let viewer = store::viewer(tx, *merchant, id)?;
                if viewer.is_some() {
                    return Ok(viewer);
                }
            }
            Ok(None)
        };
        let found = self.keeper.db.read::<_, DbError, _>(read).await.map_err(Denied::internal)?;
        let lead = format!("{}:", caller.actor());
        let missing = || Denied::new(404, "not_found");
        let viewer = found.filter(|viewer| viewer.user.starts_with(&lead)).ok_or_else(missing)?;
        let shop = shops.into_iter().find(|shop| shop.settings.shop == viewer.shop);
        Ok((shop.ok_or_else(missing)?, viewer))
    }

    async fn show_guest(&self, shop: &Shop, viewer: &ViewerRow) -> Result<Answered, Denied> {
        let (merchant, id) = (viewer.merchant, viewer.id);
        let place = (merchant, viewer.shop);
        let read = move |tx: &mut Tx<'_>| {
            let last = crate::reveal::store::last_seen_by(tx, (merchant, id))?;
            Ok((last, recovery::store::waiting(tx, place)?))
        };
        let read = self.keeper.db.read::<_, DbError, _>(read).await;
        let (last, waiting) = read.map_err(Denied::internal)?;
        let now = shop.now(self.clock.now());
        let told = answer(Some(viewer), waits_for(viewer, &waiting), now);
        Ok(answered(
            200,
            &json!({
                "id": told.id, "pin": told.pin, "locked_until": told.locked_until,
                "confirmed": told.confirmed, "last_reveal": last,
            }),
        ))
    }
}
