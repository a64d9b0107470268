//! All SQL of photos.

use std::collections::BTreeMap;

use db::{DbError, Insert, Row, Tx, params};
use kernel::{LodgingId, PhotoId, Scope, ShopId, Timestamp};

use super::picture::Derived;
use crate::lodging::Texts;
use crate::stored::{json, parse};

static PHOTO: Insert = Insert {
    table: "lodging_photo",
    columns: &[
        "id",
        "merchant_id",
        "lodging_id",
        "position",
        "hash",
        "alternative",
        "added_at",
        "small_jpeg",
        "large_jpeg",
    ],
};

/// A photo without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its id.
    pub id: PhotoId,
    /// Of which lodging.
    pub lodging: LodgingId,
    /// Of its content; part of its address.
    pub hash: String,
    /// What is said in its place.
    pub alternative: Texts,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Of lists.
    Small,
    /// To look at.
    Large,
}

/// Writes a photo at a place counted from zero.
///
/// # Errors
/// [`DbError`].
pub(super) fn insert(
    tx: &mut Tx,
    scope: &Scope,
    (photo, derived): (&Photo, &Derived),
    (position, now): (usize, Timestamp),
) -> Result<(), DbError> {
    let values = params![
        photo.id,
        scope.merchant(),
        photo.lodging,
        place(position),
        &photo.hash,
        json(&photo.alternative)?,
        now,
        derived.small.clone(),
        derived.large.clone(),
    ];
    tx.insert(&PHOTO, values)
}

fn place(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// The photos of a lodging, in their order.
///
/// # Errors
/// [`DbError`].
pub fn of_lodging(tx: &mut Tx, scope: &Scope, id: LodgingId) -> Result<Vec<Photo>, DbError> {
    let sql = "SELECT id, lodging_id, hash, alternative FROM lodging_photo \
               WHERE merchant_id = $1 AND lodging_id = $2 ORDER BY position, id";
    tx.query(sql, &params![scope.merchant(), id])?.iter().map(read).collect()
}

/// The photos of all lodgings of a shop, each lodging's in their order.
///
/// # Errors
/// [`DbError`].
pub fn of_shop(
    tx: &mut Tx,
    scope: &Scope,
    shop: ShopId,
) -> Result<BTreeMap<LodgingId, Vec<Photo>>, DbError> {
    let sql = "SELECT p.id, p.lodging_id, p.hash, p.alternative \
               FROM lodging l CROSS JOIN lodging_photo p \
               WHERE l.merchant_id = $1 AND l.mode = $2 AND l.shop_id = $3 \
               AND p.merchant_id = $1 AND p.lodging_id = l.id ORDER BY p.position, p.id";
    let mut photos: BTreeMap<LodgingId, Vec<Photo>> = BTreeMap::new();
    for row in tx.query(sql, &params![scope.merchant(), scope.mode().as_str(), shop])? {
        let photo = read(&row)?;
        photos.entry(photo.lodging).or_default().push(photo);
    }
    Ok(photos)
}

/// The bytes of the merchant's photo with this hash.
///
/// # Errors
/// [`DbError`].
pub(super) fn file(
    tx: &mut Tx,
    scope: &Scope,
    (hash, size): (&str, Size),
) -> Result<Option<Vec<u8>>, DbError> {
    let column = match size {
        Size::Small => "small_jpeg",
        Size::Large => "large_jpeg",
    };
    let sql = format!(
        "SELECT {column} AS jpeg FROM lodging_photo \
         WHERE merchant_id = $1 AND hash = $2 ORDER BY id LIMIT 1"
    );
    let row = tx.query_opt(&sql, &params![scope.merchant(), hash])?;
    row.map(|row| row.get("jpeg")).transpose()
}

/// Says something else in the place of a photo.
///
/// # Errors
/// [`DbError`].
pub(super) fn set_alternative(
    tx: &mut Tx,
    scope: &Scope,
    (id, alternative): (PhotoId, &Texts),
) -> Result<(), DbError> {
    let sql = "UPDATE lodging_photo SET alternative = $1 WHERE merchant_id = $2 AND id = $3";
    tx.exec(sql, &params![json(alternative)?, scope.merchant(), id]).map(|_| ())
}

/// Puts photos in this order.
///
/// # Errors
/// [`DbError`].
pub(super) fn set_order(tx: &mut Tx, scope: &Scope, photos: &[Photo]) -> Result<(), DbError> {
    let sql = "UPDATE lodging_photo SET position = $1 WHERE merchant_id = $2 AND id = $3";
    for (position, photo) in photos.iter().enumerate() {
        tx.exec(sql, &params![place(position), scope.merchant(), photo.id])?;
    }
    Ok(())
}

/// Removes a photo with its bytes.
///
/// # Errors
/// [`DbError`].
pub(super) fn remove(tx: &mut Tx, scope: &Scope, id: PhotoId) -> Result<(), DbError> {
    let sql = "DELETE FROM lodging_photo WHERE merchant_id = $1 AND id = $2";
    tx.exec(sql, &params![scope.merchant(), id]).map(|_| ())
}

fn read(row: &Row) -> Result<Photo, DbError> {
    Ok(Photo {
        id: row.get("id")?,
        lodging: row.get("lodging_id")?,
        hash: row.get("hash")?,
        alternative: parse(row, "alternative")?,
    })
}
