//! Writes previews: JPEG for photographs, PNG for what is transparent, the smaller of both for what was drawn.

use image::{
    DynamicImage, ImageEncoder,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};

use super::small::{PixelSize, SmallPicture};

const JPEG_QUALITY: u8 = 80;
/// Where an ICC profile says which colours it is about.
const COLOURS_AT: std::ops::Range<usize> = 16..20;
/// Bytes of the largest profile that a preview carries; those of screens and cameras have a few thousand.
const PROFILE_BYTES: usize = 64 * 1024;

/// Where pixels come from. Drawings have hard edges and few colours, which PNG keeps in fewer bytes than JPEG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PixelOrigin {
    Photograph,
    Drawn,
}

pub(super) fn encode(picture: &DynamicImage, profile: Option<Vec<u8>>, origin: PixelOrigin) -> Option<SmallPicture> {
    // The pixels are RGB now: a profile of gray or CMYK would be wrong for them.
    let profile = profile.filter(|it| it.get(COLOURS_AT) == Some(b"RGB ") && it.len() <= PROFILE_BYTES);
    let size = PixelSize { width: picture.width(), height: picture.height() };
    let small = |bytes, media_type| Some(SmallPicture { bytes, media_type, size });
    if picture.color().has_alpha() {
        return small(png(picture, profile)?, "image/png");
    }
    let jpeg = jpeg(picture, profile.clone())?;
    match origin {
        PixelOrigin::Photograph => small(jpeg, "image/jpeg"),
        PixelOrigin::Drawn => {
            let png = png(picture, profile)?;
            if png.len() <= jpeg.len() { small(png, "image/png") } else { small(jpeg, "image/jpeg") }
        }
    }
}

fn jpeg(picture: &DynamicImage, profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    write(picture, JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY), profile)?;
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
