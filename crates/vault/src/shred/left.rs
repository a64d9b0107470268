//! What is left of one card; and the search of tables on a server.

use db::{DbError, Tx, Val};
use kernel::{CardToken, MerchantId};
use vault_wire::{LogInclusion, ReceiptChecked, ReceiptsList, Refused, Searched, ShredOfCard};

use super::needle::Hunter;
use super::places::Search;
use crate::capture::{internal, not_found};
use crate::core::Core;
use crate::log;
use crate::slots::Class;

impl Core {
    /// What is left of a card, of whichever merchant.
    pub(crate) async fn left_of(&self, card: CardToken) -> Result<ShredOfCard, Refused> {
        for merchant in self.shops.merchants() {
            if let Some(row) = self.keeper.find(merchant, card).await.map_err(internal)? {
                let mut slots = 0_u64;
                for class in Class::ALL {
                    let named = self.keeper.file(class).named(card.id()).map_err(internal)?;
                    slots = slots.saturating_add(named);
                }
                return Ok(ShredOfCard {
                    destroyed: row.purged.is_some(),
                    slots,
                    record: row.record.is_some() || row.held.record.is_some(),
                    receipts: self.receipts_of(merchant, card).await?,
                });
            }
        }
        Err(not_found())
    }

    async fn receipts_of(
        &self,
        merchant: MerchantId,
        card: CardToken,
    ) -> Result<Vec<ReceiptChecked>, Refused> {
        let found = self.log.receipts(merchant, ReceiptsList { card }).await?.receipts;
        let gone = self.destroyed_epochs().await.map_err(internal)?;
        let mut checked = Vec::new();
        for receipt in found {
            let seq = receipt.pointer("/log/seq").and_then(serde_json::Value::as_u64);
            let proof = match seq {
                Some(seq) => {
                    Some(self.log.inclusion(merchant, LogInclusion { seq, size: None }).await?)
                }
                None => None,
            };
            let signed = log::receipt_is_signed(&self.keeper.signer, &receipt);
            let epoch_gone = log::epoch_key(&receipt).is_some_and(|key| gone.contains(&key));
            let level = if epoch_gone { log::LEVEL_WITHOUT_EPOCH } else { log::LEVEL };
            let level = level.to_owned();
            checked.push(ReceiptChecked { receipt, signed, proof, level });
        }
        Ok(checked)
    }
}

/// Reads every row of every table, as its texts and bytes are.
pub(super) fn tables(tx: &mut Tx<'_>, hunter: &Hunter) -> Result<Searched, DbError> {
    let mut search = Search::of("tables on the server", hunter);
    for table in db::dump::tables(tx)? {
        search.part();
        let mut number = 0_u64;
        db::dump::each_row(tx, &table, &mut |row| {
            number = number.saturating_add(1);
            for value in row.values() {
                let bytes = match value {
                    Val::Text(text) => text.as_bytes(),
                    Val::Blob(bytes) => bytes,
                    Val::Null | Val::Int(_) => continue,
                };
                search.bytes(bytes, bytes.len(), (&table, number));
            }
            Ok(())
        })?;
    }
    Ok(search.done())
}
