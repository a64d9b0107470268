//! Tasks: what the house cannot settle by itself and a person must look at.
//!
//! Life: raised in the commit that finds it out; ended by a person, or by the house in the commit
//! that settles the matter.
//!
//! Invariants: at most one open task per kind and object, so what is found out twice is told
//! once; an ended task keeps who ended it and when.
//!
//! Limits: a task is for everybody of the merchant who may see its object, or for one person.

mod store;

use kernel::{Id, MerchantId, Mode, Scope, Timestamp, UserId};

pub use store::{end, find, finish, finished, open, open_count, raise, settle};

/// A result that the bank has owed for ten minutes; the object is a payment.
pub const PAYMENT_UNKNOWN: &str = "payment.unknown";
/// The bank gave back what it had refused to give back; the object is a payment.
pub const REFUND_DONE_LATE: &str = "refund.done_late";
/// What the check of a card reserved could not be released; the object is the card.
pub const CARD_HELD: &str = "card.held";
/// An issuer refuses a kept card; the object is the card.
pub const CARD_REFUSED: &str = "card.refused";
/// What a virtual card holds is about to be lost; the object is the card.
pub const CARD_LOSING: &str = "card.losing";
/// Security codes are shown once for a few days more; the object is the shop.
pub const CODES_ENDING: &str = "codes.ending";
/// A virtual card was refused when the house charged it by itself; the object is the card.
pub const CARD_NOT_CHARGED: &str = "card.not_charged";
/// Paid when it was too late, so the money goes back; the object is a payment.
pub const PAID_TOO_LATE: &str = "payment.too_late";
/// Money must go back and the contract takes no refunds; the object is a payment.
pub const REFUND_ELSEWHERE: &str = "refund.elsewhere";
/// A payer contests a debit at his bank; the object is the case.
pub const CHARGEBACK_OPENED: &str = "chargeback.opened";
/// Planned work was given up after its last try; the object is the job, the note its kind.
pub const JOB_FAILED: &str = "job.failed";
/// A long run came to its end; the object is the run, the note its file.
pub const RUN_DONE: &str = "run.done";
/// A long run was given up; the same.
pub const RUN_FAILED: &str = "run.failed";
/// Work on many things came to its end; the object is the run, the note what it was.
pub const ERRAND_DONE: &str = "errand.done";
/// Work on many things was given up; the same.
pub const ERRAND_FAILED: &str = "errand.failed";
/// Somebody asks to do what is above his ceiling; the object is the request.
pub const APPROVAL_ASKED: &str = "approval.asked";
/// What somebody asked for was agreed to and done; the object is the request.
pub const APPROVAL_GRANTED: &str = "approval.granted";
/// It was declined.
pub const APPROVAL_DECLINED: &str = "approval.declined";
/// It could not be done any more.
pub const APPROVAL_OVERTAKEN: &str = "approval.overtaken";
/// Nobody answered in time.
pub const APPROVAL_EXPIRED: &str = "approval.expired";
/// What may be told of the end of a run.
pub const RUNS: [&str; 4] = [RUN_DONE, RUN_FAILED, ERRAND_DONE, ERRAND_FAILED];

/// Whom a task is for.
pub const PERSON_MIGRATION: db::Migration = db::Migration {
    name: "web/0003_task_person",
    sql: include_str!("schema/0003_task_person.sql"),
};

/// Up to which amount one must be allowed to go.
pub const AMOUNT_MIGRATION: db::Migration = db::Migration {
    name: "web/0004_task_ceiling",
    sql: include_str!("schema/0004_task_ceiling.sql"),
};

/// Whose tasks: a merchant's, live or test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The merchant.
    pub merchant: MerchantId,
    /// Live or test.
    pub mode: Mode,
}

impl From<&Scope> for Owner {
    fn from(scope: &Scope) -> Self {
        Self { merchant: scope.merchant(), mode: scope.mode() }
    }
}

/// A task to be raised.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Made outside the unit of work.
    pub id: Id,
    /// One of the kinds above, or another slice's.
    pub kind: &'static str,
    /// Id of what must be looked at, as text.
    pub object: String,
    /// What helps to understand it; never card data.
    pub note: String,
    /// The only person it is for; nobody: whoever may see the object.
    pub person: Option<UserId>,
    /// Only for people whose ceiling under the right of its kind reaches this, in minor units.
    pub amount: Option<i64>,
}

/// A task read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: Id,
    /// What kind of matter.
    pub kind: String,
    /// Id of what must be looked at.
    pub object: String,
    /// What helps to understand it.
    pub note: String,
    /// The ceiling one needs for it, in minor units.
    pub amount: Option<i64>,
    /// Since when, by the clock of whoever raised it.
    pub since: Timestamp,
    /// When it was ended, by the same clock.
    pub done_at: Option<Timestamp>,
    /// By whom: a user's id, or `clock` for the house.
    pub done_by: Option<String>,
}
