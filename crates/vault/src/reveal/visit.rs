//! A visit of a link: the first one opens it.

use db::{DbError, Route, Tx};
use kernel::Id;

use super::approval::Put;
use super::case::Case;
use super::ops::Reveals;
use super::page::{Ask, RevealAnswer, Visitor};
use super::store::{self, LinkState};
use crate::card::KeepError;
use crate::keys::bytes::sha256;
use crate::log;

impl Reveals {
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
        if self.watch.is_back() {
            self.note(log::refused(self.line("link.opened", &case, &visitor))).await?;
            return Ok(self.says(503, "clock", &case));
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
            LinkState::Created | LinkState::AwaitingApproval => {}
            LinkState::Refused => return Ok(self.says(403, "refused", &case)),
            LinkState::Expired if case.link.state == LinkState::AwaitingApproval => {
                return Ok(self.says(410, "unanswered", &case));
            }
            // The page itself comes back when its time is over; whoever comes later finds nothing.
            LinkState::Unlocked | LinkState::Closed if case.link.state == LinkState::Unlocked => {
                self.close(&case, LinkState::Unlocked).await?;
                return Ok(self.says(410, "over", &case));
            }
            LinkState::Cancelled => return Ok(self.says(410, "cancelled", &case)),
            _ => return Ok(self.says(410, "expired", &case)),
        }
        if let Some(limited) = self.limited("link.opened", &case, &visitor).await? {
            return Ok(limited);
        }
        if case.link.asked.is_some() && case.link.visitor != Some(visitor.hash()) {
            self.note(log::refused(self.line("link.opened", &case, &visitor))).await?;
            return Ok(self.says(403, "elsewhere", &case));
        }
        match (&case.link.asked, case.link.approved_at) {
            (Some(_), None) => Ok(self.waits(&case, case.link.waits_until())),
            _ => self.open(case, &visitor).await,
        }
    }

    /// Opens the link, unless a second person must agree first.
    async fn open(&self, case: Case, visitor: &Visitor) -> Result<RevealAnswer, KeepError> {
        let key = Id::random(&*self.keeper.rng).text();
        let marks = (visitor.hash(), sha256(key.as_bytes()));
        let (id, now, line) = (case.key(), case.now, self.line("link.opened", &case, visitor));
        let question = self.question(&case, visitor);
        let write = move |tx: &mut Tx<'_>| {
            if let Some(asked) = question.ask(tx)? {
                return Ok(Opened::No(asked));
            }
            if !store::open(tx, id, marks, now)? {
                return Ok(Opened::Twice);
            }
            log::append(tx, &line).map(|_| Opened::Yes)
        };
        let opened = self.keeper.db.write::<_, DbError, _>(Route::of(id.1.id()), write).await?;
        Ok(match opened {
            Opened::Yes => {
                RevealAnswer::Ask(Box::new(Ask { about: self.about(&case), key, left: None }))
            }
            Opened::Twice => self.says(410, "expired", &case),
            Opened::No(asked) => self.asked(&case, asked),
        })
    }
}

/// What became of a first visit.
enum Opened {
    Yes,
    /// Another was first.
    Twice,
    /// Not without a second person.
    No(Put),
}
