//! What the pages of an enrolment are drawn from.

use kernel::Locale;
use zeroize::Zeroizing;

use super::PinFault;

/// The form of `/v/p/…`. Wiped when dropped.
#[derive(Default)]
pub(crate) struct PinForm {
    /// The code of the text message.
    pub(crate) code: Zeroizing<String>,
    /// The present PIN, when it is changed.
    pub(crate) old: Zeroizing<String>,
    /// The key of the page that was sent.
    pub(crate) key: Zeroizing<String>,
    /// The new PIN.
    pub(crate) pin: Zeroizing<String>,
    /// The same again.
    pub(crate) again: Zeroizing<String>,
    /// The code of an authenticator.
    pub(crate) factor: Zeroizing<String>,
}

/// What every page here shows.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Name of the property.
    pub(crate) shop: String,
    /// Test shop.
    pub(crate) test: bool,
    /// Language.
    pub(crate) lang: Locale,
    /// Where the page leads back to.
    pub(crate) back: Option<String>,
}

/// Where the enrolment stands.
pub(crate) enum PinStep {
    /// The code is asked for; after a wrong one, how many tries are left.
    Code { phone_end: String, left: Option<u32> },
    /// A PIN is to be chosen; with the seed for an authenticator where one is to be connected.
    Choose { key: String, fault: Option<PinFault>, seed: Option<String> },
    /// A PIN that replaces a lost one waits: may it be stopped?
    Stop,
    /// The present PIN and a new one; after a wrong present one, how many tries are left.
    Change { key: String, fault: Option<PinFault>, left: Option<u32> },
}

/// Answer to a visit or a form.
pub(crate) enum PinAnswer {
    /// A form.
    Ask(Frame, PinStep),
    /// The PIN is active.
    Done(Frame),
    /// The PIN is another one now.
    Changed(Frame),
    /// The PIN is chosen; used from then on, in words, or once another person agrees.
    Waits(Frame, String),
    /// The PIN that waited is gone, and the viewer shut out.
    Stopped(Frame),
    /// The link that would stop it is too old.
    NothingToStop(Frame),
    /// The link is over.
    Expired(Frame),
    /// The PIN was tried too often; until when, in words.
    Shut(Frame, String),
    /// The PIN must be set anew.
    Blocked(Frame),
    /// Too many wrong codes; the time when a new enrolment may begin, in words.
    Locked(Frame, String),
    /// Too many PINs are being checked.
    Busy(Frame),
    /// The machine's clock was set back.
    Uncertain(Frame),
    /// No such link.
    Unknown,
}

impl PinAnswer {
    /// The same in another language, if one was asked for.
    pub(crate) fn in_language(mut self, lang: Option<Locale>) -> Self {
        let frame = match &mut self {
            Self::Ask(frame, _)
            | Self::Done(frame)
            | Self::Changed(frame)
            | Self::Waits(frame, _)
            | Self::Stopped(frame)
            | Self::NothingToStop(frame)
            | Self::Expired(frame)
            | Self::Shut(frame, _)
            | Self::Blocked(frame)
            | Self::Locked(frame, _)
            | Self::Busy(frame)
            | Self::Uncertain(frame) => frame,
            Self::Unknown => return self,
        };
        frame.lang = lang.unwrap_or(frame.lang);
        self
    }
}
