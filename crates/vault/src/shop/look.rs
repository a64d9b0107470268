//! The look of a shop's card pages: its accent as a style sheet, its logo as a picture, both
//! under names that hold a hash of their content.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::contrast;
use http::page::{Logo, Look};
use http::theme::{Theme, short_hash};
use vault_wire::{ShopLook, ShopPut};

/// Longest logo, in characters of Base64.
const MAX_LOGO_CHARACTERS: usize = 192 * 1024;
/// Largest side of a logo on a page, in CSS pixels.
const MAX_LOGO_SIDE: u32 = 400;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A file of a look.
pub(crate) struct LookFile {
    /// Its content type.
    pub(crate) kind: &'static str,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

/// Whether the app's words about a look can be taken.
pub(super) fn is_sound(look: &ShopLook) -> bool {
    let colour = look.accent.as_deref().is_none_or(|text| contrast::parse(text).is_some());
    let logo = look.logo.as_ref().is_none_or(|logo| {
        let side = 1..=MAX_LOGO_SIDE;
        side.contains(&logo.width)
            && side.contains(&logo.height)
            && logo.png.len() <= MAX_LOGO_CHARACTERS
            && STANDARD.decode(&logo.png).is_ok_and(|png| png.starts_with(PNG))
    });
    colour && logo
}

/// What a page of the shop names.
pub(crate) fn of(settings: &ShopPut) -> Look {
    let shop = settings.shop;
    Look {
        theme: theme(settings).map(|theme| format!("/theme/{shop}/{}.css", theme.hash())),
        logo: settings.look.logo.as_ref().map(|logo| Logo {
            src: format!("/theme/{shop}/{}.png", short_hash(logo.png.as_bytes())),
            width: logo.width,
            height: logo.height,
        }),
    }
}

/// The file of a name, if the look has it.
pub(crate) fn file(settings: &ShopPut, name: &str) -> Option<LookFile> {
    let (hash, ending) = name.rsplit_once('.')?;
    match ending {
        "css" => {
            let theme = theme(settings).filter(|theme| theme.hash() == hash)?;
            Some(LookFile { kind: "text/css; charset=utf-8", bytes: theme.css().into_bytes() })
        }
        "png" => {
            let logo = settings.look.logo.as_ref()?;
            let same = short_hash(logo.png.as_bytes()) == hash;
            let png = same.then(|| STANDARD.decode(&logo.png).ok()).flatten()?;
            Some(LookFile { kind: "image/png", bytes: png })
        }
        _ => None,
    }
}

fn theme(settings: &ShopPut) -> Option<Theme> {
    settings.look.accent.as_deref().and_then(contrast::parse).map(Theme::of)
}
