//! Days and times in a person's own time zone, written in their language. Plain arithmetic: a calendar
//! library would be a third of the program that a browser downloads.

use crate::client::text::Lang;

const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: i64 = 24 * 60;

/// A moment as a clock on the wall shows it.
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

    /// "14:31"
    pub fn clock(self) -> String {
        format!("{:02}:{:02}", self.minute / 60, self.minute % 60)
    }

    /// "2026년 11월 22일 일요일", "Sunday, 22 November 2026"
    pub fn long_day(self, lang: Lang) -> String {
        let (year, month, day) = civil(self.day);
        let weekday = (self.day + 4).rem_euclid(7) as usize;
        match lang {
            Lang::Ko => format!("{year}년 {month}월 {day}일 {}요일", WEEKDAYS_KO[weekday]),
            Lang::En => format!("{}, {day} {} {year}", WEEKDAYS_EN[weekday], MONTHS_EN[month as usize - 1]),
        }
    }

    /// As short as a list needs it: the time today, then "어제", then the day.
    pub fn in_list(self, now: Self, lang: Lang) -> String {
        let (year, month, day) = civil(self.day);
        match (now.day - self.day, lang) {
            (0, _) => self.clock(),
            (1, lang) => lang.words().yesterday.to_owned(),
            _ if year != civil(now.day).0 => format!("{year}. {month}. {day}."),
            (_, Lang::Ko) => format!("{month}월 {day}일"),
            (_, Lang::En) => format!("{day} {}", &MONTHS_EN[month as usize - 1][..3]),
        }
    }
}

const WEEKDAYS_KO: [&str; 7] = ["일", "월", "화", "수", "목", "금", "토"];
const WEEKDAYS_EN: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Year, month, day of a count of days since 1970-01-01, in the Gregorian calendar.
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

    const KOREA: i32 = 9 * 60;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, date) in [(0, (1970, 1, 1)), (-1, (1969, 12, 31)), (11_016, (2000, 2, 29)), (20_779, (2026, 11, 22))]
        {
            assert_eq!(civil(days), date);
        }
    }

    #[test]
    fn a_moment_is_written_in_both_languages() {
        let time = LocalTime::new(1_795_362_983_864, KOREA);
        assert_eq!(time.clock(), "00:56");
        assert_eq!(time.long_day(Lang::Ko), "2026년 11월 23일 월요일");
        assert_eq!(time.long_day(Lang::En), "Monday, 23 November 2026");
        assert_eq!(LocalTime::new(1_795_362_983_864, 0).long_day(Lang::Ko), "2026년 11월 22일 일요일");
    }

    #[test]
    fn a_list_shows_as_little_as_it_can() {
        let now = LocalTime { day: 20_779, minute: 600 };
        let at = |day| LocalTime { day, minute: 871 }.in_list(now, Lang::Ko);
        assert_eq!([at(20_779), at(20_778), at(20_700), at(20_000)], ["14:31", "어제", "9월 4일", "2024. 10. 4."]);
    }
}
