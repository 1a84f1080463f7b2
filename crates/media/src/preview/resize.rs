//! Shrinks a picture: eight bits a channel, with alpha only if something is transparent.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{DynamicImage, RgbImage, RgbaImage};

use super::small::LONG_SIDE;

/// The picture with its longer side at [`LONG_SIDE`], or as it is when it is smaller.
pub(super) fn fit(picture: DynamicImage) -> Option<DynamicImage> {
    let (width, height) = fitting(picture.width(), picture.height());
    let is_small = (width, height) == (picture.width(), picture.height());
    if has_transparency(&picture) {
        let picture = picture.into_rgba8();
        let small = if is_small {
            picture
        } else {
            RgbaImage::from_raw(
                width,
                height,
                resize(&picture, picture.dimensions(), PixelType::U8x4, (width, height))?,
            )?
        };
        return Some(small.into());
    }
    let picture = picture.into_rgb8();
    let small = if is_small {
        picture
    } else {
        RgbImage::from_raw(width, height, resize(&picture, picture.dimensions(), PixelType::U8x3, (width, height))?)?
    };
    Some(small.into())
}

/// The preview's size: never larger than the picture, never less than one pixel.
fn fitting(width: u32, height: u32) -> (u32, u32) {
    let long = width.max(height);
    let scaled = |side: u32| {
        let scaled = (u64::from(side) * u64::from(LONG_SIDE)).div_ceil(u64::from(long));
        u32::try_from(scaled).unwrap_or(LONG_SIDE)
    };
    if long <= LONG_SIDE { (width, height) } else { (scaled(width), scaled(height)) }
}

fn has_transparency(picture: &DynamicImage) -> bool {
    match picture {
        DynamicImage::ImageRgba8(pixels) => pixels.pixels().any(|pixel| pixel[3] < u8::MAX),
        DynamicImage::ImageLumaA8(pixels) => pixels.pixels().any(|pixel| pixel[1] < u8::MAX),
        other => other.color().has_alpha(),
    }
}

fn resize(pixels: &[u8], (width, height): (u32, u32), of: PixelType, to: (u32, u32)) -> Option<Vec<u8>> {
    let from = ImageRef::new(width, height, pixels, of).ok()?;
    let mut small = Image::new(to.0, to.1, of);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize(&from, &mut small, &options).ok()?;
    Some(small.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_side_fits_and_nothing_grows() {
        for (from, to) in [
            ((4000, 3000), (1280, 960)),
            ((3000, 4000), (960, 1280)),
            ((1280, 1280), (1280, 1280)),
            ((20, 10), (20, 10)),
            ((30_000, 1), (1280, 1)),
        ] {
            assert_eq!(fitting(from.0, from.1), to);
        }
    }
}
