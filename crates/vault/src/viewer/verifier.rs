//! What is stored of a PIN: HMAC under the vault's key of Argon2id.
//!
//! Both, because eight digits alone fall to anybody with a copy of the hashes and some weeks of
//! machines; without the key there is nothing to compare a guess with.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::{Algorithm, Argon2, Params, Version};
use kernel::{Id, Rng};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::keys::bytes::{KEY_BYTES, hex, unhex};
use crate::shop::Shop;

const MEMORY_KIB: u32 = 65_536;
const ROUNDS: u32 = 3;
const SALT_BYTES: usize = 16;
/// Runs at the same time; each takes 64 MiB.
const RUNS: usize = 2;
/// Runs and those that wait for one.
const MOST_WAITING: usize = 32;
/// The present PIN and those before it that may not come back.
const KEPT: usize = 4;
const CONTEXT: &[u8] = b"guichet.pin.v1\0";

/// Too many PINs are being checked; no try was counted.
#[derive(Debug)]
pub(crate) struct Busy;

/// Checks PINs, a few at a time.
pub(crate) struct Verifiers {
    places: Semaphore,
    waiting: AtomicUsize,
}

impl Default for Verifiers {
    fn default() -> Self {
        Self { places: Semaphore::new(RUNS), waiting: AtomicUsize::new(0) }
    }
}

/// A place among those that check.
pub(crate) struct Turn<'v> {
    waiting: &'v AtomicUsize,
    _permit: tokio::sync::SemaphorePermit<'v>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Verifiers {
    /// Waits for a place; to be had before a try is counted.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, Busy> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= MOST_WAITING {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Busy);
        }
        match self.places.acquire().await {
            Ok(permit) => Ok(Turn { waiting: &self.waiting, _permit: permit }),
            Err(_) => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                Err(Busy)
            }
        }
    }

    /// The verifiers of a new PIN, before the kept ones of its forerunners; `None` when it is one
    /// of them.
    pub(crate) async fn renew(
        &self,
        place: (Arc<Shop>, Id),
        pin: &Zeroizing<String>,
        (kept, rng): (&str, &dyn Rng),
    ) -> Result<Option<String>, Busy> {
        let _turn = self.turn().await?;
        let mut salt = [0; SALT_BYTES];
        rng.fill(&mut salt);
        let (pin, kept) = (pin.clone(), kept.to_owned());
        let renewed = tokio::task::spawn_blocking(move || {
            let (shop, viewer) = place;
            if lines(&kept).any(|line| fits(&shop, viewer, &pin, line)) {
                return Ok(None);
            }
            let tag = tag(&shop, viewer, &pin, &salt).ok_or(Busy)?;
            let fresh = format!("{}:{}", hex(&salt), hex(tag.as_slice()));
            let all: Vec<&str> =
                std::iter::once(fresh.as_str()).chain(lines(&kept)).take(KEPT).collect();
            Ok(Some(all.join("\n")))
        });
        renewed.await.unwrap_or(Err(Busy))
    }

    /// Whether a PIN is the present one. The caller has its [`Turn`].
    pub(crate) async fn fits(
        &self,
        place: (Arc<Shop>, Id),
        pin: Zeroizing<String>,
        kept: String,
    ) -> Result<bool, Busy> {
        let checked = tokio::task::spawn_blocking(move || {
            let (shop, viewer) = place;
            lines(&kept).next().is_some_and(|line| fits(&shop, viewer, &pin, line))
        });
        checked.await.map_err(|_| Busy)
    }
}

fn lines(kept: &str) -> impl Iterator<Item = &str> {
    kept.lines().filter(|line| !line.is_empty())
}

fn fits(shop: &Shop, viewer: Id, pin: &str, line: &str) -> bool {
    let known = line
        .split_once(':')
        .and_then(|(salt, known)| Some((unhex::<SALT_BYTES>(salt)?, unhex::<KEY_BYTES>(known)?)));
    let Some((salt, known)) = known else { return false };
    let Some(tag) = tag(shop, viewer, pin, &salt) else { return false };
    tag.as_slice().ct_eq(known.as_slice()).into()
}

fn tag(
    shop: &Shop,
    viewer: Id,
    pin: &str,
    salt: &[u8; SALT_BYTES],
) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let params = Params::new(MEMORY_KIB, ROUNDS, 1, Some(KEY_BYTES)).ok()?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let whole = [salt.as_slice(), viewer.as_bytes(), shop.settings.shop.as_bytes()].concat();
    let mut slow = Zeroizing::new([0; KEY_BYTES]);
    argon.hash_password_into(pin.as_bytes(), &whole, slow.as_mut_slice()).ok()?;
    Some(Zeroizing::new(shop.keys.pepper.hmac(&[CONTEXT, slow.as_slice()])))
}
