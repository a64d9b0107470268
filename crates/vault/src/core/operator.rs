//! Frames of the operator: the drill, what the vault says of itself, the table of issuer ranges. They
//! concern the whole vault and need no scope.

use serde_json::Value;
use vault_wire::{
    AuditGet, BackupCheck, BackupMake, BinBegin, BinImport, ClockAccept, ClockGet, InventoryGet,
    LogsVerified, LogsVerify, PagesGet, ShredCard,
};

use super::dispatch::{Outcome, answer, read};
use super::{Core, unknown_op};
use crate::capture::internal;

impl Core {
    pub(super) async fn operator(&self, op: &str, body: Value) -> Outcome {
        match op {
            "shred.drill" => answer(&self.drill(read(body)?).await?),
            "shred.card" => {
                let ShredCard { card } = read(body)?;
                answer(&self.left_of(card).await?)
            }
            "clock.get" => {
                let ClockGet {} = read(body)?;
                answer(&self.watch.told())
            }
            "clock.accept" => {
                let ClockAccept {} = read(body)?;
                let told = self.watch.accept().await.map_err(internal)?;
                self.sweep().await.map_err(internal)?;
                answer(&told)
            }
            "rotate" => answer(&self.rotate(read(body)?).await?),
            "backup.make" => {
                let BackupMake {} = read(body)?;
                answer(&self.backup().await?)
            }
            "backup.check" => {
                let BackupCheck {} = read(body)?;
                answer(&self.try_backup().await.unwrap_or_default())
            }
            "audit.inventory" => {
                let InventoryGet {} = read(body)?;
                answer(&self.inventory().await.map_err(internal)?)
            }
            "audit.pages" => {
                let PagesGet {} = read(body)?;
                answer(&self.pages().await.map_err(internal)?)
            }
            "audit.logs" => {
                let LogsVerify {} = read(body)?;
                let logs = self.verified_logs().await.map_err(internal)?;
                answer(&LogsVerified { logs })
            }
            "audit.pci" => {
                let AuditGet {} = read(body)?;
                answer(&self.audit().await.map_err(internal)?)
            }
            _ => Err(unknown_op()),
        }
    }

    /// The table belongs to the installation: no merchant, no shop.
    pub(super) async fn bin_table(&self, op: &str, body: Value) -> Outcome {
        let bins = &self.keeper.bins;
        match op {
            "bin.begin" => {
                let BinBegin {} = read(body)?;
                answer(&bins.begin(&*self.keeper.rng).await?)
            }
            "bin.lines" => answer(&bins.add(read(body)?).await?),
            _ => {
                let BinImport { import } = read(body)?;
                let places = self.shops.places();
                answer(&bins.finish(&import, (&self.keeper.db, &places)).await?)
            }
        }
    }
}
