//! The end of a status.

use crate::state::local_time::LocalTime;

const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: i64 = 24 * 60;

/// The choices of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusEnd {
    Never,
    HalfHour,
    Hour,
    Today,
    /// At a time that the user enters.
    Own,
}

impl StatusEnd {
    pub const ALL: [Self; 5] = [Self::Never, Self::HalfHour, Self::Hour, Self::Today, Self::Own];

    /// The end in UTC milliseconds; `None` for a status without an end. `offset`: minutes east of UTC; `own`: the time
    /// that the user entered.
    pub fn at(self, now: i64, offset: i32, own: Option<i64>) -> Option<i64> {
        match self {
            Self::Never => None,
            Self::HalfHour => Some(now + 30 * MINUTE_MS),
            Self::Hour => Some(now + 60 * MINUTE_MS),
            Self::Today => {
                let tomorrow = (LocalTime::new(now, offset).day + 1) * DAY_MINUTES;
                Some((tomorrow - i64::from(offset)) * MINUTE_MS - 1)
            }
            Self::Own => own,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KOREA: i32 = 9 * 60;

    #[test]
    fn an_end_is_counted_from_now_or_is_the_end_of_the_persons_day() {
        // 00:56 in Korea, 15:56 of the day before in UTC.
        let now = 1_795_362_983_864;
        let minutes = |end: StatusEnd, offset| (end.at(now, offset, None).unwrap() - now) / MINUTE_MS;
        assert_eq!([minutes(StatusEnd::HalfHour, KOREA), minutes(StatusEnd::Hour, KOREA)], [30, 60]);
        assert_eq!([minutes(StatusEnd::Today, KOREA), minutes(StatusEnd::Today, 0)], [23 * 60 + 3, 8 * 60 + 3]);
        let end = LocalTime::new(StatusEnd::Today.at(now, KOREA, None).unwrap(), KOREA);
        assert_eq!((end.day, end.minute), (LocalTime::new(now, KOREA).day, DAY_MINUTES - 1));
        assert_eq!((StatusEnd::Own.at(now, 0, Some(7)), StatusEnd::Never.at(now, 0, Some(7))), (Some(7), None));
    }
}
