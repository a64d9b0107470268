//! Adding, ordering, describing and removing photos.

use db::{DbError, Tx};
use kernel::{LodgingId, PhotoId, Scope, Timestamp};

use super::MAX_PHOTOS;
use super::picture::Derived;
use super::store::{self, Photo};
use crate::lodging::{Texts, store as lodging_store};

/// A photo to be added.
#[derive(Debug, Clone)]
pub struct NewPhoto {
    /// Made outside the unit of work.
    pub id: PhotoId,
    /// What is said in its place.
    pub alternative: Texts,
    /// Its bytes.
    pub derived: Derived,
}

/// What became of a photo that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is the last one now.
    Now,
    /// The lodging has the same one.
    Already,
    /// The lodging has [`MAX_PHOTOS`].
    Full,
}

/// What is done to a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It says this in its place, and moves to a place counted from zero if one is given.
    Keep(Texts, Option<usize>),
    /// It goes.
    Remove,
}

/// Adds a photo behind the others; `None` for an unknown lodging.
///
/// # Errors
/// [`DbError`].
pub fn add(
    tx: &mut Tx,
    scope: &Scope,
    lodging: LodgingId,
    (new, now): (&NewPhoto, Timestamp),
) -> Result<Option<Added>, DbError> {
    if lodging_store::find(tx, scope, lodging)?.is_none() {
        return Ok(None);
    }
    let known = store::of_lodging(tx, scope, lodging)?;
    let photo = Photo {
        id: new.id,
        lodging,
        hash: http::theme::short_hash(&new.derived.large),
        alternative: new.alternative.clone(),
    };
    if known.iter().any(|other| other.hash == photo.hash) {
        return Ok(Some(Added::Already));
    }
    if known.len() >= MAX_PHOTOS {
        return Ok(Some(Added::Full));
    }
    // Places are counted anew, so that a hole left by a removal does no harm.
    store::set_order(tx, scope, &known)?;
    store::insert(tx, scope, (&photo, &new.derived), (known.len(), now))?;
    Ok(Some(Added::Now))
}

/// Changes a photo of a lodging; gives it as it was, `None` when there is no such photo.
///
/// # Errors
/// [`DbError`].
pub fn change(
    tx: &mut Tx,
    scope: &Scope,
    (lodging, id): (LodgingId, PhotoId),
    change: &Change,
) -> Result<Option<Photo>, DbError> {
    if lodging_store::find(tx, scope, lodging)?.is_none() {
        return Ok(None);
    }
    let mut photos = store::of_lodging(tx, scope, lodging)?;
    let Some(at) = photos.iter().position(|photo| photo.id == id) else { return Ok(None) };
    let photo = photos.remove(at);
    match change {
        Change::Keep(alternative, to) => {
            store::set_alternative(tx, scope, (id, alternative))?;
            if let Some(to) = to {
                photos.insert((*to).min(photos.len()), photo.clone());
                store::set_order(tx, scope, &photos)?;
            }
        }
        Change::Remove => store::remove(tx, scope, id)?,
    }
    Ok(Some(photo))
}
