//! A profile that was checked: its paths are read, its hosts are on the list.

use kernel::Mode;
use kernel::card_text::holds_card_number;
use vault_wire::{CodeBecomes, ProxyDirection, ProxyFormat, ProxyPaths, ProxyProfile, Refused};

use super::path::Path;
use super::target::{Hosts, Target};
use crate::partner::networks;
use crate::strict::is_plain_line;

const MOST_PLACEHOLDERS: usize = 20;
const PLACEHOLDER_CHARACTERS: usize = 64;
const CHANNEL_CHARACTERS: usize = 64;

/// A part of a card in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Number,
    Exp,
    Code,
    Holder,
    VirtualFrom,
    Brand,
    Booking,
}

/// A profile whose paths were read.
pub(crate) struct Profile {
    /// As it was told.
    pub(crate) told: ProxyProfile,
    paths: Vec<(Part, Path)>,
}

impl Profile {
    /// Reads and checks everything but where messages go.
    pub(crate) fn read(told: ProxyProfile) -> Result<Self, Refused> {
        let paths = paths(&told)?;
        texts(&told)?;
        Ok(Self { told, paths })
    }

    /// Where messages go.
    pub(crate) fn target(&self, mode: Mode, hosts: &Hosts) -> Result<Target, Refused> {
        match (self.told.direction, &self.told.forward_to, &self.told.upstream) {
            (ProxyDirection::In, Some(url), None) => {
                hosts.of_url(url, mode).ok_or_else(|| not_allowed("$.forward_to"))
            }
            (ProxyDirection::Out, None, Some(upstream)) => {
                hosts.of_host(&upstream.host, mode).ok_or_else(|| not_allowed("$.upstream.host"))
            }
            (ProxyDirection::In, ..) => Err(invalid("$.forward_to", "`in` goes on to an address.")),
            (ProxyDirection::Out, ..) => Err(invalid("$.upstream", "`out` asks a host.")),
        }
    }

    /// The path of a part.
    pub(super) fn path(&self, part: Part) -> Option<&Path> {
        self.paths.iter().find(|(one, _)| *one == part).map(|(_, path)| path)
    }

    pub(super) fn paths(&self) -> &[(Part, Path)] {
        &self.paths
    }

    pub(super) fn format(&self) -> ProxyFormat {
        self.told.format
    }

    /// Whether a value means that the channel has none.
    pub(super) fn is_placeholder(&self, part: Part, text: &str) -> bool {
        let placeholders = &self.told.placeholders;
        let list = match part {
            Part::Number => &placeholders.number,
            Part::Exp => &placeholders.exp,
            Part::Code => &placeholders.code,
            Part::Holder => &placeholders.holder,
            Part::Brand => &placeholders.brand,
            Part::VirtualFrom | Part::Booking => return false,
        };
        list.iter().any(|one| one == text)
    }
}

fn invalid(path: &str, why: &str) -> Refused {
    Refused::new("profile_invalid", why).at(path)
}

fn not_allowed(path: &str) -> Refused {
    let why = "Live shops: https and a host of the vault's list. Test shops: the app or the \
               sandbox on this machine.";
    Refused::new("host_not_allowed", why).at(path)
}

fn paths(told: &ProxyProfile) -> Result<Vec<(Part, Path)>, Refused> {
    let ProxyPaths { number, exp, code, holder, virtual_from, brand, booking, .. } = &told.paths;
    let all = [
        (Part::Number, "number", Some(number)),
        (Part::Exp, "exp", exp.as_ref()),
        (Part::Code, "code", code.as_ref()),
        (Part::Holder, "holder", holder.as_ref()),
        (Part::VirtualFrom, "virtual_from", virtual_from.as_ref()),
        (Part::Brand, "brand", brand.as_ref()),
        (Part::Booking, "booking", Some(booking)),
    ];
    let mut read: Vec<(Part, Path)> = Vec::new();
    for (part, name, text) in all {
        let Some(text) = text else { continue };
        let at = format!("$.paths.{name}");
        let path = Path::parse(text, told.format);
        let path = path.ok_or_else(|| invalid(&at, "Not a path of this format."))?;
        if read.iter().any(|(_, other)| *other == path) {
            return Err(invalid(&at, "Two parts stand at the same place."));
        }
        let leaves_hole =
            part == Part::Code && told.replace.code == CodeBecomes::Remove && path.ends_in_list();
        if leaves_hole {
            return Err(invalid(&at, "A list would lose an element; replace the code by empty."));
        }
        read.push((part, path));
    }
    Ok(read)
}

fn texts(told: &ProxyProfile) -> Result<(), Refused> {
    let channel = told.channel.as_deref().unwrap_or("x");
    let fine = (1..=CHANNEL_CHARACTERS).contains(&channel.chars().count());
    if !fine || !is_plain_line(channel) || holds_card_number(channel) {
        return Err(invalid("$.channel", "1 to 64 characters in one line."));
    }
    let placeholders = &told.placeholders;
    for (name, list) in [
        ("number", &placeholders.number),
        ("brand", &placeholders.brand),
        ("code", &placeholders.code),
        ("exp", &placeholders.exp),
        ("holder", &placeholders.holder),
    ] {
        let fits = |text: &String| {
            text.chars().count() <= PLACEHOLDER_CHARACTERS && !holds_card_number(text)
        };
        if list.len() > MOST_PLACEHOLDERS || !list.iter().all(fits) {
            let why = "At most 20, of at most 64 characters, none of them a card number.";
            return Err(invalid(&format!("$.placeholders.{name}"), why));
        }
    }
    match (told.direction, networks::faults(&told.ips).next()) {
        (ProxyDirection::In, Some((path, why))) => Err(invalid(&path, why)),
        (ProxyDirection::Out, _) if !told.ips.is_empty() => {
            Err(invalid("$.ips", "`out` is asked with a key; no network posts to it."))
        }
        _ => Ok(()),
    }
}
