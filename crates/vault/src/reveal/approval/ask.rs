//! The question to a second person, put in the commit that finds it needed.

use std::sync::Arc;

use db::{DbError, Tx};
use kernel::{MerchantId, RevealLinkId, Timestamp};

use super::ops::{Asking, Second, Seen, Showing, needed};
use super::store;
use crate::log::{self, Line};
use crate::reveal::case::Case;
use crate::reveal::ops::{Reveals, showing};
use crate::reveal::page::{RevealAnswer, Visitor};
use crate::reveal::store::APPROVAL_SECONDS;
use crate::shop::Shop;
use crate::viewer::{self, Viewers};

/// Everything that a commit needs to ask a second person about a visit.
pub(in crate::reveal) struct Question {
    link: (MerchantId, RevealLinkId),
    /// Somebody has agreed already.
    is_answered: bool,
    visitor: [u8; 32],
    ip: String,
    last4: String,
    showing: Showing,
    line: Line,
    shop: Arc<Shop>,
    viewers: Arc<Viewers>,
    now: Timestamp,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reveal) enum Put {
    /// It is put; an answer may come until then.
    Until(Timestamp),
    /// There is nobody who could answer.
    ToNobody,
}

impl Question {
    /// Asks, where it is needed; nothing where nobody need agree.
    pub(in crate::reveal) fn ask(&self, tx: &mut Tx<'_>) -> Result<Option<Put>, DbError> {
        if self.is_answered {
            return Ok(None);
        }
        let (why, others) = match needed(tx, &self.showing, self.now)? {
            Second::Nobody => return Ok(None),
            Second::Alone => {
                log::append(tx, &log::refused(self.line.clone()))?;
                return Ok(Some(Put::ToNobody));
            }
            Second::Ask(why, others) => (why, others),
        };
        let asking = Asking { ip: self.ip.clone(), why };
        if store::ask(tx, self.link, (self.visitor, &asking), self.now)? {
            let about = (&*self.shop, &self.showing.viewer);
            let letters =
                self.viewers.ask_letters(about, &others, (&self.last4, &self.ip), self.now);
            viewer::queue(tx, self.shop.place(), &letters)?;
            log::append(tx, &self.line)?;
        }
        Ok(Some(Put::Until(self.now.plus_seconds(APPROVAL_SECONDS))))
    }
}

impl Reveals {
    pub(in crate::reveal) fn question(&self, case: &Case, visitor: &Visitor) -> Question {
        let seen = Some(Seen::of(visitor));
        Question {
            link: case.key(),
            is_answered: case.link.approved_at.is_some(),
            visitor: visitor.hash(),
            ip: visitor.ip.to_string(),
            last4: case.card.last4.clone(),
            showing: showing(&case.shop, &case.viewer, (case.link.card, seen), case.now),
            line: self.line("link.asked", case, visitor),
            shop: Arc::clone(&case.shop),
            viewers: Arc::clone(&self.viewers),
            now: case.now,
        }
    }

    /// The page that says so.
    pub(in crate::reveal) fn asked(&self, case: &Case, put: Put) -> RevealAnswer {
        match put {
            Put::Until(until) => self.waits(case, until),
            Put::ToNobody => self.says(403, "alone", case),
        }
    }

    pub(in crate::reveal) fn waits(&self, case: &Case, until: Timestamp) -> RevealAnswer {
        RevealAnswer::Waits(until, Box::new(self.about(case)))
    }
}
