//! The accent of a merchant, made readable in light and in dark.
//!
//! A merchant gives one colour. Its lightness moves by one point at a time, down in light and up
//! in dark, until it stands out from the panel as text must (WCAG 2.2, 1.4.3); hue and saturation
//! stay his. The text on it is white or ink, whichever reads better.
#![expect(clippy::float_arithmetic, reason = "lightness is a fraction")]

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::contrast::{Rgb, TEXT, contrast, hex};

/// The panel of the style sheet in light.
const PANEL_LIGHT: Rgb = [0xf7, 0xf5, 0xf0];
/// The panel of the style sheet in dark.
const PANEL_DARK: Rgb = [0x1c, 0x20, 0x24];
const WHITE: Rgb = [0xff, 0xff, 0xff];
const INK: Rgb = [0x1a, 0x1d, 0x21];
/// Points from black to white.
const POINTS: u8 = 100;
/// Bytes of the hash that stand in an address.
const HASH_BYTES: usize = 9;

/// A readable accent with the text on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    /// The accent.
    pub colour: Rgb,
    /// The text on it.
    pub on: Rgb,
}

/// The accent of a merchant in light and in dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// In light.
    pub light: Accent,
    /// In dark.
    pub dark: Accent,
}

impl Theme {
    /// The theme of the colour a merchant chose.
    #[must_use]
    pub fn of(chosen: Rgb) -> Self {
        let accent = |colour| Accent { colour, on: text_on(colour) };
        Self {
            light: accent(repaired(chosen, PANEL_LIGHT, -0.01)),
            dark: accent(repaired(chosen, PANEL_DARK, 0.01)),
        }
    }

    /// A style sheet to be loaded after the house's own.
    #[must_use]
    pub fn css(&self) -> String {
        let set = |accent: Accent| {
            format!("--accent:{};--on-accent:{}", hex(accent.colour), hex(accent.on))
        };
        let (light, dark) = (set(self.light), set(self.dark));
        format!(
            "@layer tokens{{:root{{{light}}}@media (prefers-color-scheme:dark)\
             {{:root:not([data-theme=\"light\"]){{{dark}}}}}:root[data-theme=\"dark\"]{{{dark}}}}}"
        )
    }

    /// The name of the style sheet in addresses: another theme has another.
    #[must_use]
    pub fn hash(&self) -> String {
        short_hash(self.css().as_bytes())
    }
}

/// Names bytes in an address that is kept for ever.
#[must_use]
pub fn short_hash(bytes: &[u8]) -> String {
    let whole = digest::digest(&digest::SHA256, bytes);
    URL_SAFE_NO_PAD.encode(whole.as_ref().get(..HASH_BYTES).unwrap_or_default())
}

fn repaired(chosen: Rgb, panel: Rgb, step: f64) -> Rgb {
    let (hue, saturation, mut lightness) = to_hsl(chosen);
    let mut colour = chosen;
    for _ in 0..POINTS {
        if contrast(colour, panel) >= TEXT {
            break;
        }
        lightness = (lightness + step).clamp(0.0, 1.0);
        colour = from_hsl(hue, saturation, lightness);
    }
    colour
}

fn text_on(colour: Rgb) -> Rgb {
    if contrast(WHITE, colour) >= contrast(INK, colour) { WHITE } else { INK }
}

/// Hue in sixths of the circle, saturation and lightness from 0 to 1.
fn to_hsl(colour: Rgb) -> (f64, f64, f64) {
    let [red, green, blue] = colour.map(|channel| f64::from(channel) / 255.0);
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    let (lightness, spread) = (f64::midpoint(most, least), most - least);
    if spread <= 0.0 {
        return (0.0, 0.0, lightness);
    }
    let saturation = spread / (1.0 - 2.0f64.mul_add(lightness, -1.0).abs());
    let hue = if most <= red {
        ((green - blue) / spread).rem_euclid(6.0)
    } else if most <= green {
        (blue - red) / spread + 2.0
    } else {
        (red - green) / spread + 4.0
    };
    (hue, saturation, lightness)
}

fn from_hsl(hue: f64, saturation: f64, lightness: f64) -> Rgb {
    let reach = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|place| {
        let turn = hue.mul_add(2.0, place).rem_euclid(12.0);
        let wave = (turn - 3.0).min(9.0 - turn).clamp(-1.0, 1.0);
        channel(wave.mul_add(-reach, lightness))
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn channel(part: f64) -> u8 {
    (part * 255.0).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::contrast::parse;

    #[test]
    fn u_80_accents_are_repaired_as_published() {
        let round = |ratio: f64| (ratio * 100.0).round() / 100.0;
        let of = |text: &str| Theme::of(parse(text).unwrap());
        let light = |text: &str| {
            let colour = of(text).light.colour;
            (hex(colour), round(contrast(colour, PANEL_LIGHT)))
        };
        let dark = |text: &str| {
            let colour = of(text).dark.colour;
            (hex(colour), round(contrast(colour, PANEL_DARK)))
        };
        assert_eq!(light("#ffd400"), ("#856e00".into(), 4.56));
        assert_eq!(dark("#ffd400"), ("#ffd400".into(), 11.45));
        assert_eq!(light("#e2001a"), ("#e2001a".into(), 4.54));
        assert_eq!(dark("#e2001a"), ("#ff354c".into(), 4.58));
        assert_eq!(light("#7fd6c2"), ("#277b68".into(), 4.68));
        assert_eq!(of("#ffd400").dark.on, INK);
        assert_eq!(of("#e2001a").light.on, WHITE);
    }

    proptest! {
        #[test]
        fn u_80_every_accent_ends_readable(red: u8, green: u8, blue: u8) {
            let theme = Theme::of([red, green, blue]);
            for (accent, panel) in [(theme.light, PANEL_LIGHT), (theme.dark, PANEL_DARK)] {
                prop_assert!(contrast(accent.colour, panel) >= TEXT);
                prop_assert!(contrast(accent.colour, accent.on) >= TEXT);
            }
            let css = theme.css();
            let begins = css.starts_with("@layer tokens{:root{--accent:#");
            prop_assert!(begins, "{}", css);
        }
    }
}
