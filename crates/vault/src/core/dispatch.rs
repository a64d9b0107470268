//! Frames of the app: each operation with the shape of its body and of its answer.
//!
//! The scope of a frame says on whose behalf the app asks. The vault takes from it the merchant
//! and the shop, looks both up among the shops it knows, and believes nothing else: rights and
//! second factors open no door here, since no operation gives a number or a code.

use kernel::CardToken;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

use db::DbError;
use vault_wire::frame::{Answer, Request, VERSION};
use vault_wire::{
    Bin, BinLookup, BlockGet, CaptureCreate, CaptureRedeem, Card, CardDelete, CardGet,
    CardSettingsAnswer, CardSettingsGet, CardSettingsPut, ClockSet, CodeState, CodeStateAnswer,
    Done, FiguresGet, Health, Healthy, Hello, LinkWaiting, LogCheckpoint, LogOfCard, LogVerify,
    MessagesTake, MissingReason, NewsGet, ProfileAdd, ProfileAdded, ProfileList, ReceiptsList,
    Refused, RelayCall, Seal, SettingsGet, ShopPut, Stats, StatsAnswer, StorageStatus, ViewerList,
    Welcome, WireScope,
};

use super::codes::Moment;
use super::{Core, unknown_op};
use crate::bins::{Known, Table};
use crate::capture::{internal, not_found};
use crate::card::{self, CardRow};
use crate::figures;
use crate::log::Line;
use crate::sealing;
use crate::shop::{Shop, ShopClock, ShopError};

pub(crate) type Outcome = Result<Value, Refused>;

/// What concerns the whole vault and changes or tells nothing of a shop.
fn is_operator_s(op: &str) -> bool {
    ["rotate", "clock.get", "clock.accept"].contains(&op)
        || ["shred.", "audit.", "backup."].iter().any(|lead| op.starts_with(lead))
}

impl Core {
    /// The answer to a frame.
    pub(super) async fn wire(&self, request: Request) -> Answer {
        let Request { v, id, op, scope, body, .. } = request;
        let outcome =
            if v == VERSION { self.operation(&op, scope, body).await } else { Err(unspoken()) };
        if let Err(err) = &outcome {
            if matches!(err.code.as_str(), "reveal_limit" | "quota") {
                figures::QUOTA_REFUSED.add();
            }
            tracing::debug!(op, code = err.code, "wire refused");
        }
        Answer::of(id, outcome)
    }

    /// What concerns the whole vault needs no scope.
    async fn operation(&self, op: &str, scope: Option<WireScope>, body: Value) -> Outcome {
        match op {
            "hello" => answer(&self.hello(&read(body)?)?),
            "health" => {
                let Health {} = read(body)?;
                answer(&Healthy { status: "ok".into() })
            }
            "figures.get" => {
                let FiguresGet {} = read(body)?;
                let now = self.clock.now();
                let read = figures::read(&self.keeper, &self.shops, &self.codes, now).await;
                let mut figures = read.map_err(internal)?;
                figures.under_old_keys = self.rotations.left();
                figures.backup = self.backups.state(now);
                let clock = self.watch.told();
                figures.clock_offset_seconds = clock.offset_seconds;
                figures.clock = Some(clock.state);
                answer(&figures)
            }
            "news" => {
                let asked: NewsGet = read(body)?;
                let news = self.news.read((&self.keeper.db, &self.shops), asked).await;
                answer(&news.map_err(internal)?)
            }
            "seal" => {
                let Seal {} = read(body)?;
                answer(&self.seal().await)
            }
            "unseal" | "unseal.share" | "unseal.pin" => Err(sealing::is_open()),
            op if is_operator_s(op) => self.operator(op, body).await,
            "bin.begin" | "bin.lines" | "bin.import" => self.bin_table(op, body).await,
            op if op.starts_with("partner.") => self.partner(op, body).await,
            "profile.list" => {
                let ProfileList {} = read(body)?;
                answer(&self.proxy.book.list())
            }
            "profile.add" => answer(&self.add_profile(read(body)?).await?),
            _ => self.operation_of_a_shop(op, scope, body).await,
        }
    }

    async fn operation_of_a_shop(
        &self,
        op: &str,
        scope: Option<WireScope>,
        body: Value,
    ) -> Outcome {
        let missing = || Refused::new("scope_missing", "The request names no merchant and shop.");
        let scope = scope.ok_or_else(missing)?;
        if crate::shred::is_drill(scope.merchant) {
            // Nobody outside acts for the drill's merchant.
            return Err(not_found());
        }
        match op {
            "shop.put" => answer(&self.put_shop(&scope, read(body)?).await?),
            "settings.get" => {
                let SettingsGet {} = read(body)?;
                answer(&self.shop(&scope)?.settings)
            }
            "clock.set" => answer(&self.set_clock(&scope, read(body)?).await?),
            "capture.create" => {
                let request: CaptureCreate = read(body)?;
                answer(&self.captures.create(&scope, request).await?)
            }
            "capture.redeem" => {
                let request: CaptureRedeem = read(body)?;
                answer(&self.captures.redeem(&scope, request).await?)
            }
            "card.get" => {
                let CardGet { card } = read(body)?;
                answer(&self.look(&scope, card).await?)
            }
            "card.delete" => {
                let CardDelete { card } = read(body)?;
                answer(&self.delete(&scope, card).await?)
            }
            "code.state" => {
                let CodeState { card } = read(body)?;
                answer(&self.code_state(&scope, card).await?)
            }
            "relay.call" => {
                let request: RelayCall = read(body)?;
                answer(&self.relay.call(&scope, request).await?)
            }
            op if op.starts_with("card.") || op.starts_with("booking.") => {
                self.stays(op, &scope, body).await
            }
            op if op.starts_with("card_settings.") => self.settings(op, &scope, body).await,
            op if ["viewer.", "people.", "link.", "messages.", "block."]
                .iter()
                .any(|lead| op.starts_with(lead)) =>
            {
                self.people(op, &scope, body).await
            }
            op if op.starts_with("grant.") => self.grant(op, &scope, body).await,
            op if op.starts_with("log.") || op == "receipts.list" => {
                self.proofs(op, &scope, body).await
            }
            "bin.lookup" => answer(&bin(&read(body)?, &self.keeper.bins.current())?),
            "stats" => {
                let Stats {} = read(body)?;
                answer(&self.stats(&scope).await?)
            }
            _ => Err(unknown_op()),
        }
    }

    /// Profiles belong to shops, and the operator of the installation adds them.
    async fn add_profile(&self, request: ProfileAdd) -> Result<ProfileAdded, Refused> {
        let ProfileAdd { profile } = request;
        let shop = self.shops.of_any(profile.shop).ok_or_else(not_found)?;
        let by = ("operator", self.moment(&shop).shop);
        self.proxy.book.add(&shop, profile, by).await
    }

    async fn settings(&self, op: &str, scope: &WireScope, body: Value) -> Outcome {
        let shop = self.shop(scope)?;
        match op {
            "card_settings.get" => {
                let CardSettingsGet {} = read(body)?;
            }
            "card_settings.put" => {
                let put: CardSettingsPut = read(body)?;
                let real = self.clock.now();
                let place = (scope.merchant, scope.shop);
                let line = Line::new(
                    "settings.changed",
                    place,
                    &scope.user,
                    shop.now(real),
                    &*self.keeper.rng,
                )
                .details(serde_json::to_value(&put.settings).map_err(internal)?);
                self.shops.put_cards(&shop, put, (line, real)).await.map_err(refused)?;
            }
            _ => return Err(unknown_op()),
        }
        answer(&self.settings_answer(scope).await?)
    }

    async fn settings_answer(&self, scope: &WireScope) -> Result<CardSettingsAnswer, Refused> {
        let shop = self.shop(scope)?;
        let place = (scope.merchant, scope.shop);
        let (active, activated_at) = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| {
                let active = crate::viewer::store::active(tx, place)?;
                Ok((active, crate::shop::store::activated_at(tx, place)?))
            })
            .await
            .map_err(internal)?;
        let storage = match (shop.cards.accept_cards, active > 0) {
            (false, _) => StorageStatus::Off,
            (true, false) => StorageStatus::AwaitingPin,
            (true, true) => StorageStatus::On,
        };
        Ok(CardSettingsAnswer {
            settings: shop.cards.clone(),
            version: shop.cards_version,
            storage,
            activated_at,
        })
    }

    async fn people(&self, op: &str, scope: &WireScope, body: Value) -> Outcome {
        match op {
            "viewer.enrol" => answer(&self.viewers.enrol(scope, read(body)?).await?),
            "viewer.get" => answer(&self.viewers.get(scope, read(body)?).await?),
            "viewer.confirm" => answer(&self.viewers.confirm(scope, read(body)?).await?),
            "viewer.list" => {
                let ViewerList {} = read(body)?;
                answer(&self.viewers.list(scope).await?)
            }
            "viewer.change" => answer(&self.viewers.change(scope, read(body)?).await?),
            "people.put" => answer(&self.viewers.put_people(scope, read(body)?).await?),
            "viewer.revoke" => answer(&self.viewers.revoke(scope, read(body)?).await?),
            "link.create" => answer(&self.reveals.create(scope, read(body)?).await?),
            "link.get" => answer(&self.reveals.get(scope, read(body)?).await?),
            "link.cancel" => answer(&self.reveals.cancel(scope, read(body)?).await?),
            "link.waiting" => {
                let LinkWaiting {} = read(body)?;
                answer(&self.reveals.waiting(scope).await?)
            }
            "link.approve" => answer(&self.reveals.decide(scope, read(body)?).await?),
            "block.get" => {
                let BlockGet {} = read(body)?;
                answer(&self.reveals.block(scope).await?)
            }
            "block.set" => answer(&self.reveals.set_block(scope, read(body)?).await?),
            "messages.take" => {
                let MessagesTake {} = read(body)?;
                self.shop(scope)?;
                answer(&self.viewers.messages(scope).await?)
            }
            "messages.done" => answer(&self.viewers.messages_done(scope, read(body)?).await?),
            _ => Err(unknown_op()),
        }
    }

    async fn proofs(&self, op: &str, scope: &WireScope, body: Value) -> Outcome {
        let merchant = self.shop(scope)?.settings.merchant;
        match op {
            "log.checkpoint" => {
                let LogCheckpoint {} = read(body)?;
                answer(&self.log.checkpoint(merchant).await?)
            }
            "log.entries" => {
                let reader = (scope.user != "clock").then_some(scope.shop);
                answer(&self.log.page((merchant, reader), read(body)?).await?)
            }
            "log.card" => {
                let request: LogOfCard = read(body)?;
                self.any_card(scope, request.card).await?;
                answer(&self.log.of_card(merchant, request).await?)
            }
            "log.inclusion" => answer(&self.log.inclusion(merchant, read(body)?).await?),
            "log.consistency" => answer(&self.log.consistency(merchant, read(body)?).await?),
            "log.verify" => {
                let LogVerify {} = read(body)?;
                self.log.seal(merchant, self.clock.now()).await.map_err(internal)?;
                answer(&self.log.verify(merchant).await.map_err(internal)?)
            }
            "receipts.list" => {
                let request: ReceiptsList = read(body)?;
                self.any_card(scope, request.card).await?;
                answer(&self.log.receipts(merchant, request).await?)
            }
            _ => Err(unknown_op()),
        }
    }

    fn hello(&self, hello: &Hello) -> Result<Welcome, Refused> {
        if !hello.versions.contains(&VERSION) {
            let why = "No common version of the envelope.";
            return Err(Refused::new("unknown_version", why));
        }
        Ok(Welcome {
            v: VERSION,
            origin: self.public_url.clone(),
            sandbox_missing: self.sandbox_missing.clone(),
            sealed: None,
        })
    }

    pub(super) fn shop(&self, scope: &WireScope) -> Result<Arc<Shop>, Refused> {
        self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)
    }

    pub(super) fn moment(&self, shop: &Shop) -> Moment {
        let real = self.clock.now();
        Moment { shop: shop.now(real), real }
    }

    async fn put_shop(&self, scope: &WireScope, settings: ShopPut) -> Result<Done, Refused> {
        if settings.merchant != scope.merchant || settings.shop != scope.shop {
            return Err(not_found());
        }
        self.shops.put(settings, self.clock.now()).await.map_err(refused)?;
        Ok(Done {})
    }

    async fn set_clock(&self, scope: &WireScope, set: ClockSet) -> Result<Done, Refused> {
        let shop = self.shop(scope)?;
        if set.shop != scope.shop {
            return Err(not_found());
        }
        let real = self.clock.now();
        let asked = ShopClock::asked(&set, real);
        if shop.is_test() && shop.clock.shows_alike(asked, real) {
            return Ok(Done {});
        }
        self.shops.set_clock(&shop, asked).await.map_err(refused)?;
        let shop = self.shop(scope)?;
        self.sweep_shop(&shop).await.map_err(internal)?;
        Ok(Done {})
    }

    /// A card of the scope's shop; a destroyed one is still found.
    async fn any_card(&self, scope: &WireScope, card: CardToken) -> Result<CardRow, Refused> {
        let found = self.keeper.find(scope.merchant, card).await.map_err(internal)?;
        found.filter(|row| row.shop == scope.shop).ok_or_else(not_found)
    }

    async fn card(&self, scope: &WireScope, card: CardToken) -> Result<CardRow, Refused> {
        let row = self.any_card(scope, card).await?;
        match row.purged {
            None => Ok(row),
            Some(_) => Err(Refused::new("gone", "The card is destroyed.")),
        }
    }

    pub(super) async fn look(&self, scope: &WireScope, token: CardToken) -> Result<Card, Refused> {
        let shop = self.shop(scope)?;
        let row = self.card(scope, token).await?;
        let moment = self.moment(&shop);
        let held = self.codes.has(token, moment);
        Ok(card::view(&row, shop.zone.date(moment.shop), held))
    }

    pub(crate) async fn delete(
        &self,
        scope: &WireScope,
        token: CardToken,
    ) -> Result<Done, Refused> {
        let row = self.any_card(scope, token).await?;
        if row.purged == Some(MissingReason::Purged) {
            return Ok(Done {});
        }
        self.codes.destroy(token);
        let line = self.line(scope, "card.deleted")?.card(token);
        self.keeper.destroy(&row, "deleted", line).await.map_err(internal)?;
        Ok(Done {})
    }

    pub(super) fn line(&self, scope: &WireScope, event: &'static str) -> Result<Line, Refused> {
        let now = self.moment(&*self.shop(scope)?).shop;
        let place = (scope.merchant, scope.shop);
        Ok(Line::new(event, place, &scope.user, now, &*self.keeper.rng))
    }

    async fn code_state(
        &self,
        scope: &WireScope,
        token: CardToken,
    ) -> Result<CodeStateAnswer, Refused> {
        let shop = self.shop(scope)?;
        let row = self.card(scope, token).await?;
        let held = self.codes.has(token, self.moment(&shop));
        Ok(CodeStateAnswer { status: card::code_status(&row, held) })
    }

    async fn stats(&self, scope: &WireScope) -> Result<StatsAnswer, Refused> {
        let shop = self.shop(scope)?;
        let (place, now) = ((scope.merchant, scope.shop), self.moment(&shop).shop);
        let counted = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| card::store::count_cards(tx, place, now))
            .await
            .map_err(internal)?;
        let codes = u64::try_from(self.codes.count()).unwrap_or(u64::MAX);
        Ok(StatsAnswer { cards: counted.0, codes, due_cards: counted.1 })
    }
}

/// An envelope that this release does not speak.
pub(crate) fn unspoken() -> Refused {
    Refused::new("unknown_version", "This version of the envelope is not spoken.")
}

fn bin(request: &BinLookup, table: &Table) -> Result<Bin, Refused> {
    let digits = request.bin.bytes().all(|b| b.is_ascii_digit());
    if !(6..=8).contains(&request.bin.len()) || !digits {
        return Err(Refused::new("invalid_field", "A BIN has 6 to 8 digits.").at("$.bin"));
    }
    let found = match table.of_lead(&request.bin) {
        Known::Whole(found) => found,
        Known::Divided => None,
    };
    let facts = found.map(|found| found.facts()).unwrap_or_default();
    let scheme = card::scheme_of(&request.bin, table);
    Ok(Bin {
        brand: scheme.map(|scheme| scheme.brand),
        co_brands: scheme.and_then(|scheme| scheme.co_brand).into_iter().collect(),
        funding: facts.funding,
        product: facts.product,
        issuer: facts.issuer,
        country: facts.country,
        commercial: facts.commercial,
        is_virtual: found.is_some_and(|found| found.is_virtual()),
    })
}

fn refused(error: ShopError) -> Refused {
    match error {
        ShopError::Refused(refused) => refused,
        other => internal(other),
    }
}

/// Reads a body strictly; what is wrong is told without repeating the input.
pub(crate) fn read<T: DeserializeOwned>(body: Value) -> Result<T, Refused> {
    serde_json::from_value(body).map_err(|error| {
        let text = error.to_string();
        let named = text.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        match named {
            Some(name) => Refused::new("unknown_field", "The body has an unknown field.")
                .at(format!("$.{name}")),
            None => Refused::new("invalid_field", "The body has not the shape of the operation."),
        }
    })
}

pub(crate) fn answer<T: Serialize>(value: &T) -> Outcome {
    serde_json::to_value(value).map_err(internal)
}
