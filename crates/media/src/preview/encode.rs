//! Encodes previews: JPEG for photographs, PNG for transparent pictures, the smaller of both for drawings.

use image::{
    DynamicImage, ImageEncoder, Rgb, RgbImage,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};

use super::small::{MAX_BYTES, PixelSize, SmallPicture};

/// The first quality that fits is used.
const JPEG_QUALITIES: [u8; 3] = [80, 60, 40];
/// Where an ICC profile names its colour space.
const COLOURS_AT: std::ops::Range<usize> = 16..20;
/// Bytes of the largest profile in a preview; profiles of screens and cameras have a few thousand.
const PROFILE_BYTES: usize = 64 * 1024;

/// The origin of pixels. Drawings have hard edges and few colours, which PNG encodes in fewer bytes than JPEG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PixelOrigin {
    Photograph,
    Drawn,
}

pub(super) fn encode(picture: &DynamicImage, profile: Option<Vec<u8>>, origin: PixelOrigin) -> Option<SmallPicture> {
    // The pixels are RGB now: a profile of gray or CMYK would be wrong for them.
    let profile = profile.filter(|it| it.get(COLOURS_AT) == Some(b"RGB ") && it.len() <= PROFILE_BYTES);
    let as_png = || {
        let bytes = png(picture, profile.clone())?;
        Some(made(bytes, "image/png", picture)).filter(|made| made.bytes.len() <= MAX_BYTES)
    };
    if picture.color().has_alpha() {
        return as_png().or_else(|| photograph(&on_white(picture), &profile));
    }
    let jpeg = photograph(picture, &profile)?;
    match origin {
        PixelOrigin::Photograph => Some(jpeg),
        PixelOrigin::Drawn => as_png().filter(|png| png.bytes.len() <= jpeg.bytes.len()).or(Some(jpeg)),
    }
}

/// A JPEG of at most [`MAX_BYTES`]: with lower quality, and then smaller, if necessary.
fn photograph(picture: &DynamicImage, profile: &Option<Vec<u8>>) -> Option<SmallPicture> {
    for quality in JPEG_QUALITIES {
        let bytes = jpeg(picture, profile.clone(), quality)?;
        if bytes.len() <= MAX_BYTES {
            return Some(made(bytes, "image/jpeg", picture));
        }
    }
    photograph(&picture.thumbnail(picture.width() / 2, picture.height() / 2), profile)
}

fn made(bytes: Vec<u8>, media_type: &'static str, picture: &DynamicImage) -> SmallPicture {
    SmallPicture { bytes, media_type, size: PixelSize { width: picture.width(), height: picture.height() } }
}

/// Replaces transparency by white, as a bubble shows it.
fn on_white(picture: &DynamicImage) -> DynamicImage {
    let pixels = picture.to_rgba8();
    let opaque = RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let [red, green, blue, alpha] = pixels.get_pixel(x, y).0.map(u32::from);
        let over = |channel: u32| ((channel * alpha + 255 * (255 - alpha)) / 255) as u8;
        Rgb([over(red), over(green), over(blue)])
    });
    opaque.into()
}

fn jpeg(picture: &DynamicImage, profile: Option<Vec<u8>>, quality: u8) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    write(picture, JpegEncoder::new_with_quality(&mut bytes, quality), profile)?;
    Some(bytes)
}

fn png(picture: &DynamicImage, profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
    write(picture, encoder, profile)?;
    Some(bytes)
}

fn write(picture: &DynamicImage, mut encoder: impl ImageEncoder, profile: Option<Vec<u8>>) -> Option<()> {
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile).ok()?;
    }
    picture.write_with_encoder(encoder).ok()
}
