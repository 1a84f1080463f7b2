//! Pictures with known pixels.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

/// A picture whose quarters are red, green, blue and white, in reading order.
pub(crate) fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([220, 20, 20]),
        (false, true) => Rgb([20, 200, 20]),
        (true, false) => Rgb([20, 20, 220]),
        (false, false) => Rgb([240, 240, 240]),
    })
}

/// The same with a transparent middle.
pub(crate) fn with_hole(width: u32, height: u32) -> RgbaImage {
    let mut picture = DynamicImage::ImageRgb8(quarters(width, height)).into_rgba8();
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if (width / 4..width * 3 / 4).contains(&x) && (height / 4..height * 3 / 4).contains(&y) {
            *pixel = Rgba([0, 0, 0, 0]);
        }
    }
    picture
}

pub(crate) fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A PDF of one page of these points, whose upper left quarter is red.
pub(crate) fn pdf(width: u32, height: u32) -> Vec<u8> {
    let drawing = format!("0.9 0.1 0.1 rg 0 {} {} {} re f", height / 2, width / 2, height / 2);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R /Resources << >> >>"),
        format!("<< /Length {} >>\nstream\n{drawing}\nendstream", drawing.len()),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        offsets.push(file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let table_at = file.len();
    file += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    offsets.iter().for_each(|offset| file += &format!("{offset:010} 00000 n \n"));
    file += &format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table_at}\n%%EOF\n", objects.len() + 1);
    file.into_bytes()
}
