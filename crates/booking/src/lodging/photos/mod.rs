//! Photos of a lodging: what a guest sees before he reads.
//!
//! Life: staff send a file on `/catalogue/{id}`; it is decoded, turned upright and encoded anew in
//! two sizes, so that neither the place nor the camera it was taken with is kept; photos stand in
//! an order, each with a text for who cannot see it; removed, its bytes are gone.
//!
//! Invariants: a stored photo is a JPEG within [`picture::LARGE`], and one of exactly
//! [`picture::SMALL`]; it is served under a name that holds a hash of its content, so that browsers
//! keep it and a change has a new name; the same file stands once in a lodging, so that a form sent
//! twice adds one photo.
//!
//! Limits: [`MAX_PHOTOS`] for each lodging; the small one is cut around the middle; programs do not
//! send photos yet.

pub mod ops;
pub mod pages;
pub mod picture;
pub mod store;
#[cfg(test)]
mod tests;

pub use store::Photo;

/// Most photos of one lodging.
pub const MAX_PHOTOS: usize = 20;
/// Longest text in the place of a photo, in characters.
pub const MAX_ALTERNATIVE_CHARACTERS: usize = 160;

/// The tables of the slice.
pub const MIGRATION: db::Migration = db::Migration {
    name: "lodging/photos/0001_lodging_photo",
    sql: include_str!("schema/0001_lodging_photo.sql"),
};
