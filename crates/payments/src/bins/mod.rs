//! The table of issuer ranges, as the operator brings it and programs ask it.
//!
//! The table is kept by the vault, which looks numbers up in it; this side hands the file over
//! piece by piece ([`send`]) and tells the report. `guichet admin bin import FILE` and
//! `PUT /v1/bin_table` do the same.
//!
//! Limits: a file of 2,000,000 lines; the vault reads it whole before anything changes.

pub mod api;
pub mod describe;

use std::time::Duration;

use vault_wire::{
    BIN_PIECE_BYTES, BinBegin, BinImport, BinLines, BinReport, VaultClient, WireError,
};

/// Longest wait for the vault to read a whole table.
const IMPORT_SECONDS: u64 = 90;

/// A file on its way to the vault.
pub struct Import<'v> {
    vault: &'v VaultClient,
    name: String,
    waiting: Vec<u8>,
}

impl<'v> Import<'v> {
    /// Begins an import.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn begin(vault: &'v VaultClient) -> Result<Self, WireError> {
        let begun = vault.ask_unscoped(&BinBegin {}).await?;
        Ok(Self { vault, name: begun.import, waiting: Vec::new() })
    }

    /// Takes more of the file.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn add(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        for part in bytes.chunks(BIN_PIECE_BYTES) {
            self.waiting.extend_from_slice(part);
            while self.waiting.len() >= BIN_PIECE_BYTES {
                self.send(BIN_PIECE_BYTES).await?;
            }
        }
        Ok(())
    }

    /// Hands over the whole lines among the next bytes, or all of them when no line ends there.
    async fn send(&mut self, most: usize) -> Result<(), WireError> {
        let window = self.waiting.get(..most).unwrap_or(&self.waiting);
        let line_end = window.iter().rposition(|byte| *byte == b'\n');
        let end = line_end.map_or(window.len(), |place| place.saturating_add(1));
        let rest = self.waiting.split_off(end);
        let piece = std::mem::replace(&mut self.waiting, rest);
        // What is no UTF-8 is refused by the vault as a letter that no table holds.
        let lines = String::from_utf8_lossy(&piece).into_owned();
        let piece = BinLines { import: self.name.clone(), lines };
        self.vault.ask_unscoped(&piece).await.map(|_| ())
    }

    /// Nothing more comes: what the vault says of the file.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn finish(mut self) -> Result<BinReport, WireError> {
        while !self.waiting.is_empty() {
            let rest = self.waiting.len();
            self.send(rest.min(BIN_PIECE_BYTES)).await?;
        }
        let wait = Duration::from_secs(IMPORT_SECONDS);
        self.vault.ask_within(None, &BinImport { import: self.name }, wait).await
    }
}
