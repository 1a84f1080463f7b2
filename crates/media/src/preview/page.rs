//! The first page of a PDF.

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf, render,
    vello_cpu::color::palette::css::WHITE,
};
use image::{DynamicImage, RgbaImage};

use super::{
    encode::{PixelOrigin, encode},
    small::{LONG_SIDE, SmallPicture},
};

/// Bytes of the largest file that is read: the memory limit has space for it and a page.
pub(super) const MAX_BYTES: u64 = 128 * 1024 * 1024;
/// Points of the shorter and the longer side of a page that is drawn; a page of A0 has 3370.
const SIDES: std::ops::RangeInclusive<f32> = 1.0..=20_000.0;
/// The most that a page is enlarged.
const MAX_SCALE: f32 = 4.0;

pub(super) fn preview(bytes: Vec<u8>) -> Option<SmallPicture> {
    if bytes.len() as u64 > MAX_BYTES {
        return None;
    }
    let pdf = Pdf::new(bytes).ok()?;
    let page = pdf.pages().first()?;
    let (width, height) = page.render_dimensions();
    if !(SIDES.contains(&width) && SIDES.contains(&height)) {
        return None;
    }
    let scale = (LONG_SIDE as f32 / width.max(height)).min(MAX_SCALE);
    // At least one pixel wide.
    let scale_of = |side: f32| scale.max(1.0 / side);
    let settings = PixmapSettings { x_scale: scale_of(width), y_scale: scale_of(height), bg_color: WHITE };
    let cache = RenderCache::new();
    let pixmap = render(page, &cache, &InterpreterSettings::default(), &RenderSettings::default(), &settings);
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    // The page is drawn on white paper, so nothing is transparent.
    let pixels = RgbaImage::from_raw(width, height, pixmap.data_as_u8_slice().to_vec())?;
    encode(&DynamicImage::ImageRgba8(pixels).into_rgb8().into(), None, PixelOrigin::Drawn)
}
