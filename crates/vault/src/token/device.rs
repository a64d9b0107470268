//! The library of a device's maker, and the root's key behind it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use kernel::Rng;
use vault_wire::TokenFault;
use zeroize::Zeroizing;

use super::{MadeKey, Pin, TokenError, failing};
use crate::config::TokenConfig;
use crate::keys::Corrupt;
use crate::keys::bytes::{KEY_BYTES, hex};

const NONCE_BYTES: usize = 12;
const TAG_BITS: u64 = 128;
/// Bytes of the id that a key of ours gets.
const ID_BYTES: usize = 16;
/// Shorter ids tell no two roots apart.
const LEAST_ID_BYTES: usize = 8;
const PROBE_AAD: &[u8] = b"guichet.root.probe.v1";

/// A module that was loaded into this process.
pub(super) struct Module {
    pkcs11: Pkcs11,
    about: TokenConfig,
}

impl Module {
    pub(super) fn load(about: &TokenConfig) -> Result<Self, TokenError> {
        let fault = |error: Error| TokenError::Module(about.module.clone(), error.to_string());
        let pkcs11 = Pkcs11::new(&about.module).map_err(fault)?;
        Ok(Self { pkcs11, about: about.clone() })
    }

    /// Looks anew at what is plugged in, logs in, and finds the key.
    pub(super) fn connect(&self, pin: &Pin, rng: &dyn Rng) -> Result<Token, TokenFault> {
        let (slot, serial) = self.slot()?;
        let session = self.pkcs11.open_ro_session(slot).map_err(failing)?;
        log_in(&session, pin)?;
        let keys = session.find_objects(&self.template()).map_err(failing)?;
        let key = match keys.as_slice() {
            [] => return Err(TokenFault::KeyMissing),
            [key] => *key,
            _ => return Err(TokenFault::Unfit),
        };
        let id = fit(&session, key).map_err(failing)?.ok_or(TokenFault::Unfit)?;
        let (session, answered) = (Mutex::new(session), AtomicU64::new(0));
        let mut token = Token { session, key, serial, id, probe: Vec::new(), answered };
        token.probe = token.sealed(PROBE_AAD, &[0; KEY_BYTES], rng).map_err(failing)?;
        token.probe().map_err(failing)?;
        Ok(token)
    }

    /// Makes the key, which is in nobody's memory at any time.
    pub(super) fn make_key(&self, pin: &Pin, rng: &dyn Rng) -> Result<MadeKey, TokenError> {
        let fault = |error: Error| TokenError::Fault(failing(error));
        let (slot, serial) = self.slot().map_err(TokenError::Fault)?;
        let session = self.pkcs11.open_rw_session(slot).map_err(fault)?;
        log_in(&session, pin).map_err(TokenError::Fault)?;
        if !session.find_objects(&self.template()).map_err(fault)?.is_empty() {
            return Err(TokenError::KeyIsThere);
        }
        let mut id = [0; ID_BYTES];
        rng.fill(&mut id);
        let mut template = self.template();
        template.extend([
            Attribute::Id(id.to_vec()),
            Attribute::ValueLen((KEY_BYTES as u64).into()),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Modifiable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Wrap(false),
            Attribute::Unwrap(false),
        ]);
        // The kind of key follows from the mechanism, and some devices refuse to be told it twice.
        template.retain(|one| !matches!(one, Attribute::KeyType(_)));
        session.generate_key(&Mechanism::AesKeyGen, &template).map_err(fault)?;
        Ok(MadeKey { serial, id: hex(&id) })
    }

    fn template(&self) -> Vec<Attribute> {
        vec![
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::Token(true),
            Attribute::Label(self.about.key.clone().into_bytes()),
        ]
    }

    /// The one device with the label, fit and not about to lock; and its serial number.
    fn slot(&self) -> Result<(Slot, String), TokenFault> {
        // What it saw before may have been pulled out since; a module that saw nothing says so.
        let _ = self.pkcs11.clone().finalize();
        let flags = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
        self.pkcs11.initialize(flags).map_err(failing)?;
        let mut found = Vec::new();
        for slot in self.pkcs11.get_slots_with_initialized_token().map_err(failing)? {
            // One that is pulled out meanwhile is no longer there.
            let Ok(token) = self.pkcs11.get_token_info(slot) else { continue };
            if self.about.is(token.label()) {
                found.push((slot, token));
            }
        }
        let (slot, token) = found.pop().ok_or(TokenFault::Missing)?;
        let mechanisms = self.pkcs11.get_mechanism_list(slot).map_err(failing)?;
        if !found.is_empty() || !mechanisms.contains(&MechanismType::AES_GCM) {
            return Err(TokenFault::Unfit);
        }
        if token.user_pin_locked() {
            return Err(TokenFault::PinLocked);
        }
        if token.user_pin_final_try() {
            return Err(TokenFault::PinLastTry);
        }
        Ok((slot, token.serial_number().trim_end().to_owned()))
    }
}

fn log_in(session: &Session, pin: &Pin) -> Result<(), TokenFault> {
    pin.tried(|pin| match session.login(UserType::User, Some(pin)) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(Error::Pkcs11(
            RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange,
            _,
        )) => Err(TokenFault::PinRefused),
        Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(TokenFault::PinLocked),
        Err(error) => Err(failing(error)),
    })
}

/// The id of a key that is fit for a root; nothing of one that is not.
fn fit(session: &Session, key: ObjectHandle) -> Result<Option<Vec<u8>>, Error> {
    let asked = [
        AttributeType::Sensitive,
        AttributeType::AlwaysSensitive,
        AttributeType::Extractable,
        AttributeType::NeverExtractable,
        AttributeType::ValueLen,
        AttributeType::Id,
    ];
    let (mut id, mut good) = (None, 0);
    for attribute in session.get_attributes(key, &asked)? {
        match attribute {
            Attribute::Sensitive(true)
            | Attribute::AlwaysSensitive(true)
            | Attribute::Extractable(false)
            | Attribute::NeverExtractable(true) => good += 1,
            Attribute::ValueLen(length) if u64::from(length) == KEY_BYTES as u64 => good += 1,
            Attribute::Id(known) if known.len() >= LEAST_ID_BYTES => id = Some(known),
            _ => {}
        }
    }
    Ok(id.filter(|_| good == asked.len() - 1))
}

/// The root's key in its device, logged in.
pub(crate) struct Token {
    session: Mutex<Session>,
    key: ObjectHandle,
    serial: String,
    id: Vec<u8>,
    /// A text that only this key opens.
    probe: Vec<u8>,
    /// Keys that it has sealed or opened.
    answered: AtomicU64,
}

impl Token {
    /// The device's serial number.
    pub(crate) fn serial(&self) -> &str {
        &self.serial
    }

    /// The id that the key has in the device.
    pub(crate) fn id(&self) -> &[u8] {
        &self.id
    }

    /// How often it has answered: it may be at work for somebody else while a probe waits.
    pub(super) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Nonce ‖ sealed text ‖ tag.
    pub(crate) fn seal(&self, aad: &[u8], plain: &[u8], rng: &dyn Rng) -> Result<Vec<u8>, Corrupt> {
        self.sealed(aad, plain, rng).map_err(told)
    }

    /// Undoes [`Self::seal`].
    pub(crate) fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Corrupt> {
        self.opened(aad, sealed)?.map_err(told)
    }

    /// Whether the device still has the key.
    pub(super) fn probe(&self) -> Result<(), Error> {
        match self.opened(PROBE_AAD, &self.probe) {
            Ok(opened) => opened.map(|_| ()),
            Err(Corrupt) => Err(Error::InvalidValue),
        }
    }

    fn sealed(&self, aad: &[u8], plain: &[u8], rng: &dyn Rng) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_BYTES];
        rng.fill(&mut nonce);
        let params = GcmParams::new(&mut nonce, aad, TAG_BITS.into())?;
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let sealed = session.encrypt(&Mechanism::AesGcm(params), self.key, plain)?;
        self.answered.fetch_add(1, Ordering::Relaxed);
        // Here and not before: the device may have put its own nonce there.
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn opened(
        &self,
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Result<Zeroizing<Vec<u8>>, Error>, Corrupt> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Corrupt)?;
        let mut nonce = *nonce;
        let params = match GcmParams::new(&mut nonce, aad, TAG_BITS.into()) {
            Ok(params) => params,
            Err(error) => return Ok(Err(error)),
        };
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = session.decrypt(&Mechanism::AesGcm(params), self.key, sealed);
        self.answered.fetch_add(1, Ordering::Relaxed);
        Ok(opened.map(Zeroizing::new))
    }
}

/// The cause goes into the log: a device that fails is no damaged record.
fn told(error: Error) -> Corrupt {
    tracing::error!(%error, "the device did not seal or open a key");
    Corrupt
}
