//! The times that are offered for a scheduled message, in the user's time zone.

use crate::state::local_time::LocalTime;

/// An offered time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendTime {
    Tomorrow,
    Monday,
}

/// When office hours begin and end, in minutes since midnight.
const MORNING: i64 = 9 * 60;
const EVENING: i64 = 18 * 60;
const MONDAY: i64 = 1;

/// The offered mornings, each as the value of an `<input type="datetime-local">`. Monday is left out if it is tomorrow.
pub fn mornings(now: LocalTime) -> Vec<(SendTime, String)> {
    let until_monday = match (MONDAY - weekday(now)).rem_euclid(7) {
        0 => 7,
        days => days,
    };
    let morning = |days| field_value(LocalTime { day: now.day + days, minute: MORNING });
    let monday = (until_monday > 1).then(|| (SendTime::Monday, morning(until_monday)));
    [(SendTime::Tomorrow, morning(1))].into_iter().chain(monday).collect()
}

/// Days since the last Sunday.
fn weekday(time: LocalTime) -> i64 {
    (time.day + 4).rem_euclid(7)
}

/// Whether a time is outside office hours.
pub fn is_off_hours(time: LocalTime) -> bool {
    !(MONDAY..MONDAY + 5).contains(&weekday(time)) || !(MORNING..EVENING).contains(&time.minute)
}

/// A time as the value of an `<input type="datetime-local">`.
pub fn field_value(time: LocalTime) -> String {
    format!("{}T{:02}:{:02}", day_value(time), time.minute / 60, time.minute % 60)
}

/// A day as the value of an `<input type="date">`.
pub fn day_value(time: LocalTime) -> String {
    let (year, month, day) = time.date();
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sunday, 29 November 2026.
    const SUNDAY: i64 = 20_786;

    fn offered(day: i64) -> Vec<(SendTime, String)> {
        mornings(LocalTime { day, minute: 600 })
    }

    #[test]
    fn the_mornings_are_tomorrow_and_the_next_monday() {
        let tomorrow = |day: &str| (SendTime::Tomorrow, format!("{day}T09:00"));
        let monday = |day: &str| (SendTime::Monday, format!("{day}T09:00"));
        assert_eq!(offered(SUNDAY), [tomorrow("2026-11-30")], "tomorrow is Monday");
        assert_eq!(offered(SUNDAY + 1), [tomorrow("2026-12-01"), monday("2026-12-07")]);
        assert_eq!(offered(SUNDAY + 5), [tomorrow("2026-12-05"), monday("2026-12-07")]);
        assert_eq!(offered(SUNDAY + 32), [tomorrow("2027-01-01"), monday("2027-01-04")]);
    }

    #[test]
    fn the_offices_are_open_from_monday_to_friday() {
        let is_off = |days: i64, hour: i64, minute: i64| {
            is_off_hours(LocalTime { day: SUNDAY + days, minute: hour * 60 + minute })
        };
        assert!(is_off(0, 12, 0) && is_off(6, 12, 0) && is_off(-1, 12, 0));
        for day in 1..=5 {
            assert!(is_off(day, 8, 59) && !is_off(day, 9, 0) && !is_off(day, 17, 59) && is_off(day, 18, 0));
        }
    }

    #[test]
    fn a_time_is_a_value_of_its_field() {
        assert_eq!(field_value(LocalTime { day: SUNDAY, minute: 485 }), "2026-11-29T08:05");
    }
}
