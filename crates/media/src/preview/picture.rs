//! Decodes pictures, within limits.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageResult, Limits,
    codecs::{bmp::BmpDecoder, gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
    metadata::Orientation,
};

use super::{
    encode::{PixelOrigin, encode},
    resize::fit,
    small::{MAX_PIXELS, SmallPicture},
};
use crate::kind::FileKind;

/// What a decoder may allocate: 40 million pixels of 8 bytes, the size of a PNG with 16 bits a channel.
const MAX_ALLOCATED: u64 = MAX_PIXELS * 8;

type OpenDecoder<'b> = Box<dyn ImageDecoder + 'b>;

pub(super) fn preview(kind: FileKind, bytes: &[u8]) -> Option<SmallPicture> {
    let origin =
        if matches!(kind, FileKind::Png | FileKind::Gif) { PixelOrigin::Drawn } else { PixelOrigin::Photograph };
    from_decoder(open(kind, bytes).ok()??, origin)
}

/// The preview of a picture in a document, in any format that documents use.
pub(super) fn embedded(bytes: &[u8]) -> Option<SmallPicture> {
    let kind = match bytes {
        [0x89, b'P', b'N', b'G', ..] => FileKind::Png,
        [0xff, 0xd8, ..] => FileKind::Jpeg,
        [b'G', b'I', b'F', ..] => FileKind::Gif,
        [b'B', b'M', ..] => {
            return from_decoder(Box::new(BmpDecoder::new(Cursor::new(bytes)).ok()?), PixelOrigin::Drawn);
        }
        _ => return None,
    };
    from_decoder(open(kind, bytes).ok()??, PixelOrigin::Drawn)
}

fn open(kind: FileKind, bytes: &[u8]) -> ImageResult<Option<OpenDecoder<'_>>> {
    let bytes = Cursor::new(bytes);
    let decoder: OpenDecoder<'_> = match kind {
        FileKind::Png => Box::new(PngDecoder::with_limits(bytes, limits())?),
        FileKind::Jpeg => Box::new(JpegDecoder::new(bytes)?),
        FileKind::Gif => Box::new(GifDecoder::new(bytes)?),
        FileKind::WebP => Box::new(WebPDecoder::new(bytes)?),
        _ => return Ok(None),
    };
    Ok(Some(decoder))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOCATED);
    limits
}

/// Decodes, turns and encodes. A picture with too many pixels is refused before decoding, because some decoders ignore
/// the memory limit.
fn from_decoder(mut decoder: OpenDecoder<'_>, origin: PixelOrigin) -> Option<SmallPicture> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MAX_PIXELS {
        return None;
    }
    decoder.set_limits(limits()).ok()?;
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let mut small = fit(DynamicImage::from_decoder(decoder).ok()?)?;
    small.apply_orientation(turned);
    encode(&small, profile, origin)
}
