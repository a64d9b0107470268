//! What stands on the board of virtual cards, mailed on Mondays at eight of the property's clock to
//! those who set how its cards are kept. A week without anything to do has no mail.

use db::jobs::{Job, NewJob};
use db::{DbError, Route, Tx};
use identity::merchants;
use identity::users::model::User;
use identity::users::people::holding;
use kernel::time::plus_days;
use kernel::{Date, JobId, MessageId, Right, Scope, ShopId, Timestamp, Zone, format};
use web::mail::{self, Channel, Mail};
use web::{Context, Next};

use super::board::{self, Count};
use super::list::PATH;
use super::model::Tab;
use super::view::Look;
use crate::engine::Engine;
use crate::jobs;
use crate::payment::save::{Pen, zone};

const HOUR: i8 = 8;
const WEEK_DAYS: i64 = 7;

/// Plans the next Monday of a shop that has virtual cards.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn plan(tx: &mut Tx<'_>, pen: &Pen<'_>, shop: ShopId) -> Result<(), DbError> {
    let zone = zone(tx, pen.scope)?;
    let job = NewJob {
        id: JobId::new(pen.now, pen.rng),
        merchant: pen.scope.merchant(),
        mode: pen.scope.mode(),
        shop,
        kind: jobs::VIRTUAL_DIGEST,
        dedupe: Some(shop.to_string()),
        run_at: next(&zone, pen.now),
        payload: serde_json::Value::Null,
    };
    db::jobs::enqueue(tx, &job)
}

/// The Monday of a day's week.
fn monday(day: Date) -> Date {
    plus_days(day, -i64::from(day.weekday().to_monday_zero_offset()))
}

/// The next Monday at eight.
fn next(zone: &Zone, now: Timestamp) -> Timestamp {
    let this = monday(zone.date(now));
    let first = zone.at(this, HOUR, 0);
    if now < first { first } else { zone.at(plus_days(this, WEEK_DAYS), HOUR, 0) }
}

impl Engine {
    /// Mails the board of a shop, once a week; safe to repeat.
    ///
    /// # Errors
    /// A sentence for the log; the job is tried again.
    pub(crate) async fn virtual_digest(&self, house: &Scope, job: &Job) -> Result<Next, String> {
        let (engine, scope, shop) = (self.clone(), house.clone(), job.shop);
        let write = move |tx: &mut Tx<'_>| tell(tx, (&engine.ctx, &engine.pen(&scope, shop)), shop);
        let zone = self.ctx.db.write::<_, DbError, _>(Route::of(shop.id()), write).await;
        let zone = zone.map_err(|error| error.to_string())?;
        Ok(Next::Again(next(&zone, self.ctx.now(shop))))
    }
}

/// Writes the mails of this week, unless they are written.
fn tell(tx: &mut Tx<'_>, (ctx, pen): (&Context, &Pen<'_>), shop: ShopId) -> Result<Zone, DbError> {
    let zone = zone(tx, pen.scope)?;
    let week = monday(zone.date(pen.now));
    let object = format!("{shop} {week}");
    let counts = board::counts(&board::entries(tx, pen, shop)?);
    let waits = |(tab, count): &(Tab, Count)| *tab != Tab::Charged && count.cards > 0;
    if !counts.iter().any(waits) || !mail::of_object(tx, pen.scope, &object)?.is_empty() {
        return Ok(zone);
    }
    let merchant = merchants::store::merchant(tx, pen.scope)?;
    let merchant = merchant.map(|merchant| merchant.name).unwrap_or_default();
    for user in holding(tx, pen.scope, (Right::CardSettings, shop))? {
        let letter = Letter { ctx, user: &user, merchant: &merchant, week, counts: &counts };
        let mail = letter.mail((pen, shop), &object);
        mail::send(tx, pen.scope, &mail, pen.now)?;
    }
    Ok(zone)
}

/// The mail of one person.
struct Letter<'a> {
    ctx: &'a Context,
    user: &'a User,
    merchant: &'a str,
    week: Date,
    counts: &'a [(Tab, Count)],
}

impl Letter<'_> {
    fn mail(&self, (pen, shop): (&Pen<'_>, ShopId), object: &str) -> Mail {
        let words = self.ctx.words(self.user.locale);
        let look = Look { words: &words, now: pen.now, ceiling: None };
        let filled = self.counts.iter().filter(|(_, count)| count.cards > 0);
        let line = |(tab, count): &(Tab, Count)| {
            let tab = look.tab(PATH, (*tab, count), None);
            words.with("vcc-digest-line", &[("list", &tab.label), ("count", &tab.count)])
        };
        let lines: Vec<String> = filled.map(line).collect();
        let values = [
            ("name", self.user.name.as_str()),
            ("merchant", self.merchant),
            ("day", &format::long_date(self.week, self.user.locale)),
            ("lines", &lines.join("\n")),
        ];
        let subject = words.with("vcc-digest-subject", &values);
        Mail {
            id: MessageId::new(pen.now, pen.rng),
            channel: Channel::Mail,
            shop,
            to: self.user.email.to_string(),
            subject: subject.chars().take(mail::MAX_SUBJECT_CHARACTERS).collect(),
            text: words.with("vcc-digest", &values),
            link: Some(format!("{}{PATH}", self.ctx.urls.app)),
            object: object.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_53_the_digest_leaves_on_mondays_at_eight_also_when_the_clocks_change() {
        let zone = Zone::paris();
        let at = |day: &str, hour| zone.at(day.parse().unwrap(), hour, 0);
        assert_eq!(next(&zone, at("2026-06-14", 23)), at("2026-06-15", 8));
        assert_eq!(next(&zone, at("2026-06-15", 7)), at("2026-06-15", 8));
        assert_eq!(next(&zone, at("2026-06-15", 8)), at("2026-06-22", 8));
        assert_eq!(next(&zone, at("2026-10-24", 12)), at("2026-10-26", 8));
    }
}
