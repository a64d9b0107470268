//! Secrets of endpoints and signatures of messages, as Standard Webhooks 1.0.0 has them.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::{Rng, Secret};

/// What a secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";
/// Bytes of a secret made here; the standard allows 24 to 64.
pub const SECRET_BYTES: usize = 32;

/// The key of one endpoint.
pub type Key = Secret<Vec<u8>>;

/// A new key.
#[must_use]
pub fn new_key(rng: &dyn Rng) -> Key {
    let mut bytes = vec![0; SECRET_BYTES];
    rng.fill(&mut bytes);
    Secret::new(bytes)
}

/// The key as its owner sees it.
#[must_use]
pub fn text(key: &Key) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(key.expose()))
}

/// The header `webhook-signature`: one signature per key, the new one first. `seconds` is the
/// real instant of sending.
#[must_use]
pub fn header(keys: &[Key], id: &str, seconds: i64, body: &[u8]) -> String {
    let one = |key: &Key| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        let mut context = hmac::Context::with_key(&key);
        context.update(format!("{id}.{seconds}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    };
    keys.iter().map(one).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    fn key(text: &str) -> Key {
        Secret::new(STANDARD.decode(text.strip_prefix(SECRET_PREFIX).unwrap()).unwrap())
    }

    #[test]
    fn p_127_the_published_example_is_signed_to_the_letter() {
        let key = key("whsec_Z3VpY2hldC1leGFtcGxlLXNlY3JldC0zMi1ieXRlcyE=");
        let body = r#"{"type":"payment.captured","timestamp":"2026-11-23T22:05:00Z","data":{"id":"pay_01jd8q0000000000000000test","amount":8400,"currency":"EUR"}}"#;
        let header =
            header(&[key], "evt_01jd8q0000000000000000hook", 1_795_471_500, body.as_bytes());
        assert_eq!(header, "v1,9u2fpt73nkksAqYNoXpV3jRQr5YDJL3X+NPaU/xzNPA=");
    }

    #[test]
    fn p_127_two_keys_sign_while_they_are_exchanged() {
        let rng = SeededRng::new(1);
        let (new, old) = (new_key(&rng), new_key(&rng));
        let alone = header(std::slice::from_ref(&old), "evt_1", 7, b"{}");
        let both = header(&[new, old], "evt_1", 7, b"{}");
        assert_eq!(both.split(' ').collect::<Vec<_>>().len(), 2);
        assert!(both.ends_with(&alone), "{both} {alone}");
    }

    #[test]
    fn p_127_a_secret_has_32_bytes_behind_its_prefix() {
        let key = new_key(&SeededRng::new(4));
        let text = text(&key);
        let bytes = STANDARD.decode(text.strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!((bytes.len(), &bytes), (SECRET_BYTES, key.expose()));
    }
}
