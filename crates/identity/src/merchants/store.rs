//! SQL of merchants, shops and points of sale.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{Email, Locale, MerchantId, Mode, PointOfSaleId, Scope, ShopId, Timestamp, Zone};

use super::model::{Custody, FeePlan, LogoMark, Merchant, PointOfSale, Shop};

static MERCHANT: Insert = Insert {
    table: "merchant",
    columns: &[
        "merchant_id",
        "name",
        "slug",
        "zone",
        "currency",
        "locale",
        "accent",
        "phone",
        "email",
        "address",
        "created_at",
    ],
};

static SHOP: Insert = Insert {
    table: "shop",
    columns: &[
        "id",
        "merchant_id",
        "name",
        "mode",
        "contract_id",
        "custody",
        "fee_basis_points",
        "fee_fixed_minor",
        "brands",
        "return_origins",
        "created_at",
    ],
};

static POINT_OF_SALE: Insert = Insert {
    table: "point_of_sale",
    columns: &["id", "merchant_id", "shop_id", "name", "channel", "created_at"],
};

pub(super) fn add(
    tx: &mut Tx<'_>,
    scope: &Scope,
    merchant: &Merchant,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.insert(
        &MERCHANT,
        params![
            scope.merchant(),
            merchant.name.clone(),
            merchant.slug.clone(),
            merchant.zone.name(),
            merchant.currency,
            merchant.locale.code(),
            merchant.accent.clone(),
            merchant.phone.clone(),
            merchant.email.as_str(),
            merchant.address.clone(),
            now,
        ],
    )
}

pub(super) fn add_shop(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: &Shop,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.insert(
        &SHOP,
        params![
            shop.id,
            scope.merchant(),
            shop.name.clone(),
            shop.mode.as_str(),
            shop.contract,
            shop.custody.as_str(),
            shop.fee.basis_points,
            shop.fee.fixed_minor,
            list_text(&shop.brands),
            list_text(&shop.return_origins),
            now,
        ],
    )
}

pub(super) fn add_point_of_sale(
    tx: &mut Tx<'_>,
    scope: &Scope,
    point: &PointOfSale,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.insert(
        &POINT_OF_SALE,
        params![
            point.id,
            scope.merchant(),
            point.shop,
            point.name.clone(),
            point.channel.clone(),
            now,
        ],
    )
}

/// Every merchant of the installation: for the operator's own commands, never for a page.
///
/// # Errors
/// [`DbError`].
pub fn all_ids(tx: &mut Tx<'_>) -> Result<Vec<MerchantId>, DbError> {
    let rows = tx.query("SELECT merchant_id FROM merchant ORDER BY merchant_id", &[])?;
    rows.iter().map(|row| row.get("merchant_id")).collect()
}

/// The merchant of the scope, under the name that the site of his shop of this mode has.
///
/// # Errors
/// [`DbError`].
pub fn merchant(tx: &mut Tx<'_>, scope: &Scope) -> Result<Option<Merchant>, DbError> {
    let row = tx.query_opt(
        "SELECT m.merchant_id, m.name, m.zone,
                COALESCE((SELECT s.slug FROM shop s WHERE s.merchant_id = m.merchant_id
                    AND s.mode = $2 AND s.slug IS NOT NULL ORDER BY s.created_at, s.id LIMIT 1),
                    m.slug) AS slug, m.currency, m.locale, m.accent, m.phone,
                m.email, m.address, l.hash AS logo_hash, l.width, l.height
         FROM merchant m LEFT JOIN merchant_logo l ON l.merchant_id = m.merchant_id
         WHERE m.merchant_id = $1",
        &params![scope.merchant(), scope.mode().as_str()],
    )?;
    row.as_ref().map(merchant_of).transpose()
}

/// A shop of the scope's merchant and mode.
///
/// # Errors
/// [`DbError`].
pub fn shop(tx: &mut Tx<'_>, scope: &Scope, id: ShopId) -> Result<Option<Shop>, DbError> {
    let row = tx.query_opt(
        "SELECT id, name, mode, contract_id, custody, fee_basis_points, fee_fixed_minor, brands,
                return_origins, opened_at
         FROM shop WHERE id = $1 AND merchant_id = $2 AND mode = $3",
        &params![id, scope.merchant(), scope.mode().as_str()],
    )?;
    row.as_ref().map(shop_of).transpose()
}

/// All shops of the scope's merchant and mode, oldest first.
///
/// # Errors
/// [`DbError`].
pub fn shops(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<Shop>, DbError> {
    let rows = tx.query(
        "SELECT id, name, mode, contract_id, custody, fee_basis_points, fee_fixed_minor, brands,
                return_origins, opened_at
         FROM shop WHERE merchant_id = $1 AND mode = $2 ORDER BY created_at, id",
        &params![scope.merchant(), scope.mode().as_str()],
    )?;
    rows.iter().map(shop_of).collect()
}

/// Notes under which name a shop has its site.
pub(super) fn set_slug(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (shop, slug): (ShopId, &str),
) -> Result<(), DbError> {
    let sql = "UPDATE shop SET slug = $1 WHERE id = $2 AND merchant_id = $3";
    tx.exec(sql, &params![slug, shop, scope.merchant()]).map(|_| ())
}

/// The modes in which the scope's merchant has a shop.
///
/// # Errors
/// [`DbError`].
pub fn modes(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<Mode>, DbError> {
    let sql = "SELECT DISTINCT mode FROM shop WHERE merchant_id = $1 ORDER BY mode";
    let rows = tx.query(sql, &params![scope.merchant()])?;
    let mode = |row: &Row| Mode::parse(&row.get::<String>("mode")?).ok_or_else(|| corrupt("mode"));
    rows.iter().map(mode).collect()
}

/// Opens the live shops of the scope's merchant that are not open yet; how many there were.
///
/// # Errors
/// [`DbError`].
pub fn open_live(tx: &mut Tx<'_>, scope: &Scope, now: Timestamp) -> Result<u64, DbError> {
    let sql = "UPDATE shop SET opened_at = $1 \
         WHERE merchant_id = $2 AND mode = $3 AND opened_at IS NULL";
    tx.exec(sql, &params![now, scope.merchant(), Mode::Live.as_str()])
}

/// A point of sale of the scope's merchant, if its shop is of the scope's mode.
///
/// # Errors
/// [`DbError`].
pub fn point_of_sale(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: PointOfSaleId,
) -> Result<Option<PointOfSale>, DbError> {
    let row = tx.query_opt(
        "SELECT p.id, p.shop_id, p.name, p.channel FROM point_of_sale p
         JOIN shop s ON s.id = p.shop_id AND s.merchant_id = p.merchant_id
         WHERE p.id = $1 AND p.merchant_id = $2 AND s.mode = $3",
        &params![id, scope.merchant(), scope.mode().as_str()],
    )?;
    row.as_ref().map(point_of).transpose()
}

/// The points of sale of a shop, oldest first.
///
/// # Errors
/// [`DbError`].
pub fn points_of_sale(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
) -> Result<Vec<PointOfSale>, DbError> {
    let rows = tx.query(
        "SELECT p.id, p.shop_id, p.name, p.channel FROM point_of_sale p
         JOIN shop s ON s.id = p.shop_id AND s.merchant_id = p.merchant_id
         WHERE p.merchant_id = $1 AND p.shop_id = $2 AND s.mode = $3
         ORDER BY p.created_at, p.id",
        &params![scope.merchant(), shop, scope.mode().as_str()],
    )?;
    rows.iter().map(point_of).collect()
}

fn merchant_of(row: &Row) -> Result<Merchant, DbError> {
    let (email, zone, locale): (String, String, String) =
        (row.get("email")?, row.get("zone")?, row.get("locale")?);
    Ok(Merchant {
        id: row.get("merchant_id")?,
        name: row.get("name")?,
        slug: row.get("slug")?,
        zone: Zone::named(&zone).map_err(|_| corrupt("zone"))?,
        currency: row.get("currency")?,
        locale: Locale::parse(&locale).ok_or_else(|| corrupt("locale"))?,
        accent: row.get("accent")?,
        phone: row.get("phone")?,
        email: email.parse::<Email>().map_err(|_| corrupt("email"))?,
        address: row.get("address")?,
        logo: match row.get::<Option<String>>("logo_hash")? {
            None => None,
            Some(hash) => {
                Some(LogoMark { hash, width: row.get("width")?, height: row.get("height")? })
            }
        },
    })
}

fn shop_of(row: &Row) -> Result<Shop, DbError> {
    let (mode, custody): (String, String) = (row.get("mode")?, row.get("custody")?);
    Ok(Shop {
        id: row.get("id")?,
        name: row.get("name")?,
        mode: Mode::parse(&mode).ok_or_else(|| corrupt("mode"))?,
        contract: row.get("contract_id")?,
        custody: Custody::parse(&custody).ok_or_else(|| corrupt("custody"))?,
        fee: FeePlan {
            basis_points: row.get("fee_basis_points")?,
            fixed_minor: row.get("fee_fixed_minor")?,
        },
        brands: list(row, "brands")?,
        return_origins: list(row, "return_origins")?,
        opened_at: row.get("opened_at")?,
    })
}

fn point_of(row: &Row) -> Result<PointOfSale, DbError> {
    Ok(PointOfSale {
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        name: row.get("name")?,
        channel: row.get("channel")?,
    })
}

fn list_text(words: &[String]) -> String {
    serde_json::Value::from(words).to_string()
}

fn list(row: &Row, column: &str) -> Result<Vec<String>, DbError> {
    serde_json::from_str(&row.get::<String>(column)?).map_err(|_| corrupt(column))
}

fn corrupt(what: &str) -> DbError {
    DbError::Corrupt(format!("merchant {what}"))
}
