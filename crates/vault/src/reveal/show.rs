//! The form of a link: its PIN is checked, and the card is shown or destroyed.

use db::{DbError, Route};
use kernel::{CardToken, Id, format};
use vault_wire::CodeStatus;
use zeroize::Zeroizing;

use super::approval::{Put, Seen};
use super::case::Case;
use super::limits::Limit;
use super::ops::{Reveals, opens};
use super::page::{Ask, RevealAnswer, RevealForm, Shown, Visitor, Wanted};
use super::store::{self, LinkState};
use crate::card::code::{CodeEnd, CodeState};
use crate::card::{self, KeepError};
use crate::keys::bytes::sha256;
use crate::log;
use crate::partner::{self, store::Did};
use crate::viewer::{Checked, Guard, Proof, Shut};

/// What rolls a commit back because the card was shown too often.
const CARD_LIMIT: &str = "card limit";

/// What became of a link whose PIN was right.
enum Unlocked {
    /// It is spent, and the number may be shown.
    Shown,
    /// It had ended meanwhile.
    Gone,
    /// Others were quicker.
    Limited(Limit),
    /// By now it is out of the ordinary.
    Asked(Put),
}

impl Reveals {
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
                LinkState::AwaitingApproval => {
                    return Ok(self.waits(&case, case.link.waits_until()));
                }
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
        if self.watch.is_back() {
            self.note(log::refused(self.line("link.used", &case, &visitor))).await?;
            return Ok(self.says(503, "clock", &case));
        }
        let looks = state == LinkState::Opened && form.wanted != Wanted::Delete;
        if looks && let Some(limited) = self.limited("link.used", &case, &visitor).await? {
            return Ok(limited);
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
        if case.card.suspension.is_some() {
            return Ok(self.says_limit(Limit::Suspended, &case));
        }
        // Opened before anything is written: a record that does not open shows nothing.
        let plain = match self.keeper.open(&case.shop, &case.card) {
            Ok(plain) => plain,
            Err(error) => {
                // A disk or a database that fails says nothing about the card.
                if matches!(error, KeepError::Corrupt) {
                    self.keeper.doubt(&case.card, case.now).await?;
                }
                return Err(error);
            }
        };
        if case.link.state == LinkState::Opened {
            match self.unlock(&case, visitor).await? {
                Unlocked::Shown => {}
                Unlocked::Gone => return Ok(self.says(410, "cancelled", &case)),
                Unlocked::Limited(limit) => return Ok(self.says_limit(limit, &case)),
                Unlocked::Asked(asked) => return Ok(self.asked(&case, asked)),
            }
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

    /// The log has its entry and the link is spent before the number leaves. What was counted
    /// before is counted again in this commit, which sees what others have spent meanwhile.
    async fn unlock(&self, case: &Case, visitor: &Visitor) -> Result<Unlocked, KeepError> {
        let line = self.line("card.revealed", case, visitor);
        let (id, now, viewer) = (case.key(), case.now, case.viewer.clone());
        let question = self.question(case, visitor);
        let (seen, day) = (Seen::of(visitor), kernel::Zone::paris().date(case.real));
        let by = case.link.request.partner.filter(|_| !case.shop.is_test());
        let by = by.map(|partner| (partner, day));
        let (card, most) = ((case.card.merchant, case.card.token), case.shop.cards.max_per_card);
        let done = self.keeper.db.write::<_, DbError, _>(Route::of(id.1.id()), move |tx| {
            if store::block(tx, (viewer.merchant, viewer.shop))?.is_some() {
                return Ok(Unlocked::Gone);
            }
            if let Some(until) = opens(tx, &viewer, now)? {
                return Ok(Unlocked::Limited(Limit::Until(until)));
            }
            if let Some(asked) = question.ask(tx)? {
                return Ok(Unlocked::Asked(asked));
            }
            if !store::go(tx, id, (LinkState::Opened, LinkState::Unlocked), now)? {
                return Ok(Unlocked::Gone);
            }
            seen.note(tx, (viewer.merchant, viewer.id), now)?;
            if !card::store::count_reveal(tx, card, (most, now))? {
                // The link is not spent for what is not shown.
                return Err(DbError::Conflict(CARD_LIMIT.into()));
            }
            if let Some(by) = by {
                partner::store::count(tx, by, Did::Revealed)?;
            }
            log::append(tx, &line).map(|_| Unlocked::Shown)
        });
        match done.await {
            Ok(done) => Ok(done),
            Err(DbError::Conflict(what)) if what == CARD_LIMIT => {
                Ok(Unlocked::Limited(Limit::OfCard(most)))
            }
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
