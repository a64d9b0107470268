//! All SQL of carts.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{CartId, Scope, ShopId};

use super::model::{Cart, CartLine, CartState};
use crate::stored::{LINE_COLUMNS, json, line_values, parse, read_line, word};

static CART: Insert = Insert {
    table: "cart",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "point_of_sale_id",
        "state",
        "currency",
        "token",
        "version",
        "created_at",
    ],
};
static LINE: Insert = Insert {
    table: "cart_line",
    columns: &[
        "cart_id",
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
const COLUMNS: &str = "id, shop_id, point_of_sale_id, state, currency, contact, hold_id, \
    booking_id, number, payment_id, token, created_at";

/// Writes a new cart with its lines.
///
/// # Errors
/// [`DbError`].
pub fn insert(tx: &mut Tx, scope: &Scope, cart: &Cart) -> Result<(), DbError> {
    tx.insert(
        &CART,
        params![
            cart.id,
            scope.merchant(),
            scope.mode().as_str(),
            cart.shop,
            cart.point_of_sale,
            cart.state.as_str(),
            cart.currency,
            &cart.token,
            1,
            cart.created_at,
        ],
    )?;
    insert_lines(tx, scope, cart)
}

/// Writes what may change of a cart.
///
/// # Errors
/// [`DbError`].
pub fn save(tx: &mut Tx, scope: &Scope, cart: &Cart) -> Result<(), DbError> {
    let sql = "UPDATE cart SET state = $1, contact = $2, hold_id = $3, booking_id = $4, \
               number = $5, payment_id = $6, version = version + 1 \
               WHERE merchant_id = $7 AND id = $8";
    let contact = cart.contact.as_ref().map(json).transpose()?;
    let values = params![
        cart.state.as_str(),
        contact,
        cart.hold,
        cart.booking,
        cart.number.clone(),
        cart.payment,
        scope.merchant(),
        cart.id,
    ];
    tx.exec(sql, &values).map(|_| ())
}

/// Replaces the lines of a cart.
///
/// # Errors
/// [`DbError`].
pub fn replace_lines(tx: &mut Tx, scope: &Scope, cart: &Cart) -> Result<(), DbError> {
    let sql = "DELETE FROM cart_line WHERE merchant_id = $1 AND cart_id = $2";
    tx.exec(sql, &params![scope.merchant(), cart.id])?;
    insert_lines(tx, scope, cart)
}

fn insert_lines(tx: &mut Tx, scope: &Scope, cart: &Cart) -> Result<(), DbError> {
    for (position, line) in (1_u32..).zip(&cart.lines) {
        let values = line_values(scope, (cart.id, position), line)?;
        tx.insert(&LINE, values)?;
    }
    Ok(())
}

/// A cart with its lines.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx, scope: &Scope, id: CartId) -> Result<Option<Cart>, DbError> {
    let sql =
        format!("SELECT {COLUMNS} FROM cart WHERE merchant_id = $1 AND mode = $2 AND id = $3");
    let row = tx.query_opt(&sql, &params![scope.merchant(), scope.mode().as_str(), id])?;
    let Some(row) = row else { return Ok(None) };
    let mut cart = read(&row)?;
    cart.lines = lines(tx, scope, id)?;
    Ok(Some(cart))
}

fn lines(tx: &mut Tx, scope: &Scope, id: CartId) -> Result<Vec<CartLine>, DbError> {
    let sql = format!(
        "SELECT {LINE_COLUMNS} FROM cart_line \
         WHERE merchant_id = $1 AND cart_id = $2 ORDER BY position"
    );
    tx.query(&sql, &params![scope.merchant(), id])?.iter().map(read_line).collect()
}

fn read(row: &Row) -> Result<Cart, DbError> {
    let contact: Option<String> = row.get("contact")?;
    Ok(Cart {
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        point_of_sale: row.get("point_of_sale_id")?,
        state: word(row, "state", CartState::parse)?,
        currency: row.get("currency")?,
        contact: contact.map(|_| parse(row, "contact")).transpose()?,
        hold: row.get("hold_id")?,
        booking: row.get("booking_id")?,
        number: row.get("number")?,
        payment: row.get("payment_id")?,
        token: row.get("token")?,
        created_at: row.get("created_at")?,
        lines: Vec::new(),
    })
}

/// When the hold of a basket starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldStarts {
    /// When the contact is saved; putting something in the basket blocks nothing.
    Contact,
    /// When the basket is made.
    Cart,
}

/// The setting of a shop.
///
/// # Errors
/// [`DbError`].
pub fn hold_starts(tx: &mut Tx, scope: &Scope, shop: ShopId) -> Result<HoldStarts, DbError> {
    let sql = "SELECT hold_starts FROM booking_setting WHERE merchant_id = $1 AND shop_id = $2";
    let row = tx.query_opt(sql, &params![scope.merchant(), shop])?;
    let word = row.map(|row| row.get::<String>("hold_starts")).transpose()?;
    Ok(if word.as_deref() == Some("cart") { HoldStarts::Cart } else { HoldStarts::Contact })
}

/// Changes the setting of a shop.
///
/// # Errors
/// [`DbError`].
pub fn set_hold_starts(
    tx: &mut Tx,
    scope: &Scope,
    shop: ShopId,
    starts: HoldStarts,
) -> Result<(), DbError> {
    let word = match starts {
        HoldStarts::Contact => "contact",
        HoldStarts::Cart => "cart",
    };
    let sql = "INSERT INTO booking_setting (shop_id, merchant_id, hold_starts) \
               VALUES ($1, $2, $3) \
               ON CONFLICT (shop_id, merchant_id) DO UPDATE SET hold_starts = excluded.hold_starts";
    tx.exec(sql, &params![shop, scope.merchant(), word]).map(|_| ())
}
