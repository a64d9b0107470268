//! SQL of staff, roles and assignments.
//!
//! `staff_user` is read before a merchant is known (sign-in); everything else asks for a scope
//! or the merchant of a checked session.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{Email, Locale, MerchantId, Right, Scope, Timestamp, UserId};

use super::model::{Assignment, Place, User};
use crate::roles;

static STAFF_USER: Insert = Insert {
    table: "staff_user",
    columns: &[
        "id",
        "email",
        "name",
        "locale",
        "home_merchant_id",
        "password_hash",
        "code_seed",
        "code_last_step",
        "created_at",
    ],
};

static ROLE: Insert =
    Insert { table: "role", columns: &["name", "merchant_id", "rights", "created_at"] };

static ASSIGNMENT: Insert = Insert {
    table: "role_assignment",
    columns: &[
        "user_id",
        "merchant_id",
        "role",
        "place_kind",
        "place_id",
        "extra_rights",
        "ceilings",
        "created_at",
    ],
};

/// What is checked at sign-in; both values are useless without the app's keys.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Whose they are.
    pub user: User,
    /// Argon2id hash.
    pub password_hash: String,
    /// Seed of the time code, sealed.
    pub code_seed: Vec<u8>,
}

/// Adds a user with his hashed and sealed credentials.
pub(super) fn add(
    tx: &mut Tx<'_>,
    credentials: &Credentials,
    now: Timestamp,
) -> Result<(), DbError> {
    let user = &credentials.user;
    tx.insert(
        &STAFF_USER,
        params![
            user.id,
            user.email.as_str().to_lowercase(),
            user.name.clone(),
            user.locale.code(),
            user.home,
            credentials.password_hash.clone(),
            credentials.code_seed.clone(),
            0_i64,
            now,
        ],
    )
}

/// The credentials behind an e-mail address, however its letters are cased.
///
/// # Errors
/// [`DbError`].
pub fn credentials(tx: &mut Tx<'_>, email: &str) -> Result<Option<Credentials>, DbError> {
    let row = tx.query_opt(
        "SELECT id, email, name, locale, home_merchant_id, disabled_at, password_hash, code_seed
         FROM staff_user WHERE email = $1",
        &params![email.trim().to_lowercase()],
    )?;
    row.map(|row| {
        Ok(Credentials {
            user: user_of(&row)?,
            password_hash: row.get("password_hash")?,
            code_seed: row.get("code_seed")?,
        })
    })
    .transpose()
}

/// A user by id.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx<'_>, id: UserId) -> Result<Option<User>, DbError> {
    let row = tx.query_opt(
        "SELECT id, email, name, locale, home_merchant_id, disabled_at
         FROM staff_user WHERE id = $1",
        &params![id],
    )?;
    row.as_ref().map(user_of).transpose()
}

/// How many people of the scope's merchant have shown a time code, and how many could sign in
/// without having shown one: those whom no invitation waits for.
///
/// # Errors
/// [`DbError`].
pub fn second_factors(tx: &mut Tx<'_>, scope: &Scope) -> Result<(i64, i64), DbError> {
    let row = tx.query_opt(
        "SELECT CAST(COALESCE(SUM(CASE WHEN u.code_last_step > 0 THEN 1 ELSE 0 END), 0) AS BIGINT)
                AS shown,
                CAST(COALESCE(SUM(CASE WHEN u.code_last_step = 0 AND i.user_id IS NULL
                THEN 1 ELSE 0 END), 0) AS BIGINT) AS missing
         FROM staff_user u LEFT JOIN (SELECT DISTINCT user_id, merchant_id FROM invitation
              WHERE used_at IS NULL) i
              ON i.user_id = u.id AND i.merchant_id = u.home_merchant_id
         WHERE u.home_merchant_id = $1 AND u.disabled_at IS NULL",
        &params![scope.merchant()],
    )?;
    row.map_or(Ok((0, 0)), |row| Ok((row.get("shown")?, row.get("missing")?)))
}

/// Remembers the language a person chose.
///
/// # Errors
/// [`DbError`].
pub fn set_locale(tx: &mut Tx<'_>, id: UserId, locale: Locale) -> Result<(), DbError> {
    let sql = "UPDATE staff_user SET locale = $1 WHERE id = $2";
    tx.exec(sql, &params![locale.code(), id]).map(|_| ())
}

/// Puts a password in the place of the one before.
pub(crate) fn set_password(
    tx: &mut Tx<'_>,
    id: UserId,
    password_hash: &str,
) -> Result<(), DbError> {
    let sql = "UPDATE staff_user SET password_hash = $1 WHERE id = $2";
    tx.exec(sql, &params![password_hash, id]).map(|_| ())
}

/// Puts new secrets in the place of lost ones, for a person of the scope's merchant; false when
/// there is no such person.
pub(super) fn renew(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: UserId,
    (password_hash, code_seed): (&str, &[u8]),
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE staff_user SET password_hash = $1, code_seed = $2
         WHERE id = $3 AND home_merchant_id = $4 AND disabled_at IS NULL",
        &params![password_hash, code_seed, id, scope.merchant()],
    )?;
    Ok(changed == 1)
}

/// The people of the scope's merchant, by name.
///
/// # Errors
/// [`DbError`].
pub fn of_merchant(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<User>, DbError> {
    let rows = tx.query(
        "SELECT id, email, name, locale, home_merchant_id, disabled_at FROM staff_user
         WHERE home_merchant_id = $1 ORDER BY lower(name), id",
        &params![scope.merchant()],
    )?;
    rows.iter().map(user_of).collect()
}

/// Names of the roles of the scope's merchant.
///
/// # Errors
/// [`DbError`].
pub fn role_names(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<String>, DbError> {
    let sql = "SELECT name FROM role WHERE merchant_id = $1 ORDER BY name";
    tx.query(sql, &params![scope.merchant()])?.iter().map(|row| row.get("name")).collect()
}

/// Takes all roles of a user at the scope's merchant away.
pub(super) fn unassign_all(tx: &mut Tx<'_>, scope: &Scope, user: UserId) -> Result<(), DbError> {
    let sql = "DELETE FROM role_assignment WHERE user_id = $1 AND merchant_id = $2";
    tx.exec(sql, &params![user, scope.merchant()]).map(|_| ())
}

/// Uses up a time step; false when it, or a later one, was used before.
///
/// # Errors
/// [`DbError`].
pub fn use_step(tx: &mut Tx<'_>, id: UserId, step: i64) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE staff_user SET code_last_step = $1 WHERE id = $2 AND code_last_step < $1",
        &params![step, id],
    )?;
    Ok(changed == 1)
}

/// Disables a user of the scope's merchant; false when there is none to disable.
pub(super) fn disable(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: UserId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE staff_user SET disabled_at = $1
         WHERE id = $2 AND home_merchant_id = $3 AND disabled_at IS NULL",
        &params![now, id, scope.merchant()],
    )?;
    Ok(changed == 1)
}

/// Adds a role of the merchant.
pub(crate) fn add_role(
    tx: &mut Tx<'_>,
    scope: &Scope,
    name: &str,
    rights: &[Right],
    now: Timestamp,
) -> Result<(), DbError> {
    tx.insert(&ROLE, params![name, scope.merchant(), roles::to_json(rights), now])
}

/// The rights of a role of the merchant.
///
/// # Errors
/// [`DbError`].
pub fn role(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    name: &str,
) -> Result<Option<Vec<Right>>, DbError> {
    let row = tx.query_opt(
        "SELECT rights FROM role WHERE name = $1 AND merchant_id = $2",
        &params![name, merchant],
    )?;
    row.as_ref().map(rights_of).transpose()
}

/// Adds an assignment.
pub(super) fn assign(
    tx: &mut Tx<'_>,
    scope: &Scope,
    user: UserId,
    assignment: &Assignment,
    now: Timestamp,
) -> Result<(), DbError> {
    let (kind, place) = match assignment.place {
        Place::Merchant => ("merchant", scope.merchant().id()),
        Place::Shop(shop) => ("shop", shop.id()),
        Place::PointOfSale(point) => ("point_of_sale", point.id()),
    };
    let ceilings: serde_json::Map<String, serde_json::Value> = assignment
        .ceilings
        .iter()
        .map(|(right, most)| (right.as_str().to_owned(), (*most).into()))
        .collect();
    tx.insert(
        &ASSIGNMENT,
        params![
            user,
            scope.merchant(),
            assignment.role.clone(),
            kind,
            place,
            roles::to_json(&assignment.extra),
            serde_json::Value::Object(ceilings).to_string(),
            now,
        ],
    )
}

/// Takes a role away; false when he did not have it.
pub(super) fn unassign(
    tx: &mut Tx<'_>,
    scope: &Scope,
    user: UserId,
    role: &str,
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "DELETE FROM role_assignment WHERE user_id = $1 AND merchant_id = $2 AND role = $3",
        &params![user, scope.merchant(), role],
    )?;
    Ok(changed > 0)
}

/// The assignments of a user at a merchant, each with the rights of its role as they are now.
///
/// # Errors
/// [`DbError`].
pub fn assignments(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
    user: UserId,
) -> Result<Vec<(Assignment, Vec<Right>)>, DbError> {
    let rows = tx.query(
        "SELECT a.role, a.place_kind, a.place_id, a.extra_rights, a.ceilings, r.rights
         FROM role_assignment a
         JOIN role r ON r.name = a.role AND r.merchant_id = a.merchant_id
         WHERE a.user_id = $1 AND a.merchant_id = $2
         ORDER BY a.created_at, a.role",
        &params![user, merchant],
    )?;
    rows.iter().map(|row| Ok((assignment_of(row)?, rights_of(row)?))).collect()
}

/// Everybody who may sign in and has a role at a merchant, by name, once for each role.
pub(super) fn with_roles(
    tx: &mut Tx<'_>,
    merchant: MerchantId,
) -> Result<Vec<(User, Assignment, Vec<Right>)>, DbError> {
    let rows = tx.query(
        "SELECT u.id, u.email, u.name, u.locale, u.home_merchant_id, u.disabled_at,
                a.role, a.place_kind, a.place_id, a.extra_rights, a.ceilings, r.rights
         FROM role_assignment a
         JOIN role r ON r.name = a.role AND r.merchant_id = a.merchant_id
         JOIN staff_user u ON u.id = a.user_id
         WHERE a.merchant_id = $1 AND u.disabled_at IS NULL
         ORDER BY lower(u.name), u.id",
        &params![merchant],
    )?;
    rows.iter().map(|row| Ok((user_of(row)?, assignment_of(row)?, rights_of(row)?))).collect()
}

/// Names of the people of a merchant who may grant rights, to be asked by those who lack one.
///
/// # Errors
/// [`DbError`].
pub fn grantors(tx: &mut Tx<'_>, merchant: MerchantId) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT u.name, a.role, a.place_kind, a.place_id, a.extra_rights, a.ceilings, r.rights
         FROM role_assignment a
         JOIN role r ON r.name = a.role AND r.merchant_id = a.merchant_id
         JOIN staff_user u ON u.id = a.user_id
         WHERE a.merchant_id = $1 AND a.place_kind = 'merchant' AND u.disabled_at IS NULL
         ORDER BY u.name",
        &params![merchant],
    )?;
    let mut names: Vec<String> = Vec::new();
    for row in &rows {
        let (assignment, rights) = (assignment_of(row)?, rights_of(row)?);
        let may = |right| rights.contains(&right) || assignment.extra.contains(&right);
        let name: String = row.get("name")?;
        if may(Right::UsersManage) && !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn user_of(row: &Row) -> Result<User, DbError> {
    let email: String = row.get("email")?;
    let locale: String = row.get("locale")?;
    Ok(User {
        id: row.get("id")?,
        email: email.parse::<Email>().map_err(|_| corrupt("email"))?,
        name: row.get("name")?,
        locale: Locale::parse(&locale).ok_or_else(|| corrupt("locale"))?,
        home: row.get("home_merchant_id")?,
        disabled_at: row.get("disabled_at")?,
    })
}

fn rights_of(row: &Row) -> Result<Vec<Right>, DbError> {
    roles::from_json(&row.get::<String>("rights")?).ok_or_else(|| corrupt("rights"))
}

fn assignment_of(row: &Row) -> Result<Assignment, DbError> {
    let place: kernel::Id = row.get("place_id")?;
    let place = match row.get::<String>("place_kind")?.as_str() {
        "merchant" => Place::Merchant,
        "shop" => Place::Shop(place.into()),
        "point_of_sale" => Place::PointOfSale(place.into()),
        _ => return Err(corrupt("place_kind")),
    };
    let ceilings: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&row.get::<String>("ceilings")?).map_err(|_| corrupt("ceilings"))?;
    Ok(Assignment {
        role: row.get("role")?,
        place,
        extra: roles::from_json(&row.get::<String>("extra_rights")?)
            .ok_or_else(|| corrupt("extra_rights"))?,
        ceilings: ceilings
            .iter()
            .filter_map(|(right, most)| Right::parse(right).zip(most.as_i64()))
            .collect(),
    })
}

fn corrupt(what: &str) -> DbError {
    DbError::Corrupt(format!("staff {what}"))
}
