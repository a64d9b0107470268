//! Who opens backups: key pairs whose secret half is kept off the machine.
//!
//! The key of a backup is sealed to each recipient with HPKE (RFC 9180, base mode):
//! DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
//!
//! Written: `guichet-recipient-v1:<64 hexadecimal digits>:<CRC-32 of those digits>`, and the secret
//! half, in a file of mode 0400, with the public one before it:
//! `guichet-recipient-secret-v1:<public>:<secret>:<CRC-32 of what stands between the colons>`.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_256 as SUITE;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke, HpkePrivateKey, HpkePublicKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::BackupError;
use crate::keys::bytes::{KEY_BYTES, crc32, hex, sha256, unhex};
use crate::keys::{Corrupt, Key};

const PUBLIC: &str = "guichet-recipient-v1";
const SECRET: &str = "guichet-recipient-secret-v1";
const INFO: &[u8] = b"guichet.backup.key.v1";
const MODE: u32 = 0o400;
/// Recipients of a backup.
const MOST: usize = 5;
const ID_BYTES: usize = 4;
const MAX_FILE_BYTES: usize = 512;
/// Bytes of a sealed key of a backup.
const SEALED_BYTES: usize = KEY_BYTES + 16;

/// The public half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recipient([u8; KEY_BYTES]);

/// The secret half, with its public one.
pub(crate) struct RecipientSecret {
    public: Recipient,
    secret: Zeroizing<[u8; KEY_BYTES]>,
}

/// The key of a backup, sealed to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Envelope {
    /// Whose.
    pub(crate) recipient: String,
    /// The sender's half of the exchange, hexadecimal.
    enc: String,
    /// The sealed key, hexadecimal.
    sealed: String,
}

impl Recipient {
    /// Eight characters that name the key: the first bytes of its hash.
    pub(crate) fn id(&self) -> String {
        hex(sha256(&self.0).get(..ID_BYTES).unwrap_or_default())
    }

    fn text(&self) -> String {
        let digits = hex(&self.0);
        format!("{PUBLIC}:{digits}:{:08x}", crc32(digits.as_bytes()))
    }

    /// Reads a line of the configuration.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (digits, check) =
            line.trim().strip_prefix(PUBLIC)?.strip_prefix(':')?.split_once(':')?;
        let sound = u32::from_str_radix(check, 16).ok()? == crc32(digits.as_bytes());
        sound.then(|| unhex::<KEY_BYTES>(digits).map(|bytes| Self(*bytes))).flatten()
    }

    /// All lines of the configuration.
    ///
    /// # Errors
    /// [`BackupError::Recipients`] naming the first fault.
    pub(crate) fn all(lines: &[String]) -> Result<Vec<Self>, BackupError> {
        if lines.is_empty() || lines.len() > MOST {
            let why = format!("1 to {MOST} are needed, there are {}", lines.len());
            return Err(BackupError::Recipients(why));
        }
        let mut all: Vec<Self> = Vec::new();
        for (place, line) in lines.iter().enumerate() {
            let named = |why: &str| {
                BackupError::Recipients(format!("line {} {why}", place.saturating_add(1)))
            };
            let one = Self::parse(line).ok_or_else(|| named("is not a recipient's key"))?;
            if all.contains(&one) {
                return Err(named("stands there twice"));
            }
            all.push(one);
        }
        Ok(all)
    }

    /// Seals the key of a backup, bound to the backup's name.
    pub(crate) fn seal(&self, key: &Key, backup: &str) -> Result<Envelope, Corrupt> {
        let public = HpkePublicKey(self.0.to_vec());
        let (enc, sealed) =
            SUITE.seal(INFO, backup.as_bytes(), key.expose(), &public).map_err(|_| Corrupt)?;
        Ok(Envelope { recipient: self.id(), enc: hex(&enc.0), sealed: hex(&sealed) })
    }
}

impl RecipientSecret {
    /// A new pair.
    fn generate() -> Result<Self, Corrupt> {
        let (public, secret) = SUITE.generate_key_pair().map_err(|_| Corrupt)?;
        let public = <[u8; KEY_BYTES]>::try_from(public.0).map_err(|_| Corrupt)?;
        let mut bits = Zeroizing::new([0; KEY_BYTES]);
        let from = secret.secret_bytes();
        let from: &[u8; KEY_BYTES] = from.try_into().map_err(|_| Corrupt)?;
        bits.copy_from_slice(from);
        Ok(Self { public: Recipient(public), secret: bits })
    }

    fn text(&self) -> Zeroizing<String> {
        let secret = Zeroizing::new(hex(self.secret.as_slice()));
        let both = Zeroizing::new(format!("{}:{}", hex(&self.public.0), *secret));
        Zeroizing::new(format!("{SECRET}:{}:{:08x}\n", *both, crc32(both.as_bytes())))
    }

    fn parse(line: &str) -> Option<Self> {
        let (both, check) = line.strip_prefix(SECRET)?.strip_prefix(':')?.rsplit_once(':')?;
        let sound = u32::from_str_radix(check, 16).ok()? == crc32(both.as_bytes());
        let (public, secret) = both.split_once(':').filter(|_| sound)?;
        Some(Self { public: Recipient(*unhex(public)?), secret: unhex(secret)? })
    }

    /// Reads the file that [`make`] wrote.
    ///
    /// # Errors
    /// [`BackupError::Secret`] naming the file.
    pub(crate) fn read(path: &Path) -> Result<Self, BackupError> {
        let named = |why: String| BackupError::Secret(path.to_owned(), why);
        let text = Zeroizing::new(std::fs::read(path).map_err(|error| named(error.to_string()))?);
        let line = text.get(..text.len().min(MAX_FILE_BYTES)).unwrap_or_default();
        let line = std::str::from_utf8(line).unwrap_or_default();
        Self::parse(line.trim_end()).ok_or_else(|| named("not a recipient's secret key".into()))
    }

    /// The public half's name.
    pub(crate) fn id(&self) -> String {
        self.public.id()
    }

    /// Opens what was sealed to this recipient for a backup.
    pub(crate) fn open(&self, envelope: &Envelope, backup: &str) -> Result<Key, Corrupt> {
        let enc = unhex::<KEY_BYTES>(&envelope.enc).ok_or(Corrupt)?;
        let sealed = unhex::<SEALED_BYTES>(&envelope.sealed).ok_or(Corrupt)?;
        let secret = HpkePrivateKey::from(self.secret.to_vec());
        let enc = EncapsulatedSecret(enc.to_vec());
        let opened = SUITE.open(&enc, INFO, backup.as_bytes(), sealed.as_slice(), &secret);
        let mut opened = Zeroizing::new(opened.map_err(|_| Corrupt)?);
        Key::take(opened.as_mut_slice()).ok_or(Corrupt)
    }
}

/// Makes a pair: the secret half goes to a new file, the line of the configuration comes back.
///
/// # Errors
/// [`BackupError::Secret`] naming the file; nothing is ever overwritten.
pub fn make(path: &Path) -> Result<String, BackupError> {
    let named = |why: String| BackupError::Secret(path.to_owned(), why);
    let pair = RecipientSecret::generate().map_err(|_| named("no key could be made".into()))?;
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(MODE).open(path);
    let mut file = file.map_err(|error| named(error.to_string()))?;
    let written = file.write_all(pair.text().as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| named(error.to_string()))?;
    Ok(pair.public.text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::bytes::tests::counting;

    #[test]
    fn v_151_only_the_recipient_opens_the_key_and_only_for_its_backup() {
        let (one, other) =
            (RecipientSecret::generate().unwrap(), RecipientSecret::generate().unwrap());
        let sealed = one.public.seal(&counting(7), "backup-a").unwrap();
        assert_eq!(one.open(&sealed, "backup-a").unwrap().expose(), counting(7).expose());
        assert!(one.open(&sealed, "backup-b").is_err());
        assert!(other.open(&sealed, "backup-a").is_err());
        let again = one.public.seal(&counting(7), "backup-a").unwrap();
        assert_ne!(sealed, again, "no two envelopes are alike");
    }

    #[test]
    fn v_151_a_slip_in_a_recipient_s_line_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("anne.key");
        let line = make(&path).unwrap();
        assert!(make(&path).is_err(), "never overwritten");
        let read = RecipientSecret::read(&path).unwrap();
        assert_eq!(Recipient::parse(&line).unwrap(), read.public);
        let bent = line.replace(":0", ":1").replace(":a", ":b").replace(":f", ":e") + "0";
        assert!(Recipient::parse(&bent).is_none());
        let said = |lines: &[String]| Recipient::all(lines).unwrap_err().to_string();
        assert!(said(&[]).contains("1 to 5"));
        assert!(said(&[line.clone(), line.clone()]).contains("line 2 stands there twice"));
        assert!(said(&[line, "x".into()]).contains("line 2 is not"));
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&path).unwrap());
        assert_eq!(mode & 0o777, 0o400);
    }
}
