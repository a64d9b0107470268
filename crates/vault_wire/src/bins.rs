//! The table of issuer ranges: looked up, and imported piece by piece.
//!
//! `bin.begin` gives a name, `bin.lines` adds pieces of the file in order, `bin.import` reads the
//! whole. The three have no scope: the table is the installation's, of no merchant.

use serde::{Deserialize, Serialize};

use crate::Brand;

/// Most bytes of one piece of a file.
pub const BIN_PIECE_BYTES: usize = 128 * 1024;

/// What the first digits say.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinLookup {
    /// 6 to 8 digits.
    pub bin: String,
}

/// Answer to [`BinLookup`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bin {
    /// Scheme, if known.
    pub brand: Option<Brand>,
    /// Further schemes.
    pub co_brands: Vec<Brand>,
    /// `credit`, `debit`…, if known.
    pub funding: Option<String>,
    /// The issuer's product, if known.
    pub product: Option<String>,
    /// Issuer's name, if known.
    pub issuer: Option<String>,
    /// Issuer's country, if known.
    pub country: Option<String>,
    /// A company card, if known.
    pub commercial: Option<bool>,
    /// Whether such numbers are virtual cards of sales channels.
    #[serde(rename = "virtual")]
    pub is_virtual: bool,
}

/// Begins an import.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinBegin {}

/// Answer to [`BinBegin`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinBegun {
    /// Names the import.
    pub import: String,
}

/// A piece of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinLines {
    /// Of which import.
    pub import: String,
    /// At most [`BIN_PIECE_BYTES`].
    pub lines: String,
}

/// Nothing more comes: take the file, or say what is wrong with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinImport {
    /// Which import.
    pub import: String,
}

/// Answer to [`BinImport`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinReport {
    /// Whether the file is the table now; otherwise nothing changed.
    pub applied: bool,
    /// First digits of the SHA-256 of the table in use; empty without one.
    pub version: String,
    /// Its ranges.
    pub ranges: u64,
    /// Ranges that the table before did not have.
    pub added: u64,
    /// Ranges that say something else.
    pub changed: u64,
    /// Ranges that are gone.
    pub removed: u64,
    /// Kept cards whose country is another one now.
    pub cards_changing_country: u64,
    /// How much is wrong with the file.
    pub fault_count: u64,
    /// The first 100 of it.
    pub faults: Vec<BinFault>,
}

/// Something wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinFault {
    /// From 1; the header is line 1.
    pub line: u64,
    /// Name of the column, or nothing when it is the whole line.
    pub column: String,
    /// What must stand there.
    pub cause: String,
}
