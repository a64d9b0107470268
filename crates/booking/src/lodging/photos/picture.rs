//! A photo as a camera wrote it, made into the two that are served.

use identity::looks::picture::{Accepted, PictureFault, decode};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, overlay};
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

/// What is taken.
pub const ACCEPTED: Accepted = Accepted {
    kinds: &[ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP],
    max_file_bytes: 20_000_000,
    max_side: 20_000,
    max_pixels: 40_000_000,
};
/// The large one fits into this, in pixels.
pub const LARGE: (u32, u32) = (1_024, 768);
/// The small one has exactly this size, in pixels.
pub const SMALL: (u32, u32) = (400, 300);
/// Below this a photo is taken with a warning, in pixels.
pub const ADVISED: (u32, u32) = (800, 600);
/// Quality of the JPEGs, of 100.
const QUALITY: u8 = 82;

/// A photo in its two sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// At most [`LARGE`], whole.
    pub large: Vec<u8>,
    /// [`SMALL`], cut around the middle.
    pub small: Vec<u8>,
    /// Whether the file had fewer pixels than [`ADVISED`].
    pub is_coarse: bool,
}

/// Decodes a file, turns it upright and encodes it anew.
///
/// # Errors
/// [`PictureFault`].
pub fn derive(file: &[u8]) -> Result<Derived, PictureFault> {
    let decoded = decode(file, &ACCEPTED)?;
    let (wide, high) =
        (decoded.width().max(decoded.height()), decoded.width().min(decoded.height()));
    let is_coarse = wide < ADVISED.0 || high < ADVISED.1;
    let large = opaque(fitted(decoded));
    let small = large.resize_to_fill(SMALL.0, SMALL.1, FilterType::Lanczos3);
    Ok(Derived { large: jpeg(&large)?, small: jpeg(&small)?, is_coarse })
}

/// Within [`LARGE`]; what is smaller stays as it is.
fn fitted(picture: DynamicImage) -> DynamicImage {
    let (width, height) = LARGE;
    if picture.width() <= width && picture.height() <= height {
        return picture;
    }
    let twice = (width.saturating_mul(2), height.saturating_mul(2));
    let is_huge = picture.width() > twice.0 || picture.height() > twice.1;
    // The fine filter is slow on what a camera writes; a coarse step before it is not seen.
    let picture = if is_huge { picture.thumbnail(twice.0, twice.1) } else { picture };
    picture.resize(width, height, FilterType::Lanczos3)
}

/// On white where it was transparent.
fn opaque(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.into_rgb8());
    }
    let white = Rgba([u8::MAX; 4]);
    let mut sheet = RgbaImage::from_pixel(picture.width(), picture.height(), white);
    overlay(&mut sheet, &picture.into_rgba8(), 0, 0);
    DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(sheet).into_rgb8())
}

fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, PictureFault> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    picture.write_with_encoder(encoder).map_err(|_| PictureFault::Broken)?;
    Ok(bytes)
}
