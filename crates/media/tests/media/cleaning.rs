//! F14: the metadata of pictures. EXIF is read by another library than ours.

use std::io::Cursor;

use exif::Tag;
use image::{
    DynamicImage, ImageDecoder,
    ImageFormat::{self, Gif, Jpeg, Png, WebP},
    codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
};
use media::{
    clean::{Cleaning, clean, clean_in_place, write_blanked},
    kind::FileKind,
    sniff::sniff,
};

use crate::samples::{
    metadata::{exif as exif_of, phone_film, phone_heic, phone_jpeg, phone_png, phone_webp, profile, talking_gif},
    pictures::{encoded, quarters},
};

const SIZE: (u32, u32) = (48, 32);

fn cleaned(kind: FileKind, bytes: &[u8]) -> Vec<u8> {
    match clean(kind, bytes) {
        Cleaning::Cleaned(cleaned) => cleaned,
        other => panic!("{kind:?}: {other:?}"),
    }
}

/// Every field of EXIF as (tag, value).
fn fields(bytes: &[u8]) -> Vec<(Tag, Option<u32>)> {
    match exif::Reader::new().read_from_container(&mut Cursor::new(bytes)) {
        Ok(exif) => exif.fields().map(|field| (field.tag, field.value.get_uint(0))).collect(),
        Err(exif::Error::NotFound(_)) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

fn pixels(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory(bytes).unwrap()
}

fn profile_of(format: ImageFormat, bytes: &[u8]) -> Option<Vec<u8>> {
    let bytes = Cursor::new(bytes);
    let profile = match format {
        Jpeg => JpegDecoder::new(bytes).unwrap().icc_profile(),
        Png => PngDecoder::new(bytes).unwrap().icc_profile(),
        _ => WebPDecoder::new(bytes).unwrap().icc_profile(),
    };
    profile.unwrap()
}

fn has_canary(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"CANARY").is_some()
}

/// Pictures that a phone may send: each orientation and none, both byte orders, each format; small and large profiles.
fn phone_pictures() -> Vec<(FileKind, ImageFormat, u8, Vec<u8>)> {
    let plain = |format| encoded(quarters(SIZE.0, SIZE.1), format);
    let mut pictures = Vec::new();
    for orientation in 1..=8 {
        let exif = exif_of(orientation, orientation % 2 == 0);
        let profile = profile(if orientation == 3 { 130_000 } else { 548 });
        pictures.push((FileKind::Jpeg, Jpeg, orientation, phone_jpeg(&plain(Jpeg), &exif, &profile)));
        pictures.push((FileKind::Png, Png, orientation, phone_png(&png_with(&profile), &exif)));
        pictures.push((FileKind::WebP, WebP, orientation, phone_webp(&plain(WebP), SIZE, &exif, &profile)));
        let prefixed = [b"Exif\0\0", &exif[..]].concat();
        pictures.push((FileKind::WebP, WebP, orientation, phone_webp(&plain(WebP), SIZE, &prefixed, &profile)));
    }
    pictures
}

fn png_with(profile: &[u8]) -> Vec<u8> {
    use image::ImageEncoder;
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(profile.to_vec()).unwrap();
    DynamicImage::ImageRgb8(quarters(SIZE.0, SIZE.1)).write_with_encoder(encoder).unwrap();
    bytes
}

#[test]
fn a_phones_picture_says_how_it_is_turned_and_nothing_else() {
    let pictures = phone_pictures();
    assert!(pictures.len() >= 30);
    for (kind, format, orientation, bytes) in pictures {
        let about = format!("{kind:?}, orientation {orientation}");
        // The test's library needs EXIF in WebP without the prefix that some writers add.
        let is_readable = kind != FileKind::WebP || memchr::memmem::find(&bytes, b"Exif\0\0").is_none();
        let has_location = || fields(&bytes).iter().any(|(tag, _)| *tag == Tag::GPSLatitude);
        assert!(!is_readable || has_location(), "{about}: the sample has a location");
        let cleaned = cleaned(kind, &bytes);
        let expected: Vec<_> =
            (orientation > 1).then_some((Tag::Orientation, Some(u32::from(orientation)))).into_iter().collect();
        assert_eq!(fields(&cleaned), expected, "{about}");
        assert!(has_canary(&bytes) && !has_canary(&cleaned), "{about}: something else is left");
        assert_eq!(pixels(&cleaned), pixels(&bytes), "{about}: the pixels");
        let profile = profile_of(format, &bytes);
        assert!(profile.is_some(), "{about}: the sample has a profile");
        assert_eq!(profile_of(format, &cleaned), profile, "{about}: the profile");
        assert_eq!(clean(kind, &cleaned), Cleaning::Unchanged, "{about}: cleaned twice");
    }
}

#[test]
fn what_is_behind_a_picture_is_gone() {
    let jpeg = encoded(quarters(48, 32), Jpeg);
    let cleaned = cleaned(FileKind::Jpeg, &phone_jpeg(&jpeg, &exif_of(1, true), &profile(128)));
    assert!(cleaned.ends_with(&[0xff, 0xd9]));
    assert_eq!(memchr::memmem::find_iter(&cleaned, &[0xff, 0xd8]).count(), 1, "one picture");
    assert!(memchr::memmem::find(&cleaned, b"ftyp").is_none());
}

#[test]
fn a_gif_keeps_its_loop_and_loses_its_comments() {
    let gif = encoded(quarters(48, 32), Gif);
    let cleaned = cleaned(FileKind::Gif, &talking_gif(&gif));
    assert!(!has_canary(&cleaned));
    assert!(memchr::memmem::find(&cleaned, b"NETSCAPE2.0").is_some());
    assert_eq!(pixels(&cleaned), pixels(&gif));
}

#[test]
fn pictures_that_say_nothing_stay_byte_for_byte() {
    for (kind, format) in [(FileKind::Png, Png), (FileKind::Gif, Gif), (FileKind::WebP, WebP), (FileKind::Jpeg, Jpeg)] {
        assert_eq!(clean(kind, &encoded(quarters(48, 32), format)), Cleaning::Unchanged, "{kind:?}");
    }
    assert_eq!(clean(FileKind::Pdf, b"%PDF-1.7"), Cleaning::Unchanged);
}

#[test]
fn no_cut_or_turned_byte_makes_cleaning_fail() {
    let pictures: Vec<_> = phone_pictures().into_iter().filter(|(_, _, orientation, _)| *orientation == 6).collect();
    for (kind, _, _, bytes) in pictures {
        for at in 0..bytes.len() {
            let _ = clean(kind, &bytes[..at]);
            let mut turned = bytes.clone();
            turned[at] ^= 0xff;
            let _ = clean(kind, &turned);
        }
    }
    let gif = talking_gif(&encoded(quarters(48, 32), Gif));
    for at in 0..gif.len() {
        let _ = clean(FileKind::Gif, &gif[..at]);
    }
}

fn blanked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut source = Cursor::new(bytes);
    let kind = sniff(&mut source).unwrap();
    let Cleaning::Blanked(blanks) = clean_in_place(kind, &mut source).unwrap() else { return None };
    let mut written = Vec::new();
    write_blanked(&mut source, &blanks, &mut written).unwrap();
    Some(written)
}

#[test]
fn a_film_or_a_heic_picture_says_neither_where_nor_when_it_was_taken_and_keeps_its_length() {
    for (name, bytes) in [
        ("mp4", phone_film(b"isom")),
        ("mov", phone_film(b"qt  ")),
        ("m4a", phone_film(b"M4A ")),
        ("heic", phone_heic()),
    ] {
        assert!(has_canary(&bytes), "{name}");
        let cleaned = blanked(&bytes).unwrap();
        assert!(!has_canary(&cleaned), "{name}: something is left");
        assert_eq!(cleaned.len(), bytes.len(), "{name}: each offset in it is where it was");
        assert!(memchr::memmem::find(&cleaned, &[7; 64]).is_some(), "{name}: the picture itself stays");
        let kinds = |bytes: &[u8]| sniff(&mut Cursor::new(bytes)).unwrap();
        assert_eq!(kinds(&cleaned), kinds(&bytes), "{name}");
    }
    let film = blanked(&phone_film(b"isom")).unwrap();
    assert_eq!(memchr::memmem::find_iter(&film, b"tables").count(), 1, "the table of the pictures stays");
    assert_eq!(blanked(&film), None, "cleaned twice");
}

#[test]
fn boxes_that_make_no_sense_are_passed_over() {
    for bytes in [phone_film(b"isom"), phone_heic()] {
        let head = &bytes[..bytes.len().min(2_000)];
        for at in 0..head.len() {
            let _ = blanked(&head[..at]);
            for value in [0, 1, 0xff] {
                let mut turned = head.to_vec();
                turned[at] = value;
                if let Some(cleaned) = blanked(&turned) {
                    assert_eq!(cleaned.len(), turned.len());
                }
            }
        }
    }
}
