//! Contrast of two colours as WCAG 2.2 defines it (relative luminance of sRGB, 1.4.3).
#![expect(clippy::float_arithmetic, reason = "relative luminance is defined with fractions")]

/// Contrast that text must reach.
pub const TEXT: f64 = 4.5;
/// Contrast that lines of controls must reach.
pub const LINES: f64 = 3.0;

/// A colour of three channels, 0 to 255.
pub type Rgb = [u8; 3];

/// Reads `#rrggbb`; anything else is nothing.
#[must_use]
pub fn parse(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([byte(0)?, byte(2)?, byte(4)?])
}

/// Writes `#rrggbb` in lower case.
#[must_use]
pub fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Contrast of two colours, 1 to 21.
#[must_use]
pub fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Rgb) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let part = f64::from(channel) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    red.mul_add(0.2126, green.mul_add(0.7152, blue * 0.0722))
}
