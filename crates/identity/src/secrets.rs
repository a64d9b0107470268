//! The app's own keys, hashes of bearer secrets, and sealing of the few values that must be
//! read back (the seeds of time codes).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Id, Rng, Secret, UserId};

/// Bytes of a session id and of any other random bearer secret made here.
pub const SECRET_BYTES: usize = 32;

/// Keys of the app, kept outside its database.
#[derive(Clone)]
pub struct AppKeys {
    pepper: Secret<[u8; 32]>,
    sealing: Secret<[u8; 32]>,
    sessions: Secret<[u8; 32]>,
    guests: Secret<[u8; 32]>,
}

/// A sealed value that does not open: other key, other owner, or changed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value does not open with this key")]
pub struct Unreadable;

impl AppKeys {
    /// The keys of a purpose each, derived from the app's one key with HMAC-SHA256 as a
    /// pseudo-random function (NIST SP 800-108).
    #[must_use]
    pub fn from_root(root: &[u8; 32]) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, root);
        let of = |purpose: &str| Secret::new(tag(&root, &[purpose]));
        Self {
            pepper: of("guichet password pepper 1"),
            sealing: of("guichet sealing 1"),
            sessions: of("guichet session ids 1"),
            guests: of("guichet guest pages 1"),
        }
    }

    /// The cookie of the session opened by one rendered sign-in form and one step of a person's
    /// time code: a second submit of the same form leads to the same session. The form's token
    /// alone opens nothing.
    #[must_use]
    pub fn session_of_form(&self, form_token: &str, user: UserId, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.sessions.expose());
        let (user, step) = (user.to_string(), step.to_string());
        URL_SAFE_NO_PAD.encode(tag(&key, &[form_token, &user, &step]))
    }

    /// The secret in the address of a guest's page of an object: 128 bits that follow from it, so
    /// that every mail can name the page and no table holds the secret.
    #[must_use]
    pub fn guest_page(&self, object: Id) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.guests.expose());
        let tag = tag(&key, &[&object.text()]);
        Id::from_bytes(*tag.first_chunk().unwrap_or(&[0; 16])).text()
    }

    /// The key mixed into password hashes.
    #[must_use]
    pub const fn pepper(&self) -> &[u8; 32] {
        self.pepper.expose()
    }

    /// AES-256-GCM with a random nonce in front (NIST SP 800-38D); `owner` is authenticated, so
    /// that a value moved to another row does not open.
    ///
    /// # Errors
    /// [`Unreadable`] when the cipher refuses, which its limits make impossible here.
    pub fn seal(&self, owner: &[u8], value: &[u8], rng: &dyn Rng) -> Result<Vec<u8>, Unreadable> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        let mut sealed = value.to_vec();
        self.cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(owner),
                &mut sealed,
            )
            .map_err(|_| Unreadable)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what [`Self::seal`] made for the same owner.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn open(&self, owner: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(Unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unreadable)?;
        let mut value = rest.to_vec();
        let plain = self
            .cipher()?
            .open_in_place(nonce, Aad::from(owner), &mut value)
            .map_err(|_| Unreadable)?;
        Ok(plain.to_vec())
    }

    fn cipher(&self) -> Result<LessSafeKey, Unreadable> {
        let key = UnboundKey::new(&AES_256_GCM, self.sealing.expose()).map_err(|_| Unreadable)?;
        Ok(LessSafeKey::new(key))
    }
}

impl std::fmt::Debug for AppKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppKeys(•••)")
    }
}

/// SHA-256 of a bearer secret: what is stored and looked up, so that a stolen database opens
/// nothing. Secrets carry at least 160 random bits, so no slow hash is needed.
#[must_use]
pub fn hash(secret: &str) -> [u8; 32] {
    first_32(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref())
}

/// 256 random bits as URL-safe text, for cookies and page tokens.
#[must_use]
pub fn random_token(rng: &dyn Rng) -> String {
    let mut bytes = [0; SECRET_BYTES];
    rng.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// HMAC over parts, each led by its length so that parts cannot run into each other.
fn tag(key: &hmac::Key, parts: &[&str]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&part.len().to_be_bytes());
        context.update(part.as_bytes());
    }
    first_32(context.sign().as_ref())
}

fn first_32(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(bytes) {
        *to = *from;
    }
    out
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    #[test]
    fn a_sealed_value_opens_for_its_owner_only() {
        let keys = AppKeys::from_root(&[1; 32]);
        let rng = SeededRng::new(7);
        let sealed = keys.seal(b"usr_a", b"seed", &rng).unwrap();
        assert_eq!(keys.open(b"usr_a", &sealed).unwrap(), b"seed");
        assert_eq!(keys.open(b"usr_b", &sealed), Err(Unreadable));
        assert_eq!(AppKeys::from_root(&[3; 32]).open(b"usr_a", &sealed), Err(Unreadable));
        assert_eq!(keys.open(b"usr_a", b"short"), Err(Unreadable));
        assert_ne!(keys.seal(b"usr_a", b"seed", &rng).unwrap(), sealed);
    }

    #[test]
    fn the_cookie_depends_on_form_person_and_code() {
        let keys = AppKeys::from_root(&[1; 32]);
        let user = UserId::random(&SeededRng::new(1));
        let cookie = keys.session_of_form("t", user, 12);
        assert_eq!(cookie, keys.session_of_form("t", user, 12));
        assert_ne!(cookie, keys.session_of_form("t", user, 13));
        assert_ne!(cookie, keys.session_of_form("u", user, 12));
        assert_ne!(cookie, keys.session_of_form("t", UserId::random(&SeededRng::new(2)), 12));
    }

    #[test]
    fn hashes_are_sha_256() {
        let empty = hash("");
        assert_eq!(empty[..4], [0xe3, 0xb0, 0xc4, 0x42]);
    }
}
