//! Previews of pictures and pages.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder,
    ImageFormat::{Gif, Jpeg, Png, WebP},
    Rgb, RgbImage,
    codecs::jpeg::JpegDecoder,
};
use media::{
    kind::FileKind,
    preview::{LONG_SIDE, MAX_BYTES, PixelSize, SmallPicture, of_document, of_picture},
};

use crate::samples::{
    metadata::{exif, phone_jpeg, phone_png, profile},
    pictures::{encoded, pdf, quarters, with_hole},
};

fn pixels(made: &SmallPicture) -> RgbImage {
    image::load_from_memory(&made.bytes).unwrap().into_rgb8()
}

/// The colour in the middle of each quarter, as a letter, in reading order.
fn colours(picture: &RgbImage) -> String {
    let (width, height) = picture.dimensions();
    let middles = [(1, 1), (3, 1), (1, 3), (3, 3)];
    let letter = |Rgb([red, green, blue]): Rgb<u8>| match (red > 128, green > 128, blue > 128) {
        (true, true, true) => 'w',
        (true, ..) => 'r',
        (_, true, _) => 'g',
        _ => 'b',
    };
    middles.map(|(x, y)| letter(*picture.get_pixel(width * x / 4, height * y / 4))).into_iter().collect()
}

#[test]
fn a_preview_is_turned_as_its_picture_says() {
    let plain = encoded(quarters(400, 200), Jpeg);
    for (orientation, expected) in (1..).zip(["rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"]) {
        let turned = orientation >= 5;
        let picture = phone_jpeg(&plain, &exif(orientation, true), &profile(548));
        let made = of_picture(FileKind::Jpeg, &picture).unwrap();
        assert_eq!(colours(&pixels(&made)), expected, "orientation {orientation}");
        let size = if turned { PixelSize { width: 200, height: 400 } } else { PixelSize { width: 400, height: 200 } };
        assert_eq!(made.size, size);
        assert_eq!(pixels(&made).dimensions(), (size.width, size.height));
    }
}

#[test]
fn a_large_picture_becomes_a_small_one_without_metadata() {
    let large = encoded(quarters(3000, 2000), Jpeg);
    let made = of_picture(FileKind::Jpeg, &phone_jpeg(&large, &exif(1, false), &profile(548))).unwrap();
    assert_eq!(made.media_type, "image/jpeg");
    assert_eq!(made.size, PixelSize { width: LONG_SIDE, height: 854 });
    assert_eq!(colours(&pixels(&made)), "rgbw");
    assert!(memchr::memmem::find(&made.bytes, b"CANARY").is_none());
    let kept = JpegDecoder::new(Cursor::new(&made.bytes)).unwrap().icc_profile().unwrap();
    assert_eq!(kept, Some(profile(548)), "its colours mean the same");
}

#[test]
fn what_is_transparent_stays_so_and_what_is_drawn_stays_sharp() {
    for (kind, format) in [(FileKind::Png, Png), (FileKind::WebP, WebP)] {
        let made = of_picture(kind, &encoded(with_hole(2000, 1000), format)).unwrap();
        let picture = image::load_from_memory(&made.bytes).unwrap().into_rgba8();
        assert_eq!((made.media_type, picture.get_pixel(640, 320)[3]), ("image/png", 0), "{kind:?}");
    }
    let opaque = DynamicImage::ImageRgb8(quarters(300, 200)).into_rgba8();
    let made = of_picture(FileKind::Png, &encoded(opaque, Png)).unwrap();
    assert_eq!(image::load_from_memory(&made.bytes).unwrap().into_rgb8(), quarters(300, 200), "not blurred by JPEG");
    let made = of_picture(FileKind::Gif, &encoded(quarters(300, 200), Gif)).unwrap();
    assert_eq!(colours(&pixels(&made)), "rgbw");
}

#[test]
fn a_turned_png_is_shown_turned() {
    let picture = phone_png(&encoded(quarters(400, 200), Png), &exif(6, false));
    assert_eq!(colours(&pixels(&of_picture(FileKind::Png, &picture).unwrap())), "brwg");
}

#[test]
fn too_many_pixels_are_refused_before_they_are_decoded() {
    let mut bytes = encoded(quarters(16, 16), Png);
    // The size in the header, and its checksum.
    bytes[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let crc = crc32fast::hash(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&crc);
    assert_eq!(of_picture(FileKind::Png, &bytes), None);
    for at in 0..bytes.len() {
        assert_eq!(of_picture(FileKind::Png, &bytes[..at]), None);
    }
}

#[test]
fn a_pdf_shows_its_first_page() {
    let made = of_document(FileKind::Pdf, &mut Cursor::new(pdf(612, 792))).unwrap();
    assert_eq!(made.size, PixelSize { width: 989, height: 1280 });
    assert_eq!(colours(&pixels(&made)), "rwww", "its upper left quarter is filled");
    for broken in [&b"%PDF-1.7"[..], b"%PDF-1.7\ntrailer << /Root 1 0 R >>", &pdf(1_000_000, 1)] {
        assert!(of_document(FileKind::Pdf, &mut Cursor::new(broken)).is_none());
    }
    let whole = pdf(612, 792);
    for at in (0..whole.len()).step_by(53) {
        let _ = of_document(FileKind::Pdf, &mut Cursor::new(&whole[..at]));
    }
}

#[test]
fn a_preview_of_noise_is_small_too() {
    let mut seed = 1_u32;
    let mut noise = || {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed as u8
    };
    // Transparent, opaque, and drawn pictures.
    let clear = image::RgbaImage::from_fn(1280, 1280, |_, _| image::Rgba([noise(), noise(), noise(), noise()]));
    let opaque = RgbImage::from_fn(1280, 1280, |_, _| Rgb([noise(), noise(), noise()]));
    for (kind, bytes) in [
        (FileKind::Png, encoded(clear, Png)),
        (FileKind::Png, encoded(opaque.clone(), Png)),
        (FileKind::Jpeg, encoded(opaque, Jpeg)),
    ] {
        assert!(bytes.len() > MAX_BYTES);
        let made = of_picture(kind, &bytes).unwrap();
        assert!(made.bytes.len() <= MAX_BYTES, "{} bytes", made.bytes.len());
        assert_eq!(made.media_type, "image/jpeg");
        assert_eq!(pixels(&made).dimensions(), (made.size.width, made.size.height));
    }
}
