//! A picture of unknown origin, decoded and encoded anew.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits};

/// Largest file that may be sent, in bytes.
pub const MAX_FILE_BYTES: usize = 500_000;
/// Widest stored picture, in pixels: twice what a page shows.
pub const MAX_WIDTH: u32 = 320;
/// Highest stored picture, in pixels: twice what a page shows.
pub const MAX_HEIGHT: u32 = 88;
/// What is taken as a logo.
const LOGO: Accepted = Accepted {
    kinds: &[ImageFormat::Png, ImageFormat::Jpeg],
    max_file_bytes: MAX_FILE_BYTES,
    max_side: 8_000,
    max_pixels: 64_000_000,
};
/// Most memory that decoding may take, in bytes.
const MAX_MEMORY_BYTES: u64 = 256 * 1024 * 1024;

/// What is taken of a file of unknown origin.
#[derive(Debug, Clone, Copy)]
pub struct Accepted {
    /// Kinds, told by the first bytes, whatever the file's name says.
    pub kinds: &'static [ImageFormat],
    /// Largest file, in bytes.
    pub max_file_bytes: usize,
    /// Largest side, in pixels.
    pub max_side: u32,
    /// Most pixels in all.
    pub max_pixels: u64,
}

/// A picture of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// PNG.
    pub png: Vec<u8>,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// Why a file was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureFault {
    /// More bytes than are taken.
    #[error("the file is too large")]
    TooLarge,
    /// None of the kinds that are taken, whatever its name says.
    #[error("not a kind of picture that is taken")]
    Kind,
    /// More pixels than are taken.
    #[error("the picture has too many pixels")]
    Dimensions,
    /// It begins like one and cannot be decoded.
    #[error("the picture cannot be read")]
    Broken,
}

/// Decodes a file of unknown origin and turns it upright. Size and kind are read from its head
/// before anything is decoded; what it carries beside its pixels is left behind.
///
/// # Errors
/// [`PictureFault`].
pub fn decode(file: &[u8], accepted: &Accepted) -> Result<DynamicImage, PictureFault> {
    if file.len() > accepted.max_file_bytes {
        return Err(PictureFault::TooLarge);
    }
    let kind = image::guess_format(file).map_err(|_| PictureFault::Kind)?;
    if !accepted.kinds.contains(&kind) {
        return Err(PictureFault::Kind);
    }
    let mut reader = ImageReader::with_format(Cursor::new(file), kind);
    let mut limits = Limits::default();
    limits.max_image_width = Some(accepted.max_side);
    limits.max_image_height = Some(accepted.max_side);
    limits.max_alloc = Some(MAX_MEMORY_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| fault(&error))?;
    let (width, height) = decoder.dimensions();
    let is_large = width.max(height) > accepted.max_side
        || u64::from(width).saturating_mul(u64::from(height)) > accepted.max_pixels
        || decoder.total_bytes() > MAX_MEMORY_BYTES;
    if is_large {
        return Err(PictureFault::Dimensions);
    }
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut decoded = DynamicImage::from_decoder(decoder).map_err(|error| fault(&error))?;
    decoded.apply_orientation(turned);
    Ok(decoded)
}

fn fault(error: &ImageError) -> PictureFault {
    match error {
        ImageError::Limits(_) => PictureFault::Dimensions,
        _ => PictureFault::Broken,
    }
}

/// Decodes a PNG or JPEG, makes it small enough, and encodes it as PNG: what a file carries
/// beside its pixels is gone.
///
/// # Errors
/// [`PictureFault`].
pub fn encode_anew(file: &[u8]) -> Result<Picture, PictureFault> {
    let decoded = decode(file, &LOGO)?;
    let fits = decoded.width() <= MAX_WIDTH && decoded.height() <= MAX_HEIGHT;
    let small = if fits { decoded } else { decoded.thumbnail(MAX_WIDTH, MAX_HEIGHT) };
    let small = DynamicImage::ImageRgba8(small.into_rgba8());
    let mut png = Vec::new();
    small.write_with_encoder(PngEncoder::new(&mut png)).map_err(|_| PictureFault::Broken)?;
    Ok(Picture { png, width: small.width(), height: small.height() })
}

#[cfg(test)]
mod tests {
    use image::RgbImage;
    use proptest::prelude::*;

    use super::*;

    fn file(width: u32, height: u32, kind: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::from_pixel(width, height, image::Rgb([11, 90, 110]))
            .write_to(&mut bytes, kind)
            .unwrap();
        bytes.into_inner()
    }

    #[test]
    fn u_80_a_logo_is_png_or_jpeg_and_encoded_anew() {
        let mut png = file(40, 30, ImageFormat::Png);
        png.extend(b"4242 4242 4242 4242 <script>");
        let picture = encode_anew(&png).unwrap();
        assert_eq!((picture.width, picture.height), (40, 30));
        assert!(!picture.png.windows(8).any(|part| part == b"<script>"));
        let picture = encode_anew(&file(1_000, 100, ImageFormat::Jpeg)).unwrap();
        assert_eq!((picture.width, picture.height), (320, 32));
        assert!(picture.png.starts_with(b"\x89PNG"));
    }

    #[test]
    fn u_80_other_files_are_refused_whatever_their_name() {
        assert_eq!(encode_anew(b"<svg xmlns=''/>"), Err(PictureFault::Kind));
        assert_eq!(encode_anew(b"GIF89a\x01\x00\x01\x00"), Err(PictureFault::Kind));
        assert_eq!(encode_anew(&file(9, 9, ImageFormat::Png)[..40]), Err(PictureFault::Broken));
        assert_eq!(encode_anew(&vec![0; MAX_FILE_BYTES + 1]), Err(PictureFault::TooLarge));
    }

    proptest! {
        #[test]
        fn q_42_no_file_brings_the_decoder_down(head in 0..2_usize, tail: Vec<u8>) {
            let starts: [&[u8]; 2] = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0\0\x10JFIF"];
            let _ = encode_anew(&[starts[head], &tail].concat());
        }
    }
}
