//! SQL of rules.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{RuleId, Scope, ShopId, WebhookEndpointId};

use super::{Events, Rule, Switch, Target};

static RULE: Insert = Insert {
    table: "notification_rule",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "preset",
        "name",
        "events",
        "condition",
        "target",
        "endpoint_id",
        "address",
        "enabled",
        "created_at",
    ],
};
const COLUMNS: &str = "id, shop_id, preset, name, events, condition, target, endpoint_id, \
     address, enabled, created_at";

/// Writes a new rule.
///
/// # Errors
/// [`DbError`].
pub fn insert(tx: &mut Tx<'_>, scope: &Scope, rule: &Rule) -> Result<(), DbError> {
    let (endpoint, address) = match &rule.target {
        Target::Webhook(endpoint) => (Some(*endpoint), None),
        Target::MerchantMail(address) => (None, address.as_ref().map(ToString::to_string)),
        Target::Sms(phone) => (None, Some(phone.to_string())),
        Target::PayerMail => (None, None),
    };
    tx.insert(
        &RULE,
        params![
            rule.id,
            scope.merchant(),
            scope.mode().as_str(),
            rule.shop,
            rule.preset.clone(),
            &rule.name,
            rule.events.text(),
            condition(rule),
            rule.target.word(),
            endpoint,
            address,
            rule.switch.is_on(),
            rule.created_at,
        ],
    )
}

/// Writes the events, the condition, the name and the switch of a rule anew.
///
/// # Errors
/// [`DbError`].
pub fn update(tx: &mut Tx<'_>, scope: &Scope, rule: &Rule) -> Result<(), DbError> {
    let sql = "UPDATE notification_rule SET name = $1, events = $2, condition = $3, enabled = $4 \
         WHERE id = $5 AND merchant_id = $6 AND mode = $7";
    let (on, mode) = (rule.switch.is_on(), scope.mode().as_str());
    let merchant = scope.merchant();
    let values =
        params![&rule.name, rule.events.text(), condition(rule), on, rule.id, merchant, mode];
    tx.exec(sql, &values).map(|_| ())
}

/// Removes a rule; false when there was none.
///
/// # Errors
/// [`DbError`].
pub fn delete(tx: &mut Tx<'_>, scope: &Scope, id: RuleId) -> Result<bool, DbError> {
    let sql = "DELETE FROM notification_rule WHERE id = $1 AND merchant_id = $2 AND mode = $3";
    Ok(tx.exec(sql, &params![id, scope.merchant(), scope.mode().as_str()])? == 1)
}

/// Removes the rules of an endpoint.
///
/// # Errors
/// [`DbError`].
pub fn delete_of(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (shop, endpoint): (ShopId, WebhookEndpointId),
) -> Result<(), DbError> {
    let sql = "DELETE FROM notification_rule WHERE shop_id = $1 AND merchant_id = $2 \
         AND endpoint_id = $3";
    tx.exec(sql, &params![shop, scope.merchant(), endpoint]).map(|_| ())
}

/// The rules of a shop, oldest first.
///
/// # Errors
/// [`DbError`].
pub fn of_shop(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<Vec<Rule>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM notification_rule WHERE shop_id = $1 AND merchant_id = $2 \
         AND mode = $3 ORDER BY id"
    );
    let values = params![shop, scope.merchant(), scope.mode().as_str()];
    tx.query(&sql, &values)?.iter().map(read).collect()
}

fn condition(rule: &Rule) -> String {
    serde_json::to_string(&rule.condition).unwrap_or_default()
}

fn read(row: &Row) -> Result<Rule, DbError> {
    let corrupt = |what: &str| DbError::Corrupt(format!("rule {what}"));
    let target = match row.get::<String>("target")?.as_str() {
        "webhook" => Target::Webhook(row.get("endpoint_id")?),
        "payer_mail" => Target::PayerMail,
        "merchant_mail" => {
            let address: Option<String> = row.get("address")?;
            let address = address.map(|text| text.parse()).transpose();
            Target::MerchantMail(address.map_err(|_| corrupt("address"))?)
        }
        "sms" => {
            let phone: String = row.get("address")?;
            Target::Sms(phone.parse().map_err(|_| corrupt("address"))?)
        }
        _ => return Err(corrupt("target")),
    };
    let condition: String = row.get("condition")?;
    Ok(Rule {
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        preset: row.get("preset")?,
        name: row.get("name")?,
        events: Events::stored(&row.get::<String>("events")?),
        condition: serde_json::from_str(&condition).map_err(|_| corrupt("condition"))?,
        target,
        switch: Switch::stored(row.get("enabled")?),
        created_at: row.get("created_at")?,
    })
}
