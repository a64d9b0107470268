//! SQL of the lists.

use db::{DbError, Row, Tx, Val, params};
use kernel::{Currency, Money, Scope, Zone, time};

use super::{Asked, Late, Page, Totals};
use crate::desk::store::Total;
use crate::payment::{save, store};

/// A page of payments, newest first, with the totals of the filter when they are wanted.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn page(tx: &mut Tx<'_>, scope: &Scope, asked: &Asked) -> Result<Page, DbError> {
    let zone = save::zone(tx, scope)?;
    let mut wanted = Conditions::of(scope, asked, &zone);
    let totals = match asked.totals {
        Totals::Wanted => Some(totals(tx, &wanted)?),
        Totals::Spared => None,
    };
    if let Some(before) = asked.before {
        wanted.and("id <", before.into());
    }
    let limit = wanted.mark(asked.limit.saturating_add(1).into());
    let sql =
        format!("SELECT * FROM payment WHERE {} ORDER BY id DESC LIMIT {limit}", wanted.text());
    let rows = tx.query(&sql, &wanted.values)?;
    let mut payments = rows.iter().map(store::read).collect::<Result<Vec<_>, DbError>>()?;
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    let more = payments.len() > limit;
    payments.truncate(limit);
    let next = payments.last().filter(|_| more).map(|payment| payment.id.to_string());
    Ok(Page { payments, totals, next })
}

fn totals(tx: &mut Tx<'_>, wanted: &Conditions) -> Result<Vec<Total>, DbError> {
    let sql = format!(
        "SELECT currency, COUNT(*) AS payments, CAST(SUM(amount) AS BIGINT) AS asked, \
         CAST(SUM(captured) AS BIGINT) AS captured, CAST(SUM(refunded) AS BIGINT) AS refunded \
         FROM payment WHERE {} GROUP BY currency ORDER BY currency",
        wanted.text()
    );
    let read = |row: &Row| {
        let currency: Currency = row.get("currency")?;
        let sum = |column: &str| Ok::<Money, DbError>(Money::new(row.get(column)?, currency));
        let (asked, captured) = (sum("asked")?, sum("captured")?);
        Ok(Total { count: row.get("payments")?, asked, captured, refunded: sum("refunded")? })
    };
    tx.query(&sql, &wanted.values)?.iter().map(read).collect()
}

/// Conditions joined by `AND`, each with its numbered value.
struct Conditions {
    texts: Vec<String>,
    values: Vec<Val>,
}

impl Conditions {
    fn of(scope: &Scope, asked: &Asked, zone: &Zone) -> Self {
        let texts = vec!["merchant_id = $1".into(), "mode = $2".into(), "shop_id = $3".into()];
        let values = params![scope.merchant(), scope.mode().as_str(), asked.shop];
        let mut all = Self { texts, values };
        let late = asked.late.map(|late| i64::from(late == Late::Yes));
        let equal: [(&str, Option<Val>); 8] = [
            ("order_ref =", asked.order_ref.clone().map(Val::from)),
            ("card_last4 =", asked.last4.clone().map(Val::from)),
            ("payer_email =", asked.email.clone().map(Val::from)),
            ("booking_id =", asked.booking.map(Val::from)),
            ("card_brand =", asked.brand.clone().map(Val::from)),
            ("channel =", asked.channel.map(|channel| Val::from(channel.as_str()))),
            ("amount =", asked.amount.map(Val::from)),
            ("late =", late.map(Val::from)),
        ];
        for (condition, value) in equal {
            if let Some(value) = value {
                all.and(condition, value);
            }
        }
        let (from, to) = asked.days;
        if let Some(from) = from {
            all.and("created_at >=", zone.start_of(from).into());
        }
        if let Some(to) = to {
            all.and("created_at <", zone.start_of(time::plus_days(to, 1)).into());
        }
        all.within(asked);
        if let Some(search) = &asked.search {
            all.texts.extend(crate::desk::store::condition(search, &mut all.values));
        }
        if !asked.statuses.is_empty() {
            let marks: Vec<String> =
                asked.statuses.iter().map(|status| all.mark(status.as_str().into())).collect();
            all.texts.push(format!("status IN ({})", marks.join(", ")));
        }
        all
    }

    /// What stands in texts and operations of the payment.
    fn within(&mut self, asked: &Asked) {
        if let Some(name) = &asked.name {
            let mark = self.mark(crate::desk::store::part(name));
            self.texts.push(format!("LOWER(payer_name) LIKE {mark} ESCAPE '\\'"));
        }
        if let Some(value) = asked.guarantee {
            let mark = self.mark(format!("%\"value\":\"{}\"%", value.as_str()).into());
            self.texts.push(format!("LOWER(guarantee) LIKE {mark}"));
        }
        if let Some(result) = &asked.threeds {
            let mark = self.mark(format!("%\"result\":\"{}\"%", result.to_lowercase()).into());
            self.texts.push(format!("LOWER(threeds) LIKE {mark}"));
        }
        let operation = |condition: String| {
            format!(
                "EXISTS (SELECT 1 FROM payment_operation o WHERE o.payment_id = payment.id \
                 AND o.merchant_id = payment.merchant_id AND {condition})"
            )
        };
        if let Some(number) = &asked.authorisation {
            let mark = self.mark(number.into());
            self.texts.push(operation(format!("LOWER(o.authorisation) = {mark}")));
        }
        if let Some(source) = asked.source {
            let mark = self.mark(source.as_str().into());
            let charged = format!("o.kind = 'authorise' AND o.source = {mark}");
            self.texts.push(operation(charged));
        }
    }

    fn and(&mut self, test: &str, value: Val) {
        let mark = self.mark(value);
        self.texts.push(format!("{test} {mark}"));
    }

    fn mark(&mut self, value: Val) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn text(&self) -> String {
        self.texts.join(" AND ")
    }
}
