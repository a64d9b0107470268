//! SQL of the cash desk: what a row of the list shows.

use db::{DbError, Row, Tx};
use kernel::{Money, PaymentId, PointOfSaleId, Scope, ShopId, Timestamp, Zone};
use web::list::seek::{Next, Plan, store as seek};

use super::filter::Filter;
use crate::payment::listing::store::{self as listing, TABLE};
use crate::payment::words::from_row;
use crate::payment::{Channel, GuaranteeValue, Payer, Status};

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
    /// Address of the payer; empty when unknown.
    pub email: String,
    /// Where it stands.
    pub status: Status,
    /// The asked amount.
    pub amount: Money,
    /// Debited so far.
    pub captured: Money,
    /// Given back so far.
    pub refunded: Money,
    /// Brand of the card, if there was one.
    pub brand: Option<String>,
    /// Last four digits of the card.
    pub last4: Option<String>,
    /// Where the sale was made.
    pub channel: Channel,
    /// The shop.
    pub shop: ShopId,
    /// The point of sale.
    pub point_of_sale: PointOfSaleId,
    /// Result of strong authentication.
    pub threeds: Option<String>,
    /// Who bears a fraud.
    pub guarantee: Option<GuaranteeValue>,
}

/// What a filter asks of the table.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn plan(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &Filter,
    (now, zone): (Timestamp, &Zone),
) -> Result<Plan, DbError> {
    listing::plan(tx, scope, &filter.sought(zone.date(now)), zone)
}

/// A page of the list, newest first, and what follows it.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn page_of(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &Filter,
    at: (Timestamp, &Zone),
) -> Result<(Vec<Listed>, Next), DbError> {
    let plan = plan(tx, scope, filter, at)?;
    let before = filter.before.map(|payment| payment.id());
    let found = seek::page(tx, (&TABLE, &plan), before, filter.rows())?;
    let rows = found.rows.iter().map(read).collect::<Result<Vec<_>, DbError>>()?;
    Ok((rows, found.next))
}

/// A page of the list, newest first, and whether more may follow.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn page(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &Filter,
    at: (Timestamp, &Zone),
) -> Result<(Vec<Listed>, bool), DbError> {
    let (rows, next) = page_of(tx, scope, filter, at)?;
    Ok((rows, next != Next::End))
}

/// Reads a row of the list.
///
/// # Errors
/// [`DbError::Corrupt`] when a column is not what it should be.
pub fn read(row: &Row) -> Result<Listed, DbError> {
    let currency = row.get("currency")?;
    let payer: String = row.get("payer")?;
    let payer: Payer =
        serde_json::from_str(&payer).map_err(|error| DbError::Corrupt(error.to_string()))?;
    let guarantee: Option<String> = row.get("guarantee_value")?;
    Ok(Listed {
        id: row.get("id")?,
        created_at: row.get("created_at")?,
        order_ref: row.get("order_ref")?,
        name: format!("{} {}", payer.first_name, payer.last_name).trim().to_owned(),
        email: payer.email.map_or_else(String::new, |email| email.as_str().to_owned()),
        status: from_row(row, "status", Status::parse)?,
        amount: Money::new(row.get("amount")?, currency),
        captured: Money::new(row.get("captured")?, currency),
        refunded: Money::new(row.get("refunded")?, currency),
        brand: row.get("card_brand")?,
        last4: row.get("card_last4")?,
        channel: from_row(row, "channel", Channel::parse)?,
        shop: row.get("shop_id")?,
        point_of_sale: row.get("point_of_sale_id")?,
        threeds: row.get("threeds_result")?,
        guarantee: guarantee.as_deref().and_then(GuaranteeValue::parse),
    })
}
