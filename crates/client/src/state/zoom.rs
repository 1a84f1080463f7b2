//! The magnification of a picture, and its position in a frame. All numbers are integers: percent and pixels.

/// The whole picture in the frame.
pub const WHOLE: i32 = 100;
const LARGEST: i32 = 800;
/// One press of a key or a button, in percent of the current scale.
const STEP: i32 = 150;

/// A point in the frame, or a distance, in pixels from the frame's centre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    pub x: i32,
    pub y: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zoom {
    /// Percent of the size at which the whole picture is visible.
    pub scale: i32,
    /// The position of the picture's centre.
    pub moved: Point,
}

impl Default for Zoom {
    fn default() -> Self {
        Self { scale: WHOLE, moved: Point::default() }
    }
}

impl Zoom {
    pub fn is_whole(self) -> bool {
        self.scale == WHOLE
    }

    pub fn larger(self) -> Self {
        self.scaled(self.scale * STEP / 100, Point::default())
    }

    pub fn smaller(self) -> Self {
        self.scaled(self.scale * 100 / STEP, Point::default())
    }

    /// A double click: twice as large around the point, or the whole picture again.
    pub fn toggled(self, around: Point) -> Self {
        if self.is_whole() { self.scaled(2 * WHOLE, around) } else { Self::default() }
    }

    /// Another scale; the point of the picture under `around` stays where it is.
    pub fn scaled(self, scale: i32, around: Point) -> Self {
        let scale = scale.clamp(WHOLE, LARGEST);
        if scale == WHOLE {
            return Self::default();
        }
        let keep = |around: i32, moved: i32| around - (around - moved) * scale / self.scale;
        Self { scale, moved: Point { x: keep(around.x, self.moved.x), y: keep(around.y, self.moved.y) } }
    }

    /// Moves the picture until one of its edges reaches the frame's centre, at most; a whole picture does not move.
    pub fn shifted(self, by: Point, frame: Point) -> Self {
        let limit = |moved: i32, size: i32| {
            let most = size / 2 * (self.scale - WHOLE) / WHOLE;
            moved.clamp(-most, most)
        };
        let (x, y) = (self.moved.x + by.x, self.moved.y + by.y);
        Self { moved: Point { x: limit(x, frame.x), y: limit(y, frame.y) }, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_point_under_the_pointer_stays() {
        let around = Point { x: 40, y: -20 };
        let zoom = Zoom::default().scaled(200, around);
        assert_eq!(zoom, Zoom { scale: 200, moved: Point { x: -40, y: 20 } });
        assert_eq!(zoom.scaled(400, around).moved, Point { x: -120, y: 60 });
        assert_eq!(zoom.scaled(400, around).scaled(200, around), zoom);
    }

    #[test]
    fn the_scale_has_bounds_and_the_whole_picture_is_centred() {
        let zoom = (0..20).fold(Zoom::default(), |zoom, _| zoom.larger());
        assert_eq!(zoom.scale, LARGEST);
        assert!((0..20).fold(zoom, |zoom, _| zoom.smaller()).is_whole());
        assert_eq!(zoom.toggled(Point { x: 9, y: 9 }), Zoom::default());
        assert_eq!(Zoom::default().toggled(Point::default()).scale, 200);
    }

    #[test]
    fn a_picture_does_not_leave_its_frame() {
        let frame = Point { x: 300, y: 200 };
        let far = Point { x: 9_000, y: -9_000 };
        assert_eq!(Zoom::default().shifted(far, frame), Zoom::default());
        let zoom = Zoom::default().scaled(300, Point::default());
        assert_eq!(zoom.shifted(far, frame).moved, Point { x: 300, y: -200 });
        assert_eq!(zoom.shifted(Point { x: 5, y: 6 }, frame).moved, Point { x: 5, y: 6 });
    }
}
