//! All SQL of bookings.

use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{AuditId, BookingId, Date, Money, Scope, ShopId, Timestamp};

use super::model::{Booking, BookingState, NUMBER_PREFIX, Provenance, folded};
use crate::carts::{CartLine, Contact};
use crate::stored::{LINE_COLUMNS, json, line_values, parse, read_line, word};

static BOOKING: Insert = Insert {
    table: "booking",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "point_of_sale_id",
        "number",
        "state",
        "provenance",
        "cart_id",
        "hold_id",
        "starts",
        "ends",
        "total",
        "currency",
        "contact",
        "search",
        "version",
        "created_at",
        "changed_at",
        "find_name",
        "find_first_name",
        "find_email",
        "reference",
    ],
};
static LINE: Insert = Insert {
    table: "booking_line",
    columns: &[
        "booking_id",
        "position",
        "merchant_id",
        "kind",
        "lodging_id",
        "formula_id",
        "arrival",
        "departure",
        "guests",
        "names",
        "quote",
    ],
};
static JOURNAL: Insert = Insert {
    table: "booking_journal",
    columns: &[
        "id",
        "merchant_id",
        "booking_id",
        "at",
        "actor",
        "action",
        "before",
        "after",
        "note",
        "address",
    ],
};
/// States out of which no booking comes back: its reference may be another's.
pub(super) const OVER: &str = "'cancelled', 'refused', 'expired'";
/// What the engines call the key of references: one tells its columns, the other its name.
const REFERENCE_KEY: [&str; 2] = ["booking.reference", "booking_reference"];
const COLUMNS: &str = "id, number, shop_id, point_of_sale_id, state, provenance, cart_id, \
    hold_id, starts, ends, total, currency, contact, version, created_at, note, reference";

/// The next number of the merchant in a year; the counter row is the lock.
///
/// # Errors
/// [`DbError`].
pub fn next_count(tx: &mut Tx, scope: &Scope, year: i16) -> Result<i64, DbError> {
    let sql = "INSERT INTO booking_counter (merchant_id, mode, year, last) VALUES ($1, $2, $3, 1) \
               ON CONFLICT (merchant_id, mode, year) \
               DO UPDATE SET last = booking_counter.last + 1 RETURNING last";
    let values = params![scope.merchant(), scope.mode().as_str(), i32::from(year)];
    let row = tx.query_opt(sql, &values)?;
    row.ok_or_else(|| DbError::Corrupt("counter".into()))?.get("last")
}

/// Writes a new booking with its lines.
///
/// # Errors
/// [`DbError::Conflict`] when another booking of its shop has its reference; the database failed.
pub fn insert(tx: &mut Tx, scope: &Scope, booking: &Booking) -> Result<(), DbError> {
    let contact = &booking.contact;
    let [name, first_name, email] = found_by(contact);
    tx.insert(
        &BOOKING,
        params![
            booking.id,
            scope.merchant(),
            scope.mode().as_str(),
            booking.shop,
            booking.point_of_sale,
            &booking.number,
            booking.state.as_str(),
            booking.provenance.as_str(),
            booking.cart,
            booking.hold,
            booking.starts,
            booking.ends,
            booking.total.minor(),
            booking.total.currency(),
            json(contact)?,
            search_text(booking),
            booking.version,
            booking.created_at,
            booking.created_at,
            name,
            first_name,
            email,
            booking.reference.clone(),
        ],
    )?;
    for (position, line) in (1_u32..).zip(&booking.lines) {
        let values = line_values(scope, (booking.id, position), line)?;
        tx.insert(&LINE, values)?;
    }
    Ok(())
}

/// What a booking is found by.
fn search_text(booking: &Booking) -> String {
    let contact = &booking.contact;
    folded(&format!(
        "{} {} {} {} {} {} {}",
        booking.number,
        booking.reference.as_deref().unwrap_or_default(),
        contact.last_name,
        contact.first_name,
        contact.last_name,
        contact.email,
        contact.company,
    ))
}

/// Writes contact and note, unless the booking has moved on from the version it carries.
///
/// # Errors
/// [`DbError`].
pub fn save_contact(
    tx: &mut Tx,
    scope: &Scope,
    booking: &Booking,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "UPDATE booking SET contact = $1, note = $2, search = $3, find_name = $4, \
               find_first_name = $5, find_email = $6, changed_at = $7, version = version + 1 \
               WHERE merchant_id = $8 AND mode = $9 AND id = $10 AND version = $11";
    let [name, first_name, email] = found_by(&booking.contact);
    let values = params![
        json(&booking.contact)?,
        &booking.note,
        search_text(booking),
        name,
        first_name,
        email,
        now,
        scope.merchant(),
        scope.mode().as_str(),
        booking.id,
        booking.version,
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// What the list finds a booking by: its name from either end, and the address, as folded bytes,
/// which every engine orders alike.
fn found_by(contact: &Contact) -> [Vec<u8>; 3] {
    let (first, last) = (&contact.first_name, &contact.last_name);
    [format!("{last} {first}"), format!("{first} {last}"), contact.email.to_string()]
        .map(|text| folded(text.trim()).into_bytes())
}

/// Moves a booking from one state to another; true for exactly one caller.
///
/// # Errors
/// [`DbError`].
pub fn set_state(
    tx: &mut Tx,
    scope: &Scope,
    id: BookingId,
    (from, to, now): (BookingState, BookingState, Timestamp),
) -> Result<bool, DbError> {
    let sql = "UPDATE booking SET state = $1, changed_at = $2, version = version + 1 \
               WHERE merchant_id = $3 AND id = $4 AND state = $5";
    let values = params![to.as_str(), now, scope.merchant(), id, from.as_str()];
    Ok(tx.exec(sql, &values)? == 1)
}

/// One booking with its lines.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx, scope: &Scope, id: BookingId) -> Result<Option<Booking>, DbError> {
    let sql =
        format!("SELECT {COLUMNS} FROM booking WHERE merchant_id = $1 AND mode = $2 AND id = $3");
    let row = tx.query_opt(&sql, &params![scope.merchant(), scope.mode().as_str(), id])?;
    let Some(row) = row else { return Ok(None) };
    let mut booking = read(&row)?;
    booking.lines = lines(tx, scope, id)?;
    Ok(Some(booking))
}

/// The booking of a shop, or of any, of that number or of that reference of a program: none looks
/// like the other. Of several of one reference it is the one that is not over, else the newest.
///
/// # Errors
/// [`DbError`].
pub fn id_of(
    tx: &mut Tx,
    scope: &Scope,
    (name, shop): (&str, Option<ShopId>),
) -> Result<Option<BookingId>, DbError> {
    let column = if name.starts_with(NUMBER_PREFIX) { "number" } else { "reference" };
    let sql = format!(
        "SELECT id FROM booking WHERE merchant_id = $1 AND mode = $2 AND {column} = $3 \
         AND (shop_id = $4 OR $4 IS NULL) \
         ORDER BY CASE WHEN state IN ({OVER}) THEN 1 ELSE 0 END, id DESC LIMIT 1"
    );
    let row = tx.query_opt(&sql, &params![scope.merchant(), scope.mode().as_str(), name, shop])?;
    row.map(|row| row.get("id")).transpose()
}

/// The booking of a shop that has a reference and is not over.
///
/// # Errors
/// [`DbError`].
pub fn holder_of(
    tx: &mut Tx,
    scope: &Scope,
    (reference, shop): (&str, ShopId),
) -> Result<Option<BookingId>, DbError> {
    let sql = format!(
        "SELECT id FROM booking WHERE merchant_id = $1 AND mode = $2 AND shop_id = $3 \
         AND reference = $4 AND state NOT IN ({OVER})"
    );
    let values = params![scope.merchant(), scope.mode().as_str(), shop, reference];
    tx.query_opt(&sql, &values)?.map(|row| row.get("id")).transpose()
}

/// Whether a booking was not written because another one has its reference.
#[must_use]
pub fn is_reference_taken(error: &DbError) -> bool {
    matches!(error, DbError::Conflict(key) if REFERENCE_KEY.iter().any(|name| key.contains(name)))
}

/// What was booked.
///
/// # Errors
/// [`DbError`].
pub fn lines(tx: &mut Tx, scope: &Scope, id: BookingId) -> Result<Vec<CartLine>, DbError> {
    let sql = format!(
        "SELECT {LINE_COLUMNS} FROM booking_line \
         WHERE merchant_id = $1 AND booking_id = $2 ORDER BY position"
    );
    tx.query(&sql, &params![scope.merchant(), id])?.iter().map(read_line).collect()
}

/// What a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// One state.
    pub state: Option<BookingState>,
    /// Part of number, name or e-mail, as typed.
    pub text: String,
    /// First night on this date.
    pub arrival: Option<Date>,
    /// Leaving on this date.
    pub departure: Option<Date>,
    /// One shop.
    pub shop: Option<ShopId>,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Bookings older than this one.
    pub before: Option<BookingId>,
    /// At most so many.
    pub limit: u32,
}

/// A parameter is compared before it is asked for nothing: that is where it gets its type.
const WHERE_FILTER: &str = "WHERE merchant_id = $1 AND mode = $2 \
    AND (state = $3 OR $3 IS NULL) AND (starts = $4 OR $4 IS NULL) \
    AND (search LIKE $5 ESCAPE '!' OR $5 IS NULL) AND (shop_id = $6 OR $6 IS NULL) \
    AND (ends = $7 OR $7 IS NULL)";

fn filter_values(scope: &Scope, filter: &Filter) -> Vec<Val> {
    let text = folded(filter.text.trim());
    let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let like = (!text.is_empty()).then(|| format!("%{escaped}%"));
    let state = filter.state.map(|state| state.as_str().to_owned());
    params![
        scope.merchant(),
        scope.mode().as_str(),
        state,
        filter.arrival,
        like,
        filter.shop,
        filter.departure
    ]
}

/// Bookings of a filter, newest first, without their lines.
///
/// # Errors
/// [`DbError`].
pub fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    part: Part,
) -> Result<Vec<Booking>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM booking {WHERE_FILTER} \
         AND (id < $8 OR $8 IS NULL) ORDER BY id DESC LIMIT $9"
    );
    let mut values = filter_values(scope, filter);
    values.extend(params![part.before, part.limit]);
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// How many bookings a filter has, and their totals by currency.
///
/// # Errors
/// [`DbError`].
pub fn totals(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<Vec<(i64, Money)>, DbError> {
    let sql = format!(
        "SELECT COUNT(*) AS n, CAST(SUM(total) AS BIGINT) AS total, currency \
         FROM booking {WHERE_FILTER} GROUP BY currency ORDER BY currency"
    );
    let read = |row: &Row| {
        let (minor, currency): (i64, _) = (row.get("total")?, row.get("currency")?);
        Ok((row.get("n")?, Money::new(minor, currency)))
    };
    tx.query(&sql, &filter_values(scope, filter))?.iter().map(read).collect()
}

/// Something that happened to a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// When, by the shop's clock.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, such as `booking.confirmed`.
    pub action: String,
    /// State before; empty for the first line.
    pub before: String,
    /// State after.
    pub after: String,
    /// Words of staff, or what it was about.
    pub note: String,
    /// From which address; empty for what happened by itself.
    pub address: String,
}

/// Adds a line to the journal.
///
/// # Errors
/// [`DbError`].
pub fn note(
    tx: &mut Tx,
    scope: &Scope,
    (id, booking): (AuditId, BookingId),
    line: &JournalLine,
) -> Result<(), DbError> {
    let values = params![
        id,
        scope.merchant(),
        booking,
        line.at,
        &line.actor,
        &line.action,
        &line.before,
        &line.after,
        &line.note,
        &line.address,
    ];
    tx.insert(&JOURNAL, values)
}

/// The journal of a booking, oldest first.
///
/// # Errors
/// [`DbError`].
pub fn journal(tx: &mut Tx, scope: &Scope, id: BookingId) -> Result<Vec<JournalLine>, DbError> {
    let sql = "SELECT at, actor, action, before, after, note, address FROM booking_journal \
               WHERE merchant_id = $1 AND booking_id = $2 ORDER BY at, id";
    let read = |row: &Row| {
        Ok(JournalLine {
            at: row.get("at")?,
            actor: row.get("actor")?,
            action: row.get("action")?,
            before: row.get("before")?,
            after: row.get("after")?,
            note: row.get("note")?,
            address: row.get("address")?,
        })
    };
    tx.query(sql, &params![scope.merchant(), id])?.iter().map(read).collect()
}

pub(super) fn read(row: &Row) -> Result<Booking, DbError> {
    let total: i64 = row.get("total")?;
    Ok(Booking {
        id: row.get("id")?,
        number: row.get("number")?,
        reference: row.get("reference")?,
        shop: row.get("shop_id")?,
        point_of_sale: row.get("point_of_sale_id")?,
        state: word(row, "state", BookingState::parse)?,
        provenance: word(row, "provenance", Provenance::parse)?,
        cart: row.get("cart_id")?,
        hold: row.get("hold_id")?,
        starts: row.get("starts")?,
        ends: row.get("ends")?,
        total: Money::new(total, row.get("currency")?),
        contact: parse(row, "contact")?,
        note: row.get("note")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        lines: Vec::new(),
    })
}
