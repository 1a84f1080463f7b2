//! A preview and the limits of its size.

use serde::{Deserialize, Serialize};

/// The longer side of a preview, in pixels: a bubble on a screen with two device pixels a CSS pixel, or a phone's
/// width.
pub const LONG_SIDE: u32 = 1280;
/// Pixels of the largest picture that is decoded.
pub const MAX_PIXELS: u64 = 40_000_000;
/// Bytes of the largest preview. Previews do not count against a quota, so they are small.
pub const MAX_BYTES: usize = 512 * 1024;

/// In pixels, orientation applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelSize {
    pub width: u32,
    pub height: u32,
}

/// A preview: a whole PNG or JPEG without metadata but a colour profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallPicture {
    pub bytes: Vec<u8>,
    pub media_type: &'static str,
    pub size: PixelSize,
}
