//! What the page of a refused card says of its channel.

use axum::response::Response;
use db::{DbError, Tx};
use identity::extract::Staff;
use kernel::{ShopId, format};
use vault_wire::CardOfBooking;

use super::{Cards, failed};

/// The sentence, and the words and address of a link.
type Told = (String, Option<(String, &'static str)>);

/// To whom a card that its issuer refused is reported; nothing for a card of no channel.
pub(super) async fn told<R>(
    cards: &Cards,
    staff: &Staff<R>,
    (kept, shop): (&CardOfBooking, ShopId),
) -> Result<Option<Told>, Response> {
    if kept.card.verification.status != "failed" || kept.card.channel.is_none() {
        return Ok(None);
    }
    let zone = staff.merchant.zone.clone();
    let (engine, scope, kept) = (cards.engine.clone(), staff.scope.clone(), kept.clone());
    let read = move |tx: &mut Tx<'_>| engine.report_of(tx, &scope, (&kept, shop, &zone));
    let report = cards.engine.ctx.db.read::<_, DbError, _>(read).await;
    let report = report.map_err(|error| failed(staff, &error))?;
    let channel = [("channel", report.channel.as_str())];
    let said = match report.until {
        Some(until) => {
            // The midnight that ends a day is told by that day.
            let day = staff.merchant.zone.date(until.plus_seconds(-60));
            let until = format::long_date(day, staff.words.locale());
            staff.words.with("cards-report", &[channel[0], ("until", &until)])
        }
        None => staff.words.with("cards-report-open", &channel),
    };
    let link = report.href.map(|href| (staff.words.with("cards-report-go", &channel), href));
    Ok(Some((said, link)))
}
