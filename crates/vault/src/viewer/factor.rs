//! The second factor of people who do not sign in at the app: time codes of an authenticator, six
//! digits, thirty seconds, one step of tolerance either way (RFC 6238).
//!
//! The seed is never stored: it is a keyed hash of the enrolment that gave it, so that a copy of
//! the database alone makes no codes.

use kernel::{Id, Timestamp};
use totp_rs::{Builder, Secret, Totp};

use crate::shop::Shop;

/// RFC 4226 recommends 160 bits.
const SEED_BYTES: usize = 20;

/// What an authenticator is given.
pub(crate) struct Seed([u8; SEED_BYTES]);

impl Seed {
    /// The seed that an enrolment gives.
    pub(super) fn of(shop: &Shop, enrolment: Id) -> Self {
        let hash = shop.keys.pepper.hmac(&[b"guichet.factor.v1\0", enrolment.as_bytes()]);
        let mut seed = [0; SEED_BYTES];
        for (to, from) in seed.iter_mut().zip(hash) {
            *to = from;
        }
        Self(seed)
    }

    /// As people type it, in groups of four.
    pub(super) fn text(&self) -> String {
        let whole = Secret::new_stack(self.0).to_base32();
        let mut text = String::with_capacity(40);
        for (at, c) in whole.chars().enumerate() {
            if at > 0 && at.is_multiple_of(4) {
                text.push(' ');
            }
            text.push(c);
        }
        text
    }

    /// The step whose code this is.
    pub(super) fn step(&self, code: &str, real: Timestamp) -> Option<i64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let seconds = u64::try_from(real.as_seconds()).ok()?;
        i64::try_from(self.calculator()?.check(&digits, seconds)?).ok()
    }

    fn calculator(&self) -> Option<Totp> {
        Builder::new().with_secret(self.0.to_vec()).build().ok()
    }
}
