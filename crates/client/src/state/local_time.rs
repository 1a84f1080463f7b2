//! A time in the user's time zone. Plain arithmetic, because a calendar library would be a third of the download.

const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: i64 = 24 * 60;

/// A time as a wall clock shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// Days since 1970-01-01.
    pub day: i64,
    /// Minutes since midnight.
    pub minute: i64,
}

impl LocalTime {
    /// `ms`: UTC milliseconds; `offset`: minutes east of UTC.
    pub fn new(ms: i64, offset: i32) -> Self {
        let minutes = ms.div_euclid(MINUTE_MS) + i64::from(offset);
        Self { day: minutes.div_euclid(DAY_MINUTES), minute: minutes.rem_euclid(DAY_MINUTES) }
    }

    /// The midnight that begins a day (days since 1970-01-01).
    pub fn midnight(day: i64) -> Self {
        Self { day, minute: 0 }
    }

    /// Year, month and day in the Gregorian calendar.
    pub fn date(self) -> (i64, i64, i64) {
        civil(self.day)
    }
}

/// Year, month and day of a count of days since 1970-01-01, in the Gregorian calendar.
/// After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_the_dates_of_the_calendar() {
        for (day, date) in [(0, (1970, 1, 1)), (-1, (1969, 12, 31)), (11_016, (2000, 2, 29)), (20_779, (2026, 11, 22))]
        {
            assert_eq!(LocalTime::midnight(day).date(), date);
        }
    }
}
