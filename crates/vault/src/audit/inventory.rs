//! Every key there is, read from where keys are: the keyring, the tables, the slots.

use std::collections::{BTreeMap, BTreeSet};

use db::DbError;
use kernel::{Id, MerchantId, Timestamp};
use vault_wire::{Inventory, KeyEntry, RecordKeys, RootForm};

use super::store::{self, KeyRow};
use crate::core::Core;
use crate::keys::Root;
use crate::sealing::custodians::{self, Custodian};
use crate::slots::Class;

const LOCK: &str = include_str!("../../../../Cargo.lock");
const DAY_SECONDS: i64 = 24 * 60 * 60;

const LIBRARIES: [&str; 11] = [
    "cryptoki",
    "argon2",
    "aws-lc-rs",
    "aws-lc-sys",
    "ct-merkle",
    "getrandom",
    "rustls",
    "sha2",
    "subtle",
    "webpki-roots",
    "zeroize",
];

const PROTOCOLS: [&str; 11] = [
    "AES-256-GCM (NIST SP 800-38D) in a device (PKCS#11): keys at rest, where the root is in one",
    "XAES-256-GCM (C2SP): records, slots, keys at rest",
    "HKDF-SHA-256 (RFC 5869): slot keys, commitments",
    "HMAC-SHA-256 (FIPS 198-1): fingerprints, PIN verifiers, comparison of bodies",
    "Argon2id (RFC 9106), 64 MiB, 3 passes: PIN verifiers",
    "Ed25519 (RFC 8032): heads of the log, receipts",
    "SHA-256 Merkle tree (RFC 6962): the log",
    "HPKE (RFC 9180), X25519, AES-256-GCM: keys of backups",
    "Shamir's sharing over GF(2^8), polynomial 0x11B: shares of the root",
    "TLS 1.2 and 1.3 (rustls): the database server",
    "Unix socket with the peer's user from the kernel: app and vault",
];

/// What a kind of key is for, its algorithm, its period in days, where it lies.
type About = (&'static str, &'static str, i64, &'static str);

fn about(kind: &str) -> About {
    const TABLE: &str = "table vault_key, wrapped by the root";
    const RING: &str = "file keyring, wrapped by the root";
    match kind {
        "property_number" => ("wraps keys of cards", "XAES-256-GCM", 365, TABLE),
        "property_code" => ("wraps keys of codes", "XAES-256-GCM", 365, TABLE),
        "pin_pepper" => ("keys PIN verifiers", "HMAC-SHA-256", 365, TABLE),
        "fingerprint" => ("makes fingerprints", "HMAC-SHA-256", 1_095, TABLE),
        "body" => ("compares requests", "HMAC-SHA-256", 1_095, TABLE),
        "epoch_number" => ("seals slots of numbers", "XAES-256-GCM", 7, RING),
        "epoch_code" => ("seals slots of codes", "XAES-256-GCM", 1, RING),
        "backup" => ("seals keys of cards in the newest backup", "XAES-256-GCM", 7, RING),
        "log" => ("signs heads and receipts", "Ed25519", 365, RING),
        _ => ("not known to this release", "unknown", 0, "unknown"),
    }
}

impl Core {
    /// Every key, protocol and library.
    pub(crate) async fn inventory(&self) -> Result<Inventory, DbError> {
        let real = self.clock.now();
        let mut keys = vec![root(self.seals.form, self.keeper.keyring.root())];
        for key in self.keeper.keyring.all() {
            keys.push(entry(&key.kind, key.id(), key.made, real));
        }
        let retired: BTreeSet<String> = self.retired_keys();
        let merchants = self.shops.merchants();
        let read = move |tx: &mut db::Tx<'_>| {
            let (mut rows, mut slots) = (Vec::new(), RecordKeys::default());
            for merchant in &merchants {
                rows.extend(store::keys(tx, *merchant)?.into_iter().map(|row| (*merchant, row)));
                let (cards, codes) = store::slots(tx, *merchant)?;
                slots.cards = slots.cards.saturating_add(cards);
                slots.codes = slots.codes.saturating_add(codes);
            }
            Ok((rows, slots))
        };
        let (rows, record_keys) = self.keeper.db.read::<_, DbError, _>(read).await?;
        for (merchant, row) in rows {
            keys.push(entry(&row.kind, id_of(merchant, &row), row.created, real));
        }
        let made: BTreeMap<String, Timestamp> =
            keys.iter().filter_map(|key| Some((key.id.clone(), key.created?))).collect();
        for key in keys.iter_mut().filter(|key| retired.contains(&key.id)) {
            let since = next_version(&key.id).and_then(|next| made.get(&next));
            let late = since.is_some_and(|since| since.plus_seconds(DAY_SECONDS) < real);
            key.state = if late { "overdue" } else { "retired" }.into();
        }
        let custodians = self.custodians().await?;
        let shops = self.shops.all();
        let modes: BTreeSet<&str> = shops
            .iter()
            .filter(|shop| !crate::shred::is_drill(shop.settings.merchant))
            .map(|shop| shop.settings.mode.as_str())
            .collect();
        Ok(Inventory {
            keys,
            record_keys,
            protocols: PROTOCOLS.map(str::to_owned).to_vec(),
            libraries: LIBRARIES.iter().filter_map(|name| version(name)).collect(),
            custodians: custodians.iter().map(Custodian::told).collect(),
            roots_apart: modes.len() < 2,
        })
    }

    /// Those who open this vault; nobody where the root is a file, or the newest shares are another's.
    pub(super) async fn custodians(&self) -> Result<Vec<Custodian>, DbError> {
        match self.seals.form {
            RootForm::File | RootForm::Token => Ok(Vec::new()),
            RootForm::Shares => {
                let mut present = custodians::present(&self.keeper.db).await?;
                let root = self.keeper.keyring.root().bits();
                present.retain(|one| root.is_some_and(|root| one.is_of(root)));
                Ok(present)
            }
        }
    }

    /// Names of keys that open what is not sealed anew yet, and seal nothing.
    fn retired_keys(&self) -> BTreeSet<String> {
        let epochs = Class::ALL.into_iter().flat_map(|class| self.keeper.keyring.retired(class));
        let properties = self.shops.retired().into_iter().map(|key| key.id());
        epochs.map(|key| key.id()).chain(properties).collect()
    }
}

fn root(form: RootForm, root: &Root) -> KeyEntry {
    let token = match root {
        Root::Here(_) => None,
        Root::Device(token) => Some(token),
    };
    KeyEntry {
        id: "root".into(),
        r#use: "wraps all keys at rest".into(),
        algorithm: if token.is_some() { "AES-256-GCM" } else { "XAES-256-GCM" }.into(),
        bits: 256,
        created: None,
        state: "active".into(),
        next_change: None,
        place: match form {
            RootForm::File => "file of the root, apart from the data, mode 0400",
            RootForm::Shares => "shares of custodians; memory alone while the vault is open",
            RootForm::Token => "a device (PKCS#11), sensitive, never extractable",
        }
        .into(),
        hsm_serial: token.map(|token| token.serial().to_owned()),
    }
}

/// The key that took over from one: it has retired since that was made.
fn next_version(id: &str) -> Option<String> {
    let (kind, number) = id.rsplit_once('/')?;
    Some(format!("{kind}/{}", number.parse::<u32>().ok()?.checked_add(1)?))
}

fn id_of(merchant: MerchantId, row: &KeyRow) -> String {
    let none = Id::from_bytes([0; 16]);
    let owner = if row.shop == none {
        merchant.to_string()
    } else {
        kernel::ShopId::from(row.shop).to_string()
    };
    format!("{}/{owner}/{}", row.kind, row.version)
}

fn entry(kind: &str, id: String, created: Timestamp, real: Timestamp) -> KeyEntry {
    let (purpose, algorithm, days, place) = about(kind);
    let next = created.plus_seconds(days * DAY_SECONDS);
    KeyEntry {
        id,
        r#use: purpose.into(),
        algorithm: algorithm.into(),
        bits: 256,
        created: Some(created),
        state: if next <= real { "overdue" } else { "active" }.into(),
        next_change: Some(next),
        place: place.into(),
        hsm_serial: None,
    }
}

/// Name and version of a library that was built in.
fn version(name: &str) -> Option<String> {
    let (_, rest) = LOCK.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    Some(format!("{name} {}", rest.split('"').next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_156_every_kind_of_key_has_a_use_and_libraries_have_their_versions() {
        for library in ["aws-lc-rs", "argon2", "ct-merkle"] {
            let told = version(library).unwrap();
            assert!(told.split(' ').nth(1).unwrap().starts_with(|c: char| c.is_ascii_digit()));
        }
        let at = Timestamp::from_micros(0);
        let fresh = entry("epoch_code", "x".into(), at, at.plus_seconds(DAY_SECONDS - 1));
        assert_eq!((fresh.state.as_str(), fresh.bits), ("active", 256));
        let old = entry("epoch_code", "x".into(), at, at.plus_seconds(DAY_SECONDS));
        assert_eq!(old.state, "overdue");
        assert_eq!(about("no such kind").0, "not known to this release");
    }
}
