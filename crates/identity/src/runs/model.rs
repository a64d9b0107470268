//! A run and how far it is.

use documents::Format;
use kernel::{Id, JobId, Locale, MerchantId, Mode, Right, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use web::Context;

use super::{LEASE_SECONDS, LONG_STEP_SECONDS, SILENT_SECONDS};
use crate::lists::{List, Wanted, export};

/// Percent that a workbook shows while its rows are gathered; the rest is its writing.
const GATHERED_PERCENT: i64 = 90;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// At work, or waiting for a process.
    Running,
    /// Interrupted by its owner.
    Stopped,
    /// Finished.
    Done,
    /// Given up.
    Failed,
}

impl State {
    /// The word stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Running, Self::Stopped, Self::Done, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// What a run does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Makes a file.
    Export(Payload),
    /// Works on many things.
    Errand {
        /// Name of the errand.
        name: String,
        /// Page of its results.
        result: String,
    },
}

/// What an export makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Name of the list.
    pub list: String,
    /// The filter.
    pub query: String,
    /// Columns, in order.
    pub columns: Vec<String>,
    /// Form of the file.
    pub format: String,
    /// Language of its headings and states.
    pub locale: Locale,
    /// The merchant's zone.
    pub zone: String,
    /// When it was asked.
    pub now: Timestamp,
}

/// A run to be stored.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id.
    pub id: JobId,
    /// What it is called on its page.
    pub title: String,
    /// What it does.
    pub kind: Kind,
    /// Who lacks this right does not get the file.
    pub right: Right,
    /// Rows to do, when they are known.
    pub total: Option<i64>,
    /// Name of the file; empty for an errand.
    pub file_name: String,
    /// Its media type.
    pub media_type: &'static str,
}

impl NewRun {
    /// The export of a list.
    #[must_use]
    pub fn export(ctx: &Context, (list, wanted): (&dyn List, &Wanted), format: Format) -> Self {
        Self {
            // Whoever knows the address of a run must not guess another.
            id: JobId::random(ctx.rng.as_ref()),
            title: list.title(&wanted.words),
            kind: Kind::Export(Payload {
                list: list.name().to_owned(),
                query: wanted.query.clone(),
                columns: wanted.columns.clone(),
                format: format.as_str().to_owned(),
                locale: wanted.words.locale(),
                zone: wanted.zone.name().to_owned(),
                now: wanted.now,
            }),
            right: list.export_right(),
            total: None,
            file_name: export::file_name(list, wanted, format),
            media_type: format.media_type(),
        }
    }

    /// An errand on so many things.
    #[must_use]
    pub fn errand(id: JobId, right: Right, kind: Kind, (title, total): (String, i64)) -> Self {
        Self {
            id,
            title,
            kind,
            right,
            total: Some(total),
            file_name: String::new(),
            media_type: "",
        }
    }
}

/// A run.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub merchant: MerchantId,
    /// Live or test.
    pub mode: Mode,
    /// Who asked for it.
    pub user: UserId,
    /// What it is called.
    pub title: String,
    /// What it does.
    pub kind: Kind,
    /// The right its file asks for.
    pub right: Option<Right>,
    /// Where it stands.
    pub state: State,
    /// Rows done.
    pub done: i64,
    /// Rows to do, when they are known.
    pub total: Option<i64>,
    /// Where the next step begins.
    pub place: Option<Id>,
    /// Parts written.
    pub parts: i64,
    /// Name of the file.
    pub file_name: String,
    /// Its media type.
    pub media_type: String,
    /// Bytes written.
    pub bytes: i64,
    /// Microseconds of work so far.
    pub worked: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Until when a process has it, by real time; 1970 while it waits for one.
    pub lease_until: Timestamp,
}

impl Run {
    /// How far it is, when that is known.
    #[must_use]
    pub fn percent(&self) -> Option<i64> {
        if self.state == State::Done {
            return Some(100);
        }
        let total = self.total.filter(|total| *total > 0)?;
        let most = if self.is_book() { GATHERED_PERCENT } else { 99 };
        Some(self.done.min(total).saturating_mul(most).checked_div(total).unwrap_or(0))
    }

    fn is_book(&self) -> bool {
        matches!(&self.kind, Kind::Export(payload)
            if Format::parse(&payload.format) == Some(Format::Xlsx))
    }

    /// Seconds since the process that has it wrote of it; nothing while it waits for one.
    fn silence(&self, now: Timestamp) -> Option<i64> {
        let is_taken = self.state == State::Running && self.lease_until.as_micros() > 0;
        let written = self.lease_until.as_seconds().saturating_sub(LEASE_SECONDS);
        is_taken.then(|| now.as_seconds().saturating_sub(written))
    }

    /// Whether a process wrote of it a moment ago.
    #[must_use]
    pub fn is_at_work(&self, now: Timestamp) -> bool {
        self.silence(now).is_some_and(|seconds| seconds <= SILENT_SECONDS)
    }

    /// Whether the process that has it must be gone; another takes it up when the lease is over.
    #[must_use]
    pub fn is_interrupted(&self, now: Timestamp) -> bool {
        let has_long_steps = self.is_book() || self.result().is_some();
        let longest = if has_long_steps { LONG_STEP_SECONDS } else { SILENT_SECONDS };
        self.silence(now).is_some_and(|seconds| seconds > longest)
    }

    /// Rows per second so far.
    #[must_use]
    pub fn rate(&self) -> Option<i64> {
        let per_second = i128::from(self.done).checked_mul(1_000_000)?;
        i64::try_from(per_second.checked_div(i128::from(self.worked))?).ok().filter(|r| *r > 0)
    }

    /// Seconds that are left, about.
    #[must_use]
    pub fn seconds_left(&self) -> Option<i64> {
        let left = self.total?.saturating_sub(self.done).max(0);
        left.checked_div(self.rate()?)
    }

    /// The page of the results of an errand.
    #[must_use]
    pub fn result(&self) -> Option<&str> {
        match &self.kind {
            Kind::Errand { result, .. } => Some(result),
            Kind::Export(_) => None,
        }
    }

    /// When the file is forgotten.
    #[must_use]
    pub fn file_ends(&self) -> Option<Timestamp> {
        self.ended_at.map(|at| at.plus_seconds(super::FILE_DAYS.saturating_mul(86_400)))
    }
}

/// The page of a run.
#[must_use]
pub fn path(id: JobId) -> String {
    format!("/traitements/{id}")
}
