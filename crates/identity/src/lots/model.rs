//! What an action is, what was chosen for it, and what became of each line.

use std::sync::Arc;

use db::{DbError, Tx};
use http::Words;
use kernel::{Id, JobId, Money, Right, Scope, Timestamp, UserId};
use web::Context;
use web::worker::Work;

use super::store;
use crate::audit::Origin;
use crate::runs::store as runs;

/// What an action on several things is called, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Its name in stored lots.
    pub name: &'static str,
    /// What its words begin with: `-title`, `-what`, `-do`, and `-amount` when the heading of the
    /// amounts is its own.
    pub key: &'static str,
    /// What the words of its reasons begin with, the nearest first.
    pub whys: &'static [&'static str],
    /// Its page.
    pub path: &'static str,
    /// The list whose rows are ticked.
    pub list: &'static str,
    /// What the addresses of its things begin with.
    pub things: &'static str,
    /// Prefix of the ids of its things.
    pub prefix: &'static str,
    /// What the journal calls it.
    pub audit: &'static str,
    /// The right to do it, asked for again at each line's turn.
    pub right: Right,
    /// The right to read the list, and so the results.
    pub view: Right,
    /// The right to take the results away.
    pub export: Right,
    /// The right whose ceiling bounds each line.
    pub ceiling: Option<Right>,
    /// Whether a large total is typed again before anything is done.
    pub typed: bool,
    /// Whether a reason is asked for.
    pub reason: bool,
    /// Whether its button warns.
    pub danger: bool,
}

impl About {
    /// A thing as people and addresses write it.
    #[must_use]
    pub fn id(&self, thing: Id) -> String {
        format!("{}_{}", self.prefix, thing.text())
    }

    /// Reads it back.
    #[must_use]
    pub fn thing(&self, id: &str) -> Option<Id> {
        Id::parse(id.strip_prefix(self.prefix)?.strip_prefix('_')?).ok()
    }

    /// A reason in words.
    #[must_use]
    pub fn why(&self, words: &Words, why: &str) -> String {
        let why = why.replace('_', "-");
        let keys = self.whys.iter().map(|key| format!("{key}-{why}"));
        let known = keys.into_iter().find(|key| words.has(key));
        words.say(&known.unwrap_or_else(|| format!("lot-why-{why}")))
    }
}

/// An action on several things of a list.
pub trait Deed: Send + Sync + 'static {
    /// What it is called, and where it stands.
    fn about(&self) -> About;
    /// What it would do now to the things chosen, in their order; what is not of this merchant
    /// does not exist.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    fn look(&self, tx: &mut Tx<'_>, asker: &Asker, ids: &[Id]) -> Result<Vec<Chosen>, DbError>;
    /// Does a line. The commit that does it, or that stores its question to the bank as sent, ends
    /// with [`Turn::leave`]; the bank is asked after that.
    fn carry_out(&self, turn: Turn) -> Work<Result<(), Halt>>;
    /// What became of a question to the bank: that of a line that was left as
    /// [`Stand::Asked`].
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    fn answer(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        words: &Words,
        made: Id,
    ) -> Result<Outcome, DbError>;
}

/// Who wants to do something to several things.
#[derive(Debug, Clone)]
pub struct Asker {
    /// His scope.
    pub scope: Scope,
    /// The most he may move with one line, in minor units; none is no limit.
    pub ceiling: Option<i64>,
    /// In his language.
    pub words: Arc<Words>,
}

/// How people call a thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// Its reference.
    pub reference: String,
    /// Whose it is.
    pub name: String,
    /// What tells it from its like: days, a masked number; empty where nothing does.
    pub detail: String,
}

/// A thing that was chosen, and what the action would do to it now.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The thing.
    pub thing: Id,
    /// As it is called.
    pub label: Label,
    /// What would move, or what it is worth.
    pub amount: Money,
    /// As it was seen.
    pub version: i64,
    /// Why it is left out; nothing when it is done.
    pub why: Option<String>,
}

/// What an action would do to all that was chosen.
#[derive(Debug, Clone, Default)]
pub struct Outlook {
    /// In the order chosen.
    pub chosen: Vec<Chosen>,
}

impl Outlook {
    /// Things in the currency of the first that is done.
    #[must_use]
    pub fn of(about: &About, words: &Words, mut chosen: Vec<Chosen>) -> Self {
        let mut first = None;
        for one in chosen.iter_mut().filter(|one| one.why.is_none()) {
            if *first.get_or_insert(one.amount.currency()) != one.amount.currency() {
                one.why = Some(about.why(words, "other_currency"));
            }
        }
        Self { chosen }
    }

    /// What is done.
    pub fn going(&self) -> impl Iterator<Item = &Chosen> {
        self.chosen.iter().filter(|chosen| chosen.why.is_none())
    }

    /// What is left out.
    pub fn left_out(&self) -> impl Iterator<Item = &Chosen> {
        self.chosen.iter().filter(|chosen| chosen.why.is_some())
    }

    /// How many are done.
    #[must_use]
    pub fn count(&self) -> i64 {
        i64::try_from(self.going().count()).unwrap_or(i64::MAX)
    }

    /// What it comes to; nothing when nothing is done or the sum is beyond any amount.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        let mut going = self.going().map(|chosen| chosen.amount);
        let first = going.next()?;
        going.try_fold(first, |sum, amount| sum.plus(amount).ok())
    }

    /// What the button was shown to do; another word when something changed.
    #[must_use]
    pub fn digest(&self) -> String {
        let seen = self.going().map(|one| (one.thing, one.version, one.amount));
        format!("{:016x}", crate::lists::digest_of(&seen.collect::<Vec<_>>()))
    }
}

/// A lot.
#[derive(Debug, Clone)]
pub struct Lot {
    /// Its id, that of its run.
    pub id: JobId,
    /// Who asked.
    pub user: UserId,
    /// The name of its action.
    pub deed: String,
    /// Why, in his words.
    pub reason: Option<String>,
    /// From where, for the journal.
    pub origin: Origin,
}

/// A line of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its place, from 0.
    pub position: i64,
    /// The thing.
    pub thing: Id,
    /// As it is called.
    pub label: Label,
    /// As it was seen.
    pub version: i64,
    /// What moves, or what it is worth.
    pub amount: Money,
    /// Where it stands.
    pub stand: Stand,
}

/// Where a line stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stand {
    /// Its turn has not come.
    Waiting,
    /// The bank is asked; what was made tells the answer.
    Asked(Id),
    /// Done.
    Done,
    /// Not done: the word of the reason.
    Refused(String),
}

/// What became of a line, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its turn has not come.
    Waiting,
    /// Done.
    Done,
    /// The bank's answer is awaited.
    AtTheBank,
    /// No answer yet: the bank is asked again.
    Unknown,
    /// Left out by the house, and why.
    LeftOut(String),
    /// Refused by the bank, and why.
    Refused(String),
}

/// A line whose turn it is.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Acts under the name of whoever asked.
    pub scope: Scope,
    /// The lot.
    pub lot: Lot,
    /// The line.
    pub line: Line,
    /// When its turn came.
    pub began: Timestamp,
}

impl Turn {
    /// The line waits no longer, and the run counts it.
    ///
    /// # Errors
    /// [`Halt::Stopped`] when the run was stopped or another process has the line: the caller's
    /// transaction must end with it.
    pub fn leave(&self, tx: &mut Tx<'_>, ctx: &Context, stand: &Stand) -> Result<(), Halt> {
        let (scope, id) = (&self.scope, self.lot.id);
        let taken = store::leave(tx, scope, (id, self.line.position), stand)?;
        if taken && runs::advance(tx, scope, id, (self.began, ctx.real_now()))? {
            Ok(())
        } else {
            Err(Halt::Stopped)
        }
    }
}

/// Why a line was not done in the transaction that tried it.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// The run was stopped, or another process has the line.
    #[error("the run was stopped")]
    Stopped,
    /// The thing does not allow it: the word of the reason.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}
