//! `/cartes/demain`: what is destroyed within the next day, and the same as a file, for whoever may
//! both see cards and export. Both end after 200 cards, and say so.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use documents::cell::Moment;
use documents::{Cell, Column, Format, Kind, TextSheet};
use http::Page;
use identity::extract::api::missing_right;
use identity::extract::{Staff, needs};
use kernel::{Right, ShopId, Timestamp};
use vault_wire::{CardOfBooking, CardsDue};
use web::shell::Shell;

use super::{Answer, Cards, failed, refused};
use crate::cards::of_booking::Stays;
use crate::cards::view::CardView;

const HOURS: i64 = 24;
/// Cards of one page; the vault tells no more at once.
const MOST_ROWS: u32 = 200;

#[derive(Template)]
#[template(path = "cards/templates/tomorrow.html")]
struct TomorrowPage {
    page: Page,
    shell: Shell,
    rows: Vec<CardView>,
    /// Whether there may be more than the page shows.
    full: bool,
    may_export: bool,
    may_extend: bool,
}

/// The routes of the page and its file.
pub(super) fn routes() -> Router<Cards> {
    Router::new().route("/cartes/demain", get(show)).route("/cartes/demain/export", get(export))
}

/// What goes, and the stays it was kept for.
async fn going<R>(
    cards: &Cards,
    staff: &Staff<R>,
) -> Result<(ShopId, Timestamp, Vec<CardOfBooking>, Stays), Response> {
    let shop = cards.shop(staff).await?;
    let now = cards.engine.ctx.now(shop);
    let asked = CardsDue { before: now.plus_minutes(HOURS * 60), limit: MOST_ROWS };
    let due = cards.ask(staff, shop, &asked).await;
    let due = due.map_err(|error| refused(staff, &error))?.cards;
    let stays = cards.engine.stays_of(&staff.scope, (&due, shop)).await;
    Ok((shop, now, due, stays.map_err(|error| failed(staff, &error))?))
}

/// Whether there may be more than the vault tells at once.
fn is_full(due: &[CardOfBooking]) -> bool {
    due.len() >= usize::try_from(MOST_ROWS).unwrap_or(usize::MAX)
}

async fn show(State(cards): State<Cards>, staff: Staff<needs::CardView>) -> Answer {
    let (_, now, due, stays) = going(&cards, &staff).await?;
    let now = (&staff.merchant.zone, now);
    let row = |one: &CardOfBooking| CardView::of(&staff.words, now, one).in_stay(&stays, one);
    let page = TomorrowPage {
        page: staff.page(&cards.engine.ctx, staff.words.say("cards-tomorrow-title")),
        shell: staff.shell.clone(),
        full: is_full(&due),
        rows: due.iter().map(row).collect(),
        may_export: staff.scope.may(Right::PaymentsExport),
        may_extend: staff.scope.may(Right::CardRetention),
    };
    Ok(http::html(&page))
}

async fn export(
    State(cards): State<Cards>,
    staff: Staff<needs::PaymentsExport>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    if !staff.scope.may(Right::CardView) {
        return Err(web::oops::page(&staff.words, &missing_right(Right::CardView)));
    }
    let (_, now, due, stays) = going(&cards, &staff).await?;
    let (words, zone) = (&staff.words, &staff.merchant.zone);
    let format = query.get("format").and_then(|word| Format::parse(word));
    let format = format.filter(|format| *format != Format::Xlsx).unwrap_or(Format::CsvSemicolon);
    let column = |name, key: &str, kind| Column { name, title: words.say(key), kind, width: 24 };
    let columns = vec![
        column("card", "cards-tomorrow-token", Kind::Text),
        column("brand", "cards-tomorrow-brand", Kind::Text),
        column("number", "cards-number", Kind::Text),
        column("booking", "cards-booking", Kind::Text),
        column("purge_at", "cards-end", Kind::Moment),
    ];
    let row = |one: &CardOfBooking| {
        let view = CardView::of(words, (zone, now), one).in_stay(&stays, one);
        let end = one.card.purge_at;
        vec![
            Cell::text(one.card.token.to_string()),
            Cell::text(view.brand),
            Cell::text(view.masked),
            Cell::text(view.booking),
            end.map_or(Cell::Empty, |at| Cell::Moment(Moment::of(at, zone))),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = due.iter().map(row).collect();
    if is_full(&due) {
        let rest = columns.iter().skip(1).map(|_| Cell::Empty);
        rows.push([Cell::text(words.say("cards-tomorrow-full"))].into_iter().chain(rest).collect());
    }
    let sheet = TextSheet::new(format, columns);
    let text = sheet.map(|sheet| [sheet.head(), sheet.rows(&rows)].concat()).unwrap_or_default();
    let mut response = text.into_response();
    let name = format!("cartes-demain-{}.{}", zone.date(now), format.extension());
    http::stream::as_attachment(&mut response, &name, format.media_type());
    cards.note(&staff, staff.line("cards.export", "tomorrow")).await?;
    Ok(response)
}
