//! EXIF with the orientation alone.

use image::metadata::Orientation;

/// A TIFF header and one directory with one entry: orientation, a SHORT, once.
const DIRECTORY: [u8; 18] = [b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1];

/// EXIF with the orientation alone; `None` when the picture is not turned. `exif` begins with the TIFF header.
pub(super) fn orientation_alone(exif: &[u8]) -> Option<Vec<u8>> {
    let orientation = Orientation::from_exif_chunk(exif).filter(|turned| *turned != Orientation::NoTransforms)?;
    let (value, no_further_directory) = ([0, orientation.to_exif(), 0, 0], [0; 4]);
    Some([&DIRECTORY[..], &value, &no_further_directory].concat())
}
