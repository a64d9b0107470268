//! SQL of the cash desk: a page of payments and the totals of a whole filter.

use db::{DbError, Row, Tx, Val, params};
use kernel::{Currency, Money, PaymentId, Scope, Timestamp, Zone};

use super::filter::{Filter, Reading};
use crate::payment::Status;
use crate::payment::words::from_row;

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: PaymentId,
    /// When it was made.
    pub created_at: Timestamp,
    /// The merchant's reference.
    pub order_ref: String,
    /// Name of the payer, as he wrote it; empty when unknown.
    pub name: String,
    /// Where it stands.
    pub status: Status,
    /// The asked amount.
    pub amount: Money,
    /// Given back so far.
    pub refunded: Money,
    /// Brand of the card, if there was one.
    pub brand: Option<String>,
    /// Last four digits of the card.
    pub last4: Option<String>,
}

/// Sums of a whole filter in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// How many payments.
    pub count: i64,
    /// Asked.
    pub asked: Money,
    /// Debited from payers.
    pub captured: Money,
    /// Given back.
    pub refunded: Money,
}

/// A page of the list, newest first, and whether more follow.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn page(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &Filter,
    at: (Timestamp, &Zone),
) -> Result<(Vec<Listed>, bool), DbError> {
    let mut wanted = Conditions::of(scope, filter, at);
    if let Some(before) = filter.before {
        wanted.add("id <", before.into());
    }
    let limit = wanted.next(i64::from(filter.rows()).saturating_add(1).into());
    let sql = format!(
        "SELECT id, created_at, order_ref, payer, status, amount, currency, refunded, \
         card_brand, card_last4 FROM payment WHERE {} ORDER BY id DESC LIMIT {limit}",
        wanted.text()
    );
    let mut rows =
        tx.query(&sql, &wanted.values)?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let size = usize::try_from(filter.rows()).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    Ok((rows, more))
}

/// Sums of everything the filter lets through, one per currency.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn totals(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &Filter,
    at: (Timestamp, &Zone),
) -> Result<Vec<Total>, DbError> {
    let wanted = Conditions::of(scope, filter, at);
    let sql = format!(
        "SELECT currency, COUNT(*) AS payments, CAST(SUM(amount) AS BIGINT) AS asked, \
         CAST(SUM(captured) AS BIGINT) AS captured, CAST(SUM(refunded) AS BIGINT) AS refunded \
         FROM payment WHERE {} GROUP BY currency ORDER BY currency",
        wanted.text()
    );
    let read = |row: &Row| {
        let currency: Currency = row.get("currency")?;
        let sum = |column: &str| Ok::<Money, DbError>(Money::new(row.get(column)?, currency));
        Ok(Total {
            count: row.get("payments")?,
            asked: sum("asked")?,
            captured: sum("captured")?,
            refunded: sum("refunded")?,
        })
    };
    tx.query(&sql, &wanted.values)?.iter().map(read).collect()
}

/// Conditions joined by `AND`, each with its numbered value.
struct Conditions {
    texts: Vec<String>,
    values: Vec<Val>,
}

impl Conditions {
    fn of(scope: &Scope, filter: &Filter, (now, zone): (Timestamp, &Zone)) -> Self {
        let mut all = Self {
            texts: vec!["merchant_id = $1".into(), "mode = $2".into()],
            values: params![scope.merchant(), scope.mode().as_str()],
        };
        let statuses = filter.statuses();
        if !statuses.is_empty() {
            let marks: Vec<String> =
                statuses.iter().map(|status| all.next(status.as_str().into())).collect();
            all.texts.push(format!("status IN ({})", marks.join(", ")));
        }
        if let Some((from, to)) = filter.span(now, zone) {
            all.add("created_at >=", from.into());
            all.add("created_at <", to.into());
        }
        if let Some(brand) = &filter.brand {
            all.add("card_brand =", brand.into());
        }
        if let Some(reading) = filter.reading(zone.date(now)) {
            all.texts.extend(condition(&reading, &mut all.values));
        }
        all
    }

    fn add(&mut self, test: &str, value: Val) {
        let mark = self.next(value);
        self.texts.push(format!("{test} {mark}"));
    }

    fn next(&mut self, value: Val) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn text(&self) -> String {
        self.texts.join(" AND ")
    }
}

/// The condition on payments that a search stands for, with its values; a day has none.
pub(crate) fn condition(reading: &Reading, values: &mut Vec<Val>) -> Option<String> {
    let mut next = |value: Val| {
        values.push(value);
        format!("${}", values.len())
    };
    Some(match reading {
        Reading::LastFour(digits) => format!("card_last4 = {}", next(digits.into())),
        Reading::Amount(minor) => format!("amount = {}", next((*minor).into())),
        Reading::Email(text) => {
            format!("LOWER(payer_email) LIKE {} ESCAPE '\\'", next(part(text)))
        }
        Reading::Payment(id) => format!("id = {}", next((*id).into())),
        Reading::Booking(id) => format!("booking_id = {}", next((*id).into())),
        Reading::Day(_) => return None,
        Reading::Text(text) => {
            let (reference, name, number) = (next(part(text)), next(part(text)), next(text.into()));
            format!(
                "(LOWER(order_ref) LIKE {reference} ESCAPE '\\' \
                 OR LOWER(payer_name) LIKE {name} ESCAPE '\\' \
                 OR EXISTS (SELECT 1 FROM payment_operation o WHERE o.payment_id = payment.id \
                 AND o.merchant_id = payment.merchant_id AND LOWER(o.authorisation) = {number}))"
            )
        }
    })
}

/// A pattern for "contains", with the wild cards of the text itself made plain.
pub(crate) fn part(text: &str) -> Val {
    let plain = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Val::Text(format!("%{plain}%"))
}

fn read(row: &Row) -> Result<Listed, DbError> {
    let currency = row.get("currency")?;
    let payer: String = row.get("payer")?;
    let payer: crate::payment::Payer =
        serde_json::from_str(&payer).map_err(|error| DbError::Corrupt(error.to_string()))?;
    Ok(Listed {
        id: row.get("id")?,
        created_at: row.get("created_at")?,
        order_ref: row.get("order_ref")?,
        name: format!("{} {}", payer.first_name, payer.last_name).trim().to_owned(),
        status: from_row(row, "status", Status::parse)?,
        amount: Money::new(row.get("amount")?, currency),
        refunded: Money::new(row.get("refunded")?, currency),
        brand: row.get("card_brand")?,
        last4: row.get("card_last4")?,
    })
}
