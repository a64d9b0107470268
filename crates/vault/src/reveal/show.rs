//! The page of a link: opened once, asked for a PIN, shown, shut.

use std::sync::Arc;

use db::{DbError, Route};
use kernel::{CardToken, Id, Timestamp, format};
use serde_json::json;
use vault_wire::{CodeStatus, PartnerScope};
use zeroize::Zeroizing;

use super::ops::{Reveals, within_limits};
use super::page::{Ask, Asked, Gone, RevealAnswer, RevealForm, Shown, Visitor, Wanted};
use super::store::{self, LinkRow, LinkState};
use crate::card::code::{CodeEnd, CodeState};
use crate::card::{self, CardRow, KeepError};
use crate::core::codes::Moment;
use crate::keys::bytes::sha256;
use crate::log::{self, Line};
use crate::partner::{self, store::Did};
use crate::shop::Shop;
use crate::viewer::store::{self as viewer_store, ViewerRow};
use crate::viewer::{Checked, Guard, Proof, Shut};

/// A link with everything around it.
struct Case {
    link: LinkRow,
    shop: Arc<Shop>,
    viewer: ViewerRow,
    card: CardRow,
    now: Timestamp,
    real: Timestamp,
}

impl Case {
    fn key(&self) -> (kernel::MerchantId, kernel::RevealLinkId) {
        (self.link.merchant, self.link.id)
    }
}

impl Reveals {
    async fn case(&self, secret: &str) -> Result<Option<Case>, KeepError> {
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

    fn about(&self, case: &Case) -> Asked {
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

    fn says(&self, status: u16, what: &'static str, case: &Case) -> RevealAnswer {
        RevealAnswer::Says(status, what, Some(Box::new(self.about(case))))
    }

    fn line(&self, event: &'static str, case: &Case, visitor: &Visitor) -> Line {
        let place = (case.link.merchant, case.link.shop);
        let details = json!({
            "name": case.viewer.name, "ip": visitor.ip.to_string(), "link": case.link.id,
        });
        Line::new(event, place, &case.viewer.user, case.now, &*self.keeper.rng)
            .card(case.link.card)
            .purpose(&case.link.request.purpose)
            .details(details)
    }

    async fn note(&self, line: Line) -> Result<(), KeepError> {
        let route = Route::of(line.shop.id());
        let noted = self.keeper.db.write::<_, DbError, _>(route, move |tx| log::append(tx, &line));
        noted.await?;
        Ok(())
    }

    /// What a partner's link says once he may make none any more; nothing while he may.
    async fn stopped(
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

    /// A visit: the first one opens the link, any other finds it shut.
    pub(crate) async fn visit(
        &self,
        secret: &str,
        visitor: Visitor,
    ) -> Result<RevealAnswer, KeepError> {
        let Some(case) = self.case(secret).await? else {
            return Ok(RevealAnswer::Says(404, "unknown", None));
        };
        if visitor.ahead {
            return Ok(self.says(403, "ahead", &case));
        }
        if let Some(stopped) = self.stopped("link.opened", &case, &visitor).await? {
            return Ok(stopped);
        }
        let framed = case.link.request.frame_origin.is_some();
        match visitor.dest.as_deref() {
            None => return Ok(self.says(403, "old", &case)),
            Some("document") if !framed => {}
            Some("iframe" | "frame") if framed || visitor.on_stage => {}
            Some(_) => {
                self.note(log::refused(self.line("link.opened", &case, &visitor))).await?;
                return Ok(self.says(403, "framed", &case));
            }
        }
        let known = case.link.request.client_ip.as_ref();
        if known.is_some_and(|ip| *ip != visitor.ip.to_string()) {
            self.note(log::refused(self.line("link.opened", &case, &visitor))).await?;
            return Ok(self.says(403, "elsewhere", &case));
        }
        match case.link.state_at(case.now, case.shop.cards.show_seconds) {
            LinkState::Created => {}
            LinkState::Unlocked => {
                self.close(&case, LinkState::Unlocked).await?;
                return Ok(self.says(410, "over", &case));
            }
            LinkState::Closed => return Ok(self.says(410, "over", &case)),
            LinkState::Cancelled => return Ok(self.says(410, "cancelled", &case)),
            _ => return Ok(self.says(410, "expired", &case)),
        }
        let key = Id::random(&*self.keeper.rng).text();
        let marks = (visitor.hash(), sha256(key.as_bytes()));
        let (id, now, line) = (case.key(), case.now, self.line("link.opened", &case, &visitor));
        let first = self
            .keeper
            .db
            .write::<_, DbError, _>(Route::of(id.1.id()), move |tx| {
                let first = store::open(tx, id, marks, now)?;
                if first {
                    log::append(tx, &line)?;
                }
                Ok(first)
            })
            .await?;
        if !first {
            return Ok(self.says(410, "expired", &case));
        }
        Ok(RevealAnswer::Ask(Box::new(Ask { about: self.about(&case), key, left: None })))
    }

    async fn close(&self, case: &Case, from: LinkState) -> Result<(), KeepError> {
        let (id, now) = (case.key(), case.now);
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(id.1.id()), move |tx| {
                store::go(tx, id, (from, LinkState::Closed), now).map(|_| ())
            })
            .await?;
        Ok(())
    }

    /// The form was sent. Its key serves once, so that a repeat does nothing.
    pub(crate) async fn submit(
        &self,
        secret: &str,
        form: RevealForm,
        visitor: Visitor,
    ) -> Result<RevealAnswer, KeepError> {
        let Some(case) = self.case(secret).await? else {
            return Ok(RevealAnswer::Says(404, "unknown", None));
        };
        let state = case.link.state_at(case.now, case.shop.cards.show_seconds);
        if !matches!(state, LinkState::Opened | LinkState::Unlocked) {
            let what = match state {
                LinkState::Closed => "over",
                LinkState::Cancelled => "cancelled",
                _ => "expired",
            };
            return Ok(self.says(410, what, &case));
        }
        if case.link.visitor != Some(visitor.hash()) {
            self.note(log::refused(self.line("link.used", &case, &visitor))).await?;
            return Ok(self.says(403, "elsewhere", &case));
        }
        if let Some(stopped) = self.stopped("link.used", &case, &visitor).await? {
            return Ok(stopped);
        }
        let (id, shown) = (case.key(), sha256(form.key.as_bytes()));
        let fresh = self
            .keeper
            .db
            .write::<_, DbError, _>(Route::of(id.1.id()), move |tx| store::take_key(tx, id, shown))
            .await?;
        if !fresh {
            return Ok(self.says(410, "expired", &case));
        }
        if state == LinkState::Unlocked {
            // The number is on the screen; this is its button for the code.
            return match form.wanted {
                Wanted::Code => self.show(case, Wanted::Code, &visitor).await,
                Wanted::Number | Wanted::Delete => Ok(self.says(410, "expired", &case)),
            };
        }
        match self.pin(&case, &form, &visitor).await? {
            Some(answer) => Ok(answer),
            None if form.wanted == Wanted::Delete => self.delete(case, &visitor).await,
            None => self.show(case, form.wanted, &visitor).await,
        }
    }

    /// Checks the PIN; nothing when it is right.
    async fn pin(
        &self,
        case: &Case,
        form: &RevealForm,
        visitor: &Visitor,
    ) -> Result<Option<RevealAnswer>, KeepError> {
        let viewer = (case.viewer.merchant, case.viewer.id);
        let proof = Proof { pin: &form.pin, factor: &form.factor };
        match self.viewers.check(&case.shop, viewer, (proof, case.now)).await? {
            Checked::Right => Ok(None),
            Checked::Busy => Ok(Some(self.says(503, "busy", case))),
            Checked::Shut(shut) => Ok(Some(self.shut(case, shut))),
            Checked::Wrong(guard) => self.wrong(case, guard, visitor).await.map(Some),
        }
    }

    async fn wrong(
        &self,
        case: &Case,
        guard: Guard,
        visitor: &Visitor,
    ) -> Result<RevealAnswer, KeepError> {
        let line = log::refused(self.line("pin.try", case, visitor));
        let whose = (&*case.shop, &case.viewer);
        self.viewers.note_wrong(whose, (guard, case.now), line).await?;
        if let Err(shut) = guard.open(case.now) {
            return Ok(self.shut(case, shut));
        }
        let key = self.new_key(case).await?;
        let left = Some(guard.left());
        Ok(RevealAnswer::Ask(Box::new(Ask { about: self.about(case), key, left })))
    }

    fn shut(&self, case: &Case, shut: Shut) -> RevealAnswer {
        match shut {
            Shut::Blocked => self.says(403, "blocked", case),
            Shut::Until(until) => {
                let until = format::time_in_prose(until, &case.shop.zone, case.link.request.lang);
                RevealAnswer::Locked(until, Box::new(self.about(case)))
            }
        }
    }

    async fn new_key(&self, case: &Case) -> Result<String, KeepError> {
        let key = Id::random(&*self.keeper.rng).text();
        let (id, hash) = (case.key(), sha256(key.as_bytes()));
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(id.1.id()), move |tx| store::put_key(tx, id, hash))
            .await?;
        Ok(key)
    }

    async fn delete(&self, case: Case, visitor: &Visitor) -> Result<RevealAnswer, KeepError> {
        self.codes.destroy(case.card.token);
        let line = self.line("card.deleted", &case, visitor);
        self.keeper.destroy(&case.card, "deleted", line).await?;
        self.close(&case, LinkState::Opened).await?;
        Ok(RevealAnswer::Deleted(Box::new(self.about(&case))))
    }

    /// Shows the number, and the code if it is wanted and this person wins it.
    async fn show(
        &self,
        case: Case,
        wanted: Wanted,
        visitor: &Visitor,
    ) -> Result<RevealAnswer, KeepError> {
        if case.card.purged.is_some() {
            return Ok(self.says(410, "gone", &case));
        }
        // Opened before anything is written: a record that does not open shows nothing.
        let plain = self.keeper.open(&case.shop, &case.card)?;
        if case.link.state == LinkState::Opened && !self.unlock(&case, visitor).await? {
            return Ok(self.says(429, "limit", &case));
        }
        let code = match wanted {
            Wanted::Code => self.take_code(&case, visitor).await?,
            Wanted::Number | Wanted::Delete => None,
        };
        let token: CardToken = case.card.token;
        let fresh = self.keeper.find(case.link.merchant, token).await?;
        let case = Case { card: fresh.unwrap_or_else(|| case.card.clone()), ..case };
        let about = self.about(&case);
        let key = match about.code {
            CodeStatus::Available => Some(self.new_key(&case).await?),
            _ => None,
        };
        let digits = Zeroizing::new(plain.number.clone());
        Ok(RevealAnswer::Show(Box::new(Shown {
            number: grouped(&digits),
            expiry: match plain.month {
                0 => "—".to_owned(),
                month => format!("{month:02}/{:02}", plain.year % 100),
            },
            holder: Zeroizing::new(plain.holder.clone()),
            code,
            key,
            watermark: format!(
                "{} · {} · {}",
                case.viewer.name,
                format::date_time(case.now, &case.shop.zone, about.lang),
                visitor.ip
            ),
            seconds: case.shop.cards.show_seconds,
            about,
        })))
    }

    /// The log has its entry and the link is spent before the number leaves.
    async fn unlock(&self, case: &Case, visitor: &Visitor) -> Result<bool, KeepError> {
        let line = self.line("card.revealed", case, visitor);
        let (id, now, viewer) = (case.key(), case.now, case.viewer.clone());
        let day = kernel::Zone::paris().date(case.real);
        let by = case.link.request.partner.filter(|_| !case.shop.is_test());
        let by = by.map(|partner| (partner, day));
        let (card, most) = ((case.card.merchant, case.card.token), case.shop.cards.max_per_card);
        let done = self.keeper.db.write::<_, DbError, _>(Route::of(id.1.id()), move |tx| {
            let shut = store::block(tx, (viewer.merchant, viewer.shop))?.is_some();
            if shut || !within_limits(tx, &viewer, now)? {
                return Ok(false);
            }
            let moved = store::go(tx, id, (LinkState::Opened, LinkState::Unlocked), now)?;
            if !moved || !card::store::count_reveal(tx, card, (most, now))? {
                return Err(DbError::Conflict("limit".into()));
            }
            if let Some(by) = by {
                partner::store::count(tx, by, Did::Revealed)?;
            }
            log::append(tx, &line).map(|_| true)
        });
        match done.await {
            Ok(done) => Ok(done),
            Err(DbError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The code, destroyed before this returns; nothing when somebody else has or had it.
    async fn take_code(
        &self,
        case: &Case,
        visitor: &Visitor,
    ) -> Result<Option<Zeroizing<String>>, KeepError> {
        let holder = format!("view:{}", case.link.id);
        let asked = self.line("code.asked", case, visitor);
        self.note(asked).await?;
        if !self.keeper.reserve_code(&case.card, &holder, case.real).await? {
            return Ok(None);
        }
        let digits = match self.keeper.open_code(&case.shop, &case.card) {
            Ok(digits) => digits,
            Err(error) => {
                self.keeper.set_code(&case.card, &holder, CodeState::Available).await?;
                return Err(error);
            }
        };
        let end = CodeEnd {
            because: "viewed",
            actor: Some(case.viewer.name.clone()),
            line: self.line("code.destroyed", case, visitor).purpose("viewed"),
        };
        self.keeper.destroy_code(&case.card, end).await?;
        Ok(Some(digits))
    }
}

/// Digits in groups as they are printed on the card.
fn grouped(digits: &str) -> Zeroizing<String> {
    let sizes: &[usize] = match digits.len() {
        15 => &[4, 6, 5],
        14 => &[4, 6, 4],
        _ => &[4, 4, 4, 4, 3],
    };
    let mut text = Zeroizing::new(String::with_capacity(32));
    let mut rest = digits;
    for size in sizes {
        let (part, after) = rest.split_at_checked(*size).unwrap_or((rest, ""));
        if !part.is_empty() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(part);
        }
        rest = after;
    }
    text
}
