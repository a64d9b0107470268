use std::io::Cursor;

use identity::looks::picture::PictureFault;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, RgbaImage};
use proptest::prelude::*;

use super::picture::{ACCEPTED, derive};

fn file(picture: &DynamicImage, kind: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, kind).unwrap();
    bytes.into_inner()
}

fn plain(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, Rgb([11, 90, 110])))
}

fn size(jpeg: &[u8]) -> (u32, u32) {
    assert_eq!(image::guess_format(jpeg).unwrap(), ImageFormat::Jpeg);
    let read = image::load_from_memory(jpeg).unwrap();
    (read.width(), read.height())
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|part| part == words)
}

/// A JPEG as a phone writes it: held upright, with the place in its head.
fn of_a_phone(width: u32, height: u32) -> Vec<u8> {
    let place = b"47.2632 N 0.0745 W";
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    // One entry: orientation (0x0112), a short, one value, 6: turned to the right.
    exif.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0");
    exif.extend(place);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let jpeg = file(&plain(width, height), ImageFormat::Jpeg);
    let head = [&jpeg[..2], b"\xff\xe1", &length, &exif].concat();
    [&head, &jpeg[2..]].concat()
}

#[test]
fn l_72_a_photo_is_turned_made_in_two_sizes_and_tells_no_place() {
    let phone = of_a_phone(1_200, 900);
    assert!(holds(&phone, b"47.2632"));
    let derived = derive(&phone).unwrap();
    assert_eq!((size(&derived.large), size(&derived.small)), ((576, 768), (400, 300)));
    assert!(!derived.is_coarse);
    for jpeg in [&derived.large, &derived.small] {
        assert!(!holds(jpeg, b"47.2632") && !holds(jpeg, b"Exif"));
    }
    let huge = derive(&file(&plain(2_600, 1_000), ImageFormat::Jpeg)).unwrap();
    assert_eq!(size(&huge.large), (1_024, 394));
}

#[test]
fn l_72_webp_and_transparent_png_are_taken_and_a_small_one_is_told() {
    let webp = derive(&file(&plain(640, 480), ImageFormat::WebP)).unwrap();
    assert_eq!((size(&webp.large), webp.is_coarse), ((640, 480), true));
    let glass = DynamicImage::ImageRgba8(RgbaImage::new(800, 600));
    let png = derive(&file(&glass, ImageFormat::Png)).unwrap();
    let read = image::load_from_memory(&png.large).unwrap().into_rgb8();
    assert_eq!(read.get_pixel(400, 300), &Rgb([255, 255, 255]));
    assert!(!png.is_coarse);
}

#[test]
fn l_72_other_kinds_and_sizes_are_refused() {
    let jpeg = file(&plain(16, 16), ImageFormat::Jpeg);
    assert_eq!(derive(b"GIF89a\x01\x00\x01\x00"), Err(PictureFault::Kind));
    assert_eq!(derive(b"%PDF-1.7"), Err(PictureFault::Kind));
    assert_eq!(derive(&jpeg[..40]), Err(PictureFault::Broken));
    let heavy = vec![0; ACCEPTED.max_file_bytes + 1];
    assert_eq!(derive(&heavy), Err(PictureFault::TooLarge));
    // The head of the file says 16,384 pixels each way; nothing of it is decoded.
    let mut vast = jpeg;
    let head = vast.windows(2).position(|part| part == b"\xff\xc0").unwrap();
    vast[head + 5..head + 9].copy_from_slice(&[0x40, 0, 0x40, 0]);
    assert_eq!(derive(&vast), Err(PictureFault::Dimensions));
}

proptest! {
    #[test]
    fn q_42_no_file_brings_the_photo_decoder_down(head in 0..3_usize, tail: Vec<u8>) {
        let starts: [&[u8]; 3] =
            [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0\0\x10JFIF", b"RIFF\x20\0\0\0WEBPVP8 "];
        let _ = derive(&[starts[head], &tail].concat());
    }
}
