//! The settings, in one cookie of the browser. The server renders every page with it, and windows read it whenever they
//! need a setting. The account keeps the user's settings, so that they apply in all their browsers; those of the device
//! stay in the cookie.

/// The cookie's name. Its value: `name.value` pairs separated by `&`, in characters that no library escapes.
pub const SETTINGS_COOKIE: &str = "daehwa_settings";

/// The cookie of the chosen language.
pub const LANGUAGE_COOKIE: &str = "daehwa_lang";

/// The hours of a day, after the default.
macro_rules! hours {
    ($default:literal) => {
        &[
            $default, "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17",
            "18", "19", "20", "21", "22", "23",
        ]
    };
}

/// A setting. The first value is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    pub values: &'static [&'static str],
}

/// `auto` follows the system.
pub const THEME: Setting = Setting { name: "theme", values: &["auto", "light", "dark", "contrast"] };
/// The size of texts; `1` is the smallest.
pub const SIZE: Setting = Setting { name: "size", values: &["2", "1", "3", "4", "5"] };
/// `off`: no animations, whatever the system says.
pub const MOTION: Setting = Setting { name: "motion", values: &["on", "off"] };
/// Where a room opens: in a separate window, or next to the list (`here`). `auto` decides by the width of the window.
pub const OPEN_IN: Setting = Setting { name: "place", values: &["auto", "window", "here"] };
/// The effect of Enter: `send`, or `break` the line while Ctrl+Enter sends. `auto` decides by the device
/// (`state::composing::breaks_line`).
pub const ENTER: Setting = Setting { name: "enter", values: &["auto", "send", "break"] };
/// Whether a new message plays a sound.
pub const SOUND: Setting = Setting { name: "sound", values: &["on", "off"] };
/// `on`: no sound in the quiet hours, nor while the user is busy.
pub const QUIET: Setting = Setting { name: "quiet", values: &["on", "off"] };
/// The first quiet hour.
pub const QUIET_FROM: Setting = Setting { name: "from", values: hours!("22") };
/// The hour at which the quiet hours end.
pub const QUIET_TO: Setting = Setting { name: "to", values: hours!("7") };
/// Whether the system notifies of new messages while no window is visible.
pub const NOTICES: Setting = Setting { name: "notices", values: &["off", "on"] };
/// Whether single keys are shortcuts.
pub const KEYS: Setting = Setting { name: "keys", values: &["on", "off"] };

pub const SETTINGS: [Setting; 11] =
    [THEME, SIZE, MOTION, OPEN_IN, ENTER, SOUND, QUIET, QUIET_FROM, QUIET_TO, NOTICES, KEYS];
/// The settings that the page has as attributes, for the style sheet.
pub const APPEARANCE: [Setting; 4] = [THEME, SIZE, MOTION, OPEN_IN];

/// The field of a form that names the one setting that was changed. Without it, the form chooses all of its settings.
pub const CHANGED: &str = "changed";

/// The settings that depend on the device rather than the user: its screen, its loudspeaker, its browser's permission.
pub const OF_DEVICE: [Setting; 4] = [SIZE, OPEN_IN, SOUND, NOTICES];

impl Setting {
    /// Whether the setting stays with the device.
    pub fn is_of_device(self) -> bool {
        OF_DEVICE.contains(&self)
    }

    /// The value in a cookie, if it was chosen.
    pub fn chosen(self, cookie: &str) -> Option<&'static str> {
        let mut pairs = cookie.split('&').filter_map(|pair| pair.split_once('.'));
        let chosen = pairs.find(|(name, _)| *name == self.name).map(|(_, value)| value)?;
        self.values.iter().find(|value| **value == chosen).copied()
    }

    /// The value in a cookie; the default if it is absent or unknown.
    pub fn of(self, cookie: &str) -> &'static str {
        self.chosen(cookie).unwrap_or(self.values[0])
    }
}

/// Whether an hour is quiet: from `from` until `to`, over midnight if `to` is earlier. Equal hours mean none.
pub fn is_quiet_hour(hour: i64, from: &str, to: &str) -> bool {
    let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) else { return false };
    if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to }
}

/// The cookie's value for these choices; unknown values are left out.
pub fn settings_cookie<'a>(chosen: impl Fn(&str) -> Option<&'a str>) -> String {
    joined(&|setting| chosen(setting.name).filter(|value| setting.values.contains(value)))
}

fn joined<'a>(value: &dyn Fn(Setting) -> Option<&'a str>) -> String {
    let pair = |setting: &Setting| Some(format!("{}.{}", setting.name, value(*setting)?));
    SETTINGS.iter().filter_map(pair).collect::<Vec<_>>().join("&")
}

/// The choices of a form, by the values of its fields. A form may be older than choices made elsewhere, so only the
/// changed setting counts.
pub fn choices<'a>(field: impl Fn(&str) -> Option<&'a str>) -> String {
    let changed = field(CHANGED).filter(|name| !name.is_empty());
    settings_cookie(|name| field(name).filter(|_| changed.is_none_or(|changed| changed == name)))
}

/// The cookie's value after these choices.
pub fn with_choices(cookie: &str, choices: &str) -> String {
    joined(&|setting| setting.chosen(choices).or(setting.chosen(cookie)))
}

/// The part of a cookie's value that the account keeps.
pub fn of_person(cookie: &str) -> String {
    joined(&|setting| setting.chosen(cookie).filter(|_| !setting.is_of_device()))
}

/// The part of a cookie's value that stays with the device when another user signs in.
pub fn of_device(cookie: &str) -> String {
    joined(&|setting| setting.chosen(cookie).filter(|_| setting.is_of_device()))
}

/// The cookie's value with the settings that the account keeps. Settings that the account lacks stay.
pub fn adopted(cookie: &str, account: &str) -> String {
    joined(&|setting| {
        let kept = setting.chosen(account).filter(|_| !setting.is_of_device());
        kept.or(setting.chosen(cookie))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_and_nonsense_is_the_default() {
        let cookie = settings_cookie(|name| match name {
            "theme" => Some("dark"),
            "size" => Some("9"),
            "enter" => Some("break"),
            _ => None,
        });
        assert_eq!(cookie, "theme.dark&enter.break");
        assert_eq!((THEME.of(&cookie), SIZE.of(&cookie), ENTER.of(&cookie)), ("dark", "2", "break"));
        for cookie in ["", "theme", "theme.<script>", "&&.", "themes.dark", "theme=dark"] {
            assert_eq!(THEME.of(cookie), "auto", "{cookie}");
        }
    }

    #[test]
    fn a_persons_settings_follow_them_and_those_of_the_device_stay() {
        let cookie = "theme.dark&size.5&enter.send&notices.on";
        assert_eq!(of_person(cookie), "theme.dark&enter.send");
        assert_eq!(
            adopted("size.1&sound.off&keys.off", &of_person(cookie)),
            "theme.dark&size.1&enter.send&sound.off&keys.off"
        );
        assert_eq!(adopted("size.1", "size.5&notices.on&theme.nonsense"), "size.1");
        assert_eq!(adopted(cookie, ""), cookie);
    }

    #[test]
    fn a_form_chooses_what_was_changed_in_it_or_everything() {
        let form = |changed: &'static str| {
            move |name: &str| match name {
                "theme" => Some("dark"),
                "size" => Some("4"),
                "enter" => Some("nonsense"),
                CHANGED => Some(changed),
                _ => None,
            }
        };
        assert_eq!(choices(form("")), "theme.dark&size.4");
        assert_eq!([choices(form("size")), choices(form("enter"))], ["size.4", ""]);
        assert_eq!(with_choices("theme.light&size.1&keys.off", "size.4"), "theme.light&size.4&keys.off");
        assert_eq!(of_device("theme.light&size.1&keys.off&notices.on"), "size.1&notices.on");
    }

    #[test]
    fn quiet_hours_may_span_midnight_or_be_none() {
        let quiet = |from: &str, to: &str| (0..24).filter(|hour| is_quiet_hour(*hour, from, to)).collect::<Vec<_>>();
        assert_eq!(quiet(QUIET_FROM.of(""), QUIET_TO.of("")), [0, 1, 2, 3, 4, 5, 6, 22, 23]);
        assert_eq!(quiet("12", "14"), [12, 13]);
        assert_eq!(quiet("23", "0"), [23]);
        assert!(quiet("0", "0").is_empty());
        let cookie = settings_cookie(|name| if name == "from" { Some("20") } else { Some("24") });
        assert_eq!((QUIET_FROM.of(&cookie), QUIET_TO.of(&cookie)), ("20", "7"));
    }
}
