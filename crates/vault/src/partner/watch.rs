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
fn alarm(
    row: &PartnerRow,
    date: Date,
    month: Sums,
    (today, before): (Sums, Sums),
) -> Option<&'static str> {
    let declared = i64::from(row.about.application.volumes.cards_stored);
    let mean = before.reveals.checked_div(MONTH_DAYS).unwrap_or(0);
    let many = today.reveals > mean.saturating_mul(REVEALS_TIMES).max(REVEALS_AT_LEAST);
    if row.about.application.evidence.until < date {
        Some("evidence_expired")
    } else if month.stored > declared.saturating_mul(STORED_TIMES) {
        Some("cards_above_declared")
    } else if many {
        Some("reveals_above_usual")
    } else {
        None
    }
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
            let id = row.id;
            let read = move |tx: &mut Tx<'_>| {
                let month = store::sums(tx, id, (month_ago, tomorrow))?;
                let day = store::sums(tx, id, (today, tomorrow))?;
                Ok((month, day, store::sums(tx, id, (month_ago, today))?))
            };
            let (month, day, before) =
                self.db.read::<_, DbError, _>(read).await.map_err(internal)?;
            let Some(reason) = alarm(&row, today, month, (day, before)) else { continue };
            tracing::error!(partner = %id, reason, "ALARM: a partner is suspended");
            let decision = PartnerDecision::Suspend { reason: reason.to_owned() };
            self.decide(PartnerDecide { partner: id, decision, by: "clock".into() }).await?;
        }
        Ok(())
    }
}
