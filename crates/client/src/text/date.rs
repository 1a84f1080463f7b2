//! Days and times as text.

use crate::{state::local_time::LocalTime, text::Lang};

/// "14:31"
pub fn clock(time: LocalTime) -> String {
    format!("{:02}:{:02}", time.minute / 60, time.minute % 60)
}

/// "2026년 11월 22일 일요일", "Sunday, 22 November 2026"
pub fn long_day(time: LocalTime, lang: Lang) -> String {
    let (year, month, day) = time.date();
    let weekday = (time.day + 4).rem_euclid(7) as usize;
    match lang {
        Lang::Ko => format!("{year}년 {month}월 {day}일 {}요일", WEEKDAYS_KO[weekday]),
        Lang::En => format!("{}, {day} {} {year}", WEEKDAYS_EN[weekday], MONTHS_EN[month as usize - 1]),
    }
}

/// As short as a row of a list allows: the time today, then "어제", then the day.
pub fn in_list(time: LocalTime, now: LocalTime, lang: Lang) -> String {
    let (year, month, day) = time.date();
    match (now.day - time.day, lang) {
        (0, _) => clock(time),
        (1, lang) => lang.words().yesterday.to_owned(),
        _ if year != now.date().0 => format!("{year}. {month}. {day}."),
        (_, Lang::Ko) => format!("{month}월 {day}일"),
        (_, Lang::En) => format!("{day} {}", &MONTHS_EN[month as usize - 1][..3]),
    }
}

/// "14:31" today, otherwise "11월 30일 (월) 09:00", "Mon 30 Nov 09:00", with the year in another year.
pub fn moment(time: LocalTime, now: LocalTime, lang: Lang) -> String {
    let day = short_day(time, lang);
    let (year, this_year) = (time.date().0, now.date().0);
    match lang {
        _ if time.day == now.day => clock(time),
        _ if year == this_year => format!("{day} {}", clock(time)),
        Lang::Ko => format!("{year}년 {day} {}", clock(time)),
        Lang::En => format!("{day} {year} {}", clock(time)),
    }
}

/// "11월 30일 (월)", "Mon 30 Nov"
pub fn short_day(time: LocalTime, lang: Lang) -> String {
    let (_, month, day) = time.date();
    let weekday = (time.day + 4).rem_euclid(7) as usize;
    match lang {
        Lang::Ko => format!("{month}월 {day}일 ({})", WEEKDAYS_KO[weekday]),
        Lang::En => format!("{} {day} {}", &WEEKDAYS_EN[weekday][..3], &MONTHS_EN[month as usize - 1][..3]),
    }
}

/// "2026-11-29 20.45.07", for the name of a file.
pub fn in_name(time: LocalTime, second: i64) -> String {
    let (year, month, day) = time.date();
    format!("{year}-{month:02}-{day:02} {:02}.{:02}.{second:02}", time.minute / 60, time.minute % 60)
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

#[cfg(test)]
mod tests {
    use super::*;

    const KOREA: i32 = 9 * 60;

    #[test]
    fn a_time_is_written_in_both_languages() {
        let time = LocalTime::new(1_795_362_983_864, KOREA);
        assert_eq!(clock(time), "00:56");
        assert_eq!(in_name(time, 3), "2026-11-23 00.56.03");
        assert_eq!(long_day(time, Lang::Ko), "2026년 11월 23일 월요일");
        assert_eq!(long_day(time, Lang::En), "Monday, 23 November 2026");
        assert_eq!(long_day(LocalTime::new(1_795_362_983_864, 0), Lang::Ko), "2026년 11월 22일 일요일");
    }

    #[test]
    fn a_time_to_come_has_its_day_and_in_another_year_the_year() {
        let now = LocalTime { day: 20_779, minute: 600 };
        let at = |day, lang| moment(LocalTime { day, minute: 540 }, now, lang);
        assert_eq!([at(20_779, Lang::Ko), at(20_787, Lang::Ko)], ["09:00", "11월 30일 (월) 09:00"]);
        assert_eq!([at(20_787, Lang::En), at(20_820, Lang::En)], ["Mon 30 Nov 09:00", "Sat 2 Jan 2027 09:00"]);
        assert_eq!(at(20_820, Lang::Ko), "2027년 1월 2일 (토) 09:00");
    }

    #[test]
    fn a_list_shows_as_little_as_it_can() {
        let now = LocalTime { day: 20_779, minute: 600 };
        let at = |day| in_list(LocalTime { day, minute: 871 }, now, Lang::Ko);
        assert_eq!([at(20_779), at(20_778), at(20_700), at(20_000)], ["14:31", "어제", "9월 4일", "2024. 10. 4."]);
    }
}
