//! All SQL of lists of cards.

use db::{DbError, Tx, Val, params};
use kernel::{CardToken, Date, MerchantId, ShopId, Timestamp};
use vault_wire::CardStatus;

use super::Wanted;
use crate::card::CardRow;
use crate::card::store::read_card;

/// A statement that grows, with the values of its places in their order.
struct Asked {
    sql: String,
    values: Vec<Val>,
}

impl Asked {
    /// The next place.
    fn place(&mut self, value: impl Into<Val>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn and(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
    }
}

/// The next cards of a shop behind `after`, newest first.
pub(crate) fn page(
    tx: &mut Tx<'_>,
    (merchant, shop): (MerchantId, ShopId),
    wanted: &Wanted,
    (after, limit): (Option<(Timestamp, CardToken)>, u32),
) -> Result<Vec<CardRow>, DbError> {
    let mut asked = Asked {
        sql: "SELECT * FROM vault_card WHERE merchant_id = $1 AND shop_id = $2 \
              AND kind <> 'single_use'"
            .to_owned(),
        values: params![merchant, shop],
    };
    narrow(&mut asked, wanted);
    if let Some((at, card)) = after {
        let (before, same, behind) = (asked.place(at), asked.place(at), asked.place(card));
        asked.and(&format!("(received_at < {before} OR (received_at = {same} AND id > {behind}))"));
    }
    let most = asked.place(limit);
    let sql = format!("{} ORDER BY received_at DESC, id LIMIT {most}", asked.sql);
    tx.query(&sql, &asked.values)?.iter().map(read_card).collect()
}

fn narrow(asked: &mut Asked, wanted: &Wanted) {
    let filter = &wanted.filter;
    stands(asked, filter.state, wanted.today);
    if !filter.bookings.is_empty() {
        let places: Vec<String> =
            filter.bookings.iter().map(|name| asked.place(name.as_str())).collect();
        asked.and(&format!("booking IN ({})", places.join(", ")));
    }
    if let Some(customer) = &filter.customer {
        let place = asked.place(customer.as_str());
        asked.and(&format!("customer = {place}"));
    }
    if let Some(fingerprint) = wanted.fingerprint {
        let place = asked.place(fingerprint);
        asked.and(&format!("fingerprint = {place}"));
    }
    if let Some(day) = filter.expires_before {
        let place = asked.place(month(day));
        asked.and(&format!("exp_year > 0 AND {EXPIRY} < {place}"));
    }
}

/// The months of an expiry since year 0.
const EXPIRY: &str = "exp_year * 12 + exp_month";

fn month(day: Date) -> i64 {
    i64::from(day.year()).saturating_mul(12).saturating_add(day.month().into())
}

/// The same states, in the same order, as a card says of itself.
fn stands(asked: &mut Asked, state: Option<CardStatus>, today: Date) {
    match state {
        None => asked.and("state = 'active'"),
        Some(CardStatus::Purged | CardStatus::None) => asked.and("state <> 'active'"),
        Some(CardStatus::Suspended) => asked.and("state = 'active' AND suspended IS NOT NULL"),
        Some(CardStatus::Expired) => {
            let place = asked.place(month(today));
            let over = format!("exp_year > 0 AND {EXPIRY} < {place}");
            asked.and(&format!("state = 'active' AND suspended IS NULL AND {over}"));
        }
        Some(state @ (CardStatus::Active | CardStatus::Pending)) => {
            let place = asked.place(month(today));
            let kind = if state == CardStatus::Pending { "=" } else { "<>" };
            asked.and(&format!(
                "state = 'active' AND suspended IS NULL AND kind {kind} 'pending' \
                 AND (exp_year = 0 OR {EXPIRY} >= {place})"
            ));
        }
    }
}
