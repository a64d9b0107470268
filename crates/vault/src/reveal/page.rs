//! What the pages of a link are asked and shown.

use std::net::{IpAddr, Ipv6Addr};

use kernel::{Locale, Timestamp, Zone};
use vault_wire::{Brand, CodeStatus};
use zeroize::Zeroizing;

use super::limits::Limit;
use crate::keys::bytes::sha256;

/// Who opens the page, as the connection and the browser say.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) ip: IpAddr,
    pub(crate) agent: String,
    /// `Sec-Fetch-Dest`; browsers too old to send it may not look.
    pub(crate) dest: Option<String>,
    /// The browser loads ahead of a click.
    pub(crate) ahead: bool,
    /// The demo's split screen may show any page.
    pub(crate) on_stage: bool,
}

impl Visitor {
    /// What binds a link to its first visit.
    pub(super) fn hash(&self) -> [u8; 32] {
        sha256(format!("{}\n{}", self.ip, self.agent).as_bytes())
    }

    /// Where he is, as far as a guest may know: `203.0.113.0/24`, `2001:db8:1::/48`.
    pub(super) fn network(&self) -> String {
        match self.ip.to_canonical() {
            IpAddr::V4(ip) => {
                let [a, b, c, _] = ip.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(ip) => {
                let [a, b, c, ..] = ip.segments();
                format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
            }
        }
    }
}

/// What a person asks of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Number,
    /// The number and, once, the code.
    Code,
    Delete,
}

/// The form of the page. Wiped when dropped.
pub(crate) struct RevealForm {
    pub(crate) key: Zeroizing<String>,
    pub(crate) pin: Zeroizing<String>,
    /// The code of an authenticator.
    pub(crate) factor: Zeroizing<String>,
    pub(crate) wanted: Wanted,
}

/// Who did what with a code.
#[derive(Debug, Clone)]
pub(crate) struct Gone {
    pub(crate) because: String,
    pub(crate) actor: Option<String>,
    pub(crate) at: Option<Timestamp>,
}

/// What every page of a link shows.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) shop: String,
    pub(crate) test: bool,
    pub(crate) zone: Zone,
    pub(crate) lang: Locale,
    pub(crate) frame_origin: Option<String>,
    pub(crate) back: Option<String>,
    /// The code of an authenticator is asked for, too.
    pub(crate) factor: bool,
    pub(crate) brand: Brand,
    pub(crate) last4: String,
    pub(crate) booking: Option<String>,
    pub(crate) code: CodeStatus,
    pub(crate) gone: Option<Gone>,
}

/// The form, after a wrong PIN with what is left.
pub(crate) struct Ask {
    pub(crate) about: Asked,
    pub(crate) key: String,
    pub(crate) left: Option<u32>,
}

/// The number. Wiped when dropped.
pub(crate) struct Shown {
    pub(crate) about: Asked,
    pub(crate) number: Zeroizing<String>,
    pub(crate) expiry: String,
    pub(crate) holder: Zeroizing<String>,
    /// The code, this once.
    pub(crate) code: Option<Zeroizing<String>>,
    /// Key of the button that shows the code, while one is held.
    pub(crate) key: Option<String>,
    pub(crate) watermark: String,
    pub(crate) seconds: u16,
}

/// Answer to a visit or a form.
pub(crate) enum RevealAnswer {
    Ask(Box<Ask>),
    Show(Box<Shown>),
    /// The card was destroyed.
    Deleted(Box<Asked>),
    /// Says one thing, by the name of its message.
    Says(u16, &'static str, Option<Box<Asked>>),
    /// No number is shown; with the seconds after which to come back, where time is the cure.
    Limited(Limit, Option<u32>, Box<Asked>),
    /// A second person is asked, until this time.
    Waits(Timestamp, Box<Asked>),
    /// The PIN is locked until this time.
    Locked(String, Box<Asked>),
}
