//! What a guest has typed so far on a card page, kept in memory so that he need not type it
//! again after a fault elsewhere in the form.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kernel::{CaptureId, Locale, Timestamp};
use zeroize::Zeroizing;

use super::texts::Masked;
use crate::card::{Cvv, Expiry, Pan};

const KEPT_MINUTES: i64 = 15;
const MAX_DRAFTS: usize = 4_096;

/// The form as far as it is good.
#[derive(Default)]
pub(crate) struct Draft {
    /// A valid number.
    pub(crate) pan: Option<Pan>,
    /// A valid expiry of that number.
    pub(crate) expiry: Option<Expiry>,
    /// The code, only while the scheme is being chosen.
    pub(crate) code: Option<Cvv>,
    /// Name on the card.
    pub(crate) holder: Zeroizing<String>,
    /// E-mail address as typed.
    pub(crate) email: String,
    /// The box "save".
    pub(crate) save: bool,
    /// The number is hidden while it is typed.
    pub(crate) masked: Masked,
    /// The language chosen on the page.
    pub(crate) lang: Option<Locale>,
}

/// Drafts by capture.
#[derive(Default)]
pub(crate) struct Drafts(Mutex<HashMap<CaptureId, (Draft, Timestamp)>>);

impl Drafts {
    fn lock(&self) -> MutexGuard<'_, HashMap<CaptureId, (Draft, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a draft out; nothing when there is none or it is too old.
    pub(crate) fn take(&self, capture: CaptureId, real: Timestamp) -> Option<Draft> {
        let (draft, until) = self.lock().remove(&capture)?;
        (real < until).then_some(draft)
    }

    /// Puts a draft back; its minutes start again.
    pub(crate) fn put(&self, capture: CaptureId, draft: Draft, real: Timestamp) {
        let mut all = self.lock();
        all.retain(|_, (_, until)| real < *until);
        if all.len() < MAX_DRAFTS {
            all.insert(capture, (draft, real.plus_minutes(KEPT_MINUTES)));
        }
    }

    /// Wipes what is too old.
    pub(crate) fn sweep(&self, real: Timestamp) {
        self.lock().retain(|_, (_, until)| real < *until);
    }
}
