//! All SQL of lodgings, formulas, age brackets and tariffs.

use std::collections::BTreeMap;

use db::{DbError, Insert, Row, Tx, params};
use kernel::{Date, FormulaId, LodgingId, Scope, ShopId, TariffId};

use super::model::{AgeBracket, Board, Capacity, Formula, Kind, Lodging};
use super::pricing::Policy;
use super::tariffs::{TariffPeriod, Weekdays};
use crate::stored::{json, parse, word};

static LODGING: Insert = Insert {
    table: "lodging",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "kind",
        "names",
        "descriptions",
        "persons_min",
        "persons_standard",
        "persons_max",
        "units",
        "check_in",
        "check_out",
        "policy",
        "tourist_tax_texts",
        "registration_number",
        "currency",
        "version",
        "equipment",
        "conditions",
    ],
};
static FORMULA: Insert = Insert {
    table: "formula",
    columns: &[
        "id",
        "merchant_id",
        "lodging_id",
        "board",
        "names",
        "adjustments",
        "deposit_basis_points",
        "position",
    ],
};
static BRACKET: Insert = Insert {
    table: "age_bracket",
    columns: &["merchant_id", "code", "names", "age_from", "age_to"],
};
static TARIFF: Insert = Insert {
    table: "tariff_period",
    columns: &[
        "id",
        "merchant_id",
        "shop_id",
        "lodging_id",
        "formula_id",
        "first_day",
        "last_day",
        "lengths",
        "arrival_days",
        "price",
        "rank",
    ],
};
const LODGING_COLUMNS: &str = "id, shop_id, kind, names, descriptions, persons_min, \
    persons_standard, persons_max, units, check_in, check_out, policy, tourist_tax_texts, \
    registration_number, currency, version, equipment, conditions";
const TARIFF_COLUMNS: &str = "id, shop_id, lodging_id, formula_id, first_day, last_day, lengths, \
    arrival_days, price, rank";

/// Writes a lodging.
///
/// # Errors
/// [`DbError`].
pub fn insert(tx: &mut Tx, scope: &Scope, lodging: &Lodging) -> Result<(), DbError> {
    tx.insert(
        &LODGING,
        params![
            lodging.id,
            scope.merchant(),
            scope.mode().as_str(),
            lodging.shop,
            lodging.kind.as_str(),
            json(&lodging.names)?,
            json(&lodging.descriptions)?,
            lodging.capacity.min,
            lodging.capacity.standard,
            lodging.capacity.max,
            lodging.units,
            &lodging.check_in,
            &lodging.check_out,
            lodging.policy.as_str(),
            json(&lodging.tourist_tax)?,
            lodging.registration_number.clone(),
            lodging.currency,
            lodging.version,
            json(&lodging.equipment)?,
            json(&lodging.conditions)?,
        ],
    )
}

/// Changes how prices are found; false for an unknown lodging.
///
/// # Errors
/// [`DbError`].
pub fn set_policy(
    tx: &mut Tx,
    scope: &Scope,
    id: LodgingId,
    policy: Policy,
) -> Result<bool, DbError> {
    let sql = "UPDATE lodging SET policy = $1, version = version + 1 \
               WHERE merchant_id = $2 AND mode = $3 AND id = $4";
    let values = params![policy.as_str(), scope.merchant(), scope.mode().as_str(), id];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Writes what is said of a lodging, unless it has moved on from the version it was read with.
///
/// # Errors
/// [`DbError`].
pub fn update(tx: &mut Tx, scope: &Scope, lodging: &Lodging) -> Result<bool, DbError> {
    let sql = "UPDATE lodging SET names = $1, descriptions = $2, persons_min = $3, \
               persons_standard = $4, persons_max = $5, check_in = $6, check_out = $7, \
               policy = $8, tourist_tax_texts = $9, registration_number = $10, equipment = $11, \
               conditions = $12, version = version + 1 \
               WHERE merchant_id = $13 AND mode = $14 AND id = $15 AND version = $16";
    let values = params![
        json(&lodging.names)?,
        json(&lodging.descriptions)?,
        lodging.capacity.min,
        lodging.capacity.standard,
        lodging.capacity.max,
        &lodging.check_in,
        &lodging.check_out,
        lodging.policy.as_str(),
        json(&lodging.tourist_tax)?,
        lodging.registration_number.clone(),
        json(&lodging.equipment)?,
        json(&lodging.conditions)?,
        scope.merchant(),
        scope.mode().as_str(),
        lodging.id,
        lodging.version,
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Writes a formula.
///
/// # Errors
/// [`DbError`].
pub fn insert_formula(tx: &mut Tx, scope: &Scope, formula: &Formula) -> Result<(), DbError> {
    tx.insert(
        &FORMULA,
        params![
            formula.id,
            scope.merchant(),
            formula.lodging,
            formula.board.as_str(),
            json(&formula.names)?,
            json(&formula.adjustments)?,
            formula.deposit_basis_points,
            formula.position,
        ],
    )
}

/// Replaces the merchant's age brackets.
///
/// # Errors
/// [`DbError`].
pub fn replace_brackets(
    tx: &mut Tx,
    scope: &Scope,
    brackets: &[AgeBracket],
) -> Result<(), DbError> {
    tx.exec("DELETE FROM age_bracket WHERE merchant_id = $1", &params![scope.merchant()])?;
    for bracket in brackets {
        let names = json(&bracket.names)?;
        let values = params![scope.merchant(), &bracket.code, names, bracket.from, bracket.to];
        tx.insert(&BRACKET, values)?;
    }
    Ok(())
}

/// The merchant's age brackets, oldest first, as a form lists them.
///
/// # Errors
/// [`DbError`].
pub fn brackets(tx: &mut Tx, scope: &Scope) -> Result<Vec<AgeBracket>, DbError> {
    let sql = "SELECT code, names, age_from, age_to FROM age_bracket \
               WHERE merchant_id = $1 ORDER BY age_from DESC";
    let read = |row: &Row| {
        Ok(AgeBracket {
            code: row.get("code")?,
            names: parse(row, "names")?,
            from: row.get("age_from")?,
            to: row.get("age_to")?,
        })
    };
    tx.query(sql, &params![scope.merchant()])?.iter().map(read).collect()
}

/// Writes a tariff period.
///
/// # Errors
/// [`DbError`].
pub fn insert_tariff(tx: &mut Tx, scope: &Scope, period: &TariffPeriod) -> Result<(), DbError> {
    tx.insert(
        &TARIFF,
        params![
            period.id,
            scope.merchant(),
            period.shop,
            period.lodging,
            period.formula,
            period.first_day,
            period.last_day,
            json(&period.lengths)?,
            period.arrival_days.bits(),
            json(&period.price)?,
            period.rank,
        ],
    )
}

/// One lodging.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx, scope: &Scope, id: LodgingId) -> Result<Option<Lodging>, DbError> {
    let sql = format!(
        "SELECT {LODGING_COLUMNS} FROM lodging WHERE merchant_id = $1 AND mode = $2 AND id = $3"
    );
    let row = tx.query_opt(&sql, &params![scope.merchant(), scope.mode().as_str(), id])?;
    row.as_ref().map(read_lodging).transpose()
}

/// The lodgings of a shop.
///
/// # Errors
/// [`DbError`].
pub fn of_shop(tx: &mut Tx, scope: &Scope, shop: ShopId) -> Result<Vec<Lodging>, DbError> {
    let sql = format!(
        "SELECT {LODGING_COLUMNS} FROM lodging \
         WHERE merchant_id = $1 AND mode = $2 AND shop_id = $3 ORDER BY id"
    );
    let rows = tx.query(&sql, &params![scope.merchant(), scope.mode().as_str(), shop])?;
    rows.iter().map(read_lodging).collect()
}

/// The formulas of all lodgings of a shop, in their order.
///
/// # Errors
/// [`DbError`].
pub fn formulas(tx: &mut Tx, scope: &Scope, shop: ShopId) -> Result<Vec<Formula>, DbError> {
    // The lodgings of the shop come first: begun from the formulas it would read all of the
    // merchant's (SQLite keeps the order of a cross join).
    let sql = "SELECT f.id, f.lodging_id, f.board, f.names, f.adjustments, \
               f.deposit_basis_points, f.position FROM lodging l CROSS JOIN formula f \
               WHERE l.merchant_id = $1 AND l.shop_id = $2 \
               AND f.merchant_id = $1 AND f.lodging_id = l.id ORDER BY f.position, f.id";
    tx.query(sql, &params![scope.merchant(), shop])?.iter().map(read_formula).collect()
}

/// One formula.
///
/// # Errors
/// [`DbError`].
pub fn find_formula(tx: &mut Tx, scope: &Scope, id: FormulaId) -> Result<Option<Formula>, DbError> {
    Ok(stored_formula(tx, scope, id)?.map(|stored| stored.formula))
}

/// A formula as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFormula {
    /// The formula.
    pub formula: Formula,
    /// Goes up by one with each change.
    pub version: i64,
}

/// One formula with its version.
///
/// # Errors
/// [`DbError`].
pub fn stored_formula(
    tx: &mut Tx,
    scope: &Scope,
    id: FormulaId,
) -> Result<Option<StoredFormula>, DbError> {
    let sql = "SELECT id, lodging_id, board, names, adjustments, deposit_basis_points, position, \
               version FROM formula WHERE merchant_id = $1 AND id = $2";
    let row = tx.query_opt(sql, &params![scope.merchant(), id])?;
    let read =
        |row: &Row| Ok(StoredFormula { formula: read_formula(row)?, version: row.get("version")? });
    row.as_ref().map(read).transpose()
}

/// Writes what is served, names, rules and deposit of a formula, unless it has moved on from the
/// version it was read with.
///
/// # Errors
/// [`DbError`].
pub fn update_formula(
    tx: &mut Tx,
    scope: &Scope,
    changed: &StoredFormula,
) -> Result<bool, DbError> {
    let sql = "UPDATE formula SET board = $1, names = $2, adjustments = $3, \
               deposit_basis_points = $4, version = version + 1 \
               WHERE merchant_id = $5 AND id = $6 AND version = $7";
    let formula = &changed.formula;
    let values = params![
        formula.board.as_str(),
        json(&formula.names)?,
        json(&formula.adjustments)?,
        formula.deposit_basis_points,
        scope.merchant(),
        formula.id,
        changed.version,
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Tariffs of a shop that serve an arrival from `first` on.
///
/// # Errors
/// [`DbError`].
pub fn tariffs(
    tx: &mut Tx,
    scope: &Scope,
    shop: ShopId,
    first: Date,
) -> Result<Vec<TariffPeriod>, DbError> {
    let sql = format!(
        "SELECT {TARIFF_COLUMNS} FROM tariff_period \
         WHERE merchant_id = $1 AND shop_id = $2 AND last_day >= $3"
    );
    tx.query(&sql, &params![scope.merchant(), shop, first])?.iter().map(read_tariff).collect()
}

/// All tariffs of one formula.
///
/// # Errors
/// [`DbError`].
pub fn tariffs_of(
    tx: &mut Tx,
    scope: &Scope,
    (lodging, formula): (LodgingId, FormulaId),
) -> Result<Vec<TariffPeriod>, DbError> {
    let sql = format!(
        "SELECT {TARIFF_COLUMNS} FROM tariff_period \
         WHERE merchant_id = $1 AND lodging_id = $2 AND formula_id = $3"
    );
    tx.query(&sql, &params![scope.merchant(), lodging, formula])?.iter().map(read_tariff).collect()
}

/// A tariff as stored, with the version that two editors compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTariff {
    /// The tariff.
    pub period: TariffPeriod,
    /// Goes up by one with each change.
    pub version: i64,
}

/// One tariff.
///
/// # Errors
/// [`DbError`].
pub fn tariff(tx: &mut Tx, scope: &Scope, id: TariffId) -> Result<Option<StoredTariff>, DbError> {
    let sql = format!(
        "SELECT {TARIFF_COLUMNS}, version FROM tariff_period WHERE merchant_id = $1 AND id = $2"
    );
    let row = tx.query_opt(&sql, &params![scope.merchant(), id])?;
    let read =
        |row: &Row| Ok(StoredTariff { period: read_tariff(row)?, version: row.get("version")? });
    row.as_ref().map(read).transpose()
}

/// Writes days, lengths and price of a tariff, unless it has moved on from the version it was read
/// with.
///
/// # Errors
/// [`DbError`].
pub fn update_tariff(tx: &mut Tx, scope: &Scope, tariff: &StoredTariff) -> Result<bool, DbError> {
    let sql = "UPDATE tariff_period SET first_day = $1, last_day = $2, lengths = $3, \
               arrival_days = $4, price = $5, version = version + 1 \
               WHERE merchant_id = $6 AND id = $7 AND version = $8";
    let period = &tariff.period;
    let values = params![
        period.first_day,
        period.last_day,
        json(&period.lengths)?,
        period.arrival_days.bits(),
        json(&period.price)?,
        scope.merchant(),
        period.id,
        tariff.version,
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// The nights of a lodging, counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NightsOpen {
    /// Nights that have a row of stock.
    pub open: i64,
    /// Units free on each of them at least; none where sales of one are closed.
    pub free: u32,
}

/// For each lodging of a shop its nights from `first` to the one before `end`, counted together:
/// enough for those that have room on all of them.
///
/// # Errors
/// [`DbError`].
pub fn nights_open(
    tx: &mut Tx,
    scope: &Scope,
    shop: ShopId,
    (first, end): (Date, Date),
) -> Result<BTreeMap<LodgingId, NightsOpen>, DbError> {
    let sql = "SELECT s.resource_id, COUNT(*) AS open, \
               CAST(MIN(CASE WHEN s.closed = 0 THEN s.cap - s.taken - s.held ELSE 0 END) \
               AS BIGINT) AS free \
               FROM lodging l CROSS JOIN stock s \
               WHERE l.merchant_id = $1 AND l.shop_id = $2 AND s.merchant_id = $1 \
               AND s.resource_id = l.id AND s.slot >= $3 AND s.slot < $4 GROUP BY s.resource_id";
    let read = |row: &Row| {
        let id: LodgingId = row.get("resource_id")?;
        Ok((id, NightsOpen { open: row.get("open")?, free: row.get("free")? }))
    };
    tx.query(sql, &params![scope.merchant(), shop, first, end])?.iter().map(read).collect()
}

fn read_lodging(row: &Row) -> Result<Lodging, DbError> {
    Ok(Lodging {
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        kind: word(row, "kind", Kind::parse)?,
        names: parse(row, "names")?,
        descriptions: parse(row, "descriptions")?,
        capacity: Capacity {
            max: row.get("persons_max")?,
            standard: row.get("persons_standard")?,
            min: row.get("persons_min")?,
        },
        units: row.get("units")?,
        check_in: row.get("check_in")?,
        check_out: row.get("check_out")?,
        policy: word(row, "policy", Policy::parse)?,
        tourist_tax: parse(row, "tourist_tax_texts")?,
        registration_number: row.get("registration_number")?,
        currency: row.get("currency")?,
        version: row.get("version")?,
        equipment: parse(row, "equipment")?,
        conditions: parse(row, "conditions")?,
    })
}

fn read_formula(row: &Row) -> Result<Formula, DbError> {
    Ok(Formula {
        id: row.get("id")?,
        lodging: row.get("lodging_id")?,
        board: word(row, "board", Board::parse)?,
        names: parse(row, "names")?,
        adjustments: parse(row, "adjustments")?,
        deposit_basis_points: row.get("deposit_basis_points")?,
        position: row.get("position")?,
    })
}

fn read_tariff(row: &Row) -> Result<TariffPeriod, DbError> {
    let days: u8 = row.get("arrival_days")?;
    Ok(TariffPeriod {
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        lodging: row.get("lodging_id")?,
        formula: row.get("formula_id")?,
        first_day: row.get("first_day")?,
        last_day: row.get("last_day")?,
        lengths: parse(row, "lengths")?,
        arrival_days: Weekdays::from_bits(days)
            .ok_or_else(|| DbError::Corrupt("arrival_days".into()))?,
        price: parse(row, "price")?,
        rank: row.get("rank")?,
    })
}
