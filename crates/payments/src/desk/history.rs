//! Everything that happened to one payment: operations, journal, messages, ledger.

use db::{DbError, Tx};
use http::Words;
use identity::audit::{self, Entry};
use kernel::{Scope, Timestamp, Zone, format};
use ledger::book::model::{Kind as Posting, Side};
use ledger::reading::{self, TimelineLine};
use ledger::{LedgerError, Reference};
use web::mail::{self, Sent};

use super::words;
use crate::chargebacks::model::Chargeback;
use crate::chargebacks::store as chargebacks;
use crate::payment::{Kind, OpState, Operation, Payment, Source};

/// What is read beside the payment.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Lines of the journal, latest first.
    pub audit: Vec<Entry>,
    /// Messages, oldest first.
    pub mails: Vec<Sent>,
    /// Lines of the ledger, oldest first.
    pub ledger: Vec<TimelineLine>,
    /// What its payer contests, oldest first.
    pub cases: Vec<Chargeback>,
}

/// One moment of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// What happened.
    pub what: String,
    /// More about it; may be empty.
    pub detail: String,
    /// Who did it and from where.
    pub who: String,
    /// When, in the merchant's zone.
    pub when: String,
    /// The same for machines.
    pub instant: String,
    /// `ok`, `bad` or nothing.
    pub tone: &'static str,
}

impl History {
    /// Reads what belongs to a payment.
    ///
    /// # Errors
    /// [`DbError`] of the engine.
    pub fn read(tx: &mut Tx<'_>, scope: &Scope, payment: &Payment) -> Result<Self, DbError> {
        let object = payment.id.to_string();
        let mut ledger = Vec::new();
        let moved = |o: &&Operation| matches!(o.kind, Kind::Capture | Kind::Refund);
        let cases = chargebacks::of_payment(tx, scope, payment.id)?;
        let operations = payment.operations.iter().filter(moved).map(|o| Reference::from(o.id));
        let items = operations.chain(cases.iter().map(|case| case.id.into()));
        for item in items.collect::<Vec<_>>() {
            match reading::timeline_of_item(tx, scope, &item) {
                Ok(lines) => ledger.extend(lines),
                Err(LedgerError::Db(error)) => return Err(error),
                Err(other) => return Err(DbError::Corrupt(other.to_string())),
            }
        }
        ledger.sort_by_key(|line| (line.recorded_at, line.kind != Posting::Capture, line.tx));
        Ok(Self {
            audit: audit::lines_of(tx, scope, &object)?,
            mails: mail::of_object(tx, scope, &object)?,
            ledger,
            cases,
        })
    }

    /// What the operator and the bank took of this payment, in minor units.
    #[must_use]
    pub fn fee_minor(&self) -> i64 {
        let fees = ["operator_fees", "chargeback_fees"];
        let fees = self.ledger.iter().filter(|line| fees.contains(&line.account.code()));
        fees.map(|line| match (line.kind, line.side) {
            (Posting::FeeNet | Posting::ChargebackFee, Side::Debit) => line.amount.minor(),
            (Posting::FeeReturned, Side::Credit) => line.amount.minor().saturating_neg(),
            _ => 0,
        })
        .fold(0, i64::saturating_add)
    }

    /// The timeline, oldest first: what the bank did, what people did, what was written to them.
    #[must_use]
    pub fn moments(&self, words: &Words, payment: &Payment, zone: &Zone) -> Vec<Moment> {
        let mut moments: Vec<(Timestamp, Moment)> = Vec::new();
        let told = Teller { words, zone };
        let created = ("desk-event-created", words::money(words, payment.amount));
        moments.push((payment.created_at, told.moment(payment.created_at, created, "")));
        for operation in &payment.operations {
            moments.push((operation.at, told.operation(operation, self)));
        }
        let shown = |entry: &&Entry| !is_operation(&entry.action, payment);
        for entry in self.audit.iter().rev().filter(shown) {
            moments.push((entry.at, told.journal(entry)));
        }
        for sent in &self.mails {
            let subject = ("desk-event-mail", sent.subject.clone());
            moments.push((sent.at, told.moment(sent.at, subject, &sent.to)));
        }
        moments.sort_by_key(|(at, _)| *at);
        moments.into_iter().map(|(_, moment)| moment).collect()
    }

    /// Name and address of the person behind an operation, from the journal.
    fn person(&self, operation: &Operation) -> Option<String> {
        let action = match operation.kind {
            Kind::Capture => "payment.capture",
            Kind::Void => "payment.cancel",
            Kind::Refund if operation.elsewhere.is_some() => "payment.refund_recorded",
            Kind::Refund => "payment.refund",
            Kind::Validate => "payment.validate",
            Kind::Authenticate
            | Kind::Authorise
            | Kind::Expire
            | Kind::Chargeback
            | Kind::ChargebackWon
            | Kind::ChargebackLost => return None,
        };
        let by_person = operation.author.starts_with("usr_");
        let entries = self.audit.iter().filter(|entry| by_person && entry.action == action);
        let near = |entry: &&Entry| {
            operation.sent_at.is_none_or(|sent| entry.at.micros_since(sent).abs() < 5_000_000)
        };
        let entry = entries.clone().find(near).or_else(|| entries.clone().next())?;
        Some(with_address(&entry.actor, &entry.address))
    }
}

/// Journal lines that the timeline shows already as operations of the payment.
fn is_operation(action: &str, payment: &Payment) -> bool {
    match action {
        "payment.create"
        | "payment.capture"
        | "payment.refund"
        | "payment.refund_recorded"
        | "payment.validate" => true,
        "payment.cancel" => payment.last(Kind::Void).is_some(),
        _ => false,
    }
}

fn with_address(name: &str, address: &str) -> String {
    if address.is_empty() { name.to_owned() } else { format!("{name} · {address}") }
}

struct Teller<'a> {
    words: &'a Words,
    zone: &'a Zone,
}

impl Teller<'_> {
    fn moment(&self, at: Timestamp, (key, value): (&str, String), who: &str) -> Moment {
        Moment {
            what: self.words.with(key, &[("value", &value)]),
            detail: String::new(),
            who: who.to_owned(),
            when: format::date_time(at, self.zone, self.words.locale()),
            instant: at.to_string(),
            tone: "",
        }
    }

    fn operation(&self, operation: &Operation, history: &History) -> Moment {
        let amount = words::money(self.words, operation.amount);
        let what = self
            .words
            .with(&format!("desk-op-{}", operation.kind.as_str()), &[("amount", amount.as_str())]);
        let state = match operation.elsewhere {
            _ if operation.is_of_case() => String::new(),
            Some(_) => self.words.say("desk-state-elsewhere"),
            None => self.words.say(&format!("desk-state-{}", operation.state.as_str())),
        };
        let refused = operation.state == OpState::Failed;
        let code = operation.code.as_deref().filter(|_| refused);
        let detail = match code {
            Some(code) => words::refusal(self.words, code, &operation.raw.code),
            None => self.elsewhere(operation),
        };
        let tone = match operation.state {
            OpState::Success if operation.is_against() => "bad",
            OpState::Success => "ok",
            OpState::Failed => "bad",
            _ => "",
        };
        let names = [("what", what.as_str()), ("state", state.as_str())];
        let who = history.person(operation).unwrap_or_else(|| self.author(operation));
        Moment {
            what: if state.is_empty() { what } else { self.words.with("desk-op", &names) },
            detail,
            who,
            when: format::date_time(operation.at, self.zone, self.words.locale()),
            instant: operation.at.to_string(),
            tone,
        }
    }

    /// How it was made, when it was made elsewhere, and why.
    fn elsewhere(&self, operation: &Operation) -> String {
        let reason = self.reason(operation);
        let Some(elsewhere) = &operation.elsewhere else { return reason };
        let told = self.words.with(
            "desk-op-elsewhere",
            &[
                ("means", &self.words.say(&super::record::means_key(elsewhere.means))),
                ("reference", &elsewhere.reference),
                ("day", &format::date(elsewhere.on, self.words.locale())),
            ],
        );
        if reason.is_empty() { told } else { format!("{told} {reason}") }
    }

    /// Why it was done; what the house gives as reason is a word of its own.
    fn reason(&self, operation: &Operation) -> String {
        let reason = operation.reason.as_deref().unwrap_or_default();
        let key = format!("desk-because-{}", words::dashed(reason));
        let own = operation.source == Source::Clock && self.words.has(&key);
        if own { self.words.say(&key) } else { reason.to_owned() }
    }

    fn author(&self, operation: &Operation) -> String {
        let key = match (operation.author.as_str(), operation.source) {
            ("payer", _) => "desk-by-payer",
            ("clock", _) => "desk-by-clock",
            (_, Source::Api) => "desk-by-api",
            (_, Source::Connector) => "desk-by-bank",
            _ => "desk-by-desk",
        };
        self.words.say(key)
    }

    /// How much was meant, where the line is of a request for an agreement.
    fn asked(&self, entry: &Entry) -> String {
        let after = entry.after.as_deref().filter(|_| entry.action.starts_with("approval."));
        let after = after.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        let amount = after.and_then(|after| {
            let currency = after["currency"].as_str()?.parse().ok()?;
            Some(kernel::Money::new(after["amount"].as_i64()?, currency))
        });
        amount.map(|amount| words::money(self.words, amount)).unwrap_or_default()
    }

    fn journal(&self, entry: &Entry) -> Moment {
        let key = format!("desk-audit-{}", entry.action.replace(['.', '_'], "-"));
        let what = if self.words.has(&key) { self.words.say(&key) } else { entry.action.clone() };
        Moment {
            what,
            detail: self.asked(entry),
            who: with_address(&entry.actor, &entry.address),
            when: format::date_time(entry.at, self.zone, self.words.locale()),
            instant: entry.at.to_string(),
            tone: "",
        }
    }
}
