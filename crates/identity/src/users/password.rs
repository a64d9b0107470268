//! Passwords: Argon2id (RFC 9106) with 19 MiB and two passes, keyed with the app's pepper.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::Rng;

use crate::secrets::AppKeys;

/// Fewest characters of a password.
pub const MIN_CHARACTERS: usize = 12;
/// Most bytes of a password that are read.
pub const MAX_BYTES: usize = 512;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;

/// Why a password was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`MIN_CHARACTERS`].
    #[error("a password has at least {MIN_CHARACTERS} characters")]
    TooShort,
    /// More than [`MAX_BYTES`].
    #[error("a password has at most {MAX_BYTES} bytes")]
    TooLong,
    /// The hash function refused, for want of memory.
    #[error("the password could not be hashed")]
    Unhashable,
}

/// The hash to store, in the PHC string format.
///
/// # Errors
/// [`PasswordError`].
pub fn hash(keys: &AppKeys, password: &str, rng: &dyn Rng) -> Result<String, PasswordError> {
    if password.chars().count() < MIN_CHARACTERS {
        return Err(PasswordError::TooShort);
    }
    if password.len() > MAX_BYTES {
        return Err(PasswordError::TooLong);
    }
    let mut salt = [0; SALT_BYTES];
    rng.fill(&mut salt);
    let hash = hasher(keys)?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|_| PasswordError::Unhashable)?;
    Ok(hash.to_string())
}

/// Whether the password is the one hashed; takes as long when there is nothing to compare with,
/// so that a stranger cannot learn which addresses have an account.
#[must_use]
pub fn verify(keys: &AppKeys, password: &str, stored: Option<&str>) -> bool {
    let Ok(hasher) = hasher(keys) else { return false };
    if password.len() > MAX_BYTES {
        return false;
    }
    match stored {
        Some(stored) => hasher.verify_password(password.as_bytes(), stored).is_ok(),
        None => {
            let _ = hasher.hash_password_with_salt(password.as_bytes(), &[0; SALT_BYTES]);
            false
        }
    }
}

fn hasher(keys: &AppKeys) -> Result<Argon2<'_>, PasswordError> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| PasswordError::Unhashable)?;
    Argon2::new_with_secret(keys.pepper(), Algorithm::Argon2id, Version::V0x13, params)
        .map_err(|_| PasswordError::Unhashable)
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    #[test]
    fn q_47_a_stolen_hash_is_useless_without_the_pepper() {
        let keys = AppKeys::from_root(&[1; 32]);
        let rng = SeededRng::new(1);
        let stored = hash(&keys, "correct horse battery", &rng).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify(&keys, "correct horse battery", Some(&stored)));
        assert!(!verify(&keys, "correct horse batterz", Some(&stored)));
        let other = AppKeys::from_root(&[9; 32]);
        assert!(!verify(&other, "correct horse battery", Some(&stored)));
        assert!(!verify(&keys, "correct horse battery", None));
        assert_eq!(hash(&keys, "elevenchars", &rng), Err(PasswordError::TooShort));
    }
}
