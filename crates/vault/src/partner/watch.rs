//! What suspends a partner by itself, looked at each minute: an attestation that has ended, far
//! more cards than he declared, far more looks at numbers than usual.

use db::{DbError, Tx};
use kernel::{Date, Timestamp, Zone};
use vault_wire::{PartnerDecide, PartnerDecision, PartnerState, Refused};

use super::book::Partners;
use super::store::{self, PartnerRow, Sums};
use crate::capture::internal;

const MONTH_DAYS: i64 = 30;
/// Cards stored in a month, against those declared.
const STORED_TIMES: i64 = 3;
/// Looks of a day, against the mean of the month before.
const REVEALS_TIMES: i64 = 5;
/// Fewer looks in a day than this are nobody's alarm.
const REVEALS_AT_LEAST: i64 = 20;

/// Why a partner is stopped; nothing when all is as it should be.
fn alarm(row: &PartnerRow, today: Date, done: &Done) -> Option<&'static str> {
    let application = &row.about.application;
    let declared = i64::from(application.volumes.cards_stored);
    let mean = done.before.reveals.checked_div(MONTH_DAYS).unwrap_or(0);
    let usual = mean.saturating_mul(REVEALS_TIMES).max(REVEALS_AT_LEAST);
    if application.evidence.until < today {
        Some("evidence_expired")
    } else if done.month.stored > declared.saturating_mul(STORED_TIMES) {
        Some("cards_above_declared")
    } else if done.today.reveals > usual {
        Some("reveals_above_usual")
    } else {
        None
    }
}

/// The first day that counts against him: what the operator knew when he last decided does not.
fn since(row: &PartnerRow, month_ago: Date) -> Date {
    let decided = row.about.decided_at.map(|at| kernel::time::plus_days(Zone::paris().date(at), 1));
    decided.map_or(month_ago, |day| day.max(month_ago))
}

/// What a partner did with live cards.
struct Done {
    /// In the last month, today with it, after the day of the last decision.
    month: Sums,
    /// Nothing on the day of the last decision.
    today: Sums,
    /// In the month before today.
    before: Sums,
}

impl Partners {
    /// Looks at everybody who is active.
    pub(crate) async fn watch(&self, now: Timestamp) -> Result<(), Refused> {
        let today = Zone::paris().date(now);
        let tomorrow = kernel::time::plus_days(today, 1);
        let month_ago = kernel::time::plus_days(today, -MONTH_DAYS);
        for row in self.everybody() {
            if row.state != PartnerState::Active {
                continue;
            }
            let (id, since) = (row.id, since(&row, month_ago));
            let read = move |tx: &mut Tx<'_>| {
                let month = store::sums(tx, id, (since, tomorrow))?;
                let day = store::sums(tx, id, (today.max(since), tomorrow))?;
                let before = store::sums(tx, id, (month_ago, today))?;
                Ok(Done { month, today: day, before })
            };
            let done = self.db.read::<_, DbError, _>(read).await.map_err(internal)?;
            let Some(reason) = alarm(&row, today, &done) else { continue };
            tracing::error!(partner = %id, reason, "ALARM: a partner is suspended");
            let decision = PartnerDecision::Suspend { reason: reason.to_owned() };
            self.decide(PartnerDecide { partner: id, decision, by: "clock".into() }).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;
    use kernel::{PartnerId, Timestamp};
    use serde_json::json;

    use super::*;
    use crate::partner::store::About;

    fn active() -> PartnerRow {
        let contact = json!({ "name": "A", "email": "a@pms.example", "phone": "0241501234" });
        let application = serde_json::from_value(json!({
            "company": "PMS", "siren": "732829320", "security_contact": contact,
            "technical_contact": contact, "purpose": "x", "scopes": ["cards.write"],
            "volumes": { "cards_stored": 100, "reveals": 10, "debits": 0 },
            "ips": ["8.8.8.8"], "evidence": { "kind": "saq", "level": "D", "until": "2027-01-31" },
        }));
        let about = About {
            application: application.unwrap(),
            quotas: vault_wire::PartnerQuotas::default(),
            ips: Vec::new(),
            waiting: Vec::new(),
            because: None,
            decided_at: None,
        };
        let (id, at) = (PartnerId::random(&SeededRng::new(1)), Timestamp::from_micros(0));
        PartnerRow { id, state: PartnerState::Active, about, submitted_at: at, keys: Vec::new() }
    }

    #[test]
    fn v_115_what_is_far_from_declared_or_usual_suspends() {
        let (row, day) = (active(), |text: &str| text.parse::<Date>().unwrap());
        let told = |stored, reveals, before| {
            let done = Done {
                month: Sums { stored, reveals: 0 },
                today: Sums { stored: 0, reveals },
                before: Sums { stored: 0, reveals: before },
            };
            alarm(&row, day("2027-01-31"), &done)
        };
        assert_eq!(told(300, 20, 0), None, "as much as three times the declared is let pass");
        assert_eq!(told(301, 0, 0), Some("cards_above_declared"));
        assert_eq!(told(0, 21, 0), Some("reveals_above_usual"));
        assert_eq!(told(0, 50, 300), None, "five times ten a day");
        assert_eq!(told(0, 51, 300), Some("reveals_above_usual"));
        let nothing =
            Done { month: Sums::default(), today: Sums::default(), before: Sums::default() };
        assert_eq!(alarm(&row, day("2027-02-01"), &nothing), Some("evidence_expired"));
    }

    #[test]
    fn v_115_what_the_operator_knew_when_he_decided_is_not_held_against_a_partner() {
        let (mut row, day) = (active(), |text: &str| text.parse::<Date>().unwrap());
        let month_ago = day("2027-01-01");
        assert_eq!(since(&row, month_ago), month_ago);
        let at = |text: &str| Timestamp::parse_rfc3339(text).ok();
        row.about.decided_at = at("2027-01-20T23:30:00Z");
        assert_eq!(since(&row, month_ago), day("2027-01-22"), "the day after, in Paris");
        row.about.decided_at = at("2026-06-01T08:00:00Z");
        assert_eq!(since(&row, month_ago), month_ago);
    }
}
