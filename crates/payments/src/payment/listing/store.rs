//! SQL of the lists.

use db::{DbError, Tx, Val, params};
use kernel::Scope;

use super::{Asked, Page};
use crate::payment::store;

/// A page of payments, newest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn page(tx: &mut Tx<'_>, scope: &Scope, asked: &Asked) -> Result<Page, DbError> {
    let mut sql =
        "SELECT * FROM payment WHERE merchant_id = $1 AND mode = $2 AND shop_id = $3".to_owned();
    let mut values = params![scope.merchant(), scope.mode().as_str(), asked.shop];
    let mut and = |condition: &str, value: Val| {
        values.push(value);
        sql.push_str(&format!(" AND {condition} ${}", values.len()));
    };
    let equal: [(&str, Option<Val>); 6] = [
        ("order_ref =", asked.order_ref.clone().map(Val::from)),
        ("card_last4 =", asked.last4.clone().map(Val::from)),
        ("payer_email =", asked.email.clone().map(Val::from)),
        ("booking_id =", asked.booking.map(Val::from)),
        ("card_brand =", asked.brand.clone().map(Val::from)),
        ("channel =", asked.channel.map(|channel| Val::from(channel.as_str()))),
    ];
    for (condition, value) in equal {
        if let Some(value) = value {
            and(condition, value);
        }
    }
    if let Some(before) = asked.before {
        and("id <", Val::from(before));
    }
    if let Some(search) = &asked.search
        && let Some(condition) = crate::desk::store::condition(search, &mut values)
    {
        sql.push_str(&format!(" AND {condition}"));
    }
    if !asked.statuses.is_empty() {
        let marks: Vec<String> = asked
            .statuses
            .iter()
            .map(|status| {
                values.push(Val::from(status.as_str()));
                format!("${}", values.len())
            })
            .collect();
        sql.push_str(&format!(" AND status IN ({})", marks.join(", ")));
    }
    values.push(Val::from(asked.limit.saturating_add(1)));
    sql.push_str(&format!(" ORDER BY id DESC LIMIT ${}", values.len()));
    let mut payments =
        tx.query(&sql, &values)?.iter().map(store::read).collect::<Result<Vec<_>, DbError>>()?;
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    let more = payments.len() > limit;
    payments.truncate(limit);
    let next = payments.last().filter(|_| more).map(|payment| payment.id.to_string());
    Ok(Page { payments, next })
}
