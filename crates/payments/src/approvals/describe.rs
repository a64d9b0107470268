//! A request in the words of staff pages.

use http::Words;
use kernel::{Money, Timestamp, Zone, format};
use web::list::view::Chip;

use super::model::{Approval, State};
use crate::desk::{record, words};
use crate::engine::desk::{DeskError, What};

/// Who took part, by name.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Who asked.
    pub asker: String,
    /// Who answered; empty when nobody did.
    pub decider: String,
}

/// Where, when and by whom a request is read.
pub(super) struct Reader<'a> {
    pub(super) words: &'a Words,
    pub(super) zone: &'a Zone,
    pub(super) now: Timestamp,
}

impl Reader<'_> {
    fn when(&self, at: Timestamp) -> String {
        format::date_time(at, self.zone, self.words.locale())
    }

    /// Where the request stands.
    pub(super) fn chip(&self, approval: &Approval) -> Chip {
        let state = approval.state_at(self.now);
        let (icon, tone) = match state {
            State::Awaiting => ("wait", "info"),
            State::Granted => ("check", "ok"),
            State::Declined => ("ban", "bad"),
            State::Overtaken | State::Expired => ("minus", "neutral"),
        };
        Chip { word: self.words.say(&format!("approval-state-{}", key(state))), icon, tone }
    }

    /// What came of it, in a sentence.
    pub(super) fn outcome(&self, approval: &Approval, names: &Names) -> String {
        let at = approval.decided_at.map(|at| self.when(at)).unwrap_or_default();
        let until = self.when(approval.expires_at);
        let why = approval.why.as_deref().map(|why| self.why(why)).unwrap_or_default();
        let amount = approval.amount().map(|amount| words::money(self.words, amount));
        let values = [
            ("amount", amount.as_deref().unwrap_or_default()),
            ("asker", names.asker.as_str()),
            ("who", names.decider.as_str()),
            ("when", &at),
            ("until", &until),
            ("why", &why),
        ];
        let state = key(approval.state_at(self.now));
        self.words.with(&format!("approval-outcome-{state}"), &values)
    }

    fn why(&self, why: &str) -> String {
        let own = format!("approval-why-{}", words::dashed(why));
        let desk = format!("desk-why-{}", words::dashed(why));
        let known = [own, desk].into_iter().find(|key| self.words.has(key));
        known.map(|key| self.words.say(&key)).unwrap_or_default()
    }

    /// Label and value of what is asked for.
    pub(super) fn facts(&self, approval: &Approval, names: &Names) -> Vec<(String, String)> {
        let mut facts = Vec::new();
        let mut add = |key: &str, value: String| facts.push((self.words.say(key), value));
        let action = words::action_key(approval.what.action());
        add("approval-operation", self.words.say(action));
        if let Some(amount) = approval.amount() {
            add("desk-amount", words::money(self.words, amount));
        }
        if let What::Record { elsewhere, .. } = &approval.what {
            add("desk-means", self.words.say(&record::means_key(elsewhere.means)));
            add("desk-record-reference", elsewhere.reference.clone());
            add("desk-record-day", format::date(elsewhere.on, self.words.locale()));
        }
        if let Some(reason) = &approval.reason {
            add("desk-reason", reason.clone());
        }
        add("approval-asker", names.asker.clone());
        add("approval-asked-at", self.when(approval.asked_at));
        facts
    }

    /// Why an answer did nothing for now.
    pub(super) fn refusal(&self, error: &DeskError) -> String {
        match error {
            DeskError::AboveCeiling(most) => self.above(*most),
            DeskError::NotAllowed { why, .. } => self.words.say(&words::why_key(*why)),
            DeskError::RecordedAlready(_) => self.words.say("desk-record-twice"),
            _ => self.words.say("approval-not-now"),
        }
    }

    /// What somebody reads whose own ceiling is too low to answer.
    pub(super) fn above(&self, ceiling: Money) -> String {
        self.words.with("approval-above", &[("most", &words::money(self.words, ceiling))])
    }
}

fn key(state: State) -> &'static str {
    match state {
        State::Awaiting => "awaiting",
        other => other.as_str(),
    }
}

/// What the payment's page says of its latest request: tone, icon and sentence. What was granted
/// stands in the timeline already.
pub(crate) fn notice(
    words: &Words,
    zone: &Zone,
    now: Timestamp,
    (approval, names): (&Approval, &Names),
) -> Option<(&'static str, &'static str, String)> {
    let reader = Reader { words, zone, now };
    let (tone, icon) = match approval.state_at(now) {
        State::Awaiting => ("info", "wait"),
        State::Declined | State::Overtaken | State::Expired => ("warn", "alert"),
        State::Granted => return None,
    };
    Some((tone, icon, reader.outcome(approval, names)))
}
