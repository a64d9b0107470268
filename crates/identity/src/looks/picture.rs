//! A picture of unknown origin, decoded and encoded anew.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};

/// Largest file that may be sent, in bytes.
pub const MAX_FILE_BYTES: usize = 500_000;
/// Widest stored picture, in pixels: twice what a page shows.
pub const MAX_WIDTH: u32 = 320;
/// Highest stored picture, in pixels: twice what a page shows.
pub const MAX_HEIGHT: u32 = 88;
/// Largest side of a picture that is decoded, in pixels.
const MAX_SIDE: u32 = 8_000;
/// Most memory that decoding may take, in bytes.
const MAX_MEMORY_BYTES: u64 = 256 * 1024 * 1024;

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
    /// More than [`MAX_FILE_BYTES`].
    #[error("the file is too large")]
    TooLarge,
    /// Neither PNG nor JPEG, whatever its name says.
    #[error("neither PNG nor JPEG")]
    Kind,
    /// It begins like one and cannot be decoded.
    #[error("the picture cannot be read")]
    Broken,
}

/// Decodes a PNG or JPEG, makes it small enough, and encodes it as PNG: what a file carries
/// beside its pixels is gone.
///
/// # Errors
/// [`PictureFault`].
pub fn encode_anew(file: &[u8]) -> Result<Picture, PictureFault> {
    if file.len() > MAX_FILE_BYTES {
        return Err(PictureFault::TooLarge);
    }
    let kind = image::guess_format(file).map_err(|_| PictureFault::Kind)?;
    if !matches!(kind, ImageFormat::Png | ImageFormat::Jpeg) {
        return Err(PictureFault::Kind);
    }
    let mut reader = ImageReader::with_format(Cursor::new(file), kind);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY_BYTES);
    reader.limits(limits);
    let decoded = reader.decode().map_err(|_| PictureFault::Broken)?;
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
