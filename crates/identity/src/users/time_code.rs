//! Time codes: six digits, thirty seconds, one step of tolerance either way (RFC 6238).

use kernel::{Rng, Timestamp};
use totp_rs::{Builder, Secret, Totp};

/// Bytes of a seed (RFC 4226 recommends 160 bits).
pub const SEED_BYTES: usize = 20;

/// A new seed.
#[must_use]
pub fn new_seed(rng: &dyn Rng) -> [u8; SEED_BYTES] {
    let mut seed = [0; SEED_BYTES];
    rng.fill(&mut seed);
    seed
}

/// The seed as people type it into their authenticator.
#[must_use]
pub fn to_base32(seed: &[u8; SEED_BYTES]) -> String {
    Secret::new_stack(*seed).to_base32()
}

/// The step whose code this is; the caller must refuse a step that was used before.
#[must_use]
pub fn matching_step(seed: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.as_seconds()).ok()?;
    let step = calculator(seed)?.check(&digits, seconds)?;
    i64::try_from(step).ok()
}

/// The code of an instant, as the person's authenticator shows it (demo and tests).
#[must_use]
pub fn code_at(seed: &[u8], now: Timestamp) -> Option<String> {
    let seconds = u64::try_from(now.as_seconds()).ok()?;
    Some(calculator(seed)?.generate(seconds).to_string())
}

fn calculator(seed: &[u8]) -> Option<Totp> {
    Builder::new().with_secret(seed.to_vec()).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8; 20] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(seconds)
    }

    /// RFC 6238 appendix B, last six digits of the SHA-1 column.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")]
        {
            assert_eq!(code_at(SEED, at(seconds)).as_deref(), Some(code));
            assert_eq!(matching_step(SEED, code, at(seconds)), Some(seconds / 30));
        }
        assert_eq!(matching_step(SEED, "287 082", at(59)), Some(1));
    }

    #[test]
    fn one_step_of_tolerance_and_no_more() {
        let code = code_at(SEED, at(3000)).unwrap();
        assert_eq!(matching_step(SEED, &code, at(3030)), Some(100));
        assert_eq!(matching_step(SEED, &code, at(3060)), None);
        assert_eq!(matching_step(SEED, "", at(3000)), None);
    }

    #[test]
    fn seeds_read_as_base32() {
        assert_eq!(to_base32(SEED), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
